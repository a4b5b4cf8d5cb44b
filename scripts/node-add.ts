import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { NodeSchema, readNodes, requireQuorums } from '../infra/nodes/schema.ts';
import { NODES_FOLDER, NETWORK_STACK_NAME, nodeStackName, synthesise } from '../infra/synth.ts';
import { readEndpoints, type Endpoints } from './client/endpoints.ts';
import { buildFolders } from './local/build-folders.ts';
import { runScript, UsageError } from './run-script.ts';

const HELP = `Add a hospital to the network.

  npm run node:add -- --id <id> --name <hospital> --account <12 digits> --region <region> [--country <ISO 3166-1 alpha-2>]

Writes infra/nodes/<id>.json and prints the line that deploys it. While the local cloud runs, the new hospital comes up in it at once.
  --state     state folder of the local cloud; .bedside by default
  --nodes     folder for the file, the one the local cloud was started with; infra/nodes by default, which is what deploys
`;
const PARAMETERS = ['NetworkLibraryBucketName', 'NetworkLibraryKeyArn', 'NetworkModelsBucketName', 'NetworkMailboxBucketName', 'NetworkEventBusArn', 'NetworkApiUrl'] as const;

const parseNodeOptions = (values: Readonly<Record<string, string | boolean | undefined>>) => {
  const { id, name, account, region, country } = values;
  const result = NodeSchema.safeParse({ id, name, account, region, ...(country === undefined ? {} : { country }) });
  if (!result.success) throw new UsageError(result.error.issues.map(({ path, message }) => `--${path.join('.')}: got ${String(values[String(path[0])] ?? 'nothing')}, ${message}`).join('\n'));
  return { id: result.data.id, name: result.data.name, account: result.data.account, region: result.data.region, ...(country === undefined ? {} : { country: result.data.country }) };
};

const requireNew = (node: Readonly<{ id: string; account: string; region: string }>, folder: string, file: string): void => {
  if (existsSync(file)) throw new UsageError(`--id: node '${node.id}' exists already (${file}); want an id that is not taken`);
  const nodes = readNodes(folder);
  const neighbour = nodes.find(({ account, region }) => account === node.account && region === node.region);
  if (neighbour !== undefined) throw new UsageError(`--account, --region: node '${neighbour.id}' lives there; want a home of its own`);
  requireQuorums(folder, [...nodes, { id: node.id }]);
};

const deployLine = (id: string): string => {
  const outputs = existsSync('cdk-outputs.json') ? (JSON.parse(readFileSync('cdk-outputs.json', 'utf8')) as Readonly<Record<string, Readonly<Record<string, string>>>>)[NETWORK_STACK_NAME] : undefined;
  const parameters = PARAMETERS.map((name) => `--parameters ${nodeStackName(id)}:${name}=${outputs?.[name] ?? `<${name}>`}`).join(' ');
  const note = outputs === undefined ? `\nThe values in <…> are outputs of the network stack: deploy it first with\n  npx cdk deploy ${NETWORK_STACK_NAME} --outputs-file cdk-outputs.json\n` : '';
  return `deploy with\n  npx cdk deploy ${NETWORK_STACK_NAME} ${nodeStackName(id)} ${parameters}\nthen register its keys at the control site: docs/users/coordinator.md\n${note}`;
};

const runningCloud = async (state: string): Promise<Endpoints | undefined> => {
  if (!existsSync(join(state, 'endpoints.json'))) return undefined;
  const endpoints = readEndpoints(state);
  try {
    // Not kept open: the synthesis that follows blocks for long, the server closes meanwhile, and the next request would go out on a dead connection.
    return (await fetch(`${endpoints.sdk.endpointUrl}/_local/health`, { headers: { connection: 'close' } })).ok ? endpoints : undefined;
  } catch {
    return undefined;
  }
};

const bringUp = async (endpoints: Endpoints, id: string, state: string, nodesFolder: string): Promise<void> => {
  process.stdout.write('the local cloud is running: synthesising and bringing the node up …\n');
  const { bundleFolder, assemblyFolder } = buildFolders(state);
  synthesise({ outdir: assemblyFolder, bundleFolder, nodesFolder });
  const response = await fetch(`${endpoints.sdk.endpointUrl}/_local/apply`, { method: 'POST', headers: { authorization: `Bearer ${endpoints.sdk.adminToken}` } });
  if (!response.ok) throw new Error(`the local cloud answered ${response.status}: ${await response.text()}`);
  const node = readEndpoints(state).nodes[id];
  process.stdout.write(`node ${id} is up\n  API   ${node?.apiUrl ?? '?'}\n  MQTT  ${node?.mqtt.url ?? '?'}\n  logins as at the other nodes, see ${join(state, 'endpoints.json')}\n`);
};

await runScript(HELP, async () => {
  const { values } = parseArgs({ options: { id: { type: 'string' }, name: { type: 'string' }, account: { type: 'string' }, region: { type: 'string' }, country: { type: 'string' }, state: { type: 'string', default: '.bedside' }, nodes: { type: 'string', default: NODES_FOLDER }, help: { type: 'boolean' } } });
  const node = parseNodeOptions(values);
  const folder = resolve(values.nodes);
  const file = join(folder, `${node.id}.json`);
  requireNew(node, folder, file);
  writeFileSync(file, `${JSON.stringify(node, null, 2)}\n`);
  process.stdout.write(`wrote ${file}\n${deployLine(node.id)}`);
  const endpoints = await runningCloud(values.state);
  if (endpoints !== undefined) await bringUp(endpoints, node.id, values.state, folder);
});

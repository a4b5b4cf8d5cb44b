import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { Endpoints, NodeSite } from '../client/endpoints.ts';
import { signInAs } from './seed-network.ts';
import { witnessKeyAt } from './witness-key.ts';

const LOOKS = 100;
const LOOK_MS = 100;

type Announced = Readonly<{ nodeId: string; logKey: string; witnessKey: string }>;
type Directory = Readonly<{ sites: readonly Readonly<{ siteId: string }>[]; announced: readonly Announced[] }>;

/** Have a hospital do now what it does each minute: announce its keys, and take in the network's directory. */
const takeDirectory = async ({ environment, outputs }: NodeSite): Promise<void> => {
  const client = new LambdaClient({
    endpoint: environment['AWS_ENDPOINT_URL'] ?? '', region: environment['AWS_REGION'] ?? '',
    credentials: { accessKeyId: environment['AWS_ACCESS_KEY_ID'] ?? '', secretAccessKey: environment['AWS_SECRET_ACCESS_KEY'] ?? '', sessionToken: environment['AWS_SESSION_TOKEN'] ?? '' },
  });
  const FunctionName = outputs['DirectoryIntakeFunctionName'] ?? '';
  const { FunctionError, Payload } = await client.send(new InvokeCommand({ FunctionName }));
  if (FunctionError !== undefined) throw new Error(`${FunctionName}: ${FunctionError} ${Buffer.from(Payload ?? []).toString('utf8')}`);
};

/** The keys as the hospital itself gives them, which is the coordinator's own way to them. */
const keysOf = async (node: NodeSite): Promise<Readonly<{ logKey: string; witnessKey: string }>> => {
  const { key } = await (await signInAs(node, 'regulator')).get('/v1/log/key');
  return { logKey: String(key), witnessKey: await witnessKeyAt(node.apiUrl) };
};

/** What a coordinator does after a hospital is deployed: register its keys, got from the hospital. Those that are registered stay as they are. */
export const registerNodes = async ({ network, nodes }: Endpoints): Promise<void> => {
  const coordinator = await signInAs(network, 'coordinator');
  const directory = async (): Promise<Directory> => await coordinator.get('/v1/directory') as Directory;
  const { sites } = await directory();
  const fresh = Object.entries(nodes).filter(([id]) => !sites.some(({ siteId }) => siteId === id));
  if (fresh.length === 0) return;
  await Promise.all(fresh.map(([, node]) => takeDirectory(node)));
  for (const [id, node] of fresh) {
    for (let look = 0; look < LOOKS && !(await directory()).announced.some(({ nodeId }) => nodeId === id); look += 1) await new Promise((resolve) => { setTimeout(resolve, LOOK_MS); });
    await coordinator.post(`/v1/nodes/${id}/registration`, await keysOf(node), `register-${id}`);
  }
  await Promise.all(Object.values(nodes).map(takeDirectory));
};

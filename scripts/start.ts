import { existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { endBundler, ensureBundles } from '../infra/bundle.ts';
import { allServices } from '../infra/local/all-services.ts';
import { startLocalCloud, type RunningCloud } from '../infra/local/cloud.ts';
import { readNodes } from '../infra/nodes/schema.ts';
import { NODES_FOLDER, synthesise } from '../infra/synth.ts';
import type { Endpoints } from './client/endpoints.ts';
import { EXAMPLE_DAYS, playExampleBatch } from './example/example-batch.ts';
import { registerNodes } from './example/register-nodes.ts';
import { seedControlSite, seedHospital } from './example/seed-network.ts';
import { learnFirst } from './learning/learn-first.ts';
import { buildFolders } from './local/build-folders.ts';
import { orStop } from './local/or-stop.ts';
import { summaryOf } from './local/summary.ts';
import { describeCloud, writeEndpoints } from './local/write-endpoints.ts';
import { runScript, UsageError, wholeNumber } from './run-script.ts';

const HELP = `Run the whole network on this machine: the templates and bundles that deploy, a control site and every hospital of infra/nodes/.

  npm start -- [options]

  --empty                     do not play the example batch
  --learn                     before it, the hospitals train two models together on simulated batches, which are tested, accepted and activated; the batch is monitored, and a scientist decides on what is recommended
  --days-behind <number>      how far behind real time a new network begins; 9 with the example batch, 10 with --learn, 0 without
  --state <folder>            where everything is kept; .bedside by default
  --port <number>             first port to use; 8400 by default
  --nodes <folder>            files of the hospitals; infra/nodes by default
  --node <id>                 hospital that plays the example batch; north by default
  --standby                   bring everything up and let nothing run, so that a hospital can be restored (npm run restore)
  --dynamodb-endpoint <url>   another DynamoDB-compatible engine
  --help                      this text

Stop with Ctrl-C; the next start goes on where this one ended. To begin anew, remove the state folder.
`;

const DAY_MS = 86_400_000;
const MAXIMUM_DAYS_BEHIND = 30;
/** A network takes a few ports a hospital, from this one on. */
const [LOWEST_PORT, HIGHEST_PORT] = [1024, 60_000] as const;
const isTerminal = process.stdout.isTTY;
const startedEpochMs = Date.now();
const say = (text: string): void => { process.stdout.write(`${isTerminal ? '\r\u001b[K' : ''}${text}\n`); };
const step = (text: string): void => { say(`${((Date.now() - startedEpochMs) / 1000).toFixed(1).padStart(6)} s  ${text}`); };

let lastShown = 0;
const showProgress = (text: string, share: number): void => {
  const line = `example  ${'█'.repeat(Math.round(share * 24)).padEnd(24, '·')} ${String(Math.round(share * 100)).padStart(3)} %  ${text}`;
  if (isTerminal) process.stdout.write(`\r\u001b[K${line}`);
  else if (Date.now() - lastShown > 10_000 || share === 1) {
    lastShown = Date.now();
    process.stdout.write(`${line}\n`);
  }
};

const seed = async (cloud: RunningCloud, endpoints: Endpoints): Promise<void> => {
  step('control site: people, master batch record through its signed life cycle, grants to the regulator');
  await seedControlSite(endpoints, cloud.clock.now());
  step('hospitals: people, equipment, released lots, training');
  await Promise.all(Object.values(endpoints.nodes).map((node) => seedHospital(node, cloud.clock.now())));
  step('network: every hospital\'s keys registered by the coordinator, every site a witness of the others');
  await registerNodes(endpoints);
};

const untilStopped = (): Promise<AbortSignal> => {
  const stopping = new AbortController();
  return new Promise((resolveStop) => {
    const stop = (): void => {
      stopping.abort();
      resolveStop(stopping.signal);
    };
    process.once('SIGINT', stop);
    process.once('SIGTERM', stop);
  });
};

const OPTIONS = {
  empty: { type: 'boolean', default: false }, learn: { type: 'boolean', default: false }, standby: { type: 'boolean', default: false }, 'days-behind': { type: 'string' }, state: { type: 'string', default: '.bedside' }, port: { type: 'string', default: '8400' },
  nodes: { type: 'string', default: NODES_FOLDER }, node: { type: 'string', default: 'north' }, 'dynamodb-endpoint': { type: 'string' }, help: { type: 'boolean' },
} as const;

const tellWhy = (what: string, signal: AbortSignal) => (error: unknown): void => { if (!signal.aborted) say(`${what} stopped: ${error instanceof Error ? error.message : String(error)}`); };

/** The network as people meet it: seeded, described, and with the example batch when it is wanted. @returns what to wait for before the cloud stops */
const live = async (cloud: RunningCloud, stateFolder: string, example: Readonly<{ nodeId: string; isWanted: boolean; learns: boolean; signal: AbortSignal }>): Promise<Promise<void>[]> => {
  const refresh = (): Endpoints => describeCloud(cloud, join(stateFolder, 'logs'));
  const bringUp = async (): Promise<void> => {
    await seed(cloud, refresh());
    writeEndpoints(stateFolder, refresh());
  };
  await bringUp();
  cloud.whenApplied(bringUp);
  say(summaryOf(refresh(), stateFolder, (Date.now() - startedEpochMs) / 1000));
  const learned = example.learns ? learnFirst({ endpoints: refresh(), onProgress: showProgress, say, signal: example.signal }) : Promise.resolve();
  if (!example.isWanted) return [learned.catch(tellWhy('the training', example.signal))];
  return [learned.then(() => playExampleBatch({ endpoints: refresh(), nodeId: example.nodeId, stateFolder, onProgress: showProgress, signal: example.signal }))
    .then((batchId) => { say(`example batch ${batchId} is released: its certificate is at /v1/batches/${batchId}/certificate?format=pdf`); })
    .catch(tellWhy(example.learns ? 'the training or the example batch' : 'the example batch', example.signal))];
};

/** Nothing runs and nobody is seeded; programs find the tables and buckets. */
const standBy = (cloud: RunningCloud, stateFolder: string): Promise<void>[] => {
  writeEndpoints(stateFolder, describeCloud(cloud, join(stateFolder, 'logs')));
  say('\nStanding by: tables, buckets and keys answer, and nothing runs. Restore with "npm run restore", stop with Ctrl-C, then start without --standby.');
  return [];
};

/** How far back a new network begins: whatever is played must end before now. */
const daysFor = ({ empty, standby, learn }: Readonly<{ empty: boolean; standby: boolean; learn: boolean }>): number => {
  if (standby) return 0;
  return (empty ? 0 : EXAMPLE_DAYS) + (learn ? 1 : 0);
};

/** Before anything is written. @throws UsageError */
const requireHospital = (nodesFolder: string, id: string): void => {
  const ids = readNodes(nodesFolder).map((node) => node.id);
  if (!ids.includes(id)) throw new UsageError(`--node: got ${id}, want one of ${ids.join(', ')}`);
};

await runScript(HELP, async () => {
  const { values } = parseArgs({ options: OPTIONS });
  const portBase = wholeNumber('port', values.port, LOWEST_PORT, HIGHEST_PORT);
  const nodesFolder = resolve(values.nodes);
  if (!values.empty && !values.standby) requireHospital(nodesFolder, values.node);
  const stateFolder = resolve(values.state);
  const daysBehind = Number(values['days-behind'] ?? (daysFor(values)));
  if (!(daysBehind >= 0 && daysBehind <= MAXIMUM_DAYS_BEHIND)) throw new UsageError(`--days-behind: got ${values['days-behind'] ?? ''}, want a number from 0 to ${MAXIMUM_DAYS_BEHIND}`);
  const isNew = !existsSync(join(stateFolder, 'settings.json'));
  mkdirSync(stateFolder, { recursive: true, mode: 0o700 });
  step('bundling functions');
  const { bundleFolder, assemblyFolder } = buildFolders(stateFolder);
  await ensureBundles(bundleFolder);
  await endBundler();
  step('synthesising templates');
  synthesise({ outdir: assemblyFolder, bundleFolder, nodesFolder });
  const cloud = await startLocalCloud({
    assemblyFolder, stateFolder, services: allServices(values['dynamodb-endpoint']), portBase, isStandby: values.standby, onProgress: step, clockOffsetMs: isNew ? daysBehind * DAY_MS : 0,
  });
  const stopped = untilStopped();
  const aborting = new AbortController();
  const running = await orStop(cloud, () => (values.standby ? standBy(cloud, stateFolder) : live(cloud, stateFolder, { nodeId: values.node, isWanted: !values.empty, learns: values.learn, signal: aborting.signal })));
  await stopped;
  say('stopping; the next start goes on from here');
  aborting.abort();
  await Promise.race([Promise.all(running), new Promise((done) => { setTimeout(done, 3000); })]);
  await cloud.stop();
  process.exit(0);
});

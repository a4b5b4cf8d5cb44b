import { FEATURE_NAMES } from '../../models/early-prediction/features.ts';
import type { Endpoints } from '../../scripts/client/endpoints.ts';
import { signInAs } from '../../scripts/example/seed-network.ts';
import type { Site } from '../../scripts/federated/partition.ts';
import { train } from '../../scripts/federated/train.ts';
import { confirmPartners } from '../../scripts/learning/confirm-partners.ts';
import { EARLY_FAILURE } from '../../scripts/learning/early-failure.ts';
import type { Cases } from '../../scripts/learning/lesson.ts';
import { simulatedCases } from '../../scripts/learning/simulated-cases.ts';
import { hospitalsOf, importCases, trainNetwork } from '../../scripts/learning/train-network.ts';
import { row, type Row } from './row.ts';
import { bytesBelow } from './stored.ts';

const RUN_ID = 'bench-training-1';
/** Below it lie what hospitals send, by account, hospital and run. */
const ANSWERS = 'answers/';
/** As the example network learns, without its test cases. */
const CASES = { world: 'stress', seed: 2026, training: 120, calibration: 0, test: 1 } as const;

const seconds = (began: number): number => (performance.now() - began) / 1000;

const namesOf = ({ training }: Cases): readonly string[] => training.map(({ recordId }) => recordId);
const siteOf = (name: string, cases: Cases): Site => ({ name, rows: {
  features: FEATURE_NAMES, keys: namesOf(cases), drawKeys: namesOf(cases), labels: Uint8Array.from(cases.training, ({ label }) => label),
  columns: FEATURE_NAMES.map((_, i) => Float32Array.from(cases.training, ({ values }) => values[i] ?? Number.NaN)),
} });

/** The same plan over the same rows in this process, masks on. */
const inOneProcess = (cases: ReadonlyMap<string, Cases>): Readonly<{ seconds: number; bytesUp: number }> => {
  const began = performance.now();
  const { bytesUp } = train({ ...EARLY_FAILURE.training }, [...cases].map(([name, own]) => siteOf(name, own)), true, () => undefined);
  return { seconds: seconds(began), bytesUp };
};

/** A training through the mailbox: three hospitals, each answering from its own functions, once a minute of theirs. */
export const measureTraining = async (endpoints: Endpoints, say: (text: string) => void): Promise<readonly Row[]> => {
  const nodeIds = Object.keys(endpoints.nodes).sort();
  const simulated = simulatedCases(nodeIds.length, CASES, () => undefined);
  const cases = new Map(nodeIds.flatMap((nodeId, i) => (simulated[i] === undefined ? [] : [[nodeId, simulated[i]] as const])));
  const alone = inOneProcess(cases);
  const hospitals = await hospitalsOf(endpoints, cases);
  await confirmPartners(endpoints);
  await Promise.all(hospitals.map((each) => importCases(RUN_ID, EARLY_FAILURE, each)));
  const sent = new Map<string, number>();
  const { network } = endpoints;
  const look = async (): Promise<void> => {
    for (const [key, bytes] of await bytesBelow(network, network.outputs['NetworkMailboxBucketName'] ?? '', ANSWERS)) if (key.includes(`/${RUN_ID}/`)) sent.set(key, bytes);
  };
  const [began, minutes, sums] = [performance.now(), { count: 0 }, { made: 0 }];
  const { rows } = await trainNetwork(await signInAs(network, 'coordinator'), nodeIds, {
    runId: RUN_ID, title: 'Bench', purpose: 'To be measured', plan: EARLY_FAILURE.training, endpoints, signal: new AbortController().signal,
    onStep: async (round, rounds) => {
      [minutes.count, sums.made] = [minutes.count + 1, round + 1];
      say(`minute ${minutes.count}, sum ${round} of at most ${rounds}`);
      await look();
    },
  });
  const took = seconds(began);
  await look();
  if (sent.size === 0) throw new Error(`the mailbox: got no answer of ${RUN_ID}, want those of ${nodeIds.length} hospitals: nothing to measure`);
  const uplink = [...sent.values()].reduce((sum, bytes) => sum + bytes, 0) / nodeIds.length;
  const what = `training over the network: 3 hospitals, ${rows} rows, 100 trees of depth 6`;
  return [
    row(what, took, 's', alone.seconds, 'the same in one process, masks on'),
    row(`${what}: minutes of theirs`, minutes.count, 'min', 3 * sums.made, 'three a sum'),
    row(`${what}: sums`, sums.made, '', EARLY_FAILURE.training.depth + 2, 'depth + 2, at most'),
    row(`${what}: uplink a hospital`, uplink / 1e6, 'MB', 2.5, 'target, at most'),
    row(`${what}: uplink a hospital`, uplink / 1e6, 'MB', alone.bytesUp / 1e6, 'its masked sums alone'),
  ];
};

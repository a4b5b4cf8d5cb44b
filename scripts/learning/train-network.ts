import { setTimeout as sleep } from 'node:timers/promises';
import { FEATURE_NAMES } from '../../models/early-prediction/features.ts';
import type { Person } from '../client/api-client.ts';
import type { Endpoints, NodeSite } from '../client/endpoints.ts';
import { LocalClock } from '../client/local-clock.ts';
import { signInAs } from '../example/seed-network.ts';
import type { Case, Cases } from './simulated-cases.ts';

export const LABEL = 'failed';
export const SOURCE = 'Simulated by the digital twin, world "stress". No patient, no hospital. Not for use on patients.';
export const TREES = { method: 'forest', seed: 1, treeCount: 100, depth: 6, binLimit: 32, featuresPerNode: 4, minimumLeaf: 1, learningRate: 0.1, regularisation: 1, rowLimit: 1000 } as const;
const [JOIN_MINUTES, ANSWER_MINUTES] = [10, 600] as const;
const MINUTE_MS = 60_000;
/** A minute of theirs takes the functions about a second of ours. */
const MINUTE_TAKES_MS = 1000;

export type Hospital = Readonly<{ nodeId: string; scientist: Person; cases: Cases }>;

export const hospitalsOf = ({ nodes }: Endpoints, cases: ReadonlyMap<string, Cases>): Promise<readonly Hospital[]> =>
  Promise.all([...cases].map(async ([nodeId, own]) => ({ nodeId, scientist: await signInAs(nodes[nodeId] as NodeSite, 'scientist'), cases: own })));

/** Take a hospital's cases in, unless they are there. @param name of the datasets */
export const importCases = async (name: string, { nodeId, scientist, cases }: Hospital): Promise<void> => {
  const sets = [['training', cases.training], ['test', cases.test]] as const satisfies readonly (readonly [string, readonly Case[]])[];
  for (const [role, rows] of sets) {
    const datasetId = `${name}-${role}`;
    const { items } = await scientist.get('/v1/training-data?limit=200') as { items: readonly Readonly<{ datasetId: string }>[] };
    if (items.some((each) => each.datasetId === datasetId)) continue;
    await scientist.sign('/v1/training-data', 'responsibility', 0, { datasetId, title: `Simulated batches of ${nodeId} for ${role}`, source: SOURCE, role, label: LABEL, features: FEATURE_NAMES, rows });
  }
};

type Progress = Readonly<{ status: string; round: number; rounds: number; modelSha256?: string; rows?: number; code?: string; reason?: string }>;

/** A run to follow; `onStep` is waited for at each look. */
export type NetworkRun = Readonly<{ runId: string; title: string; endpoints: Endpoints; onStep(round: number, rounds: number): void | Promise<void>; signal: AbortSignal }>;

/**
 * Start the run unless it is there, and follow it to its end; the clock is moved on, since every step waits for somebody's next minute.
 *
 * @returns hash of the model file, and rows of all hospitals
 * @throws Error when it is aborted
 */
export const trainNetwork = async (coordinator: Person, invited: readonly string[], { runId, title, endpoints, onStep, signal }: NetworkRun): Promise<Readonly<{ artefactSha256: string; rows: number }>> => {
  const clock = new LocalClock(endpoints);
  if ((await coordinator.request('GET', `/v1/trainings/${runId}`)).status === 404) {
    await coordinator.post('/v1/trainings', {
      runId, title, purpose: 'A candidate for the early-failure output', invited, joinWithinMinutes: JOIN_MINUTES, answerWithinMinutes: ANSWER_MINUTES, plan: { ...TREES, features: FEATURE_NAMES, label: LABEL },
    }, `${runId}-start`);
  }
  for (;;) {
    const { status, round, rounds, modelSha256, rows = 0, code, reason } = await coordinator.get(`/v1/trainings/${runId}`) as unknown as Progress;
    if (status === 'finished' && modelSha256 !== undefined) return { artefactSha256: modelSha256, rows };
    if (status === 'aborted') throw new Error(`training ${runId} was aborted: ${code ?? ''} ${reason ?? ''}`);
    if (signal.aborted) throw new Error('stopped');
    await onStep(round, rounds);
    await clock.advance(MINUTE_MS);
    await sleep(MINUTE_TAKES_MS);
  }
};

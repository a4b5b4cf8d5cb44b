import { setTimeout as sleep } from 'node:timers/promises';
import type { Json, Person } from '../client/api-client.ts';
import type { Endpoints, NodeSite } from '../client/endpoints.ts';
import { LocalClock } from '../client/local-clock.ts';
import { signInAs } from '../example/seed-network.ts';
import type { Case, Cases, Lesson } from './lesson.ts';

/** Of the cloud's clock, which goes sixty times as fast as the machine works: ample for a busy machine. The round begins as soon as all are there. */
const [JOIN_MINUTES, ANSWER_MINUTES] = [600, 600] as const;
const MINUTE_MS = 60_000;
/** A minute of theirs takes the functions about a second of ours. */
const MINUTE_TAKES_MS = 1000;

export type Hospital = Readonly<{ nodeId: string; scientist: Person; cases: Cases }>;

export const hospitalsOf = ({ nodes }: Endpoints, cases: ReadonlyMap<string, Cases>): Promise<readonly Hospital[]> =>
  Promise.all([...cases].map(async ([nodeId, own]) => ({ nodeId, scientist: await signInAs(nodes[nodeId] as NodeSite, 'scientist'), cases: own })));

/** Take a hospital's cases in, unless they are there. @param name of the datasets */
export const importCases = async (name: string, { label, features, source }: Pick<Lesson, 'label' | 'features' | 'source'>, { nodeId, scientist, cases }: Hospital): Promise<void> => {
  const sets = [['training', cases.training], ['calibration', cases.calibration], ['test', cases.test]] as const satisfies readonly (readonly [string, readonly Case[]])[];
  for (const [role, rows] of sets) {
    if (rows.length === 0) continue;
    const datasetId = `${name}-${role}`;
    const { items } = await scientist.get('/v1/training-data?limit=200') as { items: readonly Readonly<{ datasetId: string }>[] };
    if (items.some((each) => each.datasetId === datasetId)) continue;
    await scientist.sign('/v1/training-data', 'responsibility', 0, { datasetId, title: `Simulated batches of ${nodeId} for ${role}`, source, role, label, features, rows });
  }
};

type Progress = Readonly<{ status: string; round: number; rounds: number; modelSha256?: string; rows?: number; code?: string; reason?: string }>;

/** A run to follow, by its plan; `onStep` is waited for at each look. */
export type NetworkRun = Readonly<{ runId: string; title: string; purpose: string; plan: Json; endpoints: Endpoints; onStep(round: number, rounds: number): void | Promise<void>; signal: AbortSignal }>;

/**
 * Start the run unless it is there, and follow it to its end; the clock is moved on, since every step waits for somebody's next minute.
 *
 * @returns hash of the model file, and rows of all hospitals that entered its sums
 * @throws Error when it is aborted
 */
export const trainNetwork = async (coordinator: Person, invited: readonly string[], { runId, title, purpose, plan, endpoints, onStep, signal }: NetworkRun): Promise<Readonly<{ artefactSha256: string; rows: number }>> => {
  const clock = new LocalClock(endpoints);
  if ((await coordinator.request('GET', `/v1/trainings/${runId}`)).status === 404) {
    await coordinator.post('/v1/trainings', { runId, title, purpose, invited, joinWithinMinutes: JOIN_MINUTES, answerWithinMinutes: ANSWER_MINUTES, plan }, `${runId}-start`);
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

import type { Endpoints } from '../client/endpoints.ts';
import { EARLY_FAILURE } from './early-failure.ts';
import type { Cases, Lesson } from './lesson.ts';
import { MONITORING } from './monitoring-plan.ts';
import { simulatedCases, simulatedTrajectories } from './simulated-cases.ts';
import { teachNetwork } from './teach-network.ts';

/**
 * Cases of each hospital. In the stress world one batch in six fails. Rows are drawn by names only the hospital knows, so every network trains another forest: so many that the plan holds whichever it is.
 */
export const CASES = { world: 'stress', seed: 2031, training: 240, calibration: 120, test: 240 } as const;
/** Whole cultures: of the world the example batch is of, because it is held against what they did. */
export const CULTURES = { world: 'published', seed: 2029, training: 80, calibration: 0, test: 40, faulty: 20 } as const;
const SIMULATED_SHARE = 0.05;
/** Of both lessons; the second asks once. */
const FIRST_SHARE = 0.7;

export type LearnOptions = Readonly<{ endpoints: Endpoints; onProgress(text: string, share: number): void; say(text: string): void; signal: AbortSignal }>;
type Simulate = (siteCount: number, onDone: (done: number, all: number) => void) => readonly Cases[];

const learn = async (lesson: Lesson, simulate: Simulate, { endpoints, onProgress, say, signal }: LearnOptions): Promise<void> => {
  const nodeIds = Object.keys(endpoints.nodes).sort();
  const perHospital = simulate(nodeIds.length, (done, all) => { onProgress('simulating past batches', (SIMULATED_SHARE * done) / all); });
  const cases = new Map(nodeIds.flatMap((nodeId, i) => (perHospital[i] === undefined ? [] : [[nodeId, perHospital[i]] as const])));
  const { modelId, artefactSha256 } = await teachNetwork({ endpoints, lesson, cases, onProgress, signal });
  say(`model ${modelId} is active (${artefactSha256.slice(0, 12)}…): its page is at the control site, /v1/models/${modelId}/versions/1/card`);
};

/** The example network learns before its example batch: past batches of every hospital come from the twin. First who will fail, then how a culture goes that ends well. */
export const learnFirst = async (options: LearnOptions): Promise<void> => {
  const within = (from: number, to: number): LearnOptions => ({ ...options, onProgress: (text, share) => { options.onProgress(text, from + (to - from) * share); } });
  await learn(EARLY_FAILURE, (sites, onDone) => simulatedCases(sites, CASES, onDone), within(0, FIRST_SHARE));
  await learn(MONITORING, (sites, onDone) => simulatedTrajectories(sites, CULTURES, MONITORING.features, onDone), within(FIRST_SHARE, 1));
};

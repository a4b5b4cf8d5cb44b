import type { Endpoints } from '../client/endpoints.ts';
import { simulatedCases } from './simulated-cases.ts';
import { teachNetwork } from './teach-network.ts';

/** Cases of each hospital. In the stress world one batch in six fails: enough of both for a test that says something. */
const CASES = { world: 'stress', seed: 2026, training: 120, test: 80 } as const;
const SIMULATED_SHARE = 0.05;

export type LearnOptions = Readonly<{ endpoints: Endpoints; onProgress(text: string, share: number): void; say(text: string): void; signal: AbortSignal }>;

/** The example network learns before its example batch: past batches of every hospital come from the twin. */
export const learnFirst = async ({ endpoints, onProgress, say, signal }: LearnOptions): Promise<void> => {
  const nodeIds = Object.keys(endpoints.nodes).sort();
  const perHospital = simulatedCases(nodeIds.length, CASES, (done, all) => { onProgress('simulating past batches', (SIMULATED_SHARE * done) / all); });
  const cases = new Map(nodeIds.flatMap((nodeId, i) => (perHospital[i] === undefined ? [] : [[nodeId, perHospital[i]] as const])));
  const { modelId, artefactSha256 } = await teachNetwork({ endpoints, cases, onProgress, signal });
  say(`model ${modelId} is active (${artefactSha256.slice(0, 12)}…): its page is at the control site, /v1/models/${modelId}/versions/1/card`);
};

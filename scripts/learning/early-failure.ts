import { FEATURE_NAMES } from '../../models/early-prediction/features.ts';
import type { Range } from '../../models/federated/plan.ts';
import { earlyFailurePlan, INPUT_RANGES } from './early-failure-plan.ts';
import type { Lesson } from './lesson.ts';

const LABEL = 'failed';
const TREES = { method: 'forest', seed: 1, treeCount: 100, depth: 6, binLimit: 32, splits: 'foreseen', featuresPerNode: 3, minimumLeaf: 1, learningRate: 0.1, regularisation: 1, rowLimit: 1000 } as const;

/** Who will fail, judged at 72 hours. */
export const EARLY_FAILURE: Lesson & Readonly<{ training: typeof TREES & Readonly<{ features: readonly string[]; label: string; ranges: readonly Range[] }> }> = {
  modelId: 'cd19-early-failure', title: 'Early failure, first training', purpose: 'A candidate for the early-failure output', label: LABEL, features: FEATURE_NAMES,
  source: 'Simulated by the digital twin, world "stress". No patient, no hospital. Not for use on patients.', preprocessing: 'As the features of the deployed prediction.',
  representativeness: 'Every hospital of the example network, drawn as its training batches were, none of them among those.',
  training: { ...TREES, features: FEATURE_NAMES, label: LABEL, ranges: INPUT_RANGES }, seed: TREES.seed, planBy: earlyFailurePlan,
};

import { calibrated, isotonic } from '../../models/calibration/isotonic.ts';
import { probabilityFor, probabilityFrom } from '../../models/forest/probability.ts';
import { TreeShap } from '../../models/forest/shap.ts';
import type { Forest } from '../../models/forest/tree.ts';
import { DomainError } from '../../shared/errors.ts';
import type { ModelRecord } from '../../shared/model-registry/may-run.ts';
import type { Contribution } from '../../shared/prediction-governance/ledger-events.ts';

/** The endpoint and the file may differ by the rounding of one float32, and by no more. */
const TOLERANCE = 1e-6;
/** Contributions named one by one; a person reads no more, and an event must fit one entry of the log. */
const MOST_NAMED = 40;
/** Lines of an explanation that are no feature: what the model says of nobody in particular, and the sum of all that are not named. */
export const [EXPECTED, OTHERS] = ['(expected)', '(all others)'] as const;

/**
 * The probability of a model's answer, from two computations of it. Each is brought within 0 to 1 before they are compared.
 *
 * @param answered by the endpoint
 * @throws DomainError `prediction-differs` when the endpoint answered otherwise than the file that the record names; `model-malformed` when either is no probability
 */
export const agreedProbability = (forest: Forest, features: readonly number[], answered: number): number => {
  const [own, asked] = [probabilityFor(forest, features), probabilityFrom(answered)];
  if (!(Math.abs(own - asked) <= TOLERANCE)) throw new DomainError('prediction-differs', `the endpoint answered ${answered}, the model file gives ${own}; want them within ${TOLERANCE}`);
  return asked;
};

/** Exact Shapley values of the answer, the largest first; all lines add up to the model's margin. */
export const explanationOf = (forest: Forest, features: readonly number[]): readonly Contribution[] => {
  const { expected, contributions } = new TreeShap(forest).explain(features);
  const lines = forest.featureNames.map((feature, i): Contribution => ({ feature, value: Number.isFinite(features[i]) ? features[i] ?? null : null, contribution: contributions[i] ?? 0 }))
    .toSorted((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution) || (a.feature < b.feature ? -1 : 1));
  const others = lines.slice(MOST_NAMED);
  return [
    { feature: EXPECTED, value: null, contribution: expected }, ...lines.slice(0, MOST_NAMED),
    ...(others.length === 0 ? [] : [{ feature: OTHERS, value: null, contribution: others.reduce((sum, { contribution }) => sum + contribution, 0) }]),
  ];
};

/** How often cases of such a score came true, by the calibration cases on record; absent where there are none. The score itself is what tables and thresholds are about. */
export const calibratedProbability = ({ undecided: { calibration } }: ModelRecord, probability: number): number | undefined =>
  (calibration === undefined || ![...calibration.positives, ...calibration.negatives].some((count) => count > 0) ? undefined : calibrated(isotonic(calibration), probability));

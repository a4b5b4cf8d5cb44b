import { DomainError } from '../../shared/errors.ts';
import { binOf, requireCounts, type CalibrationCounts } from './counts.ts';

/** Outcomes the score leaves possible, and what that says. Both or none is undecided. */
export type Prediction = Readonly<{ outcomes: readonly boolean[]; verdict: 'positive' | 'negative' | 'undecided'; pPositive: number; pNegative: number }>;

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/**
 * Conformal p-values of both outcomes. How odd a case is for an outcome is its bin: the lower the score, the odder for positive; the higher, the odder for negative. Cases of the same
 * bin count as odder, so ties only make the set larger.
 */
const pValues = ({ positives, negatives }: CalibrationCounts, bin: number): Readonly<{ pPositive: number; pNegative: number }> => ({
  pPositive: (sum(positives.slice(0, bin + 1)) + 1) / (sum(positives) + 1),
  pNegative: (sum(negatives.slice(bin)) + 1) / (sum(negatives) + 1),
});

/**
 * Split-conformal prediction for a binary outcome, by class: of cases that come true, the set misses the truth in at most a share `errorRate` on average, and so of cases that do not.
 *
 * What it promises: on calibration cases and a new case of one class that are exchangeable, in the mean over draws of both. Not for one set of calibration cases, not for a
 * subgroup, and not after drift. With fewer than 1/errorRate − 1 calibration cases of a class that class is never ruled out.
 *
 * @param errorRate above 0, below one half
 * @throws DomainError `calibration-malformed`
 * @see Vovk, Gammerman, Shafer 2005, Algorithmic Learning in a Random World, 4.5 (class-conditional); Papadopoulos et al. 2002, ECML (split)
 */
export const conformal = (counts: CalibrationCounts, errorRate: number, score: number): Prediction => {
  requireCounts(counts);
  if (!(errorRate > 0 && errorRate < 0.5)) throw new DomainError('calibration-malformed', `errorRate: got ${errorRate}, want above 0 and below 0.5`);
  const { pPositive, pNegative } = pValues(counts, binOf(score, counts.positives.length));
  const outcomes = [...(pPositive > errorRate ? [true] : []), ...(pNegative > errorRate ? [false] : [])];
  const [only] = outcomes;
  const verdict = outcomes.length !== 1 ? 'undecided' : only === true ? 'positive' : 'negative';
  return { outcomes, verdict, pPositive, pNegative };
};

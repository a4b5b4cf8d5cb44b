import { DomainError } from '../../shared/errors.ts';

/** Calibration data as federated sums give it: for equal bins of the score from 0 to 1, how many cases came true and how many did not. */
export type CalibrationCounts = Readonly<{ positives: readonly number[]; negatives: readonly number[] }>;

const MAXIMUM_BINS = 4096;

/** @throws DomainError `calibration-malformed` unless both have the same 2 to 4,096 bins of whole numbers from 0 */
export const requireCounts = ({ positives, negatives }: CalibrationCounts): void => {
  if (positives.length !== negatives.length || positives.length < 2 || positives.length > MAXIMUM_BINS) {
    throw new DomainError('calibration-malformed', `got ${positives.length} and ${negatives.length} bins, want the same number of each, 2 to ${MAXIMUM_BINS}`);
  }
  const wrong = [...positives, ...negatives].find((count) => !(Number.isSafeInteger(count) && count >= 0));
  if (wrong !== undefined) throw new DomainError('calibration-malformed', `got a count of ${wrong}, want whole numbers from 0`);
};

/** Bin of a score; 1 belongs to the last. @throws DomainError `calibration-malformed` unless the score is from 0 to 1 */
export const binOf = (score: number, bins: number): number => {
  if (!(score >= 0 && score <= 1)) throw new DomainError('calibration-malformed', `score: got ${score}, want 0 to 1`);
  return Math.min(bins - 1, Math.floor(score * bins));
};

/**
 * Count calibration cases. Counts of several hospitals add up bin by bin to those of the pooled cases.
 *
 * @param bins 2 to 4,096
 * @throws DomainError `calibration-malformed`, also for a score outside 0 to 1
 */
export const countCalibration = (bins: number, cases: readonly Readonly<{ score: number; label: number }>[]): CalibrationCounts => {
  if (!(Number.isSafeInteger(bins) && bins >= 2 && bins <= MAXIMUM_BINS)) throw new DomainError('calibration-malformed', `bins: got ${bins}, want 2 to ${MAXIMUM_BINS}`);
  const [negatives, positives] = [new Array<number>(bins).fill(0), new Array<number>(bins).fill(0)];
  for (const { score, label } of cases) {
    const [own, bin] = [label === 1 ? positives : negatives, binOf(score, bins)];
    own[bin] = (own[bin] ?? 0) + 1;
  }
  return { positives, negatives };
};

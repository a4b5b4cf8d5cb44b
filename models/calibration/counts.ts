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

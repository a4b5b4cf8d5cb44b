import { DomainError } from '../../shared/errors.ts';
import { binOf, requireCounts, type CalibrationCounts } from './counts.ts';

/** Probability by bin of the score, rising. */
export type Calibration = Readonly<{ probabilities: readonly number[] }>;

type Block = Readonly<{ positives: number; cases: number; bins: number }>;
const share = ({ positives, cases }: Block): number => positives / cases;

/** Pool neighbours that are out of order, from left to right; compared by whole numbers, so that ties are ties. */
const pooled = (blocks: readonly Block[]): readonly Block[] => {
  const rising: Block[] = [];
  for (const each of blocks) {
    let block = each;
    for (let last = rising.at(-1); last !== undefined && last.positives * block.cases >= block.positives * last.cases; last = rising.at(-1)) {
      block = { positives: last.positives + block.positives, cases: last.cases + block.cases, bins: last.bins + block.bins };
      rising.pop();
    }
    rising.push(block);
  }
  return rising;
};

/**
 * Isotonic calibration: the rising function of the score that fits the calibration cases best (least squares). A bin without cases takes the probability of the last bin
 * before it with cases, or of the first with any.
 *
 * @throws DomainError `calibration-malformed`, also when there are no cases
 * @see Ayer et al. 1955, Annals of Mathematical Statistics 26(4) (pool adjacent violators); Zadrozny, Elkan 2002, KDD
 */
export const isotonic = (counts: CalibrationCounts): Calibration => {
  requireCounts(counts);
  const cells = counts.positives.map((positives, i) => ({ positives, cases: positives + (counts.negatives[i] ?? 0), bins: 1 }));
  const first = cells.findIndex(({ cases }) => cases > 0);
  if (first === -1) throw new DomainError('calibration-malformed', 'got no case, want at least one');
  const filled: Block[] = [];
  for (const [i, cell] of cells.entries()) {
    const last = filled.at(-1);
    if (cell.cases > 0) filled.push(i === first ? { ...cell, bins: first + 1 } : cell);
    else if (last !== undefined) filled[filled.length - 1] = { ...last, bins: last.bins + 1 };
  }
  return { probabilities: pooled(filled).flatMap((block) => Array.from({ length: block.bins }, () => share(block))) };
};

/** Calibrated probability of a score. @throws DomainError `calibration-malformed` unless the score is from 0 to 1 */
export const calibrated = ({ probabilities }: Calibration, score: number): number => probabilities[binOf(score, probabilities.length)] ?? Number.NaN;

import { DomainError } from '../../shared/errors.ts';
import { INPUT_BINS, SCORE, SCORE_BINS, type Distribution } from '../../shared/model-registry/distributions.ts';
import { CASE_KINDS, caseCount, countsOfKinds, type CaseCounts } from '../../shared/model-registry/test-report.ts';
import type { Rows } from '../federated/rows.ts';

/** A column of what came true against what was said: a place in `CASE_KINDS`, NaN while nobody knows. */
export const CASE = '(case)';
/** Columns of the rows that drift is counted on: a bin of each input, a bin of the score, the case. */
export const driftColumns = (inputs: readonly string[]): readonly string[] => [...inputs, SCORE, CASE];

/** What all hospitals together were asked and answered of one model, and what came true. `calibration` counts known outcomes by bins of the score. */
export type DriftCounts = Readonly<{
  cases: number; distributions: readonly Distribution[]; outcomes: CaseCounts; calibration: Readonly<{ positives: readonly number[]; negatives: readonly number[] }>;
}>;

const POSITIVE_KINDS = new Set<string>(['truePositive', 'falseNegative', 'undecidedPositive']);
const isPositive = (kind: number): boolean => POSITIVE_KINDS.has(CASE_KINDS[kind] ?? '');

/** Each column's bins and its missing; then known outcomes by bin of the score, those that came true first. */
const binsOf = (columnCount: number): readonly number[] => [...new Array<number>(columnCount - 2).fill(INPUT_BINS), SCORE_BINS, CASE_KINDS.length];
const columnWidth = (bins: number): number => bins + 1;

/** How many integers `countDrift` gives for so many columns. */
export const driftWidth = (columnCount: number): number => binsOf(columnCount).reduce((sum, bins) => sum + columnWidth(bins), 2 * SCORE_BINS);

const requireBin = (name: string, bin: number, bins: number): number => {
  if (!Number.isInteger(bin) || bin < 0 || bin >= bins) throw new DomainError('training-data-malformed', `${name}: got bin ${bin}, want a whole number from 0 to ${bins - 1}`, { field: name });
  return bin;
};

/**
 * Count rows of bins, whole numbers that add up over hospitals.
 *
 * @param rows columns as `driftColumns` names them, float32 with NaN where missing
 * @throws DomainError `training-data-malformed` for a value that is no bin
 */
export const countDrift = ({ features, columns, keys }: Rows): Float64Array => {
  const counts = new Float64Array(driftWidth(features.length));
  let start = 0;
  binsOf(features.length).forEach((bins, i) => {
    for (const value of columns[i] ?? []) {
      const at = start + (Number.isNaN(value) ? bins : requireBin(features[i] ?? '', value, bins));
      counts[at] = (counts[at] ?? 0) + 1;
    }
    start += columnWidth(bins);
  });
  const [scores, cases] = [columns.at(-2), columns.at(-1)];
  for (const row of keys.keys()) {
    const [score, kind] = [scores?.[row] ?? Number.NaN, cases?.[row] ?? Number.NaN];
    if (Number.isNaN(score) || Number.isNaN(kind)) continue;
    const at = start + (isPositive(kind) ? 0 : SCORE_BINS) + score;
    counts[at] = (counts[at] ?? 0) + 1;
  }
  return counts;
};

const impossible = (message: string): DomainError => new DomainError('training-sum-impossible', message);
const sumOf = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0);

/** Each outcome stands by its score as well, but for those without one: they are undecided. */
const requireByScore = (outcomes: CaseCounts, { positives, negatives }: DriftCounts['calibration'], unscored: number): void => {
  const { truePositive, falseNegative, undecidedPositive, trueNegative, falsePositive, undecidedNegative } = outcomes;
  const without = [truePositive + falseNegative + undecidedPositive - sumOf(positives), trueNegative + falsePositive + undecidedNegative - sumOf(negatives)] as const;
  const isPossible = without[0] >= 0 && without[0] <= undecidedPositive && without[1] >= 0 && without[1] <= undecidedNegative && without[0] + without[1] <= unscored;
  if (!isPossible) throw impossible(`outcomes: got ${sumOf(positives) + sumOf(negatives)} by score, want ${caseCount(outcomes)}, less undecided ones of the ${unscored} without a score`);
};

/**
 * What a sum over hospitals says.
 *
 * @param names columns of the plan
 * @throws DomainError `training-sum-impossible` when it has more cases of one column than of another, or outcomes that do not agree
 */
export const driftCountsFrom = (names: readonly string[], sum: ArrayLike<number>): DriftCounts => {
  let at = 0;
  const take = (count: number): readonly number[] => Array.from({ length: count }, () => sum[at++] ?? 0);
  const columns = binsOf(names.length).map((bins, i): Distribution => ({ name: names[i] ?? '', counts: take(bins), missing: take(1)[0] ?? 0 }));
  const calibration = { positives: take(SCORE_BINS), negatives: take(SCORE_BINS) };
  const cases = columns.map(({ counts, missing }) => sumOf(counts) + missing);
  const other = cases.findIndex((each) => each !== cases[0]);
  if (other >= 0) throw impossible(`${names[other] ?? ''}: got ${cases[other] ?? 0} cases, want ${cases[0] ?? 0} as of ${names[0] ?? ''}`);
  const outcomes = countsOfKinds(columns.at(-1)?.counts ?? []);
  requireByScore(outcomes, calibration, columns.at(-2)?.missing ?? 0);
  return { cases: cases[0] ?? 0, distributions: columns.slice(0, -1), outcomes, calibration };
};

import { DOUBT, jitterDeviation, movedBound, sumMoved, type Part } from './jitter.ts';
import type { Range } from './plan.ts';
import type { Rows } from './rows.ts';

/**
 * Where a feature lies within its range by the specification: the first round of a forest with foreseen splits. Three sums over all rows, in which each row is hidden by its draws, give a centre and a unit for each feature. Here no row is counted by its value.
 */
/** Steps of half a range. */
const STEPS = 4096;
/** What a row adds for one feature: whether it has it, its position from the middle of the range, and the square of that. */
export const SCALE_PARTS: readonly Part[] = [{ low: 0, high: STEPS }, { low: -STEPS, high: STEPS }, { low: 0, high: STEPS * STEPS }];
export const SCALE_WIDTH = SCALE_PARTS.length;
/** Largest number a row adds. */
export const SCALE_BOUND = movedBound(SCALE_PARTS);

/** Position of a value in its range, in whole steps from the middle; beyond the range as at its end. */
export const positionOf = (value: number, { low, high }: Range): number => (high === low ? 0 : Math.round(Math.max(-1, Math.min(1, (2 * value - low - high) / (high - low))) * STEPS) + 0);

/** Sums of all features, then rows by label, which are counted as they are: integers, `features × SCALE_WIDTH + 2`. @param keys that draws hang on @param context of the draws */
export const countScale = (rows: Rows, ranges: readonly Range[], keys: readonly string[], context: string): Float64Array => {
  const { columns, labels } = rows;
  const sums = sumMoved({
    rows, keys, context, width: columns.length * SCALE_WIDTH + 2, parts: SCALE_PARTS, placeOf: (feature, _row, part) => feature * SCALE_WIDTH + part,
    make: (feature, row, into) => {
      const value = columns[feature]?.[row] ?? Number.NaN;
      const isKnown = !Number.isNaN(value);
      const position = isKnown ? positionOf(value, ranges[feature] ?? { low: 0, high: 0 }) : 0;
      into[0] = isKnown ? STEPS : 0;
      into[1] = position;
      into[2] = position * position;
    },
  });
  for (const label of labels) sums[columns.length * SCALE_WIDTH + label] = (sums[columns.length * SCALE_WIDTH + label] ?? 0) + 1;
  return sums;
};

/** What the second round measures a feature by: from where, and in what. `unit` 0 where it is not asked about. */
export type Frame = Readonly<{ centre: number; unit: number }>;
export const NO_FRAME: Frame = { centre: 0, unit: 0 };

/** Frame of each feature, from the sums of the first round: mean and standard deviation, which is never taken for smaller than the draws let tell. @param least rows that have a feature, at least, for it to be used */
export const framesFrom = (sums: ArrayLike<number>, ranges: readonly Range[], rows: number, least: number): readonly Frame[] => ranges.map(({ low, high }, feature) => {
  const [have = 0, positions = 0, squares = 0] = SCALE_PARTS.map((_, part) => sums[feature * SCALE_WIDTH + part] ?? 0);
  const doubt = DOUBT * jitterDeviation(rows);
  const lacking = rows - have / STEPS;
  const known = lacking < doubt ? rows : rows - lacking;
  if (low === high || known < Math.max(least, doubt)) return NO_FRAME;
  const mean = Math.max(-1, Math.min(1, positions / STEPS / known));
  const variance = Math.max(jitterDeviation(rows) / rows, squares / STEPS ** 2 / known - mean ** 2);
  const half = (high - low) / 2;
  return { centre: low + half + half * mean, unit: half * Math.sqrt(variance) };
});

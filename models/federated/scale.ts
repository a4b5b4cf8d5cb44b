import { floatOfKey, keyOfFloat } from './float-key.ts';
import type { Rows } from './rows.ts';

/**
 * One scale for whatever a feature is measured in: linear up to 1 and logarithmic above, where a unit is a doubling. The first round of a forest with foreseen splits sums positions on it. Of each feature three whole
 * numbers over all rows are opened, and no row is counted by its value. Squares would tell more: one value far from all others shows in their sum.
 */
/** Larger values count as this one. */
const LARGEST = 2 ** 40;
const MANTISSA = 2 ** 23;
const SIGN = 2 ** 31;
/** Bias of a float32's exponent, less one: at 1 the logarithmic part goes on where the linear one ends. */
const BIAS = 126;
/** Steps of a unit. */
const STEPS = 2 ** 20;

/** Largest position there is. */
const FARTHEST = 1 + Math.log2(LARGEST);
/** Largest number of steps. */
export const STEP_LIMIT = FARTHEST * STEPS;
/** Numbers of one feature: rows that have it, the sum of their steps, and that of their sizes. */
export const SCALE_WIDTH = 3;

const positionOf = (value: number): number => {
  const size = Math.min(Math.abs(value), LARGEST);
  const position = size < 1 ? size : (keyOfFloat(size) - SIGN) / MANTISSA - BIAS;
  return value < 0 ? -position : position;
};

/** The value at a number of steps, whole or not. */
export const valueAt = (steps: number): number => {
  const size = Math.min(Math.abs(steps) / STEPS, FARTHEST);
  const value = size < 1 ? size : floatOfKey(Math.round((size + BIAS) * MANTISSA) + SIGN);
  return steps < 0 ? -value : value;
};

/** Position of a value in whole steps. @param value a float32 that is a number */
export const stepsOf = (value: number): number => Math.round(positionOf(value) * STEPS) + 0;

/** Rows, their steps and the sizes of these by feature, then rows by label: integers, `features × SCALE_WIDTH + 2`. */
export const countScale = ({ columns, labels }: Rows): Float64Array => {
  const sums = new Float64Array(columns.length * SCALE_WIDTH + 2);
  const add = (at: number, by: number): void => { sums[at] = (sums[at] ?? 0) + by; };
  columns.forEach((column, feature) => {
    for (const value of column) {
      if (Number.isNaN(value)) continue;
      const steps = stepsOf(value);
      add(feature * SCALE_WIDTH, 1);
      add(feature * SCALE_WIDTH + 1, steps);
      add(feature * SCALE_WIDTH + 2, Math.abs(steps));
    }
  });
  for (const label of labels) add(columns.length * SCALE_WIDTH + label, 1);
  return sums;
};

/** What the second round measures a feature by: from where, and in what. `unit` 0 where it is not asked about. */
export type Frame = Readonly<{ centre: number; unit: number; isMissing: boolean }>;

/** Frame of each feature, from the sums of the first round. @param least rows that have a feature, at least, for it to be used */
export const framesFrom = (sums: ArrayLike<number>, featureCount: number, rows: number, least: number): readonly Frame[] => Array.from({ length: featureCount }, (_, feature) => {
  const [known = 0, steps = 0, sizes = 0] = [0, 1, 2].map((at) => sums[feature * SCALE_WIDTH + at] ?? 0);
  return known < least || sizes === 0 ? { centre: 0, unit: 0, isMissing: false } : { centre: valueAt(steps / known), unit: valueAt(sizes / known), isMissing: known < rows };
});

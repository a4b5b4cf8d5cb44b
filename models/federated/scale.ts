import { floatOfKey, keyOfFloat } from './float-key.ts';
import type { Rows } from './rows.ts';

/**
 * Where the values of a feature lie, without anybody's values: the first round of a forest with foreseen splits sums positions on one scale for whatever a feature is measured in, linear up to 1/64, logarithmic
 * above (so that one row far off moves it little). Of each feature three whole numbers over all rows are opened; no row is counted by its value.
 */
const LINEAR = 2 ** 6;
/** Larger values count as this one. */
const LARGEST = 2 ** 40;
const MANTISSA = 2 ** 23;
const SIGN = 2 ** 31;
/** Bias of a float32's exponent, less one: at 1 the logarithmic part goes on where the linear one ends. */
const BIAS = 126;
/** Steps of one unit of the scale, which above the linear part is a doubling. */
const STEPS = 64;

/** Largest position there is. */
export const POSITION_LIMIT = (1 + Math.log2(LARGEST) + Math.log2(LINEAR)) * STEPS;
/** Numbers of one feature: rows that have it, sum of positions, sum of their squares. */
export const SCALE_WIDTH = 3;

/** Position of a value, a whole number. @param value a float32 that is a number */
export const positionOf = (value: number): number => {
  const size = Math.min(Math.abs(value), LARGEST) * LINEAR;
  const position = Math.round((size < 1 ? size : (keyOfFloat(size) - SIGN) / MANTISSA - BIAS) * STEPS);
  return value < 0 ? 0 - position : position;
};

/** The value at a position, whole or not. */
export const valueAt = (position: number): number => {
  const size = Math.min(Math.abs(position), POSITION_LIMIT) / STEPS;
  const value = (size < 1 ? size : floatOfKey(Math.round((size + BIAS) * MANTISSA) + SIGN)) / LINEAR;
  return position < 0 ? 0 - value : value;
};

/** Rows, positions and their squares by feature, then rows by label: integers, `features × SCALE_WIDTH + 2`. */
export const countScale = ({ columns, labels }: Rows): Float64Array => {
  const sums = new Float64Array(columns.length * SCALE_WIDTH + 2);
  const add = (at: number, by: number): void => { sums[at] = (sums[at] ?? 0) + by; };
  columns.forEach((column, feature) => {
    for (const value of column) {
      if (Number.isNaN(value)) continue;
      const position = positionOf(value);
      add(feature * SCALE_WIDTH, 1);
      add(feature * SCALE_WIDTH + 1, position);
      add(feature * SCALE_WIDTH + 2, position * position);
    }
  });
  for (const label of labels) add(columns.length * SCALE_WIDTH + label, 1);
  return sums;
};

/** What the second round measures a feature by: its middle over the network, and how far about two thirds of its rows lie from there. `halfWidth` 0 where it is not asked about. */
export type Frame = Readonly<{ centre: number; halfWidth: number; isMissing: boolean }>;

/** Frame of each feature, from the sums of the first round. @param least rows that have a feature, at least, for it to be used */
export const framesFrom = (sums: ArrayLike<number>, featureCount: number, rows: number, least: number): readonly Frame[] => Array.from({ length: featureCount }, (_, feature) => {
  const [known, sum, squares] = [0, 1, 2].map((at) => sums[feature * SCALE_WIDTH + at] ?? 0) as [number, number, number];
  if (known < least) return { centre: 0, halfWidth: 0, isMissing: false };
  const mean = sum / known;
  const reach = Math.sqrt(Math.max(0, squares / known - mean * mean)) + 1;
  const [low, high] = [valueAt(mean - reach), valueAt(mean + reach)];
  return { centre: low + (high - low) / 2, halfWidth: (high - low) / 2, isMissing: known < rows };
});

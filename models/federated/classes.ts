import { binCountOf, type Bins } from './bins.ts';
import { startsIn, type Profile } from './profile.ts';
import type { Rows } from './rows.ts';
import type { Frame } from './scale.ts';

/**
 * How the rows of each label lie over each feature, as far as two sums over all of them say: the second round of a forest with foreseen splits. Thresholds stand at even steps about the mean of all rows, and
 * between them each label is taken to lie normally. It errs where a feature has two heaps; what the leaves say is counted, and right.
 */
/** Steps of a frame's unit. */
const STEPS = 4096;
/** Units from the centre that a row counts for, at most: who is further off moves the sums no more. */
const REACH = 4;
/** Largest distance from the centre there is. */
export const DISTANCE_LIMIT = REACH * STEPS;
/** Numbers of one feature: of each label the sum of distances from the centre, and of their squares. */
export const CLASSES_WIDTH = 4;
/** Thresholds stand up to so many standard deviations from the mean. */
const SPAN = 2;
/** A label lies no closer together than this part of the standard deviation of all rows: two sums can not tell a heap from a line. */
const CLOSEST = 0.25;

/** Distance of a value from the centre of a frame, in whole steps. A missing value counts as the centre. */
export const distanceOf = (value: number, { centre, unit }: Frame): number =>
  (Number.isNaN(value) || unit === 0 ? 0 : Math.max(-DISTANCE_LIMIT, Math.min(DISTANCE_LIMIT, Math.round(((value - centre) / unit) * STEPS))) + 0);

/** Distances and their squares by feature and label: integers, `features × CLASSES_WIDTH`. */
export const countClasses = ({ columns, labels }: Rows, frames: readonly Frame[]): Float64Array => {
  const sums = new Float64Array(columns.length * CLASSES_WIDTH);
  columns.forEach((column, feature) => {
    const frame = frames[feature];
    if (frame === undefined) return;
    column.forEach((value, row) => {
      const at = feature * CLASSES_WIDTH + 2 * (labels[row] ?? 0);
      const distance = distanceOf(value, frame);
      sums[at] = (sums[at] ?? 0) + distance;
      sums[at + 1] = (sums[at + 1] ?? 0) + distance * distance;
    });
  });
  return sums;
};

type Spread = Readonly<{ mean: number; deviation: number }>;
const spreadOf = (rows: number, sum: number, squares: number): Spread => ({ mean: sum / rows, deviation: Math.sqrt(Math.max(0, squares / rows - (sum / rows) ** 2)) });

/** Coefficients of the normal distribution's approximation by a power of a polynomial, which is the same on every machine. @see Abramowitz, Stegun 1964, Handbook of Mathematical Functions, 26.2.19 (error below 1.5e-7) */
const NORMAL = [0.000005383, 0.0000488906, 0.0000380036, 0.0032776263, 0.0211410061, 0.049867347] as const;
const SQUARINGS = 4;

/** Part of a normal distribution of mean 0 and variance 1 that lies below. */
export const normalBelow = (z: number): number => {
  const x = Math.abs(z);
  let power = NORMAL.reduce((sum, coefficient) => (sum + coefficient) * x, 0) + 1;
  for (let i = 0; i < SQUARINGS; i += 1) power *= power;
  return z < 0 ? 0.5 / power : 1 - 0.5 / power;
};

/** Where thresholds stand, in distances from the centre. */
const stepsOf = ({ mean, deviation }: Spread, binLimit: number): readonly number[] => Array.from({ length: binLimit - 1 }, (_, i) => mean + deviation * SPAN * ((2 * (i + 1)) / binLimit - 1));

/** Rows of a label that are expected in each bin. */
const expectedIn = (edges: readonly number[], rows: number, { mean, deviation }: Spread, closest: number): readonly number[] => {
  const below = [0, ...edges.map((edge) => normalBelow((edge - mean) / Math.max(deviation, closest))), 1];
  return below.slice(1).map((share, bin) => rows * Math.max(0, share - (below[bin] ?? 0)));
};

type Outlined = Readonly<{ bins: Bins; byLabel: readonly (readonly number[])[] }>;
const CONSTANT: Outlined = { bins: { edges: [], isMissing: false }, byLabel: [] };

const outline = (sums: readonly number[], { centre, unit, isMissing }: Frame, rows: readonly [number, number], binLimit: number): Outlined => {
  const [zeros = 0, zerosSquared = 0, ones = 0, onesSquared = 0] = sums;
  const all = spreadOf(rows[0] + rows[1], zeros + ones, zerosSquared + onesSquared);
  if (unit === 0 || all.deviation === 0) return CONSTANT;
  const steps: number[] = [];
  const edges: number[] = [];
  for (const step of stepsOf(all, binLimit)) {
    const edge = Math.fround(centre + (unit * step) / STEPS);
    if (edge <= (edges.at(-1) ?? -Infinity)) continue;
    steps.push(step);
    edges.push(edge);
  }
  const closest = CLOSEST * all.deviation;
  return { bins: { edges, isMissing }, byLabel: [expectedIn(steps, rows[0], spreadOf(rows[0], zeros, zerosSquared), closest), expectedIn(steps, rows[1], spreadOf(rows[1], ones, onesSquared), closest)] };
};

/** Bins and profile from the sums of the second round. @param rows of each label over the network */
export const outlineFrom = (sums: ArrayLike<number>, frames: readonly Frame[], rows: readonly [number, number], binLimit: number): Readonly<{ bins: readonly Bins[]; profile: Profile }> => {
  const outlined = frames.map((frame, feature) => outline(Array.from({ length: CLASSES_WIDTH }, (_, i) => sums[feature * CLASSES_WIDTH + i] ?? 0), frame, rows, binLimit));
  const bins = outlined.map((each) => each.bins);
  const starts = startsIn(bins);
  const profile = new Float64Array(starts[bins.length] ?? 0);
  outlined.forEach(({ byLabel: [zeros = [], ones = []], bins: own }, feature) => {
    for (let bin = 0; bin < Math.min(zeros.length, binCountOf(own)); bin += 1) {
      profile[(starts[feature] ?? 0) + 2 * bin] = (zeros[bin] ?? 0) + (ones[bin] ?? 0);
      profile[(starts[feature] ?? 0) + 2 * bin + 1] = ones[bin] ?? 0;
    }
  });
  return { bins, profile };
};

import { binCountOf, type Bins } from './bins.ts';
import { CELL_PARTS, cellOf, partedEvenly } from './cells.ts';
import { DISTANCE_LIMIT, distanceOf, STEPS } from './distance.ts';
import { DOUBT, jitterDeviation, movedBound, sumMoved, type Part } from './jitter.ts';
import { startsIn, type Profile } from './profile.ts';
import type { Rows } from './rows.ts';
import { NO_FRAME, type Frame } from './scale.ts';

/**
 * How the rows of each label lie over each feature, as far as sums over all of them say, in which each row is hidden by its draws: the second round of a training of trees. Thresholds part the rows of the network evenly, by counts of
 * them in cells; between thresholds each label is taken to lie normally. It errs where a feature has two heaps, and by the draws; what the leaves say is counted, and right.
 */
/** What a row adds for one feature to the sums of its label: its distance from the centre, and the size of that. */
export const LABEL_PARTS: readonly Part[] = [{ low: -DISTANCE_LIMIT, high: DISTANCE_LIMIT }, { low: 0, high: DISTANCE_LIMIT }];
/** All that a row adds for one feature: behind these the counts in cells, whatever its label. */
export const CLASSES_PARTS: readonly Part[] = [...LABEL_PARTS, ...CELL_PARTS];
const LABELS = 2;
/** Numbers of one feature: those of label 0, those of label 1, then the cells. */
export const CLASSES_WIDTH = LABELS * LABEL_PARTS.length + CELL_PARTS.length;
/** Where the numbers of a label begin. */
export const placeOfLabel = (feature: number, label: number): number => feature * CLASSES_WIDTH + LABEL_PARTS.length * label;
/** Where the cells of a feature begin. */
export const placeOfCells = (feature: number): number => placeOfLabel(feature, LABELS);
/** Largest number a row adds. */
export const CLASSES_BOUND = movedBound(CLASSES_PARTS);
/** A label lies no closer together than this part of the standard deviation of all rows: two sums can not tell a heap from a line. */
const CLOSEST = 0.25;

/** Distances and their sizes by feature and label, and rows by feature and cell: integers, `features × CLASSES_WIDTH`. A missing value is at the centre and in no cell, and no row is in a cell of a feature that is not asked about. @param keys that draws hang on @param context of the draws */
export const countClasses = (rows: Rows, frames: readonly Frame[], keys: readonly string[], context: string): Float64Array => sumMoved({
  rows, keys, context, width: rows.columns.length * CLASSES_WIDTH, parts: CLASSES_PARTS,
  placeOf: (feature, row, part) => (part < LABEL_PARTS.length ? placeOfLabel(feature, rows.labels[row] ?? 0) + part : placeOfCells(feature) + part - LABEL_PARTS.length),
  make: (feature, row, into) => {
    const value = rows.columns[feature]?.[row] ?? Number.NaN;
    const frame = frames[feature] ?? NO_FRAME;
    const distance = distanceOf(value, frame);
    into.fill(0);
    into[0] = distance;
    into[1] = Math.abs(distance);
    if (!Number.isNaN(value) && frame.unit > 0) into[LABEL_PARTS.length + cellOf(distance)] = STEPS;
  },
});

type Spread = Readonly<{ mean: number; deviation: number; /** Variance of the deviation by draws. */ doubt: number }>;
/** Mean square of a normal variable of mean 0, by the square of its mean size. */
const SQUARE_OF_SIZE = 1.5707963267948966;
/** Mean and standard deviation from sums of distances and of their sizes. Of sizes rather than of squares: one row is less of them, and so is its draw. */
const spreadOf = (rows: number, sum: number, sizes: number): Spread => {
  const [mean, size] = [sum / rows, Math.max(0, sizes / rows)];
  const deviation = Math.sqrt(Math.max(0, SQUARE_OF_SIZE * size ** 2 - mean ** 2));
  const variance = ((DISTANCE_LIMIT * jitterDeviation(rows)) / rows) ** 2;
  return { mean, deviation, doubt: deviation === 0 ? Infinity : ((SQUARE_OF_SIZE * size) ** 2 * variance + (2 * mean) ** 2 * variance) / deviation ** 2 };
};

/** Standard deviations of both labels, nearer to what they have in common the less they differ beyond what draws do (as James and Stein shrink means). */
const deviationsOf = (zeros: Spread, ones: Spread, rows: readonly [number, number]): readonly [number, number] => {
  const common = Math.sqrt((rows[0] * zeros.deviation ** 2 + rows[1] * ones.deviation ** 2) / (rows[0] + rows[1]));
  const kept = Math.max(0, 1 - (DOUBT ** 2 * (zeros.doubt + ones.doubt)) / (zeros.deviation - ones.deviation) ** 2);
  return [common + kept * (zeros.deviation - common), common + kept * (ones.deviation - common)];
};

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

/** Rows of a label that are expected in each bin. */
const expectedIn = (edges: readonly number[], rows: number, mean: number, deviation: number): readonly number[] => {
  const below = [0, ...edges.map((edge) => normalBelow((edge - mean) / deviation)), 1];
  return below.slice(1).map((share, bin) => rows * Math.max(0, share - (below[bin] ?? 0)));
};

type Outlined = Readonly<{ bins: Bins; byLabel: readonly (readonly number[])[] }>;
const CONSTANT: Outlined = { bins: { edges: [], isMissing: false }, byLabel: [] };

const outline = (sums: readonly number[], { centre, unit }: Frame, rows: readonly [number, number], binLimit: number): Outlined => {
  const [zeros = 0, zerosSize = 0, ones = 0, onesSize = 0, ...cells] = sums;
  const all = spreadOf(rows[0] + rows[1], zeros + ones, zerosSize + onesSize);
  if (unit === 0 || all.deviation === 0) return CONSTANT;
  const steps: number[] = [];
  const edges: number[] = [];
  for (const step of partedEvenly(cells, rows[0] + rows[1], binLimit)) {
    const edge = Math.fround(centre + (unit * step) / STEPS);
    // Beyond float32 there is no threshold: ranges may go on there, values do not.
    if (edge <= (edges.at(-1) ?? -Infinity) || edge === Infinity) continue;
    steps.push(step);
    edges.push(edge);
  }
  if (edges.length === 0) return CONSTANT;
  const [ofZeros, ofOnes] = [spreadOf(rows[0], zeros, zerosSize), spreadOf(rows[1], ones, onesSize)];
  const [zerosWide, onesWide] = deviationsOf(ofZeros, ofOnes, rows).map((each) => Math.max(each, CLOSEST * all.deviation));
  return { bins: { edges, isMissing: true }, byLabel: [expectedIn(steps, rows[0], ofZeros.mean, zerosWide ?? 1), expectedIn(steps, rows[1], ofOnes.mean, onesWide ?? 1)] };
};

/** Bins and profile from the sums of the second round. @param rows of each label over the network */
export const outlineFrom = (sums: ArrayLike<number>, frames: readonly Frame[], rows: readonly [number, number], binLimit: number): Readonly<{ bins: readonly Bins[]; profile: Profile }> => {
  const outlined = frames.map((frame, feature) => outline(Array.from({ length: CLASSES_WIDTH }, (_, i) => sums[placeOfLabel(feature, 0) + i] ?? 0), frame, rows, binLimit));
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

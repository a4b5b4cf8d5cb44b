import { DISTANCE_LIMIT, STEPS } from './distance.ts';
import { DOUBT, jitterDeviation, spanOf, type Part } from './jitter.ts';

/**
 * Thresholds at equal parts of the rows of the network, by counts of them: in the second round of a training of trees rows are counted in even cells about the centre of each feature, whatever their label, and each is hidden in these counts by its draws.
 */
/** Cells of a feature, of equal width. */
export const CELLS = 12;
const WIDTH = (2 * DISTANCE_LIMIT) / CELLS;
/** What a row adds to a cell: `STEPS` where it lies in it. It is moved three times as far as other numbers, so that a row is seen a ninth as well in it: thresholds need no more. */
export const CELL_PART: Part = { low: 0, high: STEPS, widened: 3 };
/** Numbers of one feature. */
export const CELL_PARTS: readonly Part[] = Array.from({ length: CELLS }, () => CELL_PART);

/** Cell of a distance. */
export const cellOf = (distance: number): number => Math.min(CELLS - 1, Math.floor((distance + DISTANCE_LIMIT) / WIDTH));

/** Rows in each cell. None is taken for emptier than draws let tell, so that few rows that lie apart have a threshold before them. */
const filled = (sums: readonly number[], rows: number): readonly number[] => {
  const doubt = (DOUBT * jitterDeviation(rows) * spanOf(CELL_PART)) / STEPS;
  return sums.map((sum) => Math.max(doubt, sum / STEPS));
};

/** Distances that part the rows of the network into `binLimit` equal parts, rising; within a cell rows are taken to lie evenly. @param sums of the cells @param rows over the network */
export const partedEvenly = (sums: readonly number[], rows: number, binLimit: number): readonly number[] => {
  const counts = filled(sums, rows);
  const total = counts.reduce((sum, each) => sum + each, 0);
  const steps: number[] = [];
  let [cell, below] = [0, 0];
  for (let part = 1; part < binLimit; part += 1) {
    const wanted = (total * part) / binLimit;
    for (let own = counts[cell] ?? 0; cell < CELLS - 1 && below + own <= wanted; own = counts[cell] ?? 0) {
      below += own;
      cell += 1;
    }
    steps.push(WIDTH * (cell + (wanted - below) / (counts[cell] ?? 1)) - DISTANCE_LIMIT);
  }
  return steps;
};

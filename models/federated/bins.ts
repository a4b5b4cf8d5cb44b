import { floatOfKey, keyOfFloat } from './float-key.ts';
import type { Rows } from './rows.ts';

/**
 * Bin edges without anybody's quantiles. A float32 sorts as its bits do, so the first round counts rows by the upper 11 bits; the second counts them by further bits where
 * rows are, finer where more are. Edges follow from the two sums alone, so they are the same however the rows are spread.
 */
export const COARSE_BITS = 11;
export const COARSE_CELLS = 2 ** COARSE_BITS;
const LOWER_BITS = 32 - COARSE_BITS;
/** Fine cells of one feature, about. */
const FINE_BUDGET = 2048;
/** Fine cells of one feature at most: the budget, and one for each coarse cell that gets less than one of it. */
export const FINE_WIDTH_LIMIT = FINE_BUDGET + COARSE_CELLS;
/** Width of a feature in the coarse statistic: its cells, then its missing values. */
export const COARSE_WIDTH = COARSE_CELLS + 1;

/** How one feature's occupied coarse cells are cut further: `bits[i]` more bits in coarse cell `cells[i]`. */
export type Refinement = Readonly<{ cells: readonly number[]; bits: readonly number[] }>;
/** Edges of one feature, ascending: a value's bin is the number of edges at or below it. `isMissing` when some row of the network lacks the value. */
export type Bins = Readonly<{ edges: readonly number[]; isMissing: boolean }>;

/** Bins of a feature, that of missing values included: the last one. */
export const binCountOf = ({ edges, isMissing }: Bins): number => edges.length + 1 + (isMissing ? 1 : 0);

/** Rows by feature and coarse cell, then by label: integers, `features × COARSE_WIDTH + 2`. */
export const countCoarse = ({ columns, labels }: Rows): Int32Array => {
  const counts = new Int32Array(columns.length * COARSE_WIDTH + 2);
  const add = (at: number): void => { counts[at] = (counts[at] ?? 0) + 1; };
  columns.forEach((column, feature) => {
    for (const value of column) add(feature * COARSE_WIDTH + (Number.isNaN(value) ? COARSE_CELLS : keyOfFloat(value) >>> LOWER_BITS));
  });
  for (const label of labels) add(columns.length * COARSE_WIDTH + label);
  return counts;
};

/** Half of the fine cells go to the occupied coarse cells alike, half by their rows. Whole numbers only. */
export const refine = (coarse: ArrayLike<number>, featureCount: number): readonly Refinement[] => Array.from({ length: featureCount }, (_, feature) => {
  const cells: number[] = [];
  const counts: number[] = [];
  for (let cell = 0; cell < COARSE_CELLS; cell += 1) {
    const count = coarse[feature * COARSE_WIDTH + cell] ?? 0;
    if (count > 0) { cells.push(cell); counts.push(count); }
  }
  const known = counts.reduce((sum, count) => sum + count, 0);
  const bits = counts.map((count) => Math.min(LOWER_BITS, 31 - Math.clz32(Math.max(1, Math.floor((FINE_BUDGET * (count * cells.length + known)) / (2 * cells.length * known))))));
  return { cells, bits };
});

/** Width of the fine statistic. */
export const fineWidthOf = (refinements: readonly Refinement[]): number => refinements.reduce((sum, { bits }) => bits.reduce((width, each) => width + 2 ** each, sum), 0);

/** Rows by fine cell, feature after feature. @returns undefined when a row lies outside the refinement, so that it can not come from a sum with this cohort in it */
export const countFine = ({ columns }: Rows, refinements: readonly Refinement[]): Int32Array | undefined => {
  const counts = new Int32Array(fineWidthOf(refinements));
  const offsets = new Int32Array(COARSE_CELLS);
  const shifts = new Int32Array(COARSE_CELLS);
  let next = 0;
  for (const [feature, { cells, bits }] of refinements.entries()) {
    offsets.fill(-1);
    cells.forEach((cell, i) => {
      offsets[cell] = next;
      shifts[cell] = LOWER_BITS - (bits[i] ?? 0);
      next += 2 ** (bits[i] ?? 0);
    });
    for (const value of columns[feature] ?? []) {
      if (Number.isNaN(value)) continue;
      const key = keyOfFloat(value);
      const cell = key >>> LOWER_BITS;
      const offset = offsets[cell] ?? -1;
      if (offset < 0) return undefined;
      const at = offset + ((key & (2 ** LOWER_BITS - 1)) >>> (shifts[cell] ?? 0));
      counts[at] = (counts[at] ?? 0) + 1;
    }
  }
  return counts;
};

type Cell = Readonly<{ first: number; last: number; count: number }>;

const occupiedCells = (fine: ArrayLike<number>, start: number, { cells, bits }: Refinement): readonly Cell[] => {
  const occupied: Cell[] = [];
  let at = start;
  cells.forEach((cell, i) => {
    const size = 2 ** (LOWER_BITS - (bits[i] ?? 0));
    for (let sub = 0; sub < 2 ** (bits[i] ?? 0); sub += 1, at += 1) {
      const count = fine[at] ?? 0;
      const first = cell * 2 ** LOWER_BITS + sub * size;
      if (count > 0) occupied.push({ first, last: first + size - 1, count });
    }
  });
  return occupied;
};

/** Threshold between two cells: the float32 nearest the middle of the gap, above the one and at most the start of the other. */
const edgeBetween = (below: Cell, above: Cell): number => {
  const [low, high] = [floatOfKey(below.last), floatOfKey(above.first)];
  const middle = Math.fround(low + (high - low) / 2);
  return middle > low ? middle : high;
};

const cutsOf = (occupied: readonly Cell[], binLimit: number): readonly number[] => {
  const total = occupied.reduce((sum, { count }) => sum + count, 0);
  const edges: number[] = [];
  let [seen, filled] = [0, 0];
  for (const [i, cell] of occupied.entries()) {
    const next = occupied[i + 1];
    if (next === undefined) break;
    seen += cell.count;
    const share = Math.floor((seen * binLimit) / total);
    if (occupied.length > binLimit && share === filled) continue;
    filled = share;
    edges.push(edgeBetween(cell, next));
  }
  return edges;
};

/** Bins from the sums of both rounds: one for each fine cell when they are few, else of about equal numbers of rows. */
export const binsFrom = (coarse: ArrayLike<number>, fine: ArrayLike<number>, refinements: readonly Refinement[], binLimit: number): readonly Bins[] => {
  let start = 0;
  return refinements.map((refinement, feature) => {
    const occupied = occupiedCells(fine, start, refinement);
    start += fineWidthOf([refinement]);
    // What nobody knows the value of tells no row from another.
    return { edges: cutsOf(occupied, binLimit), isMissing: occupied.length > 0 && (coarse[feature * COARSE_WIDTH + COARSE_CELLS] ?? 0) > 0 };
  });
};

const binOf = (edges: readonly number[], value: number): number => {
  let [low, high] = [0, edges.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((edges[middle] ?? 0) <= value) low = middle + 1; else high = middle;
  }
  return low;
};

/** Bin of every row and feature, row after row; missing values in the last bin. */
export const binRows = ({ keys, columns }: Rows, bins: readonly Bins[]): Uint8Array => {
  const binned = new Uint8Array(keys.length * columns.length);
  columns.forEach((column, feature) => {
    const edges = bins[feature]?.edges ?? [];
    column.forEach((value, row) => { binned[row * columns.length + feature] = Number.isNaN(value) ? edges.length + 1 : binOf(edges, value); });
  });
  return binned;
};

import type { Rows } from './rows.ts';

/** Edges of one feature, ascending: a value's bin is the number of edges at or below it. `isMissing` when some row of the network lacks the value. */
export type Bins = Readonly<{ edges: readonly number[]; isMissing: boolean }>;

/** Bins of a feature, that of missing values included: the last one. */
export const binCountOf = ({ edges, isMissing }: Bins): number => edges.length + 1 + (isMissing ? 1 : 0);

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

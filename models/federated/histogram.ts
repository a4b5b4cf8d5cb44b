import { binCountOf, type Bins } from './bins.ts';
import { placeOf, type Growing } from './growing.ts';
import type { Gradients } from './gradients.ts';
import type { Level, OpenNode } from './level.ts';

/** A site's rows in the form a level is counted from. */
export type Binned = Readonly<{ binned: Uint8Array; rowCount: number; featureCount: number; bins: readonly Bins[] }>;
/** What a row adds to the two sums of its cells, in each tree. */
export type Masses = Readonly<{ first: (row: number, tree: number) => number; second: (row: number, tree: number) => number }>;

export const missingBinsOf = (bins: readonly Bins[]): Int32Array => Int32Array.from(bins, ({ edges, isMissing }) => (isMissing ? edges.length + 1 : -1));

const nodesByTree = ({ nodes }: Level): ReadonlyMap<number, ReadonlyMap<number, OpenNode>> => {
  const trees = new Map<number, Map<number, OpenNode>>();
  for (const node of nodes) {
    const places = trees.get(node.tree) ?? new Map<number, OpenNode>();
    trees.set(node.tree, places.set(node.place, node));
  }
  return trees;
};

/** Weight and weighted label of rows in a forest's trees. @param weights rows × trees */
export const forestMasses = (weights: Uint8Array, labels: Uint8Array, treeCount: number): Masses => {
  const weight = (row: number, tree: number): number => weights[row * treeCount + tree] ?? 0;
  return { first: weight, second: (row, tree) => weight(row, tree) * (labels[row] ?? 0) };
};

export const boostingMasses = ({ gradients, hessians }: Gradients): Masses => ({ first: (row) => gradients[row] ?? 0, second: (row) => hessians[row] ?? 0 });

/** Sums of a site over its rows, laid out by the level. */
export const countLevel = ({ binned, rowCount, featureCount, bins }: Binned, growing: Growing, level: Level, masses: Masses): Float64Array => {
  const sums = new Float64Array(level.width);
  const missingBins = missingBinsOf(bins);
  const widths = Int32Array.from(bins, (each) => 2 * binCountOf(each));
  for (const [tree, places] of nodesByTree(level)) {
    for (let row = 0; row < rowCount; row += 1) {
      const [first, second] = [masses.first(row, tree), masses.second(row, tree)];
      if (first === 0 && second === 0) continue;
      const node = places.get(placeOf(growing, tree, binned, row * featureCount, missingBins));
      if (node === undefined) continue;
      let start = node.start;
      for (const feature of node.features) {
        const at = start + 2 * (binned[row * featureCount + feature] ?? 0);
        sums[at] = (sums[at] ?? 0) + first;
        sums[at + 1] = (sums[at + 1] ?? 0) + second;
        start += widths[feature] ?? 0;
      }
    }
  }
  return sums;
};

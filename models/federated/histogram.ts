import type { Bins } from './bins.ts';
import { placeOf, type Growing } from './growing.ts';
import type { Gradients } from './gradients.ts';
import type { Level, OpenNode } from './level.ts';

/** A site's rows in the form a level is counted from. */
export type Binned = Readonly<{ binned: Uint8Array; rowCount: number; featureCount: number; bins: readonly Bins[] }>;
/** What each row adds to the two sums of its cells in one tree. */
export type Masses = (tree: number) => Readonly<{ first: ArrayLike<number>; second: ArrayLike<number> }>;

export const missingBinsOf = (bins: readonly Bins[]): Int32Array => Int32Array.from(bins, ({ edges, isMissing }) => (isMissing ? edges.length + 1 : -1));

/** Weight and weighted label of rows in a forest's trees. @param weights rows × trees */
export const forestMasses = (weights: Uint8Array, labels: Uint8Array, treeCount: number): Masses => (tree) => {
  const first = new Int32Array(labels.length);
  const second = new Int32Array(labels.length);
  for (let row = 0; row < labels.length; row += 1) {
    const weight = weights[row * treeCount + tree] ?? 0;
    first[row] = weight;
    second[row] = weight * (labels[row] ?? 0);
  }
  return { first, second };
};

export const boostingMasses = ({ gradients, hessians }: Gradients): Masses => () => ({ first: gradients, second: hessians });

/** Open nodes by tree and place; −1 where none is open. */
const nodesOfTree = (nodes: readonly OpenNode[], from: number, slots: number): Readonly<{ index: Int32Array; next: number }> => {
  const index = new Int32Array(slots).fill(-1);
  const tree = nodes[from]?.tree;
  let next = from;
  for (; nodes[next]?.tree === tree && next < nodes.length; next += 1) index[nodes[next]?.place ?? 0] = next;
  return { index, next };
};

/** Sums of a site over its rows at the open nodes, laid out by the level. */
export const countLevel = ({ binned, rowCount, featureCount, bins }: Binned, growing: Growing, { nodes, width }: Level, masses: Masses): Float64Array => {
  const sums = new Float64Array(width);
  const missingBins = missingBinsOf(bins);
  for (let from = 0; from < nodes.length;) {
    const { index, next } = nodesOfTree(nodes, from, growing.slots);
    const tree = nodes[from]?.tree ?? 0;
    const { first, second } = masses(tree);
    for (let row = 0; row < rowCount; row += 1) {
      const [own, other] = [first[row] ?? 0, second[row] ?? 0];
      if (own === 0 && other === 0) continue;
      const node = nodes[index[placeOf(growing, tree, binned, row * featureCount, missingBins)] ?? -1];
      if (node === undefined) continue;
      sums[node.start] = (sums[node.start] ?? 0) + own;
      sums[node.start + 1] = (sums[node.start + 1] ?? 0) + other;
    }
    from = next;
  }
  return sums;
};

import type { Forest, Tree } from '../forest/tree.ts';
import { LEAF_PARENT } from '../forest/xgboost-json.ts';
import type { Bins } from './bins.ts';
import { GRADIENT_SCALE } from './gradients.ts';
import type { Growing } from './growing.ts';
import type { Plan } from './plan.ts';
import { stepOf } from './split.ts';

/** All finite float32 lie below, or are, this: a split here sets missing values apart from all others. */
const FLOAT32_LIMIT = 3.4028234663852886e38;

/** Value of a leaf. Forest: share of label 1 over the number of trees, so that the sum is their mean. Boosting: a step. */
export const leafValue = (plan: Plan, first: number, second: number, prior: number): number => (plan.method === 'forest'
  ? Math.fround((first === 0 ? prior : second / first) / plan.treeCount)
  : stepOf(plan, first / GRADIENT_SCALE, second / GRADIENT_SCALE));

const coverOf = ({ method }: Plan, growing: Growing, slot: number): number => Math.fround(method === 'forest' ? growing.first[slot] ?? 0 : (growing.second[slot] ?? 0) / GRADIENT_SCALE);

/** One tree as XGBoost stores it: breadth first, unused places left out. */
const exportTree = (plan: Plan, bins: readonly Bins[], growing: Growing, tree: number, prior: number): Tree => {
  const places = [1];
  const parents = [LEAF_PARENT];
  const out: Record<'left' | 'right' | 'feature' | 'condition' | 'cover' | 'gain', number[]> & { defaultLeft: boolean[] } = { left: [], right: [], feature: [], condition: [], defaultLeft: [], cover: [], gain: [] };
  for (let node = 0; node < places.length; node += 1) {
    const place = places[node] ?? 1;
    const slot = tree * growing.slots + place;
    const feature = growing.feature[slot] ?? -1;
    const isLeaf = feature < 0;
    out.left.push(isLeaf ? -1 : places.length);
    out.right.push(isLeaf ? -1 : places.length + 1);
    out.feature.push(isLeaf ? 0 : feature);
    out.condition.push(isLeaf ? leafValue(plan, growing.first[slot] ?? 0, growing.second[slot] ?? 0, prior) : bins[feature]?.edges[(growing.splitBin[slot] ?? 0) - 1] ?? FLOAT32_LIMIT);
    out.defaultLeft.push(!isLeaf && growing.defaultLeft[slot] === 1);
    out.cover.push(coverOf(plan, growing, slot));
    out.gain.push(growing.gain[slot] ?? 0);
    if (!isLeaf) {
      places.push(2 * place, 2 * place + 1);
      parents.push(node, node);
    }
  }
  return { ...out, parent: parents };
};

/** The grown trees as a model. @param prior share of label 1 over all rows, for a tree that drew none */
export const forestOf = (plan: Plan, bins: readonly Bins[], growing: Growing, prior: number): Forest => ({
  objective: plan.method === 'forest' ? 'reg:squarederror' : 'binary:logistic', baseScore: plan.method === 'forest' ? 0 : 0.5, featureNames: plan.features,
  trees: Array.from({ length: plan.treeCount }, (_, tree) => exportTree(plan, bins, growing, tree, prior)),
});

import { ShapPath } from './shap-path.ts';
import { goesLeft, type Forest, type Tree } from './tree.ts';

/** What each feature adds to one prediction, in the units of the margin. `expected` and all `contributions` add up to it. */
export type Explanation = Readonly<{ expected: number; contributions: Float64Array }>;

const depthOf = (tree: Tree, node = 0): number => {
  const left = tree.left[node] ?? -1;
  return left < 0 ? 0 : 1 + Math.max(depthOf(tree, left), depthOf(tree, tree.right[node] ?? 0));
};

/** Mean of a tree's leaves, weighed by cover. */
const meanOf = (tree: Tree, node = 0): number => {
  const left = tree.left[node] ?? -1;
  if (left < 0) return tree.condition[node] ?? 0;
  const right = tree.right[node] ?? 0;
  const cover = tree.cover[node] ?? 0;
  if (cover === 0) return 0;
  return ((tree.cover[left] ?? 0) * meanOf(tree, left) + (tree.cover[right] ?? 0) * meanOf(tree, right)) / cover;
};

/**
 * Exact Shapley values of a forest, path dependent: what is unknown is averaged by the trees' own covers, as `predict(pred_contribs=True)` of XGBoost does.
 *
 * @see Lundberg, Erion, Lee 2018, arXiv:1802.03888, algorithm 2
 */
export class TreeShap {
  readonly #forest: Forest;
  readonly #path: ShapPath;
  readonly #expected: number;

  constructor(forest: Forest) {
    this.#forest = forest;
    this.#path = new ShapPath(Math.max(0, ...forest.trees.map((tree) => depthOf(tree))));
    const base = forest.objective === 'binary:logistic' ? Math.log(forest.baseScore / (1 - forest.baseScore)) : forest.baseScore;
    this.#expected = forest.trees.reduce((sum, tree) => sum + meanOf(tree), base);
  }

  /**
   * @param features in the model's order, NaN where missing
   * @throws RangeError when their number is not the model's
   */
  explain(features: ArrayLike<number>): Explanation {
    const { featureNames, trees } = this.#forest;
    if (features.length !== featureNames.length) throw new RangeError(`got ${features.length} features, want ${featureNames.length}`);
    const contributions = new Float64Array(featureNames.length);
    for (const tree of trees) if ((tree.left[0] ?? -1) >= 0) this.#walk(tree, features, contributions, { node: 0, start: 0, depth: 0, zero: 1, one: 1, feature: -1 });
    return { expected: this.#expected, contributions };
  }

  #walk(tree: Tree, features: ArrayLike<number>, contributions: Float64Array, at: Readonly<{ node: number; start: number; depth: number; zero: number; one: number; feature: number }>): void {
    const path = this.#path;
    const { node, start } = at;
    let { depth } = at;
    path.extend(start, depth, at.zero, at.one, at.feature);
    const left = tree.left[node] ?? -1;
    if (left < 0) {
      this.#addLeaf(tree.condition[node] ?? 0, start, depth, contributions);
      return;
    }
    const right = tree.right[node] ?? 0;
    const feature = tree.feature[node] ?? 0;
    const hot = goesLeft(tree, node, features) ? left : right;
    const cold = hot === left ? right : left;
    const cover = tree.cover[node] ?? 0;
    let [zero, one] = [1, 1];
    const before = path.find(start, depth, feature);
    if (before >= 0) {
      zero = path.zero[start + before] ?? 1;
      one = path.one[start + before] ?? 1;
      path.unwind(start, depth, before);
      depth -= 1;
    }
    const share = (child: number): number => (cover === 0 ? 0 : zero * ((tree.cover[child] ?? 0) / cover));
    const next = start + depth + 1;
    path.copy(start, next, depth + 1);
    this.#walk(tree, features, contributions, { node: hot, start: next, depth: depth + 1, zero: share(hot), one, feature });
    path.copy(start, next, depth + 1);
    this.#walk(tree, features, contributions, { node: cold, start: next, depth: depth + 1, zero: share(cold), one: 0, feature });
  }

  #addLeaf(value: number, start: number, depth: number, contributions: Float64Array): void {
    const path = this.#path;
    for (let i = 1; i <= depth; i += 1) {
      const feature = path.feature[start + i] ?? 0;
      const weight = path.unwoundSum(start, depth, i) * ((path.one[start + i] ?? 0) - (path.zero[start + i] ?? 0));
      contributions[feature] = (contributions[feature] ?? 0) + weight * value;
    }
  }
}

/** A regression tree in arrays, as XGBoost stores it: `left[i] < 0` marks a leaf, whose value stands in `condition[i]`. All numbers are float32. */
export type Tree = Readonly<{
  left: readonly number[]; right: readonly number[]; feature: readonly number[];
  /** Threshold of a split: smaller goes left; or the value of a leaf. */
  condition: readonly number[];
  /** Where NaN goes. */
  defaultLeft: readonly boolean[];
  /** Sum of hessians. */
  cover: readonly number[]; gain: readonly number[]; parent: readonly number[];
}>;
export type Objective = 'binary:logistic' | 'reg:squarederror';
export type Forest = Readonly<{ objective: Objective; baseScore: number; featureNames: readonly string[]; trees: readonly Tree[] }>;

/** Side of a split a row takes: float32, smaller goes left, equal right, missing to its default. */
export const goesLeft = ({ feature, condition, defaultLeft }: Tree, node: number, features: ArrayLike<number>): boolean => {
  const value = Math.fround(features[feature[node] ?? 0] ?? Number.NaN);
  return Number.isNaN(value) ? defaultLeft[node] === true : value < (condition[node] ?? 0);
};

/** Leaf a row falls into. @param features NaN where missing */
export const leafOf = (tree: Tree, features: ArrayLike<number>): number => {
  let node = 0;
  for (let next = tree.left[node] ?? -1; next >= 0; next = tree.left[node] ?? -1) node = goesLeft(tree, node, features) ? next : tree.right[node] ?? next;
  return node;
};

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

/** Leaf a row falls into. @param features NaN where missing */
export const leafOf = ({ left, right, feature, condition, defaultLeft }: Tree, features: ArrayLike<number>): number => {
  let node = 0;
  for (let next = left[node] ?? -1; next >= 0; next = left[node] ?? -1) {
    const value = Math.fround(features[feature[node] ?? 0] ?? Number.NaN);
    const goesLeft = Number.isNaN(value) ? defaultLeft[node] === true : value < (condition[node] ?? 0);
    node = goesLeft ? next : right[node] ?? next;
  }
  return node;
};

import { leafOf, type Forest } from './tree.ts';

const logit = (probability: number): number => Math.log(probability / (1 - probability));

/**
 * Prediction of one row, in float32 as XGBoost computes it: base margin, plus one leaf a tree in order, then the link.
 *
 * @param features in the model's order, NaN where missing
 * @throws RangeError when their number is not the model's
 * @see XGBoost 1.7, `base_score` is a probability for binary:logistic and enters as its logit
 */
export const predict = (forest: Forest, features: ArrayLike<number>): number => {
  if (features.length !== forest.featureNames.length) throw new RangeError(`got ${features.length} features, want ${forest.featureNames.length}`);
  let margin = Math.fround(forest.objective === 'binary:logistic' ? logit(forest.baseScore) : forest.baseScore);
  for (const tree of forest.trees) margin = Math.fround(margin + Math.fround(tree.condition[leafOf(tree, features)] ?? 0));
  return forest.objective === 'binary:logistic' ? Math.fround(1 / (1 + Math.fround(Math.exp(-margin)))) : margin;
};

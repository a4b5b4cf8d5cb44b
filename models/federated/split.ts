import { binCountOf, type Bins } from './bins.ts';
import type { Plan } from './plan.ts';

export type Split = Readonly<{ feature: number; splitBin: number; defaultLeft: boolean; gain: number }>;

/** How splits are judged: purity of a set of rows, larger is better, and whether it is heavy enough for a child. */
export type Criterion = Readonly<{ score: (first: number, second: number) => number; isHeavy: (first: number, second: number) => boolean; weight: (first: number, second: number) => number; leastGain: number }>;

/** A split must gain more than rounding does. */
const LEAST_GAIN = 1e-9;

/** Gini impurity as n₀²/n + n₁²/n. @see Breiman et al. 1984, Classification and Regression Trees, section 4.3 */
const gini = ({ minimumLeaf }: Plan): Criterion => ({
  score: (weight, ones) => (weight === 0 ? 0 : (ones * ones + (weight - ones) * (weight - ones)) / weight),
  isHeavy: (weight) => weight >= minimumLeaf, weight: (weight) => weight, leastGain: LEAST_GAIN,
});

/** G²/(H + λ). @see Chen, Guestrin 2016, KDD, equation 7 */
const newton = ({ minimumLeaf, regularisation }: Plan): Criterion => ({
  score: (gradient, hessian) => (gradient === 0 ? 0 : (gradient * gradient) / (hessian + regularisation)),
  isHeavy: (_, hessian) => hessian >= minimumLeaf && hessian > 0, weight: (_, hessian) => hessian, leastGain: LEAST_GAIN,
});

/** Value of a leaf: −η G/(H + λ), as a float32. @see Chen, Guestrin 2016, KDD, equation 5 */
export const stepOf = ({ learningRate, regularisation }: Plan, gradient: number, hessian: number): number => (gradient === 0 ? 0 : Math.fround((-learningRate * gradient) / (hessian + regularisation)));

export const criterionOf = (plan: Plan): Criterion => (plan.method === 'forest' ? gini(plan) : newton(plan));

/**
 * Best threshold of one feature, or undefined when none gains. Missing values, of which nothing is foreseen, go with the heavier child. Of equal gains the first stays, so that a re-run is the same.
 *
 * @param cells two sums of each bin of the feature, as they are expected in a node
 */
export const bestSplit = (cells: ArrayLike<number>, feature: number, bins: Bins, { score, isHeavy, weight, leastGain }: Criterion): Split | undefined => {
  const total = { first: 0, second: 0 };
  for (let bin = 0; bin < binCountOf(bins); bin += 1) {
    total.first += cells[2 * bin] ?? 0;
    total.second += cells[2 * bin + 1] ?? 0;
  }
  const whole = score(total.first, total.second);
  let best: Split | undefined;
  let [first, second] = [0, 0];
  for (let splitBin = 1; splitBin <= bins.edges.length; splitBin += 1) {
    const [one, other] = [cells[2 * splitBin - 2] ?? 0, cells[2 * splitBin - 1] ?? 0];
    // Nothing lies between this threshold and the one before, which stays.
    if (one === 0 && other === 0) continue;
    first += one;
    second += other;
    const [rightFirst, rightSecond] = [total.first - first, total.second - second];
    if (!isHeavy(first, second) || !isHeavy(rightFirst, rightSecond)) continue;
    const gain = score(first, second) + score(rightFirst, rightSecond) - whole;
    if (gain > (best?.gain ?? leastGain)) best = { feature, splitBin, defaultLeft: weight(first, second) >= weight(rightFirst, rightSecond), gain };
  }
  return best;
};

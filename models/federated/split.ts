import { binCountOf, type Bins } from './bins.ts';
import { GRADIENT_SCALE } from './gradients.ts';
import type { OpenNode } from './level.ts';
import type { Plan } from './plan.ts';

/** Two sums over rows; see `Growing`. */
export type Sums = Readonly<{ first: number; second: number }>;
export type Split = Readonly<{ feature: number; splitBin: number; defaultLeft: boolean; gain: number; left: Sums; right: Sums }>;

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
  score: (gradient, hessian) => { const g = gradient / GRADIENT_SCALE; return (g * g) / (hessian / GRADIENT_SCALE + regularisation); },
  isHeavy: (_, hessian) => hessian >= minimumLeaf * GRADIENT_SCALE && hessian > 0, weight: (_, hessian) => hessian, leastGain: LEAST_GAIN,
});

export const criterionOf = (plan: Plan): Criterion => (plan.method === 'forest' ? gini(plan) : newton(plan));

const totalOf = (sums: ArrayLike<number>, start: number, bins: number): Sums => {
  let [first, second] = [0, 0];
  for (let bin = 0; bin < bins; bin += 1) {
    first += sums[start + 2 * bin] ?? 0;
    second += sums[start + 2 * bin + 1] ?? 0;
  }
  return { first, second };
};

type Candidate = Readonly<{ gain: number; splitBin: number; defaultLeft: boolean; left: Sums }>;
type Feature = Readonly<{ start: number; known: number; missing: Sums | undefined }>;

/**
 * Best threshold of one feature. Missing values are tried on both sides and go where they gain more, so they may be split from all others; where the node has none,
 * a later one goes with the heavier child. Of equal gains the first stays, so that a re-run is the same.
 */
const bestOfFeature = (sums: ArrayLike<number>, { start, known, missing }: Feature, total: Sums, criterion: Criterion): Candidate | undefined => {
  const whole = criterion.score(total.first, total.second);
  let best: Candidate | undefined;
  let [first, second] = [0, 0];
  const hasMissing = missing !== undefined && criterion.weight(missing.first, missing.second) > 0;
  const consider = (splitBin: number, leftFirst: number, leftSecond: number, defaultLeft: boolean | undefined): void => {
    const [rightFirst, rightSecond] = [total.first - leftFirst, total.second - leftSecond];
    if (!criterion.isHeavy(leftFirst, leftSecond) || !criterion.isHeavy(rightFirst, rightSecond)) return;
    const gain = criterion.score(leftFirst, leftSecond) + criterion.score(rightFirst, rightSecond) - whole;
    if (gain <= (best?.gain ?? criterion.leastGain)) return;
    best = { gain, splitBin, defaultLeft: defaultLeft ?? criterion.weight(leftFirst, leftSecond) >= criterion.weight(rightFirst, rightSecond), left: { first: leftFirst, second: leftSecond } };
  };
  for (let splitBin = 1; splitBin <= known; splitBin += 1) {
    const at = start + 2 * (splitBin - 1);
    first += sums[at] ?? 0;
    second += sums[at + 1] ?? 0;
    if (hasMissing) {
      consider(splitBin, first, second, false);
      if (splitBin < known) consider(splitBin, first + missing.first, second + missing.second, true);
    } else if (splitBin < known) consider(splitBin, first, second, undefined);
  }
  return best;
};

/** Sums over all rows of a node, from any of its features. */
export const totalOfNode = (sums: ArrayLike<number>, node: OpenNode, bins: readonly Bins[]): Sums => {
  const own = bins[node.features[0] ?? -1];
  return own === undefined ? { first: 0, second: 0 } : totalOf(sums, node.start, binCountOf(own));
};

/** Best split of an open node over the features drawn for it, or undefined when none gains. */
export const bestSplit = (sums: ArrayLike<number>, node: OpenNode, bins: readonly Bins[], criterion: Criterion): Split | undefined => {
  const total = totalOfNode(sums, node, bins);
  let best: Split | undefined;
  let start = node.start;
  for (const feature of node.features) {
    const own = bins[feature];
    if (own === undefined) break;
    const known = own.edges.length + 1;
    const missing = own.isMissing ? totalOf(sums, start + 2 * known, 1) : undefined;
    const found = bestOfFeature(sums, { start, known, missing }, total, criterion);
    if (found !== undefined && found.gain > (best?.gain ?? 0)) {
      best = { feature, ...found, right: { first: total.first - found.left.first, second: total.second - found.left.second } };
    }
    start += 2 * binCountOf(own);
  }
  return best;
};

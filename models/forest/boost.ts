import { leafOf, type Forest, type Tree } from './tree.ts';
import { LEAF_PARENT } from './xgboost-json.ts';

export type BoostOptions = Readonly<{ treeCount: number; depth: number; learningRate: number; minimumCover: number; regularisation: number }>;
/** A split must gain more than rounding does. */
const LEAST_GAIN = 1e-9;
type Growing = { left: number[]; right: number[]; feature: number[]; condition: number[]; defaultLeft: boolean[]; cover: number[]; gain: number[]; parent: number[] };
type Rows = Readonly<{ features: readonly (readonly number[])[]; gradients: Float64Array; hessians: Float64Array }>;
type Split = Readonly<{ feature: number; condition: number; gain: number; defaultLeft: boolean; left: readonly number[]; right: readonly number[] }>;

const sumOver = (rows: readonly number[], values: Float64Array): number => rows.reduce((sum, row) => sum + (values[row] ?? 0), 0);
const score = (gradient: number, hessian: number, { regularisation }: BoostOptions): number => gradient ** 2 / (hessian + regularisation);

const valueAt = ({ features }: Rows, row: number, feature: number): number => Math.fround(features[row]?.[feature] ?? Number.NaN);

type Sums = Readonly<{ gradient: number; hessian: number }>;
type Candidate = Readonly<{ gain: number; at: number; defaultLeft: boolean }>;

const sumsOver = (rows: Rows, members: readonly number[]): Sums => ({ gradient: sumOver(members, rows.gradients), hessian: sumOver(members, rows.hessians) });

/** Gain of a threshold with the missing values on one side, or undefined when a side is too small. */
const gainOf = (whole: Sums, left: Sums, options: BoostOptions): number | undefined => {
  const right = { gradient: whole.gradient - left.gradient, hessian: whole.hessian - left.hessian };
  if (left.hessian < options.minimumCover || right.hessian < options.minimumCover) return undefined;
  return score(left.gradient, left.hessian, options) + score(right.gradient, right.hessian, options) - score(whole.gradient, whole.hessian, options);
};

const bestCandidate = (rows: Rows, known: readonly number[], sums: Readonly<{ whole: Sums; missing: Sums }>, feature: number, options: BoostOptions): Candidate | undefined => {
  let best: Candidate | undefined;
  let [gradient, hessian] = [0, 0];
  const sides = sums.missing.hessian === 0 ? [false] : [false, true];
  for (const [before, row] of known.slice(0, -1).entries()) {
    gradient += rows.gradients[row] ?? 0;
    hessian += rows.hessians[row] ?? 0;
    const at = before + 1;
    if (valueAt(rows, row, feature) === valueAt(rows, known[at] ?? 0, feature)) continue;
    for (const defaultLeft of sides) {
      const left = defaultLeft ? { gradient: gradient + sums.missing.gradient, hessian: hessian + sums.missing.hessian } : { gradient, hessian };
      const gain = gainOf(sums.whole, left, options);
      if (gain !== undefined && gain > (best?.gain ?? LEAST_GAIN)) best = { gain, at, defaultLeft };
    }
  }
  return best;
};

/** Best threshold of one feature: between neighbours in value, missing values sent where they help more. Ties keep the first, so that a re-run is the same. */
const bestOfFeature = (rows: Rows, members: readonly number[], feature: number, options: BoostOptions): Split | undefined => {
  const known = members.filter((row) => !Number.isNaN(valueAt(rows, row, feature))).toSorted((a, b) => valueAt(rows, a, feature) - valueAt(rows, b, feature) || a - b);
  const missing = members.filter((row) => Number.isNaN(valueAt(rows, row, feature)));
  const best = bestCandidate(rows, known, { whole: sumsOver(rows, members), missing: sumsOver(rows, missing) }, feature, options);
  if (best === undefined) return undefined;
  const { at, defaultLeft, gain } = best;
  return { feature, condition: valueAt(rows, known[at] ?? 0, feature), gain, defaultLeft, left: [...known.slice(0, at), ...(defaultLeft ? missing : [])], right: [...known.slice(at), ...(defaultLeft ? [] : missing)] };
};

const addNode = (tree: Growing, parent: number): number => {
  for (const list of [tree.left, tree.right]) list.push(-1);
  for (const list of [tree.feature, tree.condition, tree.cover, tree.gain]) list.push(0);
  tree.defaultLeft.push(false);
  tree.parent.push(parent);
  return tree.left.length - 1;
};

type Place = Readonly<{ node: number; members: readonly number[]; depth: number }>;

const growNode = (tree: Growing, { node, members, depth }: Place, rows: Rows, options: BoostOptions): void => {
  const [gradient, hessian] = [sumOver(members, rows.gradients), sumOver(members, rows.hessians)];
  tree.cover[node] = Math.fround(hessian);
  const featureCount = rows.features[0]?.length ?? 0;
  const candidates = depth === 0 ? [] : Array.from({ length: featureCount }, (_, feature) => bestOfFeature(rows, members, feature, options)).filter((split) => split !== undefined);
  const [first] = candidates;
  if (first === undefined) {
    tree.condition[node] = Math.fround((-options.learningRate * gradient) / (hessian + options.regularisation));
    return;
  }
  const split = candidates.reduce((best, each) => (each.gain > best.gain ? each : best), first);
  tree.feature[node] = split.feature;
  tree.condition[node] = split.condition;
  tree.gain[node] = Math.fround(split.gain);
  tree.defaultLeft[node] = split.defaultLeft;
  const [left, right] = [addNode(tree, node), addNode(tree, node)];
  tree.left[node] = left;
  tree.right[node] = right;
  growNode(tree, { node: left, members: split.left, depth: depth - 1 }, rows, options);
  growNode(tree, { node: right, members: split.right, depth: depth - 1 }, rows, options);
};

const growTree = (rows: Rows, options: BoostOptions): Tree => {
  const tree: Growing = { left: [], right: [], feature: [], condition: [], defaultLeft: [], cover: [], gain: [], parent: [] };
  growNode(tree, { node: addNode(tree, LEAF_PARENT), members: rows.features.map((_, row) => row), depth: options.depth }, rows, options);
  return tree;
};

const requireUsable = (features: readonly (readonly number[])[], labels: readonly number[], names: readonly string[]): void => {
  if (features.length === 0 || features.length !== labels.length) throw new RangeError(`got ${features.length} rows and ${labels.length} labels, want as many of each, and at least one`);
  if (features.some((row) => row.length !== names.length)) throw new RangeError(`want ${names.length} features in every row`);
  if (labels.some((label) => label !== 0 && label !== 1)) throw new RangeError('labels: want 0 or 1');
};

/**
 * Gradient boosting of binary labels by the logistic loss, exact splits, no randomness.
 *
 * @param features rows × features, NaN where missing
 * @param labels   0 or 1
 * @throws RangeError for rows of other shapes
 * @see Friedman 2001, Annals of Statistics 29(5); Chen, Guestrin 2016, KDD, equations 6 and 7
 */
export const boost = (features: readonly (readonly number[])[], labels: readonly number[], featureNames: readonly string[], options: BoostOptions): Forest => {
  requireUsable(features, labels, featureNames);
  const margins = new Float64Array(features.length);
  const trees: Tree[] = [];
  for (let round = 0; round < options.treeCount; round += 1) {
    const gradients = new Float64Array(features.length);
    const hessians = new Float64Array(features.length);
    margins.forEach((margin, row) => {
      const probability = 1 / (1 + Math.exp(-margin));
      gradients[row] = probability - (labels[row] ?? 0);
      hessians[row] = probability * (1 - probability);
    });
    const tree = growTree({ features, gradients, hessians }, options);
    trees.push(tree);
    features.forEach((row, i) => { margins[i] = (margins[i] ?? 0) + (tree.condition[leafOf(tree, row)] ?? 0); });
  }
  return { objective: 'binary:logistic', baseScore: 0.5, featureNames, trees };
};

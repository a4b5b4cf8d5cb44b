import { leafOf, type Forest, type Tree } from './tree.ts';
import { LEAF_PARENT } from './xgboost-json.ts';

export type BoostOptions = Readonly<{ treeCount: number; depth: number; learningRate: number; minimumCover: number; regularisation: number }>;
type Growing = { left: number[]; right: number[]; feature: number[]; condition: number[]; defaultLeft: boolean[]; cover: number[]; gain: number[]; parent: number[] };
type Rows = Readonly<{ features: readonly (readonly number[])[]; gradients: Float64Array; hessians: Float64Array }>;
type Split = Readonly<{ feature: number; condition: number; gain: number; defaultLeft: boolean; left: readonly number[]; right: readonly number[] }>;

const sumOver = (rows: readonly number[], values: Float64Array): number => rows.reduce((sum, row) => sum + (values[row] ?? 0), 0);
const score = (gradient: number, hessian: number, { regularisation }: BoostOptions): number => gradient ** 2 / (hessian + regularisation);

const valueAt = ({ features }: Rows, row: number, feature: number): number => Math.fround(features[row]?.[feature] ?? Number.NaN);

/** Best threshold of one feature: between neighbours in value, missing values sent where they help more. Ties keep the first, so that a re-run is the same. */
const bestOfFeature = (rows: Rows, members: readonly number[], feature: number, options: BoostOptions): Split | undefined => {
  const known = members.filter((row) => !Number.isNaN(valueAt(rows, row, feature))).toSorted((a, b) => valueAt(rows, a, feature) - valueAt(rows, b, feature) || a - b);
  const missing = members.filter((row) => Number.isNaN(valueAt(rows, row, feature)));
  const [gradient, hessian] = [sumOver(members, rows.gradients), sumOver(members, rows.hessians)];
  const [missingGradient, missingHessian] = [sumOver(missing, rows.gradients), sumOver(missing, rows.hessians)];
  const whole = score(gradient, hessian, options);
  let best: Readonly<{ gain: number; at: number; defaultLeft: boolean }> | undefined;
  let leftGradient = 0;
  let leftHessian = 0;
  for (let at = 1; at < known.length; at += 1) {
    leftGradient += rows.gradients[known[at - 1] ?? 0] ?? 0;
    leftHessian += rows.hessians[known[at - 1] ?? 0] ?? 0;
    if (valueAt(rows, known[at - 1] ?? 0, feature) === valueAt(rows, known[at] ?? 0, feature)) continue;
    for (const defaultLeft of missing.length === 0 ? [false] : [false, true]) {
      const [g, h] = defaultLeft ? [leftGradient + missingGradient, leftHessian + missingHessian] : [leftGradient, leftHessian];
      if (h < options.minimumCover || hessian - h < options.minimumCover) continue;
      const gain = score(g, h, options) + score(gradient - g, hessian - h, options) - whole;
      if (gain > (best?.gain ?? 1e-9)) best = { gain, at, defaultLeft };
    }
  }
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

const growNode = (tree: Growing, node: number, rows: Rows, members: readonly number[], depth: number, options: BoostOptions): void => {
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
  growNode(tree, left, rows, split.left, depth - 1, options);
  growNode(tree, right, rows, split.right, depth - 1, options);
};

const growTree = (rows: Rows, options: BoostOptions): Tree => {
  const tree: Growing = { left: [], right: [], feature: [], condition: [], defaultLeft: [], cover: [], gain: [], parent: [] };
  growNode(tree, addNode(tree, LEAF_PARENT), rows, rows.features.map((_, row) => row), options.depth, options);
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

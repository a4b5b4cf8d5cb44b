import { leafOf, type Forest, type Tree } from './tree.ts';
import { LEAF_PARENT } from './xgboost-json.ts';

export type BoostOptions = Readonly<{ treeCount: number; depth: number; learningRate: number; minimumCover: number; regularisation: number }>;
/** A split must gain more than rounding does. */
const LEAST_GAIN = 1e-9;
type Growing = { left: number[]; right: number[]; feature: number[]; condition: number[]; defaultLeft: boolean[]; cover: number[]; gain: number[]; parent: number[] };
/** Values by feature, as float32, and what the loss asks of each row. */
type Rows = Readonly<{ values: readonly Float32Array[]; gradients: Float64Array; hessians: Float64Array }>;
/** Rows of a node: all of them, and by feature those that have a value in order of it (ties in order of rows), sorted once for all trees. */
type Members = Readonly<{ all: Int32Array; ordered: readonly Int32Array[] }>;
type Place = Readonly<{ node: number; members: Members; depth: number }>;

const score = (gradient: number, hessian: number, { regularisation }: BoostOptions): number => gradient ** 2 / (hessian + regularisation);

const columnsOf = (features: readonly (readonly number[])[], featureCount: number): readonly Float32Array[] => Array.from({ length: featureCount }, (_, feature) => Float32Array.from(features, (row) => row[feature] ?? Number.NaN));
const membersOf = (values: readonly Float32Array[], count: number): Members => ({
  all: Int32Array.from({ length: count }, (_, row) => row),
  ordered: values.map((column) => Int32Array.from(column.keys()).filter((row) => !Number.isNaN(column[row])).sort((a, b) => (column[a] ?? 0) - (column[b] ?? 0) || a - b)),
});

type Sums = Readonly<{ gradient: number; hessian: number }>;
/** `at`: how many of the rows that have the value are below the threshold. */
type Candidate = Readonly<{ feature: number; gain: number; at: number; defaultLeft: boolean }>;

const sumsOver = ({ gradients, hessians }: Rows, members: Int32Array): Sums => {
  let [gradient, hessian] = [0, 0];
  for (const row of members) {
    gradient += gradients[row] ?? 0;
    hessian += hessians[row] ?? 0;
  }
  return { gradient, hessian };
};

/** Rows of a node that have no value of a feature. */
const missingIn = ({ values }: Rows, { all, ordered }: Members, feature: number): Int32Array => {
  const column = values[feature];
  return ordered[feature]?.length === all.length ? new Int32Array() : all.filter((row) => Number.isNaN(column?.[row] ?? Number.NaN));
};

/** Gain of a threshold by what is below it, missing values counted in; none when a side is too small. @param before score of the node as it is */
const gainOf = (whole: Sums, before: number, gradient: number, hessian: number, options: BoostOptions): number => {
  const other = whole.hessian - hessian;
  if (hessian < options.minimumCover || other < options.minimumCover) return -Infinity;
  return score(gradient, hessian, options) + score(whole.gradient - gradient, other, options) - before;
};

/** Best threshold of one feature: between neighbours in value, missing values sent where they help more. Ties keep the first, so that a re-run is the same. */
const bestOfFeature = (rows: Rows, members: Members, { feature, whole }: Readonly<{ feature: number; whole: Sums }>, options: BoostOptions): Candidate | undefined => {
  const { gradients, hessians } = rows;
  const [column, known, missing] = [rows.values[feature], members.ordered[feature], sumsOver(rows, missingIn(rows, members, feature))];
  if (column === undefined || known === undefined) return undefined;
  const [sides, before] = [missing.hessian === 0 ? 1 : 2, score(whole.gradient, whole.hessian, options)];
  let [bestGain, bestAt, bestLeft] = [LEAST_GAIN, 0, false];
  let [below, weight] = [0, 0];
  for (let at = 1; at < known.length; at += 1) {
    const row = known[at - 1] ?? 0;
    below += gradients[row] ?? 0;
    weight += hessians[row] ?? 0;
    if (column[row] === column[known[at] ?? 0]) continue;
    for (let side = 0; side < sides; side += 1) {
      const gain = gainOf(whole, before, side === 0 ? below : below + missing.gradient, side === 0 ? weight : weight + missing.hessian, options);
      if (gain > bestGain) [bestGain, bestAt, bestLeft] = [gain, at, side === 1];
    }
  }
  return bestAt === 0 ? undefined : { feature, gain: bestGain, at: bestAt, defaultLeft: bestLeft };
};

const joined = (a: Int32Array, b: Int32Array): Int32Array => {
  const both = new Int32Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
};

/** Rows of one side and of the other, each in the order they had. */
const parted = (rows: Int32Array, isLeft: Uint8Array): readonly [Int32Array, Int32Array] => {
  const [low, high] = [new Int32Array(rows.length), new Int32Array(rows.length)];
  let [below, above] = [0, 0];
  for (let i = 0; i < rows.length; i += 1) {
    const row = rows[i] ?? 0;
    if (isLeft[row] === 1) {
      low[below] = row;
      below += 1;
    } else {
      high[above] = row;
      above += 1;
    }
  }
  return [low.subarray(0, below), high.subarray(0, above)];
};

/** Rows on both sides of a split. The order by each feature is the node's own, taken apart; leaves need none. */
const sidesOf = (rows: Rows, { all, ordered }: Members, { feature, at, defaultLeft }: Candidate, areLeaves: boolean): readonly [Members, Members] => {
  const [known, missing] = [ordered[feature] ?? new Int32Array(), missingIn(rows, { all, ordered }, feature)];
  const [below, above, none] = [known.subarray(0, at), known.subarray(at), new Int32Array()];
  const [left, right] = [joined(below, defaultLeft ? missing : none), joined(above, defaultLeft ? none : missing)];
  const isLeft = new Uint8Array(rows.gradients.length);
  for (const row of left) isLeft[row] = 1;
  const parts = areLeaves ? [] : ordered.map((each) => parted(each, isLeft));
  return [{ all: left, ordered: parts.map(([low]) => low) }, { all: right, ordered: parts.map(([, high]) => high) }];
};

const addNode = (tree: Growing, parent: number): number => {
  for (const list of [tree.left, tree.right]) list.push(-1);
  for (const list of [tree.feature, tree.condition, tree.cover, tree.gain]) list.push(0);
  tree.defaultLeft.push(false);
  tree.parent.push(parent);
  return tree.left.length - 1;
};

const growNode = (tree: Growing, { node, members, depth }: Place, rows: Rows, options: BoostOptions): void => {
  const whole = sumsOver(rows, members.all);
  const { gradient, hessian } = whole;
  tree.cover[node] = Math.fround(hessian);
  const candidates = depth === 0 ? [] : rows.values.map((_, feature) => bestOfFeature(rows, members, { feature, whole }, options)).filter((candidate) => candidate !== undefined);
  const [first] = candidates;
  if (first === undefined) {
    tree.condition[node] = Math.fround((-options.learningRate * gradient) / (hessian + options.regularisation));
    return;
  }
  const split = candidates.reduce((best, each) => (each.gain > best.gain ? each : best), first);
  tree.feature[node] = split.feature;
  tree.condition[node] = rows.values[split.feature]?.[members.ordered[split.feature]?.[split.at] ?? 0] ?? Number.NaN;
  tree.gain[node] = Math.fround(split.gain);
  tree.defaultLeft[node] = split.defaultLeft;
  const [left, right] = [addNode(tree, node), addNode(tree, node)];
  tree.left[node] = left;
  tree.right[node] = right;
  const [low, high] = sidesOf(rows, members, split, depth === 1);
  growNode(tree, { node: left, members: low, depth: depth - 1 }, rows, options);
  growNode(tree, { node: right, members: high, depth: depth - 1 }, rows, options);
};

const growTree = (rows: Rows, members: Members, options: BoostOptions): Tree => {
  const tree: Growing = { left: [], right: [], feature: [], condition: [], defaultLeft: [], cover: [], gain: [], parent: [] };
  growNode(tree, { node: addNode(tree, LEAF_PARENT), members, depth: options.depth }, rows, options);
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
  const values = columnsOf(features, featureNames.length);
  const members = membersOf(values, features.length);
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
    const tree = growTree({ values, gradients, hessians }, members, options);
    trees.push(tree);
    features.forEach((row, i) => { margins[i] = (margins[i] ?? 0) + (tree.condition[leafOf(tree, row)] ?? 0); });
  }
  return { objective: 'binary:logistic', baseScore: 0.5, featureNames, trees };
};

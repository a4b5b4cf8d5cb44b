import { leafOf, type Forest, type Tree } from './tree.ts';
import { LEAF_PARENT } from './xgboost-json.ts';

export type BoostOptions = Readonly<{ treeCount: number; depth: number; learningRate: number; minimumCover: number; regularisation: number }>;
/** A split must gain more than rounding does. */
const LEAST_GAIN = 1e-9;
type Growing = { left: number[]; right: number[]; feature: number[]; condition: number[]; defaultLeft: boolean[]; cover: number[]; gain: number[]; parent: number[] };
/** Values by feature, as float32, with the rows that have one in order of it (ties in order of rows): sorted once for all trees. */
type Columns = Readonly<{ count: number; values: readonly Float32Array[]; order: readonly Int32Array[] }>;
type Rows = Columns & Readonly<{ gradients: Float64Array; hessians: Float64Array }>;
type Split = Readonly<{ feature: number; condition: number; gain: number; defaultLeft: boolean; left: readonly number[]; right: readonly number[] }>;

const sumOver = (rows: readonly number[], values: Float64Array): number => rows.reduce((sum, row) => sum + (values[row] ?? 0), 0);
const score = (gradient: number, hessian: number, { regularisation }: BoostOptions): number => gradient ** 2 / (hessian + regularisation);

const valueAt = ({ values }: Columns, row: number, feature: number): number => values[feature]?.[row] ?? Number.NaN;

const columnsOf = (features: readonly (readonly number[])[], featureCount: number): Columns => {
  const values = Array.from({ length: featureCount }, (_, feature) => Float32Array.from(features, (row) => row[feature] ?? Number.NaN));
  const order = values.map((column) => Int32Array.from(column.keys()).filter((row) => !Number.isNaN(column[row])).sort((a, b) => (column[a] ?? 0) - (column[b] ?? 0) || a - b));
  return { count: features.length, values, order };
};

type Sums = Readonly<{ gradient: number; hessian: number }>;
/** `at`: how many of the rows that have the value are below the threshold. */
type Candidate = Readonly<{ feature: number; gain: number; at: number; defaultLeft: boolean }>;

const sumsOver = (rows: Rows, members: readonly number[]): Sums => ({ gradient: sumOver(members, rows.gradients), hessian: sumOver(members, rows.hessians) });

/** `isMember`: 1 for the rows of the node. */
type Place = Readonly<{ node: number; members: readonly number[]; isMember: Uint8Array; depth: number }>;
const placeOf = (count: number, node: number, members: readonly number[], depth: number): Place => {
  const isMember = new Uint8Array(count);
  for (const row of members) isMember[row] = 1;
  return { node, members, isMember, depth };
};

/** Gain of a threshold with the missing values on one side; none when a side is too small. */
const gainOf = (whole: Sums, gradient: number, hessian: number, options: BoostOptions): number => {
  const [otherGradient, otherHessian] = [whole.gradient - gradient, whole.hessian - hessian];
  if (hessian < options.minimumCover || otherHessian < options.minimumCover) return -Infinity;
  return score(gradient, hessian, options) + score(otherGradient, otherHessian, options) - score(whole.gradient, whole.hessian, options);
};

/** Rows of a node that have a value of a feature, in order of it. */
const knownIn = ({ order }: Columns, { isMember }: Place, feature: number): readonly number[] => {
  const known: number[] = [];
  for (const row of order[feature] ?? []) if (isMember[row] === 1) known.push(row);
  return known;
};

const missingIn = (rows: Columns, { members }: Place, feature: number): readonly number[] => members.filter((row) => Number.isNaN(valueAt(rows, row, feature)));

/** Best threshold of one feature: between neighbours in value, missing values sent where they help more. Ties keep the first, so that a re-run is the same. */
const bestOfFeature = (rows: Rows, place: Place, { feature, whole }: Readonly<{ feature: number; whole: Sums }>, options: BoostOptions): Candidate | undefined => {
  const [known, missing] = [knownIn(rows, place, feature), sumsOver(rows, missingIn(rows, place, feature))];
  const column = rows.values[feature];
  const sides = missing.hessian === 0 ? 1 : 2;
  let [bestGain, bestAt, bestLeft] = [LEAST_GAIN, 0, false];
  let [gradient, hessian] = [0, 0];
  for (let at = 1; at < known.length; at += 1) {
    const row = known[at - 1] ?? 0;
    gradient += rows.gradients[row] ?? 0;
    hessian += rows.hessians[row] ?? 0;
    if (column?.[row] === column?.[known[at] ?? 0]) continue;
    for (let side = 0; side < sides; side += 1) {
      const gain = gainOf(whole, side === 0 ? gradient : gradient + missing.gradient, side === 0 ? hessian : hessian + missing.hessian, options);
      if (gain > bestGain) [bestGain, bestAt, bestLeft] = [gain, at, side === 1];
    }
  }
  return bestAt === 0 ? undefined : { feature, gain: bestGain, at: bestAt, defaultLeft: bestLeft };
};

const splitOf = (rows: Rows, place: Place, { feature, gain, at, defaultLeft }: Candidate): Split => {
  const [known, missing] = [knownIn(rows, place, feature), missingIn(rows, place, feature)];
  return { feature, condition: valueAt(rows, known[at] ?? 0, feature), gain, defaultLeft, left: [...known.slice(0, at), ...(defaultLeft ? missing : [])], right: [...known.slice(at), ...(defaultLeft ? [] : missing)] };
};

const addNode = (tree: Growing, parent: number): number => {
  for (const list of [tree.left, tree.right]) list.push(-1);
  for (const list of [tree.feature, tree.condition, tree.cover, tree.gain]) list.push(0);
  tree.defaultLeft.push(false);
  tree.parent.push(parent);
  return tree.left.length - 1;
};

const growNode = (tree: Growing, place: Place, rows: Rows, options: BoostOptions): void => {
  const { node, members, depth } = place;
  const whole = sumsOver(rows, members);
  const { gradient, hessian } = whole;
  tree.cover[node] = Math.fround(hessian);
  const candidates = depth === 0 ? [] : rows.values.map((_, feature) => bestOfFeature(rows, place, { feature, whole }, options)).filter((candidate) => candidate !== undefined);
  const [first] = candidates;
  if (first === undefined) {
    tree.condition[node] = Math.fround((-options.learningRate * gradient) / (hessian + options.regularisation));
    return;
  }
  const split = splitOf(rows, place, candidates.reduce((best, each) => (each.gain > best.gain ? each : best), first));
  tree.feature[node] = split.feature;
  tree.condition[node] = split.condition;
  tree.gain[node] = Math.fround(split.gain);
  tree.defaultLeft[node] = split.defaultLeft;
  const [left, right] = [addNode(tree, node), addNode(tree, node)];
  tree.left[node] = left;
  tree.right[node] = right;
  growNode(tree, placeOf(rows.count, left, split.left, depth - 1), rows, options);
  growNode(tree, placeOf(rows.count, right, split.right, depth - 1), rows, options);
};

const growTree = (rows: Rows, options: BoostOptions): Tree => {
  const tree: Growing = { left: [], right: [], feature: [], condition: [], defaultLeft: [], cover: [], gain: [], parent: [] };
  growNode(tree, placeOf(rows.count, addNode(tree, LEAF_PARENT), Array.from({ length: rows.count }, (_, row) => row), options.depth), rows, options);
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
  const columns = columnsOf(features, featureNames.length);
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
    const tree = growTree({ ...columns, gradients, hessians }, options);
    trees.push(tree);
    features.forEach((row, i) => { margins[i] = (margins[i] ?? 0) + (tree.condition[leafOf(tree, row)] ?? 0); });
  }
  return { objective: 'binary:logistic', baseScore: 0.5, featureNames, trees };
};

import { createHash, createHmac } from 'node:crypto';
import { DomainError } from '../../../shared/errors.ts';
import { leafOf, type Forest, type Tree } from '../../forest/tree.ts';
import { LEAF_PARENT } from '../../forest/xgboost-json.ts';
import { drawKeysOf, type Rows } from '../rows.ts';
import { laplaceShare, SecretStream } from './noise.ts';

/** A forest whose splits see no data. Ranges of the features are public: from the specification of the process, never from the rows. */
export type PrivatePlan = Readonly<{
  features: readonly Readonly<{ name: string; low: number; high: number }>[]; label: string; seed: number; treeCount: number; depth: number;
  /** Privacy loss of one row, in millionths of ε. */
  microEpsilon: number;
}>;

const MICRO = 1_000_000;
/** Below the least ε a share of noise takes too many steps to draw; and such a model would be noise. */
export const PRIVATE_LIMITS = { trees: 200, depth: 8, leastMicroEpsilon: MICRO / 100, mostMicroEpsilon: 100 * MICRO } as const;

/** @throws DomainError `training-plan-malformed` */
export const requirePrivatePlan = ({ features, treeCount, depth, microEpsilon }: PrivatePlan): void => {
  const refuse = (field: string, want: string): never => { throw new DomainError('training-plan-malformed', `${field}: want ${want}`, { field }); };
  const { trees, depth: deepest, leastMicroEpsilon, mostMicroEpsilon } = PRIVATE_LIMITS;
  if (features.length === 0) refuse('features', 'at least one');
  const wrong = features.find(({ low, high }) => !(Number.isFinite(low) && Number.isFinite(high) && low < high));
  if (wrong !== undefined) refuse(wrong.name, `a range, got ${wrong.low} to ${wrong.high}`);
  if (!Number.isInteger(treeCount) || treeCount < 1 || treeCount > trees) refuse('treeCount', `a whole number from 1 to ${trees}, got ${treeCount}`);
  if (!Number.isInteger(depth) || depth < 1 || depth > deepest) refuse('depth', `a whole number from 1 to ${deepest}, got ${depth}`);
  if (!Number.isInteger(microEpsilon) || microEpsilon < leastMicroEpsilon || microEpsilon > mostMicroEpsilon) refuse('microEpsilon', `a whole number from ${leastMicroEpsilon} to ${mostMicroEpsilon}, got ${microEpsilon}`);
};

/** Three uniform numbers in [0, 1) for a place in a tree, from the public seed. */
const drawsAt = (seed: number, tree: number, place: number): readonly [number, number, number] => {
  const digest = createHash('sha256').update(`bedside/private/${seed}/${tree}/${place}`).digest();
  return [digest.readUInt32BE(0) / 2 ** 32, digest.readUInt32BE(4) / 2 ** 32, digest.readUInt32BE(8) / 2 ** 32];
};

/** Complete tree of random splits, breadth first: node i has children 2i + 1 and 2i + 2. A threshold lies within what its ancestors left of the range. */
export const randomTree = ({ features, seed, depth }: PrivatePlan, tree: number): Tree => {
  const inner = 2 ** depth - 1;
  const nodes = Array.from({ length: 2 * inner + 1 }, (_, node) => node);
  const [feature, condition, defaultLeft]: [number[], number[], boolean[]] = [[], [], []];
  const ranges: (readonly (readonly [number, number])[])[] = [features.map(({ low, high }) => [low, high])];
  for (let node = 0; node < inner; node += 1) {
    const [which, where, side] = drawsAt(seed, tree, node);
    const chosen = Math.floor(which * features.length);
    const own = ranges[node] ?? [];
    const [low, high] = own[chosen] ?? [0, 1];
    const threshold = Math.fround(low + where * (high - low));
    feature.push(chosen);
    condition.push(threshold);
    defaultLeft.push(side < 0.5);
    ranges[2 * node + 1] = own.with(chosen, [low, threshold]);
    ranges[2 * node + 2] = own.with(chosen, [threshold, high]);
  }
  const padded = <T>(values: readonly T[], value: T): T[] => nodes.map((node) => values[node] ?? value);
  return {
    left: nodes.map((node) => (node < inner ? 2 * node + 1 : -1)), right: nodes.map((node) => (node < inner ? 2 * node + 2 : -1)), feature: padded(feature, 0), condition: padded(condition, 0),
    defaultLeft: padded(defaultLeft, false), cover: nodes.map(() => 0), gain: nodes.map(() => 0), parent: nodes.map((node) => (node === 0 ? LEAF_PARENT : (node - 1) >> 1)),
  };
};

/** The one tree a row counts in, so that it changes one count by one: its privacy loss is ε, whatever the number of trees. */
const treeOf = ({ seed, treeCount }: PrivatePlan, key: string): number => createHmac('sha256', `bedside/private/${seed}`).update(key).digest().readUIntBE(0, 6) % treeCount;

/** How many whole numbers a site answers with: trees × leaves × 2 labels. */
export const leafWidth = ({ treeCount, depth }: Pick<PrivatePlan, 'treeCount' | 'depth'>): number => treeCount * 2 ** depth * 2;

/** Rows by tree, leaf and label, as they are. A row adds one to one of the numbers. @throws DomainError `training-data-malformed` for rows without draw keys */
export const countLeaves = (plan: PrivatePlan, rows: Pick<Rows, 'drawKeys' | 'columns' | 'labels'>): Int32Array => {
  requirePrivatePlan(plan);
  const { columns, labels } = rows;
  const leaves = 2 ** plan.depth;
  const counts = new Int32Array(leafWidth(plan));
  const trees = Array.from({ length: plan.treeCount }, (_, tree) => randomTree(plan, tree));
  drawKeysOf(rows).forEach((key, row) => {
    const tree = treeOf(plan, key);
    const splits = trees[tree];
    if (splits === undefined) return;
    const leaf = leafOf(splits, columns.map((column) => column[row] ?? Number.NaN)) - (leaves - 1);
    const at = 2 * (tree * leaves + leaf) + (labels[row] ?? 0);
    counts[at] = (counts[at] ?? 0) + 1;
  });
  return counts;
};

/** Who adds the noise: each of `parts` sites a share, from 32 secret bytes that it uses for nothing else. One part is the whole noise. */
export type NoiseShare = Readonly<{ key: Uint8Array; parts: number }>;

/**
 * Counts with one site's share of noise. The sum of `parts` such answers is ε-private for a row of any of them, whatever is added to it; nothing is cut off, since a sum that wraps round is still made of the sum alone.
 *
 * @returns whole numbers that may be negative
 * @see Ghosh, Roughgarden, Sundararajan 2012, SIAM J. Comput. 41(6), for the sum; `laplaceShare` for the parts; Jagannathan, Pillaipakkamnatt, Wright 2012, Trans. Data Privacy 5(1), for the trees
 */
export const withNoise = ({ microEpsilon }: Pick<PrivatePlan, 'microEpsilon'>, counts: ArrayLike<number>, { key, parts }: NoiseShare): Float64Array => {
  const stream = new SecretStream(key);
  const epsilon = { numerator: microEpsilon, denominator: MICRO };
  return Float64Array.from(counts, (count) => count + laplaceShare(stream, epsilon, parts));
};

const SMOOTHING = 0.5;

/** The model from the sum of all sites' answers. A leaf says (n₁ + ½)/(n + 1), counts below 0 taken as 0. */
export const privateForest = (plan: PrivatePlan, sum: ArrayLike<number>): Forest => {
  requirePrivatePlan(plan);
  const leaves = 2 ** plan.depth;
  if (sum.length !== leafWidth(plan)) throw new DomainError('training-round-malformed', `sum: got ${sum.length} counts, want ${leafWidth(plan)}`);
  const trees = Array.from({ length: plan.treeCount }, (_, index) => {
    const tree = randomTree(plan, index);
    const [condition, cover] = [[...tree.condition], tree.cover.map(() => 0)];
    for (let node = 2 * leaves - 2; node >= 0; node -= 1) {
      if (node < leaves - 1) { cover[node] = (cover[2 * node + 1] ?? 0) + (cover[2 * node + 2] ?? 0); continue; }
      const at = 2 * (index * leaves + node - (leaves - 1));
      const [zeros, ones] = [Math.max(0, sum[at] ?? 0), Math.max(0, sum[at + 1] ?? 0)];
      cover[node] = zeros + ones + 2 * SMOOTHING;
      condition[node] = Math.fround((ones + SMOOTHING) / (zeros + ones + 2 * SMOOTHING) / plan.treeCount);
    }
    return { ...tree, condition, cover };
  });
  return { objective: 'reg:squarederror', baseScore: 0, featureNames: plan.features.map(({ name }) => name), trees };
};

import { join } from 'node:path';
import { binCountOf, binRows, type Bins } from '../../models/federated/bins.ts';
import { Cohort } from '../../models/federated/cohort.ts';
import { bootstrapWeights } from '../../models/federated/draws.ts';
import { GRADIENT_SCALE, gradientsOf } from '../../models/federated/gradients.ts';
import { rangesTo, type Left } from '../../models/federated/growing.ts';
import { levelOf } from '../../models/federated/level.ts';
import type { Plan } from '../../models/federated/plan.ts';
import { drawKeysOf, type Rows } from '../../models/federated/rows.ts';
import { advance, beginRun, type Question } from '../../models/federated/run.ts';
import { leafOf, type Forest, type Tree } from '../../models/forest/tree.ts';
import { readTrainOptions } from '../../scripts/federated/options.ts';
import { featuresIn, sitesOf } from '../../scripts/federated/partition.ts';
import { readTable } from '../../scripts/federated/table.ts';
import { planFrom } from '../../scripts/federated/train.ts';

type Level = Extract<Question, { type: 'level' }>;
/** What was asked of everybody, with the sum over the sites that are attacked. */
export type Seen = Readonly<{ question: Question; sum: Float64Array }>;
/** The same of rounds that asked about trees. */
export const levelsOf = (seen: readonly Seen[]): readonly (Seen & Readonly<{ question: Level }>)[] => seen.flatMap(({ question, sum }) => (question.type === 'level' ? [{ question, sum }] : []));

const FIXTURES = join(import.meta.dirname, '..', 'fixtures');
export type Federation = Readonly<{ plan: Plan; sites: readonly Rows[] }>;

const federationOf = (file: string, label: string, more: readonly string[]): Federation => {
  const options = readTrainOptions(['--data', join(FIXTURES, file), '--label', label, '--out', '-', ...more]);
  const table = readTable(options.data);
  const features = featuresIn(table, options);
  const sites = sitesOf(table, options, features);
  return { plan: planFrom(options, features, sites), sites: sites.map(({ rows }) => rows) };
};

/** A training over the four hospitals of the heart data with the options of the command. */
export const heart = (...more: readonly string[]): Federation => federationOf(join('heart', 'train.csv'), 'label', ['--site', 'site', ...more]);
/** The same over four stretches of chemical manufacturing, with 57 sensors that now and then gave nothing, or a zero. */
export const chemical = (...more: readonly string[]): Federation => federationOf(join('chemical-manufacturing', 'batches.csv'), 'Yield', ['--threshold', '40', '--partition', '4', ...more]);

/** Play a run as coordinator and a curious site see it, who take the site's own part away from each sum. */
export const observe = (plan: Plan, curious: Rows, others: readonly Rows[]): Readonly<{ seen: readonly Seen[]; forest: Forest }> => {
  const [own, ...honest] = [curious, ...others].map((rows) => new Cohort(plan, rows));
  const seen: Seen[] = [];
  let run = beginRun(plan);
  while (run.question !== undefined) {
    const { question } = run;
    const answers = honest.map((cohort) => cohort.answer(question));
    const sum = Float64Array.from(answers[0]!, (_, i) => answers.reduce((total, each) => total + each[i]!, 0));
    seen.push({ question, sum });
    const known = own!.answer(question);
    run = advance(run, sum.map((value, i) => value + known[i]!));
  }
  return { seen, forest: run.forest! };
};

/** For each feature, 1 for each bin it may have; absent where it may have any. */
export type Where = ReadonlyMap<number, Uint8Array>;
/** What is known of a node: the way there, the weight of each label, and how it lies in the bins of some features, or of none. */
export type Fact = Readonly<{ where: Where; weights: readonly [number, number]; cells: readonly Readonly<{ feature: number; byLabel: readonly [readonly number[], readonly number[]] }>[] }>;
/** A row an attacker is sure is there. */
type Claim = Readonly<{ label: 0 | 1; where: Where }>;

const whereOf = (ranges: ReadonlyMap<number, Left>, bins: readonly Bins[]): Where => new Map([...ranges].map(([feature, { low, high, mayBeMissing }]) =>
  [feature, Uint8Array.from({ length: binCountOf(bins[feature]!) }, (_, bin) => ((bin > bins[feature]!.edges.length ? mayBeMissing : bin >= low && bin < high) ? 1 : 0))]));

/** Of a forest, from the sums of its levels. */
export const factsFromSums = (seen: readonly Seen[]): readonly Fact[] => levelsOf(seen).flatMap(({ question: { bins, growing, stand }, sum }) => levelOf(growing, stand).nodes.map(({ slot, start }): Fact =>
  ({ where: whereOf(rangesTo(growing, slot, bins), bins), weights: [sum[start]! - sum[start + 1]!, sum[start + 1]!], cells: [] })));

/** A node and those above it, up to the root. */
const wayTo = (tree: Tree, node: number): readonly number[] => (node === 0 ? [0] : [node, ...wayTo(tree, tree.parent[node]!)]);

/** What a tree of the model says of its nodes: splits, covers and values of leaves make weights of both labels at each of them. `own` is taken away. @param countsAt weights of both labels in a leaf */
const factsOfTree = (tree: Tree, countsAt: (leaf: number) => readonly [number, number], bins: readonly Bins[], own: Rows, weightOf: (row: number) => number): readonly Fact[] => {
  const [zeros, ones] = [tree.left.map(() => 0), tree.left.map(() => 0)];
  const count = (leaf: number, label: number, weight: number): void => { for (const node of wayTo(tree, leaf)) (label === 1 ? ones : zeros)[node]! += weight; };
  tree.left.forEach((left, leaf) => {
    if (left >= 0) return;
    countsAt(leaf).forEach((weight, label) => { count(leaf, label, weight); });
  });
  own.keys.forEach((_, row) => { count(leafOf(tree, own.columns.map((column) => column[row]!)), own.labels[row]!, -weightOf(row)); });
  return tree.left.map((_, node): Fact => {
    const ranges = new Map<number, Left>();
    for (const below of wayTo(tree, node).slice(0, -1)) {
      const above = tree.parent[below]!;
      const feature = tree.feature[above]!;
      const edges = bins[feature]!.edges;
      const at = edges.filter((edge) => edge < tree.condition[above]!).length + 1;
      const { low, high, mayBeMissing } = ranges.get(feature) ?? { low: 0, high: edges.length + 1, mayBeMissing: bins[feature]!.isMissing };
      const isLeft = tree.left[above] === below;
      ranges.set(feature, { low: isLeft ? low : Math.max(low, at), high: isLeft ? Math.min(high, at) : high, mayBeMissing: mayBeMissing && tree.defaultLeft[above] === isLeft });
    }
    return { where: whereOf(ranges, bins), weights: [zeros[node]!, ones[node]!], cells: [] };
  });
};

/**
 * Of a boosting. In the first tree all rows have the same chance, so that its leaves count them. In a later one a row of label 0 adds to a leaf's gradient and one of label 1 takes away, less than 1 each: as many rows at least lie there. What the rows of `own` add is taken away first, whose margins the model says.
 */
const factsOfBoosting = ({ learningRate, regularisation }: Plan, forest: Forest, bins: readonly Bins[], own: Rows): readonly (readonly Fact[])[] => {
  const lines = own.keys.map((_, row) => own.columns.map((column) => column[row]!));
  const margins = new Float32Array(lines.length);
  return forest.trees.map((tree, t) => {
    const leaves = lines.map((line) => leafOf(tree, line));
    const { gradients, hessians } = gradientsOf(margins, own.labels);
    leaves.forEach((leaf, row) => { margins[row] = Math.fround(margins[row]! + tree.condition[leaf]!); });
    const ofOwn = (of: ArrayLike<number>, leaf: number): number => leaves.reduce((sum, each, row) => sum + (each === leaf ? of[row]! : 0), 0);
    return factsOfTree(tree, (leaf) => {
      const gradient = Math.round((-tree.condition[leaf]! * (tree.cover[leaf]! + regularisation) * GRADIENT_SCALE) / learningRate) - ofOwn(gradients, leaf);
      const rows = (4 * (tree.cover[leaf]! * GRADIENT_SCALE - ofOwn(hessians, leaf))) / GRADIENT_SCALE;
      const more = gradient / GRADIENT_SCALE;
      return t === 0 ? [rows / 2 + more, rows / 2 - more] : [Math.max(0, Math.ceil(more)), Math.max(0, Math.ceil(-more))];
    }, bins, own, () => 0);
  });
};

/** The same from the finished model, by the same curious site. The edges of bins are given to the attacker, which is more than the model shows. */
export const factsFromModel = (plan: Plan, forest: Forest, bins: readonly Bins[], own: Rows): readonly (readonly Fact[])[] => {
  if (plan.method === 'boosting') return factsOfBoosting(plan, forest, bins, own);
  const weights = bootstrapWeights(plan.seed, drawKeysOf(own), plan.treeCount);
  return forest.trees.map((tree, t) => factsOfTree(tree, (leaf) => {
    const ones = Math.round(tree.condition[leaf]! * plan.treeCount * tree.cover[leaf]!);
    return [tree.cover[leaf]! - ones, ones];
  }, bins, own, (row) => weights[row * plan.treeCount + t]!));
};

/** How rows of each label lie over the bins of some features, one by one. */
export type Cells = Fact['cells'];

/**
 * What a node of a tree and counts of single features tell together: a row of the node has one of the bins that the way there leaves and that are not empty, and of a weight of which less lies in all other such bins one row has this. @param mostOf weight of what `cells` count once, at most
 */
export const linkedTo = (facts: readonly Fact[], cells: Cells, mostOf: number): readonly Fact[] => (cells.length === 0 ? [] : facts.map((fact) => ({
  ...fact, cells: cells.map(({ feature, byLabel: [zeros, ones] }) => {
    const within = (counts: readonly number[]): readonly number[] => counts.map((count, bin) => (fact.where.get(feature)?.[bin] === 0 ? 0 : count * mostOf));
    return { feature, byLabel: [within(zeros), within(ones)] as const };
  }),
})));

/** Claims of one node and label at most: where many bins of many features are seen the rest say little more. */
const CLAIMS_AT_MOST = 3000;

type Choice = Readonly<{ bins: Uint8Array; missed: number }>;
/** Sets of bins a row may be claimed to lie in: all that are not empty, each alone, and where they are few all but one. `missed` is the weight that lies in none of them. */
const choicesOf = (counts: readonly number[], within: Uint8Array | undefined): readonly Choice[] => {
  const full = counts.flatMap((count, bin) => (count > 0 && within?.[bin] !== 0 ? [bin] : []));
  const total = counts.reduce((a, b) => a + b, 0);
  const of = (chosen: readonly number[]): Choice => ({ bins: Uint8Array.from(counts, (_, bin) => (chosen.includes(bin) ? 1 : 0)), missed: total - chosen.reduce((sum, bin) => sum + counts[bin]!, 0) });
  return [of(full), ...(full.length > 1 ? full.map((bin) => of([bin])) : []), ...(full.length > 2 && full.length <= 4 ? full.map((bin) => of(full.filter((each) => each !== bin))) : [])];
};

/**
 * Every row that must be there by one node: of a weight w of a label, w less all that is missed lies in the chosen bins of all features at once (Bonferroni, Fréchet), so that a row does while that is above 0.
 */
const claimsAt = ({ where, weights, cells }: Fact, label: 0 | 1): readonly Claim[] => {
  if (weights[label] <= 0) return [];
  const choices = cells.map(({ feature, byLabel }) => choicesOf(byLabel[label], where.get(feature)));
  const claims: Claim[] = [];
  const choose = (i: number, chosen: Where, slack: number): void => {
    if (claims.length >= CLAIMS_AT_MOST) return;
    if (i === cells.length) { claims.push({ label, where: chosen }); return; }
    for (const { bins, missed } of choices[i]!) if (missed < slack) choose(i + 1, new Map(chosen).set(cells[i]!.feature, bins), slack - missed);
  };
  choose(0, where, weights[label]);
  return claims;
};

/** For each row, over the claims that it alone fits: most features of which the bin is given away, and of which some bin is excluded. */
export type Singled = Readonly<{ pinned: number; narrowed: number }>;

/** Rows in bins. */
export const inBins = (site: Rows, bins: readonly Bins[]): readonly Readonly<{ label: number; bins: Uint8Array }>[] => {
  const [binned, width] = [binRows(site, bins), site.features.length];
  return site.keys.map((_, row) => ({ label: site.labels[row]!, bins: binned.subarray(row * width, (row + 1) * width) }));
};

/**
 * What the rows of `sites` lose to an attacker with these facts, who knows the rows of `own` and which bins anybody's value lies in: of a feature that is 0 or 1 it is known that it is.
 *
 * @returns and how many claims no row fits: 0, for an attacker who does not guess
 */
export const singledOut = (facts: readonly Fact[], own: Rows, sites: readonly Rows[], bins: readonly Bins[]): Readonly<{ rows: readonly Singled[]; claims: number; wrong: number }> => {
  const rows = sites.flatMap((site) => inBins(site, bins));
  const everybody = [...inBins(own, bins), ...rows];
  const occupied = bins.map((each, feature) => Uint8Array.from({ length: binCountOf(each) }, (_, bin) => (everybody.some((row) => row.bins[feature] === bin) ? 1 : 0)));
  const left = (feature: number, own: Uint8Array | undefined): number => occupied[feature]!.reduce((sum, each, bin) => sum + (each === 1 && own?.[bin] !== 0 ? 1 : 0), 0);
  const most = rows.map(() => ({ pinned: 0, narrowed: 0 }));
  let [claims, wrong] = [0, 0];
  for (const { label, where } of facts.flatMap((fact) => ([0, 1] as const).flatMap((each) => claimsAt(fact, each)))) {
    claims += 1;
    const limits = [...where];
    const fitting = rows.flatMap((row, i) => (row.label === label && limits.every(([feature, own]) => own[row.bins[feature]!] === 1) ? [i] : []));
    if (fitting.length === 0) wrong += 1;
    if (fitting.length !== 1) continue;
    const row = most[fitting[0]!]!;
    row.pinned = Math.max(row.pinned, limits.filter(([feature, own]) => left(feature, own) === 1).length);
    row.narrowed = Math.max(row.narrowed, limits.filter(([feature, own]) => left(feature, own) < left(feature, undefined)).length);
  }
  return { rows: most, claims, wrong };
};

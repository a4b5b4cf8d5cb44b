import { join } from 'node:path';
import { binCountOf, binRows, type Bins } from '../../models/federated/bins.ts';
import { Cohort } from '../../models/federated/cohort.ts';
import type { Growing } from '../../models/federated/growing.ts';
import { levelOf, type OpenNode } from '../../models/federated/level.ts';
import type { Plan } from '../../models/federated/plan.ts';
import type { Rows } from '../../models/federated/rows.ts';
import { advance, beginRun, type Question } from '../../models/federated/run.ts';
import type { Forest, Tree } from '../../models/forest/tree.ts';
import { readTrainOptions } from '../../scripts/federated/options.ts';
import { featuresIn, sitesOf } from '../../scripts/federated/partition.ts';
import { readTable } from '../../scripts/federated/table.ts';
import { planFrom } from '../../scripts/federated/train.ts';

/** A record an attacker believes to be there: its label, and the bins it has, by feature. */
type Claim = Readonly<{ label: 0 | 1; pins: ReadonlyMap<number, number> }>;
type Level = Extract<Question, { type: 'level' }>;
/** What was asked of everybody, with the sum over the sites that are attacked. */
type Seen = Readonly<{ question: Level; sum: Float64Array }>;

/** A forest over the four hospitals of the heart data with the options of the command. */
export const heart = (): Readonly<{ plan: Plan; sites: readonly Rows[] }> => {
  const folder = join(import.meta.dirname, '..', 'fixtures', 'heart');
  const options = readTrainOptions(['--data', join(folder, 'train.csv'), '--label', 'label', '--site', 'site', '--out', '-']);
  const table = readTable(options.data);
  const features = featuresIn(table, options);
  const sites = sitesOf(table, options, features);
  return { plan: planFrom(options, features, sites), sites: sites.map(({ rows }) => rows) };
};

/** Play a run as coordinator and a curious site see it, who take the site's own part away from each sum. */
export const observe = (plan: Plan, sites: readonly Rows[]): Readonly<{ seen: readonly Seen[]; forest: Forest }> => {
  const [curious, ...honest] = sites.map((rows) => new Cohort(plan, rows));
  const seen: Seen[] = [];
  let run = beginRun(plan);
  while (run.question !== undefined) {
    const { question } = run;
    const others = honest.map((cohort) => cohort.answer(question));
    const sum = Float64Array.from(others[0]!, (_, i) => others.reduce((total, each) => total + each[i]!, 0));
    if (question.type === 'level') seen.push({ question, sum });
    const own = curious!.answer(question);
    run = advance(run, sum.map((value, i) => value + own[i]!));
  }
  return { seen, forest: run.forest! };
};

type Range = Readonly<{ low: number; high: number }>;
const pinned = (ranges: ReadonlyMap<number, Range>): Map<number, number> => new Map([...ranges].flatMap(([feature, { low, high }]) => (high - low === 1 ? [[feature, low] as const] : [])));

/** Bins of features that the way to a place leaves open. */
const rangesTo = ({ slots, feature, splitBin, defaultLeft }: Growing, { tree, place }: OpenNode, bins: readonly Bins[]): Map<number, Range> => {
  const ranges = new Map<number, Range>();
  for (let node = place; node > 1; node = Math.floor(node / 2)) {
    const slot = tree * slots + Math.floor(node / 2);
    const split = feature[slot]!;
    const { low, high } = ranges.get(split) ?? { low: 0, high: bins[split]!.edges.length + 1 };
    const isLeft = node % 2 === 0;
    const mayBeMissing = bins[split]!.isMissing && (defaultLeft[slot] === 1) === isLeft;
    if (!mayBeMissing) ranges.set(split, isLeft ? { low, high: Math.min(high, splitBin[slot]!) } : { low: Math.max(low, splitBin[slot]!), high });
  }
  return ranges;
};

/** A label that lies in one cell of every drawn feature: whoever has it there has all those bins at once. */
const claimsAtNode = ({ question: { bins, growing }, sum }: Seen, node: OpenNode): readonly Claim[] => ([0, 1] as const).flatMap((label): readonly Claim[] => {
  const pins = pinned(rangesTo(growing, node, bins));
  let start = node.start;
  for (const feature of node.features) {
    const count = binCountOf(bins[feature]!);
    const cells = Array.from({ length: count }, (_, bin) => bin).filter((bin) => (label === 1 ? sum[start + 2 * bin + 1]! : sum[start + 2 * bin]! - sum[start + 2 * bin + 1]!) > 0);
    if (cells.length !== 1) return [];
    pins.set(feature, cells[0]!);
    start += 2 * count;
  }
  return [{ label, pins }];
});

export const claimsFromSums = (plan: Plan, seen: readonly Seen[]): readonly Claim[] => seen.flatMap((each) => {
  const { bins, growing, stand } = each.question;
  return levelOf(plan, bins, growing, stand).nodes.flatMap((node) => claimsAtNode(each, node));
});

const claimsOfTree = (tree: Tree, treeCount: number, bins: readonly Bins[]): readonly Claim[] => tree.left.flatMap((left, leaf): readonly Claim[] => {
  const share = tree.condition[leaf]! * treeCount;
  if (left >= 0 || tree.cover[leaf] === 0) return [];
  const ranges = new Map<number, Range>();
  for (let node = leaf; tree.parent[node]! < tree.parent.length; node = tree.parent[node]!) {
    const parent = tree.parent[node]!;
    const feature = tree.feature[parent]!;
    const at = bins[feature]!.edges.filter((edge) => edge < tree.condition[parent]!).length + 1;
    const { low, high } = ranges.get(feature) ?? { low: 0, high: bins[feature]!.edges.length + 1 };
    const isLeft = tree.left[parent] === node;
    if (!(bins[feature]!.isMissing && tree.defaultLeft[parent] === isLeft)) ranges.set(feature, isLeft ? { low, high: Math.min(high, at) } : { low: Math.max(low, at), high });
  }
  const pins = pinned(ranges);
  return ([0, 1] as const).filter((label) => (label === 1 ? share > 0.001 : share < 0.999)).map((label) => ({ label, pins }));
});

/** The same from the finished model: what the way to a leaf says of the rows that came there. The edges of bins are given to the attacker, which is more than the model shows. */
export const claimsFromModel = (forest: Forest, bins: readonly Bins[]): readonly Claim[] => forest.trees.flatMap((tree) => claimsOfTree(tree, forest.trees.length, bins));

/** For each row, the most bins any claim gives away that it alone fits: 0 for one no claim singles out. */
export const pinnedOfRows = (claims: readonly Claim[], sites: readonly Rows[], bins: readonly Bins[]): readonly number[] => {
  const rows = sites.flatMap((site) => {
    const [binned, width] = [binRows(site, bins), site.features.length];
    return site.keys.map((_, row) => ({ label: site.labels[row]!, bins: binned.subarray(row * width, (row + 1) * width) }));
  });
  const most = rows.map(() => 0);
  for (const { label, pins } of claims) {
    const fitting = rows.flatMap((row, i) => (row.label === label && [...pins].every(([feature, bin]) => row.bins[feature] === bin) ? [i] : []));
    if (fitting.length === 1) most[fitting[0]!] = Math.max(most[fitting[0]!]!, pins.size);
  }
  return most;
};

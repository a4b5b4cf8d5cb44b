import { binCountOf, countFine, type Bins } from '../../models/federated/bins.ts';
import { DISTANCE_LIMIT, distanceOf } from '../../models/federated/classes.ts';
import type { Rows } from '../../models/federated/rows.ts';
import { SCALE_WIDTH, STEP_LIMIT, stepsOf } from '../../models/federated/scale.ts';
import { inBins, type Cells, type Seen, type Singled } from './reconstruction.ts';

/** Whole numbers of which count and sum are known, and the sum of what a convex function makes of each: of squares, or of sizes. */
export type Moments = Readonly<{ count: number; sum: number; made: number; by: (value: number) => number }>;
export const square = (value: number): number => value * value;

/** Doubles round. */
const TOLERANCE = 1e-12;

/** Where the chord of a convex function from `low` to `high` lies at the mean, times the count. */
const chordAt = ({ count, sum, by }: Moments, low: number, high: number): number => (low === high ? by(low) * count : by(low) * count + ((by(high) - by(low)) / (high - low)) * (sum - low * count));

/**
 * Whether so many numbers out of `support` can have these moments: the means lie then in the hull of the points (u, f(u)), above the chords of neighbours and below that of the ends. It takes parts of a row for possible, so it
 * may find possible what is not; what it finds impossible is.
 *
 * @param support rising
 */
export const isPossible = (support: readonly number[], moments: Moments): boolean => {
  const { count, sum, made } = moments;
  if (count === 0) return true;
  const [first, last] = [support[0], support.at(-1)];
  if (first === undefined || last === undefined || sum < first * count || sum > last * count) return false;
  const slack = TOLERANCE * Math.max(1, made);
  return made <= chordAt(moments, first, last) + slack && support.every((low, i) => made >= chordAt(moments, low, support[i + 1] ?? low) - slack || sum < low * count || sum > (support[i + 1] ?? low) * count);
};

/** What is known of the rows of one label, or of all, in one feature: moments of a whole number made of each value. */
type Known = Readonly<{ feature: number; label: 0 | 1 | undefined; of: (value: number) => number; moments: Moments }>;

/** From the two rounds before trees of foreseen splits. */
const knownFrom = (seen: readonly Seen[]): readonly Known[] => seen.flatMap(({ question, sum }, round): readonly Known[] => {
  const count = seen[0]!.sum;
  const [zeros, ones] = [count.at(-2)!, count.at(-1)!];
  if (question.type === 'scale') {
    return Array.from({ length: (sum.length - 2) / SCALE_WIDTH }, (_, feature) => ({ feature, label: undefined, of: stepsOf, moments: { count: sum[3 * feature]!, sum: sum[3 * feature + 1]!, made: sum[3 * feature + 2]!, by: Math.abs } }));
  }
  if (question.type !== 'classes' || round !== 1) return [];
  return question.frames.flatMap((frame, feature) => ([0, 1] as const).map((label) => ({
    feature, label, of: (value: number) => distanceOf(value, frame), moments: { count: label === 1 ? ones : zeros, sum: sum[4 * feature + 2 * label]!, made: sum[4 * feature + 2 * label + 1]!, by: square },
  })));
});

const rising = (values: Iterable<number>): readonly number[] => [...new Set(values)].sort((a, b) => a - b);

/** Sets of values an attacker may claim that somebody has one of: each alone, and all from one on, up or down. */
const setsIn = (support: readonly number[]): readonly ReadonlySet<number>[] => support.flatMap((each, i) => [new Set([each]), new Set(support.slice(i)), new Set(support.slice(0, i + 1))]);

type Found = Readonly<{ rows: readonly Singled[]; claims: number; wrong: number }>;

/** Who is the only one that fits a claim made from moments of single features. The attacker is given every value that a feature has anywhere, the own rows of the curious site among them. */
export const singledByMoments = (seen: readonly Seen[], own: Rows, sites: readonly Rows[], bins: readonly Bins[]): Found => {
  const rows = sites.flatMap((site) => {
    const binned = inBins(site, bins);
    return site.keys.map((_, row) => ({ ...binned[row]!, values: site.columns.map((column) => column[row]!) }));
  });
  const most = rows.map(() => ({ pinned: 0, narrowed: 0 }));
  let [claims, wrong] = [0, 0];
  for (const { feature, label, of, moments } of knownFrom(seen)) {
    const everywhere = [...own.columns[feature]!, ...rows.map(({ values }) => values[feature]!)].filter((value) => label !== undefined || !Number.isNaN(value));
    const support = rising(everywhere.map(of));
    for (const set of setsIn(support)) {
      if (isPossible(support.filter((each) => !set.has(each)), moments)) continue;
      claims += 1;
      const fitting = rows.flatMap((row, i) => ((label === undefined || row.label === label) && (label !== undefined || !Number.isNaN(row.values[feature]!)) && set.has(of(row.values[feature]!)) ? [i] : []));
      if (fitting.length === 0) wrong += 1;
      if (fitting.length !== 1 || set.size === support.length) continue;
      const inBins = new Set(rows.filter((row) => set.has(of(row.values[feature]!))).map((row) => row.bins[feature]));
      most[fitting[0]!] = { pinned: Math.max(most[fitting[0]!]!.pinned, inBins.size === 1 ? 1 : 0), narrowed: 1 };
    }
  }
  return { rows: most, claims, wrong };
};

/** Binary logarithm of the number of ways in which `rows` rows may take `values` values. */
const waysLog2 = (rows: number, values: number): number => Array.from({ length: values - 1 }, (_, i) => Math.log2((rows + i + 1) / (i + 1))).reduce((sum, each) => sum + each, 0);
/** Of one feature: what sums of distances and of their squares can come to by label, and sums of positions over all rows. */
const sumsLog2 = (rows: readonly [number, number]): number => rows.reduce((sum, each) => sum + Math.log2(2 * each * DISTANCE_LIMIT) + Math.log2(each * DISTANCE_LIMIT ** 2), 0) + Math.log2(2 * (rows[0] + rows[1]) * STEP_LIMIT);

/**
 * Whether exact sums leave, as a rule, one answer to how many rows of each label take each of so many values that are known: fewer ways to take them than the sums can come to. Who finds the answer solves equations in whole
 * numbers, which is work and no secret.
 */
export const isSettled = (values: number, rows: readonly [number, number]): boolean => waysLog2(rows[0], values) + waysLog2(rows[1], values) < sumsLog2(rows);

/** Rows of each label by bin of the features whose sums leave one answer only, which the attacker is given: those of few values, a missing one among them. */
export const cellsFromMoments = (own: Rows, sites: readonly Rows[], bins: readonly Bins[]): Cells => {
  const rows = sites.flatMap((site) => { const binned = inBins(site, bins); return site.keys.map((_, row) => binned[row]!); });
  const labels = [0, 1].map((label) => rows.filter((row) => row.label === label)) as [typeof rows, typeof rows];
  return bins.flatMap((each, feature) => {
    const values = new Set([own, ...sites].flatMap(({ columns }) => [...columns[feature]!])).size;
    if (values < 2 || !isSettled(values, [labels[0].length, labels[1].length])) return [];
    const cellsOf = (ofLabel: typeof rows): readonly number[] => Array.from({ length: binCountOf(each) }, (_, bin) => ofLabel.filter((row) => row.bins[feature] === bin).length);
    return [{ feature, byLabel: [cellsOf(labels[0]), cellsOf(labels[1])] as const }];
  });
};

/** Rows that are alone in a cell of what counted splits open before the trees, whatever their label. */
export const aloneInCells = (seen: readonly Seen[], sites: readonly Rows[]): readonly Singled[] => {
  const fine = seen.find(({ question }) => question.type === 'fine');
  return sites.flatMap((site) => site.keys.map((key, row) => {
    const one: Rows = { ...site, keys: [key], drawKeys: [key], columns: site.columns.map((column) => column.slice(row, row + 1)), labels: site.labels.slice(row, row + 1) };
    const counts = fine?.question.type === 'fine' ? countFine(one, fine.question.refinements) : undefined;
    const isAlone = counts?.some((count, cell) => count > 0 && fine?.sum[cell] === 1) === true;
    return { pinned: isAlone ? 1 : 0, narrowed: isAlone ? 1 : 0 };
  }));
};

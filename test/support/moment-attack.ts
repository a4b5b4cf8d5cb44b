import { binCountOf, type Bins } from '../../models/federated/bins.ts';
import { CELL_PART, cellOf, CELLS } from '../../models/federated/cells.ts';
import { LABEL_PARTS, placeOfCells, placeOfLabel } from '../../models/federated/classes.ts';
import { distanceOf, STEPS } from '../../models/federated/distance.ts';
import { jitterDeviation, spanOf, type Part } from '../../models/federated/jitter.ts';
import type { Range } from '../../models/federated/plan.ts';
import type { Rows } from '../../models/federated/rows.ts';
import { positionOf, SCALE_PARTS, SCALE_WIDTH, type Frame } from '../../models/federated/scale.ts';
import { inBins, type Cells, type Seen, type Singled } from './reconstruction.ts';

/** Sums of whole numbers, of what a convex function makes of them, and how far off each may be by the rows' draws, for all the attacker can tell. */
export type Moments = Readonly<{ count: number; sum: number; made: number; by: (value: number) => number; doubt: Readonly<{ sum: number; made: number }> }>;
export const square = (value: number): number => value * value;

/** Doubles round. */
const TOLERANCE = 1e-12;

/** Where the chord of a convex function from `low` to `high` lies at a sum of `count` numbers between them. */
const chordAt = ({ count, by }: Moments, sum: number, low: number, high: number): number => (low === high ? by(low) * count : by(low) * count + ((by(high) - by(low)) / (high - low)) * (sum - low * count));

/** Whether the sum of what is made is not below what `sum` needs at least. */
const isAbove = (support: readonly number[], moments: Moments, sum: number): boolean => {
  const { count, made, doubt } = moments;
  const slack = TOLERANCE * Math.max(1, Math.abs(made)) + doubt.made;
  return support.every((low, i) => made >= chordAt(moments, sum, low, support[i + 1] ?? low) - slack || sum < low * count || sum > (support[i + 1] ?? low) * count);
};

const HALVINGS = 50;
/** The sum that is nearest to `to`, on the way from `from`, where it is, which is above. */
const lastAbove = (support: readonly number[], moments: Moments, from: number, to: number): number => {
  if (isAbove(support, moments, to)) return to;
  let [inside, outside] = [from, to];
  for (let i = 0; i < HALVINGS; i += 1) {
    const middle = (inside + outside) / 2;
    if (isAbove(support, moments, middle)) inside = middle; else outside = middle;
  }
  return inside;
};

/**
 * Whether so many numbers out of `support` can have these moments: the means lie then in the hull of the points (u, f(u)), above the chords of neighbours and below that of the ends, or as near as the draws let them be. It takes parts of
 * a row for possible, so it may find possible what is not; what it finds impossible is, unless the draws are larger than the attacker took them for.
 *
 * @param support rising
 */
export const isPossible = (support: readonly number[], moments: Moments): boolean => {
  const { count, sum, made, doubt } = moments;
  if (count === 0) return Math.abs(sum) <= doubt.sum && Math.abs(made) <= doubt.made;
  const [first, last] = [support[0], support.at(-1)];
  if (first === undefined || last === undefined) return false;
  const [from, to] = [Math.max(sum - doubt.sum, first * count), Math.min(sum + doubt.sum, last * count)];
  if (from > to) return false;
  // Sums above the lower chords are an interval about the one that needs least; of these the ends have most room below the chord from first to last.
  const least = support.reduce((best, value) => (moments.by(value) < moments.by(best) ? value : best)) * count;
  const middle = Math.max(from, Math.min(to, least));
  if (!isAbove(support, moments, middle)) return false;
  const slack = TOLERANCE * Math.max(1, Math.abs(made)) + doubt.made;
  return [middle, from, to].some((end) => made <= chordAt(moments, lastAbove(support, moments, middle, end), first, last) + slack);
};

/** What is known of the rows of one label, or of all, in one feature: moments of a whole number made of each value. */
type Known = Readonly<{ feature: number; label: 0 | 1 | undefined; of: (value: number) => number; moments: Moments }>;

/** Standard deviations that draws are taken to be off at most: one sum in fifteen thousand is further off, and an attacker holds thousands of nodes against hundreds of them. */
const SURE = 4;
const doubtOf = (count: number, part: Part, sure: number): number => sure * jitterDeviation(count) * spanOf(part);

/** What a value adds to a cell of its feature. */
const inCell = (value: number, frame: Frame, cell: number): number => (!Number.isNaN(value) && frame.unit > 0 && cellOf(distanceOf(value, frame)) === cell ? STEPS : 0);

/** From the two rounds before trees of foreseen splits. */
const knownFrom = (seen: readonly Seen[], ranges: readonly Range[], sure: number): readonly Known[] => seen.flatMap(({ question, sum }): readonly Known[] => {
  const [zeros, ones] = [seen[0]!.sum.at(-2)!, seen[0]!.sum.at(-1)!];
  if (question.type === 'scale') {
    const [, positions, squares] = SCALE_PARTS;
    return ranges.map((range, feature) => ({
      feature, label: undefined, of: (value: number) => (Number.isNaN(value) ? 0 : positionOf(value, range)),
      moments: { count: zeros + ones, sum: sum[SCALE_WIDTH * feature + 1]!, made: sum[SCALE_WIDTH * feature + 2]!, by: square, doubt: { sum: doubtOf(zeros + ones, positions!, sure), made: doubtOf(zeros + ones, squares!, sure) } },
    }));
  }
  if (question.type !== 'classes') return [];
  const [distances, sizes] = LABEL_PARTS;
  const ofCells = question.frames.flatMap((frame, feature) => Array.from({ length: CELLS }, (_, cell): Known => {
    const [count, counted] = [zeros + ones, sum[placeOfCells(feature) + cell]!];
    const doubt = doubtOf(count, CELL_PART, sure);
    return { feature, label: undefined, of: (value: number) => inCell(value, frame, cell), moments: { count, sum: counted, made: counted, by: Math.abs, doubt: { sum: doubt, made: doubt } } };
  }));
  const ofLabels = question.frames.flatMap((frame, feature) => ([0, 1] as const).map((label): Known => {
    const [count, at] = [label === 1 ? ones : zeros, placeOfLabel(feature, label)];
    return { feature, label, of: (value: number) => distanceOf(value, frame), moments: { count, sum: sum[at]!, made: sum[at + 1]!, by: Math.abs, doubt: { sum: doubtOf(count, distances!, sure), made: doubtOf(count, sizes!, sure) } } };
  }));
  return [...ofCells, ...ofLabels];
});

const rising = (values: Iterable<number>): readonly number[] => [...new Set(values)].sort((a, b) => a - b);

/** Sets of values an attacker may claim that somebody has one of: each alone, and all from one on, up or down. */
const setsIn = (support: readonly number[]): readonly ReadonlySet<number>[] => support.flatMap((each, i) => [new Set([each]), new Set(support.slice(i)), new Set(support.slice(0, i + 1))]);

type Found = Readonly<{ rows: readonly Singled[]; claims: number; wrong: number }>;

/** Who is the only one that fits a claim made from moments of single features. The attacker is given every value that a feature has anywhere, the own rows of the curious site among them. */
export const singledByMoments = (seen: readonly Seen[], ranges: readonly Range[], own: Rows, sites: readonly Rows[], bins: readonly Bins[], sure = SURE): Found => {
  const rows = sites.flatMap((site) => {
    const binned = inBins(site, bins);
    return site.keys.map((_, row) => ({ ...binned[row]!, values: site.columns.map((column) => column[row]!) }));
  });
  const most = rows.map(() => ({ pinned: 0, narrowed: 0 }));
  let [claims, wrong] = [0, 0];
  for (const { feature, label, of, moments } of knownFrom(seen, ranges, sure)) {
    const support = rising([...own.columns[feature]!, ...rows.map(({ values }) => values[feature]!)].map(of));
    for (const set of setsIn(support)) {
      if (isPossible(support.filter((each) => !set.has(each)), moments)) continue;
      claims += 1;
      const fitting = rows.flatMap((row, i) => ((label === undefined || row.label === label) && set.has(of(row.values[feature]!)) ? [i] : []));
      if (fitting.length === 0) wrong += 1;
      if (fitting.length !== 1 || set.size === support.length) continue;
      const inBins = new Set(rows.filter((row) => set.has(of(row.values[feature]!))).map((row) => row.bins[feature]));
      most[fitting[0]!] = { pinned: Math.max(most[fitting[0]!]!.pinned, inBins.size === 1 ? 1 : 0), narrowed: 1 };
    }
  }
  return { rows: most, claims, wrong };
};

/** Rows that may have one of these values at most, for all that moments tell. */
const mostWith = (value: number, support: readonly number[], moments: Moments): number => {
  const isPossibleWith = (rows: number): boolean => isPossible(support, { ...moments, count: moments.count - rows, sum: moments.sum - rows * value, made: moments.made - rows * moments.by(value) });
  // What is possible is an interval, as of any line through a convex set; of a value that most rows have it begins high.
  const { count } = moments;
  const some = [1, ...Array.from({ length: count + 1 }, (_, rows) => count - rows)].find(isPossibleWith) ?? 0;
  let [possible, impossible] = [some, count + 1];
  while (impossible - possible > 1) {
    const middle = Math.floor((possible + impossible) / 2);
    if (isPossibleWith(middle)) possible = middle; else impossible = middle;
  }
  return possible;
};

/** Rows that have any of these values at most, by the counts of the cells they lie in. A missing value lies in none, and none in those of a feature that is not asked about. */
const mostInCells = (values: readonly number[], feature: number, seen: readonly Seen[], sure: number): number => {
  const asked = seen.find(({ question }) => question.type === 'classes');
  if (asked?.question.type !== 'classes' || values.some(Number.isNaN)) return Infinity;
  const frame = asked.question.frames[feature]!;
  if (frame.unit === 0) return Infinity;
  const doubt = doubtOf(seen[0]!.sum.at(-2)! + seen[0]!.sum.at(-1)!, CELL_PART, sure);
  const cells = new Set(values.map((value) => cellOf(distanceOf(value, frame))));
  return [...cells].reduce((most, cell) => most + Math.max(0, Math.floor((asked.sum[placeOfCells(feature) + cell]! + doubt) / STEPS)), 0);
};

/**
 * How many rows of each label lie in each bin, by every feature's sums, which is what an attacker has of these: as many as can have any one value of it, and as its cells hold at most. Where it is none, a bin is empty. Of a bin of several values it may be too few, so that this attacker claims too much rather than too little.
 */
export const cellsFromMoments = (seen: readonly Seen[], ranges: readonly Range[], own: Rows, sites: readonly Rows[], bins: readonly Bins[], sure = SURE): Cells => {
  const known = new Map(knownFrom(seen, ranges, sure).map((each) => [`${each.feature} ${each.label ?? 'both'}`, each]));
  const everybody = [own, ...sites];
  const binned = everybody.flatMap((site) => inBins(site, bins));
  return bins.flatMap((each, feature) => {
    const values = everybody.flatMap(({ columns }) => [...columns[feature]!]);
    const [zeros, ones] = ([0, 1] as const).map((label) => {
      const found = known.get(`${feature} ${label}`);
      if (found === undefined) return undefined;
      const { of, moments } = found;
      const support = rising(values.map(of));
      const most = new Map(support.map((value) => [value, mostWith(value, support, moments)]));
      const counts = Array.from({ length: binCountOf(each) }, () => 0);
      values.forEach((value, i) => {
        const bin = binned[i]!.bins[feature]!;
        counts[bin] = Math.max(counts[bin]!, most.get(of(value))!);
      });
      return counts.map((count, bin) => Math.min(count, mostInCells(values.filter((_, i) => binned[i]!.bins[feature] === bin), feature, seen, sure)));
    });
    return zeros === undefined || ones === undefined || each.edges.length === 0 ? [] : [{ feature, byLabel: [zeros, ones] as const }];
  });
};

/** The same as it would be seen by who is told the draws. */
export const toldTheDraws = (seen: readonly Seen[], ranges: readonly Range[], sites: readonly Rows[]): readonly Seen[] => seen.map(({ question, sum }) => {
  const exact = sum.slice();
  const total = (feature: number, of: (value: number) => number, label?: number): number => sites.reduce((all, { columns, labels }) => columns[feature]!.reduce((own, value, row) => own + (label === undefined || labels[row] === label ? of(value) : 0), all), 0);
  if (question.type === 'scale') {
    ranges.forEach((range, feature) => {
      const position = (value: number): number => (Number.isNaN(value) ? 0 : positionOf(value, range));
      exact.set([total(feature, (value) => (Number.isNaN(value) ? 0 : SCALE_PARTS[0]!.high)), total(feature, position), total(feature, (value) => position(value) ** 2)], SCALE_WIDTH * feature);
    });
  } else if (question.type === 'classes') {
    question.frames.forEach((frame, feature) => {
      const sums = [0, 1].flatMap((label): readonly number[] => [total(feature, (value) => distanceOf(value, frame), label), total(feature, (value) => Math.abs(distanceOf(value, frame)), label)]);
      exact.set(sums, placeOfLabel(feature, 0));
      exact.set(Array.from({ length: CELLS }, (_, cell) => total(feature, (value) => inCell(value, frame, cell))), placeOfCells(feature));
    });
  }
  return { question, sum: exact };
});

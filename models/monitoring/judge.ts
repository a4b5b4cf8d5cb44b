import { DomainError } from '../../shared/errors.ts';
import { toParts } from './moments.ts';
import type { PlaneModel } from './pca.ts';
import { apply, projectionOf, regressionOf, rowsOf, type Limits, type Projection, type Regression } from './projection.ts';
import { coursesOf, filledOf, leastOf, requireParts, type Part } from './running.ts';
import { maturityHourOf } from './trajectory.ts';

/** One variable's share: `value` as it was measured, null where it is missing; `q` is 0 but for the newest variables. Shares add up to T² and Q. */
export type Contribution = Readonly<{ variable: string; value: number | null; t2: number; q: number }>;
/** A running batch at one hour of culture. `confidence`: how many normal batches are closer, by T² or by Q, whichever says more, 0 to 1. */
export type Judgement = Readonly<{ hour: number; t2: number; q: number; limits: readonly Limits[]; confidence: number; missing: readonly string[]; contributions: readonly Contribution[] }>;
/** A batch within a window: T² and Q as they come out if the rest of it goes as expected; `atLeast`, and with it `confidence`, is what they come to at least in 95 of 100 normal batches. */
export type RunningJudgement = Judgement & Readonly<{ atLeast: Readonly<{ t2: number; q: number }> }>;

/** At least this share of what should be known by then. */
const LEAST_KNOWN = 0.5;

/** Hours at which more is known than before, ascending: hours of culture at which a batch is judged. */
export const stageHours = ({ variables }: Pick<PlaneModel, 'variables'>): readonly number[] => [...new Set(variables.map(({ name }) => maturityHourOf(name)))].sort((a, b) => a - b);

const at = (vector: ArrayLike<number> | undefined, i: number): number => vector?.[i] ?? 0;

const expectedAt = ({ variables }: PlaneModel, hour: number): Readonly<{ expected: readonly number[]; isNew: (i: number) => boolean }> => {
  const hours = variables.map(({ name }) => maturityHourOf(name));
  return { expected: variables.flatMap((_, i) => ((hours[i] ?? 0) <= hour ? [i] : [])), isNew: (i) => hours[i] === hour };
};

/** Limits of a batch that lacks nothing, for each hour at which one is judged. */
export const limitsByHour = (plane: PlaneModel): readonly Readonly<{ hour: number; limits: readonly Limits[] }>[] => {
  const correlation = rowsOf(plane);
  return stageHours(plane).map((hour) => {
    const { expected, isNew } = expectedAt(plane, hour);
    return { hour, limits: projectionOf(plane, correlation, expected, expected.filter(isNew)).limits };
  });
};

export type Judge = Readonly<{
  /**
   * @param values one a variable of the model, in its order; NaN where it is missing or still to come
   * @param hour   one of `stageHours`
   * @throws DomainError `features-incomplete` when another number of values, fewer than half of what should be known, or none of what is new
   */
  judge(values: ArrayLike<number>, hour: number): Judgement;
  /**
   * The hour a batch is on its way to, judged before it is over. With all of its windows seen to their end it is `judge`.
   *
   * @param values as of `judge`; those of the windows the batch is in are not looked at
   * @param parts  of the variables that are new at this hour, those that were measured so far
   * @throws DomainError `features-incomplete` as `judge`
   * @throws RangeError for a part that is none
   * @see docs/adr/0035-monitoring-within-a-window.md
   */
  judgeRunning(values: ArrayLike<number>, parts: readonly Part[], hour: number): RunningJudgement;
}>;
const KEPT_PROJECTIONS = 200;

const confidenceOf = (projection: Projection, { t2, q }: Readonly<{ t2: number; q: number }>): number => Math.max(projection.t2.below(t2), projection.q?.below(q) ?? 0);

/** Made once for what is known: batches that lack nothing share theirs. */
const keptOf = <Made>(): ((name: string, make: () => Made) => Made) => {
  const kept = new Map<string, Made>();
  return (name, make) => {
    const found = kept.get(name) ?? make();
    if (kept.size >= KEPT_PROJECTIONS) kept.clear();
    kept.set(name, found);
    return found;
  };
};

type Known = Readonly<{ hour: number; values: ArrayLike<number>; expected: readonly number[]; known: readonly number[]; newest: readonly number[]; isNew: (i: number) => boolean }>;

const knownAt = (plane: PlaneModel, values: ArrayLike<number>, hour: number): Known => {
  const { variables } = plane;
  if (values.length !== variables.length) throw new DomainError('features-incomplete', `values: got ${values.length}, want ${variables.length}, one a variable`);
  const { expected, isNew } = expectedAt(plane, hour);
  const known = expected.filter((i) => Number.isFinite(values[i]));
  const newest = known.filter(isNew);
  if (known.length < expected.length * LEAST_KNOWN || newest.length === 0) throw new DomainError('features-incomplete', `hour ${hour}: got ${known.length} of ${expected.length} variables, ${newest.length} of them new; want at least half, and one that is new`, { hour });
  return { hour, values, expected, known, newest, isNew };
};

/** A value as the plane takes it: off the mean, in deviations. */
const scaledOf = ({ variables, means, deviations }: PlaneModel, i: number, value: number): number => (toParts(variables[i] ?? { name: '', low: 0, high: 1 }, value) - (means[i] ?? 0)) / (deviations[i] ?? 1);

type Measured = Readonly<{ judgement: Judgement; weights: readonly number[]; residuals: readonly number[] }>;

/** @param scaled of the known variables, in their order */
const measured = ({ variables, loadings }: PlaneModel, { hour, values, expected, known, isNew }: Known, projection: Projection, scaled: readonly number[]): Measured => {
  const trimmed = loadings.map((loading) => known.reduce((sum, i, k) => sum + at(loading, i) * at(scaled, k), 0));
  const [weights, scores] = [apply(projection.inverse, trimmed), apply(projection.completion, trimmed)];
  const share = new Map(known.map((i, k) => {
    const z = at(scaled, k);
    const residual = isNew(i) ? z - loadings.reduce((sum, loading, a) => sum + (scores[a] ?? 0) * (loading[i] ?? 0), 0) : 0;
    return [i, { t2: z * loadings.reduce((sum, loading, a) => sum + (weights[a] ?? 0) * (loading[i] ?? 0), 0), q: residual * residual, residual }] as const;
  }));
  const contributions = expected.map((i): Contribution => ({ variable: variables[i]?.name ?? '', value: share.has(i) ? values[i] ?? null : null, t2: share.get(i)?.t2 ?? 0, q: share.get(i)?.q ?? 0 }));
  const [t2, q] = [Math.max(0, contributions.reduce((sum, each) => sum + each.t2, 0)), contributions.reduce((sum, each) => sum + each.q, 0)];
  const judgement = { hour, t2, q, limits: projection.limits, confidence: confidenceOf(projection, { t2, q }), missing: contributions.flatMap(({ variable, value }) => (value === null ? [variable] : [])), contributions };
  return { judgement, weights, residuals: projection.newest.map((i) => share.get(i)?.residual ?? 0) };
};

/**
 * Judges batches by one model, however far they are.
 *
 * T² is the distance of the trimmed scores within the pattern known so far; Q is the squared residual of the newest variables alone, so that a long good past does not hide a bad hour.
 * A missing value is left out and its absence is in the limits; it is never taken for zero.
 *
 * @see Nomikos, MacGregor 1995, Technometrics 37(1), sections 3 and 4: SPE of the newest interval, limits for each; Box 1954, Ann. Math. Stat. 25(2)
 */
export const judgeOf = (plane: PlaneModel): Judge => {
  const [correlation, courses] = [rowsOf(plane), coursesOf(plane)];
  const [projections, regressions] = [keptOf<Projection>(), keptOf<Regression>()];
  const projectionFor = ({ known, newest }: Known): Projection => projections(`${newest.length}:${known.join()}`, () => projectionOf(plane, correlation, known, newest));
  const scaledAt = ({ known, values }: Known): readonly number[] => known.map((i) => scaledOf(plane, i, values[i] ?? 0));
  return {
    judge: (values, hour) => {
      const all = knownAt(plane, values, hour);
      return measured(plane, all, projectionFor(all), scaledAt(all)).judgement;
    },
    judgeRunning: (values, parts, hour) => {
      requireParts(plane, parts);
      const seen = new Map(parts.map(({ place, value }) => [place, value]));
      const all = knownAt(plane, Array.from(values, (value, i) => seen.get(i) ?? value), hour);
      const past = all.known.filter((i) => !all.isNew(i));
      const before = regressions(past.join(), () => regressionOf(plane, correlation, past));
      const filled = filledOf(plane, courses, before, past.map((i) => scaledOf(plane, i, values[i] ?? 0)), parts.map((part) => ({ ...part, scaled: scaledOf(plane, part.place, part.value) })));
      const projection = projectionFor(all);
      const { judgement, ...rest } = measured(plane, all, projection, scaledAt(all).map((scaled, k) => filled.get(all.known[k] ?? -1) ?? scaled));
      const atLeast = leastOf(plane, projection, before, { ...judgement, ...rest }, parts);
      return { ...judgement, atLeast, confidence: confidenceOf(projection, atLeast) };
    },
  };
};

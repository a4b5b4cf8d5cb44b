import { DomainError } from '../../shared/errors.ts';
import { chiSquared, fisher, type Distribution } from './distributions.ts';
import { eigenpairsOf } from './jacobi.ts';
import { toParts } from './moments.ts';
import type { PlaneModel } from './pca.ts';
import { maturityHourOf } from './trajectory.ts';

export const LEVELS = [0.95, 0.99] as const;
/** What a normal batch keeps to at an hour, each with the probability of the level. */
export type Limits = Readonly<{ level: number; t2: number; q: number }>;
/** One variable's share: `value` as it was measured, null where it is missing; `q` is 0 but for the newest variables. Shares add up to T² and Q. */
export type Contribution = Readonly<{ variable: string; value: number | null; t2: number; q: number }>;
/** A running batch at one hour of culture. `confidence`: how many normal batches are closer, by T² or by Q, whichever says more, 0 to 1. */
export type Judgement = Readonly<{ hour: number; t2: number; q: number; limits: readonly Limits[]; confidence: number; missing: readonly string[]; contributions: readonly Contribution[] }>;

/** Directions in which the known variables vary less than this part of the most are left out: as many as there are variables, at first. */
const LEAST_VARIANCE = 1e-6;
/** A residual that normal batches do not have is none to judge by. */
const LEAST_RESIDUAL = 1e-9;
/** At least this share of what should be known by then. */
const LEAST_KNOWN = 0.5;

/** Hours at which more is known than before, ascending: hours of culture at which a batch is judged. */
export const stageHours = ({ variables }: Pick<PlaneModel, 'variables'>): readonly number[] => [...new Set(variables.map(({ name }) => maturityHourOf(name)))].sort((a, b) => a - b);

/** The correlation's rows, from its upper triangle. */
const rowsOf = ({ correlation, variables: { length } }: PlaneModel): readonly Float64Array[] => {
  const rows = Array.from({ length }, () => new Float64Array(length));
  let at = 0;
  for (let i = 0; i < length; i += 1) {
    for (let j = i; j < length; j += 1, at += 1) {
      rows[i]?.fill(correlation[at] ?? 0, j, j + 1);
      rows[j]?.fill(correlation[at] ?? 0, i, i + 1);
    }
  }
  return rows;
};
const at = (vector: ArrayLike<number> | undefined, i: number): number => vector?.[i] ?? 0;

const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
const apply = (matrix: readonly (readonly number[])[], vector: readonly number[]): readonly number[] => matrix.map((row) => dot(row, vector));

/** Sum over the known variables of a row, each by its weight. */
const weighted = (row: Float64Array | undefined, known: readonly number[], weights: readonly number[]): number => {
  let sum = 0;
  for (let k = 0; k < known.length; k += 1) sum += at(row, at(known, k)) * at(weights, k);
  return sum;
};

/** Pseudo-inverse of a symmetric matrix, and its rank. */
const inverseOf = (matrix: readonly (readonly number[])[]): Readonly<{ inverse: readonly (readonly number[])[]; rank: number }> => {
  const pairs = eigenpairsOf(matrix);
  const largest = Math.max(...pairs.map(({ value }) => value));
  const kept = pairs.filter(({ value }) => value > LEAST_VARIANCE * largest);
  return { rank: kept.length, inverse: matrix.map((row, i) => row.map((_, j) => kept.reduce((sum, { value, vector }) => sum + ((vector[i] ?? 0) * (vector[j] ?? 0)) / value, 0))) };
};

/** How a batch of which only `known` is known is projected, and how normal batches spread that are known so far. */
type Projection = Readonly<{
  known: readonly number[]; newest: readonly number[];
  /** Inverse covariance of the trimmed scores; scores from trimmed scores. */
  inverse: readonly (readonly number[])[]; completion: readonly (readonly number[])[];
  t2: Distribution; q: Distribution | undefined; limits: readonly Limits[];
}>;

/** Box's weighted χ² with mean and variance of Σe², e normal of this covariance: g = tr(C²)/tr(C), h = tr(C)²/tr(C²). */
const residualDistribution = (covariance: readonly (readonly number[])[]): Distribution | undefined => {
  const first = covariance.reduce((sum, row, i) => sum + (row[i] ?? 0), 0);
  const second = covariance.reduce((sum, row) => sum + dot(row, row), 0);
  return first < LEAST_RESIDUAL ? undefined : chiSquared(second / first, Math.max(1, (first * first) / second));
};

/**
 * Scores of a batch whose future, and whatever a sensor did not tell, is unknown: trimmed score regression, from the covariance of what is known. Complete, it is the projection itself.
 *
 * @see Arteaga, Ferrer 2002, J. Chemometrics 16(8-10), trimmed score regression; García-Muñoz, Kourti, MacGregor 2004, Ind. Eng. Chem. Res. 43(18), on-line prediction as missing data
 */
const projectionOf = ({ loadings, variances, batches: n }: PlaneModel, correlation: readonly Float64Array[], known: readonly number[], newest: readonly number[]): Projection => {
  const trimmed = loadings.map((loading) => known.map((i) => loading[i] ?? 0));
  const spread = trimmed.map((loading) => known.map((i) => weighted(correlation[i], known, loading)));
  const theta = trimmed.map((a) => spread.map((b) => dot(a, b)));
  const { inverse, rank } = inverseOf(theta);
  const completion = trimmed.map((a, row) => apply(inverse, trimmed.map((b) => (variances[row] ?? 0) * dot(a, b))));
  const places = newest.map((i) => known.indexOf(i));
  const place = (k: number): readonly number[] => trimmed.map((loading) => loading[k] ?? 0);
  const told = (k: number): readonly number[] => apply(completion, spread.map((row) => row[k] ?? 0));
  const scatter = completion.map((row) => completion.map((other) => dot(apply(theta, row), other)));
  const covariance = places.map((k, i) => places.map((l, j) => at(correlation[at(newest, i)], at(newest, j)) - dot(place(k), told(l)) - dot(told(k), place(l)) + dot(place(k), apply(scatter, place(l)))));
  const [t2, q] = [fisher((rank * (n * n - 1)) / (n * (n - rank)), rank, n - rank), residualDistribution(covariance)];
  return { known, newest, inverse, completion, t2, q, limits: LEVELS.map((level) => ({ level, t2: t2.quantile(level), q: q?.quantile(level) ?? 0 })) };
};

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

/** Projections by what is known: batches that lack nothing share theirs. */
export type Judge = Readonly<{ judge(values: ArrayLike<number>, hour: number): Judgement }>;
const KEPT_PROJECTIONS = 200;

/**
 * Judges batches by one model, however far they are.
 *
 * T² is the distance of the trimmed scores within the pattern known so far; Q is the squared residual of the newest variables alone, so that a long good past does not hide a bad hour.
 * A missing value is left out and its absence is in the limits; it is never taken for zero.
 *
 * @see Nomikos, MacGregor 1995, Technometrics 37(1), sections 3 and 4: SPE of the newest interval, limits for each; Box 1954, Ann. Math. Stat. 25(2)
 */
export const judgeOf = (plane: PlaneModel): Judge => {
  const { variables, means, deviations, loadings } = plane;
  const correlation = rowsOf(plane);
  const kept = new Map<string, Projection>();
  const projectionFor = (known: readonly number[], newest: readonly number[]): Projection => {
    const name = `${newest.length}:${known.join()}`;
    const found = kept.get(name) ?? projectionOf(plane, correlation, known, newest);
    if (kept.size >= KEPT_PROJECTIONS) kept.clear();
    kept.set(name, found);
    return found;
  };
  return {
    /**
     * @param values one a variable of the model, in its order; NaN where it is missing or still to come
     * @param hour   one of `stageHours`
     * @throws DomainError `features-incomplete` when another number of values, fewer than half of what should be known, or none of what is new
     */
    judge: (values, hour) => {
      if (values.length !== variables.length) throw new DomainError('features-incomplete', `values: got ${values.length}, want ${variables.length}, one a variable`);
      const { expected, isNew } = expectedAt(plane, hour);
      const known = expected.filter((i) => Number.isFinite(values[i]));
      const newest = known.filter(isNew);
      if (known.length < expected.length * LEAST_KNOWN || newest.length === 0) throw new DomainError('features-incomplete', `hour ${hour}: got ${known.length} of ${expected.length} variables, ${newest.length} of them new; want at least half, and one that is new`, { hour });
      const projection = projectionFor(known, newest);
      const scaled = known.map((i) => (toParts(variables[i] ?? { name: '', low: 0, high: 1 }, values[i] ?? 0) - (means[i] ?? 0)) / (deviations[i] ?? 1));
      const trimmed = loadings.map((loading) => known.reduce((sum, i, k) => sum + at(loading, i) * at(scaled, k), 0));
      const weights = apply(projection.inverse, trimmed);
      const scores = apply(projection.completion, trimmed);
      const share = new Map(known.map((i, k) => {
        const z = at(scaled, k);
        const residual = isNew(i) ? z - loadings.reduce((sum, loading, a) => sum + (scores[a] ?? 0) * (loading[i] ?? 0), 0) : 0;
        return [i, { t2: z * loadings.reduce((sum, loading, a) => sum + (weights[a] ?? 0) * (loading[i] ?? 0), 0), q: residual * residual }] as const;
      }));
      const contributions = expected.map((i): Contribution => ({ variable: variables[i]?.name ?? '', value: share.has(i) ? values[i] ?? null : null, t2: share.get(i)?.t2 ?? 0, q: share.get(i)?.q ?? 0 }));
      const [t2, q] = [Math.max(0, contributions.reduce((sum, each) => sum + each.t2, 0)), contributions.reduce((sum, each) => sum + each.q, 0)];
      return {
        hour, t2, q, limits: projection.limits, confidence: Math.max(projection.t2.below(t2), projection.q?.below(q) ?? 0),
        missing: contributions.flatMap(({ variable, value }) => (value === null ? [variable] : [])), contributions,
      };
    },
  };
};

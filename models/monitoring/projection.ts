import { chiSquared, fisher, type Distribution } from './distributions.ts';
import { eigenpairsOf } from './jacobi.ts';
import type { PlaneModel } from './pca.ts';

export const LEVELS = [0.95, 0.99] as const;
/** What a normal batch keeps to at an hour, each with the probability of the level. */
export type Limits = Readonly<{ level: number; t2: number; q: number }>;
type Matrix = readonly (readonly number[])[];

/** Directions in which the known variables vary less than this part of the most are left out: as many as there are variables, at first. */
const LEAST_VARIANCE = 1e-6;
/** A residual that normal batches do not have is none to judge by. */
const LEAST_RESIDUAL = 1e-9;

const at = (vector: ArrayLike<number> | undefined, i: number): number => vector?.[i] ?? 0;
export const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
export const apply = (matrix: Matrix, vector: readonly number[]): readonly number[] => matrix.map((row) => dot(row, vector));

/** The correlation's rows, from its upper triangle. */
export const rowsOf = ({ correlation, variables: { length } }: PlaneModel): readonly Float64Array[] => {
  const rows = Array.from({ length }, () => new Float64Array(length));
  let place = 0;
  for (let i = 0; i < length; i += 1) {
    for (let j = i; j < length; j += 1, place += 1) {
      rows[i]?.fill(correlation[place] ?? 0, j, j + 1);
      rows[j]?.fill(correlation[place] ?? 0, i, i + 1);
    }
  }
  return rows;
};

/** Sum over the known variables of a row, each by its weight. */
const weighted = (row: Float64Array | undefined, known: readonly number[], weights: readonly number[]): number => {
  let sum = 0;
  for (let k = 0; k < known.length; k += 1) sum += at(row, at(known, k)) * at(weights, k);
  return sum;
};

/** Pseudo-inverse of a symmetric matrix, and its rank. */
const inverseOf = (matrix: Matrix): Readonly<{ inverse: Matrix; rank: number }> => {
  const pairs = eigenpairsOf(matrix);
  const largest = Math.max(...pairs.map(({ value }) => value));
  const kept = pairs.filter(({ value }) => value > LEAST_VARIANCE * largest);
  return { rank: kept.length, inverse: matrix.map((row, i) => row.map((_, j) => kept.reduce((sum, { value, vector }) => sum + ((vector[i] ?? 0) * (vector[j] ?? 0)) / value, 0))) };
};

/**
 * What the known variables say of all: `inverse` is of the covariance of the trimmed scores, `completion` makes scores of trimmed scores. `residual(of)`: covariance of what these variables, known or not, are off their place in the plane.
 *
 * @see Arteaga, Ferrer 2002, J. Chemometrics 16(8-10), trimmed score regression; García-Muñoz, Kourti, MacGregor 2004, Ind. Eng. Chem. Res. 43(18), on-line prediction as missing data
 */
export type Regression = Readonly<{ known: readonly number[]; inverse: Matrix; rank: number; completion: Matrix; residual(of: readonly number[]): Matrix }>;

export const regressionOf = ({ loadings, variances }: PlaneModel, correlation: readonly Float64Array[], known: readonly number[]): Regression => {
  const trimmed = loadings.map((loading) => known.map((i) => loading[i] ?? 0));
  const spreadTo = (i: number): readonly number[] => trimmed.map((loading) => weighted(correlation[i], known, loading));
  const spread = known.map(spreadTo);
  const theta = trimmed.map((a) => trimmed.map((_, b) => a.reduce((sum, weight, k) => sum + weight * (spread[k]?.[b] ?? 0), 0)));
  const { inverse, rank } = inverseOf(theta);
  const completion = trimmed.map((a, row) => apply(inverse, trimmed.map((b) => (variances[row] ?? 0) * dot(a, b))));
  const scatter = completion.map((row) => completion.map((other) => dot(apply(theta, row), other)));
  const residual = (of: readonly number[]): Matrix => {
    const [places, told] = [of.map((i) => loadings.map((loading) => loading[i] ?? 0)), of.map((i) => apply(completion, spreadTo(i)))];
    return places.map((own, i) => places.map((other, j) => at(correlation[at(of, i)], at(of, j)) - dot(own, told[j] ?? []) - dot(told[i] ?? [], other) + dot(own, apply(scatter, other))));
  };
  return { known, inverse, rank, completion, residual };
};

/** Box's weighted χ² with mean and variance of Σe², e normal of this covariance: g = tr(C²)/tr(C), h = tr(C)²/tr(C²). */
const residualDistribution = (covariance: Matrix): Distribution | undefined => {
  const first = covariance.reduce((sum, row, i) => sum + (row[i] ?? 0), 0);
  const second = covariance.reduce((sum, row) => sum + dot(row, row), 0);
  return first < LEAST_RESIDUAL ? undefined : chiSquared(second / first, Math.max(1, (first * first) / second));
};

/** How a batch of which only `known` is known is projected, and how normal batches spread that are known so far. */
export type Projection = Regression & Readonly<{ newest: readonly number[]; t2: Distribution; q: Distribution | undefined; limits: readonly Limits[] }>;

export const projectionOf = (plane: PlaneModel, correlation: readonly Float64Array[], known: readonly number[], newest: readonly number[]): Projection => {
  const regression = regressionOf(plane, correlation, known);
  const { batches: n } = plane;
  const { rank } = regression;
  const [t2, q] = [fisher((rank * (n * n - 1)) / (n * (n - rank)), rank, n - rank), residualDistribution(regression.residual(newest))];
  return { ...regression, newest, t2, q, limits: LEVELS.map((level) => ({ level, t2: t2.quantile(level), q: q?.quantile(level) ?? 0 })) };
};

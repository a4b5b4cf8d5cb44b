import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { DomainError } from '../../shared/errors.ts';
import { momentWidth, requireVariables, toParts, type Variable } from './moments.ts';

/**
 * Normal operation as a plane through autoscaled variables. `loadings[a][j]`: variable j in component a; `variances`: of the scores, descending; `residual`: eigenvalues left out;
 * `correlation`: of the variables, its upper triangle row after row: what says how a batch spreads of which only a part is known.
 */
export type PlaneModel = Readonly<{ variables: readonly Variable[]; batches: number; means: readonly number[]; deviations: readonly number[]; loadings: readonly (readonly number[])[]; variances: readonly number[]; residual: readonly number[]; correlation: readonly number[] }>;
/** `t2`: how far within the plane (Hotelling); `q`: squared distance from it; contributions of each variable, whose sums they are. */
export type Distance = Readonly<{ t2: number; q: number; t2Contributions: readonly number[]; qContributions: readonly number[] }>;

const LEAST_BATCHES = 5;

const covarianceOf = (sums: ArrayLike<number>, count: number): Readonly<{ means: readonly number[]; covariance: readonly (readonly number[])[] }> => {
  const n = sums[0] ?? 0;
  const means = Array.from({ length: count }, (_, i) => (sums[1 + i] ?? 0) / n);
  const covariance = means.map(() => new Array<number>(count).fill(0));
  let at = 1 + count;
  for (let i = 0; i < count; i += 1) {
    for (let j = i; j < count; j += 1, at += 1) {
      const value = ((sums[at] ?? 0) - n * (means[i] ?? 0) * (means[j] ?? 0)) / (n - 1);
      for (const [row, column] of [[i, j], [j, i]] as const) covariance[row]?.splice(column, 1, value);
    }
  }
  return { means, covariance };
};

/**
 * Principal components of the autoscaled variables from the summed moments.
 *
 * @param sums       over all sites, of `countMoments`
 * @param components from 1 to one fewer than the variables
 * @throws DomainError `training-plan-malformed` (components), `training-round-malformed` (length), `training-data-malformed` (too few batches, a variable that does not vary, named)
 * @see Nomikos, MacGregor 1995, Technometrics 37(1)
 */
export const planeFrom = (variables: readonly Variable[], sums: ArrayLike<number>, components: number): PlaneModel => {
  requireVariables(variables);
  const count = variables.length;
  if (sums.length !== momentWidth(count)) throw new DomainError('training-round-malformed', `sums: got ${sums.length}, want ${momentWidth(count)}`);
  if (!Number.isInteger(components) || components < 1 || components >= count) throw new DomainError('training-plan-malformed', `components: got ${components}, want from 1 to ${count - 1}`, { field: 'components' });
  const batches = sums[0] ?? 0;
  if (batches < Math.max(LEAST_BATCHES, components + 2)) throw new DomainError('training-data-malformed', `batches: got ${batches} complete ones, want at least ${Math.max(LEAST_BATCHES, components + 2)}`);
  const { means, covariance } = covarianceOf(sums, count);
  const deviations = covariance.map((row, i) => Math.sqrt(row[i] ?? 0));
  const constant = variables.find((_, i) => !((deviations[i] ?? 0) > 0));
  if (constant !== undefined) throw new DomainError('training-data-malformed', `${constant.name}: got the same value in every batch, want one that varies`, { field: constant.name });
  const correlation = covariance.map((row, i) => row.map((value, j) => (i === j ? 1 : value / ((deviations[i] ?? 1) * (deviations[j] ?? 1)))));
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(new Matrix(correlation), { assumeSymmetric: true });
  const order = realEigenvalues.map((_, i) => i).sort((a, b) => (realEigenvalues[b] ?? 0) - (realEigenvalues[a] ?? 0));
  const valueAt = (i: number): number => Math.max(0, realEigenvalues[i] ?? 0);
  return {
    variables, batches, means, deviations, loadings: order.slice(0, components).map((i) => eigenvectorMatrix.getColumn(i)),
    variances: order.slice(0, components).map(valueAt), residual: order.slice(components).map(valueAt), correlation: correlation.flatMap((row, i) => row.slice(i)),
  };
};

/** Distances of one batch from normal operation. @throws DomainError `features-incomplete` for a missing value */
export const distanceOf = ({ variables, means, deviations, loadings, variances }: PlaneModel, batch: ArrayLike<number>): Distance => {
  const scaled = variables.map((variable, i) => (toParts(variable, batch[i] ?? Number.NaN) - (means[i] ?? 0)) / (deviations[i] ?? 1));
  const missing = variables.find((_, i) => Number.isNaN(scaled[i]));
  if (missing !== undefined || batch.length !== variables.length) throw new DomainError('features-incomplete', `${missing?.name ?? 'batch'}: got no value, want one for each of ${variables.length} variables`);
  const scores = loadings.map((loading) => loading.reduce((sum, weight, i) => sum + weight * (scaled[i] ?? 0), 0));
  const residuals = scaled.map((value, i) => value - loadings.reduce((sum, loading, a) => sum + (scores[a] ?? 0) * (loading[i] ?? 0), 0));
  const t2Contributions = scaled.map((value, i) => loadings.reduce((sum, loading, a) => sum + ((scores[a] ?? 0) / (variances[a] ?? 1)) * (loading[i] ?? 0) * value, 0));
  const qContributions = residuals.map((residual) => residual * residual);
  const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
  return { t2: total(t2Contributions), q: total(qContributions), t2Contributions, qContributions };
};

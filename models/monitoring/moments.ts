import { DomainError } from '../../shared/errors.ts';

/** A measured variable and the range its specification gives; values are counted in 4096ths of it. One variable at two maturity hours is two. */
export type Variable = Readonly<{ name: string; low: number; high: number }>;

/** Parts of a variable's range. */
const RANGE_PARTS = 4096;
/** Values further out than one range beyond its ends are counted there. */
const LARGEST = 2 * RANGE_PARTS;
/** Largest magnitude one batch adds to one sum; for the overflow bound. */
export const MOMENT_BOUND = LARGEST * LARGEST;

/** Numbers in the sums over `count` variables: n, Σx, and the upper triangle of Σxxᵀ row after row. */
export const momentWidth = (count: number): number => 1 + count + (count * (count + 1)) / 2;

/** @throws DomainError `training-plan-malformed`, naming the variable */
export const requireVariables = (variables: readonly Variable[]): void => {
  const wrong = variables.find(({ low, high }) => !(Number.isFinite(low) && Number.isFinite(high) && low < high));
  if (wrong !== undefined) throw new DomainError('training-plan-malformed', `${wrong.name}: got range ${wrong.low} to ${wrong.high}, want low below high`, { field: wrong.name });
};

/** A value in fixed point. */
export const toParts = ({ low, high }: Variable, value: number): number => Math.max(-LARGEST, Math.min(LARGEST, Math.round(((value - low) / (high - low)) * RANGE_PARTS)));

/** A value again, in the variable's unit, from parts of its range. */
export const naturalOf = ({ low, high }: Variable, parts: number): number => low + (parts / RANGE_PARTS) * (high - low);

/**
 * A site's sums over its complete batches, whole numbers, so that sums over sites are those of the pooled batches.
 *
 * @param batches batches × variables; one with a missing value is left out
 * @throws DomainError `training-plan-malformed`, `training-data-malformed` for a batch of another length
 */
export const countMoments = (variables: readonly Variable[], batches: readonly ArrayLike<number>[]): Float64Array => {
  requireVariables(variables);
  const sums = new Float64Array(momentWidth(variables.length));
  const add = (at: number, value: number): void => { sums[at] = (sums[at] ?? 0) + value; };
  batches.forEach((batch, row) => {
    if (batch.length !== variables.length) throw new DomainError('training-data-malformed', `batch ${row + 1}: got ${batch.length} values, want ${variables.length}`);
    const parts = variables.map((variable, i) => toParts(variable, batch[i] ?? Number.NaN));
    if (parts.some(Number.isNaN)) return;
    add(0, 1);
    let at = 1 + parts.length;
    parts.forEach((value, i) => {
      add(1 + i, value);
      for (const other of parts.slice(i)) { add(at, value * other); at += 1; }
    });
  });
  return sums;
};

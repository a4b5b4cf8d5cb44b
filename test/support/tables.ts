import fc from 'fast-check';
import type { Table } from './federated.ts';

const value = fc.oneof({ weight: 6, arbitrary: fc.integer({ min: 0, max: 9 }) }, { weight: 1, arbitrary: fc.constant(NaN) });

/** Rows of three features with both labels in numbers, so that trees grow. */
export const tables: fc.Arbitrary<Table> = fc.array(fc.tuple(value, value, value, fc.nat(2)), { minLength: 40, maxLength: 120 }).map((rows) => ({
  keys: rows.map((_, i) => `batch-${i}`), values: rows.map(([a, b, c], i) => [i < 2 ? i : a, b, c]), labels: rows.map(([a, , , noise], i) => (i < 2 ? i : noise === 0 || Number.isNaN(a) ? i % 2 : a > 4 ? 1 : 0)),
}));

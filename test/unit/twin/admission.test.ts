import { Matrix, solve } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import { drawBatch } from '../../../models/twin/draw/batch.ts';
import { COLLECTION_ATTRIBUTES } from '../../../models/twin/parameters/catalogue/collection.ts';
import { attributesOf } from '../../../models/twin/parameters/results.ts';
import { SHIPPED, worldNamed } from './worlds.ts';

const DONORS = 2000;
const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
/** A missing result is the mean of the others; what is log-normal is taken by its logarithm. */
const columnOf = (values: readonly number[]): readonly number[] => {
  const known = values.filter((value) => !Number.isNaN(value));
  const scaled = known.every((value) => value > 0) ? Math.log : (value: number): number => value;
  const middle = meanOf(known.map(scaled));
  return values.map((value) => (Number.isNaN(value) ? 0 : scaled(value) - middle));
};

/** Share of the variance of `y` that ordinary least squares on the columns explains. */
const explained = (columns: readonly (readonly number[])[], y: readonly number[]): number => {
  const design = new Matrix(y.map((_, i) => [1, ...columns.map((column) => column[i]!)]));
  const wanted = Matrix.columnVector([...y]);
  const fitted = design.mmul(solve(design, wanted, true));
  const middle = meanOf(y);
  return 1 - y.reduce((sum, value, i) => sum + (value - fitted.get(i, 0)) ** 2, 0) / y.reduce((sum, value) => sum + (value - middle) ** 2, 0);
};

describe.each(SHIPPED)('what is found at admission: %s', (name) => {
  const world = worldNamed(name);
  const batches = Array.from({ length: DONORS }, (_, index) => drawBatch(world, 5, index));
  const found = batches.map((batch) => attributesOf(world, batch));
  const columns = COLLECTION_ATTRIBUTES.map(({ name: attribute }) => columnOf(found.map((values) => values[attribute]!)));
  it('says little of the hidden fitness, all of it together', () => {
    const share = explained(columns, batches.map(({ donor }) => donor.fitness));
    expect(share).toBeGreaterThan(0.1);
    expect(share).toBeLessThan(0.3);
  });
  it('would say much more with any of what the cells then do', () => {
    expect(explained([...columns, columnOf(batches.map(({ donor }) => donor.traits.growthPerHour))], batches.map(({ donor }) => donor.fitness))).toBeGreaterThan(0.5);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { madeUpRows } from '../../../models/federated/made-up-rows.ts';

const EDGES = [[1, 2, 3], [1], []];
const bins = EDGES.map((edges) => ({ edges, isMissing: true }));
/** Rows of both labels by feature and bin, with an empty bin for missing values at the end of each. */
const share = fc.double({ min: 0, max: 1, noNaN: true });
const shares = fc.tuple(...EDGES.map((edges) => fc.tuple(fc.constantFrom(0, 1), fc.array(fc.tuple(share, share), { minLength: edges.length + 1, maxLength: edges.length + 1 })).map(([sure, drawn]) => drawn.map(([zeros, ones], i): [number, number] => (i === 0 ? [zeros + 0.1, ones + 0.1] : [zeros * sure, ones])))));

describe('rows that nobody has', () => {
  it('lie over each feature as the rows of each label are expected to, to a row, and are as many of each', () => {
    fc.assert(fc.property(shares, fc.integer({ min: 5, max: 5000 }), fc.integer({ min: 5, max: 5000 }), fc.nat(), (drawn, zeros, ones, seed) => {
      const totals = drawn.map((feature) => [0, 1].map((label) => feature.reduce((sum, bin) => sum + bin[label]!, 0)));
      const profile = Float64Array.from(drawn.flatMap((feature, f) => [...feature.map(([z, o]) => [(z / totals[f]![0]!) * zeros, (o / totals[f]![1]!) * ones] as const).flatMap(([z, o]) => [z + o, o]), 0, 0]));
      const made = madeUpRows(seed, bins, profile, [zeros, ones]);
      expect(made.share * made.labels.length).toBeCloseTo(zeros + ones, 6);
      const counts = [0, 1].map((label) => made.labels.filter((each) => each === label).length);
      expect(Math.abs(counts[1]! - (made.labels.length * ones) / (zeros + ones))).toBeLessThanOrEqual(1);
      drawn.forEach((feature, f) => {
        feature.forEach((bin, b) => {
          for (const label of [0, 1]) {
            const lying = [...made.labels].filter((each, row) => each === label && made.binned[f]![row] === b).length;
            expect(Math.abs(lying - (bin[label]! / totals[f]![label]!) * counts[label]!)).toBeLessThan(1 + 1e-6);
          }
        });
        expect([...made.labels].some((_, row) => made.binned[f]![row]! > feature.length - 1)).toBe(false);
      });
    }), { numRuns: 60 });
  });
  it('are the same again from the same sums, others from another seed, and features of a label do not go together', () => {
    const profile = Float64Array.from([20, 10, 20, 10, 20, 10, 20, 10, 0, 0, 40, 20, 40, 20, 0, 0, 80, 40, 0, 0]);
    const made = madeUpRows(7, bins, profile, [40, 40]);
    expect(madeUpRows(7, bins, profile, [40, 40])).toEqual(made);
    expect(madeUpRows(8, bins, profile, [40, 40]).binned).not.toEqual(made.binned);
    const both = [...made.labels].filter((_, row) => made.binned[0]![row]! > 1 && made.binned[1]![row] === 1).length;
    // A quarter of 1,024, with a standard deviation of 16 / 2 in an order without pattern; the order hangs on the seed alone.
    expect(Math.abs(both - 256)).toBeLessThan(30);
  });
});

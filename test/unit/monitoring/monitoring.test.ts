import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countMoments, momentWidth, MOMENT_BOUND, type Variable } from '../../../models/monitoring/moments.ts';
import { limitsByHour } from '../../../models/monitoring/judge.ts';
import { distanceOf, planeFrom } from '../../../models/monitoring/pca.ts';
import { createGenerator } from '../../../models/random/generator.ts';
import { codeOf } from '../../support/error-code.ts';

const variables: readonly Variable[] = [{ name: 'pH', low: 6.5, high: 7.5 }, { name: 'lactate', low: 0, high: 20 }, { name: 'glucose', low: 0, high: 10 }, { name: 'oxygen', low: 0, high: 100 }];
const random = createGenerator(5);
/** Batches in which lactate rises as glucose falls and pH falls with it. */
const batchesOf = (count: number): readonly (readonly number[])[] => Array.from({ length: count }, () => {
  const pace = random.normal();
  return [7.1 - 0.05 * pace + 0.01 * random.normal(), 8 + 2 * pace + 0.3 * random.normal(), 5 - pace + 0.2 * random.normal(), 50 + 5 * random.normal()];
});
const sum = (parts: readonly Float64Array[]): Float64Array => parts[0]!.map((_, i) => parts.reduce((total, part) => total + part[i]!, 0));
const batches = batchesOf(400);
const plane = planeFrom(variables, countMoments(variables, batches), 2);
const limitsOf = (level: number) => limitsByHour(plane)[0]!.limits.find((each) => each.level === level)!;

describe('process monitoring from moments', () => {
  it('is the same model however batches are spread over sites', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 10 }), fc.array(fc.nat(9), { minLength: 400, maxLength: 400 }), (count, places) => {
      const sites = Array.from({ length: count }, (_, site) => countMoments(variables, batches.filter((__, i) => places[i]! % count === site)));
      expect(JSON.stringify(planeFrom(variables, sum(sites), 2))).toBe(JSON.stringify(plane));
    }), { numRuns: 20 });
  });
  it('keeps sums whole and within the bound a batch may add', () => {
    const sums = countMoments(variables, [[-1e9, 1e9, 5, 50]]);
    expect(sums).toHaveLength(momentWidth(4));
    for (const value of sums) { expect(Number.isInteger(value)).toBe(true); expect(Math.abs(value)).toBeLessThanOrEqual(MOMENT_BOUND); }
  });
  it('has orthonormal loadings whose variances and residuals add up to the number of variables', () => {
    const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((total, value, i) => total + value * b[i]!, 0);
    expect(dot(plane.loadings[0]!, plane.loadings[0]!)).toBeCloseTo(1, 9);
    expect(dot(plane.loadings[0]!, plane.loadings[1]!)).toBeCloseTo(0, 9);
    expect([...plane.variances, ...plane.residual].reduce((total, value) => total + value, 0)).toBeCloseTo(4, 9);
  });
  it('has T² of mean close to the number of components on its own batches, by the definition of variance', () => {
    expect(batches.reduce((total, batch) => total + distanceOf(plane, batch).t2, 0) / (batches.length - 1)).toBeCloseTo(2, 6);
  });
  it('leaves about one normal batch in twenty, and in a hundred, beyond its limits', () => {
    const fresh = batchesOf(4000).map((batch) => distanceOf(plane, batch));
    for (const [level, share] of [[0.95, 0.05], [0.99, 0.01]] as const) {
      const limits = limitsOf(level);
      expect(Math.abs(fresh.filter(({ t2 }) => t2 > limits.t2).length / fresh.length - share)).toBeLessThan(share * 0.4);
      expect(Math.abs(fresh.filter(({ q }) => q > limits.q).length / fresh.length - share)).toBeLessThan(share * 0.6);
    }
  });
  it('names the variable that broke the pattern, by its contribution', () => {
    const { q, qContributions, t2, t2Contributions } = distanceOf(plane, [7.1, 14, 5, 50]);
    expect(q).toBeGreaterThan(limitsOf(0.99).q);
    expect(qContributions.indexOf(Math.max(...qContributions))).toBe(1);
    expect(qContributions.reduce((total, value) => total + value, 0)).toBeCloseTo(q, 9);
    expect(t2Contributions.reduce((total, value) => total + value, 0)).toBeCloseTo(t2, 9);
  });
  it('leaves a batch with a missing value out of the sums, and does not judge one', () => {
    expect(countMoments(variables, [...batches, [NaN, 1, 2, 3]])).toEqual(countMoments(variables, batches));
    expect(codeOf(() => distanceOf(plane, [7, NaN, 5, 50]))).toBe('features-incomplete');
    expect(codeOf(() => distanceOf(plane, [7, 8]))).toBe('features-incomplete');
  });
  it('refuses what no model comes from', () => {
    const sums = countMoments(variables, batches);
    expect(codeOf(() => planeFrom(variables, sums, 4))).toBe('training-plan-malformed');
    expect(codeOf(() => planeFrom(variables, sums.subarray(1), 2))).toBe('training-round-malformed');
    expect(codeOf(() => planeFrom(variables, countMoments(variables, batches.slice(0, 4)), 2))).toBe('training-data-malformed');
    expect(codeOf(() => planeFrom(variables, countMoments(variables, batches.map(([, ...rest]) => [7, ...rest])), 2))).toBe('training-data-malformed');
    expect(codeOf(() => countMoments([{ name: 'pH', low: 7, high: 7 }], []))).toBe('training-plan-malformed');
    expect(codeOf(() => countMoments(variables, [[1, 2]]))).toBe('training-data-malformed');
  });
});

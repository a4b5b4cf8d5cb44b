import { describe, expect, it } from 'vitest';
import { coefficientOfVariation } from '../../../shared/statistics/variation.ts';

describe('the coefficient of variation', () => {
  it('is the standard deviation of a sample, with n - 1, over its mean', () => {
    expect(coefficientOfVariation([2, 4, 4, 4, 5, 5, 7, 9])).toBeCloseTo(Math.sqrt(32 / 7) / 5, 14);
    expect(coefficientOfVariation(Float64Array.of(1, 3))).toBeCloseTo(Math.SQRT2 / 2, 14);
  });
  it('leaves out what is no number', () => { expect(coefficientOfVariation([Number.NaN, 1, 3, Number.NaN])).toBe(coefficientOfVariation([1, 3])); });
  it('is none of fewer than two values', () => { for (const values of [[], [3], [3, Number.NaN]]) expect(coefficientOfVariation(values)).toBeNaN(); });
});

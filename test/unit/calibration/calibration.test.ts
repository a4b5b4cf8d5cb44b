import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { conformal } from '../../../models/calibration/conformal.ts';
import { countCalibration, type CalibrationCounts } from '../../../models/calibration/counts.ts';
import { calibrated, isotonic } from '../../../models/calibration/isotonic.ts';
import { codeOf } from '../../support/error-code.ts';

const BINS = 10;
const tally = (bins: readonly number[]): readonly number[] => Array.from({ length: BINS }, (_, i) => bins.filter((bin) => bin === i).length);
const countsOf = (positives: readonly number[], negatives: readonly number[]): CalibrationCounts => ({ positives: tally(positives), negatives: tally(negatives) });
const score = (bin: number): number => (bin + 0.5) / BINS;
const bins = fc.array(fc.nat({ max: BINS - 1 }), { minLength: 1, maxLength: 40 });
const cells = fc.integer({ min: 2, max: 12 }).chain((n) => fc.record({ positives: fc.array(fc.nat({ max: 30 }), { minLength: n, maxLength: n }), negatives: fc.array(fc.nat({ max: 30 }), { minLength: n, maxLength: n }) })).filter(({ positives, negatives }) => [...positives, ...negatives].some(Boolean));

describe('conformal sets', () => {
  it('hold the truth at least as often as stated, exactly: any case of a class, against the rest of it', () => {
    fc.assert(fc.property(bins, bins, fc.double({ min: 0.01, max: 0.49, noNaN: true }), (positives, negatives, errorRate) => {
      for (const [own, isPositive] of [[positives, true], [negatives, false]] as const) {
        const missed = own.filter((bin, i) => {
          const rest = own.toSpliced(i, 1);
          const counts = isPositive ? countsOf(rest, negatives) : countsOf(positives, rest);
          return !conformal(counts, errorRate, score(bin)).outcomes.includes(isPositive);
        }).length;
        // Each of n exchangeable cases is equally likely to be the new one: P(miss) is the share of them that is missed.
        expect(missed / own.length).toBeLessThanOrEqual(errorRate);
      }
    }), { numRuns: 300 });
  });
  it('are undecided when both outcomes stay possible, and when none does', () => {
    const apart = countsOf(Array.from({ length: 20 }, () => 9), Array.from({ length: 20 }, () => 0));
    expect([9, 5, 0].map((bin) => conformal(apart, 0.1, score(bin)).verdict)).toEqual(['positive', 'undecided', 'negative']);
    expect(conformal(apart, 0.1, score(5)).outcomes).toEqual([]);
    const mixed = countsOf(Array.from({ length: 20 }, (_, i) => i % 10), Array.from({ length: 20 }, (_, i) => i % 10));
    expect(conformal(mixed, 0.1, score(5))).toMatchObject({ outcomes: [true, false], verdict: 'undecided' });
  });
  it('rule nothing out by too few cases of it', () => {
    expect(conformal(countsOf(Array.from({ length: 8 }, () => 9), [0]), 0.1, 0).outcomes).toContain(true);
    expect(conformal(countsOf(Array.from({ length: 9 }, () => 9), [0]), 0.1, 0).outcomes).not.toContain(true);
    expect(conformal(countsOf(Array.from({ length: 10 }, () => 9), [0]), 0.1, 0).outcomes).not.toContain(true);
    // One in ten is as odd for a negative as for a positive: what is exactly as likely as the error rate is ruled out.
    expect([8, 9].map((cases) => conformal(countsOf([9], Array.from({ length: cases }, () => 0)), 0.1, 1).outcomes.includes(false))).toEqual([true, false]);
  });
  it('grow as the error rate falls', () => {
    fc.assert(fc.property(bins, bins, fc.nat({ max: BINS - 1 }), (positives, negatives, bin) => {
      const [strict, loose] = [conformal(countsOf(positives, negatives), 0.05, score(bin)), conformal(countsOf(positives, negatives), 0.4, score(bin))];
      expect(strict.outcomes).toEqual(expect.arrayContaining([...loose.outcomes]));
    }));
  });
  it.each<readonly [string, () => unknown]>([
    ['an error rate of 0', () => conformal(countsOf([1], [1]), 0, 0.5)], ['an error rate of one half', () => conformal(countsOf([1], [1]), 0.5, 0.5)], ['a score above 1', () => conformal(countsOf([1], [1]), 0.1, 1.01)], ['a score that is no number', () => conformal(countsOf([1], [1]), 0.1, Number.NaN)],
    ['bins that differ', () => conformal({ positives: [1, 2], negatives: [1] }, 0.1, 0.5)], ['one bin', () => isotonic({ positives: [1], negatives: [1] })], ['a negative count', () => isotonic({ positives: [1, -1], negatives: [1, 1] })], ['no case', () => isotonic({ positives: [0, 0], negatives: [0, 0] })],
  ])('refuse %s', (_, run) => { expect(codeOf(run)).toBe('calibration-malformed'); });
});

describe('isotonic calibration', () => {
  /** Slow and plain: the max-min formula of isotonic regression over bins with cases. */
  const naive = ({ positives, negatives }: CalibrationCounts): readonly number[] => {
    const filled = positives.flatMap((p, i) => (p + negatives[i]! > 0 ? [{ i, p, n: p + negatives[i]! }] : []));
    const mean = (from: number, to: number): number => { const part = filled.slice(from, to + 1); return part.reduce((s, { p }) => s + p, 0) / part.reduce((s, { n }) => s + n, 0); };
    const fitted = filled.map((_, k) => Math.max(...filled.slice(0, k + 1).map((_a, from) => Math.min(...filled.slice(k).map((_b, to) => mean(from, k + to))))));
    return positives.map((_, i) => fitted[Math.max(0, filled.findLastIndex((each) => each.i <= i))]!);
  };
  it('is that of the max-min formula, and rises', () => {
    fc.assert(fc.property(cells, (counts) => {
      const { probabilities } = isotonic(counts);
      const wanted = naive(counts);
      expect(probabilities).toHaveLength(counts.positives.length);
      for (const [i, probability] of probabilities.entries()) {
        expect(probability).toBeCloseTo(wanted[i]!, 12);
        if (i > 0) expect(probability).toBeGreaterThanOrEqual(probabilities[i - 1]!);
      }
    }));
  });
  it('keeps the number of cases that come true', () => {
    fc.assert(fc.property(cells, (counts) => {
      const { probabilities } = isotonic(counts);
      const expected = probabilities.reduce((sum, p, i) => sum + p * (counts.positives[i]! + counts.negatives[i]!), 0);
      expect(expected).toBeCloseTo(counts.positives.reduce((a, b) => a + b, 0), 8);
    }));
  });
  it('gives the probability of the score\'s bin, the last for 1', () => {
    const fit = isotonic({ positives: [0, 3], negatives: [4, 1] });
    expect([0, 0.49, 0.5, 1].map((each) => calibrated(fit, each))).toEqual([0, 0, 0.75, 0.75]);
  });
});

describe('calibration cases', () => {
  const cases = fc.array(fc.record({ score: fc.double({ min: 0, max: 1, noNaN: true }), label: fc.nat({ max: 1 }) }), { maxLength: 60 });
  const added = (one: readonly number[], other: readonly number[]): readonly number[] => one.map((count, i) => count + (other[i] ?? 0));
  it('give the counts of the pooled cases, wherever they lie: bin by bin the hospitals add up', () => {
    fc.assert(fc.property(cases, fc.integer({ min: 2, max: 50 }), fc.integer({ min: 1, max: 10 }), (pooled, n, hospitals) => {
      const counts = Array.from({ length: hospitals }, (_, site) => countCalibration(n, pooled.filter((__, i) => i % hospitals === site)));
      expect(counts.reduce((one, other) => ({ positives: added(one.positives, other.positives), negatives: added(one.negatives, other.negatives) }))).toEqual(countCalibration(n, pooled));
      const { positives, negatives } = countCalibration(n, pooled);
      expect([positives, negatives].map((side) => side.reduce((sum, count) => sum + count, 0))).toEqual([pooled.filter(({ label }) => label === 1).length, pooled.filter(({ label }) => label === 0).length]);
    }));
  });
  it.each([[1, 0.5], [4097, 0.5], [2.5, 0.5], [4, Number.NaN], [4, 1.01], [4, -0.01]])('are refused in %s bins with a score of %s', (n, one) => {
    expect(codeOf(() => countCalibration(n, [{ score: one, label: 1 }]))).toBe('calibration-malformed');
  });
});

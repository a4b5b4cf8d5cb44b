import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { streamOf } from '../../../models/random/streams.ts';
import { aucOf, discriminate } from '../../../models/twin/trial/discrimination.ts';
import { proportion } from '../../../shared/statistics/exact-interval.ts';
import { amongTrials, bootstrap } from '../../../models/twin/trial/interval.ts';
import { predictionReportOf } from '../../../models/twin/trial/report.ts';

describe('exact interval of a proportion', () => {
  // scipy 1.17, stats.binomtest(k, n).proportion_ci(method='exact')
  it.each([[0, 10, 0, 0.30849710781876083], [10, 10, 0.6915028921812392, 1], [77, 500, 0.12348595750678983, 0.18867246468243012], [1, 30, 0.0008435709266493071, 0.17216945563341293], [4, 30, 0.037553496338337135, 0.3072183502761267]])('of %i in %i', (k, n, low, high) => {
    const interval = proportion(k, n);
    expect(interval.low).toBeCloseTo(low, 6);
    expect(interval.high).toBeCloseTo(high, 6);
  });

  it('holds the proportion and narrows with more trials', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 0, max: 200 }), (n, some) => {
      const k = Math.min(n, some);
      const [one, ten] = [proportion(k, n), proportion(10 * k, 10 * n)];
      expect(one.low).toBeLessThanOrEqual(k / n);
      expect(one.high).toBeGreaterThanOrEqual(k / n);
      expect(ten.high - ten.low).toBeLessThan(one.high - one.low);
    }));
  });

  it('refuses more successes than trials, and knows nothing without trials', () => {
    expect(() => proportion(3, 2)).toThrow('got 3 of 2');
    expect(proportion(0, 0)).toEqual({ value: Number.NaN, low: 0, high: 1 });
  });
});

describe('resampling', () => {
  const values = Array.from({ length: 200 }, (_, i) => (i * 37) % 101);
  const mean = (indices: Int32Array): number => indices.reduce((sum, i) => sum + (values[i] ?? 0), 0) / indices.length;

  it('gives about the interval of the normal approximation for a mean', () => {
    const { value, low, high } = bootstrap(values.length, mean, streamOf(1, 0, 'test'));
    const sd = Math.sqrt(values.reduce((sum, each) => sum + (each - value) ** 2, 0) / values.length);
    const half = (1.96 * sd) / Math.sqrt(values.length);
    expect(low).toBeGreaterThan(value - 1.25 * half);
    expect(low).toBeLessThan(value - 0.75 * half);
    expect(high).toBeLessThan(value + 1.25 * half);
    expect(high).toBeGreaterThan(value + 0.75 * half);
  });

  it('leaves out one in forty of what it draws at either end', () => {
    const { low, high } = bootstrap(1000, (indices) => indices[0] ?? Number.NaN, streamOf(2, 0, 'test'));
    // 25 and 975 of a uniform draw; three standard errors of such a quantile of 1,000 are 15
    expect(Math.abs(low - 25)).toBeLessThan(15);
    expect(Math.abs(high - 975)).toBeLessThan(15);
  });

  it('is the same for the same generator', () => {
    expect(bootstrap(50, mean, streamOf(3, 0, 'test'))).toEqual(bootstrap(50, mean, streamOf(3, 0, 'test')));
  });
});

describe('discrimination', () => {
  it('has the AUC of counting pairs, ties half', () => {
    fc.assert(fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 5 }), fc.boolean()), { minLength: 4, maxLength: 40 }), (pairs) => {
      const failed = pairs.map(([, each]) => each);
      fc.pre(failed.includes(true) && failed.includes(false));
      const scores = pairs.map(([score]) => score);
      let wins = 0;
      let count = 0;
      for (const [i, a] of failed.entries()) for (const [j, b] of failed.entries()) if (a && !b) { count += 1; wins += scores[i]! > scores[j]! ? 1 : scores[i] === scores[j] ? 0.5 : 0; }
      expect(aucOf(scores, failed)).toBeCloseTo(wins / count, 12);
    }));
  });

  it('has the interval of Hanley and McNeil, whose own example has a standard error of 0.032', () => {
    // their table I: 51 abnormal and 58 normal images in five grades
    const [normal, abnormal] = [[33, 6, 6, 11, 2], [3, 2, 2, 11, 33]];
    const failed = [...normal.flatMap((count) => Array.from({ length: count }, () => false)), ...abnormal.flatMap((count) => Array.from({ length: count }, () => true))];
    const scores = [normal, abnormal].flatMap((counts) => counts.flatMap((count, grade) => Array.from({ length: count }, () => grade / 4)));
    const { value, low, high } = discriminate(scores, scores.map(() => false), failed).auc;
    expect(value).toBeCloseTo(0.893, 3);
    expect((high - low) / 2 / 1.96).toBeCloseTo(0.032, 3);
  });

  describe('that is perfect', () => {
    const ranked = (failures: number, others: number, sign = 1) => {
      const failed = Array.from({ length: failures + others }, (_, i) => i >= others);
      return discriminate(failed.map((_, i) => sign * i), failed.map(() => false), failed, false).auc;
    };
    // scipy 1.17, stats.binomtest(k, k).proportion_ci(method='exact'), k the smaller outcome
    it.each([[10, 490, 0.6915028921812392], [490, 10, 0.6915028921812392], [1, 99, 0.025], [3, 3, 0.2924017738212866]])('has an interval as wide as its smaller outcome is small: %i failures of %i others', (failures, others, low) => {
      const [perfect, reversed] = [ranked(failures, others), ranked(failures, others, -1)];
      expect([perfect.value, perfect.high, reversed.value, reversed.low]).toEqual([1, 1, 0, 0]);
      expect(perfect.low).toBeCloseTo(low, 6);
      expect(reversed.high).toBeCloseTo(1 - low, 6);
    });
    it('may come of an AUC as low as its interval says one time in forty, and no more often: of scores that are perfect by chance as often as any', () => {
      fc.assert(fc.property(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 60 }), (failures, others) => {
        const { low } = ranked(failures, others);
        // scores of the larger outcome are equal, each of the smaller lies beyond them with chance `low`: that is the AUC, and all of them do as often as this
        expect(low ** Math.min(failures, others)).toBeCloseTo(0.025, 9);
      }));
    });
  });

  it('counts alerts against outcomes', () => {
    const judged = discriminate([0.9, 0.8, 0.2, 0.1], [true, true, false, false], [true, false, true, false]);
    expect(judged).toMatchObject({ failures: 2, alerts: 2, precision: { value: 0.5 }, recall: { value: 0.5 }, falseAlertRate: { value: 0.5 }, auc: { value: 0.75 } });
  });

  it('has no rank for a score that is none, and says which', () => {
    expect(() => aucOf([0.2, Number.NaN, 0.1], [true, false, false])).toThrow(new RangeError('scores: got NaN at place 1, want a number for every batch'));
  });

  it('raises no alert without a score, counts the batch, and ranks the others', () => {
    const judged = discriminate([0.9, Number.NaN, 0.2, Number.NaN], [true, true, false, false], [true, true, false, false]);
    expect(judged).toMatchObject({ batches: 4, failures: 2, alerts: 1, unscored: 2, precision: { value: 1 }, recall: { value: 0.5 }, auc: { value: 1 } });
    expect(judged.brier).toBeCloseTo((0.1 ** 2 + 0.2 ** 2) / 2, 12);
    expect(judged.calibration.map(({ predicted }) => predicted)).toEqual([0.2, 0.9]);
  });

  it('knows nothing of a ranking without both outcomes', () => {
    expect(discriminate([0.1, 0.2], [false, false], [false, false]).auc).toEqual({ value: Number.NaN, low: 0, high: 1 });
  });

  it('judges a trial in which the density probe was silent at 72 h: the rule on it raises no alert there', () => {
    const scored = [1, 2, Number.NaN, 4].map((density, i) => ({ predicted: 0.2 * i, densityMillionPerMl: density, densityAlert: density <= 1, permuted: [0.1 * i, 0.3] }));
    const { model, thresholdRule } = predictionReportOf(scored, [true, false, true, false], 0.5);
    expect([model.unscored, thresholdRule.unscored, thresholdRule.alerts, thresholdRule.auc.value]).toEqual([0, 1, 1, 1]);
  });

  it('scores no chance that nobody gave: a count of cells ranks, and has neither a Brier score nor a calibration', () => {
    const scored = [1, 2, 3, 4].map((density, i) => ({ predicted: 0.2 * i, densityMillionPerMl: density, densityAlert: density <= 1, permuted: [0.1 * i, 0.3] }));
    const { model, thresholdRule, alwaysAct } = predictionReportOf(scored, [true, false, true, false], 0.5);
    expect([thresholdRule.brier, thresholdRule.calibration, thresholdRule.auc.value]).toEqual([Number.NaN, [], 0.75]);
    expect(model.brier).toBeCloseTo((1 + 0.2 ** 2 + 0.6 ** 2 + 0.6 ** 2) / 4, 12);
    expect([alwaysAct.brier, alwaysAct.auc.value, model.calibration.length]).toEqual([0.5, 0.5, 4]);
  });

  it('refuses lists that do not belong together', () => {
    expect(() => discriminate([0.1], [true, false], [true])).toThrow('want as many of each');
  });
});

describe('interval of a figure of one trial among others', () => {
  it('lies around its own figure, two standard deviations of the others to each side', () => {
    const { value, low, high } = amongTrials(10, [12, 13, 14, 15, Number.NaN]);
    // Standard deviation of 12 to 15 is the root of 5/3; t of 49 degrees of freedom at 0.975 by scipy 1.17, stats.t.ppf.
    expect([value, low, high].map((each) => each.toFixed(6))).toEqual([10, 10 - 2.0095752 * Math.sqrt(5 / 3), 10 + 2.0095752 * Math.sqrt(5 / 3)].map((each) => each.toFixed(6)));
  });
  it.each([[[]], [[3]], [[Number.NaN, 3]]])('has no bounds from %j, which do not differ', (others) => {
    expect(amongTrials(10, others)).toEqual({ value: 10, low: Number.NaN, high: Number.NaN });
  });
});

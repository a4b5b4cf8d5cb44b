import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chiSquared, fisher } from '../../../models/monitoring/distributions.ts';
import { alarmScoreOf, excursionsOf } from '../../../models/monitoring/excursions.ts';
import { eigenpairsOf } from '../../../models/monitoring/jacobi.ts';
import { judgeOf, limitsByHour, stageHours } from '../../../models/monitoring/judge.ts';
import { countMoments } from '../../../models/monitoring/moments.ts';
import { distanceOf, planeFrom } from '../../../models/monitoring/pca.ts';
import { codeOf } from '../../support/error-code.ts';
import references from '../../vectors/monitoring/references.json' with { type: 'json' };

const { variables, components, normal } = references;
const plane = planeFrom(variables, countMoments(variables, normal), components);
const { judge } = judgeOf(plane);
const numbersOf = (values: readonly (number | null)[]): readonly number[] => values.map((value) => value ?? Number.NaN);
const [first, , broken, holes] = references.judgements.map(({ values }) => numbersOf(values)) as [readonly number[], readonly number[], readonly number[], readonly number[]];
const close = (got: number, want: number): void => { expect(Math.abs(got - want) / Math.max(1e-3, Math.abs(want))).toBeLessThan(1e-6); };

describe('distributions', () => {
  it.each(references.distributions.chiSquared)('have the quantile of χ² that scipy has: %o', ({ scale, freedom, share, quantile }) => {
    close(chiSquared(scale, freedom).quantile(share), quantile);
    close(chiSquared(scale, freedom).below(quantile), share);
  });
  it.each(references.distributions.fisher)('have the quantile of F that scipy has: %o', ({ scale, first: a, second: b, share, quantile }) => {
    close(fisher(scale, a, b).quantile(share), quantile);
    close(fisher(scale, a, b).below(quantile), share);
  });
});

describe('eigenpairs of a symmetric matrix', () => {
  const symmetric = fc.integer({ min: 1, max: 7 }).chain((size) => fc.array(fc.array(fc.double({ min: -10, max: 10, noNaN: true }), { minLength: size, maxLength: size }), { minLength: size, maxLength: size })
    .map((rows) => rows.map((row, i) => row.map((value, j) => (i <= j ? value : rows[j]![i]!)))));
  it('give the matrix again, from vectors that are orthonormal', () => {
    fc.assert(fc.property(symmetric, (matrix) => {
      const pairs = eigenpairsOf(matrix);
      matrix.forEach((row, i) => { row.forEach((value, j) => {
        expect(pairs.reduce((sum, pair) => sum + pair.value * pair.vector[i]! * pair.vector[j]!, 0)).toBeCloseTo(value, 9);
        expect(pairs[i]!.vector.reduce((sum, component, k) => sum + component * pairs[j]!.vector[k]!, 0)).toBeCloseTo(i === j ? 1 : 0, 9);
      }); });
    }));
  });
  it('are of no matrix that is not square, or has a number that is none', () => {
    for (const wrong of [[[1, 2]], [[Number.NaN]], [[1, 2], [2]]]) expect(() => eigenpairsOf(wrong)).toThrow(RangeError);
  });
});

describe('a running batch', () => {
  it('is judged as an independent computation judges it, at each hour, with values missing or not', () => {
    for (const { values, judged } of references.judgements) {
      for (const want of judged) {
        const got = judge(numbersOf(values), want.hour);
        close(got.t2, want.t2);
        close(got.q, want.q);
        close(got.confidence, want.confidence);
        got.limits.forEach((limits, i) => { close(limits.t2, want.limits[i]!.t2); close(limits.q, want.limits[i]!.q); });
      }
    }
  });
  it('has the T² of the whole batch at its end', () => { close(judge(first, 12).t2, distanceOf(plane, first).t2); });
  it('is judged by nothing that is still to come, and by no order of asking', () => {
    fc.assert(fc.property(fc.array(fc.double({ min: -50, max: 50, noNaN: true }), { minLength: 8, maxLength: 8 }), (future) => {
      expect(judge([...first.slice(0, 4), ...future], 4)).toEqual(judge(first, 4));
      expect(judgeOf(plane).judge(first, 8)).toEqual(judge(first, 8));
    }));
  });
  it('has contributions that add up to T² and Q, those of Q from the newest hours alone', () => {
    const { t2, q, contributions } = judge(broken, 12);
    const sum = (of: (each: (typeof contributions)[number]) => number): number => contributions.reduce((total, each) => total + of(each), 0);
    close(sum((each) => each.t2), t2);
    close(sum((each) => each.q), q);
    expect(contributions.filter((each) => each.q > 0).map(({ variable }) => variable)).toEqual(['log-density-mean-8-12', 'glucose-mean-8-12', 'lactate-mean-8-12', 'ph-mean-8-12']);
  });
  it('is beyond the limits when one sensor leaves the pattern, which its contribution names', () => {
    const { q, confidence, limits, contributions } = judge(broken, 12);
    expect([q > limits[1]!.q, confidence > 0.99]).toEqual([true, true]);
    expect(contributions.toSorted((a, b) => b.q - a.q)[0]!.variable).toBe('ph-mean-8-12');
  });
  it('is beyond a limit of either kind exactly when its confidence is the level or more', () => {
    fc.assert(fc.property(fc.array(fc.double({ min: 0, max: 4, noNaN: true }), { minLength: 12, maxLength: 12 }), fc.constantFrom(4, 8, 12), (factors, hour) => {
      const { t2, q, limits, confidence } = judge(first.map((value, i) => value * factors[i]!), hour);
      for (const each of limits) expect(confidence >= each.level).toBe(t2 >= each.t2 || q >= each.q);
    }));
  });
  it('lacks what is missing: it is named, adds nothing, and is never taken for zero', () => {
    const { missing, contributions } = judge(holes, 8);
    expect(missing).toEqual(['glucose-mean-0-4', 'lactate-mean-4-8']);
    expect(contributions.filter(({ value }) => value === null)).toEqual(missing.map((variable) => ({ variable, value: null, t2: 0, q: 0 })));
    expect(judge(holes, 8).confidence).not.toBeCloseTo(judge(holes.map((value) => (Number.isNaN(value) ? 0 : value)), 8).confidence, 2);
  });
  it('is not judged when nothing new is known, less than half is known, or another number of values is given', () => {
    const without = (...lost: readonly number[]): readonly number[] => first.map((value, i) => (lost.includes(i) ? Number.NaN : value));
    expect(codeOf(() => judge(without(4, 5, 6, 7), 8))).toBe('features-incomplete');
    expect(codeOf(() => judge(without(0, 1, 2, 3, 4), 8))).toBe('features-incomplete');
    expect(codeOf(() => judge(without(0, 1, 2, 3), 8))).toBeUndefined();
    expect(codeOf(() => judge(first.slice(1), 8))).toBe('features-incomplete');
  });
  it.each([[5, 'features-incomplete'], [6, undefined], [7, undefined]] as const)('with %i of the twelve variables of its last hour known is judged from half of them on', (known, code) => {
    // All that is new is among them: it is their number alone that decides.
    expect(codeOf(() => judge(first.map((value, i) => (i < 12 - known ? Number.NaN : value)), 12))).toBe(code);
  });
  it('has limits for each hour at which more is known, those it is judged by while it lacks nothing', () => {
    expect(stageHours(plane)).toEqual([4, 8, 12]);
    expect(limitsByHour(plane)).toEqual([4, 8, 12].map((hour) => ({ hour, limits: judge(first, hour).limits })));
  });
});

describe('an excursion', () => {
  const points = (...confidences: readonly number[]) => confidences.map((confidence, i) => ({ hour: 4 * (i + 1), confidence }));
  it('is so many hours in a row beyond the level, and one until it ends', () => {
    expect(excursionsOf({ level: 0.99, consecutive: 2 }, points(0.5, 0.99, 0.2, 0.995, 1, 1, 0.98, 0.99, 0.99))).toEqual([{ fromHour: 16, raisedHour: 20, toHour: 24, peak: { hour: 20, confidence: 1 } }, { fromHour: 32, raisedHour: 36, toHour: 36, peak: { hour: 36, confidence: 0.99 } }]);
    expect(excursionsOf({ level: 0.99, consecutive: 2 }, [])).toEqual([]);
  });
  it('is there exactly when the score of the batch is the level or more', () => {
    fc.assert(fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 30 }), fc.double({ min: 0.5, max: 0.99, noNaN: true }), fc.integer({ min: 1, max: 4 }), (confidences, level, consecutive) => {
      const rule = { level, consecutive };
      expect(alarmScoreOf(rule, points(...confidences)) >= level).toBe(excursionsOf(rule, points(...confidences)).length > 0);
    }));
  });
});

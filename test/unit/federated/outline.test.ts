import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countClasses, DISTANCE_LIMIT, distanceOf, normalBelow, outlineFrom } from '../../../models/federated/classes.ts';
import { countScale, framesFrom, STEP_LIMIT, stepsOf, valueAt } from '../../../models/federated/scale.ts';
import type { Rows } from '../../../models/federated/rows.ts';
import { cellsFromMoments, isPossible, isSettled, singledByMoments, square } from '../../support/moment-attack.ts';

const float = fc.float({ noNaN: true, noDefaultInfinity: true });
const LEAST = 5;

/** One feature, as rows. */
const rowsOf = (values: readonly number[], labels: readonly number[]): Rows => ({ keys: values.map((_, i) => `k${i}`), drawKeys: values.map((_, i) => `k${i}`), features: ['a'], columns: [Float32Array.from(values)], labels: Uint8Array.from(labels) });
const outlined = (rows: Rows, binLimit = 32) => {
  const frames = framesFrom(countScale(rows), 1, rows.keys.length, LEAST);
  const ofLabel = (label: number): number => rows.labels.filter((each) => each === label).length;
  return { frame: frames[0]!, ...outlineFrom(countClasses(rows, frames), frames, [ofLabel(0), ofLabel(1)], binLimit) };
};
const table = fc.array(fc.tuple(fc.oneof(float, fc.integer({ min: -5, max: 5 }), fc.constant(NaN)), fc.nat(1)), { minLength: 20, maxLength: 60 }).map((rows) => rowsOf(rows.map(([value]) => value), rows.map(([, label], i) => (i < 2 ? i : label))));

describe('the scale that all features are laid on', () => {
  it('sorts as the numbers do, in whole steps within its limits', () => {
    fc.assert(fc.property(float, float, (a, b) => {
      const [one, other] = [stepsOf(a), stepsOf(b)];
      expect(Number.isInteger(one)).toBe(true);
      expect(Math.abs(one)).toBeLessThanOrEqual(STEP_LIMIT);
      if (a <= b) expect(one).toBeLessThanOrEqual(other); else expect(one).toBeGreaterThanOrEqual(other);
    }));
  });
  it('leads back to within a step of the number: a millionth of it, or of one', () => {
    fc.assert(fc.property(fc.float({ min: -(2 ** 40), max: 2 ** 40, noNaN: true }), (value) => {
      expect(Math.abs(valueAt(stepsOf(value)) - value)).toBeLessThanOrEqual(Math.max(1, Math.abs(value)) * 1e-6);
    }));
    expect([0, 1, -1, 64, 1 / 64].map((value) => valueAt(stepsOf(value)))).toEqual([0, 1, -1, 64, 1 / 64]);
    expect([stepsOf(3e38), stepsOf(-3e38), stepsOf(-0)]).toEqual([STEP_LIMIT, -STEP_LIMIT, 0]);
  });
});

describe('the frame of a feature', () => {
  it('is about their mean and their mean size, and is not asked about where fewer rows have it than a site takes part with', () => {
    const values = Array.from({ length: 400 }, (_, i) => (i % 2 === 0 ? 1 : -1) * 8 + Math.sin(i * 12.9898));
    const { centre, unit, isMissing } = outlined(rowsOf(values, values.map((_, i) => i % 2))).frame;
    expect(centre).toBeCloseTo(0, 1);
    expect(unit).toBeCloseTo(8, 0);
    expect(isMissing).toBe(false);
    const few = (known: number) => outlined(rowsOf(values.map((value, i) => (i < known ? value : NaN)), values.map((_, i) => i % 2)));
    expect([few(4).frame, few(4).bins, few(5).frame.isMissing]).toEqual([{ centre: 0, unit: 0, isMissing: false }, [{ edges: [], isMissing: false }], true]);
    expect(few(5).bins[0]!.edges.length).toBeGreaterThan(1);
  });
  it('lets no row count for more than its reach, and one without a value for its middle', () => {
    fc.assert(fc.property(float, (value) => { expect(Math.abs(distanceOf(value, { centre: 3, unit: 2, isMissing: false }))).toBeLessThanOrEqual(DISTANCE_LIMIT); }));
    expect([NaN, 3, 5, 1, 11, 1e30].map((value) => distanceOf(value, { centre: 3, unit: 2, isMissing: true }))).toEqual([0, 0, 4096, -4096, 16384, 16384]);
  });
});

describe('the normal distribution', () => {
  it.each([[0, 0.5], [1, 0.841344746], [-1, 0.158655254], [1.959963985, 0.975], [-2.575829304, 0.005], [8, 1], [-8, 0]])('has below %f the part %f', (z, part) => { expect(normalBelow(z)).toBeCloseTo(part, 6); });
  it('grows, and is the rest on the other side', () => {
    fc.assert(fc.property(fc.double({ min: -40, max: 40, noNaN: true }), fc.double({ min: 0, max: 5, noNaN: true }), (z, more) => {
      expect(normalBelow(z + more)).toBeGreaterThanOrEqual(normalBelow(z));
      expect(normalBelow(z) + normalBelow(-z)).toBeCloseTo(1, 12);
    }));
  });
});

describe('an outline', () => {
  it('has rising thresholds that are float32, fewer than bins, and expects every row of each label once', () => {
    fc.assert(fc.property(table, fc.integer({ min: 2, max: 64 }), (rows, binLimit) => {
      const { bins: [bins], profile } = outlined(rows, binLimit);
      const { edges } = bins!;
      expect(edges.length).toBeLessThan(binLimit);
      edges.forEach((edge, i) => { expect([Math.fround(edge), edge > (edges[i - 1] ?? -Infinity)]).toEqual([edge, true]); });
      if (edges.length === 0) return;
      const sum = (at: number): number => profile.reduce((total, each, i) => total + (i % 2 === at ? each : 0), 0);
      expect(sum(0)).toBeCloseTo(rows.keys.length, 6);
      expect(sum(1)).toBeCloseTo(rows.labels.filter((label) => label === 1).length, 6);
      profile.forEach((each, i) => { expect(each).toBeGreaterThanOrEqual(i % 2 === 0 ? profile[i + 1]! : 0); });
    }));
  });
  it('parts labels where they part', () => {
    const values = Array.from({ length: 200 }, (_, i) => (i % 2 === 0 ? 5 : 9) + Math.sin(i));
    const { bins: [bins], profile } = outlined(rowsOf(values, values.map((_, i) => i % 2)));
    const below = bins!.edges.findIndex((edge) => edge > 7);
    const ones = profile.filter((_, i) => i % 2 === 1);
    expect(ones.slice(0, below).reduce((a, b) => a + b, 0)).toBeLessThan(3);
  });
  it('has none of a feature that is everywhere the same, nor of one that some lack and is else the same', () => {
    for (const values of [Array.from({ length: 20 }, () => 7.3), Array.from({ length: 20 }, (_, i) => (i % 3 === 0 ? NaN : 0))]) expect(outlined(rowsOf(values, values.map((_, i) => i % 2))).bins[0]!.edges).toEqual([]);
  });
});

describe('who attacks by moments of single features', () => {
  it('holds for possible what is: whatever the numbers, and the more values they might have', () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: 40 }), fc.array(fc.integer({ min: -50, max: 50 }), { maxLength: 10 }), (numbers, more) => {
      const moments = { count: numbers.length, sum: numbers.reduce((a, b) => a + b, 0) };
      for (const by of [square, Math.abs]) {
        const known = { ...moments, by, made: numbers.reduce((sum, each) => sum + by(each), 0) };
        expect(isPossible([...new Set([...numbers, ...more])].sort((a, b) => a - b), known)).toBe(true);
        expect(isPossible([60, 61], known)).toBe(false);
      }
    }));
  });
  it('takes for counted what has fewer ways to be than sums can come to: up to 17 values of the heart data\'s rows, 24 of half as many', () => {
    expect([isSettled(2, [1, 1]), isSettled(17, [150, 137]), isSettled(18, [150, 137]), isSettled(24, [66, 66]), isSettled(25, [66, 66])]).toEqual([true, true, false, true, false]);
  });
  it('knows of a flag how many rows have it, by label; and singles out the one that alone does', () => {
    const flags = Array.from({ length: 30 }, (_, i) => (i === 8 ? 1 : 0));
    const honest = rowsOf(flags, flags.map((_, i) => i % 2));
    const own = rowsOf([0, 1, 0, 1], [0, 1, 1, 0]);
    const frames = framesFrom(countScale(honest), 1, 30, LEAST);
    const seen = [{ question: { type: 'scale' } as const, sum: countScale(honest) }, { question: { type: 'classes' as const, frames, rows: [15, 15] as const }, sum: countClasses(honest, frames) }];
    const bins = [{ edges: [0.25, 0.5, 0.75], isMissing: false }];
    expect(cellsFromMoments(own, [honest], bins)).toEqual([{ feature: 0, byLabel: [[14, 0, 0, 1], [15, 0, 0, 0]] }]);
    const { rows, wrong } = singledByMoments(seen, own, [honest], bins);
    expect([rows.flatMap(({ pinned }, i) => (pinned === 1 ? [i] : [])), wrong]).toEqual([[8], 0]);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cellOf, CELLS, partedEvenly } from '../../../models/federated/cells.ts';
import { CLASSES_BOUND, countClasses, normalBelow, outlineFrom } from '../../../models/federated/classes.ts';
import { DISTANCE_LIMIT, distanceOf, STEPS } from '../../../models/federated/distance.ts';
import type { Range } from '../../../models/federated/plan.ts';
import { countScale, framesFrom, positionOf, SCALE_BOUND } from '../../../models/federated/scale.ts';
import type { Rows } from '../../../models/federated/rows.ts';
import { cellsFromMoments, isPossible, singledByMoments, square } from '../../support/moment-attack.ts';
import type { Seen } from '../../support/reconstruction.ts';

const float = fc.float({ noNaN: true, noDefaultInfinity: true });
const LEAST = 5;

/** One feature, as rows. */
const rowsOf = (values: readonly number[], labels: readonly number[], name = 'k'): Rows => {
  const keys = values.map((_, i) => `${name}${i}`);
  return { keys, drawKeys: keys, features: ['a'], columns: [Float32Array.from(values)], labels: Uint8Array.from(labels) };
};
/** Both rounds before trees are grown. */
const roundsOf = (rows: Rows, range: Range) => {
  const scale = countScale(rows, [range], rows.drawKeys!, 'first');
  const frames = framesFrom(scale, [range], rows.keys.length, LEAST);
  return { scale, frames, classes: countClasses(rows, frames, rows.drawKeys!, 'second') };
};
const outlined = (rows: Rows, range: Range, binLimit = 32) => {
  const { frames, classes } = roundsOf(rows, range);
  const ofLabel = (label: number): number => rows.labels.filter((each) => each === label).length;
  return { frame: frames[0]!, ...outlineFrom(classes, frames, [ofLabel(0), ofLabel(1)], binLimit) };
};
const ranges = fc.tuple(fc.float({ min: -1e6, max: 1e6, noNaN: true }), fc.float({ min: Math.fround(0.01), max: 1e6, noNaN: true })).map(([low, width]) => ({ low, high: low + width }));
const table = fc.array(fc.tuple(fc.oneof(float, fc.integer({ min: -5, max: 5 }), fc.constant(NaN)), fc.nat(1)), { minLength: 20, maxLength: 60 }).map((rows) => rowsOf(rows.map(([value]) => value), rows.map(([, label], i) => (i < 2 ? i : label))));

describe('a position in a range', () => {
  it('goes from its low end to its high one in whole steps, and not beyond', () => {
    fc.assert(fc.property(ranges, float, float, (range, a, b) => {
      const [one, other] = [positionOf(a, range), positionOf(b, range)];
      expect(Number.isInteger(one) && Math.abs(one) <= 4096).toBe(true);
      if (a <= b) expect(one).toBeLessThanOrEqual(other);
    }));
    expect([-1e30, 20, 55, 90, 1e30].map((value) => positionOf(value, { low: 20, high: 90 }))).toEqual([-4096, -4096, 0, 4096, 4096]);
    expect(positionOf(7, { low: 7, high: 7 })).toBe(0);
  });
});

describe('the frame of a feature', () => {
  const wave = Array.from({ length: 2000 }, (_, i) => (i % 2 === 0 ? 1 : -1) * 8 + Math.sin(i * 12.9898));
  const frameOf = (values: readonly number[], range: Range) => outlined(rowsOf(values, values.map((_, i) => i % 2)), range).frame;
  it('is about their mean and their standard deviation, as far as draws let tell', () => {
    const { centre, unit } = frameOf(wave, { low: -20, high: 20 });
    expect(Math.abs(centre)).toBeLessThan(1.5);
    expect(Math.abs(unit - 8)).toBeLessThan(1.5);
  });
  it('is never taken for narrower than draws let tell, where a range is far too wide', () => {
    const { unit } = frameOf(wave, { low: -10_000, high: 10_000 });
    expect(unit).toBeGreaterThan(500);
    expect(unit).toBeLessThan(1500);
  });
  it('is none where the specification has one value only, or few rows have any', () => {
    expect(frameOf(wave, { low: 3, high: 3 })).toEqual({ centre: 0, unit: 0 });
    expect(frameOf(wave.map((value, i) => (i < 3 ? value : NaN)), { low: -20, high: 20 })).toEqual({ centre: 0, unit: 0 });
    expect(frameOf(wave.map((value, i) => (i < 500 ? value : NaN)), { low: -20, high: 20 }).unit).toBeGreaterThan(5);
  });
  it('lets no row count for more than its reach, and one without a value for its middle', () => {
    fc.assert(fc.property(float, (value) => { expect(Math.abs(distanceOf(value, { centre: 3, unit: 2 }))).toBeLessThanOrEqual(DISTANCE_LIMIT); }));
    expect([NaN, 3, 5, 1, 7, 1e30].map((value) => distanceOf(value, { centre: 3, unit: 2 }))).toEqual([0, 0, 4096, -4096, 8192, 8192]);
  });
  it('asks for no number that is larger than its bound for a row', () => {
    fc.assert(fc.property(table, ranges, (rows, range) => {
      for (let row = 0; row < rows.keys.length; row += 1) {
        const one = rowsOf([rows.columns[0]![row]!], [rows.labels[row]!], `${row} `);
        const { scale, classes } = roundsOf(one, range);
        expect(Math.max(...scale.map(Math.abs))).toBeLessThanOrEqual(SCALE_BOUND);
        expect(Math.max(...classes.map(Math.abs))).toBeLessThanOrEqual(CLASSES_BOUND);
      }
    }), { numRuns: 20 });
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

describe('thresholds by counts in cells', () => {
  const counts = fc.array(fc.double({ min: -40, max: 400, noNaN: true }), { minLength: CELLS, maxLength: CELLS });
  const sumsOf = (rows: readonly number[]): readonly number[] => rows.map((each) => each * STEPS);
  it('are in cells that cover every distance there is, side by side', () => {
    fc.assert(fc.property(fc.integer({ min: -DISTANCE_LIMIT, max: DISTANCE_LIMIT }), fc.nat(DISTANCE_LIMIT), (distance, more) => {
      const [here, there] = [cellOf(distance), cellOf(Math.min(DISTANCE_LIMIT, distance + more))];
      expect(here >= 0 && there < CELLS && here <= there).toBe(true);
    }));
    expect(new Set(Array.from({ length: 2 * DISTANCE_LIMIT + 1 }, (_, i) => cellOf(i - DISTANCE_LIMIT))).size).toBe(CELLS);
  });
  it('rise within these, one fewer than bins, and part counts evenly: those that are more than draws make of none', () => {
    fc.assert(fc.property(counts, fc.integer({ min: 1, max: 3000 }), fc.integer({ min: 2, max: 254 }), (cells, rows, binLimit) => {
      const steps = partedEvenly(sumsOf(cells), rows, binLimit);
      expect(steps).toHaveLength(binLimit - 1);
      steps.forEach((step, i) => { expect(step).toBeGreaterThan(steps[i - 1] ?? -DISTANCE_LIMIT); expect(step).toBeLessThan(DISTANCE_LIMIT); });
      // By a walk over the cells: what lies below each threshold. Draws of a count are three times as wide as of other numbers, and two standard deviations of them are nothing.
      const filled = cells.map((each) => Math.max(each, 2 * 3 * Math.sqrt(rows / 12)));
      const total = filled.reduce((a, b) => a + b, 0);
      steps.forEach((step, i) => {
        const below = filled.reduce((sum, each, cell) => sum + each * Math.max(0, Math.min(1, (step + DISTANCE_LIMIT) / ((2 * DISTANCE_LIMIT) / CELLS) - cell)), 0);
        expect(below / total).toBeCloseTo((i + 1) / binLimit, 9);
      });
    }));
  });
  it('stand closer together where more rows lie, as they are counted: of 6,000 in two heaps, one of them twice as large', () => {
    const values = Array.from({ length: 6000 }, (_, i) => (i % 3 === 0 ? 2 : 8) + Math.sin(i * 12.9898) / 2);
    const { edges } = outlined(rowsOf(values, values.map((_, i) => (i >> 1) % 2)), { low: 0, high: 10 }).bins[0]!;
    const within = (low: number, high: number): number => edges.filter((edge) => edge > low && edge < high).length;
    expect(within(1, 3)).toBeGreaterThan(within(3, 7));
    expect(within(7, 9)).toBeGreaterThan(1.5 * within(1, 3));
  });
  it('part a flag that few rows have, whatever else draws do', () => {
    for (const part of [50, 20, 3, 2]) {
      const flags = Array.from({ length: 400 }, (_, i) => (i % part === 0 ? 1 : 0));
      const { edges } = outlined(rowsOf(flags, flags.map((_, i) => (i >> 2) % 2)), { low: 0, high: 1 }).bins[0]!;
      expect(edges.filter((edge) => edge > 0 && edge <= 1).length).toBeGreaterThan(2);
    }
  });
  it('are the same wherever rows live: counts of hospitals add up to those of all rows', () => {
    fc.assert(fc.property(table, ranges, fc.nat(60), (rows, range, cut) => {
      const part = (from: number, to?: number): Rows => ({ keys: rows.keys.slice(from, to), drawKeys: rows.drawKeys!.slice(from, to), features: rows.features, columns: rows.columns.map((column) => column.slice(from, to)), labels: rows.labels.slice(from, to) });
      const { frames, classes } = roundsOf(rows, range);
      const [one, other] = [part(0, cut), part(cut)].map((own) => countClasses(own, frames, own.drawKeys!, 'second'));
      expect([...one!].map((each, i) => each + other![i]!)).toEqual([...classes]);
    }), { numRuns: 30 });
  });
});

describe('an outline', () => {
  it('has rising thresholds that are float32, fewer than bins, and expects every row of each label once', () => {
    fc.assert(fc.property(table, ranges, fc.integer({ min: 2, max: 64 }), (rows, range, binLimit) => {
      const { bins: [bins], profile } = outlined(rows, range, binLimit);
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
    const values = Array.from({ length: 1000 }, (_, i) => (i % 2 === 0 ? 5 : 9) + Math.sin(i));
    const { bins: [bins], profile } = outlined(rowsOf(values, values.map((_, i) => i % 2)), { low: 0, high: 14 });
    const below = bins!.edges.findIndex((edge) => edge > 7);
    const ones = profile.filter((_, i) => i % 2 === 1);
    expect(ones.slice(0, below).reduce((a, b) => a + b, 0)).toBeLessThan(75);
  });
});

describe('who attacks by moments of single features', () => {
  const SURE = { sum: 0, made: 0 };
  it('holds for possible what is: whatever the numbers, the more values they might have, and however far the sums are off that it allows for', () => {
    const numbers = fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: 40 });
    fc.assert(fc.property(numbers, fc.array(fc.integer({ min: -50, max: 50 }), { maxLength: 10 }), fc.nat(200), fc.nat(200), fc.boolean(), (own, more, off, other, isDown) => {
      for (const by of [square, Math.abs]) {
        const [sum, made] = [own.reduce((a, b) => a + b, 0), own.reduce((total, each) => total + by(each), 0)];
        const support = [...new Set([...own, ...more])].sort((a, b) => a - b);
        expect(isPossible(support, { count: own.length, sum, made, by, doubt: SURE })).toBe(true);
        expect(isPossible(support, { count: own.length, sum: sum + (isDown ? -off : off), made: made + (isDown ? other : -other), by, doubt: { sum: off, made: other } })).toBe(true);
        expect(isPossible([60, 61], { count: own.length, sum, made, by, doubt: SURE })).toBe(false);
      }
    }));
  });
  const flags: readonly number[] = Array.from({ length: 60 }, (_, i) => (i === 8 ? 1 : 0));
  const range = { low: 0, high: 1 };
  const honest = rowsOf(flags, flags.map((_, i) => i % 2));
  const own = rowsOf([0, 1, 0, 1], [0, 1, 1, 0], 'own');
  const bins = [{ edges: [0.25, 0.5, 0.75], isMissing: false }];
  const { scale, frames, classes } = roundsOf(honest, range);
  const seenWith = (first: Float64Array, second: Float64Array): readonly Seen[] => [{ question: { type: 'scale' }, sum: first }, { question: { type: 'classes', frames, rows: [30, 30] }, sum: second }];
  it('knows of a flag how many rows have it, by label, and singles out the one that alone does: if sums are as they are', () => {
    const total = (of: (value: number) => number, label?: number): number => flags.reduce((sum, value, i) => sum + (label === undefined || i % 2 === label ? of(value) : 0), 0);
    const position = (value: number): number => positionOf(value, range);
    const distance = (value: number): number => distanceOf(value, frames[0]!);
    const ofLabel = (label: number): readonly number[] => [total(distance, label), total((value) => Math.abs(distance(value)), label)];
    const cells = Array.from({ length: CELLS }, (_, cell) => total((value) => (cellOf(distance(value)) === cell ? STEPS : 0)));
    const exact = seenWith(Float64Array.of(60 * 4096, total(position), total((value) => position(value) ** 2), 30, 30), Float64Array.of(...ofLabel(0), ...ofLabel(1), ...cells));
    expect(cellsFromMoments(exact, [range], own, [honest], bins, 0)).toEqual([{ feature: 0, byLabel: [[29, 0, 0, 1], [30, 0, 0, 0]] }]);
    const { rows, wrong } = singledByMoments(exact, [range], own, [honest], bins, 0);
    expect([rows.flatMap(({ pinned }, i) => (pinned === 1 ? [i] : [])), wrong]).toEqual([[8], 0]);
  });
  it('knows of cells that are empty what distances and sizes leave open: if counts are as they are', () => {
    const halves = rowsOf(flags.map((_, i) => (i % 4 < 2 ? 0.25 : 0.75)), flags.map((_, i) => i % 2));
    const others = rowsOf([0, 0.25, 0.5, 0.75, 1], [0, 1, 0, 1, 0], 'own');
    const first = Float64Array.of(60 * STEPS, 0, 60 * (STEPS / 2) ** 2, 30, 30);
    const frame = { centre: 0.5, unit: 0.3 };
    const exact = countClasses(halves, [frame], [], '').fill(0);
    halves.columns[0]!.forEach((value, row) => {
      const distance = distanceOf(value, frame);
      for (const [at, more] of [[2 * halves.labels[row]!, distance], [2 * halves.labels[row]! + 1, Math.abs(distance)], [4 + cellOf(distance), STEPS]] as const) exact[at]! += more;
    });
    const seen: readonly Seen[] = [{ question: { type: 'scale' }, sum: first }, { question: { type: 'classes', frames: [frame], rows: [30, 30] }, sum: exact }];
    const fifths = [{ edges: [0.1, 0.4, 0.6, 0.9], isMissing: false }];
    const empty = (sure: number): readonly boolean[] => cellsFromMoments(seen, [range], others, [halves], fifths, sure)[0]!.byLabel[0].map((most) => most === 0);
    expect(empty(0)).toEqual([true, false, true, false, true]);
    // With the counts hidden, and the sums as they are, ends and middle together are possible.
    const blurred: readonly Seen[] = [seen[0]!, { ...seen[1]!, sum: exact.map((each, i) => (i < 4 ? each : 60 * STEPS)) }];
    expect(cellsFromMoments(blurred, [range], others, [halves], fifths, 0)[0]!.byLabel[0].map((most) => most === 0)).toEqual([false, false, false, false, false]);
  });
  it('does not if each row was moved by its draws', () => {
    const seen = seenWith(scale, classes);
    const [cells] = cellsFromMoments(seen, [range], own, [honest], bins);
    for (const most of cells!.byLabel) expect(most[3]).toBeGreaterThan(4);
    expect(singledByMoments(seen, [range], own, [honest], bins).rows.filter(({ narrowed }) => narrowed > 0)).toEqual([]);
  });
});

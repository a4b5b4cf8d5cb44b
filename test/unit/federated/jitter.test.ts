import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CLASSES_PARTS, CLASSES_WIDTH, countClasses, LABEL_PARTS, placeOfCells } from '../../../models/federated/classes.ts';
import { Cohort } from '../../../models/federated/cohort.ts';
import { contentOf, isSumOf, jitterDeviation, jitterOf, spanOf } from '../../../models/federated/jitter.ts';
import { beginRun } from '../../../models/federated/run.ts';
import { countScale, SCALE_PARTS } from '../../../models/federated/scale.ts';
import { planOf, rowsOf, type Table } from '../../support/federated.ts';

const keyOf = (i: number): string => createHash('sha256').update(`row ${i}`).digest('hex');
const NOTHING = new Uint8Array();
const mean = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0) / numbers.length;

describe('draws of a row', () => {
  it('are whole numbers up to half of a span, the same for the same row and question, and others for any other', () => {
    fc.assert(fc.property(fc.string({ minLength: 1 }), fc.string({ minLength: 1 }), fc.array(fc.integer({ min: 0, max: 2 ** 25 }), { minLength: 1, maxLength: 9 }), (key, context, spans) => {
      const draws = jitterOf(key, context, NOTHING, spans);
      expect(draws).toEqual(jitterOf(key, context, NOTHING, spans));
      draws.forEach((draw, i) => { expect(Number.isInteger(draw) && Math.abs(draw) <= spans[i]! / 2).toBe(true); });
    }));
    const wide = [2 ** 25, 2 ** 25, 2 ** 25];
    expect(new Set([jitterOf('a', 'x', NOTHING, wide), jitterOf('b', 'x', NOTHING, wide), jitterOf('a', 'y', NOTHING, wide), jitterOf('a', 'x', Uint8Array.of(1), wide)].map(String)).size).toBe(4);
  });
  it('are uniform: mean, variance and ends of 4,000', () => {
    const draws = Array.from({ length: 4000 }, (_, i) => jitterOf(keyOf(i), 'context', NOTHING, [10, 1000])[1]!);
    expect(Math.abs(mean(draws))).toBeLessThan(20);
    expect(Math.sqrt(mean(draws.map((each) => each ** 2))) / 1000).toBeCloseTo(jitterDeviation(1), 2);
    expect([Math.min(...draws) < -495, Math.max(...draws) > 495]).toEqual([true, true]);
    const small = Array.from({ length: 4000 }, (_, i) => jitterOf(keyOf(i), 'context', NOTHING, [10, 1000])[0]!);
    expect([...new Set(small)].sort((a, b) => a - b)).toEqual([-5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5]);
  });
  it('leave a sum possible, whatever the numbers', () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: -40, max: 60 }), { minLength: 1, maxLength: 50 }), fc.string({ minLength: 1 }), (numbers, context) => {
      const sum = numbers.reduce((total, each, i) => total + each + jitterOf(keyOf(i), context, NOTHING, [100])[0]!, 0);
      expect(isSumOf(sum, numbers.length, { low: -40, high: 60 })).toBe(true);
      expect(isSumOf(111 * numbers.length, numbers.length, { low: -40, high: 60 })).toBe(false);
    }));
  });
});

describe('draws of a site', () => {
  const table: Table = { keys: Array.from({ length: 30 }, (_, i) => `b${i}`), labels: Array.from({ length: 30 }, (_, i) => i % 2), values: Array.from({ length: 30 }, (_, i) => [i % 7, i % 5, i % 3]) };
  const opened = (change: Parameters<typeof planOf>[0]): string => {
    const plan = planOf(change);
    return Array.from(new Cohort(plan, rowsOf(table)).answer(beginRun(plan).question!)).join();
  };
  it('hang on the whole plan but the limit of rows, which is another where rows live elsewhere', () => {
    expect(opened({ rowLimit: 64 })).toBe(opened({ rowLimit: 1000 }));
    const ranges = planOf().ranges!;
    expect(new Set([opened({}), opened({ seed: 8 }), opened({ treeCount: 6 }), opened({ label: 'other' }), opened({ ranges: ranges.toSpliced(0, 1, { low: 0, high: 8 }) })]).size).toBe(5);
  });
  const HONEST = rowsOf(table);
  const one = { ...HONEST, features: ['a', 'b'], columns: [HONEST.columns[0]!, HONEST.columns[0]!] };
  const [RANGES, FRAMES] = [[{ low: 0, high: 9 }, { low: 0, high: 9 }], [{ centre: 3, unit: 2 }, { centre: 3, unit: 2 }]] as const;
  it('are others for each number of each feature', () => {
    const scale = [...countScale(one, RANGES, one.drawKeys!, 'x').subarray(0, 6)];
    expect(scale.slice(0, 3).filter((each, i) => each === scale[3 + i])).toEqual([]);
    const classes = [...countClasses(one, FRAMES, one.drawKeys!, 'x')];
    expect(classes.slice(0, CLASSES_WIDTH).filter((each, i) => each === classes[CLASSES_WIDTH + i])).toEqual([]);
  });
  it('are others for every other question, though rows should make the same of it', () => {
    const plan = planOf();
    const cohort = new Cohort(plan, rowsOf(table));
    const asked = (centre: number, rows: readonly [number, number]): string => Array.from(cohort.answer({ type: 'classes', frames: [0, 1, 2].map(() => ({ centre, unit: 0 })), rows })).join();
    expect(new Set([asked(0, [15, 15]), asked(1, [15, 15]), asked(0, [15, 16])]).size).toBe(3);
    expect(asked(0, [15, 15])).toBe(asked(0, [15, 15]));
  });
  it('are others for a row that was corrected, so that two sums do not show by what', () => {
    const differing = (columns: readonly Float32Array[], labels = one.labels): readonly number[] => {
      const [before, after] = [one, { ...one, columns, labels }].map((rows) => countScale(rows, RANGES, rows.drawKeys!, 'x'));
      return [...before!.subarray(3, 6)].map((each, i) => after![3 + i]! - each);
    };
    // The second feature stays as it was, and its sums are others all the same.
    expect(differing([one.columns[0]!.with(4, 8), one.columns[1]!])).not.toContain(0);
    expect(differing([...one.columns], one.labels.with(4, 1 - one.labels[4]!))).not.toContain(0);
    expect(differing([...one.columns])).toEqual([0, 0, 0]);
    expect(contentOf({ columns: [Float32Array.of(NaN)], labels: one.labels }, 0)).toEqual(contentOf({ columns: [new Float32Array(Uint32Array.of(0xffc00001).buffer)], labels: one.labels }, 0));
  });
});

/**
 * The game that bounds every attacker: told all other rows, two values a row may have, and everything that is opened, but no draws of the rows of others. It says the value whose sums are nearer, each number weighed by the variance of its draws: of
 * many draws nothing does better (Neyman, Pearson 1933, for normal sums).
 */
describe('who knows all rows but one, and two values that one may have', () => {
  const [ROWS, GAMES] = [64, 400];
  const RANGE = { low: 0, high: 1 };
  const FRAME = { centre: 0.5, unit: 0.25 };
  const rowsWith = (value: number, game: number) => ({ ...rowsOf({ keys: Array.from({ length: ROWS }, (_, i) => keyOf(i + game * ROWS)), labels: Array.from({ length: ROWS }, (_, i) => i % 2), values: Array.from({ length: ROWS }, (_, i) => [i === 0 ? value : (i * 7919) % 2]) }), features: ['a'] });
  // The row has label 0: of the second round its label's sums and the cells.
  const openedOf = (rows: ReturnType<typeof rowsWith>): readonly number[] => {
    const second = [...countClasses(rows, [FRAME], rows.drawKeys!, 'second')];
    return [...[...countScale(rows, [RANGE], rows.drawKeys!, 'first')].slice(0, 3), ...second.slice(0, LABEL_PARTS.length), ...second.slice(placeOfCells(0))];
  };
  /** What the row adds to each number beyond what the middle does. */
  const addsOf = (value: number): readonly number[] => exactOf(value).map((each, i) => each - exactOf(0.5)[i]!);
  const deviations = [...SCALE_PARTS.map((part) => spanOf(part) * jitterDeviation(ROWS)), ...CLASSES_PARTS.map((part, i) => spanOf(part) * jitterDeviation(i < LABEL_PARTS.length ? ROWS / 2 : ROWS))];
  /** Part of the games in which the attacker is right. */
  const rightOf = (one: number, other: number, known: (game: number, value: number) => readonly number[]): number => {
    const [a, b] = [addsOf(one), addsOf(other)];
    return mean(Array.from({ length: GAMES }, (_, game) => {
      const isOne = game % 2 === 0;
      const value = isOne ? one : other;
      const rest = known(game, value);
      const seen = openedOf(rowsWith(value, game)).map((each, i) => each - rest[i]!);
      const off = (adds: readonly number[]): number => adds.reduce((sum, each, i) => sum + ((seen[i]! - each) / deviations[i]!) ** 2, 0);
      return off(a) < off(b) === isOne ? 1 : 0;
    }));
  };
  const exactOf = (value: number): readonly number[] => openedOf(rowsWith(value, 0)).map((each, i) => each - drawsIn(0, value)[i]!);
  function drawsIn(game: number, value: number): readonly number[] {
    const rows = rowsWith(value, game);
    const first = rows.drawKeys!.map((key, i) => jitterOf(key, 'first', contentOf(rows, i), SCALE_PARTS.map(spanOf)));
    const second = rows.drawKeys!.map((key, i) => jitterOf(key, 'second', contentOf(rows, i), CLASSES_PARTS.map(spanOf)));
    const total = (draws: readonly Float64Array[], part: number): number => draws.reduce((sum, each) => sum + each[part]!, 0);
    return [...SCALE_PARTS.map((_, part) => total(first, part)), ...CLASSES_PARTS.map((_, part) => total(part < LABEL_PARTS.length ? second.filter((_each, i) => i % 2 === 0) : second, part))];
  }
  const exact = exactOf(0.5);
  it('is right in few more than half of the games, of 64 rows: the two ends of the range, or the middle and an end', () => {
    for (const [one, other] of [[0, 1], [0.5, 1], [0.45, 0.55]] as const) {
      const right = rightOf(one, other, () => exact);
      expect(right).toBeGreaterThan(0.44);
      // Φ(μ / 2), μ² at most the squares of what the numbers differ by in standard deviations of their draws: μ is 0.83 here at most; with four standard deviations of the share of so many games.
      expect(right).toBeLessThan(0.66 + 4 * Math.sqrt(0.25 / GAMES));
    }
  });
  it('is always right if it knows the draws: these are what hides a row', () => {
    expect(rightOf(0, 1, (game, value) => drawsIn(game, value).map((each, i) => each + exact[i]!))).toBe(1);
  });
});

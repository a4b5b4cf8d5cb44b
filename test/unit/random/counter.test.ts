import { describe, expect, it } from 'vitest';
import { bitsAt, NORMAL_TABLE, normalAt, uniformAt } from '../../../models/random/counter.ts';

const COUNT = 40_000;
const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const correlation = (a: readonly number[], b: readonly number[]): number => meanOf(a.map((value, i) => value * (b[i] ?? 0)));
const streamOfKey = (key: number): readonly number[] => Array.from({ length: COUNT }, (_, place) => normalAt(key, place));

describe('random numbers by place', () => {
  it('has the quantiles of the standard normal, as tables print them', () => {
    const at = (share: number): number => NORMAL_TABLE[Math.round(share * 4096 - 0.5)] ?? Number.NaN;
    for (const [share, z] of [[0.5, 0], [0.841345, 1], [0.9, 1.281552], [0.975, 1.959964], [0.995, 2.575829], [0.025, -1.959964]] as const) expect(Math.abs(at(share) - z)).toBeLessThan(0.012);
  });
  it('has a table that is symmetric, rising, of mean 0 and variance 1', () => {
    const table = [...NORMAL_TABLE];
    expect(meanOf(table)).toBeCloseTo(0, 12);
    expect(correlation(table, table)).toBeCloseTo(1, 12);
    expect(table.every((value, i) => i === 0 || value > (table[i - 1] ?? 0))).toBe(true);
    expect(table.every((value, i) => value === -(table[table.length - 1 - i] ?? 0))).toBe(true);
  });
  it('gives the same bits at the same place of the same stream, whatever was read before', () => {
    const [later, earlier] = [bitsAt(123, 9_999), bitsAt(123, 7)];
    expect([bitsAt(123, 7), bitsAt(123, 9_999)]).toEqual([earlier, later]);
  });
  it.each([0, 1, -1, 0x7fff_ffff, 0x9e37_79b9 | 0])('gives noise of mean 0, variance 1 and no memory for key %i', (key) => {
    const values = streamOfKey(key);
    const wide = 4.5 / Math.sqrt(COUNT);
    expect(Math.abs(meanOf(values))).toBeLessThan(wide);
    expect(Math.abs(correlation(values, values) - 1)).toBeLessThan(1.5 * wide);
    for (const lag of [1, 2, 60, 1440]) expect(Math.abs(correlation(values.slice(lag), values))).toBeLessThan(wide);
  });
  it('does not repeat a place of one stream in another whose key takes that place back', () => {
    for (let place = 1; place < 50; place += 1) expect(bitsAt(1000 ^ Math.imul(place, 0x9e3779b9), 0)).not.toBe(bitsAt(1000, place));
  });
  it('fills the unit interval evenly', () => {
    const bins = new Array<number>(64).fill(0);
    for (let place = 0; place < 64_000; place += 1) bins[Math.floor(64 * uniformAt(77, place))]! += 1;
    expect(bins.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0)).toBeLessThan(115); // 63 degrees of freedom, 99.99 %
  });
  it('keeps streams of neighbouring keys apart, also when one is shifted', () => {
    const base = streamOfKey(1000);
    for (const key of [1001, 1002, 1000 ^ 0x8000_0000, (1000 + 0x9e37_79b9) | 0]) {
      const other = streamOfKey(key);
      for (const lag of [0, 1, 2]) expect(Math.abs(correlation(base.slice(lag), other))).toBeLessThan(4.5 / Math.sqrt(COUNT));
      expect(new Set(other.slice(0, 200).map((value, i) => value === base[i + 1])).has(false)).toBe(true);
    }
  });
});

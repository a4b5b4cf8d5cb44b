import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BirthBook } from '../../../shared/telemetry/birth.ts';
import { ColumnSet } from '../../../shared/telemetry/column.ts';
import { downSample } from '../../../shared/telemetry/down-sample.ts';
import { followExcursions } from '../../../shared/telemetry/excursion.ts';
import { FIELD, FLAG, type Metric } from '../../../shared/telemetry/metric.ts';
import { mayHold, numberOf, samplesOf, seriesOf, statisticOf, type Series } from '../../../shared/telemetry/series.ts';
import { MINUTE } from '../../support/telemetry/sparkplug-writer.ts';

const seriesFrom = (values: readonly number[], stepMs = 1000): Series => ({ times: values.map((_, i) => MINUTE + i * stepMs), values });

describe('numbers of a sample', () => {
  it('read signed integers as two\'s complement of their own width, or 64 bits', () => {
    expect([numberOf(FIELD.int, 1, 0xffffff80, 0), numberOf(FIELD.int, 1, 0x80, 0), numberOf(FIELD.int, 2, 0xffff, 0), numberOf(FIELD.int, 3, 0xfffffffb, 0), numberOf(FIELD.int, 7, 0xfffffffb, 0)]).toEqual([-128, -128, -1, -5, 4294967291]);
    expect([numberOf(FIELD.long, 4, 0xfffffffe, 0xffffffff), numberOf(FIELD.long, 8, 5, 1)]).toEqual([-2, 4294967301]);
    expect([numberOf(FIELD.float, 9, 0x42220000, 0), numberOf(FIELD.boolean, 11, 1, 0), numberOf(FIELD.string, 12, 0, 0)]).toEqual([40.5, 1, Number.NaN]);
  });
});

const metric = (at: number, value: number, more: Partial<Metric> = {}): Metric => {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value, true);
  return { name: undefined, alias: '1', datatype: 0, timestampEpochMs: MINUTE + at, flags: 0, field: FIELD.double, low: view.getUint32(0, true), high: view.getUint32(4, true), bytes: undefined, ...more };
};

describe('a series', () => {
  const births = new BirthBook([
    { edgeNodeId: 'g', deviceId: 'd', timestampEpochMs: MINUTE, bdSeq: 1, table: [['Temperature', '1', 10], ['pH', '2', 10]] },
    { edgeNodeId: 'g', deviceId: 'd', timestampEpochMs: MINUTE + 1000, bdSeq: 2, table: [['pH', '1', 10], ['Temperature', '2', 10]] },
  ]);
  const read = (samples: readonly (readonly [Metric, sentAt: number])[], name = 'Temperature'): Series => {
    const set = new ColumnSet();
    for (const [each, sentAt] of samples) set.addMetric(each, MINUTE + sentAt);
    return seriesOf(set.close().filter((column) => mayHold(column, name, births.aliasesOf('d', name))).flatMap((column) => samplesOf(column, name, 'd', births)));
  };

  it('names each sample by the session in which it was sent, not by when it was taken', () => {
    const samples = [[metric(500, 37), 500], [metric(600, 7.2, { flags: FLAG.historical }), 1500], [metric(1500, 7.1), 1500], [metric(1600, 36.9, { alias: '2' }), 1600]] as const;
    expect(read(samples).values).toEqual([37, 36.9]);
    expect(read(samples, 'pH').values).toEqual([7.2, 7.1]);
  });

  it('takes a sample that came under its name and under its alias once, and two values of one time both', () => {
    expect(read([[metric(0, 37, { name: 'Temperature', alias: '1', datatype: 10 }), 0], [metric(0, 37), 5], [metric(0, 38), 6]]).values).toEqual([37, 38]);
  });

  it('shows null and bad quality as missing, and NaN as what it is', () => {
    const series = read([[metric(1, 0, { field: FIELD.none, low: 0, high: 0 }), 1], [metric(2, 36, { flags: FLAG.badQuality }), 2], [metric(3, Number.NaN), 3], [metric(4, 37), 4]]);
    expect(series).toEqual({ times: [1, 2, 3, 4].map((at) => MINUTE + at), values: [Number.NaN, Number.NaN, Number.NaN, 37], isMissing: [true, true, false, false] });
    expect(statisticOf(series, 'mean', MINUTE + 1000)).toBe(37);
  });

  it('has statistics of its numbers, or none; an infinity is the largest of its sign, not left out', () => {
    const all = (series: Series): unknown => (['last', 'mean', 'minimum', 'maximum'] as const).map((each) => statisticOf(series, each, MINUTE + 1e6));
    expect(all({ times: [0, 1000, 2000, 3000].map((at) => MINUTE + 996_000 + at), values: [3, Number.NaN, 1, 2] })).toEqual([2, 2, 1, 3]);
    expect(all({ times: [MINUTE, MINUTE + 1000], values: [37, -Infinity] })).toEqual([-Number.MAX_VALUE, -Number.MAX_VALUE, -Number.MAX_VALUE, 37]);
    expect(statisticOf({ times: [MINUTE, MINUTE + 1000], values: [Infinity, -Infinity] }, 'mean', MINUTE + 2000)).toBeUndefined();
    expect(statisticOf(seriesFrom([Number.NaN]), 'last', MINUTE)).toBeUndefined();
  });

  it('has a mean over time, whatever the rhythm of its samples', () => {
    // Eight hours at 37 by a sample each ten minutes, then a minute at 30 by a sample each second.
    const [slow, fast] = [Array.from({ length: 48 }, (_, i) => i * 600_000), Array.from({ length: 60 }, (_, i) => 28_800_000 + i * 1000)];
    const series = { times: [...slow, ...fast], values: [...slow.map(() => 37), ...fast.map(() => 30)] };
    expect(statisticOf(series, 'mean', 28_860_000)).toBeCloseTo((480 * 37 + 30) / 481, 10);
  });

  it('lets a value stand until the next sample, good or not, and a quarter of an hour at most', () => {
    expect(statisticOf({ times: [0, 1000, 4000], values: [10, Number.NaN, 20] }, 'mean', 5000)).toBe(15);
    expect(statisticOf({ times: [0, 36_000_000], values: [10, 20] }, 'mean', 36_000_000 + 900_000)).toBe(15);
    expect(statisticOf({ times: [0, 0], values: [10, 20] }, 'mean', 0)).toBe(15);
  });

  it('has a mean between its lowest and its highest', () => {
    fc.assert(fc.property(fc.array(fc.tuple(fc.integer({ min: 1, max: 2_000_000 }), fc.integer({ min: -50, max: 50 })), { minLength: 1, maxLength: 30 }), (items) => {
      let time = 0;
      const series = { times: items.map(([step]) => time += step), values: items.map(([, value]) => value) };
      const mean = statisticOf(series, 'mean', time + 1000) ?? Number.NaN;
      expect(mean).toBeGreaterThanOrEqual(Math.min(...series.values) - 1e-9);
      expect(mean).toBeLessThanOrEqual(Math.max(...series.values) + 1e-9);
    }));
  });
});

describe('a thinned series', () => {
  const value = fc.oneof(fc.double({ noNaN: true }), fc.constant(Number.NaN));
  const anySeries = fc.array(fc.record({ step: fc.oneof(fc.constant(1000), fc.integer({ min: 1, max: 100_000 })), value }), { minLength: 1, maxLength: 300 }).map((items): Series => {
    let time = MINUTE;
    return { times: items.map(({ step }) => time += step), values: items.map((item) => item.value) };
  });

  it('has no more than the points asked for, all of them samples, with the first, the last, the lowest and the highest', () => {
    fc.assert(fc.property(anySeries, fc.integer({ min: 8, max: 200 }), (series, points) => {
      const thinned = downSample(series, points);
      expect(thinned.times.length).toBeLessThanOrEqual(points);
      thinned.times.forEach((time, i) => { expect(series.values[series.times.indexOf(time)]).toBe(thinned.values[i]); });
      expect([thinned.times[0], thinned.times.at(-1)]).toEqual([series.times[0], series.times.at(-1)]);
      // `===`: 0 and -0 are one height on a screen.
      for (const extreme of ['minimum', 'maximum'] as const) expect(statisticOf(thinned, extreme, MINUTE) === statisticOf(series, extreme, MINUTE)).toBe(true);
    }), { numRuns: 500 });
  });

  it('keeps a spike of one sample in 100,000', () => {
    const values = Array.from({ length: 100_000 }, (_, i) => (i === 70_001 ? 42 : 37));
    expect(downSample(seriesFrom(values), 100).values).toContain(42);
  });

  it('keeps both sides of a hole and both ends of missing values', () => {
    const times = Array.from({ length: 1000 }, (_, i) => MINUTE + i * 1000 + (i >= 533 ? 600_000 : 0));
    const isMissing = times.map((_, i) => i >= 210 && i < 217);
    const thinned = downSample({ times, values: times.map((_, i) => (isMissing[i] === true ? Number.NaN : 37)), isMissing }, 40);
    for (const i of [532, 533, 210, 216]) expect(thinned.times).toContain(times[i]);
    expect(thinned.isMissing?.filter(Boolean)).toHaveLength(2);
  });

  it('is left as it is when it is short, and refuses too few points', () => {
    const series = seriesFrom([1, 2, 3]);
    expect(downSample(series, 8)).toBe(series);
    expect(() => downSample(series, 7)).toThrow(RangeError);
  });
});

describe('an excursion', () => {
  const limits = { low: 36, high: 38 };
  const shown = (values: readonly number[], active?: Parameters<typeof followExcursions>[2]): unknown[] =>
    followExcursions(seriesFrom(values), limits, active).map(({ fromEpochMs, toEpochMs, side }) => [(fromEpochMs - MINUTE) / 1000, toEpochMs === undefined ? 'lasts' : (toEpochMs - MINUTE) / 1000, side]);

  it('begins with the first sample outside and lasts until one is well inside', () => {
    expect(shown([37, 38, 38.1, 37.99, 38.05, 37.96, 37])).toEqual([[2, 5, 'high']]);
  });

  it('is one, not many, when noise crosses the limit again and again', () => {
    expect(shown(Array.from({ length: 100 }, (_, i) => 38 + (i % 2 === 0 ? 0.01 : -0.01)))).toEqual([[0, 'lasts', 'high']]);
  });

  it('ends and another begins when the value jumps to the other side', () => {
    expect(shown([39, 35, 37])).toEqual([[0, 1, 'high'], [1, 2, 'low']]);
  });

  it('is the one under way when the minute begins outside', () => {
    expect(shown([39, 39], { fromEpochMs: MINUTE - 5000, value: 40, limit: 38, side: 'high' })).toEqual([[-5, 'lasts', 'high']]);
  });

  it('is not told by NaN, and is by infinity', () => {
    expect(shown([37, Number.NaN, 37])).toEqual([]);
    expect(followExcursions(seriesFrom([Number.NEGATIVE_INFINITY]), limits, undefined)[0]).toMatchObject({ side: 'low', value: -Number.MAX_VALUE });
  });

  it('is the same whether the samples are gone through at once or minute by minute', () => {
    const value = fc.oneof(fc.constantFrom(35.9, 36, 36.03, 37, 37.97, 38, 38.1), fc.constant(Number.NaN));
    fc.assert(fc.property(fc.array(value, { minLength: 1, maxLength: 40 }), fc.nat(40), (values, cut) => {
      const series = seriesFrom(values);
      const first = followExcursions({ times: series.times.slice(0, cut), values: series.values.slice(0, cut) }, limits, undefined);
      const active = first.findLast(({ toEpochMs }) => toEpochMs === undefined);
      const second = followExcursions({ times: series.times.slice(cut), values: series.values.slice(cut) }, limits, active);
      expect([...first.filter(({ toEpochMs }) => toEpochMs !== undefined), ...second]).toEqual(followExcursions(series, limits, undefined));
    }));
  });
});

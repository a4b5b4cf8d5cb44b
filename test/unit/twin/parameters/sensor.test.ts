import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MINUTE_SERIES, minuteSeriesNamed } from '../../../../models/twin/parameters/catalogue/catalogue.ts';
import type { MinuteSeries, Sensor } from '../../../../models/twin/parameters/parameter.ts';
import { drawOf, observe } from '../../../../models/twin/parameters/sensor.ts';
import { allSeriesOf, reading, seriesOf } from '../../../../models/twin/parameters/series.ts';
import { batchWith, runOf } from './subject.ts';

const run = runOf(batchWith([]));
const { points } = run;
const PERFECT: Sensor = { noise: 0, relativeNoise: 0, step: 1e-9, bias: 0, driftPerDay: 0, gapsPerDay: 0, gapMinutes: 0, latencyMinutes: 0, low: -Infinity, high: Infinity };
const glucose = minuteSeriesNamed('Bioreactor/Glucose');
const truth = glucose.signal.of(run);
const seenBy = (figures: Partial<Sensor>, parameter: MinuteSeries = glucose): Float64Array => {
  const out = new Float64Array(points);
  observe(run, { ...parameter, sensor: { ...PERFECT, ...figures } }, 0, out);
  return out;
};
const deviations = (seen: Float64Array): number[] => Array.from(seen, (value, i) => value - (truth[i] ?? 0));
const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const deviationOf = (values: readonly number[]): number => { const mean = meanOf(values); return Math.sqrt(meanOf(values.map((value) => (value - mean) ** 2))); };

describe('sensor', () => {
  it('shows the truth when nothing is wrong with it', () => { expect(Math.max(...deviations(seenBy({})).map(Math.abs))).toBeLessThan(1e-8); });
  it('adds noise of its standard deviation, around the truth', () => {
    const noise = deviations(seenBy({ noise: 0.2 }));
    expect(deviationOf(noise)).toBeCloseTo(0.2, 2);
    expect(Math.abs(meanOf(noise))).toBeLessThan(0.01);
  });
  it('adds noise that grows with the value', () => {
    const scores = deviations(seenBy({ relativeNoise: 0.05 })).map((value, i) => value / (0.05 * (truth[i] ?? 1)));
    expect(deviationOf(scores)).toBeCloseTo(1, 1);
  });
  it.each([0.01, 0.05, 0.5, 1, 5])('shows whole steps of %f, as the nearest decimal', (step) => {
    for (const value of seenBy({ noise: 0.3, step })) expect(value).toBe(Number((Math.round(value / step) * step).toFixed(2)));
  });
  it('is never further from what it measures than half a step', () => { expect(Math.max(...deviations(seenBy({ step: 0.5 })).map(Math.abs))).toBeLessThanOrEqual(0.25 + 1e-9); });
  it('is off by a constant of its own', () => {
    const { bias } = drawOf(run, glucose.name);
    expect(meanOf(deviations(seenBy({ bias: 0.4 })))).toBeCloseTo(0.4 * bias, 6);
  });
  it('drifts from its start, one way, by its own rate', () => {
    const off = deviations(seenBy({ driftPerDay: 0.5 }));
    const { drift } = drawOf(run, glucose.name);
    expect(off[0]).toBeCloseTo(0, 6);
    expect(off[points - 1]).toBeCloseTo((0.5 * drift * (points - 1)) / 1440, 6);
    expect(off.every((value, i) => i === 0 || Math.sign(value - (off[i - 1] ?? 0)) !== -Math.sign(drift))).toBe(true);
  });
  it('shows what was true some minutes ago', () => {
    const [late, now] = [seenBy({ latencyMinutes: 15 }), seenBy({})];
    expect(late.subarray(15)).toEqual(now.subarray(0, points - 15));
    expect(late[3]).toBe(now[0]);
  });
  it('stays within its range', () => { for (const value of seenBy({ noise: 20, low: 10, high: 12 })) expect(value >= 10 && value <= 12).toBe(true); });
  it('is interrupted as often and as long as its figures say, and shows NaN then', () => {
    const shares = Array.from({ length: 60 }, (_, i) => {
      const seen = seenBy({ gapsPerDay: 2, gapMinutes: 20 }, { ...glucose, name: `Probe/${i}` });
      return seen.filter(Number.isNaN).length / points;
    });
    expect(meanOf(shares)).toBeGreaterThan(0.8 * (2 * 20.5) / 1440);
    expect(meanOf(shares)).toBeLessThan(1.2 * (2 * 20.5) / 1440);
  });
  it('shows NaN only when interrupted', () => {
    const whole = MINUTE_SERIES.map((parameter) => ({ ...parameter, sensor: { ...parameter.sensor, gapsPerDay: 0 } }));
    expect(allSeriesOf(run, undefined, whole).values.every(Number.isFinite)).toBe(true);
  });
  it('is interrupted at the same minutes in any part, also where an interruption began long before', () => {
    const faulty = { ...glucose, sensor: { ...PERFECT, gapsPerDay: 4, gapMinutes: 200 } };
    const whole = seenBy(faulty.sensor);
    for (let from = 1; from < points - 10; from += 61) {
      const part = new Float64Array(10);
      observe(run, faulty, from, part);
      expect(part, `from ${from}`).toEqual(whole.slice(from, from + 10));
    }
  });
  it('is interrupted at the same minutes whatever its noise, and has the same noise whatever its gaps', () => {
    const [gaps, noisyGaps, noisy] = [seenBy({ gapsPerDay: 3, gapMinutes: 40 }), seenBy({ gapsPerDay: 3, gapMinutes: 40, noise: 1 }), seenBy({ noise: 1 })];
    expect(gaps.some(Number.isNaN)).toBe(true);
    noisyGaps.forEach((value, i) => { expect(Number.isNaN(value)).toBe(Number.isNaN(gaps[i]!)); if (!Number.isNaN(value)) expect(value).toBe(noisy[i]); });
  });
  it('doubles its deviations when its noise is doubled, and moves no other sensor', () => {
    const [once, twice] = [deviations(seenBy({ noise: 0.1 })), deviations(seenBy({ noise: 0.2 }))];
    expect(Math.max(...twice.map((value, i) => Math.abs(value - 2 * (once[i] ?? 0))))).toBeLessThan(1e-8);
    const changed = MINUTE_SERIES.map((parameter) => (parameter.name === glucose.name ? { ...parameter, sensor: { ...parameter.sensor, noise: 3, gapsPerDay: 4, latencyMinutes: 60 } } : parameter));
    const [before, after] = [allSeriesOf(run), allSeriesOf(run, undefined, changed)];
    MINUTE_SERIES.forEach(({ name }, i) => { expect(Buffer.compare(Buffer.from(before.values.slice(i * points, (i + 1) * points).buffer), Buffer.from(after.values.slice(i * points, (i + 1) * points).buffer)) === 0, name).toBe(name !== glucose.name); });
  });
  it('has noise of its own: no two sensors of one truth agree', () => {
    const [one, two] = ['Bioreactor/Temperature', 'Bioreactor/Temperature Second Probe'].map((name) => seenBy({ noise: 1 }, minuteSeriesNamed(name)));
    const both = Array.from(one!, (value, i) => (value - 37) * ((two![i] ?? 0) - 37));
    expect(Math.abs(meanOf(both))).toBeLessThan(0.06);
  });
  it('shows the same noise in both arms at the same minute, also where an action has changed the truth', () => {
    const other = runOf(run.batch, [{ type: 'set-feed-rate', hour: 95, factor: 2 }]);
    const fine = { ...glucose, sensor: { ...PERFECT, noise: 0.3, gapsPerDay: 1, gapMinutes: 10 } };
    const [ours, theirs] = [new Float64Array(points), new Float64Array(points)];
    observe(run, fine, 0, ours);
    observe(other, fine, 0, theirs);
    const otherTruth = glucose.signal.of(other);
    expect(Math.abs((otherTruth[points - 1] ?? 0) - (truth[points - 1] ?? 0))).toBeGreaterThan(0.5);
    ours.forEach((value, i) => { if (!Number.isNaN(value)) expect(value - (truth[i] ?? 0)).toBeCloseTo((theirs[i] ?? 0) - (otherTruth[i] ?? 0), 7); });
  });
});

describe('series', () => {
  it('agrees with readings taken alone, at any minute, in any order', () => {
    const fresh = runOf(run.batch);
    const { values } = allSeriesOf(run);
    fc.assert(fc.property(fc.integer({ min: 0, max: MINUTE_SERIES.length - 1 }), fc.integer({ min: 0, max: points - 1 }), (i, minute) => {
      expect(reading(fresh, MINUTE_SERIES[i]!.name, minute)).toEqual(values[i * points + minute]);
    }), { numRuns: 300 });
  });
  it('agrees with any part of it', () => {
    const { values } = allSeriesOf(run);
    fc.assert(fc.property(fc.integer({ min: 0, max: MINUTE_SERIES.length - 1 }), fc.integer({ min: 0, max: points - 2 }), fc.integer({ min: 1, max: 2000 }), (i, from, length) => {
      const to = Math.min(points, from + length);
      expect(seriesOf(run, MINUTE_SERIES[i]!.name, from, to)).toEqual(values.slice(i * points + from, i * points + to));
    }), { numRuns: 100 });
  });
  it('has the same first 72 hours in a run that was grown no further', () => {
    const short = runOf(run.batch, [], 72);
    const minutes = 72 * 60;
    const environmental = MINUTE_SERIES.filter(({ group }) => group === 'environmental');
    for (const { name } of environmental) expect(seriesOf(short, name, 0, minutes), name).toEqual(seriesOf(run, name, 0, minutes));
  });
  it('fills the room it is given, and makes its own when that does not fit', () => {
    const first = allSeriesOf(run);
    expect(allSeriesOf(run, first.values).values).toBe(first.values);
    expect(allSeriesOf(run, new Float64Array(3)).values).toEqual(first.values);
  });
  it.each([[0, 0], [-1, 5], [5, 4], [0, points + 1], [0.5, 3]])('refuses minutes [%d, %d)', (from, to) => { expect(() => seriesOf(run, glucose.name, from, to)).toThrow(/want whole minutes of the culture/); });
});

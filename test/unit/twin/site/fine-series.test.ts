import { describe, expect, it } from 'vitest';
import { seriesOf } from '../../../../models/twin/parameters/series.ts';
import { fineSeriesOf } from '../../../../models/twin/site/fine-series.ts';
import { grownRun } from './subject.ts';

const known = (values: Float64Array): readonly number[] => [...values].filter(Number.isFinite);
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('a sensor read every five seconds', () => {
  const run = grownRun(96);
  it('once a minute is the minute series', () => { expect(fineSeriesOf(run, 'Bioreactor/pH', 1)).toEqual(seriesOf(run, 'Bioreactor/pH', 0, run.points)); });
  it('has as many readings, around the same values, and not the same noise in each', () => {
    const fine = fineSeriesOf(run, 'Bioreactor/Temperature', 12);
    expect(fine).toHaveLength((run.points - 1) * 12 + 1);
    expect(mean(known(fine))).toBeCloseTo(mean(known(seriesOf(run, 'Bioreactor/Temperature', 0, run.points))), 2);
    expect(new Set(fine.slice(0, 12)).size).toBeGreaterThan(1);
  });
  it('is late and interrupted as long as the minute series', () => {
    const share = (values: Float64Array): number => 1 - known(values).length / values.length;
    expect(share(fineSeriesOf(run, 'Bioreactor/Glucose', 12))).toBeLessThan(0.05);
    // A sensor five minutes late sees lactate fall when medium is exchanged in hour 72, at the same time in both.
    const [minutes, fine] = [seriesOf(run, 'Bioreactor/Lactate', 0, run.points), fineSeriesOf(run, 'Bioreactor/Lactate', 12)];
    const half = (minutes[4300]! + minutes[4700]!) / 2;
    const fallAt = (values: Float64Array, perMinute: number): number => (values.findLastIndex((value, i) => i < 4700 * perMinute && value > half)) / perMinute;
    expect(minutes[4300]! - minutes[4700]!).toBeGreaterThan(0.5);
    expect(Math.abs(fallAt(fine, 12) - fallAt(minutes, 1))).toBeLessThanOrEqual(1.5);
  });
  it.each([0, 61, 1.5])('refuses %s readings a minute', (perMinute) => { expect(() => fineSeriesOf(run, 'Bioreactor/pH', perMinute)).toThrow('perMinute'); });
  it('refuses a name that is no sensor', () => { expect(() => fineSeriesOf(run, 'Bioreactor/Mood', 1)).toThrow('Bioreactor/Mood'); });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { coveredHours, gridValues, isOnGrid, ownTrajectoryOf, ownTrajectoryValue } from '../../../models/monitoring/own-trajectory.ts';
import { SENSOR_METRICS, trajectoryValue, trajectoryVariables, windowOf } from '../../../models/monitoring/trajectory.ts';
import type { Series } from '../../../shared/telemetry/series.ts';

const HOUR_MS = 3_600_000;
/** A value each half hour, of so many hours, without those of the hours left out. */
const seriesOf = (hours: number, valueAt: (hour: number) => number, isSilent: (hour: number) => boolean = () => false): ReadonlyMap<string, Series> => {
  const times = Array.from({ length: hours * 2 }, (_, i) => i / 2).filter((hour) => !isSilent(hour));
  return new Map(SENSOR_METRICS.map((metric) => [metric, { times: times.map((hour) => hour * HOUR_MS), values: times.map(valueAt) }]));
};
const recorded = (series: ReadonlyMap<string, Series>, hours: number) => ownTrajectoryOf(new Map([0, 24].flatMap((fromHour) => [...gridValues(series, 0, { fromHour, toHour: Math.min(fromHour + 24, hours) })])), hours);
const direct = (series: ReadonlyMap<string, Series>, name: string): number => trajectoryValue(series.get(windowOf(name)!.metric)!, 0, windowOf(name)!);

describe('the course of a culture on record', () => {
  it('gives every window of whole multiples as the telemetry does, read a day at a time', () => {
    fc.assert(fc.property(fc.constantFrom(4, 8, 12, 24), fc.double({ min: 0.5, max: 2, noNaN: true }), fc.double({ min: 0, max: 0.4, noNaN: true }), (windowHours, start, wave) => {
      const series = seriesOf(48, (hour) => start * Math.exp(hour / 60) + wave * Math.sin(hour));
      const held = recorded(series, 48);
      for (const { name } of trajectoryVariables(48, windowHours)) expect(ownTrajectoryValue(held, name)! / direct(series, name)).toBeCloseTo(1, 3);
    }), { numRuns: 30 });
  });
  it('has nothing where nobody measured, and the mean of the rest around it', () => {
    const held = recorded(seriesOf(48, (hour) => 1 + hour, (hour) => hour >= 4 && hour < 8), 48);
    expect(held.sensors['ph']!.slice(0, 3)).toEqual([2.75, null, 10.75]);
    expect([ownTrajectoryValue(held, 'ph-mean-4-8'), ownTrajectoryValue(held, 'ph-mean-0-12')]).toEqual([null, 6.75]);
  });
  it('has nothing of hours the culture did not last, nor of windows that do not fit', () => {
    const held = recorded(seriesOf(48, () => 7), 48);
    expect(['ph-mean-44-52', 'ph-mean-48-52', 'ph-mean-2-6', 'mood-mean-0-4'].map((name) => ownTrajectoryValue(held, name))).toEqual([null, null, null, null]);
    expect(['ph-mean-0-12', 'ph-mean-0-6', 'lactate-maximum'].map(isOnGrid)).toEqual([true, false, false]);
  });
  it.each([[0, 0], [3.9, 0], [4, 4], [191.9, 188], [500, 240]])('of %d hours covers %d', (hours, covered) => { expect(coveredHours(hours)).toBe(covered); });
});

import { describe, expect, it } from 'vitest';
import { knownFromRecord, observedReadings, READING_METRICS } from '../../../models/twin/advice/observed.ts';
import { libraryOf, proposalsFor } from '../../../models/twin/advice/proposals.ts';
import { streamOf } from '../../../models/random/streams.ts';
import { drawBatch } from '../../../models/twin/draw/batch.ts';
import { liveBatch, reportedAt, reportedNames, SENSOR_COUNT } from '../../../models/twin/site/live-batch.ts';
import { SET_POINTS } from '../../../models/twin/site/set-points.ts';
import stress from '../../../models/twin/worlds/stress.json' with { type: 'json' };
import { worldOf } from '../../../models/twin/worlds/load.ts';

const START = Date.UTC(2026, 2, 2);
const MINUTE_MS = 60_000;
const WORLD = worldOf(stress, 'stress');
const LIBRARY = libraryOf(WORLD);
const NAMES = reportedNames(SENSOR_COUNT);

/** What a simulated bioreactor would have published, each five minutes. */
const telemetryOf = (index: number, hours: number) => {
  const live = liveBatch(WORLD, drawBatch(WORLD, 5, index));
  const minutes = Array.from({ length: hours * 12 }, (_, i) => i * 5);
  const rows = minutes.map((minute) => reportedAt(live, SENSOR_COUNT, minute));
  return (metric: string) => {
    const at = NAMES.indexOf(metric);
    return at < 0 ? undefined : { times: minutes.map((minute) => START + minute * MINUTE_MS), values: rows.map((row) => row[at] ?? Number.NaN) };
  };
};
const proposals = (index: number, hours: number) =>
  proposalsFor(WORLD, LIBRARY, { known: knownFromRecord((valueId) => (valueId === 'starting-viability' ? 92 : undefined)), readings: observedReadings(START, hours, telemetryOf(index, hours), []), done: [] }, streamOf(1, 0, 'test'));

describe('what a running batch shows', () => {
  it('is read from its own telemetry, an hour of it at each checkpoint, and NaN where nobody measured', () => {
    const readings = observedReadings(START, 97, telemetryOf(0, 97), [{ hour: 71, name: 'viability', percent: 91 }]);
    expect(readings.map(({ hour }) => hour)).toEqual([24, 36, 48, 60, 72, 76, 88]);
    for (const { densityMillionPerMl, glucoseMmolPerL, temperatureCelsius, capacitancePfPerCm } of readings) expect([Number.isFinite(densityMillionPerMl), Number.isFinite(glucoseMmolPerL), temperatureCelsius > 30, capacitancePfPerCm]).toEqual([true, true, true, Number.NaN]);
    expect(readings.map(({ sample }) => sample).filter((sample) => sample !== undefined)).toEqual([{ hour: 72, viability: 0.91, carPositive: Number.NaN, cd3Positive: Number.NaN, memoryShare: Number.NaN }]);
    expect(READING_METRICS.filter((metric) => !NAMES.includes(metric))).toEqual([]);
  });
  it('takes of an hour the median, so that one wild value says nothing', () => {
    const telemetry = (values: readonly number[]) => (metric: string) => (metric === 'Bioreactor/Glucose' ? { times: values.map((_, i) => START + 24 * 60 * MINUTE_MS - i * 10 * MINUTE_MS), values } : undefined);
    const glucoseAt24 = (...values: readonly number[]) => observedReadings(START, 72, telemetry(values), [])[0]!.glucoseMmolPerL;
    expect([glucoseAt24(14, 13, 15, 14, 14), glucoseAt24(14, 13, 999, 14, 14), glucoseAt24(14, Number.NaN, 15)]).toEqual([14, 14, 14.5]);
  });
  it('has a sample in one reading and no more, whenever it was taken', () => {
    for (const nowHour of [72, 76, 97, 240]) {
      for (let hour = 0; hour <= 240; hour += 0.5) {
        const seen = observedReadings(START, nowHour, () => undefined, [{ hour, name: 'viability', percent: 90 }]).flatMap(({ sample }) => sample ?? []);
        const isNear = hour >= 18 && hour <= Math.max(72, nowHour - 6);
        expect([seen.length <= 1, isNear && seen.length === 0, seen.every((sample) => Math.abs(sample.hour - hour) <= 6)], `sample of ${hour} h at ${nowHour} h`).toEqual([true, false, true]);
      }
    }
  });
  it('is nothing of a batch without telemetry', () => { expect(observedReadings(START, 72, () => undefined, []).every(({ densityMillionPerMl }) => Number.isNaN(densityMillionPerMl))).toBe(true); });
});

describe('ways to go on', () => {
  it('are played forward from what was read; carrying on is one of them, and each says what is expected', () => {
    const found = proposals(3, 96);
    expect(found[0]).toMatchObject({ id: 'carry-on', setPoints: [] });
    expect(found).toHaveLength(14);
    for (const { chance, harvestHour, potencyPercent } of found) expect([chance >= 0 && chance <= 1, harvestHour >= 144, potencyPercent > 0]).toEqual([true, true, true]);
    expect(found.find(({ id }) => id === 'raise-feed')?.setPoints).toEqual([{ metric: SET_POINTS.feed, value: 2.2 }]);
    expect(found.find(({ id }) => id === 'raise-oxygen')?.setPoints).toEqual([{ metric: SET_POINTS.oxygen, value: 100 }]);
    expect(found.find(({ id }) => id === 'exchange-medium')?.setPoints).toBeUndefined();
  });
  it('are the same each time they are asked for', () => { expect(proposals(4, 84)).toEqual(proposals(4, 84)); });
  it('are found also where nothing was measured, from the prior alone', () => {
    const found = proposalsFor(WORLD, LIBRARY, { known: knownFromRecord(() => undefined), readings: observedReadings(START, 72, () => undefined, []), done: [] }, streamOf(1, 0, 'test'));
    expect(found.every(({ chance, worth }) => Number.isFinite(chance) && Number.isFinite(worth))).toBe(true);
  });
});

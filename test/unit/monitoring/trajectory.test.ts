import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { ALARM_RULE, excursionsOf } from '../../../models/monitoring/excursions.ts';
import { judgeOf, stageHours, type Judgement } from '../../../models/monitoring/judge.ts';
import { countMoments } from '../../../models/monitoring/moments.ts';
import { planeFrom, type PlaneModel } from '../../../models/monitoring/pca.ts';
import { maturityHourOf, sensorOf, trajectoryValue, trajectoryVariables, windowOf } from '../../../models/monitoring/trajectory.ts';
import { proportion } from '../../../shared/statistics/exact-interval.ts';
import type { Batch } from '../../../models/twin/draw/batch.ts';
import { drawSite } from '../../../models/twin/site/effects.ts';
import { siteOf } from '../../../models/twin/site/row.ts';
import { trajectoryRow } from '../../../models/twin/site/trajectory-row.ts';
import { worldOf } from '../../../models/twin/worlds/load.ts';
import stress from '../../../models/twin/worlds/stress.json' with { type: 'json' };

const HOUR_MS = 3_600_000;

describe('a variable of a trajectory', () => {
  it('says by its name which sensor it is of, over which hours, and from when on it is known', () => {
    expect(windowOf('glucose-mean-4-8')).toEqual({ metric: 'Bioreactor/Glucose', statistic: 'mean', fromHour: 4, toHour: 8 });
    expect(['log-density-mean-0-12', 'starting-viability', 'ph-mean-4-4'].map((name) => [sensorOf(name), maturityHourOf(name)])).toEqual([['log-density', 12], ['starting-viability', 0], ['ph', 0]]);
    for (const name of ['constructor-mean-0-4', 'glucose-mean-04-8', 'glucose-mean-8-4', 'glucose-maximum-0-4', '']) expect(windowOf(name)).toBeUndefined();
  });
  it('has each sensor in each window once, all of them readable again', () => {
    const variables = trajectoryVariables(240, 4);
    expect([variables.length, new Set(variables.map(({ name }) => name)).size, stageHours({ variables }).at(-1)]).toEqual([300, 300, 240]);
    expect(variables.every(({ name }) => windowOf(name) !== undefined)).toBe(true);
    expect(() => trajectoryVariables(10, 4)).toThrow(/want whole windows/);
  });
  it('is the mean of the finite samples within its hours, whatever lies outside them', () => {
    const window = windowOf('glucose-mean-4-8')!;
    fc.assert(fc.property(fc.array(fc.double({ min: 0, max: 40, noNaN: true }), { minLength: 1, maxLength: 20 }), fc.double(), (inside, outside) => {
      const times = [3.99, ...inside.map((_, i) => 4 + (4 * i) / inside.length), 7.99, 8].map((hour) => 1000 + hour * HOUR_MS);
      const value = trajectoryValue({ times, values: [outside, ...inside, Number.NaN, outside] }, 1000, window);
      expect(value).toBeCloseTo(inside.reduce((sum, each) => sum + each, 0) / inside.length, 9);
    }));
    expect(trajectoryValue({ times: [], values: [] }, 0, window)).toBeNaN();
    expect(trajectoryValue({ times: [4 * HOUR_MS], values: [Number.NaN] }, 0, window)).toBeNaN();
  });
  it('is the mean of the logarithms of a density, and a density of nothing does not make it infinite', () => {
    const window = windowOf('log-density-mean-0-4')!;
    expect(trajectoryValue({ times: [0, HOUR_MS], values: [1, Math.E ** 2] }, 0, window)).toBeCloseTo(1, 9);
    expect(trajectoryValue({ times: [0], values: [0] }, 0, window)).toBeCloseTo(Math.log(1e-3), 9);
  });
});

describe('monitoring of the twin\'s batches', () => {
  const world = worldOf(stress, 'stress');
  const SITES = [0, 1, 2].map((site) => siteOf(world, drawSite(7, site)));
  const variables = trajectoryVariables(240, 4);
  const names = variables.map(({ name }) => name);
  const sound = (batch: Batch): Batch => ({ ...batch, faults: [] });
  const withFault = (fault: Batch['faults'][number]) => (batch: Batch): Batch => ({ ...batch, faults: [fault] });
  const hours = stageHours({ variables });
  let plane: PlaneModel;
  let judged: (values: readonly number[]) => readonly Judgement[];
  beforeAll(() => {
    // As a hospital has them: all batches that went well, with what was repaired in some of them.
    const rows = SITES.flatMap((site, at) => Array.from({ length: 70 }, (_, i) => trajectoryRow(site, 7, at * 1000 + i, names)));
    plane = planeFrom(variables, countMoments(variables, rows.filter(({ failed }) => failed === 0).map(({ values }) => values)), 8);
    const { judge } = judgeOf(plane);
    judged = (values) => hours.map((hour) => judge(values, hour));
  });

  it('leaves no more of the good ones beyond a limit than it says, at any hour taken together', () => {
    const good = SITES.flatMap((site, at) => Array.from({ length: 40 }, (_, i) => trajectoryRow(site, 7, at * 1000 + 500 + i, names, sound))).filter(({ failed }) => failed === 0);
    const points = good.flatMap(({ values }) => judged(values));
    for (const [at, level] of [[0, 0.95], [1, 0.99]] as const) {
      for (const statistic of ['t2', 'q'] as const) {
        const share = points.filter((point) => point[statistic] > point.limits[at]![statistic]).length / points.length;
        expect(share, `${statistic} at ${level}`).toBeLessThan((1 - level) * 2);
      }
    }
    const alarmed = good.filter(({ values }) => excursionsOf(ALARM_RULE, judged(values)).length > 0).length;
    expect(proportion(alarmed, good.length).low).toBeLessThan(0.1);
  });
  it.each([
    ['a pH probe that drifts', { name: 'ph-probe', onsetHour: 60, driftPerHour: 0.02, repairHour: 240 }, 24, 'ph'],
    ['a gas supply that gives too little', { name: 'gas-supply', onsetHour: 150, pressureBar: 0.3, repairHour: 240 }, 16, 'oxygen'],
    ['a feed pump that stands still', { name: 'feed-pump', onsetHour: 130, flowShare: 0, repairHour: 240 }, 72, 'lactate'],
  ] as const)('sees %s, names its sensor, and sees nothing in most of the same batches untouched', (_, fault, withinHours, sensor) => {
    const seeds = Array.from({ length: 12 }, (__, i) => 5000 + i);
    const first = (change: (batch: Batch) => Batch) => seeds.map((index) => {
      const points = judged(trajectoryRow(SITES[0]!, 7, index, names, change).values);
      const excursion = excursionsOf(ALARM_RULE, points).find(({ raisedHour }) => raisedHour > fault.onsetHour);
      return excursion === undefined ? undefined : { raisedHour: excursion.raisedHour, point: points.find(({ hour }) => hour === excursion.raisedHour)! };
    });
    const seen = first(withFault(fault)).map((each) => each ?? { raisedHour: Infinity, point: undefined });
    expect(seen.map(({ raisedHour }) => raisedHour).sort((a, b) => a - b)[6]).toBeLessThanOrEqual(fault.onsetHour + withinHours);
    expect(seen.filter(({ raisedHour }) => raisedHour < Infinity).length).toBeGreaterThanOrEqual(11);
    const named = seen.map(({ point }) => sensorOf(point?.contributions.toSorted((a, b) => b.q - a.q)[0]?.variable ?? ''));
    expect(named.filter((each) => each === sensor).length).toBeGreaterThanOrEqual(7);
    expect(first(sound).filter((each) => each !== undefined).length).toBeLessThanOrEqual(3);
  });
});

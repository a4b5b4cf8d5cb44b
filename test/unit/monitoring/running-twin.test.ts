import { beforeAll, describe, expect, it } from 'vitest';
import { ALARM_RULE, excursionsOf, type Point } from '../../../models/monitoring/excursions.ts';
import { judgeOf, stageHours, type Judge } from '../../../models/monitoring/judge.ts';
import { countMoments } from '../../../models/monitoring/moments.ts';
import { planeFrom } from '../../../models/monitoring/pca.ts';
import { ASSURANCE } from '../../../models/monitoring/running.ts';
import { trajectoryVariables } from '../../../models/monitoring/trajectory.ts';
import type { Batch } from '../../../models/twin/draw/batch.ts';
import { drawSite } from '../../../models/twin/site/effects.ts';
import { siteOf } from '../../../models/twin/site/row.ts';
import { trajectoryRow } from '../../../models/twin/site/trajectory-row.ts';
import { worldOf } from '../../../models/twin/worlds/load.ts';
import { proportion } from '../../../shared/statistics/exact-interval.ts';
import stress from '../../../models/twin/worlds/stress.json' with { type: 'json' };

const [HOURS, WINDOW_HOURS, COMPONENTS, SENSORS] = [240, 12, 8, 5] as const;
const VARIABLES = trajectoryVariables(HOURS, WINDOW_HOURS);
/** The same windows hour by hour, which the plane knows nothing of. */
const HOURLY = trajectoryVariables(HOURS, 1).map(({ name }) => name);
const STAGES = stageHours({ variables: VARIABLES });

/** Of one sensor the mean over the first hours of a window; missing hours are left out, as samples are. */
const meanOf = (hourly: readonly number[], sensor: number, fromHour: number, hours: number): number => {
  const known = Array.from({ length: hours }, (_, i) => hourly[(fromHour + i) * SENSORS + sensor] ?? Number.NaN).filter(Number.isFinite);
  return known.reduce((sum, value) => sum + value, 0) / known.length;
};
const valuesOf = (hourly: readonly number[]): readonly number[] => VARIABLES.map((_, i) => meanOf(hourly, i % SENSORS, Math.floor(i / SENSORS) * WINDOW_HOURS, WINDOW_HOURS));

type Course = Readonly<{ ends: readonly Point[]; told: readonly Readonly<{ hour: number; atHour: number; isConfirmed: boolean }>[] }>;
/** A batch looked at each hour, and at the end of each window. */
const courseOf = ({ judge, judgeRunning }: Judge, hourly: readonly number[], level: number = ALARM_RULE.level): Course => {
  const values = valuesOf(hourly);
  const ends = STAGES.map((hour) => ({ hour, confidence: judge(values, hour).confidence }));
  const told = ends.flatMap(({ hour, confidence }, window) => {
    const first = Array.from({ length: WINDOW_HOURS - 1 }, (_, i) => i + 1).find((hours) => {
      const parts = Array.from({ length: SENSORS }, (_, sensor) => ({ place: window * SENSORS + sensor, value: meanOf(hourly, sensor, window * WINDOW_HOURS, hours), share: hours / WINDOW_HOURS }));
      return judgeRunning(values, parts, hour).confidence >= level;
    });
    return first === undefined ? [] : [{ hour, atHour: hour - WINDOW_HOURS + first, isConfirmed: confidence >= level }];
  });
  return { ends, told };
};
/** Whether so many were not confirmed as the promise allows, by the lower end of the exact interval. */
const keepsItsWord = (told: Course['told']): boolean => proportion(told.filter(({ isConfirmed }) => !isConfirmed).length, told.length).low <= 1 - ASSURANCE;

describe('monitoring of the twin\'s batches within their windows', () => {
  const world = worldOf(stress, 'stress');
  const SITES = [0, 1, 2].map((site) => siteOf(world, drawSite(7, site)));
  const hourlyOf = (site: number, index: number, change?: (batch: Batch) => Batch) => trajectoryRow(SITES[site]!, 7, site * 1000 + index, HOURLY, change);
  const many = (count: number, from: number, change?: (batch: Batch) => Batch) => SITES.flatMap((_, site) => Array.from({ length: count }, (__, i) => hourlyOf(site, from + i, change)));
  const isWhole = ({ failed, values }: Readonly<{ failed: 0 | 1; values: readonly number[] }>): boolean => failed === 0 && values.every(Number.isFinite);
  let judge: Judge;
  let sound: readonly (readonly number[])[];
  beforeAll(() => {
    const good = many(50, 0).filter(isWhole);
    judge = judgeOf(planeFrom(VARIABLES, countMoments(VARIABLES, good.map(({ values }) => valuesOf(values))), COMPONENTS));
    sound = many(20, 500, (batch) => ({ ...batch, faults: [] })).filter(isWhole).map(({ values }) => values);
  });

  it.each([0.9, 0.99])('says nothing of batches that go well that their windows\' ends do not say in 95 of 100 cases, at level %d', (level) => {
    const told = sound.flatMap((hourly) => courseOf(judge, hourly, level).told);
    expect(told.length).toBeGreaterThan(0);
    expect(keepsItsWord(told), `${told.filter(({ isConfirmed }) => !isConfirmed).length} of ${told.length} not confirmed`).toBe(true);
  });
  it.each([
    ['a pH probe that drifts', { name: 'ph-probe', onsetHour: 60, driftPerHour: 0.02, repairHour: HOURS }, 2],
    ['a gas supply that gives too little', { name: 'gas-supply', onsetHour: 150, pressureBar: 0.3, repairHour: HOURS }, 3],
    ['a feed pump that stands still', { name: 'feed-pump', onsetHour: 130, flowShare: 0, repairHour: HOURS }, 1],
  ] as const)('sees %s hours before the second window beyond the limits is over, and takes none of it back', (_, fault, hours) => {
    const courses = many(4, 5000, (batch) => ({ ...batch, faults: [fault] })).map(({ values }) => courseOf(judge, values));
    const earlier = courses.flatMap(({ ends, told }) => {
      const raised = excursionsOf(ALARM_RULE, ends).find(({ raisedHour }) => raisedHour > fault.onsetHour)?.raisedHour;
      return raised === undefined ? [] : [raised - (told.find(({ hour }) => hour === raised)?.atHour ?? raised)];
    });
    expect(earlier.length).toBeGreaterThanOrEqual(11);
    expect(earlier.toSorted((a, b) => a - b)[Math.floor(earlier.length / 2)]).toBeGreaterThanOrEqual(hours);
    expect(keepsItsWord(courses.flatMap(({ told }) => told.filter(({ hour }) => hour > fault.onsetHour)))).toBe(true);
  });
});

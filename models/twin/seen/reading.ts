import { MINUTES_AN_HOUR, type Record as Recorded } from '../culture/culture.ts';
import type { Batch } from '../draw/batch.ts';
import { minuteSeriesNamed } from '../parameters/catalogue/catalogue.ts';
import { DAILY_SAMPLES } from '../parameters/catalogue/samples.ts';
import type { MinuteSeries } from '../parameters/parameter.ts';
import { samplerOf, type Sampler } from '../parameters/results.ts';
import { batchWindowOf, type BatchRun } from '../parameters/run.ts';
import { observe } from '../parameters/sensor.ts';
import type { Action } from '../recipe/action.ts';
import type { World } from '../worlds/world.ts';
import { medianOf, READ_OVER_MINUTES, SENSORS, type Reading, type SampleSeen, type SensorName } from './sensors.ts';

/** Results of the daily sample that are used. */
const RESULTS = { viability: 'Sample/Viability', cd3Positive: 'Sample/CD3', carPositive: 'Sample/CAR', memoryShare: 'Sample/Memory Phenotype' } as const satisfies Record<Exclude<keyof SampleSeen, 'hour'>, string>;

const [DAY_MINUTES, DAY_HOURS, PERCENT] = [1440, 24, 100] as const;
const SERIES: readonly (readonly [SensorName, MinuteSeries])[] = Object.entries(SENSORS).map(([key, name]) => [key as SensorName, minuteSeriesNamed(name)]);
/** Minutes before the window that a late sensor still shows. */
const LATEST_MINUTES = Math.max(...SERIES.map(([, { sensor }]) => sensor.latencyMinutes));
const SAMPLES = DAILY_SAMPLES.filter(({ name }) => (Object.values(RESULTS) as readonly string[]).includes(name));
/** Hours after a sample at which the last of its results is there. */
export const RESULTS_AFTER_HOURS = Math.max(...SAMPLES.map(({ method }) => method.resultAfterHours));

/** One who looks at a batch while it runs: the sampler, which sample was reported last, and the lie of every sensor (drawn once a batch). */
export type Watch = { readonly world: World; readonly batch: Batch; readonly record: Recorded; readonly sampler: Sampler; readonly keys: BatchRun['keys']; days: number };

/** @param record filled as the culture runs */
export const openWatch = (world: World, batch: Batch, record: Recorded): Watch => ({ world, batch, record, sampler: samplerOf(batch, SAMPLES), keys: new Map(), days: 0 });

/** The last sample whose results are all in, unless it was reported before. Samples in between are drawn too, so that one that nobody asked for moves no other. */
const newResults = (watch: Watch, actions: readonly Action[], hour: number): SampleSeen | undefined => {
  const due = Math.floor((hour - RESULTS_AFTER_HOURS) / DAY_HOURS);
  let seen: SampleSeen | undefined;
  for (; watch.days < due; watch.days += 1) {
    const minute = (watch.days + 1) * DAY_MINUTES;
    const { values } = watch.sampler(batchWindowOf({ ...watch, actions }, minute, minute + 1), 0);
    const shareOf = (name: string): number => (values[name] ?? Number.NaN) / PERCENT;
    seen = { hour: minute / MINUTES_AN_HOUR, viability: shareOf(RESULTS.viability), cd3Positive: shareOf(RESULTS.cd3Positive), carPositive: shareOf(RESULTS.carPositive), memoryShare: shareOf(RESULTS.memoryShare) };
  }
  return seen;
};

/**
 * Look at a culture at an hour to which its record is filled.
 *
 * @param actions what was done so far
 * @throws RangeError when the record ends before
 */
export const readAt = (watch: Watch, actions: readonly Action[], hour: number): Reading => {
  const until = Math.floor(hour * MINUTES_AN_HOUR) + 1;
  const from = Math.max(0, until - READ_OVER_MINUTES);
  const run = batchWindowOf({ ...watch, actions }, Math.max(0, from - LATEST_MINUTES), until);
  const minutes = new Float64Array(until - from);
  const values = SERIES.map(([key, series]) => {
    observe(run, series, from, minutes);
    return [key, medianOf(minutes)] as const;
  });
  return { ...(Object.fromEntries(values) as Readonly<Record<SensorName, number>>), hour, sample: newResults(watch, actions, hour) };
};

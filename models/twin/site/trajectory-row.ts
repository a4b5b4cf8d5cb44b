import { trajectoryValue, windowOf } from '../../monitoring/trajectory.ts';
import { advance, ifSolved, MINUTES_AN_HOUR, recordFor, startOf } from '../culture/culture.ts';
import { drawBatch, type Batch } from '../draw/batch.ts';
import type { Cause } from '../outcome/verdict.ts';
import { minuteSeriesNamed } from '../parameters/catalogue/catalogue.ts';
import { batchRunOf } from '../parameters/run.ts';
import { observe } from '../parameters/sensor.ts';
import { timelineOf } from '../recipe/timeline.ts';
import { causesUntouched } from '../trial/finish.ts';
import type { Site } from './row.ts';

/** One batch as monitoring sees it: a value for each variable, and how it ended when nobody acted. `cause` is that of the verdict, empty when it passed. */
export type TrajectoryRow = Readonly<{ index: number; values: readonly number[]; failed: 0 | 1; cause: Cause | ''; batch: Batch }>;

/** Sensors are read this often for a mean. */
const STRIDE_MINUTES = 5;
const MINUTE_MS = 60_000;

/**
 * One batch of a site over its whole culture, as windows of its sensors. One whose equations can not be solved is a failed row with cause `solver`, without values.
 *
 * @param names  variables of a trajectory
 * @param change what is done to the batch before it is played: a fault put in, or taken out
 */
export const trajectoryRow = (site: Site, seed: number, index: number, names: readonly string[], change: (batch: Batch) => Batch = (batch) => batch): TrajectoryRow => {
  const { world, series } = site;
  const batch = change(drawBatch(world, seed, index));
  const hours = world.recipe.harvestHour;
  const record = recordFor(hours);
  const solved = ifSolved(() => { advance(startOf(world, batch), batch.donor.traits, timelineOf(world, batch, []), hours, record); return true; });
  if (solved === undefined) return { index, values: names.map(() => Number.NaN), failed: 1, cause: 'solver', batch };
  const run = batchRunOf(world, batch, [], record);
  const times = Array.from({ length: Math.floor((hours * MINUTES_AN_HOUR) / STRIDE_MINUTES) }, (_, i) => i * STRIDE_MINUTES * MINUTE_MS);
  const read = new Map<string, Readonly<{ times: readonly number[]; values: readonly number[] }>>();
  const values = names.map((name) => {
    const window = windowOf(name);
    if (window === undefined) throw new RangeError(`variable ${name}: want a window of a trajectory`);
    if (!read.has(window.metric)) {
      const minutes = new Float64Array(record.points);
      observe(run, series.get(window.metric) ?? minuteSeriesNamed(window.metric), 0, minutes);
      read.set(window.metric, { times, values: times.map((_, i) => minutes[i * STRIDE_MINUTES] ?? Number.NaN) });
    }
    return trajectoryValue(read.get(window.metric) ?? { times: [], values: [] }, 0, window);
  });
  const [cause] = causesUntouched(world, batch, startOf(world, batch));
  return { index, values, failed: cause === undefined ? 0 : 1, cause: cause ?? '', batch };
};

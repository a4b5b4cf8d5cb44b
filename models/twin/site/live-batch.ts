import { setPointsAt } from '../control/set-points.ts';
import { grow, MINUTES_AN_HOUR, recordFor } from '../culture/culture.ts';
import type { Batch } from '../draw/batch.ts';
import { MINUTE_SERIES } from '../parameters/catalogue/catalogue.ts';
import { batchRunOf } from '../parameters/run.ts';
import { allSeriesOf, type AllSeries } from '../parameters/series.ts';
import type { Action } from '../recipe/action.ts';
import type { World } from '../worlds/world.ts';
import { commandedAction, SET_POINT_NAMES, setPointsAfter } from './set-points.ts';

/** A batch that is being played, as it will go if nobody commands anything more. `lastMinute` is that of its harvest. */
export type LiveBatch = Readonly<{ world: World; batch: Batch; actions: readonly Action[]; lastMinute: number; setPoints: Readonly<Record<string, number>>; series: AllSeries }>;

/** A sensor that is a set-point is reported as such, once. */
const SENSORS = MINUTE_SERIES.filter(({ name }) => !SET_POINT_NAMES.includes(name));
export const SENSOR_COUNT = SENSORS.length;

/** Names of what is reported, in order: so many sensors of the catalogue, then every set-point. */
export const reportedNames = (sensorCount: number): readonly string[] => [...SENSORS.slice(0, sensorCount).map(({ name }) => name), ...SET_POINT_NAMES];

const planned = (world: World, batch: Batch, actions: readonly Action[], lastMinute: number): LiveBatch => {
  const hours = lastMinute / MINUTES_AN_HOUR;
  const record = recordFor(hours);
  grow(world, batch, actions, Math.max(hours, 1 / MINUTES_AN_HOUR), record);
  return { world, batch, actions, lastMinute, setPoints: setPointsAfter(world, actions), series: allSeriesOf(batchRunOf(world, batch, actions, record), undefined, SENSORS) };
};

/** A batch before its first minute. @throws DomainError `solver-*` when its equations can not be solved */
export const liveBatch = (world: World, batch: Batch): LiveBatch => planned(world, batch, [], Math.floor(world.recipe.harvestHour * MINUTES_AN_HOUR));

/**
 * The batch after a command: from this minute on the culture goes another way, by mechanism.
 *
 * @param minute the next to come; what was before stays as it was, within the tolerance of the solver
 * @throws RangeError for a command it does not take, naming it and what was wanted
 */
export const commanded = (live: LiveBatch, name: string, value: number, minute: number): LiveBatch => {
  const action = commandedAction(name, value, minute / MINUTES_AN_HOUR, setPointsAt(live.world, live.actions, minute / MINUTES_AN_HOUR).oxygenHighestPercentAir);
  return planned(live.world, live.batch, [...live.actions, action], action.type === 'harvest' ? Math.min(live.lastMinute, minute) : live.lastMinute);
};

/** What is reported in a minute, in the order of `reportedNames`; NaN where a sensor was interrupted. */
export const reportedAt = ({ series, setPoints }: LiveBatch, sensorCount: number, minute: number): readonly number[] =>
  [...Array.from({ length: Math.min(sensorCount, SENSOR_COUNT) }, (_, i) => series.values[i * series.points + minute] ?? Number.NaN), ...SET_POINT_NAMES.map((name) => setPoints[name] ?? Number.NaN)];

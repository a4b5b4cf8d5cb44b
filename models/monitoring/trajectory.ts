import type { Series } from '../../shared/telemetry/series.ts';
import type { Variable } from './moments.ts';

/** What one variable of a trajectory is: a metric over a window of culture hours, from inclusive, to exclusive. `log`: of its natural logarithm, which is closer to normal where a culture grows. */
export type TrajectoryWindow = Readonly<{ metric: string; statistic: 'mean' | 'log-mean'; fromHour: number; toHour: number }>;
type Sensor = Readonly<{ metric: string; statistic: TrajectoryWindow['statistic']; low: number; high: number }>;

/** Sensors a trajectory is made of, by the word its variables begin with. Ranges are those of the specification, in the metric's unit, or of its logarithm. */
const SENSORS: Readonly<Record<string, Sensor>> = {
  'log-density': { metric: 'Bioreactor/Viable Cell Density', statistic: 'log-mean', low: -3, high: 4 },
  glucose: { metric: 'Bioreactor/Glucose', statistic: 'mean', low: 0, high: 40 },
  lactate: { metric: 'Bioreactor/Lactate', statistic: 'mean', low: 0, high: 40 },
  ph: { metric: 'Bioreactor/pH', statistic: 'mean', low: 6.5, high: 8 },
  oxygen: { metric: 'Bioreactor/Dissolved Oxygen', statistic: 'mean', low: 0, high: 250 },
};
/** Words of the sensors, in the order of the variables. */
export const SENSOR_WORDS: readonly string[] = Object.keys(SENSORS);
export const SENSOR_METRICS: readonly string[] = [...new Set(Object.values(SENSORS).map(({ metric }) => metric))];
const NAME = /^(log-density|glucose|lactate|ph|oxygen)-mean-(0|[1-9]\d{0,2})-([1-9]\d{0,2})$/;
const HOUR_MS = 3_600_000;
/** Logarithms are taken of nothing smaller: a sensor at zero is at the end of its range. */
const SMALLEST = 1e-3;

/** The window a variable's name stands for, `glucose-mean-0-4`; undefined for a name that is none. */
export const windowOf = (name: string): TrajectoryWindow | undefined => {
  const [, word = '', from = '', to = ''] = NAME.exec(name) ?? [];
  const sensor = SENSORS[word];
  return sensor === undefined || Number(from) >= Number(to) ? undefined : { metric: sensor.metric, statistic: sensor.statistic, fromHour: Number(from), toHour: Number(to) };
};

/** The word of its sensor, by which contributions are added up; the name itself where it is no window. */
export const sensorOf = (name: string): string => NAME.exec(name)?.[1] ?? name;

/** Hour of culture at which a variable is known: the end of its window, 0 for what is known from the start. */
export const maturityHourOf = (name: string): number => windowOf(name)?.toHour ?? 0;

/** Variables of every sensor over equal windows from the start of the culture, each with its specified range. @throws RangeError unless the windows fill the hours */
export const trajectoryVariables = (hours: number, windowHours: number): readonly Variable[] => {
  if (!(Number.isInteger(windowHours) && windowHours >= 1 && Number.isInteger(hours / windowHours) && hours >= windowHours)) throw new RangeError(`hours: got ${hours} in windows of ${windowHours}, want whole windows`);
  return Array.from({ length: hours / windowHours }, (_, i) => i * windowHours).flatMap((from) => Object.entries(SENSORS).map(([word, { low, high }]) => ({ name: `${word}-mean-${from}-${from + windowHours}`, low, high })));
};

/** Of the samples of a window that were seen so far: their sum, their count, and when the last was taken; 0 while there was none. */
export type WindowSum = Readonly<{ sum: number; count: number; lastEpochMs: number }>;
export const NOTHING_SEEN: WindowSum = { sum: 0, count: 0, lastEpochMs: 0 };

/**
 * Samples of a series that lie in a window, added to those that were seen before. A window read bit by bit, in time order, has the same sum to the last bit as one that is read at once.
 *
 * @param series       what was not added yet
 * @param startEpochMs when the culture began
 */
export const addedTo = (seen: WindowSum, { times, values }: Series, startEpochMs: number, { fromHour, toHour, statistic }: TrajectoryWindow): WindowSum => {
  const [from, to] = [startEpochMs + fromHour * HOUR_MS, startEpochMs + toHour * HOUR_MS];
  let { sum, count, lastEpochMs } = seen;
  times.forEach((time, i) => {
    const value = values[i] ?? Number.NaN;
    if (time < from || time >= to || !Number.isFinite(value)) return;
    sum += statistic === 'log-mean' ? Math.log(Math.max(value, SMALLEST)) : value;
    count += 1;
    lastEpochMs = Math.max(lastEpochMs, time);
  });
  return { sum, count, lastEpochMs };
};

/** Share of a window up to its last sample, 0 to 1. */
export const shareOf = ({ lastEpochMs }: WindowSum, startEpochMs: number, { fromHour, toHour }: TrajectoryWindow): number => Math.min(1, Math.max(0, ((lastEpochMs - startEpochMs) / HOUR_MS - fromHour) / (toHour - fromHour)));

/**
 * Value of one variable from the series of its metric.
 *
 * @param startEpochMs when the culture began
 * @returns NaN where nothing finite lies in the window
 */
export const trajectoryValue = (series: Series, startEpochMs: number, window: TrajectoryWindow): number => {
  const { sum, count } = addedTo(NOTHING_SEEN, series, startEpochMs, window);
  return count === 0 ? Number.NaN : sum / count;
};

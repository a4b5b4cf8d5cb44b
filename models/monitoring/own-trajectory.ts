import type { Series } from '../../shared/telemetry/series.ts';
import { SENSOR_WORDS, trajectoryValue, trajectoryVariables, windowOf } from './trajectory.ts';

/** Windows of this length are on record, whatever model asks for them one day: means of them are the windows of any model whose windows are whole multiples. */
export const GRID_HOURS = 4;
/** No culture is covered for longer: 60 windows of each sensor, which is what a monitoring model takes at most. */
export const MOST_HOURS = 240;
/** Six digits are more than a sensor has. */
const DIGITS = 6;

/** Means of each sensor over one window after another from the start of the culture, by the sensor's word; null where nobody measured. */
export type OwnTrajectory = Readonly<{ windowHours: number; sensors: Readonly<Record<string, readonly (number | null)[]>> }>;

/** Hours of a culture that are covered: whole windows. */
export const coveredHours = (cultureHours: number): number => Math.min(MOST_HOURS, Math.floor(cultureHours / GRID_HOURS) * GRID_HOURS);

const nameOf = (word: string, fromHour: number): string => `${word}-mean-${fromHour}-${fromHour + GRID_HOURS}`;

/**
 * Values of the windows that lie within a span of hours, by name; those of nothing but gaps are left out.
 *
 * @param series by metric, over the span at least
 */
export const gridValues = (series: ReadonlyMap<string, Series>, startEpochMs: number, { fromHour, toHour }: Readonly<{ fromHour: number; toHour: number }>): ReadonlyMap<string, number> =>
  new Map(trajectoryVariables(toHour, GRID_HOURS).flatMap(({ name }) => {
    const window = windowOf(name);
    if (window === undefined || window.fromHour < fromHour) return [];
    const value = trajectoryValue(series.get(window.metric) ?? { times: [], values: [] }, startEpochMs, window);
    return Number.isFinite(value) ? [[name, Number(value.toPrecision(DIGITS))] as const] : [];
  }));

/** As it goes on record. */
export const ownTrajectoryOf = (values: ReadonlyMap<string, number>, hours: number): OwnTrajectory => ({
  windowHours: GRID_HOURS,
  sensors: Object.fromEntries(SENSOR_WORDS.map((word) => [word, Array.from({ length: hours / GRID_HOURS }, (_, i) => values.get(nameOf(word, i * GRID_HOURS)) ?? null)])),
});

/** Whether a model's variable can be made of what is on record. */
export const isOnGrid = (name: string): boolean => {
  const window = windowOf(name);
  return window !== undefined && window.fromHour % GRID_HOURS === 0 && window.toHour % GRID_HOURS === 0;
};

/** A model's variable from what is on record: the mean of the windows in it that were measured; null where none was, or the culture did not last that long. */
export const ownTrajectoryValue = ({ sensors, windowHours }: OwnTrajectory, name: string): number | null => {
  const [window, word] = [windowOf(name), SENSOR_WORDS.find((each) => name.startsWith(`${each}-mean-`)) ?? ''];
  const held = sensors[word] ?? [];
  if (window === undefined || !isOnGrid(name) || windowHours !== GRID_HOURS || window.toHour > held.length * GRID_HOURS) return null;
  const measured = held.slice(window.fromHour / GRID_HOURS, window.toHour / GRID_HOURS).filter((value) => value !== null);
  return measured.length === 0 ? null : measured.reduce((sum, value) => sum + value, 0) / measured.length;
};

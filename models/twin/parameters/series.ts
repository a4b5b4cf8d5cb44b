import { MINUTE_SERIES, minuteSeriesNamed } from './catalogue/catalogue.ts';
import type { MinuteSeries } from './parameter.ts';
import type { BatchRun } from './run.ts';
import { observe } from './sensor.ts';

/** Every minute series of a batch, series-major: that of `parameters[i]` at minute m is `values[i * points + m]`; NaN where a sensor was interrupted. */
export type AllSeries = Readonly<{ parameters: readonly MinuteSeries[]; points: number; values: Float64Array }>;

const checkedMinutes = ({ points }: BatchRun, fromMinute: number, toMinute: number): void => {
  if (!(Number.isInteger(fromMinute) && Number.isInteger(toMinute) && fromMinute >= 0 && toMinute > fromMinute && toMinute <= points)) throw new RangeError(`minutes: got [${fromMinute}, ${toMinute}), want whole minutes of the culture, 0 to ${points}`);
};

/**
 * All sensors over the whole culture.
 *
 * @param into       reused when it has the size, so that many batches need the room of one
 * @param parameters another site's sensors; the catalogue's when left out
 */
export const allSeriesOf = (run: BatchRun, into?: Float64Array, parameters: readonly MinuteSeries[] = MINUTE_SERIES): AllSeries => {
  const { points } = run;
  const size = parameters.length * points;
  const values = into?.length === size ? into : new Float64Array(size);
  parameters.forEach((parameter, i) => { observe(run, parameter, 0, values.subarray(i * points, (i + 1) * points)); });
  return { parameters, points, values };
};

/**
 * One sensor over the minutes [fromMinute, toMinute) of the culture.
 *
 * @throws RangeError for a name that is no minute series, or minutes outside the culture
 */
export const seriesOf = (run: BatchRun, name: string, fromMinute: number, toMinute: number): Float64Array => {
  const parameter = minuteSeriesNamed(name);
  checkedMinutes(run, fromMinute, toMinute);
  const out = new Float64Array(toMinute - fromMinute);
  observe(run, parameter, fromMinute, out);
  return out;
};

/** One reading; the same as the series has at that minute. @throws RangeError as `seriesOf` */
export const reading = (run: BatchRun, name: string, minute: number): number => seriesOf(run, name, minute, minute + 1)[0] ?? Number.NaN;

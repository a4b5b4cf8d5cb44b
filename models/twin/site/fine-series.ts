import { minuteSeriesNamed } from '../parameters/catalogue/catalogue.ts';
import type { Sensor } from '../parameters/parameter.ts';
import { signal, type BatchRun } from '../parameters/run.ts';
import { observe } from '../parameters/sensor.ts';

/** A sensor read several times a minute is one whose day has as many times more places. */
const faster = (sensor: Sensor, perMinute: number): Sensor =>
  ({ ...sensor, driftPerDay: sensor.driftPerDay / perMinute, gapsPerDay: sensor.gapsPerDay / perMinute, gapMinutes: sensor.gapMinutes * perMinute, latencyMinutes: sensor.latencyMinutes * perMinute });

/**
 * One sensor over a whole culture, read more often than once a minute: the truth runs straight between two minutes, each reading has noise of its own.
 *
 * @param perMinute readings a minute, a whole number from 1 to 60
 * @returns reading i is that of minute i / perMinute; NaN in an interruption
 * @throws RangeError for a name that is no minute series, or another number
 */
export const fineSeriesOf = (run: BatchRun, name: string, perMinute: number): Float64Array => {
  if (!(Number.isInteger(perMinute) && perMinute >= 1 && perMinute <= 60)) throw new RangeError(`perMinute: got ${perMinute}, want a whole number from 1 to 60`);
  const parameter = minuteSeriesNamed(name);
  const minutes = parameter.signal.of(run);
  const out = new Float64Array((run.points - 1) * perMinute + 1);
  const truth = out.map((_, i) => {
    const minute = Math.floor(i / perMinute);
    const from = minutes[minute] ?? Number.NaN;
    return i % perMinute === 0 ? from : from + (((minutes[minute + 1] ?? from) - from) * (i % perMinute)) / perMinute;
  });
  observe(run, { ...parameter, signal: signal(parameter.signal.cause, () => truth), sensor: faster(parameter.sensor, perMinute) }, 0, out);
  return out;
};

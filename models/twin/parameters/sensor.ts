import { streamOf } from '../../random/streams.ts';
import { bitsAt, NORMAL_SHIFT, NORMAL_TABLE, uniformAt } from '../../random/counter.ts';
import type { MinuteSeries } from './parameter.ts';
import type { BatchRun, SensorDraw } from './run.ts';

const MINUTES_A_DAY = 1440;
/** Interruptions are decided block by block, so that any minute can be read without those before it. */
const GAP_BLOCK_MINUTES = 360;

/** What chance decides about a sensor in a batch. The stream is named after the parameter alone: no other sensor's figures move it, and no arm. */
export const drawOf = ({ batch, keys }: BatchRun, name: string): SensorDraw => {
  const known = keys.get(name);
  if (known !== undefined) return known;
  const random = streamOf(batch.seed, batch.index, `sensor/${name}`);
  const drawn = { noiseKey: random.below(2 ** 32) | 0, gapKey: random.below(2 ** 32) | 0, bias: random.normal(), drift: random.normal() };
  keys.set(name, drawn);
  return drawn;
};

/** Multiplier and divisor that bring a count of steps back to the nearest decimal: 7 steps of 0.05 are 7 / 20. */
export const stepFactors = (step: number): readonly [number, number] => (step >= 1 ? [step, 1] : [1, Math.round(1 / step)]);

/** Write NaN where an interruption falls into the minutes of `out`. At most one starts in a block; its length is exponential. */
const interrupt = ({ sensor: { gapsPerDay, gapMinutes } }: MinuteSeries, { gapKey }: SensorDraw, fromMinute: number, out: Float64Array): void => {
  const chance = (gapsPerDay * GAP_BLOCK_MINUTES) / MINUTES_A_DAY;
  if (chance <= 0) return;
  const toMinute = fromMinute + out.length;
  for (let block = Math.max(0, Math.floor(fromMinute / GAP_BLOCK_MINUTES) - 1); block * GAP_BLOCK_MINUTES < toMinute; block += 1) {
    if (uniformAt(gapKey, 3 * block) >= chance) continue;
    const start = block * GAP_BLOCK_MINUTES + Math.floor(uniformAt(gapKey, 3 * block + 1) * GAP_BLOCK_MINUTES);
    const length = Math.min(GAP_BLOCK_MINUTES, Math.ceil(-gapMinutes * Math.log(1 - uniformAt(gapKey, 3 * block + 2))));
    const [first, end] = [Math.max(fromMinute, start), Math.min(toMinute, start + length)];
    if (end > first) out.fill(Number.NaN, first - fromMinute, end - fromMinute);
  }
};

/**
 * What a sensor shows: the truth some minutes ago, off and drifting, with noise, within its range, in its steps; NaN in an interruption.
 *
 * @param fromMinute of culture; a window has to begin as much earlier as the sensor is late
 * @param out        one reading a minute from `fromMinute` on is written to it, as many as it holds
 * @throws RangeError for a minute the run does not have
 */
export const observe = (run: BatchRun, parameter: MinuteSeries, fromMinute: number, out: Float64Array): void => {
  const { signal, gain, sensor } = parameter;
  const { noise, relativeNoise, step, latencyMinutes, low, high } = sensor;
  const { firstMinute } = run;
  if (firstMinute > Math.max(0, fromMinute - latencyMinutes)) throw new RangeError(`fromMinute: got ${fromMinute}, want ${firstMinute + latencyMinutes} or later: ${parameter.name} is ${latencyMinutes} min late`);
  const truth = signal.of(run);
  const draw = drawOf(run, parameter.name);
  const offset = parameter.offset + sensor.bias * draw.bias;
  const driftPerMinute = (sensor.driftPerDay * draw.drift) / MINUTES_A_DAY;
  const [multiplier, divisor] = stepFactors(step);
  const stepsPerUnit = divisor / multiplier;
  const key = draw.noiseKey;
  for (let index = 0, minute = fromMinute; index < out.length; index += 1, minute += 1) {
    const seen = gain * (truth[minute < latencyMinutes ? 0 : minute - latencyMinutes - firstMinute] ?? 0);
    let value = seen + offset + driftPerMinute * minute + (noise + relativeNoise * Math.abs(seen)) * (NORMAL_TABLE[bitsAt(key, minute) >>> NORMAL_SHIFT] ?? 0);
    if (value < low) value = low;
    if (value > high) value = high;
    out[index] = (Math.floor(value * stepsPerUnit + 0.5) * multiplier) / divisor;
  }
  interrupt(parameter, draw, fromMinute, out);
};

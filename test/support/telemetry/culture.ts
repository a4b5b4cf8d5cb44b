import type { Column } from '../../../shared/telemetry/column.ts';
import { ColumnSet } from '../../../shared/telemetry/column.ts';
import { FIELD } from '../../../shared/telemetry/metric.ts';

/** A small seeded generator (mulberry32), so that a figure can be measured again. */
export const randomOf = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

const normal = (random: () => number): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

type Sensor = Readonly<{ centre: number; drift: number; noise: number; resolution: number }>;

/** Bioreactor-like sensors: temperature, pH, dissolved oxygen, stirrer, pressure, flow, valve states; each rounded to the resolution of its transmitter. */
const SENSORS: readonly Sensor[] = [
  { centre: 37, drift: 0.05, noise: 0.03, resolution: 0.01 },
  { centre: 7.2, drift: 0.01, noise: 0.004, resolution: 0.001 },
  { centre: 45, drift: 2, noise: 0.4, resolution: 0.1 },
  { centre: 120, drift: 0, noise: 0.8, resolution: 1 },
  { centre: 1013.2, drift: 0.5, noise: 0.15, resolution: 0.1 },
  { centre: 0.25, drift: 0.02, noise: 0.003, resolution: 0.0005 },
  { centre: 1, drift: 0, noise: 0, resolution: 1 },
  { centre: 5.03, drift: 0.2, noise: 0.05, resolution: 0.01 },
];

/** Values as a transmitter gives them: steps of its resolution, as the nearest double. */
const reading = ({ centre, drift, noise, resolution }: Sensor, second: number, phase: number, random: () => number): number =>
  Number((Math.round((centre + drift * Math.sin((second + phase) / 600) + noise * normal(random)) / resolution) * resolution).toFixed(6));

/** Columns of one minute of `count` parameters at 1 Hz, sampled with a jitter of a few ms, all in one message a second. */
export const minuteOfCulture = (startEpochMs: number, count: number, random: () => number, samplesPerColumn = 60): readonly Column[] => {
  const columns = new ColumnSet();
  const view = new DataView(new ArrayBuffer(8));
  for (let second = 0; second < samplesPerColumn; second += 1) {
    const timestampEpochMs = startEpochMs + Math.floor((second * 60_000) / samplesPerColumn) + (second % 7 === 0 ? 2 : 0);
    for (let alias = 1; alias <= count; alias += 1) {
      const sensor = SENSORS[alias % SENSORS.length] ?? { centre: 0, drift: 0, noise: 1, resolution: 0.1 };
      view.setFloat64(0, reading(sensor, startEpochMs / 1000 + second, alias * 97, random), true);
      columns.addMetric({
        name: undefined, alias: String(alias), datatype: 0, timestampEpochMs, flags: 0, field: FIELD.double, low: view.getUint32(0, true), high: view.getUint32(4, true), bytes: undefined,
      }, timestampEpochMs);
    }
  }
  return columns.close();
};

import { createHash } from 'node:crypto';
import type { ValueOrigin } from '../../shared/batch/events.ts';
import type { EquipmentUse } from '../../shared/batch/state.ts';
import { statisticOf, type Series, type Statistic } from '../../shared/telemetry/series.ts';
import type { DeviceInterval, TelemetryReader } from './telemetry-reader.ts';

export type StatisticQuestion = Readonly<{ metric: string; statistic: Statistic; devices: readonly EquipmentUse[]; fromEpochMs: number; toEpochMs: number }>;
export type StatisticAnswer = Readonly<{ value: number; origin: Extract<ValueOrigin, { kind: 'telemetry' }> }>;

/** Devices of equipment a batch has used, each for the part of a window in which the batch had it. */
export const deviceIntervals = (uses: readonly EquipmentUse[], fromEpochMs: number, toEpochMs: number): readonly DeviceInterval[] => uses.flatMap(({ device, from, to }) => {
  if (device === undefined) return [];
  const interval = { ...device, fromEpochMs: Math.max(fromEpochMs, Date.parse(from)), toEpochMs: Math.min(toEpochMs, to === undefined ? Infinity : Date.parse(to)) };
  return interval.fromEpochMs < interval.toEpochMs ? [interval] : [];
});

const samplesHash = ({ times, values }: Series): string => {
  const bytes = Buffer.alloc(times.length * 16);
  times.forEach((time, i) => {
    bytes.writeDoubleLE(time, i * 16);
    bytes.writeDoubleLE(values[i] ?? Number.NaN, i * 16 + 8);
  });
  return createHash('sha256').update(bytes).digest('hex');
};

/** Answer a question about stored telemetry, with where the answer came from: window, count and SHA-256 of the samples (time and value as doubles, little-endian). */
export const createTelemetryStatistic = (reader: TelemetryReader) => async ({ metric, statistic, devices, fromEpochMs, toEpochMs }: StatisticQuestion): Promise<StatisticAnswer | undefined> => {
  const [series] = await reader.series(deviceIntervals(devices, fromEpochMs, toEpochMs), [metric]);
  const value = series === undefined ? undefined : statisticOf(series, statistic, toEpochMs);
  if (series === undefined || value === undefined) return undefined;
  return {
    value,
    origin: { kind: 'telemetry', metric, statistic, from: new Date(fromEpochMs).toISOString(), to: new Date(toEpochMs).toISOString(), sampleCount: series.times.length, samplesHash: samplesHash(series) },
  };
};

import { simulateBatch } from '../expansion/simulate.ts';
import type { MetricName } from '../expansion/metrics.ts';
import type { Series } from '../../shared/telemetry/series.ts';
import { assembleFeatures, HORIZON_HOURS } from './features.ts';

const MINUTE_MS = 60_000;
/** Features need no more than this of a series. */
const STRIDE_MINUTES = 5;
const MINUTES_AN_HOUR = 60;

/** Features and label (1: not releasable) of one simulated culture. */
export const simulatedRow = (seed: number): Readonly<{ features: readonly number[]; label: 0 | 1 }> => {
  const batch = simulateBatch(seed);
  const count = (HORIZON_HOURS * MINUTES_AN_HOUR) / STRIDE_MINUTES;
  const times = Array.from({ length: count }, (_, i) => i * STRIDE_MINUTES * MINUTE_MS);
  const seriesOf = (metric: string): Series => {
    const samples = batch.metric(metric as MetricName);
    return { times, values: times.map((_, i) => samples[i * STRIDE_MINUTES] ?? Number.NaN) };
  };
  const { startingViabilityPercent, cd4Cd8Ratio, hoursSinceCollection } = batch.donor;
  const values: Readonly<Record<string, number>> = { 'starting-viability': startingViabilityPercent, 'cd4-cd8-ratio': cd4Cd8Ratio, 'hours-since-collection': hoursSinceCollection };
  return { features: assembleFeatures(0, seriesOf, (valueId) => values[valueId]), label: batch.outcome.failed ? 1 : 0 };
};

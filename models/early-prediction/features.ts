import { DomainError } from '../../shared/errors.ts';
import type { Series } from '../../shared/telemetry/series.ts';

/** Hours of culture the early prediction may look at. */
export const HORIZON_HOURS = 72;
const HOUR_MS = 3_600_000;

/** What is read from telemetry, by feature: metric, and statistic over a window of culture hours. */
export type FeatureWindow = Readonly<{ metric: string; statistic: 'mean' | 'minimum' | 'maximum' | 'slope-of-log' | 'slope'; fromHour: number; toHour: number }>;
const DENSITY = 'Bioreactor/Viable Cell Density';

export const TELEMETRY_FEATURES = {
  'density-mean-0-24': { metric: DENSITY, statistic: 'mean', fromHour: 0, toHour: 24 },
  'density-mean-48-72': { metric: DENSITY, statistic: 'mean', fromHour: 48, toHour: 72 },
  'growth-rate-24-72-per-hour': { metric: DENSITY, statistic: 'slope-of-log', fromHour: 24, toHour: 72 },
  'growth-rate-48-72-per-hour': { metric: DENSITY, statistic: 'slope-of-log', fromHour: 48, toHour: 72 },
  'glucose-slope-24-72': { metric: 'Bioreactor/Glucose', statistic: 'slope', fromHour: 24, toHour: 72 },
  'glucose-mean-48-72': { metric: 'Bioreactor/Glucose', statistic: 'mean', fromHour: 48, toHour: 72 },
  'lactate-slope-48-72': { metric: 'Bioreactor/Lactate', statistic: 'slope', fromHour: 48, toHour: 72 },
  'lactate-maximum': { metric: 'Bioreactor/Lactate', statistic: 'maximum', fromHour: 0, toHour: 72 },
  'ph-minimum': { metric: 'Bioreactor/pH', statistic: 'minimum', fromHour: 0, toHour: 72 },
  'oxygen-minimum': { metric: 'Bioreactor/Dissolved Oxygen', statistic: 'minimum', fromHour: 0, toHour: 72 },
  'oxygen-mean-48-72': { metric: 'Bioreactor/Dissolved Oxygen', statistic: 'mean', fromHour: 48, toHour: 72 },
  'temperature-mean': { metric: 'Bioreactor/Temperature', statistic: 'mean', fromHour: 0, toHour: 72 },
} as const satisfies Record<string, FeatureWindow>;

/** What is read from the record: feature → value id of the master batch record. */
export const RECORD_FEATURES = { 'starting-viability-percent': 'starting-viability', 'cd4-cd8-ratio': 'cd4-cd8-ratio', 'hours-since-collection': 'hours-since-collection', 'starting-t-cells': 'starting-t-cells', 'selected-purity-percent': 'selected-purity', 'seeded-cells': 'seeded-cells' } as const;

/** Names in the order the model takes them. */
export const FEATURE_NAMES: readonly string[] = [...Object.keys(TELEMETRY_FEATURES), ...Object.keys(RECORD_FEATURES)];
export const FEATURE_METRICS: readonly string[] = [...new Set(Object.values(TELEMETRY_FEATURES).map(({ metric }) => metric))];
/** A prediction with fewer features than this is none. */
export const MINIMUM_FEATURES = 8;

type Points = Readonly<{ hours: readonly number[]; values: readonly number[] }>;

const pointsIn = ({ times, values }: Series, startEpochMs: number, { fromHour, toHour }: FeatureWindow): Points => {
  const hours: number[] = [];
  const kept: number[] = [];
  times.forEach((time, i) => {
    const hour = (time - startEpochMs) / HOUR_MS;
    const value = values[i] ?? Number.NaN;
    if (hour < fromHour || hour >= Math.min(toHour, HORIZON_HOURS) || !Number.isFinite(value)) return;
    hours.push(hour);
    kept.push(value);
  });
  return { hours, values: kept };
};

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Least-squares slope per hour; NaN when there is no spread in time. */
const slope = ({ hours, values }: Points): number => {
  const [meanHour, meanValue] = [mean(hours), mean(values)];
  const spread = hours.reduce((sum, hour) => sum + (hour - meanHour) ** 2, 0);
  return hours.reduce((sum, hour, i) => sum + (hour - meanHour) * ((values[i] ?? 0) - meanValue), 0) / spread;
};

const statistic = (window: FeatureWindow, points: Points): number => {
  if (points.values.length < 2) return Number.NaN;
  switch (window.statistic) {
    case 'mean': return mean(points.values);
    case 'minimum': return points.values.reduce((a, b) => Math.min(a, b));
    case 'maximum': return points.values.reduce((a, b) => Math.max(a, b));
    case 'slope': return slope(points);
    case 'slope-of-log': return slope({ hours: points.hours, values: points.values.map((value) => Math.log(Math.max(value, 1e-3))) });
    default: return window.statistic satisfies never;
  }
};

/** One feature of a series; NaN where fewer than two samples lie in its window. Samples at or after hour 72 are not looked at. */
export const windowValue = (series: Series, startEpochMs: number, window: FeatureWindow): number => statistic(window, pointsIn(series, startEpochMs, window));

/**
 * Features of the first 72 hours, in the model's order; NaN where a series or value is missing.
 *
 * @param startEpochMs  when the expansion began
 * @param seriesOf      series by metric name; samples at or after hour 72 are not looked at
 * @param recordValueOf value by value id of the master batch record
 * @throws DomainError `features-incomplete` when fewer than MINIMUM_FEATURES are there
 */
export const assembleFeatures = (startEpochMs: number, seriesOf: (metric: string) => Series | undefined, recordValueOf: (valueId: string) => number | undefined): readonly number[] => {
  const fromTelemetry = Object.values(TELEMETRY_FEATURES).map((window: FeatureWindow) => {
    const series = seriesOf(window.metric);
    return series === undefined ? Number.NaN : windowValue(series, startEpochMs, window);
  });
  const features = [...fromTelemetry, ...Object.values(RECORD_FEATURES).map((valueId) => recordValueOf(valueId) ?? Number.NaN)];
  const known = features.filter(Number.isFinite).length;
  if (known < MINIMUM_FEATURES) throw new DomainError('features-incomplete', `got ${known} of ${features.length} features, want at least ${MINIMUM_FEATURES}`, { known });
  return features;
};

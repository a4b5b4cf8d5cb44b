import { MINIMUM_FEATURES, RECORD_FEATURES, TELEMETRY_FEATURES, windowValue, type FeatureWindow } from '../../models/early-prediction/features.ts';
import { SENSOR_WINDOWS } from '../../models/twin/site/sensor-windows.ts';
import { DomainError } from '../../shared/errors.ts';
import type { Series } from '../../shared/telemetry/series.ts';

const WINDOWS: ReadonlyMap<string, FeatureWindow> = new Map<string, FeatureWindow>([...Object.entries(TELEMETRY_FEATURES), ...SENSOR_WINDOWS.map(({ name, window }) => [name, window] as const)]);
const RECORDED: ReadonlyMap<string, string> = new Map(Object.entries(RECORD_FEATURES));

/** Metrics that must be read to know these features. */
export const metricsOf = (names: readonly string[]): readonly string[] => [...new Set(names.flatMap((name) => WINDOWS.get(name)?.metric ?? []))];

/**
 * Features of the first 72 hours by name, as a model asks for them; NaN where nobody measured, or this hospital does not know the name.
 *
 * @throws DomainError `features-incomplete` while too few are there: telemetry may still come
 */
export const featuresNamed = (names: readonly string[], startEpochMs: number, seriesOf: (metric: string) => Series | undefined, valueOf: (valueId: string) => number | undefined): readonly number[] => {
  const features = names.map((name) => {
    const window = WINDOWS.get(name);
    const series = window === undefined ? undefined : seriesOf(window.metric);
    if (window !== undefined) return series === undefined ? Number.NaN : windowValue(series, startEpochMs, window);
    return valueOf(RECORDED.get(name) ?? '') ?? Number.NaN;
  });
  const wanted = Math.min(MINIMUM_FEATURES, Math.ceil(names.length / 2));
  const known = features.filter(Number.isFinite).length;
  if (known < wanted) throw new DomainError('features-incomplete', `got ${known} of ${features.length} features, want at least ${wanted}`, { known });
  return features;
};

/** Features that are there; one that is missing is left out, which the model takes as missing too. */
export const known = (names: readonly string[], features: readonly number[]): Readonly<Record<string, number>> =>
  Object.fromEntries(features.flatMap((value, i) => (Number.isFinite(value) ? [[names[i] ?? `f${i}`, value]] : [])));

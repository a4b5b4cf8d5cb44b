import { FEATURE_NAMES, HORIZON_HOURS, type FeatureWindow } from '../../early-prediction/features.ts';
import { ATTRIBUTES, minuteSeriesNamed } from '../parameters/catalogue/catalogue.ts';
import { DAILY_SAMPLES } from '../parameters/catalogue/samples.ts';
import type { DailySample } from '../parameters/parameter.ts';
import type { Results } from '../parameters/results.ts';
import { SENSOR_WINDOWS, slug } from './sensor-windows.ts';

export type SensorColumn = Readonly<{ name: string; unit: string; window: FeatureWindow }>;
export const SENSOR_COLUMNS: readonly SensorColumn[] = SENSOR_WINDOWS.map(({ name, window }) => {
  const { unit } = minuteSeriesNamed(window.metric);
  return { name, unit: window.statistic === 'slope' ? `${unit}/h` : unit, window };
});

/** Attributes that the master batch record asks for, by its value id, and the factor between their units. The deployed prediction has them under names of its own. */
export const ATTRIBUTE_OF_RECORD: Readonly<Record<string, Readonly<{ name: string; factor: number }>>> = {
  'starting-viability': { name: 'Start/Viability', factor: 1 }, 'cd4-cd8-ratio': { name: 'Start/CD4 to CD8', factor: 1 }, 'hours-since-collection': { name: 'Collection/Hours Since', factor: 1 },
  'starting-t-cells': { name: 'Collection/CD3', factor: 1000 }, 'selected-purity': { name: 'Start/CD3', factor: 1 }, 'seeded-cells': { name: 'Start/Seeded Viable Cells', factor: 1 },
};
/** A value of the master batch record as the twin's attributes have it; undefined for one they do not know. */
export const recordedValue = (attributes: Results, valueId: string): number | undefined => {
  const known = ATTRIBUTE_OF_RECORD[valueId];
  return known === undefined ? undefined : (attributes[known.name] ?? Number.NaN) * known.factor;
};
const taken: ReadonlySet<string> = new Set(Object.values(ATTRIBUTE_OF_RECORD).map(({ name }) => name));
/** Lots, patient and collection: known before the culture begins. */
export const ATTRIBUTE_COLUMNS = ATTRIBUTES.filter(({ name }) => !taken.has(name)).map((attribute) => ({ name: slug(attribute.name), unit: attribute.unit, attribute }));

export type SampleColumn = Readonly<{ name: string; unit: string; sample: DailySample; hour: number }>;
/** Samples whose results are there by the end of hour 72; that of hour 72 itself is not. */
export const SAMPLE_COLUMNS: readonly SampleColumn[] = [24, 48].flatMap((hour) => DAILY_SAMPLES
  .filter(({ method }) => hour + method.resultAfterHours <= HORIZON_HOURS)
  .map((sample) => ({ name: `${slug(sample.name)}-${hour}`, unit: sample.unit, sample, hour })));

/** Every feature of a data set, in order: those of the deployed prediction first. */
export const COLUMN_NAMES: readonly string[] = [...FEATURE_NAMES, ...SENSOR_COLUMNS.map(({ name }) => name), ...ATTRIBUTE_COLUMNS.map(({ name }) => name), ...SAMPLE_COLUMNS.map(({ name }) => name)];

import { FEATURE_NAMES, HORIZON_HOURS } from '../../models/early-prediction/features.ts';
import { trajectoryVariables, windowOf } from '../../models/monitoring/trajectory.ts';
import { ATTRIBUTE_COLUMNS, COLUMN_NAMES, SAMPLE_COLUMNS, SENSOR_COLUMNS } from '../../models/twin/site/columns.ts';
import { datasetRow, type DatasetRow, type Site } from '../../models/twin/site/row.ts';
import { trajectoryRow } from '../../models/twin/site/trajectory-row.ts';

/**
 * What a data set holds of a batch: its columns as `SOURCE.json` describes them, the hour of culture up to which they know it, and how a row is made. `files`: others that belong to it, by name.
 */
export type DatasetTable = Readonly<{
  names: readonly string[]; columns: readonly Readonly<Record<string, string>>[]; upToHour: number; files: Readonly<Record<string, string>>;
  row(site: Site, seed: number, index: number): DatasetRow;
}>;

/** What was known at hour 72: features of the early prediction, and everything else. */
export const EARLY: DatasetTable = {
  names: COLUMN_NAMES, upToHour: HORIZON_HOURS, row: datasetRow, files: {},
  columns: [
    ...FEATURE_NAMES.map((name) => ({ name, kind: 'deployed prediction' })), ...SENSOR_COLUMNS.map(({ name, unit, window }) => ({ name, kind: 'sensor', parameter: window.metric, unit })),
    ...ATTRIBUTE_COLUMNS.map(({ name, unit, attribute }) => ({ name, kind: 'attribute', parameter: attribute.name, unit })), ...SAMPLE_COLUMNS.map(({ name, unit, sample }) => ({ name, kind: 'sample', parameter: sample.name, unit })),
  ],
};

/**
 * Whole cultures as process monitoring sees them: each sensor over equal windows, with the ranges a training wants in `ranges.csv`.
 *
 * @param hours       of culture that are covered
 * @param windowHours of one window
 * @throws RangeError unless the windows fill the hours
 */
export const trajectoryTable = (hours: number, windowHours: number): DatasetTable => {
  const variables = trajectoryVariables(hours, windowHours);
  const names = variables.map(({ name }) => name);
  return {
    names, upToHour: hours, columns: names.map((name) => ({ name, kind: 'trajectory', parameter: windowOf(name)?.metric ?? '', statistic: windowOf(name)?.statistic ?? '' })),
    files: { 'ranges.csv': `${['name,low,high', ...variables.map(({ name, low, high }) => `${name},${low},${high}`)].join('\n')}\n` },
    row: (site, seed, index) => {
      const { values, failed, cause } = trajectoryRow(site, seed, index, names);
      return { index, features: values, failed, cause };
    },
  };
};

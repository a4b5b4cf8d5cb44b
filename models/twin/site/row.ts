import type { Series } from '../../../shared/telemetry/series.ts';
import { assembleFeatures, HORIZON_HOURS, windowValue } from '../../early-prediction/features.ts';
import { advance, ifSolved, MINUTES_AN_HOUR, recordFor, startOf, type Culture } from '../culture/culture.ts';
import { drawBatch, type Batch } from '../draw/batch.ts';
import type { Cause } from '../outcome/verdict.ts';
import { minuteSeriesNamed } from '../parameters/catalogue/catalogue.ts';
import type { MinuteSeries } from '../parameters/parameter.ts';
import { attributesOf, samplesOf } from '../parameters/results.ts';
import { batchRunOf, type BatchRun } from '../parameters/run.ts';
import { observe } from '../parameters/sensor.ts';
import { timelineOf } from '../recipe/timeline.ts';
import { causesUntouched } from '../trial/finish.ts';
import type { World } from '../worlds/world.ts';
import { seriesAt, worldAt } from './at-site.ts';
import { ATTRIBUTE_COLUMNS, COLUMN_NAMES, recordedValue, SAMPLE_COLUMNS, SENSOR_COLUMNS } from './columns.ts';
import type { SiteEffects } from './effects.ts';

/** One batch of a data set: what its site knew at hour 72, in the order of COLUMN_NAMES, NaN where it is missing; and how the batch ended when nobody acted. `cause` is that of the verdict, empty when it passed. */
export type DatasetRow = Readonly<{ index: number; features: readonly number[]; failed: 0 | 1; cause: Cause | '' }>;

/** A hospital ready to make batches. */
export type Site = Readonly<{ world: World; series: ReadonlyMap<string, MinuteSeries> }>;
export const siteOf = (world: World, effects: SiteEffects): Site => ({ world: worldAt(world, effects), series: seriesAt(effects) });

/** Features need no more than this of a series. */
const STRIDE_MINUTES = 5;
const MINUTE_MS = 60_000;
const MINUTES = HORIZON_HOURS * MINUTES_AN_HOUR;
const TIMES: readonly number[] = Array.from({ length: MINUTES / STRIDE_MINUTES }, (_, i) => i * STRIDE_MINUTES * MINUTE_MS);

/** Series by metric over the first 72 hours, each read once. */
const readerOf = (run: BatchRun, { series }: Site): ((metric: string) => Series) => {
  const known = new Map<string, Series>();
  const values = new Float64Array(MINUTES);
  return (metric) => {
    const read = known.get(metric);
    if (read !== undefined) return read;
    observe(run, series.get(metric) ?? minuteSeriesNamed(metric), 0, values);
    const own = { times: TIMES, values: TIMES.map((_, i) => values[i * STRIDE_MINUTES] ?? Number.NaN) };
    known.set(metric, own);
    return own;
  };
};

/** Features of a run of 72 hours, in the order of COLUMN_NAMES. */
export const featuresOf = (run: BatchRun, site: Site): readonly number[] => {
  const seriesFor = readerOf(run, site);
  const attributes = attributesOf(run.world, run.batch);
  const samples = samplesOf(run);
  const deployed = assembleFeatures(0, seriesFor, (valueId) => recordedValue(attributes, valueId));
  return [
    ...deployed, ...SENSOR_COLUMNS.map(({ window }) => windowValue(seriesFor(window.metric), 0, window)), ...ATTRIBUTE_COLUMNS.map(({ attribute }) => attributes[attribute.name] ?? Number.NaN),
    ...SAMPLE_COLUMNS.map(({ sample, hour }) => samples.find((each) => each.hour === hour)?.values[sample.name] ?? Number.NaN),
  ];
};

/** What a site knew of a batch whose equations have no solution up to hour 72: nothing. */
const NOTHING: readonly number[] = COLUMN_NAMES.map(() => Number.NaN);

/** The first 72 hours of a batch as its site knew them, and its culture then. */
const firstDaysOf = (site: Site, batch: Batch): Readonly<{ features: readonly number[]; culture: Culture }> => {
  const { world } = site;
  const culture = startOf(world, batch);
  const record = recordFor(HORIZON_HOURS);
  advance(culture, batch.donor.traits, timelineOf(world, batch, []), HORIZON_HOURS, record);
  return { features: featuresOf(batchRunOf(world, batch, [], record), site), culture };
};

/**
 * One batch of a site. One whose equations can not be solved is a failed row with cause `solver`.
 *
 * @param seed  of the data set
 * @param index of the batch in the data set, from 0; no two sites have one in common
 */
export const datasetRow = (site: Site, seed: number, index: number): DatasetRow => {
  const { world } = site;
  const batch = drawBatch(world, seed, index);
  const first = ifSolved(() => firstDaysOf(site, batch));
  if (first === undefined) return { index, features: NOTHING, failed: 1, cause: 'solver' };
  const { features, culture } = first;
  const [cause] = causesUntouched(world, batch, culture);
  return { index, features, failed: cause === undefined ? 0 : 1, cause: cause ?? '' };
};

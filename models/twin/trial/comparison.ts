import { streamOf } from '../../random/streams.ts';
import { proportion, type Estimate } from '../../../shared/statistics/exact-interval.ts';
import { coefficientOfVariation } from '../../../shared/statistics/variation.ts';
import { amongTrials, bootstrap } from './interval.ts';
import type { BatchResult } from './result.ts';

/** One batch with the day it was released; undefined when it was not. */
export type Released = BatchResult & Readonly<{ releasedAtDays: number | undefined }>;

export const FIGURES = ['failureRate', 'rightFirstTimeRate', 'meanReleaseTimeDays', 'potencyCv'] as const;
export type Figure = (typeof FIGURES)[number];
export type ArmFigures = Readonly<Record<Figure, number>> & Readonly<{ intervals: Readonly<Record<Figure, Estimate>>; causes: Readonly<Record<string, number>>; meanHarvestDays: number }>;

/** Advice on what the process leaves open: the hour of harvest, set-points within their limits. A repair is a deviation. */
const IN_PROCESS: readonly string[] = ['harvest', 'set-point'];
/** Released, with no deviation and no corrective action on the way. */
export const isRightFirstTime = ({ failed, deviations, recommendations }: BatchResult): boolean => !failed && deviations === 0 && !recommendations.some(({ signed, kind }) => signed && !IN_PROCESS.includes(kind));

const meanOf = (results: readonly Released[], indices: Int32Array, value: (result: Released) => number): number => {
  let [sum, count] = [0, 0];
  for (const i of indices) {
    const each = value(results[i] as Released);
    if (!Number.isNaN(each)) { sum += each; count += 1; }
  }
  return sum / count;
};

const potencyOf = ({ failed, measured }: Released): number => (failed || measured === undefined ? Number.NaN : measured.potencyPercent);
const variationOf = (results: readonly Released[], indices: Int32Array): number => coefficientOfVariation(Float64Array.from(indices, (i) => potencyOf(results[i] as Released)));

/** The four figures over any choice of batches; times and potency of released batches only. */
const STATISTICS: Readonly<Record<Figure, (results: readonly Released[], indices: Int32Array) => number>> = {
  failureRate: (results, indices) => meanOf(results, indices, ({ failed }) => (failed ? 1 : 0)),
  rightFirstTimeRate: (results, indices) => meanOf(results, indices, (result) => (isRightFirstTime(result) ? 1 : 0)),
  meanReleaseTimeDays: (results, indices) => meanOf(results, indices, ({ releasedAtDays }) => releasedAtDays ?? Number.NaN),
  potencyCv: variationOf,
};

const BOOTSTRAP_SEED = 0xb007;

/**
 * @param replayedMeanDays mean release times of other trials like this one (release/replay.ts): batches of one trial wait for each other, so its own batches, taken one by one, would make that interval too narrow
 */
export const figuresOf = (results: readonly Released[], replayedMeanDays: readonly number[]): ArmFigures => {
  const all = Int32Array.from(results.keys());
  const count = (test: (result: Released) => boolean): Estimate => proportion(results.filter(test).length, results.length);
  const intervals = {
    failureRate: count(({ failed }) => failed), rightFirstTimeRate: count(isRightFirstTime), meanReleaseTimeDays: amongTrials(STATISTICS.meanReleaseTimeDays(results, all), replayedMeanDays),
    potencyCv: bootstrap(results.length, (indices) => variationOf(results, indices), streamOf(BOOTSTRAP_SEED, 0, 'potencyCv')),
  };
  const causes: Record<string, number> = {};
  for (const { causes: [cause] } of results) if (cause !== undefined) causes[cause] = (causes[cause] ?? 0) + 1;
  return {
    failureRate: intervals.failureRate.value, rightFirstTimeRate: intervals.rightFirstTimeRate.value, meanReleaseTimeDays: intervals.meanReleaseTimeDays.value, potencyCv: intervals.potencyCv.value,
    intervals, causes, meanHarvestDays: meanOf(results, all, ({ harvestHour }) => harvestHour / 24),
  };
};

/** Change of an arm against the baseline on the same batches, as a share of the baseline's figure; paired. */
export const relativeChangesOf = (baseline: readonly Released[], arm: readonly Released[]): Readonly<Record<Figure, Estimate>> => {
  if (baseline.length !== arm.length) throw new RangeError(`arms: got ${baseline.length} and ${arm.length} batches, want as many`);
  const change = (figure: Figure): Estimate => bootstrap(baseline.length, (indices) => STATISTICS[figure](arm, indices) / STATISTICS[figure](baseline, indices) - 1, streamOf(BOOTSTRAP_SEED, 1, figure));
  return Object.fromEntries(FIGURES.map((figure) => [figure, change(figure)])) as Record<Figure, Estimate>;
};

/**
 * What acting did, batch by batch, against the same batch untouched.
 *
 * Of those that fail untouched, `prevented` pass; of those that still fail, `missed` were neither alerted nor acted on and `futile` were acted on. Of those that pass untouched, `harmed` fail and `needless` were acted on. A repair, or another
 * hour of harvest, is no action in this count, though either may prevent or harm.
 */
export type Effect = Readonly<{ interventions: number; batchesIntervened: number; alerts: number; prevented: number; harmed: number; missed: number; futile: number; needless: number }>;

export const effectOf = (baseline: readonly BatchResult[], arm: readonly BatchResult[]): Effect => {
  const pairs = arm.map((result, i) => ({ result, before: baseline[i] as BatchResult }));
  const acted = ({ recommendations, actions }: BatchResult): boolean => recommendations.some(({ signed, kind }) => signed && (kind === 'intervention' || kind === 'set-point')) || (recommendations.length === 0 && actions.some(({ type }) => type !== 'repair-equipment'));
  const count = (test: (pair: (typeof pairs)[number]) => boolean): number => pairs.filter(test).length;
  return {
    interventions: arm.reduce((sum, { recommendations }) => sum + recommendations.filter(({ signed, kind }) => signed && kind === 'intervention').length, 0),
    batchesIntervened: count(({ result }) => acted(result)), alerts: count(({ result }) => result.alerted),
    prevented: count(({ result, before }) => before.failed && !result.failed), harmed: count(({ result, before }) => !before.failed && result.failed),
    missed: count(({ result, before }) => before.failed && result.failed && !result.alerted && !acted(result)), futile: count(({ result, before }) => before.failed && result.failed && acted(result)),
    needless: count(({ result, before }) => !before.failed && acted(result)),
  };
};

import { streamOf } from '../../random/streams.ts';
import { MINUTES_AN_HOUR } from '../culture/culture.ts';
import { STATE_NAMES, type StateName } from '../culture/state.ts';
import type { Batch } from '../draw/batch.ts';
import type { World } from '../worlds/world.ts';
import { ATTRIBUTES } from './catalogue/catalogue.ts';
import { RELEASE_TESTS } from './catalogue/release.ts';
import { DAILY_SAMPLES } from './catalogue/samples.ts';
import type { DailySample, Harvest, Method, Sample } from './parameter.ts';
import type { BatchRun } from './run.ts';
import { stepFactors } from './sensor.ts';
import { carbonDioxideMmHg, contaminantLoadShare, oxygenPercentAir, ph } from './truth/culture.ts';

/** Results by parameter name; NaN where a result is missing. */
export type Results = Readonly<Record<string, number>>;
/** Results of the sample of one day; `availableAtHour` of each is the sample's hour and the time its method takes. */
export type SampleResults = Readonly<{ hour: number; values: Results; availableAtHour: Results }>;

/** What a laboratory method reports. All three draws are made whatever the figures are, so that one figure moves nothing else. */
const reported = (truth: number, { noise, relativeNoise, step, low, high, missedShare }: Method, error: number, chance: number): number => {
  if (chance < missedShare) return Number.NaN;
  const value = Math.min(high, Math.max(low, truth + (noise + relativeNoise * Math.abs(truth)) * error));
  const [multiplier, divisor] = stepFactors(step);
  return (Math.floor((value * divisor) / multiplier + 0.5) * multiplier) / divisor;
};

/** Attributes of lots, patient and collected cells: once a batch, known before the culture starts. */
export const attributesOf = (world: World, batch: Batch): Results => Object.fromEntries(ATTRIBUTES.map(({ name, truth, method }) => {
  const random = streamOf(batch.seed, batch.index, `attribute/${name}`);
  const [error, chance] = [random.normal(), random.uniform()];
  return [name, reported(truth(batch, world, random), method, error, chance)];
}));

/** Results of quality control on a harvest. */
export const releaseResultsOf = (harvest: Harvest): Results => Object.fromEntries(RELEASE_TESTS.map(({ name, truth, method }) => {
  const random = streamOf(harvest.batch.seed, harvest.batch.index, `release/${name}`);
  const [error, chance] = [random.normal(), random.uniform()];
  return [name, reported(truth(harvest, random), method, error, chance)];
}));

/** @param place of the minute in the run, from its first one */
const sampleAt = (run: BatchRun, place: number): Sample => {
  const { record, points, world, batch } = run;
  const state = Object.fromEntries(STATE_NAMES.map((name, i) => [name, record.values[i * points + place] ?? Number.NaN])) as Readonly<Record<StateName, number>>;
  const { deadCellsMillionPerMl, restingCellsMillionPerMl, cyclingCellsMillionPerMl, otherCellsMillionPerMl, glucoseMmolPerL, lactateMmolPerL, glutamineMmolPerL, ammoniaMmolPerL, interleukin2IuPerMl, volumeMl, copies, doublings, memoryShare } = state;
  return {
    hour: (run.firstMinute + place) / MINUTES_AN_HOUR, batch, world, viableCellsMillionPerMl: restingCellsMillionPerMl + cyclingCellsMillionPerMl + otherCellsMillionPerMl, deadCellsMillionPerMl, restingCellsMillionPerMl, cyclingCellsMillionPerMl, otherCellsMillionPerMl, glucoseMmolPerL, lactateMmolPerL, glutamineMmolPerL, ammoniaMmolPerL, interleukin2IuPerMl, volumeMl, copies, doublings, memoryShare,
    ph: ph.of(run)[place] ?? Number.NaN, carbonDioxideMmHg: carbonDioxideMmHg.of(run)[place] ?? Number.NaN, oxygenPercentAir: oxygenPercentAir.of(run)[place] ?? Number.NaN, contaminantLoadShare: contaminantLoadShare.of(run)[place] ?? Number.NaN,
  };
};

/** Takes the next day's sample at a place of a run (or of a window) of the batch. Days are taken in order, each once: chance goes from one to the next. */
export type Sampler = (run: BatchRun, place: number) => SampleResults;

/** @param samples what is tested; every test has a stream of its own, so that one left out moves no other */
export const samplerOf = (batch: Batch, samples: readonly DailySample[] = DAILY_SAMPLES): Sampler => {
  const streams = samples.map(({ name }) => streamOf(batch.seed, batch.index, `sample/${name}`));
  return (run, place) => {
    const sample = sampleAt(run, place);
    const values = samples.map(({ name, truth, method }, j) => [name, reported(truth(sample), method, streams[j]?.normal() ?? 0, streams[j]?.uniform() ?? 0)] as const);
    return { hour: sample.hour, values: Object.fromEntries(values), availableAtHour: Object.fromEntries(samples.map(({ name, method }) => [name, sample.hour + method.resultAfterHours])) };
  };
};

/** Results of the daily samples, from the first whole day of culture to its last. */
export const samplesOf = (run: BatchRun): readonly SampleResults[] => {
  const day = 24 * MINUTES_AN_HOUR;
  const sampler = samplerOf(run.batch);
  return Array.from({ length: Math.floor((run.points - 1) / day) }, (_, i) => sampler(run, (i + 1) * day));
};

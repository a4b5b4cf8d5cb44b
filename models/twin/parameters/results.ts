import { streamOf } from '../../random/streams.ts';
import { MINUTES_AN_HOUR } from '../culture/culture.ts';
import { STATE_NAMES, type StateName } from '../culture/state.ts';
import type { Batch } from '../draw/batch.ts';
import type { World } from '../worlds/world.ts';
import { ATTRIBUTES } from './catalogue/catalogue.ts';
import { RELEASE_TESTS } from './catalogue/release.ts';
import { DAILY_SAMPLES } from './catalogue/samples.ts';
import type { Harvest, Method, Sample } from './parameter.ts';
import type { BatchRun } from './run.ts';
import { stepFactors } from './sensor.ts';
import { carbonDioxide, contaminant, oxygen, ph } from './truth/culture.ts';

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

const sampleAt = (run: BatchRun, minute: number): Sample => {
  const { record, points, world, batch } = run;
  const state = Object.fromEntries(STATE_NAMES.map((name, i) => [name, record.values[i * points + minute] ?? Number.NaN])) as Readonly<Record<StateName, number>>;
  const { deadCells, restingCells, cyclingCells, otherCells, glucose, lactate, glutamine, ammonia, interleukin2, volume, copies, doublings, memory } = state;
  return {
    hour: minute / MINUTES_AN_HOUR, batch, world, viableCells: restingCells + cyclingCells + otherCells, deadCells, restingCells, cyclingCells, otherCells, glucose, lactate, glutamine, ammonia, interleukin2, volume, copies, doublings, memory,
    ph: ph.of(run)[minute] ?? Number.NaN, carbonDioxide: carbonDioxide.of(run)[minute] ?? Number.NaN, oxygen: oxygen.of(run)[minute] ?? Number.NaN, contaminant: contaminant.of(run)[minute] ?? Number.NaN,
  };
};

/** Results of the daily samples, from the first whole day of culture to its last. */
export const samplesOf = (run: BatchRun): readonly SampleResults[] => {
  const day = 24 * MINUTES_AN_HOUR;
  const streams = DAILY_SAMPLES.map(({ name }) => streamOf(run.batch.seed, run.batch.index, `sample/${name}`));
  return Array.from({ length: Math.floor((run.points - 1) / day) }, (_, i) => {
    const sample = sampleAt(run, (i + 1) * day);
    const values = DAILY_SAMPLES.map(({ name, truth, method }, j) => [name, reported(truth(sample), method, streams[j]?.normal() ?? 0, streams[j]?.uniform() ?? 0)] as const);
    return { hour: sample.hour, values: Object.fromEntries(values), availableAtHour: Object.fromEntries(DAILY_SAMPLES.map(({ name, method }) => [name, sample.hour + method.resultAfterHours])) };
  });
};

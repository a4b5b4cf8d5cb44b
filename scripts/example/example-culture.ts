import { advance, recordFor, startOf } from '../../models/twin/culture/culture.ts';
import { drawBatch } from '../../models/twin/draw/batch.ts';
import { releaseResultsOf, attributesOf, samplesOf, type Results } from '../../models/twin/parameters/results.ts';
import { batchRunOf, type BatchRun } from '../../models/twin/parameters/run.ts';
import { productOf } from '../../models/twin/outcome/product.ts';
import { judge, measure } from '../../models/twin/outcome/verdict.ts';
import { timelineOf } from '../../models/twin/recipe/timeline.ts';
import { fineSeriesOf } from '../../models/twin/site/fine-series.ts';
import type { World } from '../../models/twin/worlds/world.ts';
import { streamOf } from '../../models/random/streams.ts';
import { CD19_CAR_T } from '../../shared/master-batch-record/cd19-car-t/content.ts';
import { readWorld } from '../simulate/worlds.ts';
import { testResults, valueFor } from './example-values.ts';

/** What the gateway of the example reports, of the sensors the twin has. */
export const EXAMPLE_METRICS = [
  'Bioreactor/Temperature', 'Bioreactor/pH', 'Bioreactor/Dissolved Oxygen', 'Bioreactor/Agitation', 'Bioreactor/Glucose', 'Bioreactor/Lactate', 'Bioreactor/Viable Cell Density', 'Bioreactor/Volume', 'Bioreactor/Perfusion Rate',
  'Bioreactor/CO2 Flow', 'Bioreactor/O2 Flow', 'Bioreactor/Air Flow', 'Bioreactor/Pressure', 'Bioreactor/Conductivity', 'Incubator/Temperature', 'Incubator/CO2', 'Pump/1/Speed', 'Pump/2/Speed', 'Pump/3/Speed',
  'Bag/Feed Weight', 'Bag/Waste Weight', 'Cabinet/Temperature', 'Cabinet/Humidity', 'Cabinet/Particles',
] as const;
/** The gateway reads its sensors every five seconds. */
export const SAMPLE_SECONDS = 5;
const WORLD = 'published';
/** Batches that are looked at for one without a fault, whose record stays within its limits. */
const MOST_LOOKED_AT = 200;

/** One simulated batch from hour 0 of the culture to its harvest: what its sensors show and what people find out about it. Results are the twin's (docs/twin-parameters.md). */
export type ExampleCulture = Readonly<{
  attributes: Results; samples: readonly Results[]; release: Results; cultureDays: number;
  /** What a sensor shows at a second of the culture; its last reading after the end. */
  reading(name: (typeof EXAMPLE_METRICS)[number], second: number): number;
}>;

const readingsOf = (run: BatchRun): ExampleCulture['reading'] => {
  const series = new Map(EXAMPLE_METRICS.map((name) => [name as string, fineSeriesOf(run, name, 60 / SAMPLE_SECONDS)]));
  return (name, second) => {
    const own = series.get(name);
    return own?.[Math.min(own.length - 1, Math.max(0, Math.floor(second / SAMPLE_SECONDS)))] ?? Number.NaN;
  };
};

const cultureOf = (world: World, seed: number, index: number, hours: number): ExampleCulture & Readonly<{ failed: boolean; faults: number }> => {
  const batch = drawBatch(world, seed, index);
  const record = recordFor(hours);
  const culture = startOf(world, batch);
  advance(culture, batch.donor.traits, timelineOf(world, batch, []), hours, record);
  const assays = streamOf(seed, index, 'assays');
  const product = productOf(world, batch, culture.state, hours, assays.normal());
  const { measured, failed } = judge(world, batch, measure(world, product, assays));
  const run = batchRunOf(world, batch, [], record);
  let reading: ExampleCulture['reading'] | undefined;
  return {
    failed, faults: batch.faults.length, attributes: attributesOf(world, batch), samples: samplesOf(run).map(({ values }) => values), release: releaseResultsOf({ batch, world, product, measured, hour: hours }), cultureDays: hours / 24,
    reading: (name, second) => (reading ??= readingsOf(run))(name, second),
  };
};

const NUMBERS = CD19_CAR_T.procedure.flatMap(({ operations }) => operations).flatMap(({ phases }) => phases).flatMap(({ values }) => values).filter(({ source, type }) => source.kind !== 'telemetry' && type === 'number');

const isIn = (value: number, { low = -Infinity, high = Infinity }: Readonly<{ low?: number | undefined; high?: number | undefined }> = {}): boolean => value >= low && value <= high;

/** Every value that is written down, and every test, is there and within its limits. */
const isWithinLimits = (culture: ExampleCulture): boolean => {
  const tests = testResults(culture);
  return NUMBERS.every((specification) => isIn(Number(valueFor(specification, culture)), specification.limits))
    && CD19_CAR_T.releaseSpecification.every(({ id, type, timing, limits }) => type !== 'number' || timing !== 'before-release' || isIn(Number(tests[id]), limits));
};

/**
 * The first batch of the published world that has no fault, passes, and stays within the limits of the shipped master batch record.
 *
 * @param hours of culture; the world's recipe is harvested then, once the dose is reached
 * @throws Error when there is none among the first batches
 */
export const exampleCulture = (seed: number, hours: number): ExampleCulture => {
  const world = readWorld(WORLD);
  for (let index = 0; index < MOST_LOOKED_AT; index += 1) {
    const culture = cultureOf(world, seed, index, hours);
    if (culture.faults === 0 && !culture.failed && isWithinLimits(culture)) return culture;
  }
  throw new Error(`none of the first ${MOST_LOOKED_AT} batches of world ${WORLD}, seed ${seed}, runs without a fault and within the limits`);
};

import { setPointsAt } from '../../models/twin/control/set-points.ts';
import { grow, recordFor } from '../../models/twin/culture/culture.ts';
import { drawBatch, type Batch } from '../../models/twin/draw/batch.ts';
import { releaseResultsOf, attributesOf, samplesOf, type Results } from '../../models/twin/parameters/results.ts';
import { batchRunOf, type BatchRun } from '../../models/twin/parameters/run.ts';
import { productOf } from '../../models/twin/outcome/product.ts';
import { judge, measure } from '../../models/twin/outcome/verdict.ts';
import type { Action } from '../../models/twin/recipe/action.ts';
import { fineSeriesOf } from '../../models/twin/site/fine-series.ts';
import { commandedAction, SET_POINT_NAMES, setPointsAfter } from '../../models/twin/site/set-points.ts';
import type { World } from '../../models/twin/worlds/world.ts';
import { streamOf } from '../../models/random/streams.ts';
import { CD19_CAR_T } from '../../shared/master-batch-record/cd19-car-t/content.ts';
import { readWorld } from '../simulate/worlds.ts';
import { testResults, valueFor } from './example-values.ts';

/** What the gateway of the example reads, of the sensors the twin has. */
export const EXAMPLE_METRICS = [
  'Bioreactor/Temperature', 'Bioreactor/pH', 'Bioreactor/Dissolved Oxygen', 'Bioreactor/Agitation', 'Bioreactor/Glucose', 'Bioreactor/Lactate', 'Bioreactor/Viable Cell Density', 'Bioreactor/Volume', 'Bioreactor/Perfusion Rate',
  'Bioreactor/CO2 Flow', 'Bioreactor/O2 Flow', 'Bioreactor/Air Flow', 'Bioreactor/Pressure', 'Bioreactor/Conductivity', 'Incubator/Temperature', 'Incubator/CO2', 'Pump/1/Speed', 'Pump/2/Speed', 'Pump/3/Speed',
  'Bag/Feed Weight', 'Bag/Waste Weight', 'Cabinet/Temperature', 'Cabinet/Humidity', 'Cabinet/Particles',
] as const;
/** Names of what it reports, in the order of its birth: what it reads, then the set-points its controller takes as commands. */
export const EXAMPLE_REPORTED: readonly string[] = [...EXAMPLE_METRICS, ...SET_POINT_NAMES];
/** The gateway reads its sensors every five seconds. */
export const SAMPLE_SECONDS = 5;
const SECONDS_AN_HOUR = 3600;
const WORLD = 'published';
/** Batches that are looked at for one without a fault, whose record stays within its limits. */
const MOST_LOOKED_AT = 200;

/** The culture as it goes when nobody commands anything more. */
type Course = Readonly<{ run: BatchRun; samples: readonly Results[]; release: Results; failed: boolean }>;

/** One simulated batch from hour 0 of the culture to its harvest: what its sensors show, what its controller does, and what people find out about it. Results are the twin's (docs/twin-parameters.md). */
export class ExampleCulture {
  readonly attributes: Results;
  readonly #world: World;
  readonly #batch: Batch;
  readonly #seed: number;
  readonly #series = new Map<string, Float64Array>();
  #hours: number;
  #actions: readonly Action[] = [];
  #course: Course | undefined;

  constructor(world: World, seed: number, index: number, hours: number) {
    this.#world = world;
    this.#seed = seed;
    this.#batch = drawBatch(world, seed, index);
    this.#hours = hours;
    this.attributes = attributesOf(world, this.#batch);
  }

  get #played(): Course {
    const [world, batch, actions] = [this.#world, this.#batch, this.#actions];
    if (this.#course !== undefined) return this.#course;
    const record = recordFor(this.#hours);
    const { state } = grow(world, batch, actions, this.#hours, record);
    const assays = streamOf(this.#seed, batch.index, 'assays');
    const product = productOf(world, batch, state, this.#hours, assays.normal());
    const { measured, failed } = judge(world, batch, measure(world, product, assays));
    const run = batchRunOf(world, batch, actions, record);
    return (this.#course = { run, failed, samples: samplesOf(run).map(({ values }) => values), release: releaseResultsOf({ batch, world, product, measured, hour: this.#hours }) });
  }

  /** Hours of culture until its harvest; fewer once a harvest was commanded. */
  get hours(): number { return this.#hours; }
  get faults(): number { return this.#batch.faults.length; }
  get failed(): boolean { return this.#played.failed; }
  get samples(): readonly Results[] { return this.#played.samples; }
  get release(): Results { return this.#played.release; }
  /** What the controller keeps to, by name of the set-point. */
  get setPoints(): Readonly<Record<string, number>> { return setPointsAfter(this.#world, this.#actions); }

  /** What is reported of a name at a second of the culture; its last reading after the end. */
  reading(name: string, second: number): number {
    if (SET_POINT_NAMES.includes(name)) return this.setPoints[name] ?? Number.NaN;
    let own = this.#series.get(name);
    if (own === undefined) {
      own = fineSeriesOf(this.#played.run, name, 60 / SAMPLE_SECONDS);
      this.#series.set(name, own);
    }
    return own[Math.min(own.length - 1, Math.max(0, Math.floor(second / SAMPLE_SECONDS)))] ?? Number.NaN;
  }

  /**
   * The controller takes a command: from this second on the culture goes another way, by mechanism.
   *
   * @throws RangeError for one it does not take, naming it and what was wanted; nothing changes then
   */
  obey(name: string, value: number, second: number): void {
    const action = commandedAction(name, value, second / SECONDS_AN_HOUR, setPointsAt(this.#world, this.#actions, second / SECONDS_AN_HOUR).oxygenHighestPercentAir);
    this.#actions = [...this.#actions, action];
    if (action.type === 'harvest') this.#hours = Math.min(this.#hours, action.hour);
    this.#course = undefined;
    this.#series.clear();
  }
}

const NUMBERS = CD19_CAR_T.procedure.flatMap(({ operations }) => operations).flatMap(({ phases }) => phases).flatMap(({ values }) => values).filter(({ source, type }) => source.kind !== 'telemetry' && type === 'number');

const isIn = (value: number, { low = -Infinity, high = Infinity }: Readonly<{ low?: number | undefined; high?: number | undefined }> = {}): boolean => value >= low && value <= high;

/** Every value that is written down, and every test, is there and within its limits. */
const isWithinLimits = (culture: ExampleCulture): boolean => {
  const tests = testResults(culture);
  return NUMBERS.every((specification) => isIn(Number(valueFor(specification, culture)), specification.limits))
    && CD19_CAR_T.releaseSpecification.every(({ id, type, timing, limits }) => type !== 'number' || timing !== 'before-release' || isIn(Number(tests[id]), limits));
};

/**
 * The first batch of the published world that has no fault, passes, and stays within the limits of the shipped master batch record when nobody acts on it.
 *
 * @param hours of culture; the world's recipe is harvested then, once the dose is reached
 * @throws Error when there is none among the first batches
 */
export const exampleCulture = (seed: number, hours: number): ExampleCulture => {
  const world = readWorld(WORLD);
  for (let index = 0; index < MOST_LOOKED_AT; index += 1) {
    const culture = new ExampleCulture(world, seed, index, hours);
    if (culture.faults === 0 && !culture.failed && isWithinLimits(culture)) return culture;
  }
  throw new Error(`none of the first ${MOST_LOOKED_AT} batches of world ${WORLD}, seed ${seed}, runs without a fault and within the limits`);
};

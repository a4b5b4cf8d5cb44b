import type { Generator } from '../../random/generator.ts';
import { streamOf } from '../../random/streams.ts';
import { advance, copyOf, ifSolved, startOf, type Culture } from '../culture/culture.ts';
import { STATE, valueOf } from '../culture/state.ts';
import { drawBatch, type Batch } from '../draw/batch.ts';
import { draw } from '../draw/distribution.ts';
import type { Fault } from '../draw/fault.ts';
import { carPositiveShare } from '../outcome/product.ts';
import type { Action } from '../recipe/action.ts';
import { timelineOf } from '../recipe/timeline.ts';
import { OWN_SEEDS } from '../seeds.ts';
import type { World } from '../worlds/world.ts';
import type { Known } from '../seen/known.ts';
import type { Reading, SampleSeen } from '../seen/sensors.ts';
import { FIRST_HOURS } from '../seen/rounds.ts';

/** One guess at a batch: what nature may have drawn, and where its culture would be. */
export type Particle = { batch: Batch; culture: Culture };

/** What a guess would show, without error. */
type Shown = Readonly<{ density: number; glucose: number; lactate: number; viability: number; carPositive: number; cd3Positive: number; memory: number }>;
type Member = Readonly<{ batch: Batch; culture: Culture; shown: readonly Shown[] }>;
export type Library = readonly Member[];

/**
 * How far a reading may be from what the right guess shows, standard deviations: what the model does not know of itself, and what the instruments are off (parameters/catalogue/instruments.ts; of a median over an hour little noise is
 * left). Relative for density. Assumed.
 */
const ERROR = { density: 0.08, glucose: 0.5, lactate: 0.6, viability: 0.021, carPositive: 0.025, cd3Positive: 0.015, memory: 0.025 } as const;
/** Readings share model error, so together they say less than if each stood alone. */
const TEMPER = 0.6;

const shownBy = ({ state }: Culture): Shown => {
  const tCells = valueOf(state, 'restingCells') + valueOf(state, 'cyclingCells');
  const viable = tCells + valueOf(state, 'otherCells');
  return {
    density: viable, viability: viable / (viable + valueOf(state, 'deadCells')), glucose: valueOf(state, 'glucose'), lactate: valueOf(state, 'lactate'), cd3Positive: tCells / viable, memory: valueOf(state, 'memory'),
    carPositive: carPositiveShare(valueOf(state, 'copies')) * ((state[STATE.cyclingCells] ?? 0) / tCells),
  };
};

/** What is not read says nothing. */
const squared = (difference: number, error: number): number => (Number.isNaN(difference) ? 0 : (difference / error) ** 2);
const LEAST = 1e-6;

/** Log-likelihood of what the sensors say at one hour, for what a guess would show; Gaussian, relative for density. */
const sensorLikelihood = (shown: Shown, { density, glucose, lactate }: Reading): number =>
  -0.5 * TEMPER * (squared(Math.log(Math.max(density, LEAST) / Math.max(shown.density, LEAST)), ERROR.density) + squared(glucose - shown.glucose, ERROR.glucose) + squared(lactate - shown.lactate, ERROR.lactate));

/** The same of a sample's results, for what a guess would have shown when it was taken. */
const sampleLikelihood = (shown: Shown, sample: SampleSeen): number =>
  -0.5 * TEMPER * (squared(sample.viability - shown.viability, ERROR.viability) + squared(sample.carPositive - shown.carPositive, ERROR.carPositive) + squared(sample.cd3Positive - shown.cd3Positive, ERROR.cd3Positive) + squared(sample.memory - shown.memory, ERROR.memory));

/** Seed and members of the prior that trials and hospitals share. No trial may take the seed, so no batch of a trial is in it. */
export const PRIOR = { seed: OWN_SEEDS.prior, size: 1500 } as const;

const memberOf = (world: World, drawn: Batch): Member => {
  const batch = { ...drawn, faults: drawn.faults.filter(({ name }) => name === 'transduction') };
  const culture = startOf(world, batch);
  const happenings = timelineOf(world, batch, []);
  const shown = FIRST_HOURS.map((hour) => {
    advance(culture, batch.donor.traits, happenings, hour);
    return shownBy(culture);
  });
  return { batch, culture, shown };
};

/**
 * What could happen in this world up to hour 72, with no equipment fault: the prior of every batch's ensemble, grown once. A member whose equations can not be solved is left out.
 *
 * @param seed must not be a trial's
 * @throws RangeError when none can be solved
 */
export const growLibrary = (world: World, seed: number, size: number): Library => {
  const members = Array.from({ length: size }, (_, index) => ifSolved(() => memberOf(world, drawBatch(world, seed, index)))).filter((member) => member !== undefined);
  if (members.length === 0) throw new RangeError(`world ${world.name}: got no batch of ${size} of seed ${seed} whose rates can be solved, want at least one`);
  return members;
};

/** Draw `count` indices by weight, evenly spaced from one random start. @see Kitagawa 1996, J. Comput. Graph. Stat. 5(1) (systematic resampling) */
const resample = (logWeights: readonly number[], count: number, random: Generator): readonly number[] => {
  const top = Math.max(...logWeights);
  const weights = logWeights.map((weight) => Math.exp(weight - top));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const chosen: number[] = [];
  let [index, passed] = [0, weights[0] ?? 0];
  const start = random.uniform();
  for (let i = 0; i < count; i += 1) {
    const at = ((start + i) / count) * total;
    while (passed < at && index < weights.length - 1) passed += weights[(index += 1)] ?? 0;
    chosen.push(index);
  }
  return chosen;
};

/** Spread of the traits around what was resampled, so that an ensemble of few does not collapse. */
const JITTER = { growth: 0.03, death: 0.08, sensitivity: 0.12, uptake: 0.03 } as const;
const jittered = (batch: Batch, random: Generator): Batch => {
  const { traits } = batch.donor;
  const moved = {
    ...traits, growthPerHour: traits.growthPerHour * Math.exp(JITTER.growth * random.normal()), deathPerHour: traits.deathPerHour * Math.exp(JITTER.death * random.normal()),
    sensitivity: traits.sensitivity * Math.exp(JITTER.sensitivity * random.normal()), glucoseUptake: traits.glucoseUptake * Math.exp(JITTER.uptake * random.normal()),
  };
  return { ...batch, donor: { ...batch.donor, traits: moved } };
};

/** How well the record's figures are known, standard deviations; relative for lots. */
const RECORD_ERROR = { memory: 0.07, titre: 0.13, cd3: 0.015, glucose: 0.015, support: 0.05 } as const;
/** What no reading tells, drawn anew for each guess, or an ensemble of few would be sure of it: what the harvest will keep, and what the days to come will be like. */
const withUnseen = (world: World, batch: Batch, hour: number, random: Generator): Batch => ({
  ...batch, operator: { ...batch.operator, recovery: draw(world.operator.recovery, random) }, dailyGrowth: batch.dailyGrowth.map((factor, day) => (24 * day < hour ? factor : draw(world.unknown.dailyGrowth, random))),
});

const priorOf = (known: Known, { donor, lots }: Batch): number => (known.priorBendamustine === undefined || known.priorBendamustine === donor.priorBendamustine ? 0 : -3)
  - 0.5 * TEMPER * (squared(known.memoryAtStart - donor.traits.memoryAtStart, RECORD_ERROR.memory) + squared(Math.log(known.vectorTitre / lots.vectorTitre), RECORD_ERROR.titre) + squared(known.cd3AtStart - 1 + donor.otherShare, RECORD_ERROR.cd3)
    + squared(Math.log(known.glucose / lots.glucose), RECORD_ERROR.glucose) + squared(Math.log(known.support / lots.growth), RECORD_ERROR.support));

/** What a course up to its first round says of a member: each reading at the hours the library shows, each sample at the hour it was taken. */
const agreement = ({ shown }: Member, readings: readonly Reading[]): number => {
  const at = (hour: number): Shown | undefined => shown[(FIRST_HOURS as readonly number[]).indexOf(hour)];
  return readings.reduce((sum, reading) => {
    const [now, then] = [at(reading.hour), reading.sample === undefined ? undefined : at(reading.sample.hour)];
    return sum + (now === undefined ? 0 : sensorLikelihood(now, reading)) + (then === undefined || reading.sample === undefined ? 0 : sampleLikelihood(then, reading.sample));
  }, 0);
};

/**
 * The batch's ensemble at hour 72: members of the library that agree with its readings, the samples taken up to then and its record, as many as `count`.
 *
 * A weighted bootstrap from a shared prior. What is known of the patient's weight is set; the rest stays the member's.
 *
 * @param readings up to the first round after hour 72, which has the results of that hour's sample
 */
export const ensembleAt72 = (library: Library, known: Known, readings: readonly Reading[], count: number, random: Generator): Particle[] => {
  const logWeights = library.map((member) => priorOf(known, member.batch) + agreement(member, readings));
  return resample(logWeights, count, random).map((index) => {
    const { batch, culture } = library[index] as Member;
    const own = jittered(batch, random);
    return { batch: { ...own, donor: { ...own.donor, weightKg: Number.isNaN(known.weightKg) ? own.donor.weightKg : known.weightKg } }, culture: copyOf(culture) };
  });
};

/** How far a guess's state goes towards what is read: share of the difference, of logarithms for cells and copies. Model error over model and instrument error, about. */
const GAIN = { density: 0.9, viability: 0.5, glucose: 0.7, lactate: 0.7, carPositive: 0.6, cd3Positive: 0.7, memory: 0.6 } as const;

const scale = (state: Float64Array, i: number, factor: number): void => { state[i] = (state[i] ?? 0) * factor; };
const odds = (share: number): number => Math.max(1 - share, 2e-3) / Math.max(share, 1e-3);

/** Move a guess's state towards what the sensors say, so that an ensemble of few can follow a batch that none of them is. Cells keep their proportions. */
const followSensors = (state: Float64Array, shown: Shown, { density, glucose, lactate }: Reading): void => {
  if (!Number.isNaN(density)) {
    const cells = (Math.max(density, 1e-4) / Math.max(shown.density, LEAST)) ** GAIN.density;
    for (const i of [STATE.restingCells, STATE.cyclingCells, STATE.otherCells, STATE.deadCells]) scale(state, i, cells);
  }
  if (!Number.isNaN(glucose)) state[STATE.glucose] = Math.max(0, shown.glucose + GAIN.glucose * (glucose - shown.glucose));
  if (!Number.isNaN(lactate)) state[STATE.lactate] = Math.max(0, shown.lactate + GAIN.lactate * (lactate - shown.lactate));
};

/** Move it by what a sample says that was taken a few hours ago, as far as the guess was off then. Copies follow CAR+. */
const followSample = (state: Float64Array, then: Shown, { viability, cd3Positive, carPositive, memory }: SampleSeen): void => {
  if (!Number.isNaN(viability)) scale(state, STATE.deadCells, (odds(viability) / odds(then.viability)) ** GAIN.viability);
  if (!Number.isNaN(cd3Positive)) scale(state, STATE.otherCells, (odds(cd3Positive) / odds(then.cd3Positive)) ** GAIN.cd3Positive);
  if (!Number.isNaN(carPositive)) scale(state, STATE.copies, (Math.max(carPositive, 0.01) / Math.max(then.carPositive, 0.01)) ** GAIN.carPositive);
  if (!Number.isNaN(memory)) state[STATE.memory] = Math.min(1, Math.max(0.01, (state[STATE.memory] ?? 0) + GAIN.memory * (memory - then.memory)));
};

/**
 * Carry an ensemble to a new reading under what was done and what is known to be broken, weigh it, and resample.
 *
 * A sample is compared with what each guess showed when it was taken; one taken before the guesses begin was weighed when they were drawn. A guess whose equations can not be solved is dropped: it is no
 * guess at a batch that runs. None is left when none can be solved.
 */
export const assimilate = (world: World, particles: readonly Particle[], reading: Reading, done: Readonly<{ actions: readonly Action[]; faults: readonly Fault[] }>, random: Generator): Particle[] => {
  const sample = reading.sample !== undefined && reading.sample.hour > (particles[0]?.culture.hour ?? Infinity) ? reading.sample : undefined;
  const weighed = particles.flatMap((particle) => ifSolved(() => {
    const { culture } = particle;
    const batch = { ...particle.batch, faults: [...particle.batch.faults.filter(({ name }) => name === 'transduction'), ...done.faults] };
    const happenings = timelineOf(world, batch, done.actions);
    if (sample !== undefined) advance(culture, batch.donor.traits, happenings, sample.hour);
    const then = shownBy(culture);
    advance(culture, batch.donor.traits, happenings, reading.hour);
    return { batch, culture, then, logWeight: sensorLikelihood(shownBy(culture), reading) + (sample === undefined ? 0 : sampleLikelihood(then, sample)) };
  }) ?? []);
  if (weighed.length === 0) return [];
  return resample(weighed.map(({ logWeight }) => logWeight), particles.length, random).map((index) => {
    const { batch, culture, then } = weighed[index] as (typeof weighed)[number];
    const copy = copyOf(culture);
    followSensors(copy.state, shownBy(copy), reading);
    if (sample !== undefined) followSample(copy.state, then, sample);
    return { batch: withUnseen(world, jittered(batch, random), reading.hour, random), culture: copy };
  });
};

export const ensembleStream = (batch: Batch, purpose: string): Generator => streamOf(batch.seed, batch.index, `assist/${purpose}`);

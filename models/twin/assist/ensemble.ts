import type { Generator } from '../../random/generator.ts';
import { streamOf } from '../../random/streams.ts';
import { advance, copyOf, startOf, type Culture } from '../culture/culture.ts';
import { STATE, valueOf } from '../culture/state.ts';
import { drawBatch, type Batch } from '../draw/batch.ts';
import type { Fault } from '../draw/fault.ts';
import { carPositiveShare } from '../outcome/product.ts';
import type { Action } from '../recipe/action.ts';
import { timelineOf } from '../recipe/timeline.ts';
import type { World } from '../worlds/world.ts';
import { FIRST_HOURS } from './hours.ts';
import type { Known } from './known.ts';
import { READING_NOISE, type Reading } from './reading.ts';

/** One guess at a batch: what nature may have drawn, and where its culture would be. */
export type Particle = { batch: Batch; culture: Culture };

type Shown = Readonly<{ density: number; viability: number; glucose: number; lactate: number; carPositive: number; cd3Positive: number; memory: number }>;
type Member = Readonly<{ batch: Batch; culture: Culture; shown: readonly Shown[] }>;
export type Library = readonly Member[];

/** Added to the instruments' own error: what the model does not know of itself. Relative for density. Assumed. */
const MODEL_ERROR = { density: 0.08, viability: 0.015, glucose: 0.5, lactate: 0.6, carPositive: 0.02, cd3Positive: 0.01, memory: 0.02 } as const;
/** Readings share model error, so together they say less than if each stood alone. */
const TEMPER = 0.6;

const shownBy = ({ hour, state }: Culture): Shown => {
  const tCells = valueOf(state, 'restingCells') + valueOf(state, 'cyclingCells');
  const viable = tCells + valueOf(state, 'otherCells');
  return {
    density: viable, viability: viable / (viable + valueOf(state, 'deadCells')), glucose: valueOf(state, 'glucose'), lactate: valueOf(state, 'lactate'), cd3Positive: tCells / viable, memory: valueOf(state, 'memory'),
    carPositive: hour >= FIRST_HOURS[4] ? carPositiveShare(valueOf(state, 'copies')) * ((state[STATE.cyclingCells] ?? 0) / tCells) : Number.NaN,
  };
};

const squared = (difference: number, instrument: number, model: number): number => (Number.isNaN(difference) ? 0 : difference ** 2 / (instrument ** 2 + model ** 2));

/** Log-likelihood of one reading for what a guess would show; Gaussian, relative for density. */
const likelihood = (shown: Shown, reading: Reading): number => {
  const sum = squared(Math.log(Math.max(reading.density, 1e-6) / Math.max(shown.density, 1e-6)), READING_NOISE.density, MODEL_ERROR.density)
    + squared(reading.viability - shown.viability, READING_NOISE.viability, MODEL_ERROR.viability) + squared(reading.glucose - shown.glucose, READING_NOISE.glucose, MODEL_ERROR.glucose)
    + squared(reading.lactate - shown.lactate, READING_NOISE.lactate, MODEL_ERROR.lactate) + squared(reading.carPositive - shown.carPositive, READING_NOISE.carPositive, MODEL_ERROR.carPositive)
    + squared(reading.cd3Positive - shown.cd3Positive, READING_NOISE.cd3Positive, MODEL_ERROR.cd3Positive) + squared(reading.memory - shown.memory, READING_NOISE.memory, MODEL_ERROR.memory);
  return -0.5 * TEMPER * sum;
};

/**
 * What could happen in this world up to hour 72, with no equipment fault: the prior of every batch's ensemble, grown once.
 *
 * @param seed must not be a trial's
 */
export const growLibrary = (world: World, seed: number, size: number): Library => Array.from({ length: size }, (_, index) => {
  const drawn = drawBatch(world, seed, index);
  const batch = { ...drawn, faults: drawn.faults.filter(({ name }) => name === 'transduction') };
  const culture = startOf(world, batch);
  const happenings = timelineOf(world, batch, []);
  const shown = FIRST_HOURS.map((hour) => {
    advance(culture, batch.donor.traits, happenings, hour);
    return shownBy(culture);
  });
  return { batch, culture, shown };
});

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

/** Square of a standard score; what is not known weighs nothing. */
const scored = (score: number): number => (Number.isNaN(score) ? 0 : score ** 2);
const priorOf = (known: Known, { donor, lots }: Batch): number => (known.priorBendamustine === undefined || known.priorBendamustine === donor.priorBendamustine ? 0 : -3)
  - 0.5 * TEMPER * (scored((known.memoryAtStart - donor.traits.memoryAtStart) / 0.06) + scored(Math.log(known.vectorTitre / lots.vectorTitre) / 0.1) + scored((known.cd3AtStart - 1 + donor.otherShare) / 0.03) + scored(Math.log(known.glucose / lots.glucose) / 0.03));

/**
 * The batch's ensemble at hour 72: members of the library that agree with its readings and its record, as many as `count`.
 *
 * A weighted bootstrap from a shared prior. What is known of the patient's weight is set; the rest stays the member's.
 */
export const ensembleAt72 = (library: Library, known: Known, readings: readonly Reading[], count: number, random: Generator): Particle[] => {
  const first = FIRST_HOURS.map((hour) => readings.find((reading) => reading.hour === hour));
  const logWeights = library.map(({ batch, shown }) => priorOf(known, batch) + first.reduce((sum, reading, i) => sum + (reading === undefined ? 0 : likelihood(shown[i] as Shown, reading)), 0));
  return resample(logWeights, count, random).map((index) => {
    const { batch, culture } = library[index] as Member;
    const own = jittered(batch, random);
    return { batch: { ...own, donor: { ...own.donor, weightKg: Number.isNaN(known.weightKg) ? own.donor.weightKg : known.weightKg } }, culture: copyOf(culture) };
  });
};

/** How far a guess's state goes towards what is read: share of the difference, of logarithms for cells and copies. Model error over model and instrument error, about. */
const GAIN = { density: 0.7, viability: 0.5, glucose: 0.6, lactate: 0.6, carPositive: 0.35, cd3Positive: 0.5, memory: 0.35 } as const;

const NUDGED = ['density', 'viability', 'glucose', 'lactate', 'cd3Positive', 'memory'] as const;
/** What was not read, as the guess itself shows it. */
const unread = (shown: Shown, reading: Reading): Partial<Reading> => Object.fromEntries(NUDGED.filter((name) => Number.isNaN(reading[name])).map((name) => [name, shown[name]]));

/** Move a guess's state towards a reading, so that an ensemble of few can follow a batch that none of them is. Cells keep their proportions; copies follow CAR+. What was not read (NaN) moves nothing. */
const nudge = (state: Float64Array, shown: Shown, read: Reading): void => {
  const reading = { ...read, ...unread(shown, read) };
  const scale = (i: number, factor: number): void => { state[i] = (state[i] ?? 0) * factor; };
  const cells = (Math.max(reading.density, 1e-4) / Math.max(shown.density, 1e-6)) ** GAIN.density;
  const odds = (share: number): number => Math.max(1 - share, 2e-3) / Math.max(share, 1e-3);
  for (const i of [STATE.restingCells, STATE.cyclingCells, STATE.otherCells, STATE.deadCells]) scale(i, cells);
  scale(STATE.deadCells, (odds(reading.viability) / odds(shown.viability)) ** GAIN.viability);
  scale(STATE.otherCells, (odds(reading.cd3Positive) / odds(shown.cd3Positive)) ** GAIN.cd3Positive);
  if (!Number.isNaN(reading.carPositive) && !Number.isNaN(shown.carPositive)) scale(STATE.copies, (Math.max(reading.carPositive, 0.01) / Math.max(shown.carPositive, 0.01)) ** GAIN.carPositive);
  state[STATE.memory] = Math.min(1, Math.max(0.01, shown.memory + GAIN.memory * (reading.memory - shown.memory)));
  state[STATE.glucose] = Math.max(0, shown.glucose + GAIN.glucose * (reading.glucose - shown.glucose));
  state[STATE.lactate] = Math.max(0, shown.lactate + GAIN.lactate * (reading.lactate - shown.lactate));
};

/** Carry an ensemble to a new reading under what was done and what is known to be broken, weigh it, and resample. */
export const assimilate = (world: World, particles: readonly Particle[], reading: Reading, done: Readonly<{ actions: readonly Action[]; faults: readonly Fault[] }>, random: Generator): Particle[] => {
  const logWeights = particles.map((particle) => {
    const batch = { ...particle.batch, faults: [...particle.batch.faults.filter(({ name }) => name === 'transduction'), ...done.faults] };
    advance(particle.culture, batch.donor.traits, timelineOf(world, batch, done.actions), reading.hour);
    particle.batch = batch;
    return likelihood(shownBy(particle.culture), reading);
  });
  return resample(logWeights, particles.length, random).map((index) => {
    const { batch, culture } = particles[index] as Particle;
    const copy = copyOf(culture);
    nudge(copy.state, shownBy(copy), reading);
    return { batch: jittered(batch, random), culture: copy };
  });
};

export const ensembleStream = (batch: Batch, purpose: string): Generator => streamOf(batch.seed, batch.index, `assist/${purpose}`);

import type { Generator } from '../../random/generator.ts';
import { streamOf } from '../../random/streams.ts';
import { advance, ifSolved, type Culture } from '../culture/culture.ts';
import type { Batch } from '../draw/batch.ts';
import { draw } from '../draw/distribution.ts';
import type { Fault } from '../draw/fault.ts';
import type { Action } from '../recipe/action.ts';
import { timelineOf } from '../recipe/timeline.ts';
import type { Known } from '../seen/known.ts';
import type { Reading } from '../seen/sensors.ts';
import { FIRST_HOURS } from '../seen/rounds.ts';
import type { World } from '../worlds/world.ts';
import { recordEvidence, sampleEvidence, sensorEvidence, shownBy, type Evidence, type Shown } from './evidence.ts';
import { moved, type Read, type Voice } from './kalman.ts';
import type { Library, Member } from './library.ts';
import { unknownsOf, withUnknowns } from './unknowns.ts';

/** One guess at a batch: what nature may have drawn, and where its culture would be. */
export type Particle = { batch: Batch; culture: Culture };

/** Draw `count` indices by weight, evenly spaced from one random start. @see Kitagawa 1996, J. Comput. Graph. Stat. 5(1) (systematic resampling) */
const resample = (weights: readonly number[], count: number, random: Generator): readonly number[] => {
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

/** What no reading tells, drawn anew for each guess, or an ensemble of few would be sure of it: what the harvest will keep, and what the days to come will be like. */
const withUnseen = (world: World, batch: Batch, hour: number, random: Generator): Batch => ({
  ...batch, operator: { ...batch.operator, recoveryShare: draw(world.operator.recoveryShare, random) }, dailyGrowthFactors: batch.dailyGrowthFactors.map((factor, day) => (24 * day < hour ? factor : draw(world.unknown.dailyGrowthFactor, random))),
});

/** What was read by hour 72, and which of the library's hours each is of. */
const evidenceUpTo72 = (known: Known, readings: readonly Reading[]): readonly Readonly<{ evidence: Evidence; at: number }>[] => {
  const indexOf = (hour: number): number => (FIRST_HOURS as readonly number[]).indexOf(hour);
  const all = readings.flatMap(({ sample, ...sensors }) => [
    ...sensorEvidence({ ...sensors, sample }).map((evidence) => ({ evidence, at: indexOf(sensors.hour) })), ...(sample === undefined ? [] : sampleEvidence(sample).map((evidence) => ({ evidence, at: indexOf(sample.hour) }))),
  ]);
  return [...recordEvidence(known).map((evidence) => ({ evidence, at: 0 })), ...all.filter(({ at }) => at >= 0)];
};

/** What a member of the library without the patient's prior treatment, or with one the patient had not, counts less. Assumed. */
const OTHER_TREATMENT = Math.exp(-3);
/** Members of the library that must have a say, as an effective number. */
const ENOUGH_MEMBERS = 80;
const HALVINGS = 20;

const effectiveNumber = (weights: readonly number[]): number => weights.reduce((sum, weight) => sum + weight, 0) ** 2 / weights.reduce((sum, weight) => sum + weight ** 2, 0);

/** Weights of members by a share of all that was read: as large a share as leaves enough of them a say. @param distances squared, in standard deviations */
const weighed = (distances: readonly number[], prior: readonly number[]): Readonly<{ share: number; weights: readonly number[] }> => {
  const least = Math.min(...distances);
  const weightsAt = (share: number): readonly number[] => distances.map((distance, i) => (prior[i] ?? 0) * Math.exp(-0.5 * share * (distance - least)));
  if (effectiveNumber(weightsAt(1)) >= ENOUGH_MEMBERS) return { share: 1, weights: weightsAt(1) };
  let [low, high] = [0, 1];
  for (let i = 0; i < HALVINGS; i += 1) {
    const middle = (low + high) / 2;
    if (effectiveNumber(weightsAt(middle)) >= ENOUGH_MEMBERS) low = middle;
    else high = middle;
  }
  return { share: low, weights: weightsAt(low) };
};

const saidBy = ({ batch, shown }: Member, all: readonly Readonly<{ evidence: Evidence; at: number }>[]): Float64Array => Float64Array.from(all, ({ evidence, at }) => {
  const then = shown[at] as Shown;
  return evidence.of(batch, then, then);
});

const NEGLIGIBLE = 1e-5;

/**
 * The batch's ensemble at hour 72: members of the library that agree with its readings, the samples taken up to then and its record, as many as `count`.
 *
 * Of some thousand members hardly one agrees with thirty readings, and guesses that are all one member are sure of what nobody knows. So a part of the evidence picks members, as large a part as leaves many a say, and the rest
 * of it moves the ones picked. What is known of the patient's weight is set.
 *
 * @param readings up to the first round after hour 72, which has the results of that hour's sample
 * @see Emerick, Reynolds 2013, Computers & Geosciences 55, 3 (evidence taken in by parts)
 */
export const ensembleAt72 = (library: Library, known: Known, readings: readonly Reading[], count: number, random: Generator): Particle[] => {
  const all = evidenceUpTo72(known, readings);
  const said = library.map((member) => saidBy(member, all));
  const distances = said.map((each) => all.reduce((sum, { evidence: { value, error } }, i) => sum + ((value - (each[i] ?? 0)) / error) ** 2, 0));
  const { share, weights } = weighed(distances, library.map(({ batch: { donor } }) => (known.priorBendamustine === undefined || known.priorBendamustine === donor.priorBendamustine ? 1 : OTHER_TREATMENT)));
  const voices = library.map(({ batch, culture }, i) => ({ batch, culture, weight: weights[i] ?? 0, said: said[i] ?? new Float64Array() })).filter(({ weight }) => weight > NEGLIGIBLE).map((each) => ({ ...each, unknowns: unknownsOf(each.batch, each.culture) }));
  const chosen = resample(voices.map(({ weight }) => weight), count, random).map((index) => voices[index] as (typeof voices)[number]);
  const rest: Read = { values: Float64Array.from(all, ({ evidence }) => evidence.value), errors: Float64Array.from(all, ({ evidence }) => evidence.error / Math.sqrt(1 - share)) };
  const unknowns = share === 1 ? chosen.map((each) => each.unknowns) : moved(voices, chosen, rest, random);
  return chosen.map((each, i) => {
    const { batch, culture } = withUnknowns(each.batch, each.culture, unknowns[i] ?? each.unknowns);
    return { batch: { ...batch, donor: { ...batch.donor, weightKg: Number.isNaN(known.weightKg) ? batch.donor.weightKg : known.weightKg } }, culture };
  });
};

/**
 * Carry an ensemble to a new reading under what was done and what is known to be broken, and move every guess by what it says: state and traits together, each as far as the guesses show that it goes with what was read.
 *
 * A sample is compared with what each guess showed when it was taken; one taken before the guesses begin was taken in when they were drawn. A guess whose equations can not be solved is dropped: it is no
 * guess at a batch that runs, and another takes its place. None is left when none can be solved.
 */
export const assimilate = (world: World, particles: readonly Particle[], reading: Reading, done: Readonly<{ actions: readonly Action[]; faults: readonly Fault[] }>, random: Generator): Particle[] => {
  const sample = reading.sample !== undefined && reading.sample.hour > (particles[0]?.culture.hour ?? Infinity) ? reading.sample : undefined;
  const evidence = [...sensorEvidence(reading), ...(sample === undefined ? [] : sampleEvidence(sample))];
  const carried = particles.flatMap((particle) => ifSolved((): Voice & Particle => {
    const { culture } = particle;
    const batch = { ...particle.batch, faults: [...particle.batch.faults.filter(({ name }) => name === 'transduction'), ...done.faults] };
    const happenings = timelineOf(world, batch, done.actions);
    if (sample !== undefined) advance(culture, batch.donor.traits, happenings, sample.hour);
    const then = shownBy(culture);
    advance(culture, batch.donor.traits, happenings, reading.hour);
    const now = shownBy(culture);
    return { batch, culture, weight: 1, said: Float64Array.from(evidence, ({ of }) => of(batch, now, then)), unknowns: unknownsOf(batch, culture) };
  }) ?? []);
  const unknowns = moved(carried, carried, { values: Float64Array.from(evidence, ({ value }) => value), errors: Float64Array.from(evidence, ({ error }) => error) }, random);
  return particles.flatMap((_, i) => {
    const [one, changed] = [carried[i % carried.length], unknowns[i % carried.length]];
    if (one === undefined || changed === undefined) return [];
    const { batch, culture } = withUnknowns(one.batch, one.culture, changed);
    return [{ batch: withUnseen(world, batch, reading.hour, random), culture }];
  });
};

export const ensembleStream = (batch: Batch, purpose: string): Generator => streamOf(batch.seed, batch.index, `assist/${purpose}`);

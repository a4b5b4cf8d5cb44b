import type { Generator } from '../../random/generator.ts';
import { followFaults } from '../assist/detect.ts';
import { assimilate, ensembleAt72, type Particle } from '../assist/ensemble.ts';
import type { Library } from '../assist/library.ts';
import type { Answer } from '../assist/scientist.ts';
import type { Fault } from '../draw/fault.ts';
import type { Action } from '../recipe/action.ts';
import type { Known } from '../seen/known.ts';
import type { Reading } from '../seen/sensors.ts';
import { FIRST_ROUND_HOUR } from '../seen/rounds.ts';
import type { World } from '../worlds/world.ts';
import { bestSetPoints, isWorthAsking, type Range } from './horizon.ts';
import { actionsTo, FIRST_DECISION_HOUR, LIMITS, setPointsAt, type SetPoints } from './set-points.ts';

/** One request for a signature. `plan` is what the scientist reads; `signed`: within the day it was for. */
export type SetPointAdvice = Readonly<{ hour: number; plan: string; signed: boolean; kind: 'set-point' }>;
/** What a signature allows until the next day's: feed within a range, from an hour to an hour. */
type Authority = Range & Readonly<{ fromHour: number; toHour: number }>;

/** A batch under adaptive set-points, as far as its controller knows it: the record, the readings, its guesses. Nothing of the batch itself. */
export type Steered = {
  readonly known: Known; readonly readings: Reading[]; readonly actions: Action[]; readonly advice: SetPointAdvice[];
  particles: readonly Particle[]; faults: readonly Fault[]; authority: Authority | undefined;
};
/** Where chance and people come from: a stream for each purpose, and how a scientist answers. */
export type Surroundings = Readonly<{ library: Library; particles: number; stream: (purpose: string) => Generator; answer: (hour: number, random: Generator) => Answer }>;

export const steer = (known: Known): Steered => ({ known, readings: [], actions: [], advice: [], particles: [], faults: [], authority: undefined });

const DAY_HOURS = 24;
/** How far feed may be moved within a day on one signature, as a factor up or down from what was signed. */
const DAY_RANGE = 1.5;

/** Filter the ensemble to the latest reading, with the faults its readings show. */
const follow = (world: World, steered: Steered, reading: Reading, { library, particles, stream }: Surroundings): void => {
  const random = stream(`ensemble/${reading.hour}`);
  if (reading.hour === FIRST_ROUND_HOUR) steered.particles = ensembleAt72(library, steered.known, steered.readings, particles, random);
  steered.faults = followFaults(steered.faults, steered.readings, world.recipe.temperatureCelsius);
  steered.particles = assimilate(world, steered.particles, reading, { actions: steered.actions, faults: steered.faults }, random);
};

const rangeAround = (factor: number): Range => ({ feedLowestFactor: Math.max(LIMITS.feedLowestFactor, factor / DAY_RANGE), feedHighestFactor: Math.min(LIMITS.feedHighestFactor, factor * DAY_RANGE) });
const textOf = ({ feedFactor, oxygenPercentAir, oxygenHighestPercentAir }: SetPoints, { feedLowestFactor, feedHighestFactor }: Range): string =>
  `feed × ${feedFactor.toFixed(2)} (${feedLowestFactor.toFixed(2)} to ${feedHighestFactor.toFixed(2)}), oxygen ${oxygenPercentAir} %, gas up to ${oxygenHighestPercentAir} %`;

/** Once a day: ask for a signature on the day's set-points when they are worth one. Refused or not asked, the set-points stay. */
const proposeDay = (world: World, steered: Steered, hour: number, { stream, answer }: Surroundings): void => {
  const held = setPointsAt(world, steered.actions, hour);
  const choice = bestSetPoints({ world, particles: steered.particles, actions: steered.actions, held, hour });
  if (!isWorthAsking(choice)) return;
  const { setPoints } = choice.best;
  const range = rangeAround(setPoints.feedFactor);
  const { signed: isSigned, hour: signedHour } = answer(hour, stream(`scientist/${hour}`));
  const signed = isSigned && signedHour < hour + DAY_HOURS;
  steered.advice.push({ hour, plan: textOf(setPoints, range), signed, kind: 'set-point' });
  if (!signed) return;
  steered.actions.push(...actionsTo(held, setPoints, signedHour));
  steered.authority = { ...range, fromHour: signedHour, toHour: hour + DAY_HOURS };
};

/** Between signatures: move feed within what was signed. */
const trim = (world: World, steered: Steered, hour: number, authority: Authority): void => {
  const held = setPointsAt(world, steered.actions, hour);
  const { best } = bestSetPoints({ world, particles: steered.particles, actions: steered.actions, held, hour }, authority);
  steered.actions.push(...actionsTo(held, best.setPoints, hour));
};

/**
 * Take in the latest reading of a batch, and from FIRST_DECISION_HOUR on advise or trim its set-points.
 *
 * Reads the record and the readings only. A signature covers one day: the set-points proposed, and feed within a range around them.
 */
export const steerAt = (world: World, steered: Steered, surroundings: Surroundings): void => {
  const reading = steered.readings.at(-1);
  if (reading === undefined || reading.hour < FIRST_ROUND_HOUR) return;
  const { hour } = reading;
  follow(world, steered, reading, surroundings);
  if (hour < FIRST_DECISION_HOUR || steered.particles.length === 0) return;
  const { authority } = steered;
  if ((hour - FIRST_DECISION_HOUR) % DAY_HOURS === 0) proposeDay(world, steered, hour, surroundings);
  else if (authority !== undefined && hour >= authority.fromHour && hour < authority.toHour) trim(world, steered, hour, authority);
};

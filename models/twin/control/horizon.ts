import type { Particle } from '../assist/ensemble.ts';
import { advance, copyOf, ifSolved } from '../culture/culture.ts';
import { viableCellsOf } from '../culture/environment.ts';
import type { Action } from '../recipe/action.ts';
import { actionHappening, timelineOf, type Happening } from '../recipe/timeline.ts';
import type { World } from '../worlds/world.ts';
import { cultureCost, mediumCost, moveCost, outsideCost } from './cost.ts';
import { highestFeedFactor, mediumMl } from './medium.ts';
import { actionsTo, LIMITS, type SetPoints } from './set-points.ts';

/** How far ahead a choice is judged, and how often lactate and glucose are looked at on the way, hours. */
const [HORIZON_HOURS, LOOK_EVERY_HOURS] = [48, 24] as const;
/** Beyond the horizon growth slows; the share of the pace of its last day that is counted on. Assumed. */
const PACE_KEPT = 0.5;
/** Guesses a choice is tried on: evenly spaced over the ensemble, whose guesses weigh the same after resampling. */
const TRIED_ON = 12;

/** A choice held to the horizon, and what it costs. */
export type Judged = Readonly<{ setPoints: SetPoints; cost: number }>;
export type Now = Readonly<{ world: World; particles: readonly Particle[]; actions: readonly Action[]; held: SetPoints; hour: number }>;

const spread = (particles: readonly Particle[]): readonly Particle[] => particles.filter((_, i) => Math.floor((i * TRIED_ON) / particles.length) !== Math.floor(((i - 1) * TRIED_ON) / particles.length));

/** A guess with what is still to happen to it whatever is chosen. */
type Guess = Particle & Readonly<{ ahead: readonly Happening[] }>;
const guessesOf = ({ world, particles, actions, hour }: Now): readonly Guess[] => spread(particles).map(({ batch, culture }) => ({ batch, culture, ahead: timelineOf(world, batch, actions).filter((happening) => happening.hour >= hour) }));

/** 10^6 viable cells/mL, never none: a lost culture has a pace too. */
const livingOf = (state: Float64Array): number => Math.max(1e-6, viableCellsOf(state));

/** What a guess costs when carried to the horizon under a choice: where it ends, and how far outside its limits it was on the way. */
const costFor = (world: World, { batch, culture, ahead }: Guess, choice: readonly Happening[], endHour: number): number => {
  const copy = copyOf(culture);
  const happenings = [...choice, ...ahead];
  let [outside, looks, beforeMillionPerMl, beforeHour] = [0, 0, livingOf(copy.state), copy.hour];
  for (let atHour = Math.min(endHour, copy.hour + LOOK_EVERY_HOURS); ; atHour = Math.min(endHour, atHour + LOOK_EVERY_HOURS)) {
    advance(copy, batch.donor.traits, happenings, atHour);
    outside += outsideCost(copy.state);
    looks += 1;
    if (atHour === endHour) break;
    [beforeMillionPerMl, beforeHour] = [livingOf(copy.state), atHour];
  }
  const pacePerHour = Math.log(livingOf(copy.state) / beforeMillionPerMl) / (endHour - beforeHour);
  return cultureCost(world, batch, copy.state, { hour: endHour, growthToCome: PACE_KEPT * pacePerHour * (world.recipe.harvestHour - endHour) }) + outside / looks;
};

const judge = ({ world, actions, held, hour }: Now, guesses: readonly Guess[], setPoints: SetPoints): Judged => {
  const endHour = Math.min(hour + HORIZON_HOURS, world.recipe.harvestHour);
  const moves = actionsTo(held, setPoints, hour);
  const choice = moves.flatMap(actionHappening);
  const costs = guesses.flatMap((guess) => ifSolved(() => costFor(world, guess, choice, endHour)) ?? []);
  const mean = costs.length === 0 ? Infinity : costs.reduce((sum, cost) => sum + cost, 0) / costs.length;
  const moreMl = mediumMl(world, [...actions, ...moves], endHour) - mediumMl(world, actions, hour);
  return { setPoints, cost: mean + mediumCost(moreMl) + moveCost(held, setPoints) };
};

const bestOf = (judged: readonly Judged[]): Judged => judged.reduce((best, each) => (each.cost < best.cost ? each : best));

/** Feed factors tried around the one held: at most a doubling or halving a time; a stopped feed may start again. */
const STEPS = [0.5, 0.7, 0.85, 1.2, 1.5, 2] as const;
const LEAST_FEED = 0.25;
/** Oxygen tried: set-point and richest gas. */
const OXYGEN = [{ oxygenPercentAir: 80, oxygenHighestPercentAir: 95 }, { oxygenPercentAir: 80, oxygenHighestPercentAir: 200 }, { oxygenPercentAir: 100, oxygenHighestPercentAir: 200 }] as const satisfies readonly Partial<SetPoints>[];

/** The feed factors a signature leaves free; undefined for all within limits. */
export type Range = Readonly<{ feedLowestFactor: number; feedHighestFactor: number }>;

/** Other feed factors worth trying, each once, within the range, the limits and what the medium allows. */
const feedsAround = (held: number, allowed: number, range: Range = { feedLowestFactor: LEAST_FEED, feedHighestFactor: LIMITS.feedHighestFactor }): readonly number[] => {
  const highest = Math.min(allowed, range.feedHighestFactor);
  if (range.feedLowestFactor > highest) return [];
  const tried = STEPS.map((step) => Math.min(highest, Math.max(range.feedLowestFactor, Math.max(held, LEAST_FEED) * step)));
  return [...new Set(tried)].filter((factor) => factor !== held);
};

/**
 * The set-points that serve a culture best as far ahead as the horizon, by trying each on the ensemble: first feed at the oxygen held, then oxygen at the best feed.
 *
 * @param range  what a signature in force leaves free; oxygen then stays as it is
 * @returns the choice held and the best; the same when nothing tried is better
 * @see Rawlings, Mayne, Diehl 2017, Model Predictive Control, 1.3 and 3 (receding horizon; limits of state softened by a penalty)
 */
export const bestSetPoints = (now: Now, range?: Range): Readonly<{ held: Judged; best: Judged }> => {
  const { world, actions, held, hour } = now;
  const guesses = guessesOf(now);
  const judged = (setPoints: SetPoints): Judged => judge(now, guesses, setPoints);
  const stay = judged(held);
  const best = bestOf([stay, ...feedsAround(held.feedFactor, highestFeedFactor(world, actions, hour), range).map((feedFactor) => judged({ ...held, feedFactor }))]);
  if (range !== undefined) return { held: stay, best };
  const airs = OXYGEN.filter(({ oxygenPercentAir, oxygenHighestPercentAir }) => oxygenPercentAir !== held.oxygenPercentAir || oxygenHighestPercentAir !== held.oxygenHighestPercentAir);
  return { held: stay, best: bestOf([best, ...airs.map((air) => judged({ ...best.setPoints, ...air }))]) };
};

/** Whether a choice is enough better than the one held to ask a person for a signature. */
export const isWorthAsking = ({ held, best }: Readonly<{ held: Judged; best: Judged }>): boolean => best.cost < held.cost - WORTH_ASKING;
const WORTH_ASKING = 0.005;

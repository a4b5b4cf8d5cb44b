import { advance, copyOf, ifSolved } from '../culture/culture.ts';
import type { Batch } from '../draw/batch.ts';
import { productOf, type Product } from '../outcome/product.ts';
import { neededCells } from '../outcome/verdict.ts';
import { EXTENSION_HOURS, type Action } from '../recipe/action.ts';
import { timelineOf } from '../recipe/timeline.ts';
import type { World } from '../worlds/world.ts';
import type { Particle } from './ensemble.ts';
import type { Aim } from './policy.ts';
import type { Plan } from './plans.ts';

/**
 * When a culture may be harvested, o'clock: at the beginning of the working day, and in the evening. What follows a harvest waits for people and runs that begin in the morning, so release comes in steps: one at ten o'clock is often released a day
 * after one at eight, and one at night no sooner than one the next morning, which has grown for longer.
 */
const HARVEST_CLOCK = { morningHour: 8, eveningHour: 20 } as const;
/** Harvests nearer than this are considered in the evening too; those farther away in the morning only. Hours. */
const NEAR_HOURS = 36;
const DAY_HOURS = 24;
/** Days to release that no batch beats; from there on a day costs. */
const NO_DELAY_DAYS = 6;

/** `chance`, `potencyPercent`, `worth` at the best hour of harvest; `highestChance` of passing at any hour. */
export type Outlook = Readonly<{ plan: Plan; harvestHour: number; chance: number; potencyPercent: number; worth: number; highestChance: number }>;

/** Abramowitz and Stegun 1964, 26.2.17 with the complement; error under 7.5e-8. */
const normalCdf = (z: number): number => {
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const tail = 0.3989422804014327 * Math.exp(-0.5 * z * z) * t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return z >= 0 ? 1 - tail : tail;
};

/** Chance that a product passes its tests, given the error of each assay. */
export const chanceOf = (world: World, batch: Batch, product: Product): number => {
  const { criteria, assays } = world;
  if (product.contaminated || product.carPositiveCellsMillion <= 0) return 0;
  return normalCdf((product.viability - criteria.viability) / assays.viability) * normalCdf((product.carPositive - criteria.carPositive) / assays.carPositive)
    * normalCdf((product.cd3Positive - criteria.cd3Positive) / assays.cd3Positive) * normalCdf(Math.log(product.carPositiveCellsMillion / neededCells(world, batch)) / assays.cellCount)
    * normalCdf(Math.log(criteria.vectorCopyNumber / Math.max(product.vectorCopyNumber, 1e-6)) / assays.vectorCopyNumber);
};

/** Hours of culture at which it may be harvested, in order: those of HARVEST_CLOCK, the recipe's, and the last of all. At least one. */
export const harvestHoursOf = ({ recipe, release }: World, fromHour: number, lastHour: number): readonly number[] => {
  const days = Array.from({ length: Math.ceil(lastHour / DAY_HOURS) + 2 }, (_, day) => day * DAY_HOURS - release.activationHour);
  const all = [...days.flatMap((midnightHour) => [midnightHour + HARVEST_CLOCK.morningHour, midnightHour + HARVEST_CLOCK.eveningHour]), recipe.harvestHour].filter((hour) => hour >= fromHour && hour < lastHour);
  return [...new Set([...all.sort((a, b) => a - b), Math.max(fromHour, lastHour)])];
};

/** Hours at which a plan may end from now on. */
const checkpoints = (world: World, { harvest }: Plan, { earliestHarvestHour, fine }: Aim, nowHour: number): readonly number[] => {
  const plannedHour = world.recipe.harvestHour;
  if (harvest === 'planned') return [plannedHour];
  const all = harvestHoursOf(world, Math.max(earliestHarvestHour, nowHour + 1), harvest === 'free' ? plannedHour : plannedHour + EXTENSION_HOURS);
  const isMorning = (hour: number): boolean => (hour + world.release.activationHour) % DAY_HOURS === HARVEST_CLOCK.morningHour;
  return fine ? all : all.filter((hour) => hour - nowHour <= NEAR_HOURS || isMorning(hour) || hour === plannedHour || hour === all[0] || hour === all.at(-1));
};

/** What a product that passes is worth at least, however late and however far from the intended potency it is: a chance of it is never worse than none. */
const LEAST_WORTH = 0.1;
/** What a harvest is worth: the chance of passing, less a little for waiting and for being far from the intended potency. */
const worthOf = (chance: number, away: number, harvestHour: number, { perDay, potency, releasedAt }: Aim): number => chance * Math.max(LEAST_WORTH, 1 - perDay * (releasedAt(harvestHour) - NO_DELAY_DAYS) - potency * away);

type Ending = Readonly<{ chance: number; away: number; potencyPercent: number }>;

/** One guess under a plan, harvested at each hour; nothing when its equations can not be solved. */
const endingsOf = (world: World, { batch, culture }: Particle, actions: readonly Action[], hours: readonly number[], aim: Aim): readonly Ending[] | undefined => ifSolved(() => {
  const copy = copyOf(culture);
  const happenings = timelineOf(world, batch, actions);
  return hours.map((hour) => {
    advance(copy, batch.donor.traits, happenings, hour);
    const product = productOf(world, batch, copy.state, hour, 0);
    return { chance: chanceOf(world, batch, product), away: Math.min(1, Math.abs(Math.log(product.potencyPercent / aim.targetPotencyPercent))), potencyPercent: product.potencyPercent };
  });
});

/** What comes of one plan at one hour of harvest. */
export type HarvestOutlook = Omit<Outlook, 'highestChance'>;

/** Play one plan forward on every particle, to each of some hours of harvest, in their order. A guess that can not be solved under the plan is left out; where none is left, as of `outlookOf`. */
export const outlooksAt = (world: World, particles: readonly Particle[], done: readonly Action[], { plan, hours }: Readonly<{ plan: Plan; hours: readonly number[] }>, aim: Aim): readonly HarvestOutlook[] => {
  const guesses = particles.flatMap((particle) => { const endings = endingsOf(world, particle, [...done, ...plan.actions], hours, aim); return endings === undefined ? [] : [endings]; });
  const count = guesses.length;
  return hours.map((harvestHour, i) => {
    const mean = (name: keyof Ending): number => guesses.reduce((sum, endings) => sum + (endings[i]?.[name] ?? Number.NaN), 0) / count;
    const [chance, potencyPercent] = [mean('chance'), mean('potencyPercent')];
    return { plan, harvestHour, chance, potencyPercent, worth: count === 0 ? -Infinity : worthOf(chance, mean('away'), harvestHour, aim) };
  });
};

/** The hour worth most; the first of equals. */
export const bestHourOf = (outlooks: readonly HarvestOutlook[]): HarvestOutlook => outlooks.reduce((best, each) => (each.worth > best.worth ? each : best));

/**
 * Play one plan forward on every particle and find the best hour to harvest under it.
 *
 * A guess that can not be solved under the plan is left out. When none is left nothing is known of the plan: `chance` and `potencyPercent` are NaN, and no plan is worth less.
 */
export const outlookOf = (world: World, particles: readonly Particle[], done: readonly Action[], plan: Plan, aim: Aim): Outlook => {
  const outlooks = outlooksAt(world, particles, done, { plan, hours: checkpoints(world, plan, aim, particles[0]?.culture.hour ?? 0) }, aim);
  return { ...bestHourOf(outlooks), highestChance: outlooks.reduce((most, { chance }) => Math.max(most, chance), 0) };
};

/** The best of several outlooks; the first of equals. */
export const bestOf = (outlooks: readonly Outlook[]): Outlook => outlooks.reduce((best, each) => (each.worth > best.worth + 1e-9 ? each : best));

/** Whether waiting promises no more: then a harvest whose chance is less than safe is the best that is left of the culture. */
export const isNowOrNever = ({ chance, highestChance }: Pick<Outlook, 'chance' | 'highestChance'>, { worthAsking }: Pick<Aim, 'worthAsking'>): boolean => highestChance > worthAsking && chance > highestChance - worthAsking;

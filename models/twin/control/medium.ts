import type { Action } from '../recipe/action.ts';
import type { World } from '../worlds/world.ts';
import { LIMITS } from './set-points.ts';

const volumeAt = ({ recipe }: World, hour: number): number => recipe.additions.reduce((volume, addition) => volume + (addition.hour < hour ? addition.volumeMl : 0), recipe.startVolumeMl);

/** Perfusion asked for between two hours, mL: recipe's flow times the factor in force. */
const perfusedMl = ({ recipe }: World, actions: readonly Action[], from: number, to: number): number => {
  const changes = [
    ...recipe.perfusion.map(({ fromHour, mlPerHour }) => ({ hour: fromHour, mlPerHour })),
    ...actions.flatMap((action) => (action.type === 'set-feed-rate' ? [{ hour: action.hour, factor: action.factor }] : [])),
  ].sort((a, b) => a.hour - b.hour);
  let [since, flow, factor, sum] = [0, 0, 1, 0];
  for (const change of [...changes, { hour: to }]) {
    sum += flow * factor * Math.max(0, Math.min(change.hour, to) - Math.max(since, from));
    since = change.hour;
    if ('mlPerHour' in change) flow = change.mlPerHour;
    if ('factor' in change) factor = change.factor;
  }
  return sum;
};

/**
 * Medium a batch asks for up to an hour, mL: filling, additions, exchanges and perfusion under its actions. Bag and pump error are not in it, so a controller can count it too.
 */
export const mediumMl = (world: World, actions: readonly Action[], hour: number): number => {
  const { startVolumeMl, additions, exchanges } = world.recipe;
  const added = additions.reduce((sum, addition) => sum + (addition.hour < hour ? addition.volumeMl : 0), startVolumeMl);
  const asked = [...exchanges, ...actions.flatMap((action) => (action.type === 'exchange-medium' ? [action] : []))];
  const exchanged = asked.reduce((sum, exchange) => sum + (exchange.hour < hour ? exchange.share * volumeAt(world, exchange.hour) : 0), 0);
  return added + exchanged + perfusedMl(world, actions, 0, hour);
};

/** Perfusion from now to the harvest at the recipe's own rate, mL. */
const recipePerfusionMl = (world: World, hour: number): number => perfusedMl(world, [], hour, world.recipe.harvestHour);

/** The highest feed factor that, held to the harvest, keeps a batch within its medium; within the limits of the factor itself. */
export const highestFeedFactor = (world: World, actions: readonly Action[], hour: number): number => {
  const rest = recipePerfusionMl(world, hour);
  if (rest <= 0) return LIMITS.feedHighest;
  const harvest = world.recipe.harvestHour;
  const untilNow = mediumMl(world, actions, hour);
  const later = mediumMl(world, [], harvest) - mediumMl(world, [], hour) - rest;
  return Math.min(LIMITS.feedHighest, Math.max(LIMITS.feedLowest, (LIMITS.mediumMl - untilNow - later) / rest));
};

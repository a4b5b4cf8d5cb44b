import type { Action } from '../recipe/action.ts';
import type { World } from '../worlds/world.ts';
import { LIMITS } from './set-points.ts';

const volumeAt = ({ recipe }: World, hour: number): number => recipe.additions.reduce((volumeMl, addition) => volumeMl + (addition.hour < hour ? addition.volumeMl : 0), recipe.startVolumeMl);

/** Perfusion asked for between two hours, mL: recipe's flow times the factor in force. */
const perfusedMl = ({ recipe }: World, actions: readonly Action[], startHour: number, endHour: number): number => {
  const changes = [
    ...recipe.perfusion.map(({ fromHour, mlPerHour }) => ({ hour: fromHour, mlPerHour })),
    ...actions.flatMap((action) => (action.type === 'set-feed-rate' ? [{ hour: action.hour, factor: action.factor }] : [])),
  ].sort((a, b) => a.hour - b.hour);
  let [sinceHour, flowMlPerHour, factor, sumMl] = [0, 0, 1, 0];
  for (const change of [...changes, { hour: endHour }]) {
    sumMl += flowMlPerHour * factor * Math.max(0, Math.min(change.hour, endHour) - Math.max(sinceHour, startHour));
    sinceHour = change.hour;
    if ('mlPerHour' in change) flowMlPerHour = change.mlPerHour;
    if ('factor' in change) factor = change.factor;
  }
  return sumMl;
};

/**
 * Medium a batch asks for up to an hour, mL: filling, additions, exchanges and perfusion under its actions. Bag and pump error are not in it, so a controller can count it too.
 */
export const mediumMl = (world: World, actions: readonly Action[], hour: number): number => {
  const { startVolumeMl, additions, exchanges } = world.recipe;
  const addedMl = additions.reduce((sum, addition) => sum + (addition.hour < hour ? addition.volumeMl : 0), startVolumeMl);
  const asked = [...exchanges, ...actions.flatMap((action) => (action.type === 'exchange-medium' ? [action] : []))];
  const exchangedMl = asked.reduce((sum, exchange) => sum + (exchange.hour < hour ? exchange.share * volumeAt(world, exchange.hour) : 0), 0);
  return addedMl + exchangedMl + perfusedMl(world, actions, 0, hour);
};

/** Perfusion from now to the harvest at the recipe's own rate, mL. */
const recipePerfusionMl = (world: World, hour: number): number => perfusedMl(world, [], hour, world.recipe.harvestHour);

/** The highest feed factor that, held to the harvest, keeps a batch within its medium; within the limits of the factor itself. */
export const highestFeedFactor = (world: World, actions: readonly Action[], hour: number): number => {
  const restMl = recipePerfusionMl(world, hour);
  if (restMl <= 0) return LIMITS.feedHighestFactor;
  const endHour = world.recipe.harvestHour;
  const untilNowMl = mediumMl(world, actions, hour);
  const laterMl = mediumMl(world, [], endHour) - mediumMl(world, [], hour) - restMl;
  return Math.min(LIMITS.feedHighestFactor, Math.max(LIMITS.feedLowestFactor, (LIMITS.mediumMl - untilNowMl - laterMl) / restMl));
};

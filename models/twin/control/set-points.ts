import type { Action } from '../recipe/action.ts';
import type { World } from '../worlds/world.ts';

/** What a controller may move: the factor on the recipe's perfusion, and the oxygen aimed at with the richest gas for it, % air saturation. */
export type SetPoints = Readonly<{ feedFactor: number; oxygenPercentAir: number; oxygenHighestPercentAir: number }>;

/** The round (seen/rounds.ts) from which a controller decides, with every reading. Perfusion itself begins when the recipe says. */
export const FIRST_DECISION_HOUR = 100;

/**
 * The range within which set-points are part of the process. Assumed; a hospital takes its own from process validation (ICH Q8(R2), proven acceptable range).
 *
 * `feedFactor` as `set-feed-rate` allows; oxygen up to air saturation; gas up to twice air; medium per batch is what a rack of bags holds, mL.
 */
export const LIMITS = { feedLowestFactor: 0, feedHighestFactor: 4, oxygenLowestPercentAir: 40, oxygenHighestPercentAir: 100, gasHighestPercentAir: 200, mediumMl: 3500 } as const;

export const recipeSetPoints = ({ recipe }: World): SetPoints => ({ feedFactor: 1, oxygenPercentAir: recipe.oxygenSetPointPercentAir, oxygenHighestPercentAir: recipe.oxygenHighestPercentAir });

export const isWithinLimits = ({ feedFactor, oxygenPercentAir, oxygenHighestPercentAir }: SetPoints): boolean =>
  feedFactor >= LIMITS.feedLowestFactor && feedFactor <= LIMITS.feedHighestFactor && oxygenPercentAir >= LIMITS.oxygenLowestPercentAir && oxygenPercentAir <= LIMITS.oxygenHighestPercentAir && oxygenHighestPercentAir >= oxygenPercentAir && oxygenHighestPercentAir <= LIMITS.gasHighestPercentAir;

/** The set-points an equipment holds at an hour under what was asked of it so far; of actions at one hour the later in the list counts. */
export const setPointsAt = (world: World, actions: readonly Action[], hour: number): SetPoints => {
  const past = actions.map((action, i) => ({ action, i })).filter(({ action }) => action.hour <= hour).sort((a, b) => a.action.hour - b.action.hour || a.i - b.i);
  return past.reduce<SetPoints>((held, { action }) => {
    if (action.type === 'set-feed-rate') return { ...held, feedFactor: action.factor };
    return action.type === 'set-oxygen' ? { ...held, oxygenPercentAir: action.setPointPercentAir, oxygenHighestPercentAir: action.highestPercentAir } : held;
  }, recipeSetPoints(world));
};

/** What has to be done at an hour to go from one choice to another; empty when they are the same. */
export const actionsTo = (from: SetPoints, to: SetPoints, hour: number): readonly Action[] => [
  ...(to.feedFactor === from.feedFactor ? [] : [{ type: 'set-feed-rate', hour, factor: to.feedFactor } as const]),
  ...(to.oxygenPercentAir === from.oxygenPercentAir && to.oxygenHighestPercentAir === from.oxygenHighestPercentAir ? [] : [{ type: 'set-oxygen', hour, setPointPercentAir: to.oxygenPercentAir, highestPercentAir: to.oxygenHighestPercentAir } as const]),
];

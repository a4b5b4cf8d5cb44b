import type { Action } from '../recipe/action.ts';
import type { World } from '../worlds/world.ts';

/** What a controller may move: the factor on the recipe's perfusion, and the oxygen aimed at with the richest gas for it, % air saturation. */
export type SetPoints = Readonly<{ feedFactor: number; oxygen: number; oxygenHighest: number }>;

/** The round (seen/rounds.ts) from which a controller decides, with every reading. Perfusion itself begins when the recipe says. */
export const FIRST_DECISION_HOUR = 100;

/**
 * The range within which set-points are part of the process. Assumed; a hospital takes its own from process validation (ICH Q8(R2), proven acceptable range).
 *
 * `feedFactor` as `set-feed-rate` allows; oxygen up to air saturation; gas up to twice air; medium per batch is what a rack of bags holds, mL.
 */
export const LIMITS = { feedLowest: 0, feedHighest: 4, oxygenLowest: 40, oxygenHighest: 100, gasHighest: 200, mediumMl: 3500 } as const;

export const recipeSetPoints = ({ recipe }: World): SetPoints => ({ feedFactor: 1, oxygen: recipe.oxygenSetPointPercentAir, oxygenHighest: recipe.oxygenHighestPercentAir });

export const isWithinLimits = ({ feedFactor, oxygen, oxygenHighest }: SetPoints): boolean =>
  feedFactor >= LIMITS.feedLowest && feedFactor <= LIMITS.feedHighest && oxygen >= LIMITS.oxygenLowest && oxygen <= LIMITS.oxygenHighest && oxygenHighest >= oxygen && oxygenHighest <= LIMITS.gasHighest;

/** The set-points an equipment holds at an hour under what was asked of it so far; of actions at one hour the later in the list counts. */
export const setPointsAt = (world: World, actions: readonly Action[], hour: number): SetPoints => {
  const past = actions.map((action, i) => ({ action, i })).filter(({ action }) => action.hour <= hour).sort((a, b) => a.action.hour - b.action.hour || a.i - b.i);
  return past.reduce<SetPoints>((held, { action }) => {
    if (action.type === 'set-feed-rate') return { ...held, feedFactor: action.factor };
    return action.type === 'set-oxygen' ? { ...held, oxygen: action.setPoint, oxygenHighest: action.highest } : held;
  }, recipeSetPoints(world));
};

/** What has to be done at an hour to go from one choice to another; empty when they are the same. */
export const actionsTo = (from: SetPoints, to: SetPoints, hour: number): readonly Action[] => [
  ...(to.feedFactor === from.feedFactor ? [] : [{ type: 'set-feed-rate', hour, factor: to.feedFactor } as const]),
  ...(to.oxygen === from.oxygen && to.oxygenHighest === from.oxygenHighest ? [] : [{ type: 'set-oxygen', hour, setPoint: to.oxygen, highest: to.oxygenHighest } as const]),
];

import { LIMITS } from '../control/set-points.ts';
import { checkAction, type Action } from '../recipe/action.ts';
import type { World } from '../worlds/world.ts';

/** What a controller of the simulated bioreactor takes as a command. Feed: a factor on the recipe's rate, 0 to 4. Oxygen: % of air saturation. Harvest: 1 ends the culture. */
export const SET_POINTS = { feed: 'Bioreactor/Feed Rate Factor', oxygen: 'Bioreactor/Dissolved Oxygen Set-Point', harvest: 'Bioreactor/Harvest' } as const;
export const SET_POINT_NAMES: readonly string[] = Object.values(SET_POINTS);

/** Highest oxygen to which the gas mixer enriches once a set-point above what it holds is commanded, % air saturation: as in the catalogue of corrective actions. No set-point is above. */
const ENRICHED_PERCENT_AIR = LIMITS.gasHighestPercentAir;

/**
 * The corrective action that a commanded set-point is.
 *
 * @param hour                 of culture from which it acts
 * @param gasHighestPercentAir highest oxygen the gas mixer gives so far; who does not know takes it as enriched
 * @throws RangeError naming the set-point and what was wanted
 */
export const commandedAction = (name: string, value: number, hour: number, gasHighestPercentAir: number = ENRICHED_PERCENT_AIR): Action => {
  if (!SET_POINT_NAMES.includes(name)) throw new RangeError(`set-point: got ${name}, want one of ${SET_POINT_NAMES.join(', ')}`);
  if (!Number.isFinite(value)) throw new RangeError(`${name}: got ${value}, want a number`);
  if (name === SET_POINTS.harvest && value !== 1) throw new RangeError(`${name}: got ${value}, want 1`);
  if (name === SET_POINTS.oxygen && value > ENRICHED_PERCENT_AIR) throw new RangeError(`${name}: got ${value}, want at most ${ENRICHED_PERCENT_AIR}`);
  const action: Action = name === SET_POINTS.harvest ? { type: 'harvest', hour }
    : name === SET_POINTS.feed ? { type: 'set-feed-rate', hour, factor: value }
      : { type: 'set-oxygen', hour, setPointPercentAir: value, highestPercentAir: value > gasHighestPercentAir ? ENRICHED_PERCENT_AIR : gasHighestPercentAir };
  checkAction(action);
  return action;
};

/** Set-points by name after these actions, in order of their hours. */
export const setPointsAfter = ({ recipe }: World, actions: readonly Action[]): Readonly<Record<string, number>> => actions.reduce<Readonly<Record<string, number>>>((known, action) => {
  switch (action.type) {
    case 'set-feed-rate': return { ...known, [SET_POINTS.feed]: action.factor };
    case 'set-oxygen': return { ...known, [SET_POINTS.oxygen]: action.setPointPercentAir };
    case 'harvest': return { ...known, [SET_POINTS.harvest]: 1 };
    default: return known;
  }
}, { [SET_POINTS.feed]: 1, [SET_POINTS.oxygen]: recipe.oxygenSetPointPercentAir, [SET_POINTS.harvest]: 0 });

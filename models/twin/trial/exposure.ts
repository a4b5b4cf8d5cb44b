import { cultureCost, AIM, mediumCost } from '../control/cost.ts';
import { mediumMl } from '../control/medium.ts';
import { grow, MINUTES_AN_HOUR, recordFor, type Record } from '../culture/culture.ts';
import { STATE } from '../culture/state.ts';
import type { Batch } from '../draw/batch.ts';
import type { Action } from '../recipe/action.ts';
import type { World } from '../worlds/world.ts';

/** What a batch went through under its set-points, in truth: medium asked for, mL; hours with lactate above 20 mmol/L; what its end costs by the controllers' own measure (control/cost.ts). */
export type Exposure = Readonly<{ mediumMl: number; lactateHours: number; cost: number }>;

/** Minutes of a record in which a component is above a limit, up to an hour. */
const minutesAbove = ({ values, points }: Record, component: number, limit: number, hour: number): number => {
  const from = component * points;
  let count = 0;
  for (let i = from; i < from + Math.floor(hour * MINUTES_AN_HOUR); i += 1) if ((values[i] ?? 0) > limit) count += 1;
  return count;
};

/**
 * Grow a batch again under what was done to it, and count. Any arm's result has what is needed; nothing of it is shown to a controller.
 *
 * @throws DomainError `solver-*` as `grow` does
 */
export const exposureOf = (world: World, batch: Batch, actions: readonly Action[], harvestHour: number): Exposure => {
  const record = recordFor(harvestHour);
  const { state } = grow(world, batch, actions, harvestHour, record);
  const used = mediumMl(world, actions, harvestHour);
  return {
    mediumMl: used, lactateHours: minutesAbove(record, STATE.lactateMmolPerL, AIM.lactateHighestMmolPerL, harvestHour) / MINUTES_AN_HOUR,
    cost: cultureCost(world, batch, state, { hour: harvestHour, growthToCome: 0 }) + mediumCost(used),
  };
};

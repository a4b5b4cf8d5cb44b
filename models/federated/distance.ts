import type { Frame } from './scale.ts';

/** Steps of a frame's unit. */
export const STEPS = 4096;
/** Units from the centre that a row counts for, at most: who is further off moves the sums no more. */
const REACH = 2;
/** Largest distance from the centre there is. */
export const DISTANCE_LIMIT = REACH * STEPS;

/** Distance of a value from the centre of a frame, in whole steps. A missing value counts as the centre. */
export const distanceOf = (value: number, { centre, unit }: Frame): number =>
  (Number.isNaN(value) || unit === 0 ? 0 : Math.max(-DISTANCE_LIMIT, Math.min(DISTANCE_LIMIT, Math.round(((value - centre) / unit) * STEPS))) + 0);

import type { Gains } from '../control/pid.ts';
import { drawBatch } from '../draw/batch.ts';
import type { World } from '../worlds/world.ts';
import { exposureOf } from './exposure.ts';
import { playPid } from './set-points.ts';
import { TRAINING_SEED } from './setting.ts';

/** Gains tried: every combination. */
const GRID = { proportionalFactor: [0.5, 1, 2], integralPerHour: [0, 0.002, 0.01], derivativeHours: [0, 6], lactateMmolPerL: [15, 18, 21], glucoseMmolPerL: [8, 11] } as const;
export const GAINS_TRIED: readonly Gains[] = GRID.proportionalFactor.flatMap((proportionalFactor) => GRID.integralPerHour.flatMap((integralPerHour) => GRID.derivativeHours.flatMap((derivativeHours) =>
  GRID.lactateMmolPerL.flatMap((lactateMmolPerL) => GRID.glucoseMmolPerL.map((glucoseMmolPerL) => ({ proportionalFactor, integralPerHour, derivativeHours, lactateMmolPerL, glucoseMmolPerL }))))));

export type Tuned = Readonly<{ gains: Gains; cost: number }>;

/**
 * The gains with the least mean cost over training batches, by the same measure the adaptive controller minimises; the first of equals.
 *
 * @param batches how many, from index 0 of the training seed, which no trial may take
 * @throws RangeError unless batches is a whole number, 1 or more
 */
export const tunePid = (world: World, batches: number, tried: readonly Gains[] = GAINS_TRIED): Tuned => {
  if (!(Number.isInteger(batches) && batches >= 1)) throw new RangeError(`batches: got ${batches}, want a whole number, 1 or more`);
  const { harvestHour } = world.recipe;
  const drawn = Array.from({ length: batches }, (_, index) => drawBatch(world, TRAINING_SEED, index));
  const costOf = (gains: Gains): number => drawn.reduce((sum, batch) => sum + exposureOf(world, batch, playPid(world, batch, gains).actions, harvestHour).cost, 0) / batches;
  return tried.map((gains) => ({ gains, cost: costOf(gains) })).reduce((best, each) => (each.cost < best.cost ? each : best));
};

import { streamOf } from '../../random/streams.ts';
import type { World } from '../worlds/world.ts';
import { draw } from './distribution.ts';
import { drawDonor, type Donor } from './donor.ts';
import { drawFaults, type Fault } from './fault.ts';

/** All that nature decides about one batch before and while it runs, whatever anyone does. */
export type Batch = Readonly<{
  seed: number;
  index: number;
  donor: Donor;
  lots: Readonly<{ growth: number; vectorTitre: number; interleukin2: number; glucose: number }>;
  operator: Readonly<{ seeding: number; recovery: number; additionDelayHours: number }>;
  equipment: Readonly<{ transfer: number; pump: number; temperature: number }>;
  faults: readonly Fault[];
  /** Factor on growth for each day of culture, by what no one measures. */
  dailyGrowth: readonly number[];
}>;

const MOST_DAYS = 20;

/**
 * Draw one batch of a world.
 *
 * @param seed  of the trial, integer in [0, 2^32)
 * @param index of the batch, from 0; the same pair is the same batch in every arm
 */
export const drawBatch = (world: World, seed: number, index: number): Batch => {
  const [lots, operator, equipment, unknown] = (['lots', 'operator', 'equipment', 'unknown'] as const).map((purpose) => streamOf(seed, index, purpose)) as [ReturnType<typeof streamOf>, ReturnType<typeof streamOf>, ReturnType<typeof streamOf>, ReturnType<typeof streamOf>];
  return {
    seed, index,
    donor: drawDonor(world, streamOf(seed, index, 'donor')),
    lots: { growth: draw(world.lots.growth, lots), vectorTitre: draw(world.lots.vectorTitre, lots), interleukin2: draw(world.lots.interleukin2, lots), glucose: draw(world.lots.glucose, lots) },
    operator: { seeding: draw(world.operator.seeding, operator), recovery: draw(world.operator.recovery, operator), additionDelayHours: draw(world.operator.additionDelayHours, operator) },
    equipment: { transfer: draw(world.equipment.transfer, equipment), pump: draw(world.equipment.pump, equipment), temperature: draw(world.equipment.temperature, equipment) },
    faults: drawFaults(world, streamOf(seed, index, 'faults')),
    dailyGrowth: Array.from({ length: MOST_DAYS }, () => draw(world.unknown.dailyGrowth, unknown)),
  };
};

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
  lots: Readonly<{ growthFactor: number; vectorTitreFactor: number; interleukin2Factor: number; glucoseFactor: number }>;
  operator: Readonly<{ seedingFactor: number; recoveryShare: number; additionDelayHours: number }>;
  equipment: Readonly<{ transferFactor: number; pumpFactor: number; temperatureOffsetCelsius: number }>;
  faults: readonly Fault[];
  /** Factor on growth for each day of culture, by what no one measures. */
  dailyGrowthFactors: readonly number[];
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
    lots: { growthFactor: draw(world.lots.growthFactor, lots), vectorTitreFactor: draw(world.lots.vectorTitreFactor, lots), interleukin2Factor: draw(world.lots.interleukin2Factor, lots), glucoseFactor: draw(world.lots.glucoseFactor, lots) },
    operator: { seedingFactor: draw(world.operator.seedingFactor, operator), recoveryShare: draw(world.operator.recoveryShare, operator), additionDelayHours: draw(world.operator.additionDelayHours, operator) },
    equipment: { transferFactor: draw(world.equipment.transferFactor, equipment), pumpFactor: draw(world.equipment.pumpFactor, equipment), temperatureOffsetCelsius: draw(world.equipment.temperatureOffsetCelsius, equipment) },
    faults: drawFaults(world, streamOf(seed, index, 'faults')),
    dailyGrowthFactors: Array.from({ length: MOST_DAYS }, () => draw(world.unknown.dailyGrowthFactor, unknown)),
  };
};

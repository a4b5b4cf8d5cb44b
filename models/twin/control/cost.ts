import { valueOf } from '../culture/state.ts';
import type { Batch } from '../draw/batch.ts';
import { productOf } from '../outcome/product.ts';
import { neededCells } from '../outcome/verdict.ts';
import type { World } from '../worlds/world.ts';
import type { SetPoints } from './set-points.ts';

/** Where set-points should bring a culture. Cells as multiples of the patient's need with its reserve; concentrations in mmol/L. Set before any trial; docs/twin.md. */
export const AIM = { cellsFactor: 2, viability: 0.85, lactateHighestMmolPerL: 20, glucoseLowestMmolPerL: 5 } as const;

/**
 * What falling short costs, without unit. Half of the cells aimed at costs 1, as does a viability 0.15 below the aim; a litre of medium costs 0.1;
 * each mmol/L that lactate or glucose is outside its limit, on average, costs 0.05; moving feed from 1 to 2 or oxygen by 20 % costs 0.01, so that noise alone moves nothing.
 */
const WEIGHT = { shortage: 2.08, viability: 44.4, mediumPerMl: 0.0001, outsidePerMmolPerL: 0.05, move: 0.01, oxygenStepPercentAir: 20 } as const;

/** A quarter of the need is as bad as none: no dose can be made of either, and lost cultures must not drown the rest of a mean. */
const LONGEST_SHORTAGE = Math.log(4 * AIM.cellsFactor);

/**
 * What a culture's end costs: squared shortage of CAR+ cells (logarithm) and squared distance of viability below the aim.
 *
 * @param at hour of the state; `growthToCome` is the logarithm of what cells still multiply by until harvest
 */
export const cultureCost = (world: World, batch: Batch, state: Float64Array, at: Readonly<{ hour: number; growthToCome: number }>): number => {
  const product = productOf(world, batch, state, at.hour, 0);
  const missing = Math.log((AIM.cellsFactor * neededCells(world, batch)) / Math.max(product.carPositiveCellsMillion, 1e-3)) - at.growthToCome;
  const shortage = Math.min(LONGEST_SHORTAGE, Math.max(0, missing));
  return WEIGHT.shortage * shortage ** 2 + WEIGHT.viability * Math.max(0, AIM.viability - product.viability) ** 2;
};

/** A limit of concentration is soft: a culture beyond it must still be steered back. */
export const outsideCost = (state: Float64Array): number => WEIGHT.outsidePerMmolPerL * (Math.max(0, valueOf(state, 'lactateMmolPerL') - AIM.lactateHighestMmolPerL) + Math.max(0, AIM.glucoseLowestMmolPerL - valueOf(state, 'glucoseMmolPerL')));

export const mediumCost = (volumeMl: number): number => WEIGHT.mediumPerMl * volumeMl;

export const moveCost = (from: SetPoints, to: SetPoints): number =>
  WEIGHT.move * ((to.feedFactor - from.feedFactor) ** 2 + ((to.oxygenPercentAir - from.oxygenPercentAir) / WEIGHT.oxygenStepPercentAir) ** 2 + (to.oxygenHighestPercentAir === from.oxygenHighestPercentAir ? 0 : 1));

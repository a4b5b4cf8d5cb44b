import { streamOf } from '../../random/streams.ts';
import { advance, ifSolved, type Culture } from '../culture/culture.ts';
import type { Batch } from '../draw/batch.ts';
import { productOf } from '../outcome/product.ts';
import { judge, measure, type Cause, type Verdict } from '../outcome/verdict.ts';
import type { Action } from '../recipe/action.ts';
import { timelineOf } from '../recipe/timeline.ts';
import type { World } from '../worlds/world.ts';

/** Carry a culture to its harvest and test the product; both arms draw the same errors of the same assays. */
export const harvestAt = (world: World, batch: Batch, culture: Culture, actions: readonly Action[], hour: number): Verdict => {
  advance(culture, batch.donor.traits, timelineOf(world, batch, actions), hour);
  const assays = streamOf(batch.seed, batch.index, 'assays');
  const product = productOf(world, batch, culture.state, hour, assays.normal());
  return judge(world, batch, measure(world, product, assays));
};

/** How a batch ends that nobody acts on: the causes of its failure, none when it passed. Equations that can not be solved are a failed batch with its cause. */
export const causesUntouched = (world: World, batch: Batch, culture: Culture): readonly Cause[] => ifSolved(() => harvestAt(world, batch, culture, [], world.recipe.harvestHour).causes) ?? UNSOLVED;
export const UNSOLVED: readonly Cause[] = ['solver'];

/** Departures someone must write up: equipment faults that began before the harvest, transduction seen to have failed, and an extended culture. */
export const deviationsOf = (world: World, batch: Batch, harvestHour: number): number =>
  batch.faults.filter(({ onsetHour }) => onsetHour < harvestHour).length + (harvestHour > world.recipe.harvestHour ? 1 : 0);

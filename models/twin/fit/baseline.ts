import { coefficientOfVariation } from '../../../shared/statistics/variation.ts';
import { streamOf } from '../../random/streams.ts';
import { advance, grow } from '../culture/culture.ts';
import { drawBatch } from '../draw/batch.ts';
import { productOf } from '../outcome/product.ts';
import { timelineOf } from '../recipe/timeline.ts';
import { judge, measure, type Cause } from '../outcome/verdict.ts';
import type { World } from '../worlds/world.ts';

/** What a world's baseline looks like: nobody predicts, nobody intervenes. Rates of all batches; potency of those that pass. */
export type Baseline = Readonly<{
  batches: number; failureRate: number; causeRates: Readonly<Partial<Record<Cause, number>>>; medianFold: number; medianViability: number; potencyCv: number;
  bendamustineFailureRate: number; otherFailureRate: number;
}>;

const medianOf = (values: number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/** Expansion is counted on day 12 whatever the recipe's harvest, so that worlds compare. */
export const FOLD_HOUR = 288;

/** Run `batches` untouched batches. */
export const baselineOf = (world: World, seed: number, batches: number): Baseline => {
  const { harvestHour, seedCells } = world.recipe;
  const causes: Partial<Record<Cause, number>> = {};
  const [folds, viabilities, potencies]: [number[], number[], number[]] = [[], [], []];
  const [exposed, unexposed] = [{ all: 0, failed: 0 }, { all: 0, failed: 0 }];
  for (let index = 0; index < batches; index += 1) {
    const batch = drawBatch(world, seed, index);
    const culture = grow(world, batch, [], harvestHour);
    const state = culture.state.slice();
    const assays = streamOf(seed, index, 'assays');
    const product = productOf(world, batch, state, harvestHour, assays.normal());
    const { failed, causes: found, measured } = judge(world, batch, measure(world, product, assays));
    const [cause] = found;
    if (cause !== undefined) causes[cause] = (causes[cause] ?? 0) + 1;
    if (!failed) potencies.push(measured.potency);
    advance(culture, batch.donor.traits, timelineOf(world, batch, []), FOLD_HOUR);
    const atTwelve = productOf(world, batch, culture.state, FOLD_HOUR, 0);
    folds.push(atTwelve.viableTCells / batch.operator.recovery / (seedCells * batch.operator.seeding));
    viabilities.push(product.viability);
    const group = batch.donor.priorBendamustine ? exposed : unexposed;
    group.all += 1;
    if (failed) group.failed += 1;
  }
  const failures = Object.values(causes).reduce((sum, count) => sum + count, 0);
  return {
    batches, failureRate: failures / batches, causeRates: Object.fromEntries(Object.entries(causes).map(([cause, count]) => [cause, count / batches])),
    medianFold: medianOf(folds), medianViability: medianOf(viabilities), potencyCv: coefficientOfVariation(potencies),
    bendamustineFailureRate: exposed.failed / exposed.all, otherFailureRate: unexposed.failed / unexposed.all,
  };
};

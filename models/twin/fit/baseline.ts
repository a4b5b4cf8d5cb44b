import { coefficientOfVariation } from '../../../shared/statistics/variation.ts';
import { streamOf } from '../../random/streams.ts';
import { advance, grow, ifSolved, type Culture } from '../culture/culture.ts';
import { drawBatch, type Batch } from '../draw/batch.ts';
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

/** One untouched batch; what is not known of it is NaN. `unsolved` tells one whose equations can not be solved up to the harvest: it fails for that, and nothing else is known of it. */
type Untouched = Readonly<{ cause: Cause | undefined; fold: number; viability: number; potencyPercent: number; unsolved: boolean }>;
const UNSOLVED: Untouched = { cause: 'solver', fold: Number.NaN, viability: Number.NaN, potencyPercent: Number.NaN, unsolved: true };

/** Carried on from the harvest, as if nobody had harvested. */
const foldOf = (world: World, batch: Batch, culture: Culture): number => {
  advance(culture, batch.donor.traits, timelineOf(world, batch, []), FOLD_HOUR);
  const { viableTCellsMillion } = productOf(world, batch, culture.state, FOLD_HOUR, 0);
  return viableTCellsMillion / batch.operator.recoveryShare / (world.recipe.seedCellsMillion * batch.operator.seedingFactor);
};

const untouched = (world: World, batch: Batch): Untouched => {
  const { harvestHour } = world.recipe;
  const culture = ifSolved(() => grow(world, batch, [], harvestHour));
  if (culture === undefined) return UNSOLVED;
  const assays = streamOf(batch.seed, batch.index, 'assays');
  const product = productOf(world, batch, culture.state, harvestHour, assays.normal());
  const { failed, causes: [cause], measured } = judge(world, batch, measure(world, product, assays));
  return { cause, viability: product.viability, potencyPercent: failed ? Number.NaN : measured.potencyPercent, fold: ifSolved(() => foldOf(world, batch, culture)) ?? Number.NaN, unsolved: false };
};

const isKnown = (value: number): boolean => !Number.isNaN(value);

/**
 * Run `batches` untouched batches. One whose equations can not be solved failed, with cause `solver`, as in a trial; medians are of those that can.
 *
 * @throws RangeError when none of them can be solved: such a world has no baseline
 */
export const baselineOf = (world: World, seed: number, batches: number): Baseline => {
  const drawn = Array.from({ length: batches }, (_, index) => drawBatch(world, seed, index));
  const played = drawn.map((batch) => untouched(world, batch));
  if (played.every(({ unsolved }) => unsolved)) throw new RangeError(`world ${world.name}: got no batch of ${batches} of seed ${seed} whose rates can be solved, want at least one`);
  const counts: Partial<Record<Cause, number>> = {};
  for (const { cause } of played) if (cause !== undefined) counts[cause] = (counts[cause] ?? 0) + 1;
  const failureRateOf = (isCounted: (batch: Batch) => boolean): number => {
    const group = played.filter((_, index) => isCounted(drawn[index] as Batch));
    return group.filter(({ cause }) => cause !== undefined).length / group.length;
  };
  return {
    batches, failureRate: failureRateOf(() => true), causeRates: Object.fromEntries(Object.entries(counts).map(([cause, count]) => [cause, count / batches])),
    medianFold: medianOf(played.map(({ fold }) => fold).filter(isKnown)), medianViability: medianOf(played.map(({ viability }) => viability).filter(isKnown)), potencyCv: coefficientOfVariation(played.map(({ potencyPercent }) => potencyPercent)),
    bendamustineFailureRate: failureRateOf(({ donor }) => donor.priorBendamustine), otherFailureRate: failureRateOf(({ donor }) => !donor.priorBendamustine),
  };
};

import { outlookOf, type Outlook } from '../assist/look-ahead.ts';
import { correctivePlans, type Plan } from '../assist/plans.ts';
import type { Aim } from '../assist/policy.ts';
import { advance, copyOf, startOf, type Culture } from '../culture/culture.ts';
import type { Batch } from '../draw/batch.ts';
import { isRepairable, type Action } from '../recipe/action.ts';
import { timelineOf } from '../recipe/timeline.ts';
import type { World } from '../worlds/world.ts';
import { deviationsOf, harvestAt } from './finish.ts';
import type { BatchResult } from './result.ts';

const FROM_HOUR = 72;
/** Hours at which the oracle may add a plan of the catalogue to those before. */
const AGAIN_HOURS = [72, 96, 120, 144, 168, 192, 216, 240, 264] as const;
const REPAIR_AFTER_HOURS = 0.5;
/** Courses kept from one day to the next; one for a culture that passes anyway, where actions can only make it earlier or more alike. */
const [KEPT, KEPT_WHEN_SURE] = [4, 1] as const;
const SURE = 0.97;

/** A course the oracle may take: the culture where the next day begins, what is done, and what comes of it when nothing more is. */
type Way = Readonly<{ culture: Culture; actions: readonly Action[]; outlook: Outlook }>;

const EXTENDED: Plan = { name: 'carry on', actions: [], harvest: 'extended' };

/** The best few ways, no two of them with the same end. */
const best = (ways: readonly Way[], count: number): readonly Way[] => {
  const kept: Way[] = [];
  for (const way of [...ways].sort((a, b) => b.outlook.worth - a.outlook.worth)) {
    if (kept.length === count) break;
    if (!kept.some(({ outlook }) => Math.abs(outlook.worth - way.outlook.worth) < 1e-9)) kept.push(way);
  }
  return kept;
};

/** Every way goes on unchanged or with a plan of the catalogue from an hour on. */
const branched = (world: World, batch: Batch, ways: readonly Way[], hour: number, aim: Aim): readonly Way[] => ways.flatMap((way) => {
  const culture = copyOf(way.culture);
  advance(culture, batch.donor.traits, timelineOf(world, batch, way.actions), hour);
  const tried = correctivePlans(hour).filter(({ actions }) => actions.length > 0);
  return [{ ...way, culture }, ...tried.map((plan): Way => ({ culture, actions: [...way.actions, ...plan.actions], outlook: outlookOf(world, [{ batch, culture }], way.actions, plan, aim) }))];
});

/**
 * The ceiling of acting after hour 72 with this catalogue: knows the true cells, every fault to come and every unknown day, repairs at once, needs no signature.
 *
 * Looks for the best course by a beam search: each day every way that was kept goes on with every plan, and the best are kept. Does not know the errors of the final assays.
 */
export const playOracle = (world: World, batch: Batch, aim: Aim): BatchResult => {
  const culture = startOf(world, batch);
  advance(culture, batch.donor.traits, timelineOf(world, batch, []), FROM_HOUR);
  const actions = batch.faults.flatMap(({ name, onsetHour }): readonly Action[] => (isRepairable(name) ? [{ type: 'repair-equipment', fault: name, hour: Math.max(FROM_HOUR, onsetHour) + REPAIR_AFTER_HOURS }] : []));
  let ways: readonly Way[] = [{ culture, actions, outlook: outlookOf(world, [{ batch, culture }], actions, EXTENDED, aim) }];
  let found = ways[0] as Way;
  for (const hour of AGAIN_HOURS) {
    if (hour + REPAIR_AFTER_HOURS >= found.outlook.harvestHour && found.outlook.chance >= SURE) break;
    ways = best(branched(world, batch, ways, hour, aim), found.outlook.chance >= SURE ? KEPT_WHEN_SURE : KEPT);
    const [first] = ways;
    if (first !== undefined && first.outlook.worth > found.outlook.worth) found = first;
  }
  const { harvestHour } = found.outlook;
  const { measured, failed, causes } = harvestAt(world, batch, startOf(world, batch), found.actions, harvestHour);
  return { index: batch.index, arm: 'oracle', failed, causes, measured, harvestHour, predicted: Number.NaN, alerted: found.actions.length > actions.length, recommendations: [], actions: found.actions, deviations: deviationsOf(world, batch, harvestHour) };
};

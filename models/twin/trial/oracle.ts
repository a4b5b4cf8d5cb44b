import { advance, startOf } from '../culture/culture.ts';
import type { Batch } from '../draw/batch.ts';
import { bestOutlook, outlookOf, type Outlook } from '../assist/look-ahead.ts';
import { correctivePlans } from '../assist/plans.ts';
import type { Policy } from '../assist/policy.ts';
import type { Action } from '../recipe/action.ts';
import { timelineOf } from '../recipe/timeline.ts';
import type { World } from '../worlds/world.ts';
import { deviationsOf, harvestAt } from './finish.ts';
import type { BatchResult } from './result.ts';

const FROM_HOUR = 72;
/** Hours at which the oracle may add a second, third … plan of the catalogue, if it helps. */
const AGAIN = [96, 120, 144, 168, 192, 216] as const;
const REPAIR_AFTER_HOURS = 0.5;

/**
 * The ceiling of acting after hour 72 with this catalogue: knows the true cells, every fault to come and every unknown day, repairs at once, needs no signature, and adds plans greedily while they help.
 * It does not know the errors of the final assays.
 */
export const playOracle = (world: World, batch: Batch, policy: Policy): BatchResult => {
  const culture = startOf(world, batch);
  advance(culture, batch.donor.traits, timelineOf(world, batch, []), FROM_HOUR);
  const truth = [{ batch, culture }];
  const repairs = batch.faults.map(({ onsetHour }): Action => ({ type: 'repair-equipment', hour: Math.max(FROM_HOUR, onsetHour) + REPAIR_AFTER_HOURS }));
  let actions: readonly Action[] = repairs;
  let best: Outlook = bestOutlook(world, truth, actions, correctivePlans(FROM_HOUR), policy);
  actions = [...actions, ...best.plan.actions];
  for (const hour of AGAIN) {
    const more = correctivePlans(hour).filter((plan) => plan.actions.length > 0).map((plan) => outlookOf(world, truth, actions, { ...plan, harvest: 'extended' }, policy)).reduce((a, b) => (b.worth > a.worth ? b : a));
    if (more.worth <= best.worth + 1e-3) continue;
    actions = [...actions, ...more.plan.actions];
    best = more;
  }
  const { measured, failed, causes } = harvestAt(world, batch, culture, actions, best.harvestHour);
  return { index: batch.index, arm: 'oracle', failed, causes, measured, harvestHour: best.harvestHour, predicted: Number.NaN, alerted: best.plan.actions.length > 0, recommendations: [], actions, deviations: deviationsOf(world, batch, best.harvestHour) };
};

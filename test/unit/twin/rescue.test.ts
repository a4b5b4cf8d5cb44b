import { describe, expect, it } from 'vitest';
import { isNowOrNever } from '../../../models/twin/assist/look-ahead.ts';
import { isHarvestDue } from '../../../models/twin/assist/assistant.ts';
import { aimWithoutCalendar, POLICIES, type Policy } from '../../../models/twin/assist/policy.ts';
import { correctiveCourses, correctivePlans } from '../../../models/twin/assist/plans.ts';
import { drawBatch, type Batch } from '../../../models/twin/draw/batch.ts';
import { MOST_CULTURE_HOURS } from '../../../models/twin/recipe/action.ts';
import { playDrawn } from '../../../models/twin/trial/play.ts';
import { startsOf } from '../../../models/twin/release/arrivals.ts';
import { rowsOf, trainPredictor } from '../../../models/twin/trial/predictor.ts';
import { OWN_SEEDS } from '../../../models/twin/seeds.ts';
import { settingOf } from '../../../models/twin/trial/setting.ts';
import { worldNamed } from './worlds.ts';

const world = worldNamed('stress');
const setting = { ...settingOf(world, trainPredictor(rowsOf(world, 0xa000_0001, 0, 300)), { particles: 64, startDays: startsOf(world.release, OWN_SEEDS.policies, 2200).map(({ startDay }) => startDay) }), answers: (hour: number) => ({ signed: true, hour: hour + 2 }) };
/** Batches of the seed of policies: pure enough early, not at the recipe's harvest; and one that is looked at again and again. */
const [OVERGROWN, STRUGGLING] = [[93, 855, 1680], [21, 186]] as const;
/** Of the same seed: what can not wait for another day; what can, and passes untouched; what could wait and is lost by it; and what is too potent on the recipe's last day, at its own hour or at eight. */
const [URGENT, PATIENT, LOST, POTENT] = [[148, 163], [28, 86], [1947, 2043], [8, 92, 34, 547]] as const;
const ofPolicies = (index: number): Batch => drawBatch(world, OWN_SEEDS.policies, index);

describe('a harvest that is not safe', () => {
  const aim = { worthAsking: 0.02 };
  it('is now or never when no later one is more likely to pass', () => { expect(isNowOrNever({ chance: 0.6, highestChance: 0.61 }, aim)).toBe(true); });
  it('waits while a later one is more likely to pass', () => { expect(isNowOrNever({ chance: 0.6, highestChance: 0.7 }, aim)).toBe(false); });
  it('is not asked for when there is no chance at any hour', () => { expect(isNowOrNever({ chance: 0.01, highestChance: 0.01 }, aim)).toBe(false); });

  const dueAt = (hours: number, chance: number, hasPlanInWaiting = false): boolean =>
    isHarvestDue({ world, aim: aimWithoutCalendar(POLICIES.balanced), hour: 148, course: { harvestHour: undefined, extended: false, hasPlanInWaiting } }, { harvestHour: 148 + hours, chance, highestChance: chance });
  it('is asked for in the last round before it, where one that is safe is asked for the afternoon before', () => {
    expect([dueAt(18, 0.98), dueAt(18, 0.6), dueAt(6, 0.6), dueAt(30, 0.98)]).toEqual([true, false, true, false]);
  });
  it('is not the best that is left while a plan waits for tomorrow', () => {
    expect([dueAt(6, 0.6, true), dueAt(6, 0.98, true)]).toEqual([false, true]);
  });

  it('is taken early where waiting only makes it worse: cultures that are overgrown pass, which fail by purity untouched', () => {
    const played = OVERGROWN.map((index) => ({ untouched: playDrawn(setting, ofPolicies(index), 'baseline'), assisted: playDrawn(setting, ofPolicies(index), 'assisted') }));
    expect(played.every(({ untouched }) => untouched.causes.includes('purity'))).toBe(true);
    expect(played.filter(({ assisted }) => !assisted.failed && assisted.harvestHour < world.recipe.harvestHour).length).toBeGreaterThan(1);
  });
});

describe('courses', () => {
  it('are the plans of the catalogue, with interleukin-2 again every day for as long as a culture can last', () => {
    const [plans, courses] = [correctivePlans(80), correctiveCourses(80)];
    expect(courses.map(({ actions }) => actions.filter(({ hour }) => hour === 80))).toEqual(plans.map(({ actions }) => actions));
    for (const { actions } of courses) {
      const doses = actions.filter(({ type }) => type === 'add-interleukin-2').map(({ hour }) => hour);
      expect(actions.filter(({ hour }) => hour > 80).length).toBe(Math.max(0, doses.length - 1));
      if (doses.length > 0) expect(doses).toEqual(Array.from({ length: Math.ceil((MOST_CULTURE_HOURS - 80) / 24) }, (_, day) => 80 + 24 * day));
    }
  });

  it('take each other’s place: no dose of an earlier one is left when a later one has begun', () => {
    const played = STRUGGLING.map((index) => playDrawn(setting, ofPolicies(index), 'assisted'));
    const courses = played.map(({ recommendations }) => recommendations.filter(({ plan, signed }) => signed && plan.includes('daily')).length);
    expect(Math.max(...courses)).toBeGreaterThan(1);
    played.forEach(({ actions }, i) => {
      const doses = actions.filter(({ type }) => type === 'add-interleukin-2').map(({ hour }) => hour);
      expect(doses.length).toBeLessThanOrEqual((Math.max(...doses) - Math.min(...doses)) / 24 + (courses[i] ?? 0));
    });
  });
});

describe('a plan that is refused', () => {
  it('is looked at again in the next round, not a day later', () => {
    const refusing = { ...setting, answers: (hour: number) => ({ signed: false, hour }) };
    const hours = URGENT.map((index) => playDrawn(refusing, ofPolicies(index), 'always').recommendations.filter(({ kind }) => kind === 'intervention').map(({ hour }) => hour));
    expect(hours.some((each) => each.some((hour) => each.includes(hour + 12)))).toBe(true);
  });
});

describe('a plan that can wait', () => {
  const askedOf = (policy: Policy): readonly boolean[] => PATIENT.map((index) => playDrawn({ ...setting, policy }, ofPolicies(index), 'assisted').recommendations.some(({ kind }) => kind === 'intervention'));
  it('is not asked for: tomorrow shows that the culture is sound, and nobody has acted on it for nothing', () => {
    expect(PATIENT.every((index) => !playDrawn(setting, ofPolicies(index), 'baseline').failed)).toBe(true);
    expect(askedOf({ ...POLICIES.balanced, worthHaste: -Infinity })).toEqual([true, true]);
    expect(askedOf(POLICIES.balanced)).toEqual([false, false]);
  });
});

describe('a plan for a culture that is more likely to fail than not', () => {
  const playedWith = (policy: Policy): readonly boolean[] => LOST.map((index) => playDrawn({ ...setting, policy }, ofPolicies(index), 'assisted').failed);
  it('is asked for at once, though tomorrow it may be worth as much: there is nothing to spare, and tomorrow can be too late', () => {
    expect(playedWith({ ...POLICIES.balanced, hopeful: 0 })).toEqual([true, true]);
    expect(playedWith(POLICIES.balanced)).toEqual([false, false]);
  });
});

describe('a sound culture that is too potent on the last day of the recipe', () => {
  const extended = (policy: Policy): readonly boolean[] => POTENT.map((index) => playDrawn({ ...setting, policy }, ofPolicies(index), 'assisted').harvestHour > world.recipe.harvestHour);
  it('is extended by the policy that is after potency, and by no other', () => {
    expect(extended(POLICIES.consistent)).toEqual(POTENT.map(() => true));
    expect(extended(POLICIES.balanced)).toEqual(POTENT.map(() => false));
    expect(extended(POLICIES.fast)).toEqual(POTENT.map(() => false));
  });
});

import { readFileSync } from 'node:fs';
import { POLICIES } from '../../../models/twin/assist/policy.ts';
import { describe, expect, it } from 'vitest';
import type { Particle } from '../../../models/twin/assist/ensemble.ts';
import { growLibrary, PRIOR } from '../../../models/twin/assist/library.ts';
import type { Answer } from '../../../models/twin/assist/scientist.ts';
import { AIM, cultureCost, mediumCost, moveCost, outsideCost } from '../../../models/twin/control/cost.ts';
import { bestSetPoints, isWorthAsking } from '../../../models/twin/control/horizon.ts';
import { mediumMl } from '../../../models/twin/control/medium.ts';
import { LIMITS, recipeSetPoints, setPointsAt } from '../../../models/twin/control/set-points.ts';
import { advance, copyOf, startOf } from '../../../models/twin/culture/culture.ts';
import { STATE, STATE_SIZE } from '../../../models/twin/culture/state.ts';
import { drawBatch, type Batch } from '../../../models/twin/draw/batch.ts';
import { productOf } from '../../../models/twin/outcome/product.ts';
import { neededCells } from '../../../models/twin/outcome/verdict.ts';
import { checkAction, type Action } from '../../../models/twin/recipe/action.ts';
import { timelineOf } from '../../../models/twin/recipe/timeline.ts';
import { playBatch } from '../../../models/twin/trial/play.ts';
import type { BatchResult } from '../../../models/twin/trial/result.ts';
import { playAdaptive, playPid } from '../../../models/twin/trial/set-points.ts';
import { quietBatch, withRecipe, worldNamed } from './worlds.ts';

const world = worldNamed('stress');
const setting = { world, library: growLibrary(world, PRIOR.seed, 150), particles: 12, policy: POLICIES.balanced, releaseTable: { hours: [], days: {} }, startDays: [], predictor: { forest: { trees: [], baseScore: 0, featureNames: [] } as never, threshold: 1, densityRuleMillionPerMl: 0 } };
const [SEED, DELAY_HOURS] = [11, 3] as const;
const batchAt = (index: number): Batch => drawBatch(world, SEED, index);
const indices = Array.from({ length: 8 }, (_, i) => i);

const signs = (hour: number): Answer => ({ signed: true, hour: hour + DELAY_HOURS });
const refuses = (hour: number): Answer => ({ signed: false, hour: hour + DELAY_HOURS });
const played = new Map(indices.map((index) => [index, playAdaptive(setting, batchAt(index), signs)]));
const resultAt = (index: number): BatchResult => played.get(index) as BatchResult;
const before = (hour: number, { actions, recommendations }: BatchResult): unknown => ({ actions: actions.filter((action) => action.hour <= hour), recommendations: recommendations.filter((each) => each.hour <= hour) });

/** Guesses of an ordinary culture grown by the recipe to an hour, with its state changed. */
const guesses = (hour: number, change: (state: Float64Array) => void): readonly Particle[] => indices.map((index) => {
  const batch = quietBatch({ index });
  const culture = startOf(world, batch);
  advance(culture, batch.donor.traits, timelineOf(world, batch, []), hour);
  change(culture.state);
  return { batch, culture };
});
const set = (name: keyof typeof STATE, value: number) => (state: Float64Array): void => { state[STATE[name]] = value; };
const packed = (state: Float64Array): void => { set('cyclingCellsMillionPerMl', 30)(state); set('lactateMmolPerL', 40)(state); set('glucoseMmolPerL', 2)(state); };
/** Cells enough for the patient by harvest, in medium hardly used. */
const easy = (state: Float64Array): void => { set('cyclingCellsMillionPerMl', 5)(state); set('lactateMmolPerL', 3)(state); set('glucoseMmolPerL', 20)(state); set('deadCellsMillionPerMl', 0.2)(state); };
const nowOf = (hour: number, change: (state: Float64Array) => void, actions: readonly Action[] = []) => ({ world, particles: guesses(hour, change), actions, held: setPointsAt(world, actions, hour), hour });

describe('what set-points cost', () => {
  const stateWith = (lactate: number, glucose: number): Float64Array => {
    const state = new Float64Array(STATE_SIZE);
    set('lactateMmolPerL', lactate)(state);
    set('glucoseMmolPerL', glucose)(state);
    return state;
  };
  it('is nothing for lactate and glucose within their limits, and grows by the mmol/L outside', () => {
    expect([[20, 5], [0, 20], [22, 5], [20, 3], [24, 1]].map(([lactate = 0, glucose = 0]) => outsideCost(stateWith(lactate, glucose)))).toEqual([0, 0, 0.1, 0.1, 0.4]);
  });
  it('is nothing for staying, and more for moving further', () => {
    const from = recipeSetPoints(world);
    expect(moveCost(from, from)).toBe(0);
    expect(moveCost(from, { ...from, feedFactor: 2 })).toBeCloseTo(0.01, 9);
    expect(moveCost(from, { ...from, oxygenPercentAir: from.oxygenPercentAir + 20, oxygenHighestPercentAir: 200 })).toBeCloseTo(0.02, 9);
  });
  it('is 1 for half of the cells aimed at, none from there on, and no more for a lost culture than for a quarter of the need', () => {
    const batch = quietBatch();
    const { state } = guesses(200, set('deadCellsMillionPerMl', 0))[0]?.culture ?? { state: new Float64Array(STATE_SIZE) };
    const cells = productOf(world, batch, state, 200, 0).carPositiveCellsMillion;
    const costAt = (timesNeed: number): number => cultureCost(world, batch, state, { hour: 200, growthToCome: Math.log((timesNeed * neededCells(world, batch)) / cells) });
    expect(costAt(AIM.cellsFactor / 2)).toBeCloseTo(1, 2);
    expect([costAt(AIM.cellsFactor), costAt(50)].map((cost) => Math.round(cost * 1e9))).toEqual([0, 0]);
    expect(costAt(0.001)).toBeCloseTo(costAt(0.25), 9);
  });
});

describe('looking ahead for set-points', () => {
  it('feeds a packed culture full of lactate more, and one in fresh medium less', () => {
    const [more, less] = [bestSetPoints(nowOf(180, packed)), bestSetPoints(nowOf(180, easy))];
    expect(more.best.setPoints.feedFactor).toBeGreaterThan(1);
    expect(less.best.setPoints.feedFactor).toBeLessThan(1);
    expect([isWorthAsking(more), isWorthAsking(less)]).toEqual([true, true]);
  });
  it('counts where guesses end, how far outside limits they were, and the medium: as adding it up by hand does', () => {
    const [hour, end] = [world.recipe.harvestHour - 12, world.recipe.harvestHour];
    const now = nowOf(hour, packed);
    const byHand = now.particles.map(({ batch, culture }) => {
      const copy = copyOf(culture);
      advance(copy, batch.donor.traits, timelineOf(world, batch, []), end);
      expect(outsideCost(copy.state)).toBeGreaterThan(0);
      return cultureCost(world, batch, copy.state, { hour: end, growthToCome: 0 }) + outsideCost(copy.state);
    });
    const medium = mediumCost(mediumMl(world, [], end) - mediumMl(world, [], hour));
    expect(bestSetPoints(now).held.cost).toBeCloseTo(byHand.reduce((sum, cost) => sum + cost, 0) / byHand.length + medium, 9);
  });
  it('looks two days ahead, and counts on half the pace of the last of them for what is left to the harvest', () => {
    const [hour, end] = [100, 148];
    const now = nowOf(hour, set('cyclingCellsMillionPerMl', 0.4));
    const livingAt = (culture: Particle['culture']): number => ['restingCellsMillionPerMl', 'cyclingCellsMillionPerMl', 'otherCellsMillionPerMl'].reduce((sum, name) => sum + (culture.state[STATE[name as keyof typeof STATE]] ?? Number.NaN), 0);
    const byHand = now.particles.map(({ batch, culture }) => {
      const copy = copyOf(culture);
      let [outside, before] = [0, Number.NaN];
      for (const at of [hour + 24, end]) {
        before = livingAt(copy);
        advance(copy, batch.donor.traits, timelineOf(world, batch, []), at);
        outside += outsideCost(copy.state) / 2;
      }
      const pace = Math.log(livingAt(copy) / before) / 24;
      return cultureCost(world, batch, copy.state, { hour: end, growthToCome: 0.5 * pace * (world.recipe.harvestHour - end) }) + outside;
    });
    const medium = mediumCost(mediumMl(world, [], end) - mediumMl(world, [], hour));
    expect(bestSetPoints(now).held.cost).toBeCloseTo(byHand.reduce((sum, cost) => sum + cost, 0) / byHand.length + medium, 9);
  });
  it('tries a choice on twelve of the guesses, evenly spaced', () => {
    const lost = set('cyclingCellsMillionPerMl', 0.01);
    const [sound, ill] = [nowOf(180, easy), nowOf(180, lost)];
    const both = Array.from({ length: 24 }, (_, i) => (i % 2 === 0 ? sound : ill).particles[i % 8]!);
    const evens = both.filter((_, i) => i % 2 === 0);
    const costOf = (particles: readonly Particle[]): number => bestSetPoints({ ...sound, particles }).held.cost;
    expect(costOf(both)).toBe(costOf(evens));
    expect(costOf([...both.slice(1), both[0]!])).toBeGreaterThan(costOf(both));
    // each of the twelve has a say
    for (let i = 0; i < 12; i += 1) expect(costOf(evens.map((guess, j) => (i === j ? ill.particles[0]! : guess))), `guess ${i}`).not.toBe(costOf(evens));
  });
  it('never finds worse than what is held', () => {
    for (const change of [packed, easy, set('glucoseMmolPerL', 1)]) {
      const { held, best } = bestSetPoints(nowOf(160, change));
      expect(best.cost).toBeLessThanOrEqual(held.cost);
    }
  });
  it('leaves the guesses it looks ahead with as they were', () => {
    const now = nowOf(150, packed);
    const copies = now.particles.map(({ culture }) => copyOf(culture));
    bestSetPoints(now);
    expect(now.particles.map(({ culture }) => culture)).toEqual(copies);
  });
  it('stays within what a signature leaves free, and leaves oxygen then as it is', () => {
    const { best } = bestSetPoints(nowOf(180, packed), { feedLowestFactor: 0.8, feedHighestFactor: 1.1 });
    expect(best.setPoints).toEqual({ ...recipeSetPoints(world), feedFactor: 1.1 });
  });
  it('takes the most the medium of a batch allows, and no more', () => {
    const thirsty = withRecipe(world, { perfusion: [{ fromHour: 120, mlPerHour: 25 }] });
    const { best } = bestSetPoints({ ...nowOf(180, packed), world: thirsty });
    const asked = mediumMl(thirsty, [{ type: 'set-feed-rate', hour: 180, factor: best.setPoints.feedFactor }], world.recipe.harvestHour);
    expect(best.setPoints.feedFactor).toBeGreaterThan(1);
    expect(asked).toBeLessThanOrEqual(LIMITS.mediumMl + 1e-6);
  });
  it('does not ask for a signature when nothing is gained', () => {
    const now = nowOf(180, packed);
    const stay = bestSetPoints(now).held;
    expect(isWorthAsking({ held: stay, best: { ...stay } })).toBe(false);
    expect(isWorthAsking({ held: stay, best: { ...stay, setPoints: { ...stay.setPoints, feedFactor: 1.2 }, cost: stay.cost - 1e-4 } })).toBe(false);
  });
});

describe('limits', () => {
  it('are those of docs/twin.md', () => {
    const { feedLowestFactor, feedHighestFactor, oxygenLowestPercentAir, oxygenHighestPercentAir, gasHighestPercentAir, mediumMl: medium } = LIMITS;
    expect(readFileSync(new URL('../../../docs/twin.md', import.meta.url), 'utf8')).toContain(`Hard limits: feed ${feedLowestFactor} to ${feedHighestFactor}, oxygen ${oxygenLowestPercentAir} to ${oxygenHighestPercentAir} % and gas up to ${gasHighestPercentAir} % of air saturation, ${medium / 1000} L of medium a batch.`);
  });
});

describe('adaptive set-points as signed advice', () => {
  it('change nothing when refused: the batch is the recipe’s, every request on record', () => {
    for (const index of indices) {
      const refused = playAdaptive(setting, batchAt(index), refuses);
      const recipe = playBatch(setting, SEED, index, 'baseline');
      expect(refused).toMatchObject({ actions: [], measured: recipe.measured, failed: recipe.failed, harvestHour: recipe.harvestHour, deviations: recipe.deviations });
      expect(refused.recommendations.every(({ signed }) => !signed)).toBe(true);
    }
    expect(indices.some((index) => playAdaptive(setting, batchAt(index), refuses).recommendations.length > 0)).toBe(true);
  });
  it('change nothing when the signature comes after the day it was for', () => {
    const late = (hour: number): Answer => ({ signed: true, hour: hour + 24 });
    const played = indices.map((index) => playAdaptive(setting, batchAt(index), late));
    expect(played.flatMap(({ actions }) => actions)).toEqual([]);
    expect(played.flatMap(({ recommendations }) => recommendations).length).toBeGreaterThan(0);
    expect(played.flatMap(({ recommendations }) => recommendations).filter(({ signed }) => signed)).toEqual([]);
  });
  it('wait for a slow signature: nothing moves before it, and no reading after it is left in its day', () => {
    const slow = (hour: number): Answer => ({ signed: true, hour: hour + 15 });
    const actions = indices.flatMap((index) => playAdaptive(setting, batchAt(index), slow).actions);
    expect(actions.length).toBeGreaterThan(0);
    expect(actions.every(({ hour }) => (hour - 100) % 24 === 15)).toBe(true);
  });
  it('are asked for once a day at most, as set-points', () => {
    const asked = indices.flatMap((index) => resultAt(index).recommendations);
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.every(({ hour, kind }) => hour >= 100 && (hour - 100) % 24 === 0 && kind === 'set-point')).toBe(true);
    for (const index of indices) expect(new Set(resultAt(index).recommendations.map(({ hour }) => hour)).size).toBe(resultAt(index).recommendations.length);
  });
  it('act only on a signed day: at the signature, then at a reading within the range it names', () => {
    for (const index of indices) {
      const { actions, recommendations } = resultAt(index);
      for (const action of actions) {
        const advice = recommendations.find(({ hour }) => action.hour >= hour && action.hour < hour + 24);
        expect(advice?.signed).toBe(true);
        expect([DELAY_HOURS, 12]).toContain(action.hour - (advice?.hour ?? 0));
        if (action.type !== 'set-feed-rate') continue;
        const [, , low, high] = /feed × ([\d.]+) \(([\d.]+) to ([\d.]+)\)/.exec(advice?.plan ?? '') ?? [];
        expect(action.factor).toBeGreaterThanOrEqual(Number(low) - 0.006);
        expect(action.factor).toBeLessThanOrEqual(Number(high) + 0.006);
      }
    }
  });
  it('propose only what the limits and the catalogue allow', () => {
    for (const index of indices) {
      const { actions } = resultAt(index);
      actions.forEach(checkAction);
      expect(actions.every(({ type }) => type === 'set-feed-rate' || type === 'set-oxygen')).toBe(true);
      for (const { hour } of actions) {
        const { feedFactor, oxygenPercentAir, oxygenHighestPercentAir } = setPointsAt(world, actions, hour);
        expect(feedFactor >= LIMITS.feedLowestFactor && feedFactor <= LIMITS.feedHighestFactor && oxygenPercentAir >= LIMITS.oxygenLowestPercentAir && oxygenPercentAir <= LIMITS.oxygenHighestPercentAir && oxygenHighestPercentAir <= LIMITS.gasHighestPercentAir).toBe(true);
      }
      expect(mediumMl(world, actions, world.recipe.harvestHour)).toBeLessThanOrEqual(LIMITS.mediumMl);
    }
  });
  it('are the same when a batch is played again', () => { expect(playAdaptive(setting, batchAt(2), signs)).toEqual(resultAt(2)); });
});

describe.each([['adaptive', (batch: Batch) => playAdaptive(setting, batch, signs)], ['pid', (batch: Batch) => playPid(world, batch)]] as const)('what the %s arm does', (arm, play) => {
  it('keeps the recipe’s harvest', () => { for (const index of indices) expect(play(batchAt(index)).harvestHour).toBe(world.recipe.harvestHour); });
  it('moves some set-point', () => { expect(indices.some((index) => play(batchAt(index)).actions.length > 0)).toBe(true); });
  it('does not depend on what is still hidden: faults to come, days to come, the hidden fitness, the assays', () => {
    const knownUntil = 156;
    for (const index of indices) {
      const batch = batchAt(index);
      const other: Batch = {
        ...batch, donor: { ...batch.donor, fitness: -5 }, operator: { ...batch.operator, recoveryShare: 0.5 }, dailyGrowthFactors: batch.dailyGrowthFactors.map((factor, day) => (24 * day > knownUntil ? factor * 0.5 : factor)),
        faults: [...batch.faults.filter(({ onsetHour }) => onsetHour < knownUntil), { name: 'feed-pump', onsetHour: knownUntil + 1, flowShare: 0, repairHour: 400 }, { name: 'contamination', onsetHour: knownUntil + 2, doublingsPerHour: 1.2, repairHour: 400 }],
      };
      expect(before(knownUntil, play(other))).toEqual(before(knownUntil, play(batch)));
    }
  });
  it(`is played for a trial as arm ${arm}`, () => { expect(playBatch(setting, SEED, 1, arm)).toMatchObject({ arm, index: 1, harvestHour: world.recipe.harvestHour, alerted: false }); });
});

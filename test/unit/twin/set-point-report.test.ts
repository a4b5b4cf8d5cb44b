import { describe, expect, it } from 'vitest';
import { GAINS } from '../../../models/twin/control/pid.ts';
import { mediumMl } from '../../../models/twin/control/medium.ts';
import { advance, startOf } from '../../../models/twin/culture/culture.ts';
import { valueOf } from '../../../models/twin/culture/state.ts';
import { drawBatch } from '../../../models/twin/draw/batch.ts';
import { timelineOf } from '../../../models/twin/recipe/timeline.ts';
import { effectOf, isRightFirstTime } from '../../../models/twin/trial/comparison.ts';
import { exposureOf } from '../../../models/twin/trial/exposure.ts';
import type { Arm, BatchResult } from '../../../models/twin/trial/result.ts';
import { playPid } from '../../../models/twin/trial/set-points.ts';
import { compareSetPoints } from '../../../models/twin/trial/set-point-report.ts';
import { TRAINING_SEED } from '../../../models/twin/trial/setting.ts';
import { SEED_LIMIT } from '../../../models/twin/seeds.ts';
import { GAINS_TRIED, tunePid } from '../../../models/twin/trial/tune-pid.ts';
import { worldNamed } from './worlds.ts';

const world = worldNamed('stress');
const SEED = 3;
const HARVEST_HOUR = world.recipe.harvestHour;

const result = (index: number, given: Partial<BatchResult> & Readonly<{ potency?: number; cells?: number }> = {}): BatchResult => {
  const { potency = 100, cells = 500, ...rest } = given;
  return {
    index, arm: 'baseline', failed: false, causes: [], harvestHour: HARVEST_HOUR, predicted: Number.NaN, alerted: false, recommendations: [], actions: [], deviations: 0,
    measured: { viability: 0.9, carPositive: 0.4, cd3Positive: 0.95, vectorCopyNumber: 2, endotoxinEuPerMl: 0.06, carPositiveCellsMillion: cells, potencyPercent: potency, sterile: true }, ...rest,
  };
};
const failed = { failed: true, causes: ['growth'] } as const satisfies Partial<BatchResult>;
const compare = (arms: Readonly<Partial<Record<Arm, readonly BatchResult[]>>>): ReturnType<typeof compareSetPoints> => compareSetPoints(world, SEED, new Map(Object.entries(arms) as [Arm, readonly BatchResult[]][]));

describe('the set-point report', () => {
  it('counts by hand: failures, cells of every batch, potency of those that pass, medium asked for', () => {
    const { arms: { baseline } } = compare({ baseline: [result(0, { potency: 80, cells: 300 }), result(1, { potency: 120, cells: 600 }), result(2, { ...failed, potency: 5, cells: 30 })] });
    expect(baseline?.figures.failureRate.value).toBeCloseTo(1 / 3, 9);
    expect(baseline?.figures.carPositiveCells.value).toBeCloseTo(310, 9);
    expect(baseline?.figures.potency.value).toBe(100);
    // of 80 and 120, with n - 1
    expect(baseline?.figures.potencyCv.value).toBeCloseTo(Math.SQRT2 * 0.2, 9);
    expect(baseline?.figures.mediumLitres.value).toBeCloseTo(mediumMl(world, [], HARVEST_HOUR) / 1000, 9);
    expect(baseline?.againstRecipe).toBeUndefined();
  });
  it('sets each arm against the recipe batch by batch, so that what all arms share falls away', () => {
    const batches = [0, 1, 2, 3, 4, 5];
    const spread = batches.map((index) => result(index, { cells: 100 + 300 * index }));
    const more = batches.map((index) => result(index, { arm: 'pid', cells: 150 + 300 * index, actions: [{ type: 'set-feed-rate', hour: 200, factor: 2 }] }));
    const { arms: { pid } } = compare({ baseline: spread, pid: more });
    expect(pid?.againstRecipe?.carPositiveCells).toEqual({ value: 50, low: 50, high: 50 });
    expect(pid?.againstRecipe?.mediumLitres.value).toBeCloseTo((mediumMl(world, more[0]?.actions ?? [], HARVEST_HOUR) - mediumMl(world, [], HARVEST_HOUR)) / 1000, 9);
    expect((pid?.figures.carPositiveCells.high ?? 0) - (pid?.figures.carPositiveCells.low ?? 0)).toBeGreaterThan(100);
    expect(pid?.setPointChanges).toBe(1);
  });
  it('says how often a person was asked and refused', () => {
    const advice = { hour: 120, plan: 'feed', kind: 'set-point' } as const;
    const { arms: { adaptive } } = compare({ adaptive: [result(0, { recommendations: [{ ...advice, signed: true }, { ...advice, signed: false }] }), result(1)] });
    expect([adaptive?.signaturesAsked, adaptive?.signaturesRefused]).toEqual([1, 0.5]);
  });
  it('leaves a batch without a product out of means, and counts it as failed', () => {
    const { arms: { baseline } } = compare({ baseline: [result(0, { cells: 400 }), result(1, { ...failed, causes: ['solver'], measured: undefined })] });
    expect([baseline?.figures.failureRate.value, baseline?.figures.carPositiveCells.value]).toEqual([0.5, 400]);
  });
  it('refuses arms of other batches, and a trial of none', () => {
    expect(() => compare({ baseline: [result(0)], pid: [result(1)] })).toThrow(new RangeError('results: got other batches in arm pid, want the same in every arm'));
    expect(() => compare({ baseline: [result(0)], pid: [result(0), result(1)] })).toThrow(RangeError);
    expect(() => compare({ baseline: [] })).toThrow(new RangeError('results: got no batch, want 1 or more'));
  });
});

describe('what a batch went through', () => {
  it('is the hours its lactate is above 20 mmol/L, as stopping every quarter of an hour finds them', () => {
    const hours = [0, 1, 2, 3].map((index) => {
      const batch = drawBatch(world, SEED, index);
      const starved = [{ type: 'set-feed-rate', hour: 96, factor: 0.2 }] as const;
      const culture = startOf(world, batch);
      const happenings = timelineOf(world, batch, starved);
      let above = 0;
      for (let hour = 0.25; hour <= HARVEST_HOUR; hour += 0.25) {
        advance(culture, batch.donor.traits, happenings, hour);
        if (valueOf(culture.state, 'lactateMmolPerL') > 20) above += 0.25;
      }
      const { lactateHours } = exposureOf(world, batch, starved, HARVEST_HOUR);
      expect(Math.abs(lactateHours - above)).toBeLessThan(1);
      return lactateHours;
    });
    expect(Math.max(...hours)).toBeGreaterThan(5);
  });
});

describe('gains of the PID', () => {
  it('are those of the grid with the least cost on training batches', () => {
    const tried = [GAINS, { ...GAINS, proportionalFactor: 40, lactateMmolPerL: 1 }];
    const costs = tried.map((gains) => tunePid(world, 3, [gains]).cost);
    expect(tunePid(world, 3, tried)).toEqual({ gains: tried[costs.indexOf(Math.min(...costs))], cost: Math.min(...costs) });
    const byHand = [0, 1, 2].map((index) => {
      const batch = drawBatch(world, TRAINING_SEED, index);
      return exposureOf(world, batch, playPid(world, batch, GAINS).actions, HARVEST_HOUR).cost;
    });
    expect(costs[0]).toBeCloseTo((byHand[0] ?? 0) / 3 + (byHand[1] ?? 0) / 3 + (byHand[2] ?? 0) / 3, 9);
  });
  it('as shipped lie on the grid, and no trial may take the batches they come from', () => {
    expect(GAINS_TRIED).toContainEqual(GAINS);
    expect(TRAINING_SEED).toBeGreaterThanOrEqual(SEED_LIMIT);
  });
  it.each([0, 1.5, Number.NaN])('refuses to be found on %s batches', (batches) => { expect(() => tunePid(world, batches)).toThrow(RangeError); });
});

describe('signed set-points in a trial', () => {
  const steered = result(0, { arm: 'adaptive', recommendations: [{ hour: 120, plan: 'feed × 1.20', signed: true, kind: 'set-point' }] });
  it('are part of the process: the batch is still right first time', () => { expect(isRightFirstTime(steered)).toBe(true); });
  it('count as acting on a batch, once signed', () => {
    const refused = { ...steered, recommendations: steered.recommendations.map((each) => ({ ...each, signed: false })) };
    expect([effectOf([result(0)], [steered]).batchesIntervened, effectOf([result(0)], [refused]).batchesIntervened, effectOf([result(0)], [steered]).interventions]).toEqual([1, 0, 0]);
  });
});

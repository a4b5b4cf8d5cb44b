import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { coefficientOfVariation } from '../../../shared/statistics/variation.ts';
import { takenUp } from '../../../models/twin/assist/assistant.ts';
import { followFaults } from '../../../models/twin/assist/detect.ts';
import { growLibrary } from '../../../models/twin/assist/library.ts';
import { POLICIES } from '../../../models/twin/assist/policy.ts';
import type { Reading } from '../../../models/twin/seen/sensors.ts';
import { drawBatch } from '../../../models/twin/draw/batch.ts';
import { EXTENSION_HOURS } from '../../../models/twin/recipe/action.ts';
import { figuresOf, isRightFirstTime, relativeChangesOf, type Released } from '../../../models/twin/trial/comparison.ts';
import { playBatch, playDrawn } from '../../../models/twin/trial/play.ts';
import { rowsOf, trainPredictor } from '../../../models/twin/trial/predictor.ts';
import { settingOf } from '../../../models/twin/trial/setting.ts';
import { World } from '../../../models/twin/worlds/world.ts';
import { readingsOf } from './readings.ts';

const world = World.parse(JSON.parse(readFileSync(new URL('../../../models/twin/worlds/stress.json', import.meta.url), 'utf8')));
const predictor = trainPredictor(rowsOf(world, 0xa000_0001, 0, 300));
const setting = settingOf(world, predictor, { library: 200, particles: 12 });

describe('the assistant', () => {
  it('never harvests before the earliest hour, and acts only after hour 72', () => {
    for (let index = 0; index < 12; index += 1) {
      const result = playBatch(setting, 11, index, 'assisted');
      expect(result.actions.every(({ hour }) => hour > 72)).toBe(true);
      if (!result.causes.includes('stopped')) expect(result.harvestHour).toBeGreaterThanOrEqual(POLICIES.balanced.earliestHarvestHour);
    }
  });

  it('does nothing that was refused', () => {
    for (let index = 0; index < 30; index += 1) {
      const { recommendations, actions } = playBatch(setting, 12, index, 'assisted');
      const signed = recommendations.filter((each) => each.signed && each.kind !== 'harvest').length;
      if (signed === 0) expect(actions).toEqual([]);
    }
  });
});

describe('a signature', () => {
  const harvest = { hour: 150, plan: 'harvest at 168 h', signed: true, fromHour: 152, kind: 'harvest' } as const;
  const plan = (fromHour: number | undefined) => ({ hour: 150, plan: 'raise feed', signed: fromHour !== undefined, fromHour, kind: 'intervention' }) as const;
  it('that would hold only after the end of a culture is no intervention', () => {
    const late = { ...setting, answers: () => ({ signed: true, hour: world.recipe.harvestHour + EXTENSION_HOURS }) };
    for (let index = 0; index < 8; index += 1) expect(playBatch(late, 12, index, 'always').recommendations.filter(({ signed }) => signed)).toEqual([]);
  });
  it('is none either when the end came forward after it', () => {
    expect(takenUp([plan(167), plan(169), plan(undefined), harvest], 168).map(({ signed }) => signed)).toEqual([true, false, false, true]);
  });
  it('counts for an action that was done: every signed plan with one has it in the list, before the end', () => {
    for (let index = 0; index < 20; index += 1) {
      const { actions, harvestHour } = playBatch(setting, 12, index, 'assisted');
      expect(actions.every(({ hour }) => hour < harvestHour)).toBe(true);
    }
  });
});

describe('repairs', () => {
  it('are asked for by name, one for each fault that lasts', () => {
    const batch = { ...drawBatch(world, 12, 3), faults: [{ name: 'temperature', onsetHour: 78, offsetCelsius: -5, repairHour: 1e3 }, { name: 'gas-supply', onsetHour: 78, pressureBar: 0.1, repairHour: 1e3 }] } as const;
    const { recommendations, actions } = playDrawn({ ...setting, answers: (hour) => ({ signed: true, hour: hour + 1 }) }, batch, 'assisted');
    const asked = recommendations.filter(({ kind }) => kind === 'repair').map(({ hour, plan }) => [hour, plan]);
    expect(asked.slice(0, 2)).toEqual([[88, 'repair temperature'], [88, 'repair gas-supply']]);
    expect(actions.filter(({ type }) => type === 'repair-equipment').slice(0, 2)).toEqual([{ type: 'repair-equipment', fault: 'temperature', hour: 89 }, { type: 'repair-equipment', fault: 'gas-supply', hour: 89 }]);
  });
});

describe('an assistant nobody heeds', () => {
  const nobody = { refused: (hour: number) => ({ signed: false, hour }), 'signed when the culture has ended': () => ({ signed: true, hour: world.recipe.harvestHour }) } as const;
  const cases = (['refused', 'signed when the culture has ended'] as const).flatMap((how) => (['assisted', 'threshold', 'always'] as const).map((arm) => [arm, how] as const));
  it.each(cases)('leaves the batch of the recipe to the last bit: %s, %s', (arm, how) => {
    const played = Array.from({ length: 12 }, (_, index) => playBatch({ ...setting, answers: nobody[how] }, 13, index, arm));
    expect(played.some(({ recommendations }) => recommendations.length > 0)).toBe(true);
    for (const { index, measured, failed, causes, harvestHour, deviations, actions } of played) {
      const untouched = playBatch(setting, 13, index, 'baseline');
      expect({ measured, failed, causes, harvestHour, deviations, actions }).toEqual({ measured: untouched.measured, failed: untouched.failed, causes: untouched.causes, harvestHour: untouched.harvestHour, deviations: untouched.deviations, actions: [] });
    }
  });
});

describe('a harvest signed late', () => {
  it('never comes after the end that was signed before', () => {
    const slow = { ...setting, answers: (hour: number) => ({ signed: true, hour: hour + 11.9 }) };
    for (const index of Array.from({ length: 12 }, (_, i) => i)) {
      const { harvestHour, recommendations } = playBatch(slow, 14, index, 'always');
      const isExtended = recommendations.some(({ signed, plan, kind }) => signed && kind === 'intervention' && plan !== 'harvest early');
      expect(harvestHour).toBeLessThanOrEqual(world.recipe.harvestHour + (isExtended ? EXTENSION_HOURS : 0));
    }
  });
});

describe('following faults', () => {
  const normal = readingsOf(world, { ...drawBatch(world, 5, 1), faults: [] }, [24, 36, 48])[2]!;
  const warm = { ...normal, hour: 60, temperatureCelsius: 33 };

  it('begins a fault at the reading before it shows, and ends it at the reading before it is gone', () => {
    const found = followFaults([], [normal, warm], 37);
    expect(found).toMatchObject([{ name: 'temperature', onsetHour: 48 }]);
    const gone = followFaults(found, [normal, warm, { ...normal, hour: 72 }], 37);
    expect(gone).toMatchObject([{ name: 'temperature', onsetHour: 48, repairHour: 60 }]);
    expect(followFaults(gone, [warm, { ...normal, hour: 72 }, { ...warm, hour: 84 }], 37)).toHaveLength(2);
  });

  it('changes its mind on nothing when a sensor is silent: what is broken stays so, what is sound too', () => {
    const found = followFaults([], [normal, warm], 37);
    expect(followFaults(found, [normal, warm, { ...normal, hour: 72, temperatureCelsius: Number.NaN }], 37)).toEqual(found);
    const silent = { ...normal, hour: 60, temperatureCelsius: Number.NaN, phPatch: Number.NaN, feedAskedMlPerHour: 10, feedFlowMlPerHour: Number.NaN, oxygenSupplyBar: Number.NaN };
    expect(followFaults([], [normal, silent], 37)).toEqual([]);
  });

  it('sees a stopped pump by its flow, a drifting probe by the other one, a failing gas supply by its pressure, and nothing in a sound culture', () => {
    const names = (reading: Reading): string[] => followFaults([], [reading], 37).map(({ name }) => name);
    expect(names(normal)).toEqual([]);
    expect(names({ ...normal, feedAskedMlPerHour: 10, feedFlowMlPerHour: 2 })).toEqual(['feed-pump']);
    expect(names({ ...normal, phProbe: normal.phPatch + 0.3 })).toEqual(['ph-probe']);
    expect(names({ ...normal, oxygenSupplyBar: 1 })).toEqual(['gas-supply']);
  });

  it('takes two pH sensors for sound that are no farther apart than sound ones drift by that day', () => {
    const apart = (hour: number, ph: number): string[] => followFaults([], [{ ...normal, hour, phProbe: normal.phPatch + ph }], 37).map(({ name }) => name);
    expect([apart(24, 0.14), apart(240, 0.2), apart(330, 0.28)]).toEqual([[], [], []]);
    expect([apart(24, -0.16), apart(240, 0.26), apart(330, -0.34)]).toEqual([['ph-probe'], ['ph-probe'], ['ph-probe']]);
  });
});

describe('arms', () => {
  it('meet the same patients, and an arm played twice is the same', () => {
    const [once, again] = [playBatch(setting, 7, 4, 'assisted'), playBatch(setting, 7, 4, 'assisted')];
    expect(again).toEqual(once);
    expect(playBatch(setting, 7, 4, 'baseline').index).toBe(once.index);
  });

  it('play the oracle without a signature and never worse than nothing by its own measure', () => {
    const failures = (arm: 'baseline' | 'oracle'): number => Array.from({ length: 25 }, (_, index) => playBatch(setting, 21, index, arm)).filter(({ failed }) => failed).length;
    expect(failures('oracle')).toBeLessThanOrEqual(failures('baseline'));
    expect(playBatch(setting, 21, 0, 'oracle').recommendations).toEqual([]);
  });

  it('have no prior in common with trials: the library is of another seed', () => {
    expect(growLibrary(world, 1, 2)[0]?.batch.donor.traits.growthPerHour).not.toBe(setting.library[0]?.batch.donor.traits.growthPerHour);
  });
});

describe('comparison', () => {
  const result = (failed: boolean, potency: number, releasedAtDays: number | undefined): Released =>
    ({ index: 0, arm: 'baseline', failed, causes: failed ? ['growth'] : [], measured: { viability: 0.9, carPositive: 0.4, cd3Positive: 0.95, vectorCopyNumber: 2, endotoxinEuPerMl: 0.06, carPositiveCellsMillion: 300, potencyPercent: potency, sterile: true }, harvestHour: 240, predicted: 0, alerted: false, recommendations: [], actions: [], deviations: 0, releasedAtDays });
  const baseline = Array.from({ length: 60 }, (_, i) => result(i % 6 === 0, 90 + (i % 9), i % 6 === 0 ? undefined : 14));

  it('finds no change between an arm and itself', () => {
    const same = relativeChangesOf(baseline, baseline);
    for (const change of Object.values(same)) expect(change).toEqual({ value: 0, low: 0, high: 0 });
  });

  it('finds a paired change exactly where every batch changes alike', () => {
    const faster = baseline.map((each) => ({ ...each, releasedAtDays: each.releasedAtDays === undefined ? undefined : 7 }));
    const { value, low, high } = relativeChangesOf(baseline, faster).meanReleaseTimeDays;
    for (const each of [value, low, high]) expect(each).toBeCloseTo(-0.5, 12);
  });

  it('has the same variation as the fit, with n - 1', () => {
    const potencies = baseline.flatMap(({ failed, measured }) => (failed ? [] : [measured!.potencyPercent]));
    expect(figuresOf(baseline, []).potencyCv).toBe(coefficientOfVariation(potencies));
  });

  it('calls a batch right first time only without failure, deviation or correction', () => {
    const good = result(false, 100, 10);
    expect(isRightFirstTime(good)).toBe(true);
    expect(isRightFirstTime({ ...good, deviations: 1 })).toBe(false);
    expect(isRightFirstTime({ ...good, recommendations: [{ hour: 96, plan: 'raise feed', signed: true, kind: 'intervention' }] })).toBe(false);
    expect(isRightFirstTime({ ...good, recommendations: [{ hour: 96, plan: 'raise feed', signed: false, kind: 'intervention' }, { hour: 150, plan: 'harvest', signed: true, kind: 'harvest' }] })).toBe(true);
  });
});

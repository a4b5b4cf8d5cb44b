import { describe, expect, it } from 'vitest';
import { grow } from '../../../models/twin/culture/culture.ts';
import { breathing, oxygenOf, supplyPressureAt } from '../../../models/twin/culture/environment.ts';
import { KINETICS } from '../../../models/twin/culture/kinetics.ts';
import type { Fault } from '../../../models/twin/draw/fault.ts';
import type { Action } from '../../../models/twin/recipe/action.ts';
import { quietBatch, worldNamed } from './worlds.ts';

const world = worldNamed('stress');
const [FULL, REGULATOR, LAG] = [KINETICS.supplyPressureBar.value, KINETICS.regulatorPressureBar.value, KINETICS.supplyFallHours.value];
const failing = (size: number, repairHour = 1e4): readonly Fault[] => [{ name: 'gas-supply', onsetHour: 100, pressureBar: size, repairHour }];
const at = (hour: number, faults: readonly Fault[], actions: readonly Action[] = []): Readonly<{ bar: number; oxygen: number }> => {
  const { state, conditions } = grow(world, quietBatch({ faults }), actions, hour);
  return { bar: supplyPressureAt(conditions, hour), oxygen: oxygenOf(breathing(state[1] ?? 0, 0), conditions, hour) };
};

describe('the gas supply of a chamber', () => {
  it('is full until it fails, runs empty as its time constant says, and is full again when it is mended', () => {
    expect(at(99, failing(0.2)).bar).toBe(FULL);
    expect(at(100 + LAG, failing(0.2)).bar).toBeCloseTo(0.2 + (FULL - 0.2) * Math.exp(-1), 9);
    expect(at(130, failing(0.2)).bar).toBeCloseTo(0.2, 6);
    expect(at(131, failing(0.2, 130)).bar).toBe(FULL);
  });
  it('tells its pressure whatever the set-point is', () => {
    const richer: readonly Action[] = [{ type: 'set-oxygen', hour: 90, setPointPercentAir: 100, highestPercentAir: 200 }];
    expect(at(104, failing(0.3), richer).bar).toBe(at(104, failing(0.3)).bar);
  });
  it('is not missed in the chamber while its regulator holds, and is below', () => {
    expect(at(130, failing(REGULATOR)).oxygen).toBe(at(130, []).oxygen);
    const limits = [0.8, 0.4, 0.2, 0.1].map((bar) => at(130, failing(bar)).oxygen);
    limits.slice(1).forEach((oxygen, i) => { expect(oxygen).toBeLessThan(limits[i]!); });
    expect(limits[2]).toBeLessThan((KINETICS.oxygenAtRegulatorPercentAir.value * 0.2) / REGULATOR);
  });
  it('falls no further than nothing', () => { expect(at(200, failing(0)).oxygen).toBeGreaterThanOrEqual(0); });
});

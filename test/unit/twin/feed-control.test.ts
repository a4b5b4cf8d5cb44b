import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Reading } from '../../../models/twin/seen/sensors.ts';
import { highestFeedFactor, mediumMl } from '../../../models/twin/control/medium.ts';
import { pidStep, type Gains, type PidState } from '../../../models/twin/control/pid.ts';
import { actionsTo, LIMITS, recipeSetPoints, setPointsAt, type SetPoints } from '../../../models/twin/control/set-points.ts';
import type { Action } from '../../../models/twin/recipe/action.ts';
import { withRecipe, worldNamed } from './worlds.ts';

const world = worldNamed('stress');
const GAINS: Gains = { proportionalFactor: 1, integralPerHour: 0.02, derivativeHours: 2, lactateMmolPerL: 15, glucoseMmolPerL: 10 };

const reading = (hour: number, lactate: number, glucose: number): Reading => ({
  hour, lactateMmolPerL: lactate, glucoseMmolPerL: glucose, densityMillionPerMl: 5, capacitancePfPerCm: 4, turbidityAu: 0.7, glutamineMmolPerL: 2, ammoniaMmolPerL: 1, oxygenPercentAir: 80, oxygenSupplyBar: 4, temperatureCelsius: 37, phProbe: 7.25, phPatch: 7.25, feedAskedMlPerHour: 9, feedFlowMlPerHour: 9, sample: undefined,
});

/** Factors a controller gives to readings each 12 h from hour 96. */
const factorsOf = (gains: Gains, concentrations: readonly (readonly [lactate: number, glucose: number])[], highest?: number): readonly number[] => {
  let state: PidState | undefined;
  return concentrations.map(([lactate, glucose], i) => {
    const step = pidStep(gains, state, reading(96 + 12 * i, lactate, glucose), highest);
    state = step.state;
    return step.factor;
  });
};

describe('feed by PID', () => {
  it('keeps the recipe while lactate and glucose are where they should be', () => { expect(factorsOf(GAINS, [[15, 10], [15, 10], [15, 10]])).toEqual([1, 1, 1]); });
  it('feeds more for too much lactate, and for too little glucose, whichever asks for more', () => {
    const proportional = { ...GAINS, integralPerHour: 0, derivativeHours: 0 };
    expect(factorsOf(proportional, [[22.5, 10], [15, 5], [22.5, 8], [7.5, 12]]).map((factor) => Number(factor.toFixed(6)))).toEqual([1.5, 1.5, 1.5, 0.8]);
  });
  it('goes by the sensor that speaks, and by the last error when both are silent', () => {
    const proportional = { ...GAINS, integralPerHour: 0, derivativeHours: 0 };
    expect(factorsOf(proportional, [[22.5, Number.NaN], [Number.NaN, 5], [Number.NaN, Number.NaN], [15, 10]])).toEqual([1.5, 1.5, 1.5, 1]);
  });
  it('adds up an error that lasts, by the hour', () => {
    const integral = { ...GAINS, proportionalFactor: 0, derivativeHours: 0 };
    expect(factorsOf(integral, [[18, 10], [18, 10], [18, 10]]).map((factor) => Number(factor.toFixed(6)))).toEqual([1, 1.048, 1.096]);
  });
  it('answers a rising error before it is large', () => {
    const derivative = { ...GAINS, proportionalFactor: 0, integralPerHour: 0 };
    expect(factorsOf(derivative, [[15, 10], [18, 10]])[1]).toBeCloseTo(1 + (2 * 0.2) / 12, 9);
  });
  it('leaves a limit as soon as the error turns, however long it was there (anti-windup)', () => {
    const winding = { ...GAINS, proportionalFactor: 0.5, integralPerHour: 0.05, derivativeHours: 0 };
    const stuck = Array.from({ length: 40 }, () => [60, 10] as const);
    const factors = factorsOf(winding, [...stuck, [12, 10.1]]);
    expect(factors.slice(-2, -1)).toEqual([LIMITS.feedHighestFactor]);
    expect(factors.at(-1)).toBeLessThan(LIMITS.feedHighestFactor);
    const down = factorsOf(winding, [...Array.from({ length: 40 }, () => [0, 60] as const), [16, 10]]);
    expect(down.at(-2)).toBe(LIMITS.feedLowestFactor);
    expect(down.at(-1)).toBeGreaterThan(LIMITS.feedLowestFactor);
  });
  it('stays within its limits and what the medium allows, whatever is read', () => {
    const concentration = fc.double({ min: 0, max: 80, noNaN: true });
    const gain = fc.double({ min: 0, max: 20, noNaN: true });
    fc.assert(fc.property(fc.array(fc.tuple(concentration, concentration), { minLength: 1, maxLength: 12 }), gain, gain, fc.double({ min: 0, max: LIMITS.feedHighestFactor, noNaN: true }), (concentrations, proportional, derivative, highest) => {
      for (const factor of factorsOf({ ...GAINS, proportionalFactor: proportional, derivativeHours: derivative, integralPerHour: proportional / 50 }, concentrations, highest)) {
        expect(factor).toBeGreaterThanOrEqual(LIMITS.feedLowestFactor);
        expect(factor).toBeLessThanOrEqual(highest);
      }
    }), { numRuns: 100 });
  });
});

const FLOWS = { startVolumeMl: 100, additions: [{ hour: 96, volumeMl: 50 }], exchanges: [{ hour: 72, share: 0.6 }], perfusion: [{ fromHour: 120, mlPerHour: 5 }, { fromHour: 144, mlPerHour: 10 }], harvestHour: 240 };
const small = withRecipe(world, FLOWS);
const feedActions = fc.array(fc.record({ hour: fc.double({ min: 96, max: 239, noNaN: true }), factor: fc.double({ min: 0, max: 4, noNaN: true }) }), { maxLength: 6 })
  .map((changes) => changes.map(({ hour, factor }): Action => ({ type: 'set-feed-rate', hour, factor })));

describe('medium', () => {
  it('is the filling, additions, exchanges and perfusion of the recipe', () => {
    expect([24, 73, 100, 132, 144, 240].map((hour) => mediumMl(small, [], hour))).toEqual([100, 160, 210, 270, 330, 1290]);
  });
  it('follows the feed factor from the hour it is set, also when set before perfusion starts, and counts an exchange by the volume then', () => {
    expect(mediumMl(small, [{ type: 'set-feed-rate', hour: 180, factor: 2 }], 240)).toBe(1290 + 600);
    expect(mediumMl(small, [{ type: 'set-feed-rate', hour: 96, factor: 0.5 }], 240)).toBe(1290 - 540);
    expect(mediumMl(small, [{ type: 'exchange-medium', hour: 130, share: 0.5 }], 240)).toBe(1290 + 75);
  });
  it('is what adding up minute by minute gives', () => {
    fc.assert(fc.property(feedActions, (actions) => {
      let sum = 100 + 60 + 50;
      for (let minute = 0; minute < 240 * 60; minute += 1) {
        const hour = (minute + 0.5) / 60;
        sum += ((hour >= 144 ? 10 : hour >= 120 ? 5 : 0) * setPointsAt(small, actions, hour).feedFactor) / 60;
      }
      expect(mediumMl(small, actions, 240)).toBeCloseTo(sum, -1);
    }), { numRuns: 20 });
  });
  it('never runs out under the highest factor held to harvest, while some is left', () => {
    const thirsty = withRecipe(world, { ...FLOWS, perfusion: [{ fromHour: 120, mlPerHour: 25 }] });
    fc.assert(fc.property(fc.integer({ min: 96, max: 239 }), fc.double({ min: 0, max: 1, noNaN: true }), (hour, factor) => {
      const before: readonly Action[] = [{ type: 'set-feed-rate', hour: 96, factor }];
      const highest = highestFeedFactor(thirsty, before, hour);
      expect(highest).toBeGreaterThanOrEqual(factor);
      expect(mediumMl(thirsty, [...before, { type: 'set-feed-rate', hour, factor: highest }], 240)).toBeLessThanOrEqual(LIMITS.mediumMl + 1e-6);
    }), { numRuns: 100 });
  });
});

const setPoints: fc.Arbitrary<SetPoints> = fc.record({ feedFactor: fc.double({ min: 0, max: 4, noNaN: true }), oxygenPercentAir: fc.integer({ min: 40, max: 100 }), oxygenHighestPercentAir: fc.integer({ min: 100, max: 200 }) });

describe('set-points', () => {
  it('are the recipe’s until something is asked for, and then what was asked for last', () => {
    const actions: readonly Action[] = [{ type: 'set-feed-rate', hour: 130, factor: 2 }, { type: 'set-feed-rate', hour: 110, factor: 3 }, { type: 'repair-equipment', fault: 'feed-pump', hour: 140 }, { type: 'set-oxygen', hour: 150, setPointPercentAir: 100, highestPercentAir: 200 }];
    expect(setPointsAt(world, actions, 100)).toEqual(recipeSetPoints(world));
    expect([setPointsAt(world, actions, 110).feedFactor, setPointsAt(world, actions, 149).feedFactor, setPointsAt(world, actions, 150).oxygenPercentAir]).toEqual([3, 2, 100]);
  });
  it('need no action to stay, and reach any other by the actions given', () => {
    fc.assert(fc.property(setPoints, setPoints, (from, to) => {
      expect(actionsTo(from, from, 120)).toEqual([]);
      expect(setPointsAt(world, [...actionsTo(recipeSetPoints(world), from, 100), ...actionsTo(from, to, 120)], 120)).toEqual(to);
    }), { numRuns: 100 });
  });
});

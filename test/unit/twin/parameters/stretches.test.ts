import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { grow } from '../../../../models/twin/culture/culture.ts';
import { STATE } from '../../../../models/twin/culture/state.ts';
import { batchRunOf } from '../../../../models/twin/parameters/run.ts';
import { stretchesOf } from '../../../../models/twin/parameters/stretches.ts';
import { fedMl, feedBagG, wasteBagG, wastedMl } from '../../../../models/twin/parameters/truth/equipment.ts';
import type { Action } from '../../../../models/twin/recipe/action.ts';
import { batchWith, HOURS, runOf, world } from './subject.ts';

const ACTIONS: readonly Action[] = [
  { type: 'exchange-medium', hour: 60.4, share: 0.5 }, { type: 'set-feed-rate', hour: 100.3, factor: 2 }, { type: 'set-oxygen', hour: 120.7, setPointPercentAir: 100, highestPercentAir: 200 }, { type: 'repair-equipment', fault: 'gas-supply', hour: 130 },
];
const FAULTY = batchWith([
  { name: 'feed-pump', onsetHour: 95.2, flowShare: 0.3, repairHour: 150 }, { name: 'ph-probe', onsetHour: 20.3, driftPerHour: 0.01, repairHour: 80 }, { name: 'temperature', onsetHour: 50.1, offsetCelsius: -3, repairHour: 70 },
  { name: 'gas-supply', onsetHour: 110, pressureBar: 0.2, repairHour: 125 }, { name: 'contamination', onsetHour: 90, doublingsPerHour: 1, repairHour: 200 },
]);

describe('stretches', () => {
  it('cover every minute once, in order', () => {
    const stretches = stretchesOf(world, FAULTY, ACTIONS, 8000);
    stretches.forEach(({ fromMinute, toMinute }, i) => { expect(fromMinute).toBe(stretches[i - 1]?.toMinute ?? 0); expect(toMinute).toBeGreaterThan(fromMinute); });
    expect(stretches.at(-1)?.toMinute).toBe(8000);
  });
  it('have the conditions and controls that the culture itself has at that minute', () => {
    const stretches = stretchesOf(world, FAULTY, ACTIONS, HOURS * 60 + 1);
    fc.assert(fc.property(fc.integer({ min: 1, max: HOURS * 60 - 1 }), (minute) => {
      // A moment later: what happens at the whole minute itself is left for the culture's next call.
      const { conditions, control } = grow(world, FAULTY, ACTIONS, (minute + 1e-6) / 60);
      const found = stretches.find(({ fromMinute, toMinute }) => minute >= fromMinute && minute < toMinute);
      expect(found?.conditions).toEqual(conditions);
      expect(found?.control).toEqual(control);
    }), { numRuns: 40 });
  });
  it('account for every mL: what is in the chamber is what came in less what went out', () => {
    const run = runOf(FAULTY, ACTIONS);
    const [came, went] = [fedMl.of(run), wastedMl.of(run)];
    for (let minute = 0; minute < run.points; minute += 97) expect(run.record.values[STATE.volumeMl * run.points + minute]).toBeCloseTo(world.recipe.startVolumeMl + (came[minute] ?? 0) - (went[minute] ?? 0), 6);
  });
  it('count exchanges and additions as fed, and never take anything back', () => {
    const run = runOf(batchWith([]), [{ type: 'exchange-medium', hour: 20, share: 0.5 }]);
    const came = fedMl.of(run);
    expect([came[20 * 60 - 1], came[20 * 60]]).toEqual([0, 50]);
    // The action, half of 100 mL by the recipe, its addition of 80 mL; then perfusion begins.
    expect(came[90 * 60]).toBeCloseTo(50 + 50 + 80, 9);
    expect(came.every((value, i) => i === 0 || value >= (came[i - 1] ?? 0))).toBe(true);
  });
  it('change a bag that is empty or full', () => {
    const run = runOf(batchWith([]), [{ type: 'set-feed-rate', hour: 90, factor: 4 }]);
    expect(fedMl.of(run)[run.points - 1]).toBeGreaterThan(1900);
    for (const bag of [feedBagG.of(run), wasteBagG.of(run)]) expect(bag.every((grams) => grams >= 59 && grams < 2000)).toBe(true);
    expect(feedBagG.of(run).some((grams, i, all) => i > 0 && grams > (all[i - 1] ?? 0) + 1000)).toBe(true);
  });
  it('refuse a record that is not of a culture', () => { expect(() => batchRunOf(world, FAULTY, [], { values: new Float64Array(7), points: 7 })).toThrow('got 7 values for 7 minutes, want 16 a minute'); });
});

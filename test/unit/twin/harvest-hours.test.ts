import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { harvestHoursOf, outlookOf } from '../../../models/twin/assist/look-ahead.ts';
import { aimWithoutCalendar, POLICIES } from '../../../models/twin/assist/policy.ts';
import { drawBatch } from '../../../models/twin/draw/batch.ts';
import { hasResults } from '../../../models/twin/seen/rounds.ts';
import { OWN_SEEDS } from '../../../models/twin/seeds.ts';
import { playDrawn } from '../../../models/twin/trial/play.ts';
import { rowsOf, trainPredictor } from '../../../models/twin/trial/predictor.ts';
import { releaseTableFor, settingOf } from '../../../models/twin/trial/setting.ts';
import { expectedDays } from '../../../models/twin/release/table.ts';
import { worldNamed } from './worlds.ts';

const world = worldNamed('stress');
const { harvestHour: planned } = world.recipe;
const clockOf = (hour: number): number => (hour + world.release.activationHour) % 24;
const predictor = trainPredictor(rowsOf(world, OWN_SEEDS.training, 0, 300));
const setting = settingOf(world, predictor, { library: 300, particles: 24 });
const INDICES = [0, 2, 3, 5, 6] as const;

describe('hours of harvest', () => {
  it('are eight in the morning and in the evening, the hour of the recipe and the last', () => {
    const hours = harvestHoursOf(world, 118, planned);
    expect(hours.slice(0, 3)).toEqual([118, 130, 142]);
    expect(hours.at(-1)).toBe(planned);
    expect(hours.filter((hour) => ![8, 20].includes(clockOf(hour)))).toEqual([planned]);
  });

  it('are in order, each once, in the stretch that was asked for, and at least one, at whatever hour cultures are activated', () => {
    fc.assert(fc.property(fc.double({ min: 0, max: 23.99, noNaN: true }), fc.double({ min: 72, max: 400, noNaN: true }), fc.integer({ min: 200, max: 400 }), (activationHour, from, last) => {
      const hours = harvestHoursOf({ ...world, release: { ...world.release, activationHour } }, from, last);
      expect(hours.length).toBeGreaterThan(0);
      for (const [i, hour] of hours.entries()) {
        expect(hour).toBeGreaterThanOrEqual(from);
        expect(hour).toBeLessThanOrEqual(Math.max(from, last));
        if (i > 0) expect(hour).toBeGreaterThan(hours[i - 1] ?? Infinity);
      }
    }));
  });

  it('are before a step of the release and not behind it: the recipe’s hour is released half a day and more after eight o’clock of the same day, in the mean over days of the week', () => {
    const table = releaseTableFor(world);
    const later = world.release.arrivals.startWeekdays.map((weekday) => expectedDays(table, weekday, planned) - expectedDays(table, weekday, planned - 2));
    expect(later.reduce((sum, days) => sum + days, 0) / later.length).toBeGreaterThan(0.5);
  });
});

describe('asking for a harvest', () => {
  it('comes early enough to be asked again at night when it was refused in the afternoon, for the same morning', () => {
    const answers = (hour: number) => ({ signed: !hasResults(hour), hour: hour + 4 });
    const played = INDICES.map((index) => playDrawn({ ...setting, answers }, drawBatch(world, OWN_SEEDS.policies, index), 'assisted'));
    const mornings = played.filter(({ recommendations, harvestHour }) => clockOf(harvestHour) === 8 && recommendations.filter(({ plan }) => plan === `harvest at ${harvestHour} h`).length === 2);
    expect(mornings.length).toBeGreaterThan(0);
  });

  it('ends with the signature, however late it holds: nothing more is proposed but repairs, and to put it off', () => {
    const played = INDICES.map((index) => playDrawn({ ...setting, answers: (hour) => ({ signed: true, hour: hour + 20 }) }, drawBatch(world, OWN_SEEDS.policies, index), 'assisted'));
    expect(played.some(({ recommendations }) => recommendations.some((each) => each.signed && each.kind === 'harvest'))).toBe(true);
    for (const { recommendations } of played) {
      const proposals = recommendations.filter(({ kind }) => kind !== 'repair');
      const signed = proposals.findIndex((each) => each.signed && each.kind === 'harvest');
      if (signed !== -1) expect(proposals.slice(signed + 1).filter(({ kind }) => kind !== 'harvest')).toEqual([]);
    }
  });
});

describe('worth', () => {
  it('of a chance is never less than of none, however far the product is from what a policy intends', () => {
    const { batch, culture } = setting.library[0]!;
    const far = aimWithoutCalendar({ ...POLICIES.consistent, targetPotencyPercent: 1e6, potency: 100 });
    for (const harvest of ['planned', 'free', 'extended'] as const) {
      const { worth, chance } = outlookOf(world, [{ batch, culture }], [], { name: 'carry on', actions: [], harvest }, far);
      expect(chance).toBeGreaterThan(0.01);
      expect(worth).toBeGreaterThan(0);
    }
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { advance, grow, recordFor, startOf } from '../../../models/twin/culture/culture.ts';
import { drawBatch } from '../../../models/twin/draw/batch.ts';
import { minuteSeriesNamed } from '../../../models/twin/parameters/catalogue/catalogue.ts';
import { attributesOf, samplesOf } from '../../../models/twin/parameters/results.ts';
import { batchRunOf, batchWindowOf } from '../../../models/twin/parameters/run.ts';
import { observe } from '../../../models/twin/parameters/sensor.ts';
import { seriesOf } from '../../../models/twin/parameters/series.ts';
import type { Action } from '../../../models/twin/recipe/action.ts';
import { timelineOf } from '../../../models/twin/recipe/timeline.ts';
import { knownOf } from '../../../models/twin/seen/known.ts';
import { openWatch, readAt } from '../../../models/twin/seen/reading.ts';
import { medianOf, SENSORS, type Reading, type SensorName } from '../../../models/twin/seen/sensors.ts';
import { FIRST_HOURS, nextRound } from '../../../models/twin/seen/rounds.ts';
import { worldNamed } from './worlds.ts';

const world = worldNamed('stress');
const HOURS = 240;
const ACTIONS: readonly Action[] = [{ type: 'exchange-medium', hour: 101.3, share: 0.7 }, { type: 'set-feed-rate', hour: 130, factor: 2.2 }, { type: 'set-oxygen', hour: 150, setPointPercentAir: 80, highestPercentAir: 200 }];
/** A batch whose feed pump fails. */
const batch = { ...drawBatch(world, 5, 3), faults: [{ name: 'feed-pump', onsetHour: 140, flowShare: 0.1, repairHour: 170 }] as const };
const rounds = (until: number): number[] => { const found = []; for (let hour = nextRound(); hour < until; hour = nextRound(hour)) found.push(hour); return found; };

/** Every reading of a culture that is looked at while it runs. */
const readings = ((): readonly Reading[] => {
  const culture = startOf(world, batch);
  const record = recordFor(HOURS);
  const watch = openWatch(world, batch, record);
  return rounds(HOURS).map((hour) => {
    advance(culture, batch.donor.traits, timelineOf(world, batch, ACTIONS), hour, record);
    return readAt(watch, ACTIONS, hour);
  });
})();
const whole = ((): ReturnType<typeof batchRunOf> => {
  const record = recordFor(HOURS);
  grow(world, batch, ACTIONS, HOURS, record);
  return batchRunOf(world, batch, ACTIONS, record);
})();
const median = (values: Float64Array): number => { const known = [...values].filter(Number.isFinite).sort((a, b) => a - b); return (known[Math.floor((known.length - 1) / 2)]! + known[Math.ceil((known.length - 1) / 2)]!) / 2; };

describe('rounds', () => {
  it('are twice a day to hour 72, then four hours after each sample and twelve later', () => {
    expect(rounds(130)).toEqual([...FIRST_HOURS, 76, 88, 100, 112, 124]);
  });
});

describe('a reading', () => {
  it.each(Object.entries(SENSORS) as readonly [SensorName, string][])('shows of %s what the sensor of the catalogue gave in the last hour', (key, name) => {
    const { sensor } = minuteSeriesNamed(name);
    for (const reading of readings) {
      const minutes = seriesOf(whole, name, reading.hour * 60 - 59, reading.hour * 60 + 1);
      // a culture looked at on the way is within the solver's tolerance of one grown in one go, and a sensor has steps
      expect(Math.abs(reading[key] - median(minutes)), `hour ${reading.hour}`).toBeLessThanOrEqual(sensor.step + 2e-3 * Math.abs(reading[key]));
    }
  });
  it('has the results of a sample once, in the first round four hours after it', () => {
    expect(readings.filter(({ sample }) => sample !== undefined).map(({ hour, sample }) => [hour, sample?.hour])).toEqual([[36, 24], [60, 48], [76, 72], [100, 96], [124, 120], [148, 144], [172, 168], [196, 192], [220, 216]]);
  });
  it('has of a sample what the laboratory found', () => {
    const found = samplesOf(whole);
    for (const { sample } of readings) {
      if (sample === undefined) continue;
      const values = found.find(({ hour }) => hour === sample.hour)!.values;
      for (const [ours, theirs] of [[sample.viability, 'Sample/Viability'], [sample.cd3Positive, 'Sample/CD3'], [sample.carPositive, 'Sample/CAR'], [sample.memoryShare, 'Sample/Memory Phenotype']] as const) {
        if (Number.isNaN(values[theirs])) expect(ours).toBeNaN();
        else expect(100 * ours).toBeCloseTo(values[theirs]!, 0);
      }
    }
  });
  it('shows a failed pump', () => {
    const at = (wanted: number): Reading => readings.find(({ hour }) => hour === wanted)!;
    expect(at(124).feedFlowMlPerHour / at(124).feedAskedMlPerHour).toBeGreaterThan(0.85);
    expect(at(148).feedFlowMlPerHour / at(148).feedAskedMlPerHour).toBeLessThan(0.2);
  });
  it('is the same whatever happens later', () => {
    const record = recordFor(HOURS);
    grow(world, batch, ACTIONS, HOURS, record);
    const [now, later] = [openWatch(world, batch, record), openWatch(world, batch, { ...record, values: record.values.map((value, i) => (i % record.points > 100 * 60 ? 7 : value)) })];
    expect(readAt(later, ACTIONS, 100)).toEqual(readAt(now, ACTIONS, 100));
  });
  it('is nothing where a sensor was silent for the hour', () => {
    // the enzyme sensor of some batch is: an interruption is exponential, twenty minutes in the mean
    const silent = Array.from({ length: 400 }, (_, index) => index).some((index) => {
      const each = drawBatch(world, 6, index);
      const record = recordFor(76);
      grow(world, each, [], 76, record);
      const watch = openWatch(world, each, record);
      return [24, 36, 48, 60, 72, 76].some((hour) => Number.isNaN(readAt(watch, [], hour).glutamineMmolPerL));
    });
    expect(silent).toBe(true);
  });
});

describe('the record', () => {
  it('is what certificates and tests say, with their errors, and nothing of the patient or the lots beside it', () => {
    for (let index = 0; index < 30; index += 1) {
      const each = drawBatch(world, 6, index);
      const attributes = attributesOf(world, each);
      const said = (name: string): number => attributes[name] ?? Number.NaN;
      expect(knownOf(world, each)).toEqual({
        attributes, weightKg: said('Patient/Weight'), priorBendamustine: said('Patient/Prior Bendamustine') === 1, startingViability: said('Start/Viability') / 100, startingCd3Share: said('Start/CD3') / 100,
        startingMemoryShare: (said('Collection/Naive T Cells') + said('Collection/Central Memory T Cells')) / 100 / 0.9, vectorTitreFactor: said('Vector/Infectious Titre') / 120, interleukin2Factor: said('Interleukin 2/Activity') / 16,
        glucoseFactor: said('Medium/Glucose') / world.recipe.feedGlucoseMmolPerL, supportFactor: (said('Medium/Growth Promotion') + said('Serum/Growth Promotion')) / 200, seedingFactor: said('Start/Seeded Viable Cells') / world.recipe.seedCellsMillion,
      });
    }
  });
  it('is off from the truth as its tests are: no figure of it is the truth itself', () => {
    const batches = Array.from({ length: 30 }, (_, index) => drawBatch(world, 6, index));
    const off = (seen: (each: (typeof batches)[number]) => readonly [number, number]): number => batches.map(seen).filter(([known]) => Number.isFinite(known)).reduce((most, [known, truth]) => Math.max(most, Math.abs(known / truth - 1)), 0);
    expect(off((each) => [knownOf(world, each).vectorTitreFactor, each.lots.vectorTitreFactor])).toBeGreaterThan(0.1);
    expect(off((each) => [knownOf(world, each).startingViability, each.donor.startingViability])).toBeGreaterThan(0.02);
    expect(off((each) => [knownOf(world, each).startingMemoryShare, each.donor.traits.startingMemoryShare])).toBeGreaterThan(0.05);
    expect(off((each) => [knownOf(world, each).supportFactor, each.lots.growthFactor])).toBeGreaterThan(0.05);
  });
});

describe('a median', () => {
  it('is the middle of what is a number, or between the two middle ones, and leaves what was read as it was', () => {
    fc.assert(fc.property(fc.array(fc.oneof(fc.constant(Number.NaN), fc.integer({ min: -3, max: 3 }), fc.double({ min: -1e3, max: 1e3, noNaN: true })), { maxLength: 80 }), (values) => {
      const known = values.filter((value) => !Number.isNaN(value)).toSorted((a, b) => a - b);
      const [lower, upper] = [known[Math.ceil(known.length / 2) - 1]!, known[Math.floor(known.length / 2)]!];
      const given = Float64Array.from(values);
      expect(medianOf(given) + 0).toBe(known.length === 0 ? Number.NaN : (lower + upper) / 2 + 0);
      expect([...given]).toEqual(values);
    }));
  });
});

describe('a window of a run', () => {
  const record = recordFor(HOURS);
  grow(world, batch, ACTIONS, HOURS, record);
  const window = batchWindowOf({ world, batch, actions: ACTIONS, record }, 8000, 8400);
  it('shows what the whole run shows at the same minutes, sensor by sensor', () => {
    for (const name of Object.values(SENSORS)) {
      const out = new Float64Array(300);
      observe(window, minuteSeriesNamed(name), 8100, out);
      expect(out, name).toEqual(seriesOf(whole, name, 8100, 8400));
    }
  });
  it('refuses a sensor whose truth adds up or wanders, and minutes it does not have', () => {
    const out = new Float64Array(10);
    expect(() => { observe(window, minuteSeriesNamed('Feed/Total'), 8100, out); }).toThrow('want the culture from its start');
    expect(() => { observe(window, minuteSeriesNamed('Room/Temperature 1'), 8100, out); }).toThrow('want the culture from its start');
    expect(() => { observe(window, minuteSeriesNamed('Bioreactor/Glutamine'), 8010, out); }).toThrow('got 8010, want 8015 or later');
    expect(() => batchWindowOf({ world, batch, actions: ACTIONS, record }, 10, 10)).toThrow('minutes: got [10, 10)');
    expect(() => batchWindowOf({ world, batch, actions: ACTIONS, record }, 10, HOURS * 60 + 2)).toThrow('want whole minutes of the record');
  });
});

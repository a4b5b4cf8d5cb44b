import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { advance, copyOf, grow, recordFor, startOf, type Record } from '../../../models/twin/culture/culture.ts';
import type { Conditions } from '../../../models/twin/culture/conditions.ts';
import { cultureRates } from '../../../models/twin/culture/rates.ts';
import { STATE, STATE_NAMES, valueOf, type StateName } from '../../../models/twin/culture/state.ts';
import { drawBatch, type Batch } from '../../../models/twin/draw/batch.ts';
import type { Action } from '../../../models/twin/recipe/action.ts';
import { timelineOf } from '../../../models/twin/recipe/timeline.ts';
import { playBatch } from '../../../models/twin/trial/play.ts';
import type { Setting } from '../../../models/twin/trial/setting.ts';
import { codeOf } from '../../support/error-code.ts';
import { quietBatch, worldNamed } from './worlds.ts';

const world = worldNamed('stress');
const at = ({ values, points }: Record, name: StateName, minute: number): number => values[STATE[name] * points + minute]!;
/** Largest difference of two states, each component against its own size but for amounts that do not matter. */
const apart = (a: Float64Array, b: Float64Array): number => Math.max(...[...a].map((value, i) => Math.abs(value - b[i]!) / (Math.abs(b[i]!) + 0.1)));
/** A hundred steps' worth of the tolerance of one, where nothing goes wrong. */
const SAME = 1e-3;
/**
 * Where gas, a probe or a pump fails, errors of the solution grow: of batches 0 to 200, cut every 1.7 h, 194 comes out furthest apart, by 0.0054, when it is cut while its gas fails; and in one go it is itself 0.0052 from its
 * solution at a tolerance of 1e-9. Of those where nothing fails none is more than 0.0004 apart.
 */
const SAME_WITH_FAULTS = 1e-2;
/** Between the ends of steps the solution is of one order less. */
const SAME_BETWEEN = 5e-3;

describe('a culture in pieces', () => {
  const hours = fc.array(fc.double({ min: 0.001, max: 239.9, noNaN: true }), { minLength: 1, maxLength: 4 }).map((values) => values.toSorted((a, b) => a - b));
  it('is the culture in one go, wherever it is cut', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 200 }), fc.oneof(hours, fc.constant([24, 72, 72, 96, 120])), (index, cuts) => {
      const batch = drawBatch(world, 3, index);
      const culture = startOf(world, batch);
      for (const hour of [...cuts, 240]) advance(culture, batch.donor.traits, timelineOf(world, batch, []), hour);
      expect(apart(culture.state, grow(world, batch, [], 240).state)).toBeLessThan(batch.faults.length === 0 ? SAME : SAME_WITH_FAULTS);
      expect(culture.hour).toBe(240);
    }), { numRuns: 25, examples: [[194, [155.07]]] });
  });
  it('is the culture in one go to the last bit, cut where something happens, whatever goes wrong: nothing is lost there, and nothing done twice', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 200 }), fc.infiniteStream(fc.boolean()), (index, isCut) => {
      const batch = drawBatch(world, 3, index);
      const happenings = timelineOf(world, batch, []);
      const culture = startOf(world, batch);
      for (const hour of [...happenings.map((each) => each.hour).filter((each) => each > 0 && each < 240 && isCut.next().value === true), 240]) advance(culture, batch.donor.traits, happenings, hour);
      expect(culture).toEqual(grow(world, batch, [], 240));
    }), { numRuns: 25 });
  });
  it('is looked ahead of in a copy that leaves it as it was', () => {
    const batch = drawBatch(world, 3, 1);
    const culture = startOf(world, batch);
    advance(culture, batch.donor.traits, timelineOf(world, batch, []), 100);
    const before = JSON.stringify(culture);
    advance(copyOf(culture), batch.donor.traits, timelineOf(world, batch, [{ type: 'exchange-medium', hour: 110, share: 0.5 }]), 200);
    expect(JSON.stringify(culture)).toBe(before);
  });
});

describe('a record', () => {
  it('does not move the culture, and holds each of its minutes', () => {
    const batch = drawBatch(world, 3, 2);
    const record = recordFor(240);
    record.values.fill(NaN);
    const recorded = grow(world, batch, [], 240, record);
    expect(recorded.state).toEqual(grow(world, batch, [], 240).state);
    expect(record.points).toBe(14_401);
    expect(record.values.every(Number.isFinite)).toBe(true);
    STATE_NAMES.forEach((name) => { expect(at(record, name, 14_400)).toBeCloseTo(valueOf(recorded.state, name), 6); });
    expect(at(record, 'volumeMl', 0)).toBe(world.recipe.startVolumeMl);
  });
  it('holds at any minute what a culture stopped there holds', () => {
    const batch = drawBatch(world, 3, 4);
    const record = recordFor(240);
    grow(world, batch, [], 240, record);
    for (const minute of [1, 999, 4321, 7200, 9001, 13_999]) {
      const stopped = grow(world, batch, [], minute / 60).state;
      expect(apart(stopped, Float64Array.from(STATE_NAMES, (name) => at(record, name, minute)))).toBeLessThan(SAME_BETWEEN);
    }
  });
  it('shows what happens on a minute at that minute, and not before', () => {
    const batch = quietBatch({ operator: { seedingFactor: 1, recoveryShare: 0.8, additionDelayHours: 0 } });
    const record = recordFor(240);
    grow(world, batch, [], 240, record);
    const [{ hour, volumeMl } = { hour: NaN, volumeMl: NaN }] = world.recipe.additions;
    expect(at(record, 'volumeMl', hour * 60 - 1)).toBeCloseTo(world.recipe.startVolumeMl, 9);
    expect(at(record, 'volumeMl', hour * 60)).toBeCloseTo(world.recipe.startVolumeMl + volumeMl, 9);
  });
  it('shorter than its culture is filled to its own end', () => {
    const record = recordFor(100);
    record.values.fill(NaN);
    grow(world, quietBatch(), [], 150, record);
    expect(record.values.every(Number.isFinite)).toBe(true);
  });
});

describe('what happens to a batch', () => {
  it('comes in order of time, and what is listed first comes first at one hour', () => {
    const batch = drawBatch(world, 3, 0);
    const doubled: readonly Action[] = [{ type: 'add-interleukin-2', hour: 50, iuPerMl: 100 }, { type: 'exchange-medium', hour: 50, share: 0.5 }];
    const hours = timelineOf(world, batch, doubled).map(({ hour }) => hour);
    expect(hours).toEqual(hours.toSorted((a, b) => a - b));
    const after = (actions: readonly Action[]): number => { const { state } = grow(world, batch, actions, 50.001); return valueOf(state, 'interleukin2IuPerMl'); };
    expect(after(doubled.toReversed()) - after(doubled)).toBeCloseTo(50, 0);
  });
  it('thins cells and brings medium when medium is added, and keeps what was there', () => {
    const batch = quietBatch({ operator: { seedingFactor: 1, recoveryShare: 0.8, additionDelayHours: 0 } });
    const [{ hour, volumeMl } = { hour: NaN, volumeMl: NaN }] = world.recipe.additions;
    const [before, after] = [grow(world, batch, [], hour), grow(world, batch, [], hour + 1e-9)].map(({ state }) => (name: StateName) => valueOf(state, name)) as [(name: StateName) => number, (name: StateName) => number];
    for (const name of ['restingCellsMillionPerMl', 'cyclingCellsMillionPerMl', 'deadCellsMillionPerMl', 'otherCellsMillionPerMl', 'lactateMmolPerL', 'ammoniaMmolPerL', 'vectorMillionTuPerMl', 'stimulusShare'] as const) expect(after(name) * after('volumeMl')).toBeCloseTo(before(name) * before('volumeMl'), 4);
    const { conditions } = grow(world, batch, [], hour);
    expect(after('glucoseMmolPerL') * after('volumeMl')).toBeCloseTo(before('glucoseMmolPerL') * before('volumeMl') + volumeMl * conditions.feedGlucoseMmolPerL, 3);
    expect(after('glutamineMmolPerL') * after('volumeMl')).toBeCloseTo(before('glutamineMmolPerL') * before('volumeMl') + volumeMl * conditions.feedGlutamineMmolPerL, 3);
    for (const name of ['copies', 'doublings', 'memoryShare'] as const) expect(after(name)).toBeCloseTo(before(name), 6);
  });
});

describe('rates of a culture', () => {
  it('follow pH and temperature of each moment to the last bit, whatever they were asked before', () => {
    const { donor } = quietBatch();
    const { state, conditions } = grow(world, quietBatch(), [], 100);
    const lived = { ...conditions };
    const [kept, dy] = [cultureRates(donor.traits, lived), new Float64Array(state.length)];
    const asked = (hour: number, changed: Pick<Conditions, 'phSetPoint' | 'phOffset' | 'phOffsetPerHour' | 'temperatureFromCelsius' | 'temperatureTargetCelsius'>): Float64Array => {
      Object.assign(lived, changed);
      kept(hour, state, dy);
      const alone = new Float64Array(state.length);
      cultureRates(donor.traits, { ...conditions, ...changed })(hour, state, alone);
      expect(dy).toEqual(alone);
      return alone;
    };
    const [phSetPoint, phOffset, phOffsetPerHour, temperatureFromCelsius, temperatureTargetCelsius, hours] = [[7.0, 7.25, 7.5], [0, 0.1, -0.2], [0, 0.003], [30, 37], [37, 37.2, 30], [0, 0.1, 1, 24, 240]] as const;
    const changes = fc.record({ phSetPoint: fc.constantFrom(...phSetPoint), phOffset: fc.constantFrom(...phOffset), phOffsetPerHour: fc.constantFrom(...phOffsetPerHour), temperatureFromCelsius: fc.constantFrom(...temperatureFromCelsius), temperatureTargetCelsius: fc.constantFrom(...temperatureTargetCelsius) });
    fc.assert(fc.property(fc.oneof(fc.integer({ min: 0, max: 240 }), fc.constantFrom(...hours)), changes, (hour, changed) => { asked(hour, changed); }), { numRuns: 300 });
    // Each of them changes what is asked about, at a pH that the controller can hold.
    const usual = { phSetPoint: 7.5, phOffset: 0, phOffsetPerHour: 0, temperatureFromCelsius: 37, temperatureTargetCelsius: 37 };
    const growth = (hour: number, change: Partial<typeof usual>): number => asked(hour, { ...usual, ...change })[STATE.cyclingCellsMillionPerMl]!;
    expect(new Set([{}, { phSetPoint: 7.25 }, { phOffset: 0.1 }, { phOffsetPerHour: 0.003 }, { temperatureFromCelsius: 30 }, { temperatureTargetCelsius: 30 }].map((change) => growth(1, change))).size).toBe(6);
    for (const change of [{ phOffsetPerHour: 0.003 }, { temperatureFromCelsius: 30 }]) expect(new Set(hours.map((hour) => growth(hour, change))).size).toBe(hours.length);
  });
});

describe('what can not be grown', () => {
  it.each<[Action, string]>([
    [{ type: 'exchange-medium', hour: 80, share: 1 }, 'exchange-medium: got {"type":"exchange-medium","hour":80,"share":1}, want share above 0, at most 0.95'],
    [{ type: 'exchange-medium', hour: 80, share: 0 }, 'want share above 0, at most 0.95'],
    [{ type: 'exchange-medium', hour: 80, share: NaN }, 'want share above 0, at most 0.95'],
    [{ type: 'set-feed-rate', hour: 80, factor: -1 }, 'want factor 0 to 4'],
    [{ type: 'set-feed-rate', hour: 80, factor: 4.1 }, 'want factor 0 to 4'],
    [{ type: 'add-interleukin-2', hour: 80, iuPerMl: 0 }, 'want iuPerMl above 0, at most 1000'],
    [{ type: 'add-interleukin-2', hour: 80, iuPerMl: 1e4 }, 'want iuPerMl above 0, at most 1000'],
    [{ type: 'set-oxygen', hour: 80, setPointPercentAir: 90, highestPercentAir: 80 }, 'want setPointPercentAir above 0 and at most highestPercentAir, highestPercentAir at most 450'],
    [{ type: 'set-oxygen', hour: 80, setPointPercentAir: 90, highestPercentAir: 500 }, 'want setPointPercentAir above 0 and at most highestPercentAir, highestPercentAir at most 450'],
    [{ type: 'harvest', hour: NaN }, 'harvest.hour: got NaN, want a time since activation, 0 or more'],
    [{ type: 'repair-equipment', fault: 'feed-pump', hour: -1 }, 'repair-equipment.hour: got -1, want a time since activation, 0 or more'],
    [{ type: 'repair-equipment', fault: 'contamination' as never, hour: 90 }, 'repair-equipment: got {"type":"repair-equipment","fault":"contamination","hour":90}, want fault feed-pump, ph-probe, gas-supply, temperature'],
  ])('is refused: %j', (action, message) => { expect(() => grow(world, quietBatch(), [action], 100)).toThrow(message); });
  it.each([[0], [-1], [481], [NaN]])('is a culture of %d hours', (hours) => { expect(() => grow(world, quietBatch(), [], hours)).toThrow(/^hours: got .*, want above 0, at most 480$/); });

  const broken = (change: Partial<Batch['donor']['traits']>): Batch => { const batch = quietBatch(); return { ...batch, donor: { ...batch.donor, traits: { ...batch.donor.traits, ...change } } }; };
  it.each<[string, Batch, string]>([
    ['a rate that is no number', broken({ growthPerHour: NaN }), 'solver-not-finite'],
    ['a rate without bound', broken({ deathPerHour: Infinity }), 'solver-not-finite'],
    ['a day that is no number', quietBatch({ dailyGrowthFactors: [1, 1, NaN] }), 'solver-not-finite'],
    ['death far faster than the steps there are', broken({ deathPerHour: 1e7 }), 'solver-steps-exhausted'],
  ])('is named by the solver, never a number that is none: %s', (_, batch, code) => { expect(codeOf(() => grow(world, batch, [], 240))).toBe(code); });
  it('is a failed batch with its cause', () => {
    const wild = { ...world, unknown: { dailyGrowthFactor: { kind: 'normal', mean: 1e308, sd: 1e308 } } } as const;
    const { failed, causes, measured } = playBatch({ world: wild } as unknown as Setting, 1, 1, 'baseline');
    expect({ failed, causes, measured }).toEqual({ failed: true, causes: ['solver'], measured: undefined });
  });
  it('leaves the next culture as it would have been', () => {
    const { state } = grow(world, quietBatch(), [], 240);
    codeOf(() => grow(world, broken({ growthPerHour: NaN }), [], 240));
    expect(grow(world, quietBatch(), [], 240).state).toEqual(state);
  });
});

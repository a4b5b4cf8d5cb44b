import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { adviseAt, openCourse } from '../../../models/twin/assist/assistant.ts';
import { featuresAt72, FEATURES_AT_72 } from '../../../models/twin/assist/features.ts';
import { answersFrom } from '../../../models/twin/assist/scientist.ts';
import { drawBatch, type Batch } from '../../../models/twin/draw/batch.ts';
import { faultOf } from '../../../models/twin/draw/fault.ts';
import { knownOf, type Known } from '../../../models/twin/seen/known.ts';
import type { Reading, SampleSeen } from '../../../models/twin/seen/sensors.ts';
import { playDrawn } from '../../../models/twin/trial/play.ts';
import { rowsOf, trainPredictor } from '../../../models/twin/trial/predictor.ts';
import type { BatchResult } from '../../../models/twin/trial/result.ts';
import { aimFor, settingOf } from '../../../models/twin/trial/setting.ts';
import { readingsOf } from './readings.ts';
import { worldNamed } from './worlds.ts';

const world = worldNamed('stress');
const setting = settingOf(world, trainPredictor(rowsOf(world, 0xa000_0001, 0, 300)), { library: 200, particles: 12 });
const options = { alerted: true, particles: 12, aim: aimFor(setting, 0), answers: answersFrom(world.release.activationHour) };
const HOURS = [24, 36, 48, 60, 72, 76, 88, 100] as const;
const ROUNDS = [24, 36, 48, 60, 72, ...Array.from({ length: 14 }, (_, i) => 76 + 12 * i)] as const;
const HIDDEN_FROM = 150;
const EVERY_FAULT: Batch['faults'] = ([['feed-pump', 0], ['ph-probe', 0.03], ['gas-supply', 0.08], ['temperature', -7], ['contamination', 1.2]] as const).map(([name, size]) => faultOf(name, size, HIDDEN_FROM, 1e3));

/** Another patient, lots, hands, equipment, faults and days under the same number: nothing of the batch but the streams of chance is left. */
const strangerTo = (batch: Batch): Batch => ({ ...drawBatch(world, 4242, batch.index + 1), seed: batch.seed, index: batch.index, faults: EVERY_FAULT });

/** Numbers of a tree that differ at every leaf; strings and shape stay. */
const leaves = (value: unknown, path = ''): readonly (readonly [string, unknown])[] => (typeof value === 'object' && value !== null ? Object.entries(value).flatMap(([key, each]) => leaves(each, `${path}.${key}`)) : [[path, value]]);

/** All the assistant believes, proposes and does when it is shown these readings one by one. */
const courseOn = (batch: Batch, known: Known, readings: readonly Reading[]) => {
  const course = { ...openCourse(world, batch), known };
  return readings.map((reading) => {
    course.readings.push(reading);
    adviseAt(world, setting.library, batch, course, options);
    return { ...course, readings: undefined, advice: [...course.advice], actions: [...course.actions], particles: course.particles.map(({ batch: guess, culture }) => ({ guess, state: [...culture.state] })) };
  });
};

/** A reading with another number in every field, and a sample, of the day it says, where there was none. */
const scrambled = (reading: Reading, factor: number, sampleHour: number): Reading => {
  const changed = (record: object): object => Object.fromEntries(Object.entries(record).map(([name, value]) => [name, name === 'hour' ? value : factor * (Number.isNaN(value) ? 1 : (value as number)) + 1 + factor]));
  return { ...(changed({ ...reading, sample: 0 }) as Reading), sample: { ...(changed({ ...(reading.sample ?? { hour: 0, viability: 0.5, cd3Positive: 0.5, carPositive: 0.5, memoryShare: 0.5 }) }) as SampleSeen), hour: sampleHour } };
};

describe('features of the first 72 hours', () => {
  it('do not change with any field of any later reading, nor with results of an early sample that come later', () => {
    const batch = drawBatch(world, 5, 3);
    const readings = readingsOf(world, batch, HOURS);
    const known = knownOf(world, batch);
    const honest = featuresAt72(known, readings);
    expect(honest).toHaveLength(FEATURES_AT_72.length);
    fc.assert(fc.property(fc.double({ min: -1e6, max: 1e6, noNaN: true }), fc.constantFrom(24, 48, 72, 96), (factor, sampleHour) => {
      const later = readings.map((reading) => (reading.hour > 72 ? scrambled(reading, factor, sampleHour) : reading));
      expect(featuresAt72(known, later)).toEqual(honest);
    }));
    const silent = readings.map((reading) => (reading.hour > 72 ? { ...Object.fromEntries(Object.keys(reading).map((name) => [name, Number.NaN])) as unknown as Reading, hour: reading.hour, sample: undefined } : reading));
    expect(featuresAt72(known, silent)).toEqual(honest);
    expect(featuresAt72(known, readings.filter(({ hour }) => hour <= 72))).toEqual(honest);
  });

  it('do change with readings and samples up to hour 72, so that the test above can fail', () => {
    const batch = drawBatch(world, 5, 3);
    const readings = readingsOf(world, batch, HOURS);
    const honest = featuresAt72(knownOf(world, batch), readings);
    for (const hour of [24, 48, 72]) {
      const early = readings.map((reading) => (reading.hour === hour ? scrambled(reading, 2, reading.sample?.hour ?? 1) : reading));
      expect(featuresAt72(knownOf(world, batch), early), `${hour} h`).not.toEqual(honest);
    }
  });

  it('refuse a course with a reading missing', () => {
    const batch = drawBatch(world, 5, 3);
    expect(() => featuresAt72(knownOf(world, batch), readingsOf(world, batch, [24, 36, 60, 72]))).toThrow('readings: got none at hour 48');
  });
});

describe('the assistant', () => {
  const batch = drawBatch(world, 5, 3);
  const known = knownOf(world, batch);
  const readings = readingsOf(world, batch, ROUNDS);

  it('does not see hidden traits: of a batch that reads the same but is another in everything, it believes, proposes and does the same in every round', () => {
    const stranger = strangerTo(batch);
    const [own, other] = [new Map(leaves(batch)), leaves(stranger)];
    expect(other.filter(([path, value]) => own.get(path) === value).map(([path]) => path)).toEqual(expect.arrayContaining(['.seed', '.index']));
    for (const part of ['.donor.traits', '.donor.fitness', '.lots', '.operator', '.equipment', '.dailyGrowth']) for (const [path, value] of other.filter(([each]) => each.startsWith(part))) expect(value, path).not.toBe(own.get(path));
    const honest = courseOn(batch, known, readings);
    expect(honest.at(-1)?.advice.some(({ kind }) => kind === 'intervention')).toBe(true);
    expect(courseOn(stranger, known, readings)).toEqual(honest);
  });

  it('does not see later readings: what it did up to a round stays when all that is read after it is another', () => {
    const honest = courseOn(batch, known, readings);
    for (const hour of [76, 124, 184]) {
      const count = readings.filter((reading) => reading.hour <= hour).length;
      const later = readings.map((reading) => (reading.hour > hour ? scrambled(reading, 0.3, reading.hour - 4) : reading));
      expect(courseOn(batch, known, later).slice(0, count), `${hour} h`).toEqual(honest.slice(0, count));
    }
  });

  it.each(['assisted', 'threshold', 'always', 'pid', 'adaptive'] as const)('does not see what has not shown, in a whole trial: faults and unknown days to come and what the harvest will keep change nothing before they show (%s)', (arm) => {
    let asked = 0;
    for (const index of [3, 7, 13]) {
      const honest = { ...drawBatch(world, 5, index), faults: [] };
      const other: Batch = { ...honest, faults: EVERY_FAULT, operator: { ...honest.operator, recoveryShare: 0.41 }, dailyGrowthFactors: honest.dailyGrowthFactors.map((factor, day) => (24 * day >= HIDDEN_FROM ? 0.3 * factor : factor)) };
      const before = ({ predicted, alerted, recommendations, actions }: BatchResult): unknown => {
        const early = <Each extends Readonly<{ hour: number }>>(each: readonly Each[]): readonly Each[] => each.filter(({ hour }) => hour < HIDDEN_FROM);
        return { predicted, alerted, recommendations: early(recommendations), actions: early(actions) };
      };
      const played = playDrawn(setting, honest, arm);
      asked += [...played.recommendations, ...played.actions].filter(({ hour }) => hour < HIDDEN_FROM).length;
      expect(before(playDrawn(setting, other, arm)), `batch ${index}`).toEqual(before(played));
    }
    expect(asked).toBeGreaterThan(0);
  });
});

import { describe, expect, it } from 'vitest';
import { streamOf } from '../../../models/random/streams.ts';
import { adviseAt, openCourse } from '../../../models/twin/assist/assistant.ts';
import { assimilate, type Particle } from '../../../models/twin/assist/ensemble.ts';
import { growLibrary } from '../../../models/twin/assist/library.ts';
import { outlookOf } from '../../../models/twin/assist/look-ahead.ts';
import { aimWithoutCalendar, POLICIES } from '../../../models/twin/assist/policy.ts';
import { bestSetPoints } from '../../../models/twin/control/horizon.ts';
import { recipeSetPoints } from '../../../models/twin/control/set-points.ts';
import { advance, copyOf, recordFor, startOf } from '../../../models/twin/culture/culture.ts';
import type { Batch } from '../../../models/twin/draw/batch.ts';
import { baselineOf } from '../../../models/twin/fit/baseline.ts';
import { timelineOf } from '../../../models/twin/recipe/timeline.ts';
import { openWatch, readAt } from '../../../models/twin/seen/reading.ts';
import { COLUMN_NAMES } from '../../../models/twin/site/columns.ts';
import { drawSite } from '../../../models/twin/site/effects.ts';
import { datasetRow, siteOf } from '../../../models/twin/site/row.ts';
import { trajectoryRow } from '../../../models/twin/site/trajectory-row.ts';
import { playBatch } from '../../../models/twin/trial/play.ts';
import { rowsOf, trainPredictor } from '../../../models/twin/trial/predictor.ts';
import type { Setting } from '../../../models/twin/trial/setting.ts';
import type { World } from '../../../models/twin/worlds/world.ts';
import { quietBatch, worldNamed } from './worlds.ts';

const world = worldNamed('stress');
const withDeath = (deathPerHour: World['donor']['deathPerHour']): World => ({ ...world, name: 'unstable', donor: { ...world.donor, deathPerHour } });
const UNSTABLE = withDeath({ kind: 'uniform', low: 1e9, high: 1e9 });
const hopeless = (batch: Batch): Batch => ({ ...batch, donor: { ...batch.donor, traits: { ...batch.donor.traits, deathPerHour: 1e9 } } });

/** Guesses at a quiet batch at hour 76. */
const guesses = (count: number): readonly Particle[] => Array.from({ length: count }, (_, i) => {
  const batch = quietBatch({ index: i });
  const culture = startOf(world, batch);
  advance(culture, batch.donor.traits, timelineOf(world, batch, []), 76);
  return { batch, culture };
});
const copies = (particles: readonly Particle[]): Particle[] => particles.map(({ batch, culture }) => ({ batch, culture: copyOf(culture) }));
const withBad = (particles: readonly Particle[]): Particle[] => [...copies(particles), ...copies(particles.slice(0, 1)).map(({ batch, culture }) => ({ batch: hopeless(batch), culture }))];
const readings = (() => {
  const batch = quietBatch();
  const record = recordFor(100);
  advance(startOf(world, batch), batch.donor.traits, timelineOf(world, batch, []), 100, record);
  const watch = openWatch(world, batch, record);
  return [24, 36, 48, 60, 72, 76, 88].map((hour) => readAt(watch, [], hour));
})();
const CARRY_ON = { name: 'carry on', actions: [], harvest: 'free' } as const;
const AIM = aimWithoutCalendar(POLICIES.balanced);

describe('a batch whose equations can not be solved', () => {
  it('is a failed row of what a prediction is trained and judged on, as in the trial itself', () => {
    const rows = rowsOf(UNSTABLE, 1, 0, 1);
    expect(rows.map(({ failed, features, isUnsolved }) => [failed, isUnsolved, features.every(Number.isNaN)])).toEqual([[1, true, true]]);
    expect(() => trainPredictor(Array.from({ length: 90 }, () => rows[0]!))).toThrow(new RangeError('rows: got 90 with 90 failures, 90 of them with cause solver, want at least 90 with both outcomes'));
  });
  it('is a failed row of a data set and of trajectories, with cause solver and nothing known', () => {
    const site = siteOf(UNSTABLE, drawSite(1, 0));
    expect(datasetRow(site, 1, 0)).toEqual({ index: 0, features: COLUMN_NAMES.map(() => Number.NaN), failed: 1, cause: 'solver' });
    expect(trajectoryRow(site, 1, 0, ['glucose-mean-0-12'])).toMatchObject({ index: 0, values: [Number.NaN], failed: 1, cause: 'solver' });
  });
});

describe('a world in which some batches can not be solved', () => {
  const some = withDeath({ kind: 'lognormal', median: 0.0012, sigma: 12 });
  const [seed, count] = [1, 8];
  const played = Array.from({ length: count }, (_, index) => playBatch({ world: some } as Setting, seed, index, 'baseline'));
  const unsolved = played.filter(({ causes }) => causes[0] === 'solver');
  it('has a baseline for the fit, in which they failed with cause solver as in a trial', () => {
    expect(unsolved.length).toBeGreaterThan(0);
    expect(unsolved.length).toBeLessThan(count);
    const { failureRate, causeRates, medianFold, medianViability } = baselineOf(some, seed, count);
    expect(failureRate).toBe(played.filter(({ failed }) => failed).length / count);
    expect(causeRates.solver).toBe(unsolved.length / count);
    expect([medianFold, medianViability].every((median) => median > 0)).toBe(true);
  });
  it('has none where none can be', () => { expect(() => baselineOf(UNSTABLE, 5, 2)).toThrow(new RangeError('world unstable: got no batch of 2 of seed 5 whose rates can be solved, want at least one')); });
});

describe('a guess that can not be solved', () => {
  it('is left out of the prior: a world without any that can be solved is named', () => {
    expect(() => growLibrary(UNSTABLE, 5, 1)).toThrow(new RangeError('world unstable: got no batch of 1 of seed 5 whose rates can be solved, want at least one'));
  });
  it('is dropped from an ensemble, and the others take its place', () => {
    const reading = readings[6]!;
    const after = assimilate(world, withBad(guesses(3)), reading, { actions: [], faults: [] }, streamOf(1, 0, 'test'));
    expect(after).toHaveLength(4);
    expect(after.every(({ batch, culture }) => batch.donor.traits.deathPerHour < 1 && culture.hour === 88)).toBe(true);
    expect(assimilate(world, withBad([]).concat({ batch: hopeless(quietBatch()), culture: guesses(1)[0]!.culture }), reading, { actions: [], faults: [] }, streamOf(1, 0, 'test'))).toEqual([]);
  });
  it('says nothing of a plan or a set-point, nor do the others say anything else for it', () => {
    const few = guesses(3);
    expect(outlookOf(world, withBad(few), [], CARRY_ON, AIM)).toEqual(outlookOf(world, few, [], CARRY_ON, AIM));
    const none = outlookOf(world, withBad(few).slice(3), [], CARRY_ON, AIM);
    expect([none.chance, none.worth]).toEqual([Number.NaN, -Infinity]);
    const choice = (particles: readonly Particle[]) => bestSetPoints({ world, particles, actions: [], held: recipeSetPoints(world), hour: 100 });
    expect(choice(withBad(few)).best).toEqual(choice(few).best);
  });
  it('fails no batch: with none left the assistant proposes nothing', () => {
    const batch = quietBatch();
    const course = openCourse(world, batch);
    course.readings.push(...readings);
    course.particles = withBad(guesses(1)).slice(1);
    adviseAt(world, [], batch, course, { alerted: true, particles: 4, aim: AIM, answers: (hour) => ({ signed: true, hour }) });
    expect([course.particles, course.advice, course.actions]).toEqual([[], [], []]);
  });
});

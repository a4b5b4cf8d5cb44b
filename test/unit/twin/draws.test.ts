import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { streamOf } from '../../../models/random/streams.ts';
import { drawBatch, type Batch } from '../../../models/twin/draw/batch.ts';
import { draw, type Distribution } from '../../../models/twin/draw/distribution.ts';
import { FAULT_NAMES, type FaultName, type World } from '../../../models/twin/worlds/world.ts';
import { worldNamed } from './worlds.ts';

const world = worldNamed('stress');
const withChances = (chance: (name: FaultName) => number): World => ({ ...world, faults: Object.fromEntries(FAULT_NAMES.map((name) => [name, { ...world.faults[name], chance: chance(name) }])) as World['faults'] });
const SEED = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const INDEX = fc.integer({ min: 0, max: 100_000 });
const but = (batch: Batch, ...names: readonly (keyof Batch)[]): object => Object.fromEntries(Object.entries(batch).filter(([name]) => !(names as readonly string[]).includes(name)));

describe('common random numbers', () => {
  it('make the same batch of the same seed and index, in any order', () => {
    fc.assert(fc.property(SEED, INDEX, (seed, index) => {
      const first = drawBatch(world, seed, index);
      drawBatch(world, seed, index + 1);
      expect(drawBatch(world, seed, index)).toEqual(first);
    }), { numRuns: 30 });
  });
  it('are one stream a purpose: whether faults happen moves nothing but the faults', () => {
    fc.assert(fc.property(SEED, INDEX, (seed, index) => {
      const [none, all] = [drawBatch(withChances(() => 0), seed, index), drawBatch(withChances(() => 1), seed, index)];
      expect(but(none, 'faults')).toEqual(but(all, 'faults'));
      expect([none.faults.length, all.faults.length]).toEqual([0, FAULT_NAMES.length]);
    }), { numRuns: 30 });
  });
  it('let one fault be taken out and leave the others as they were', () => {
    fc.assert(fc.property(SEED, INDEX, fc.constantFrom(...FAULT_NAMES), (seed, index, out) => {
      const all = drawBatch(withChances(() => 1), seed, index).faults;
      const fewer = drawBatch(withChances((name) => (name === out ? 0 : 1)), seed, index).faults;
      expect(fewer).toEqual(all.filter(({ name }) => name !== out));
    }), { numRuns: 30 });
  });
  it.each<[string, World, keyof Batch]>([
    ['lots', { ...world, lots: { ...world.lots, growthFactor: { kind: 'uniform', low: 1, high: 2 } } }, 'lots'],
    ['operators', { ...world, operator: { ...world.operator, seedingFactor: { kind: 'uniform', low: 1, high: 2 } } }, 'operator'],
    ['equipment', { ...world, equipment: { ...world.equipment, pumpFactor: { kind: 'uniform', low: 1, high: 2 } } }, 'equipment'],
    ['donors', { ...world, donor: { ...world.donor, poor: { share: 1, fitnessLoss: 3 } } }, 'donor'],
    ['the unknown', { ...world, unknown: { dailyGrowthFactor: { kind: 'uniform', low: 0.5, high: 2 } } }, 'dailyGrowthFactors'],
  ])('let %s differ in another world and keep the rest of the batch', (_, other, name) => {
    const [here, there] = [drawBatch(world, 5, 17), drawBatch(other, 5, 17)];
    expect(there[name]).not.toEqual(here[name]);
    expect(but(there, name)).toEqual(but(here, name));
  });
  it('do not repeat from batch to batch, seed to seed or purpose to purpose', () => {
    const firsts = [0, 1, 2, 0xffff_ffff].flatMap((seed) => [0, 1, 2, 999].flatMap((batch) => ['donor', 'lots', 'faults', 'assays'].map((purpose) => streamOf(seed, batch, purpose).uniform())));
    expect(new Set(firsts).size).toBe(firsts.length);
  });
  it('are no more alike between neighbours and purposes than chance makes them', () => {
    const count = 2000;
    const series = (seed: number, purpose: string, shift = 0): readonly number[] => Array.from({ length: count }, (_, i) => streamOf(seed, i + shift, purpose).uniform() - 0.5);
    const alike = (a: readonly number[], b: readonly number[]): number => (12 * a.reduce((sum, value, i) => sum + value * b[i]!, 0)) / count;
    const base = series(1, 'donor');
    // four standard errors of a correlation of independent series
    const limit = 4 / Math.sqrt(count);
    for (const other of [series(1, 'lots'), series(1, 'faults'), series(2, 'donor'), series(1, 'donor', 1)]) expect(Math.abs(alike(base, other))).toBeLessThan(limit);
    expect(Math.abs(alike(base, base) - 1)).toBeLessThan(limit);
  });
});

describe('a draw', () => {
  const MANY = 4000;
  const sample = (distribution: Distribution, shift = 0, share = 1): readonly number[] => { const random = streamOf(3, 0, 'test'); return Array.from({ length: MANY }, () => draw(distribution, random, shift, share)).toSorted((a, b) => a - b); };
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const sd = (values: readonly number[]): number => Math.sqrt(mean(values.map((value) => (value - mean(values)) ** 2)));

  it('has the mean and the spread of its normal distribution', () => {
    const values = sample({ kind: 'normal', mean: 5, sd: 2 });
    expect(Math.abs(mean(values) - 5)).toBeLessThan(0.13);
    expect(Math.abs(sd(values) - 2)).toBeLessThan(0.1);
  });
  it('has the median and the spread of its lognormal distribution', () => {
    const values = sample({ kind: 'lognormal', median: 5, sigma: 0.5 });
    expect(Math.abs(Math.log(values[MANY / 2]! / 5))).toBeLessThan(0.04);
    expect(Math.abs(sd(values.map(Math.log)) - 0.5)).toBeLessThan(0.025);
  });
  it('covers its uniform distribution evenly', () => {
    sample({ kind: 'uniform', low: 2, high: 6 }).forEach((value, i) => { expect(Math.abs(value - (2 + (4 * i) / MANY))).toBeLessThan(0.12); });
  });
  it('stays within its bounds, whatever the shift', () => {
    fc.assert(fc.property(fc.double({ min: -50, max: 50, noNaN: true }), SEED, (shift, seed) => {
      const random = streamOf(seed, 0, 'test');
      for (const kind of [{ kind: 'normal', mean: 1, sd: 0.4, low: 0.5, high: 1.2 }, { kind: 'lognormal', median: 1, sigma: 0.4, low: 0.5, high: 1.2 }] as const) {
        const value = draw(kind, random, shift);
        expect(value >= 0.5 && value <= 1.2).toBe(true);
      }
    }), { numRuns: 50 });
  });
  it('keeps its spread when part of it is shared', () => {
    // a shared score of spread 0.6 and 0.8 of its own: together as wide as before
    const [random, shared] = [streamOf(3, 0, 'own'), streamOf(3, 0, 'shared')];
    const values = Array.from({ length: MANY }, () => draw({ kind: 'normal', mean: 0, sd: 3 }, random, 0.6 * shared.normal(), 0.8));
    expect(Math.abs(sd(values) - 3)).toBeLessThan(0.15);
  });
});

describe('a donor', () => {
  const MANY = 1500;
  const donorsOf = (other: World): readonly Batch['donor'][] => Array.from({ length: MANY }, (_, index) => drawBatch(other, 9, index).donor);
  const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

  it('treated with bendamustine is less fit, and grows and survives the worse for it', () => {
    const donors = donorsOf({ ...world, donor: { ...world.donor, bendamustine: { share: 0.5, fitnessLoss: 1 }, fitnessShare: 0.7 } });
    const [exposed, others] = [donors.filter(({ priorBendamustine }) => priorBendamustine), donors.filter(({ priorBendamustine }) => !priorBendamustine)];
    expect(Math.abs(exposed.length / MANY - 0.5)).toBeLessThan(0.06);
    expect(median(exposed.map(({ fitness }) => fitness))).toBeLessThan(median(others.map(({ fitness }) => fitness)) - 0.7);
    expect(median(exposed.map(({ traits }) => traits.growthPerHour))).toBeLessThan(median(others.map(({ traits }) => traits.growthPerHour)));
    expect(median(exposed.map(({ traits }) => traits.deathPerHour))).toBeGreaterThan(median(others.map(({ traits }) => traits.deathPerHour)));
  });
  it('whose cells wait longer has frailer ones', () => {
    const frailty = (hours: number): number => median(donorsOf({ ...world, donor: { ...world.donor, sinceCollectionHours: { kind: 'uniform', low: hours, high: hours } } }).map(({ traits }) => traits.frailtyFactor));
    expect(frailty(40) / frailty(0)).toBeCloseTo(1.4, 6);
  });
});

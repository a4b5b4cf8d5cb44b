import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createGenerator, type Generator } from '../../../models/random/generator.ts';
import { grow } from '../../../models/twin/culture/culture.ts';
import { STATE, STATE_SIZE, type StateName } from '../../../models/twin/culture/state.ts';
import { carPositiveShare, productOf, type Product } from '../../../models/twin/outcome/product.ts';
import { judge, measure, neededCells, type Measured } from '../../../models/twin/outcome/verdict.ts';
import { quietBatch, worldNamed } from './worlds.ts';

const world = worldNamed('stress');
const { criteria, assays, potency } = world;
const batch = quietBatch();
const NEED = neededCells(world, batch);
/** On every limit at once. */
const JUST: Measured = { viability: criteria.viability, carPositive: criteria.carPositive, cd3Positive: criteria.cd3Positive, vectorCopyNumber: criteria.vectorCopyNumber, carPositiveCellsMillion: NEED, potencyPercent: 100, endotoxinEuPerMl: criteria.endotoxinEuPerMl, sterile: true };
const LESS = 1 - 1e-9;

describe('a verdict', () => {
  it('passes what is on every limit, whatever its potency', () => {
    fc.assert(fc.property(fc.double({ min: 0, max: 1000, noNaN: true }), (percent) => { expect(judge(world, batch, { ...JUST, potencyPercent: percent })).toMatchObject({ failed: false, causes: [] }); }));
  });
  it.each<[string, Partial<Measured>]>([
    ['viability', { viability: JUST.viability * LESS }], ['growth', { carPositiveCellsMillion: NEED * LESS }], ['purity', { cd3Positive: JUST.cd3Positive * LESS }], ['transduction', { carPositive: JUST.carPositive * LESS }],
    ['copies', { vectorCopyNumber: JUST.vectorCopyNumber / LESS }], ['sterility', { endotoxinEuPerMl: JUST.endotoxinEuPerMl / LESS }], ['sterility', { sterile: false }],
  ])('fails by %s alone when a hair beyond its limit: %j', (cause, change) => { expect(judge(world, batch, { ...JUST, ...change })).toMatchObject({ failed: true, causes: [cause] }); });
  it('names every cause, that of the patient\'s safety first', () => {
    expect(judge(world, batch, { ...JUST, viability: 0, carPositiveCellsMillion: 0, cd3Positive: 0, carPositive: 0, vectorCopyNumber: 99, endotoxinEuPerMl: 99 }).causes).toEqual(['sterility', 'viability', 'growth', 'purity', 'transduction', 'copies']);
  });
  it('wants cells by body weight, counted up to 100 kg, with the reserve', () => {
    const need = (weightKg: number): number => neededCells(world, quietBatch({ donor: { ...batch.donor, weightKg } }));
    expect([40, 76, 100, 140].map(need)).toEqual([40, 76, 100, 100].map((kg) => criteria.doseMillionPerKg * kg * criteria.reserveFactor));
  });
});

describe('an assay', () => {
  const product: Product = { viability: 0.8, carPositive: 0.35, cd3Positive: 0.9, vectorCopyNumber: 2, carPositiveCellsMillion: 300, viableTCellsMillion: 900, memoryShare: 0.2, potencyPercent: 110, contaminated: true, sampleContaminated: false, contaminantLoadShare: 0.1, endotoxinEuPerMl: 0.3 };
  const always = (score: number): Generator => ({ ...createGenerator(1), normal: () => score });
  it.each([0, 1, -2])('is off by its own standard deviation: added to shares, a factor on what is counted; %d of them', (score) => {
    const off = (share: number, sd: number): number => expect.closeTo(share + sd * score, 12) as number;
    const times = (value: number, sd: number): number => expect.closeTo(value * Math.exp(sd * score), 9) as number;
    expect(measure(world, product, always(score))).toEqual({
      viability: off(0.8, assays.viability), carPositive: off(0.35, assays.carPositive), cd3Positive: off(0.9, assays.cd3Positive), vectorCopyNumber: times(2, assays.vectorCopyNumber), carPositiveCellsMillion: times(300, assays.cellCount),
      potencyPercent: times(110, assays.potency), endotoxinEuPerMl: times(0.3, assays.endotoxin), sterile: true,
    });
  });
  it('never shows a share below none or above all', () => {
    for (const score of [-99, 99]) for (const share of ['viability', 'carPositive', 'cd3Positive'] as const) expect(measure(world, product, always(score))[share]).toBe(score < 0 ? 0 : 1);
  });
  it('finds a contaminant by the sample that release rests on, not by what came after it', () => { expect([measure(world, product, always(0)).sterile, measure(world, { ...product, sampleContaminated: true }, always(0)).sterile]).toEqual([true, false]); });
});

describe('a product', () => {
  const stateWith = (change: Partial<Record<StateName, number>>): Float64Array => {
    const state = new Float64Array(STATE_SIZE);
    for (const [name, value] of Object.entries({ restingCellsMillionPerMl: 1, cyclingCellsMillionPerMl: 7, otherCellsMillionPerMl: 2, deadCellsMillionPerMl: 2.5, copies: 0.8, memoryShare: 0.2, volumeMl: 240, ...change })) state[STATE[name as StateName]] = value;
    return state;
  };
  const of = (change: Partial<Record<StateName, number>>, residual = 0): Product => productOf(world, batch, stateWith(change), 240, residual);
  it('is what the state says: shares of living and of T cells, cells by volume and recovery, copies a CAR+ cell', () => {
    const positive = carPositiveShare(0.8);
    expect(of({})).toMatchObject({
      viability: expect.closeTo(10 / 12.5, 12) as number, cd3Positive: expect.closeTo(0.8, 12) as number, carPositive: expect.closeTo(positive * (7 / 8), 12) as number, vectorCopyNumber: expect.closeTo(0.8 / positive, 12) as number,
      viableTCellsMillion: expect.closeTo(8 * 240 * batch.operator.recoveryShare, 9) as number, carPositiveCellsMillion: expect.closeTo(7 * 240 * batch.operator.recoveryShare * positive, 9) as number, memoryShare: 0.2, contaminated: false,
    });
  });
  it('has the potency of its memory and its copies, around the reference, and what neither explains', () => {
    const copies = 0.8 / carPositiveShare(0.8);
    const strength = (memory: number, residual: number): number => 100 * (memory / potency.memoryReferenceShare) ** potency.memoryPower * copies ** potency.copyPower * Math.exp(potency.residualSigma * residual);
    expect(of({}).potencyPercent).toBeCloseTo(strength(0.2, 0), 9);
    expect(of({ memoryShare: 0.3 }, 1.5).potencyPercent).toBeCloseTo(strength(0.3, 1.5), 9);
    expect(potency.residualSigma).toBeGreaterThan(0);
  });
  it('has no copies where it has no CAR+ cell, and no number that is none', () => {
    const none = of({ copies: 0, cyclingCellsMillionPerMl: 0 });
    expect([none.carPositive, none.vectorCopyNumber, none.carPositiveCellsMillion]).toEqual([0, 0, 0]);
    expect(Number.isFinite(none.potencyPercent)).toBe(true);
  });
  it('fails where nothing is left of the culture, whatever its assays show of it', () => {
    const empty = productOf(world, batch, stateWith({ restingCellsMillionPerMl: 0, cyclingCellsMillionPerMl: 0, otherCellsMillionPerMl: 0, deadCellsMillionPerMl: 0 }), 240, 0);
    for (let seed = 0; seed < 20; seed += 1) expect(judge(world, batch, measure(world, empty, createGenerator(seed))).failed).toBe(true);
  });
  it('is that of a grown culture too: its own state gives its own product', () => {
    const { state } = grow(world, batch, [], 240);
    const { viability, cd3Positive } = productOf(world, batch, state, 240, 0);
    const [resting, cycling, other, dead] = (['restingCellsMillionPerMl', 'cyclingCellsMillionPerMl', 'otherCellsMillionPerMl', 'deadCellsMillionPerMl'] as const).map((name) => state[STATE[name]] ?? Number.NaN) as [number, number, number, number];
    expect(viability).toBeCloseTo((resting + cycling + other) / (resting + cycling + other + dead), 12);
    expect(cd3Positive).toBeCloseTo((resting + cycling) / (resting + cycling + other), 12);
  });
});

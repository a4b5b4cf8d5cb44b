import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { grow, recordFor } from '../../../models/twin/culture/culture.ts';
import { KINETICS } from '../../../models/twin/culture/kinetics.ts';
import { STATE, STATE_NAMES } from '../../../models/twin/culture/state.ts';
import { drawBatch } from '../../../models/twin/draw/batch.ts';
import { productOf } from '../../../models/twin/outcome/product.ts';
import { runClosed, type Amounts } from './closed.ts';
import { SHIPPED, worldNamed } from './worlds.ts';

const valueOf = (name: keyof typeof KINETICS): number => KINETICS[name].value;
const NO_CELLS = { restingCellsMillionPerMl: 0, cyclingCellsMillionPerMl: 0, deadCellsMillionPerMl: 0, otherCellsMillionPerMl: 0 } as const;
/** Half-way: all cells in cycle, dead ones about, no reagent left. */
const CYCLING = { restingCellsMillionPerMl: 0, cyclingCellsMillionPerMl: 2, deadCellsMillionPerMl: 0.3, otherCellsMillionPerMl: 0.1, stimulusShare: 0, doublings: 2, copies: 0.4 } as const;
/** Cells that nothing kills. */
const DEATHLESS = { deathPerHour: 0, sensitivityFactor: 0, frailtyFactor: 0, otherDeathPerHour: 0 } as const;
const OXYGEN = 80 / (80 + valueOf('oxygenHalfPercentAir'));
const YIELD = valueOf('lactateYieldMolPerMol') + (valueOf('lactateYieldAnoxicMolPerMol') - valueOf('lactateYieldMolPerMol')) * (1 - OXYGEN);
const cellsOf = ({ restingCellsMillionPerMl, cyclingCellsMillionPerMl, deadCellsMillionPerMl, otherCellsMillionPerMl }: Amounts): number => restingCellsMillionPerMl + cyclingCellsMillionPerMl + deadCellsMillionPerMl + otherCellsMillionPerMl;

describe('balances of a culture under constant conditions', () => {
  it('lactate made is the yield times the glucose used, in a closed chamber', () => {
    const { before, after } = runClosed({ state: CYCLING });
    expect(before.glucoseMmolPerL - after.glucoseMmolPerL).toBeGreaterThan(1);
    expect(after.lactateMmolPerL - before.lactateMmolPerL).toBeCloseTo(YIELD * (before.glucoseMmolPerL - after.glucoseMmolPerL), 6);
  });
  it('lactate and the glucose it can come from wash towards those of the feed, whatever the cells do', () => {
    fc.assert(fc.property(fc.double({ min: 1, max: 15, noNaN: true }), fc.double({ min: 5, max: 40, noNaN: true }), fc.double({ min: 0.1, max: 6, noNaN: true }), (flow, feedGlucose, cyclingCells) => {
      const { before, after } = runClosed({ state: { ...CYCLING, cyclingCellsMillionPerMl: cyclingCells }, conditions: { feedMlPerHour: flow, wasteMlPerHour: flow, feedGlucoseMmolPerL: feedGlucose }, hours: 24 });
      const carbon = ({ lactateMmolPerL, glucoseMmolPerL }: Amounts): number => lactateMmolPerL + YIELD * glucoseMmolPerL;
      expect(carbon(after)).toBeCloseTo(YIELD * feedGlucose + (carbon(before) - YIELD * feedGlucose) * Math.exp((-flow / before.volumeMl) * 24), 5);
    }), { numRuns: 20 });
  });
  it('without oxygen every glucose gives two lactates, the most that stoichiometry allows', () => {
    const { before, after } = runClosed({ state: CYCLING, conditions: { oxygenSetPointPercentAir: 1e-9, oxygenHighestPercentAir: 1e-9 } });
    expect((after.lactateMmolPerL - before.lactateMmolPerL) / (before.glucoseMmolPerL - after.glucoseMmolPerL)).toBeCloseTo(2, 5);
  });
  it('glutamine decays to ammonia mole for mole where there are no cells, and never gives more than that where there are', () => {
    const empty = runClosed({ state: NO_CELLS });
    expect(empty.after.glutamineMmolPerL).toBeCloseTo(empty.before.glutamineMmolPerL * Math.exp(-valueOf('glutamineBreakdownPerHour') * 48), 7);
    expect(empty.after.ammoniaMmolPerL).toBeCloseTo(empty.before.glutamineMmolPerL - empty.after.glutamineMmolPerL, 7);
    const { before, after } = runClosed({ state: CYCLING });
    const nitrogen = after.ammoniaMmolPerL / (before.glutamineMmolPerL - after.glutamineMmolPerL);
    expect(nitrogen).toBeGreaterThan(valueOf('ammoniaYieldMolPerMol'));
    expect(nitrogen).toBeLessThan(1);
  });
  it('reagent, IL-2 and vector go as their first-order losses say where there are no cells', () => {
    const flow = 10;
    const { before, after } = runClosed({ state: { ...NO_CELLS, vectorMillionTuPerMl: 1 }, conditions: { feedMlPerHour: flow, wasteMlPerHour: flow, feedInterleukin2IuPerMl: 300 }, hours: 12 });
    const wash = flow / before.volumeMl;
    expect(after.stimulusShare).toBeCloseTo(Math.exp(-12 * (valueOf('stimulusDecayPerHour') + wash)), 7);
    expect(after.vectorMillionTuPerMl).toBeCloseTo(Math.exp(-12 * (valueOf('vectorDecayPerHour') + wash)), 7);
    const [loss, level] = [valueOf('interleukin2DecayPerHour') + wash, (wash * 300) / (valueOf('interleukin2DecayPerHour') + wash)];
    expect(after.interleukin2IuPerMl).toBeCloseTo(level + (before.interleukin2IuPerMl - level) * Math.exp(-12 * loss), 5);
  });
  it('vector goes into cells and decays, and no copy is made but from what went into a cell in cycle, at most one of each', () => {
    fc.assert(fc.property(fc.double({ min: 0, max: 2, noNaN: true }), fc.double({ min: 0.05, max: 2, noNaN: true }), fc.double({ min: 0.3, max: 3, noNaN: true }), (restingCells, cyclingCells, permissiveness) => {
      const { before, after } = runClosed({ state: { ...CYCLING, restingCellsMillionPerMl: restingCells, cyclingCellsMillionPerMl: cyclingCells, vectorMillionTuPerMl: 5, copies: 0 }, conditions: { growthFactor: 0 }, traits: { ...DEATHLESS, permissivenessFactor: permissiveness }, hours: 40 });
      const enters = valueOf('vectorUptakeMlPerHourPerMillion') * permissiveness * (restingCells + cyclingCells);
      const taken = ((before.vectorMillionTuPerMl - after.vectorMillionTuPerMl) * enters) / (enters + valueOf('vectorDecayPerHour'));
      const integrated = after.copies * after.cyclingCellsMillionPerMl;
      expect(integrated).toBeCloseTo((valueOf('integratedCopiesPerTu') * taken * cyclingCells) / (restingCells + cyclingCells), 6);
      expect(integrated).toBeLessThan(taken);
    }), { numRuns: 20 });
  });
  it('a contaminant grows to what the chamber holds, on glucose that becomes acid by its yield', () => {
    const alone = runClosed({ state: { ...NO_CELLS, glucoseMmolPerL: 60 }, conditions: { contaminantPerHour: 1 }, hours: 60 });
    expect(alone.after.contaminantDoublings).toBeGreaterThan(valueOf('contaminantDoublings') - 0.01);
    expect(alone.after.contaminantDoublings).toBeLessThan(valueOf('contaminantDoublings') + 1e-6);
    expect(alone.before.glucoseMmolPerL - alone.after.glucoseMmolPerL).toBeGreaterThan(20);
    expect(alone.after.lactateMmolPerL - alone.before.lactateMmolPerL).toBeCloseTo(valueOf('contaminantAcidMolPerMol') * (alone.before.glucoseMmolPerL - alone.after.glucoseMmolPerL), 6);
  });
  it('a contaminant that nothing feeds does not grow, and one that is washed out faster than it doubles goes back to what came in', () => {
    expect(runClosed({ state: { ...NO_CELLS, glucoseMmolPerL: 0 }, conditions: { contaminantPerHour: 1 } }).after.contaminantDoublings).toBe(0);
    expect(runClosed({ state: { ...NO_CELLS, contaminantDoublings: 3 }, conditions: { contaminantPerHour: 0.1, feedMlPerHour: 30, wasteMlPerHour: 30 } }).after.contaminantDoublings).toBeCloseTo(0, 3);
  });
  it('cells that neither divide nor dissolve are all still there: viable, dead, and what dead cells have lost', () => {
    const { before, after, deadCellHours } = runClosed({ conditions: { growthFactor: 0 }, traits: { otherGrowthPerHour: 0 } });
    expect(after.cyclingCellsMillionPerMl).toBeGreaterThan(0);
    expect(after.deadCellsMillionPerMl).toBeGreaterThan(0);
    expect(cellsOf(after) + valueOf('lysisPerHour') * deadCellHours).toBeCloseTo(cellsOf(before), 8);
  });
  it('cells that do not die are as many as their doublings say', () => {
    const { before, after } = runClosed({ traits: DEATHLESS, state: CYCLING });
    expect(after.doublings - before.doublings).toBeGreaterThan(0.5);
    expect(after.cyclingCellsMillionPerMl / before.cyclingCellsMillionPerMl).toBeCloseTo(2 ** (after.doublings - before.doublings), 6);
  });
  it('division neither makes nor loses copies per cell, and takes memory as its constant says', () => {
    const { before, after } = runClosed({ traits: DEATHLESS, state: CYCLING });
    expect(after.copies).toBeCloseTo(before.copies, 10);
    const lost = Math.log(before.memoryShare / after.memoryShare) / (after.doublings - before.doublings);
    expect(lost).toBeGreaterThan(valueOf('memoryLossPerDoubling'));
    expect(lost).toBeLessThan(valueOf('memoryLossPerDoubling') * (1 + valueOf('memoryLossStressShare')));
  });
  it('cells that become active bring their own state: resting and active together stay as many', () => {
    const { before, after } = runClosed({ traits: DEATHLESS, conditions: { growthFactor: 0 }, hours: 40 });
    expect(after.restingCellsMillionPerMl + after.cyclingCellsMillionPerMl).toBeCloseTo(before.restingCellsMillionPerMl, 8);
    expect(after.memoryShare).toBeCloseTo(before.memoryShare, 8);
  });
  it('cells that become active among others are averaged with them, copy by copy and doubling by doubling', () => {
    const { before, after } = runClosed({ traits: DEATHLESS, state: { restingCellsMillionPerMl: 1, cyclingCellsMillionPerMl: 0.5, copies: 0.8, doublings: 4, memoryShare: 0.3 }, conditions: { growthFactor: 0 }, hours: 40 });
    const kept = before.cyclingCellsMillionPerMl / after.cyclingCellsMillionPerMl;
    expect(kept).toBeLessThan(0.6);
    expect(after.copies).toBeCloseTo(kept * 0.8, 7);
    expect(after.doublings).toBeCloseTo(kept * 4, 7);
    expect(after.memoryShare).toBeCloseTo(kept * 0.3 + (1 - kept) * 0.72, 7);
  });
  it('memory is lost faster, doubling by doubling, where it is harder to live', () => {
    const perDoubling = (oxygenSetPoint: number): number => {
      const { before, after } = runClosed({ traits: DEATHLESS, state: CYCLING, conditions: { oxygenSetPointPercentAir: oxygenSetPoint } });
      return Math.log(before.memoryShare / after.memoryShare) / (after.doublings - before.doublings);
    };
    expect(perDoubling(4)).toBeGreaterThan(1.05 * perDoubling(80));
  });
  it('cells stay in the chamber while medium flows through, dead ones too', () => {
    const { before, after, deadCellHours } = runClosed({ conditions: { growthFactor: 0, feedMlPerHour: 12, wasteMlPerHour: 12 }, traits: { otherGrowthPerHour: 0 } });
    expect(cellsOf(after) + valueOf('lysisPerHour') * deadCellHours).toBeCloseTo(cellsOf(before), 8);
  });
  it('volume is what was there and what flowed in less what flowed out; the cells stay and the medium goes', () => {
    const { before, after, deadCellHours } = runClosed({ conditions: { feedMlPerHour: 9, wasteMlPerHour: 6, growthFactor: 0 }, traits: { ...DEATHLESS, otherGrowthPerHour: 0 }, state: { deadCellsMillionPerMl: 0 }, hours: 30 });
    expect(after.volumeMl).toBeCloseTo(before.volumeMl + 90, 9);
    expect(deadCellHours).toBe(0);
    expect(cellsOf(after) * after.volumeMl).toBeCloseTo(cellsOf(before) * before.volumeMl, 6);
  });
});

describe('any batch of a shipped world', () => {
  /** Copies made of each unit taken up, from the record of a culture alone: what is not decay is uptake, what copies gain beyond newcomers' dilution is integration. */
  const copiesPerUnit = (name: (typeof SHIPPED)[number], index: number): number => {
    const batch = drawBatch(worldNamed(name), 11, index);
    const { before, after } = runClosed({ state: { restingCellsMillionPerMl: 0.4, cyclingCellsMillionPerMl: 0.4, stimulusShare: 0, vectorMillionTuPerMl: worldNamed(name).recipe.vectorDoseMillionTuPerMl, copies: 0 }, traits: { ...batch.donor.traits, ...DEATHLESS }, conditions: { growthFactor: 0 }, hours: 72 });
    const enters = valueOf('vectorUptakeMlPerHourPerMillion') * batch.donor.traits.permissivenessFactor * 0.8;
    return (after.copies * after.cyclingCellsMillionPerMl * (enters + valueOf('vectorDecayPerHour'))) / ((before.vectorMillionTuPerMl - after.vectorMillionTuPerMl) * enters);
  };
  it.each(SHIPPED)('makes at most one copy of a unit of vector that cells take up: %s', (name) => {
    for (let index = 0; index < 50; index += 1) expect(copiesPerUnit(name, index)).toBeLessThanOrEqual(1);
  });
  it.each(SHIPPED)('has in the middle the CAR+ share and the copies of published processes: %s', (name) => {
    const world = worldNamed(name);
    const products = Array.from({ length: 200 }, (_, index) => { const batch = drawBatch(world, 11, index); return productOf(world, batch, grow(world, batch, [], world.recipe.harvestHour).state, world.recipe.harvestHour, 0); });
    const middle = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[100]!;
    expect(middle(products.map(({ carPositive }) => carPositive))).toBeGreaterThan(0.26);
    expect(middle(products.map(({ carPositive }) => carPositive))).toBeLessThan(0.42);
    expect(middle(products.map(({ vectorCopyNumber }) => vectorCopyNumber))).toBeGreaterThan(1);
    expect(middle(products.map(({ vectorCopyNumber }) => vectorCopyNumber))).toBeLessThan(2.6);
  });

  /** Errors of a step are bounded by 1e-5 absolute; nothing falls further below zero than a few of them. */
  const BELOW_ZERO = -1e-4;
  it.each(SHIPPED)('has at no minute a negative amount, a value that is no number or a memory share above one: %s', (name) => {
    const world = worldNamed(name);
    const record = recordFor(240);
    for (let index = 0; index < 60; index += 1) {
      record.values.fill(NaN);
      grow(world, drawBatch(world, 11, index), [], 240, record);
      const lowest = STATE_NAMES.map((_, i) => record.values.subarray(i * record.points, (i + 1) * record.points).reduce((low, value) => (value >= low ? low : value), Infinity));
      STATE_NAMES.forEach((component, i) => { expect(lowest[i], `${component} of batch ${index}`).toBeGreaterThan(BELOW_ZERO); });
      expect(record.values.every(Number.isFinite)).toBe(true);
      const memory = record.values.subarray(STATE.memoryShare * record.points, (STATE.memoryShare + 1) * record.points);
      expect(memory.reduce((high, value) => Math.max(high, value))).toBeLessThan(1.001);
    }
  });
});

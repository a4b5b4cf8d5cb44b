import { describe, expect, it } from 'vitest';
import { drawBatch, type Batch } from '../../../../models/twin/draw/batch.ts';
import { productOf } from '../../../../models/twin/outcome/product.ts';
import { measure } from '../../../../models/twin/outcome/verdict.ts';
import { ATTRIBUTES } from '../../../../models/twin/parameters/catalogue/catalogue.ts';
import { DAILY_SAMPLES } from '../../../../models/twin/parameters/catalogue/samples.ts';
import { attributesOf, releaseResultsOf, samplesOf } from '../../../../models/twin/parameters/results.ts';
import { STATE_SIZE } from '../../../../models/twin/culture/state.ts';
import { createGenerator } from '../../../../models/random/generator.ts';
import { batchWith, HOURS, runOf, world } from './subject.ts';

const batches = Array.from({ length: 400 }, (_, i) => drawBatch(world, 5, i));
const correlation = (attribute: string, of: (batch: Batch) => number): number => {
  const pairs = batches.map((batch) => [attributesOf(world, batch)[attribute] ?? Number.NaN, of(batch)] as const).filter(([value]) => Number.isFinite(value));
  const mean = (at: 0 | 1) => pairs.reduce((sum, pair) => sum + pair[at], 0) / pairs.length;
  const [a, b] = [mean(0), mean(1)];
  const sum = (value: (x: number, y: number) => number) => pairs.reduce((total, [x, y]) => total + value(x - a, y - b), 0);
  return sum((x, y) => x * y) / Math.sqrt(sum((x) => x * x) * sum((_, y) => y * y));
};

describe('attributes', () => {
  it('gives every attribute once, the same for the same batch', () => {
    const [found, again] = [attributesOf(world, batches[3]!), attributesOf(world, drawBatch(world, 5, 3))];
    expect(Object.keys(found)).toEqual(ATTRIBUTES.map(({ name }) => name));
    expect(again).toEqual(found);
  });
  it.each<readonly [string, (batch: Batch) => number, number]>([
    ['Vector/Infectious Titre', ({ lots }) => lots.vectorTitreFactor, 0.5], ['Vector/p24', ({ lots }) => lots.vectorTitreFactor, 0.4], ['Interleukin 2/Activity', ({ lots }) => lots.interleukin2Factor, 0.5], ['Medium/Glucose', ({ lots }) => lots.glucoseFactor, 0.8],
    ['Medium/Growth Promotion', ({ lots }) => lots.growthFactor, 0.4], ['Patient/CD3', ({ donor }) => donor.lymphocytes, 0.7], ['Patient/Lactate Dehydrogenase', ({ donor }) => donor.burden, 0.5], ['Patient/CD3', ({ donor }) => donor.fitness, 0.05], ['Start/Seeded Viable Cells', ({ operator }) => operator.seedingFactor, 0.5], ['Collection/Hours Since', ({ donor }) => donor.sinceCollectionHours, 0.99],
  ])('%s follows what was drawn, with its error', (name, of, atLeast) => {
    const found = correlation(name, of);
    expect(found).toBeGreaterThan(atLeast);
    expect(found).toBeLessThan(name === 'Collection/Hours Since' ? 1 : 0.99);
  });
  it.each(['Vector/Endotoxin', 'Serum/Age', 'Patient/Creatinine', 'Collection/Volume'])('%s says nothing of the patient or the lots', (name) => {
    for (const of of [({ donor }: Batch) => donor.fitness, ({ lots }: Batch) => lots.growthFactor, ({ lots }: Batch) => lots.vectorTitreFactor]) expect(Math.abs(correlation(name, of))).toBeLessThan(0.17);
  });
  it('says exactly whether the patient had bendamustine', () => { for (const batch of batches.slice(0, 60)) expect(attributesOf(world, batch)['Patient/Prior Bendamustine']).toBe(batch.donor.priorBendamustine ? 1 : 0); });
  it('shows no fault: they are drawn after the materials were certified', () => {
    const batch = batches[0]!;
    expect(attributesOf(world, { ...batch, faults: [{ name: 'transduction', onsetHour: 22, activeShare: 0.1, repairHour: 60 }] })).toEqual(attributesOf(world, { ...batch, faults: [] }));
  });
  it('misses few results, and shows shares from 0 to 100', () => {
    const all = batches.flatMap((batch) => Object.entries(attributesOf(world, batch)));
    const missed = all.filter(([, value]) => Number.isNaN(value)).map(([name]) => name);
    expect(missed.length / all.length).toBeLessThan(0.02);
    expect(missed).toContain('Patient/Ferritin');
    expect(missed).not.toContain('Patient/Prior Bendamustine');
    for (const { name, unit } of ATTRIBUTES) if (unit === '%' && !name.includes('Potency') && !name.includes('Promotion')) for (const batch of batches.slice(0, 50)) expect(attributesOf(world, batch)[name] ?? 0, name).not.toBeGreaterThan(100);
  });
});

describe('daily samples', () => {
  const run = runOf(batchWith([]));
  it('are taken at every whole day, with all results', () => {
    const samples = samplesOf(run);
    expect(samples.map(({ hour }) => hour)).toEqual(Array.from({ length: HOURS / 24 }, (_, i) => 24 * (i + 1)));
    for (const { values } of samples) expect(Object.keys(values)).toEqual(DAILY_SAMPLES.map(({ name }) => name));
  });
  it('come from the culture of that hour', () => {
    for (const { hour, values } of samplesOf(run)) {
      const at = (component: number): number => run.record.values[component * run.points + hour * 60] ?? Number.NaN;
      const [glucose, viable] = [values['Sample/Glucose']!, values['Sample/Viable Cells']!];
      if (!Number.isNaN(glucose)) expect(Math.abs(glucose / at(6) - 1)).toBeLessThan(0.12);
      if (!Number.isNaN(viable)) expect(Math.abs(viable / (at(0) + at(1) + at(3)) - 1)).toBeLessThan(0.35);
    }
  });
  it('have no result that is not a number, but for missed ones', () => {
    const all = Array.from({ length: 6 }, (_, i) => runOf(batchWith([], i), [], 97)).flatMap((each) => samplesOf(each).flatMap(({ values }) => Object.values(values)));
    expect(all.filter(Number.isNaN).length / all.length).toBeLessThan(0.04);
    expect(all.filter((value) => !Number.isNaN(value)).every(Number.isFinite)).toBe(true);
  });
  it('are available after the time their method takes', () => {
    const [first] = samplesOf(run);
    expect(first?.availableAtHour['Sample/CAR']).toBe(28);
    expect(first?.availableAtHour['Sample/Vector Copies']).toBe(48);
  });
  it('keep the errors of the early ones whatever happens later', () => {
    const other = runOf(run.batch, [{ type: 'exchange-medium', hour: 80, share: 0.9 }]);
    expect(samplesOf(other).slice(0, 3)).toEqual(samplesOf(run).slice(0, 3));
    expect(samplesOf(other)[5]).not.toEqual(samplesOf(run)[5]);
  });
});

describe('release tests', () => {
  const batch = batchWith([]);
  const { record, points } = runOf(batch);
  const state = Float64Array.from({ length: STATE_SIZE }, (_, i) => record.values[i * points + points - 1] ?? Number.NaN);
  const product = productOf(world, batch, state, HOURS, 0);
  const measured = measure(world, product, createGenerator(4));
  const results = releaseResultsOf({ batch, world, product, measured, hour: HOURS });
  it('repeat what the verdict read, to the digit shown', () => {
    expect(results['Release/Viability']).toBeCloseTo(100 * measured.viability, 0);
    expect(results['Release/CAR Cells']).toBeCloseTo(measured.carPositiveCellsMillion, 0);
    expect(results['Release/Vector Copy Number']).toBeCloseTo(measured.vectorCopyNumber, 1);
    expect(results['Release/Sterility']).toBe(1);
  });
  it('find a contaminant', () => {
    const sick = { ...product, contaminated: true, sampleContaminated: true, contaminantLoadShare: 0.1, endotoxinEuPerMl: 300 };
    const found = releaseResultsOf({ batch, world, product: sick, measured: measure(world, sick, createGenerator(4)), hour: HOURS });
    expect(found['Release/Sterility']).toBe(0);
    expect(found['Release/Endotoxin']).toBeGreaterThan(5);
    expect(results['Release/Endotoxin']).toBeLessThan(1);
  });
  it('are all numbers', () => { for (const [name, value] of Object.entries(results)) expect(Number.isFinite(value), name).toBe(true); });
});

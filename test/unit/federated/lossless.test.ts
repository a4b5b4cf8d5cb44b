import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bootstrapWeights, FeatureDraw } from '../../../models/federated/draws.ts';
import { Cohort } from '../../../models/federated/cohort.ts';
import { advance, beginRun } from '../../../models/federated/run.ts';
import { roundLimit } from '../../../models/federated/plan.ts';
import { predict } from '../../../models/forest/evaluate.ts';
import { codeOf } from '../../support/error-code.ts';
import { fileOf, planOf, rowsOf, runOver, type Table } from '../../support/federated.ts';
import { tables } from '../../support/tables.ts';

const METHODS = [['forest', 1], ['boosting', 0.1]] as const;

describe('training on sums', () => {
  it.each(METHODS)('gives the same model file however rows are spread over 1 to 10 sites, in any order: %s', (method, minimumLeaf) => {
    fc.assert(fc.property(tables, fc.integer({ min: 1, max: 10 }), fc.infiniteStream(fc.nat()), (rows, siteCount, numbers) => {
      const plan = planOf({ method, minimumLeaf });
      const next = (): number => numbers.next().value as number;
      const order = rows.keys.map((_, i) => ({ i, at: next() })).sort((a, b) => a.at - b.at).map(({ i }) => i);
      const sites = Array.from({ length: siteCount }, (): number[] => []);
      for (const i of order) sites[next() % siteCount]!.push(i);
      expect(fileOf(runOver(plan, sites.map((members) => rowsOf(rows, members))))).toBe(fileOf(runOver(plan, [rowsOf(rows)])));
    }), { numRuns: 40 });
  });
  it('takes at most depth + 2 rounds for a forest of any size, and a round for each tree and two when boosting, however deep', () => {
    fc.assert(fc.property(tables, fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 6 }), (rows, treeCount, depth) => {
      expect(runOver(planOf({ treeCount, depth }), [rowsOf(rows)]).round).toBeLessThanOrEqual(depth + 2);
      const boosting = planOf({ method: 'boosting', treeCount, depth, minimumLeaf: 0.1 });
      expect([runOver(boosting, [rowsOf(rows)]).round, roundLimit(boosting)]).toEqual([treeCount + 2, treeCount + 2]);
    }), { numRuns: 30 });
  });
  it('changes with seed, and with one label', () => {
    const rows: Table = { keys: Array.from({ length: 50 }, (_, i) => `k${i}`), values: Array.from({ length: 50 }, (_, i) => [i % 7, (i * 13) % 11, (i * i) % 17]), labels: Array.from({ length: 50 }, (_, i) => ((i % 7) + ((i * i) % 17) > 9 ? 1 : 0)) };
    const file = fileOf(runOver(planOf(), [rowsOf(rows)]));
    expect(fileOf(runOver(planOf({ seed: 8 }), [rowsOf(rows)]))).not.toBe(file);
    expect(fileOf(runOver(planOf(), [rowsOf({ ...rows, labels: rows.labels.map((label, i) => (i === 17 ? 1 - label : label)) })]))).not.toBe(file);
  });
});

describe('draws', () => {
  const keys = Array.from({ length: 400 }, (_, i) => `batch-${i}`);
  const weights = bootstrapWeights(7, keys, 50);
  it('weigh rows as a Poisson variable of mean 1: mean, variance and share of rows left out', () => {
    const mean = weights.reduce((sum, weight) => sum + weight, 0) / weights.length;
    const variance = weights.reduce((sum, weight) => sum + (weight - mean) ** 2, 0) / weights.length;
    expect(mean).toBeCloseTo(1, 1);
    expect(variance).toBeCloseTo(1, 1);
    expect(weights.filter((weight) => weight === 0).length / weights.length).toBeCloseTo(Math.exp(-1), 1);
  });
  it('hang on the key and the seed alone, and differ between rows and between trees', () => {
    const of = (all: Uint8Array, row: number): string => all.subarray(row * 50, row * 50 + 50).join();
    expect(of(bootstrapWeights(7, ['x', 'batch-3'], 50), 1)).toBe(of(weights, 3));
    expect(of(bootstrapWeights(8, keys, 50), 3)).not.toBe(of(weights, 3));
    expect(new Set(keys.map((_, row) => of(weights, row))).size).toBe(keys.length);
    expect(new Set(of(weights, 0).split(',')).size).toBeGreaterThan(1);
  });
  it('choose features by seed, tree and place, each as often as another, and all when there are no more', () => {
    const draw = new FeatureDraw(7, [0, 2, 3, 5, 8], 2);
    const counts = new Map<number, number>();
    for (let tree = 0; tree < 500; tree += 1) for (const feature of draw.of(tree, 3)) counts.set(feature, (counts.get(feature) ?? 0) + 1);
    expect([...counts.keys()].sort((a, b) => a - b)).toEqual([0, 2, 3, 5, 8]);
    for (const count of counts.values()) expect(Math.abs(count - 200)).toBeLessThan(45);
    expect(draw.of(1, 1)).toEqual(draw.of(1, 1));
    expect([...new FeatureDraw(7, [4, 6], 9).of(0, 1)]).toEqual([4, 6]);
  });
});

describe('a model', () => {
  it.each(METHODS)('says a chance, from 0 to 1: %s', (method, minimumLeaf) => {
    fc.assert(fc.property(tables, (rows) => {
      const { forest } = runOver(planOf({ method, minimumLeaf }), [rowsOf(rows)]);
      for (const row of rows.values) expect(predict(forest!, row)).toSatisfy((p: number) => p >= 0 && p <= 1.000001);
    }), { numRuns: 30 });
  });
});

describe('cohorts and plans that can not be used', () => {
  const keys = Array.from({ length: 30 }, (_, i) => `k${i}`);
  const rows: Table = { keys, values: keys.map((_, i) => [i % 3, 2, i % 5 === 0 ? NaN : (i * 7) % 10]), labels: keys.map((_, i) => ((i % 3) + (i % 2) > 1 ? 1 : 0)) };
  it.each([
    ['one label over all sites', { ...rows, labels: keys.map(() => 1) }, 'training-label-one-class'],
    ['a label that is no label', { ...rows, labels: rows.labels.with(7, 2) }, 'training-data-malformed'],
    ['a key twice', { ...rows, keys: keys.with(3, 'k2') }, 'training-data-malformed'],
    ['an infinite value', { ...rows, values: rows.values.with(1, [2, 2, Infinity]) }, 'training-data-malformed'],
    ['features that are all constant', { ...rows, values: keys.map(() => [1, 2, 3]) }, 'training-data-malformed'],
    ['a feature too few', { ...rows, values: keys.map(() => [1, 2]) }, 'training-schema-mismatch'],
  ])('refuses %s', (_, table_, code) => { expect(codeOf(() => runOver(planOf(), [rowsOf(table_)]))).toBe(code); });
  it('refuses sums that contradict each other, sums of another length, and sums after the end', () => {
    const begun = beginRun(planOf());
    const sum = Float64Array.from(new Cohort(planOf(), rowsOf(rows)).answer(begun.question!));
    expect(codeOf(() => advance(begun, sum.with(0, 1e9)))).toBe('training-sum-impossible');
    expect(codeOf(() => advance(begun, sum.subarray(1)))).toBe('training-round-malformed');
    expect(codeOf(() => advance(runOver(planOf(), [rowsOf(rows)]), sum))).toBe('training-round-stale');
  });
  it('names the feature in which a site differs from the plan', () => {
    expect(() => runOver(planOf(), [rowsOf(rows, [0, 1, 2], ['a', 'B', 'c'])])).toThrow('feature 2: got B, want b');
    expect(() => runOver(planOf(), [rowsOf(rows, [0, 1, 2], ['a', 'b', 'c', 'd'])])).toThrow('feature 4: got d, want none');
  });
  it('trains around a feature that is constant over the network, and names it', () => {
    for (const [method, minimumLeaf] of METHODS) expect(runOver(planOf({ method, minimumLeaf, treeCount: 40, featuresPerNode: 1 }), [rowsOf(rows)]).constant).toEqual(['b']);
  });
  it('trains with a site whose rows are all of one label, as it trains on the pool', () => {
    expect(fileOf(runOver(planOf(), [0, 1].map((label) => rowsOf(rows, keys.flatMap((_, i) => (rows.labels[i] === label ? [i] : []))))))).toBe(fileOf(runOver(planOf(), [rowsOf(rows)])));
  });
  it.each([['features', { features: ['a', 'a', 'b'] }], ['features', { features: ['a', 'label', 'b'] }], ['features', { features: ['', 'b', 'c'] }], ['features', { features: [] }], ['seed', { seed: -1 }], ['treeCount', { treeCount: 0 }],
    ['depth', { depth: 13 }], ['binLimit', { binLimit: 255 }], ['featuresPerNode', { featuresPerNode: 4 }], ['minimumLeaf', { minimumLeaf: NaN }], ['learningRate', { learningRate: 0 }], ['regularisation', { regularisation: -1 }], ['rowLimit', { rowLimit: 0.5 }],
  ])('refuses a plan with a wrong %s', (_, change) => { expect(codeOf(() => runOver(planOf(change), [rowsOf(rows)]))).toBe('training-plan-malformed'); });
});

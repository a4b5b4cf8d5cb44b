import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bootstrapWeights, FeatureDraw } from '../../../models/federated/draws.ts';
import { countCoarse } from '../../../models/federated/bins.ts';
import { advance, beginRun } from '../../../models/federated/run.ts';
import { roundLimit } from '../../../models/federated/plan.ts';
import { predict } from '../../../models/forest/evaluate.ts';
import { leafOf, type Tree } from '../../../models/forest/tree.ts';
import { codeOf } from '../../support/error-code.ts';
import { fileOf, planOf, rowsOf, runOver, type Table } from '../../support/federated.ts';

const value = fc.oneof({ weight: 4, arbitrary: fc.integer({ min: -6, max: 6 }) }, { weight: 2, arbitrary: fc.double({ min: -1e6, max: 1e6, noNaN: true }).map(Math.fround) }, { weight: 1, arbitrary: fc.constant(NaN) });
/** Any rows of three features, with both labels among them, and a feature that varies. */
const table: fc.Arbitrary<Table> = fc.array(fc.tuple(value, value, value, fc.nat(1)), { minLength: 4, maxLength: 60 }).map((rows) => ({
  keys: rows.map((_, i) => `batch-${i}`), values: rows.map(([a, b, c], i) => [i === 0 ? 3 : i === 1 ? -3 : a, b, c]), labels: rows.map(([, , , label], i) => (i < 2 ? i : label)),
}));
const method = fc.constantFrom('forest' as const, 'boosting' as const);

describe('training on sums', () => {
  it('gives the same model file however rows are spread over 1 to 10 sites, in any order', () => {
    fc.assert(fc.property(table, method, fc.integer({ min: 1, max: 10 }), fc.infiniteStream(fc.nat()), (rows, how, siteCount, numbers) => {
      const plan = planOf({ method: how, minimumLeaf: how === 'forest' ? 1 : 0.1 });
      const next = (): number => numbers.next().value as number;
      const order = rows.keys.map((_, i) => ({ i, at: next() })).sort((a, b) => a.at - b.at).map(({ i }) => i);
      const sites = Array.from({ length: siteCount }, (): number[] => []);
      for (const i of order) sites[next() % siteCount]!.push(i);
      expect(fileOf(runOver(plan, sites.map((members) => rowsOf(rows, members))))).toBe(fileOf(runOver(plan, [rowsOf(rows)])));
    }), { numRuns: 80 });
  });
  it('takes at most depth + 2 rounds for a forest of any size, and depth rounds a tree when boosting', () => {
    fc.assert(fc.property(table, fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 6 }), (rows, treeCount, depth) => {
      expect(runOver(planOf({ treeCount, depth }), [rowsOf(rows)]).round).toBeLessThanOrEqual(depth + 2);
      const boosting = planOf({ method: 'boosting', treeCount: Math.min(treeCount, 5), depth, minimumLeaf: 0.1 });
      expect(runOver(boosting, [rowsOf(rows)]).round).toBeLessThanOrEqual(roundLimit(boosting));
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

/** The gain a split of weighted rows has, from its definition. */
const purity = (rows: readonly number[], weightOf: (row: number) => number, labels: readonly number[]): number => {
  const weight = rows.reduce((sum, row) => sum + weightOf(row), 0);
  const ones = rows.reduce((sum, row) => sum + weightOf(row) * labels[row]!, 0);
  return weight === 0 ? 0 : (ones ** 2 + (weight - ones) ** 2) / weight;
};
const memberships = (tree: Tree, rows: Table): ReadonlyMap<number, readonly number[]> => {
  const members = new Map<number, number[]>();
  const add = (node: number, row: number): void => { members.set(node, [...(members.get(node) ?? []), row]); };
  rows.values.forEach((row, i) => {
    const leaf = leafOf(tree, row);
    for (let node = leaf; node < tree.parent.length; node = tree.parent[node]!) add(node, i);
  });
  return members;
};

/** The most any threshold of any feature gains, missing values on either side. */
const bestGain = (rows: Table, members: readonly number[], weightOf: (row: number) => number): number => {
  const cuts = Array.from({ length: 22 }, (_, i) => -4.5 + i / 2).flatMap((cut) => [0, 1].flatMap((feature) => [false, true].map((missingLeft) => ({ cut, feature, missingLeft }))));
  return Math.max(0, ...cuts.map(({ cut, feature, missingLeft }) => {
    const isLeft = (row: number): boolean => { const x = rows.values[row]![feature]!; return Number.isNaN(x) ? missingLeft : x < cut; };
    const [left, right] = [members.filter(isLeft), members.filter((row) => !isLeft(row))];
    if ([left, right].some((side) => side.every((row) => weightOf(row) === 0))) return 0;
    return purity(left, weightOf, rows.labels) + purity(right, weightOf, rows.labels) - purity(members, weightOf, rows.labels);
  }));
};

describe('trees', () => {
  it('split best of all thresholds between values, and hold the rows they say, by a naive count over rows', () => {
    fc.assert(fc.property(fc.array(fc.tuple(fc.integer({ min: -4, max: 4 }), fc.oneof(fc.constant(NaN), fc.integer({ min: 0, max: 5 })), fc.nat(1)), { minLength: 6, maxLength: 30 }), (drawn) => {
      const rows: Table = { keys: drawn.map((_, i) => `k${i}`), values: drawn.map(([a, b], i) => [i < 2 ? i : a, b]), labels: drawn.map(([, , label], i) => (i < 2 ? i : label)) };
      const plan = planOf({ features: ['a', 'b'], featuresPerNode: 2, treeCount: 3, depth: 3 });
      const { forest } = runOver(plan, [rowsOf(rows)]);
      const weights = bootstrapWeights(plan.seed, rows.keys, plan.treeCount);
      forest!.trees.forEach((tree, t) => {
        const weightOf = (row: number): number => weights[row * plan.treeCount + t]!;
        for (const [node, members] of memberships(tree, rows)) {
          const weight = members.reduce((sum, row) => sum + weightOf(row), 0);
          expect(tree.cover[node]).toBe(weight);
          if (tree.left[node]! < 0) { if (weight > 0) expect(tree.condition[node]).toBeCloseTo(members.reduce((sum, row) => sum + weightOf(row) * rows.labels[row]!, 0) / weight / plan.treeCount, 6); continue; }
          expect(tree.gain[node]).toBeCloseTo(bestGain(rows, members, weightOf), 4);
        }
      });
    }), { numRuns: 60 });
  });
  it('predict the share of label 1, from 0 to 1', () => {
    fc.assert(fc.property(table, (rows) => {
      const { forest } = runOver(planOf(), [rowsOf(rows)]);
      for (const row of rows.values) expect(predict(forest!, row)).toSatisfy((p: number) => p >= 0 && p <= 1.000001);
    }), { numRuns: 30 });
  });
});

describe('cohorts and plans that can not be used', () => {
  const rows: Table = { keys: ['x', 'y', 'z'], values: [[1, 2, 3], [2, 2, NaN], [3, 2, 1]], labels: [0, 1, 0] };
  it.each([
    ['one label over all sites', { ...rows, labels: [1, 1, 1] }, 'training-label-one-class'],
    ['a label that is no label', { ...rows, labels: [0, 1, 2] }, 'training-data-malformed'],
    ['a key twice', { ...rows, keys: ['x', 'y', 'x'] }, 'training-data-malformed'],
    ['an infinite value', { ...rows, values: [[1, 2, 3], [2, 2, Infinity], [3, 2, 1]] }, 'training-data-malformed'],
    ['features that are all constant', { ...rows, values: [[1, 2, 3], [1, 2, 3], [1, 2, 3]] }, 'training-data-malformed'],
    ['a feature too few', { ...rows, values: [[1, 2], [2, 2], [3, 2]] }, 'training-schema-mismatch'],
  ])('refuses %s', (_, table_, code) => { expect(codeOf(() => runOver(planOf(), [rowsOf(table_)]))).toBe(code); });
  it('refuses sums that contradict each other, sums of another length, and sums after the end', () => {
    const begun = beginRun(planOf());
    const sum = countCoarse(rowsOf(rows));
    expect(codeOf(() => advance(begun, sum.with(0, 5)))).toBe('training-sum-impossible');
    expect(codeOf(() => advance(begun, sum.subarray(1)))).toBe('training-round-malformed');
    expect(codeOf(() => advance(runOver(planOf(), [rowsOf(rows)]), sum))).toBe('training-round-stale');
  });
  it('names the feature in which a site differs from the plan', () => {
    expect(() => runOver(planOf(), [rowsOf(rows, [0, 1, 2], ['a', 'B', 'c'])])).toThrow('feature 2: got B, want b');
    expect(() => runOver(planOf(), [rowsOf(rows, [0, 1, 2], ['a', 'b', 'c', 'd'])])).toThrow('feature 4: got d, want none');
  });
  it('trains around a feature that is constant over the network, and names it', () => {
    const run = runOver(planOf(), [rowsOf(rows)]);
    expect(run.constant).toEqual(['b']);
    expect(run.forest!.trees.flatMap(({ left, feature }) => feature.filter((__, i) => left[i]! >= 0))).not.toContain(1);
  });
  it('trains with a site whose rows are all of one label, as it trains on the pool', () => {
    expect(fileOf(runOver(planOf(), [rowsOf(rows, [0, 2]), rowsOf(rows, [1])]))).toBe(fileOf(runOver(planOf(), [rowsOf(rows)])));
  });
  it.each([['features', { features: ['a', 'a', 'b'] }], ['features', { features: ['a', 'label', 'b'] }], ['features', { features: ['', 'b', 'c'] }], ['features', { features: [] }], ['seed', { seed: -1 }], ['treeCount', { treeCount: 0 }],
    ['depth', { depth: 13 }], ['binLimit', { binLimit: 255 }], ['featuresPerNode', { featuresPerNode: 4 }], ['minimumLeaf', { minimumLeaf: NaN }], ['learningRate', { learningRate: 0 }], ['regularisation', { regularisation: -1 }], ['rowLimit', { rowLimit: 0.5 }],
  ])('refuses a plan with a wrong %s', (_, change) => { expect(codeOf(() => runOver(planOf(change), [rowsOf(rows)]))).toBe('training-plan-malformed'); });
});

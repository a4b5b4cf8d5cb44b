import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { spend, spentMicroEpsilon, type Budget } from '../../../models/federated/private/budget.ts';
import { countPrivately, privateForest, randomTree, type PrivatePlan } from '../../../models/federated/private/forest.ts';
import { discreteLaplace, SecretStream } from '../../../models/federated/private/noise.ts';
import { predict } from '../../../models/forest/evaluate.ts';
import { parseXgboostJson, writeXgboostJson } from '../../../models/forest/xgboost-json.ts';
import { aucOf } from '../../../models/twin/trial/discrimination.ts';
import { codeOf } from '../../support/error-code.ts';
import { rowsOf, type Table } from '../../support/federated.ts';

const plan = (change: Partial<PrivatePlan> = {}): PrivatePlan => ({ features: [{ name: 'a', low: 0, high: 10 }, { name: 'b', low: -1, high: 1 }], label: 'y', seed: 3, treeCount: 4, depth: 3, microEpsilon: 1_000_000, ...change });
const table: Table = {
  keys: Array.from({ length: 900 }, (_, i) => `k${i}`), values: Array.from({ length: 900 }, (_, i) => [(i * 7) % 11, i % 50 === 0 ? NaN : ((i * 13) % 21) / 10 - 1]),
  labels: Array.from({ length: 900 }, (_, i) => ((i * 7) % 11 > 5 ? 1 : 0)),
};
const rows = rowsOf(table, undefined, ['a', 'b']);
const key = (n: number): Uint8Array => Buffer.alloc(32, n);

describe('noise', () => {
  it.each([[1, 1], [1, 2], [3, 2], [1, 10]])('follows the discrete Laplace distribution, ε = %i/%i', (numerator, denominator) => {
    const epsilon = numerator / denominator;
    const stream = new SecretStream(key(7));
    const draws = Array.from({ length: 20_000 }, () => discreteLaplace(stream, { numerator, denominator }));
    const share = Math.exp(-epsilon);
    const chance = (z: number): number => ((1 - share) / (1 + share)) * share ** Math.abs(z);
    let chi = 0;
    for (let z = -3; z <= 3; z += 1) {
      const expected = draws.length * chance(z);
      chi += (draws.filter((draw) => draw === z).length - expected) ** 2 / expected;
    }
    // Seven cells, 7 degrees of freedom at most: P(chi > 30) < 1e-4.
    expect(chi).toBeLessThan(30);
  });
  it('differs between sites, and repeats for a key', () => {
    expect(countPrivately(plan(), rows, key(1))).toEqual(countPrivately(plan(), rows, key(1)));
    expect(countPrivately(plan(), rows, key(1))).not.toEqual(countPrivately(plan(), rows, key(2)));
  });
});

describe('private forest', () => {
  it('has splits that do not depend on any row', () => { expect(randomTree(plan(), 0)).toEqual(randomTree(plan(), 0)); });
  it('lets one row change one count by one, before noise', () => {
    fc.assert(fc.property(fc.nat(899), (gone) => {
      const fewer = rowsOf(table, table.keys.flatMap((_, i) => (i === gone ? [] : [i])), ['a', 'b']);
      const difference = countPrivately(plan(), rows, key(1)).map((count, i) => count - countPrivately(plan(), fewer, key(1))[i]!);
      expect(difference.filter((each) => each !== 0)).toEqual(Int32Array.of(1));
    }), { numRuns: 10 });
  });
  it('still tells labels apart at ε = 2 from three sites, and comes back whole from its file', () => {
    const own = plan({ treeCount: 10, microEpsilon: 2_000_000 });
    const sites = [0, 1, 2].map((site) => countPrivately(own, rowsOf(table, table.keys.flatMap((_, i) => (i % 3 === site ? [i] : [])), ['a', 'b']), key(site + 1)));
    const forest = parseXgboostJson(writeXgboostJson(privateForest(own, sites[0]!.map((count, i) => count + sites[1]![i]! + sites[2]![i]!))));
    const scores = table.values.map((row) => predict(forest, row));
    expect(scores.every((score) => score > 0 && score < 1)).toBe(true);
    expect(aucOf(scores, table.labels.map((label) => label === 1))).toBeGreaterThan(0.8);
  });
  it('takes noise of any size without overflow', () => {
    for (const count of countPrivately(plan({ microEpsilon: 1 }), rows, key(3))) expect(Math.abs(count)).toBeLessThanOrEqual(2 ** 23);
  });
  it.each([[{ features: [] }], [{ features: [{ name: 'a', low: 1, high: 1 }] }], [{ treeCount: 0 }], [{ depth: 9 }], [{ microEpsilon: 0 }]])('refuses %j', (change) => {
    expect(codeOf(() => countPrivately(plan(change), rows, key(1)))).toBe('training-plan-malformed');
  });
  it('refuses a sum of another length', () => { expect(codeOf(() => privateForest(plan(), [1]))).toBe('training-round-malformed'); });
});

describe('privacy budget', () => {
  const budget: Budget = { limitMicroEpsilon: 2_000_000, spent: [] };
  it('is never overspent', () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: 1, max: 900_000 }), { maxLength: 20 }), (losses) => {
      let own = budget;
      losses.forEach((loss, i) => {
        const fits = spentMicroEpsilon(own) + loss <= budget.limitMicroEpsilon;
        expect(codeOf(() => { own = spend(own, `run-${i}`, loss); })).toBe(fits ? undefined : 'training-budget-spent');
        expect(spentMicroEpsilon(own)).toBeLessThanOrEqual(budget.limitMicroEpsilon);
      });
    }));
  });
  it('books a run once, and nothing that is no loss', () => {
    expect(codeOf(() => spend(spend(budget, 'r', 1), 'r', 1))).toBe('training-budget-spent');
    expect(codeOf(() => spend(budget, 'r', 0))).toBe('training-plan-malformed');
    expect(codeOf(() => spend(budget, 'r', 0.5))).toBe('training-plan-malformed');
  });
});

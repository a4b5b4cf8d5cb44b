import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boost } from '../../../models/forest/boost.ts';
import { predict } from '../../../models/forest/evaluate.ts';
import { TreeShap } from '../../../models/forest/shap.ts';
import { goesLeft, type Forest, type Tree } from '../../../models/forest/tree.ts';
import { writeXgboostJson } from '../../../models/forest/xgboost-json.ts';
import { hasXgboost, stockXgboost, XGBOOST_NOTICE } from '../../support/xgboost.ts';

const FEATURES = ['a', 'b', 'c', 'd'];
const rows = Array.from({ length: 80 }, (_, i) => [i % 7, i % 3 === 0 ? NaN : Math.fround(i / 10), (i * 13) % 11, i % 5 === 0 ? NaN : (i * i) % 17]);
const labels = rows.map(([a, b, c], i) => ((a ?? 0) > 3 !== (c ?? 0) < 5 || Number.isNaN(b) || i % 9 === 0 ? 1 : 0));
const forest = boost(rows, labels, FEATURES, { treeCount: 12, depth: 5, learningRate: 0.3, minimumCover: 0.2, regularisation: 1 });

/** Expected value of a tree when only the features in `known` are: both ways weighed by cover where one is not. */
const expectedWith = (tree: Tree, row: readonly number[], known: number, node = 0): number => {
  const [left, right] = [tree.left[node]!, tree.right[node]!];
  if (left < 0) return tree.condition[node]!;
  if ((known & (1 << tree.feature[node]!)) !== 0) return expectedWith(tree, row, known, goesLeft(tree, node, row) ? left : right);
  return (tree.cover[left]! * expectedWith(tree, row, known, left) + tree.cover[right]! * expectedWith(tree, row, known, right)) / tree.cover[node]!;
};
const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1));
/** Shapley's formula over all subsets. @see Shapley 1953 */
const bruteForce = ({ trees, featureNames }: Forest, row: readonly number[]): readonly number[] => featureNames.map((_, feature) => {
  const count = featureNames.length;
  let sum = 0;
  for (let known = 0; known < 2 ** count; known += 1) {
    if ((known & (1 << feature)) !== 0) continue;
    const size = Array.from({ length: count }, (__, i) => (known >> i) & 1).reduce((a, b) => a + b, 0);
    const gained = trees.reduce((total, tree) => total + expectedWith(tree, row, known | (1 << feature)) - expectedWith(tree, row, known), 0);
    sum += (factorial(size) * factorial(count - size - 1) / factorial(count)) * gained;
  }
  return sum;
});

describe('tree SHAP', () => {
  const shap = new TreeShap(forest);
  /** Thresholds themselves, so that equal values are tried. */
  const thresholds = forest.trees.flatMap(({ condition, left }) => condition.filter((_, i) => left[i]! >= 0));
  const anyRow = fc.array(fc.oneof(fc.constant(NaN), fc.constantFrom(...thresholds), fc.integer({ min: -2, max: 20 })), { minLength: 4, maxLength: 4 });

  it('equals Shapley\'s formula over all subsets, missing values and ties included', () => {
    fc.assert(fc.property(anyRow, (row) => {
      const { contributions } = shap.explain(row);
      bruteForce(forest, row).forEach((value, feature) => { expect(contributions[feature]).toBeCloseTo(value, 9); });
    }), { numRuns: 60 });
  });
  it('adds up to the margin of the prediction', () => {
    fc.assert(fc.property(anyRow, (row) => {
      const { expected, contributions } = shap.explain(row);
      const margin = contributions.reduce((sum, value) => sum + value, expected);
      expect(1 / (1 + Math.exp(-margin))).toBeCloseTo(predict(forest, row), 5);
    }));
  });
  it('gives nothing to features of a tree that is one leaf, and refuses a row of another length', () => {
    const leaf: Tree = { left: [-1], right: [-1], feature: [0], condition: [0.25], defaultLeft: [false], cover: [4], gain: [0], parent: [2_147_483_647] };
    const one = new TreeShap({ objective: 'reg:squarederror', baseScore: 0, featureNames: FEATURES, trees: [leaf] });
    expect(one.explain([1, 2, 3, 4])).toEqual({ expected: 0.25, contributions: new Float64Array(4) });
    expect(() => one.explain([1])).toThrow(RangeError);
  });
  it('does not fail where a split has no cover at all', () => {
    const empty: Tree = { left: [1, -1, -1], right: [2, -1, -1], feature: [0, 0, 0], condition: [1, 2, 3], defaultLeft: [true, false, false], cover: [0, 0, 0], gain: [0, 0, 0], parent: [2_147_483_647, 0, 0] };
    const { expected, contributions } = new TreeShap({ objective: 'reg:squarederror', baseScore: 0, featureNames: FEATURES, trees: [empty] }).explain([0, 0, 0, 0]);
    expect([expected, ...contributions].every(Number.isFinite)).toBe(true);
  });
  it.skipIf(!hasXgboost)(`equals stock XGBoost within 1e-5, missing values and ties included (${XGBOOST_NOTICE})`, () => {
    const all = [...rows, ...fc.sample(anyRow, { numRuns: 200, seed: 1 })];
    const { predictions, contributions } = stockXgboost(writeXgboostJson(forest), all);
    all.forEach((row, i) => {
      const ours = shap.explain(row);
      expect(Math.abs(predict(forest, row) - predictions[i]!)).toBeLessThan(1e-6);
      [...ours.contributions, ours.expected].forEach((value, feature) => { expect(Math.abs(value - contributions[i]![feature]!)).toBeLessThan(1e-5); });
    });
  });
});

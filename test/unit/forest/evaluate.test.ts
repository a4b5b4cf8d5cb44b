import { describe, expect, it } from 'vitest';
import { predict } from '../../../models/forest/evaluate.ts';
import { TreeShap } from '../../../models/forest/shap.ts';
import type { Forest, Tree } from '../../../models/forest/tree.ts';

const LEAF = { left: [-1], right: [-1], feature: [0], defaultLeft: [false], cover: [4], gain: [0], parent: [2_147_483_647] };
const leaf = (value: number): Tree => ({ ...LEAF, condition: [value] });
/** Left of the threshold 1, else 2. */
const split = (threshold: number): Tree => ({ left: [1, -1, -1], right: [2, -1, -1], feature: [0, 0, 0], condition: [Math.fround(threshold), 1, 2], defaultLeft: [true, false, false], cover: [4, 2, 2], gain: [1, 0, 0], parent: [2_147_483_647, 0, 0] });
const forest = (...trees: readonly Tree[]): Forest => ({ objective: 'reg:squarederror', baseScore: 0, featureNames: ['a'], trees });

describe('a forest in float32, as XGBoost has it', () => {
  it('adds one leaf after the other, each sum rounded: what is too small for the sum so far is lost', () => {
    expect([predict(forest(leaf(1e8), leaf(1), leaf(-1e8)), [0]), predict(forest(leaf(1e8), leaf(-1e8), leaf(1)), [0])]).toEqual([0, 1]);
  });
  it('holds values against thresholds as float32: one that is equal in it goes right, whatever its further digits', () => {
    const just = Math.fround(0.1);
    expect([0.1, just, just - 1e-12, just - 1e-7].map((value) => predict(forest(split(0.1)), [value]))).toEqual([2, 2, 2, 1]);
  });
  it('explains by the same side of a threshold', () => {
    const { expected, contributions } = new TreeShap(forest(split(0.1))).explain([0.1]);
    expect(expected + (contributions[0] ?? 0)).toBeCloseTo(2, 12);
  });
});

import { describe, expect, it } from 'vitest';
import { FeatureDraw } from '../../../models/federated/draws.ts';
import { foresightOf } from '../../../models/federated/foresight.ts';
import { aboveOf, growingOf, placeOf, rangesTo, type Growing } from '../../../models/federated/growing.ts';
import type { Profile } from '../../../models/federated/profile.ts';
import { planOf } from '../../support/federated.ts';

/** Two features of four bins each, and the second may be missing. */
const BINS = [{ edges: [1, 2, 3], isMissing: false }, { edges: [1, 2, 3], isMissing: true }];
const TREES = 400;
const plan = planOf({ features: ['a', 'b'], treeCount: TREES, depth: 2, featuresPerNode: 2 });
/** Rows and rows of label 1 by bin: label 1 lies above for `a`, less so for `b`. */
const PROFILE: Profile = Float64Array.of(50, 5, 50, 5, 50, 45, 50, 45, 45, 20, 45, 20, 45, 25, 45, 25, 20, 10);
const RIGHT = 3;

/** Every tree split on `a` at bin 2, with so many rows on the right. */
const grown = (rows: number, ones: number): Growing => {
  const growing = growingOf(plan);
  for (let tree = 0; tree < TREES; tree += 1) {
    growing.feature[tree * growing.slots + 1] = 0;
    growing.splitBin[tree * growing.slots + 1] = 2;
    growing.first[tree * growing.slots + RIGHT] = rows;
    growing.second[tree * growing.slots + RIGHT] = ones;
  }
  return growing;
};
const foreseen = (profile: Profile, candidates: readonly number[], place: number, growing = grown(100, 50)) => {
  const foresee = foresightOf(plan, BINS, profile, growing, new FeatureDraw(plan.seed, candidates, candidates.length));
  for (let tree = 0; tree < TREES; tree += 1) { growing.first[tree * growing.slots + 1] = 200; growing.second[tree * growing.slots + 1] = 100; }
  return Array.from({ length: TREES }, (_, tree) => foresee(tree * growing.slots + place));
};

describe('what the way to a place leaves', () => {
  it('is the bins on its side, and missing values where they went', () => {
    const growing = growingOf(plan);
    growing.feature[1] = 1;
    growing.splitBin[1] = 2;
    growing.defaultLeft[1] = 1;
    growing.feature[3] = 1;
    growing.splitBin[3] = 3;
    expect([2, 3, 6, 7].map((place) => rangesTo(growing, place, BINS).get(1))).toEqual([
      { low: 0, high: 2, mayBeMissing: true }, { low: 2, high: 4, mayBeMissing: false }, { low: 2, high: 3, mayBeMissing: false }, { low: 3, high: 4, mayBeMissing: false },
    ]);
    expect(rangesTo(growing, 1, BINS).size).toBe(0);
    for (const bin of [0, 1, 2, 3, 4]) {
      const place = placeOf(growing, 0, Uint8Array.of(0, bin), 0, Int32Array.of(-1, 4));
      const { low, high, mayBeMissing } = rangesTo(growing, place, BINS).get(1)!;
      expect(bin === 4 ? mayBeMissing : bin >= low && bin < high).toBe(true);
    }
    expect([2, 3, 6, 7].map((place) => aboveOf(growing.slots, growing.slots + place) - growing.slots)).toEqual([1, 1, 3, 3]);
  });
});

describe('foresight', () => {
  it('cuts where the labels part, as the rows lie over all', () => {
    const cuts = foreseen(PROFILE, [0], 1).map((split) => split!.splitBin);
    expect(cuts.filter((cut) => cut === 2).length).toBeGreaterThan(0.9 * TREES);
  });
  it('takes the better feature more often, and not always', () => {
    const often = foreseen(PROFILE, [0, 1], 1).filter((split) => split!.feature === 0).length / TREES;
    expect(often).toBeGreaterThan(0.6);
    expect(often).toBeLessThan(1);
  });
  it('sees in a node what its own rows make of it: of two bins that are left, no other cut than the one between them', () => {
    for (const split of foreseen(PROFILE, [0], RIGHT)) if (split !== undefined) expect(split.splitBin).toBe(3);
  });
  it('says nothing of a feature of which no row is expected anywhere', () => {
    expect(foreseen(new Float64Array(PROFILE.length), [0, 1], 1).filter((split) => split !== undefined)).toEqual([]);
  });
  it('is the same again', () => { expect(foreseen(PROFILE, [0, 1], 1)).toEqual(foreseen(PROFILE, [0, 1], 1)); });
});

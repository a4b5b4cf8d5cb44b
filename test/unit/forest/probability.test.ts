import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scorerOf } from '../../../functions/model-evaluation-api/scorer.ts';
import { agreedProbability } from '../../../functions/prediction/answer.ts';
import { probabilityOf } from '../../../functions/prediction/endpoint-row.ts';
import { predict } from '../../../models/forest/evaluate.ts';
import { probabilityFor, probabilityFrom, ROUNDING } from '../../../models/forest/probability.ts';
import type { Forest } from '../../../models/forest/tree.ts';
import { writeXgboostJson } from '../../../models/forest/xgboost-json.ts';
import { codeOf } from '../../support/error-code.ts';

/** A mean-probability forest whose trees each say one share, whatever they are asked. */
const saying = (shares: readonly number[], baseScore = 0): Forest => ({
  objective: 'reg:squarederror', baseScore, featureNames: ['a'],
  trees: shares.map((share) => ({ left: [-1], right: [-1], feature: [0], condition: [Math.fround(share / shares.length)], defaultLeft: [false], cover: [1], gain: [0], parent: [2_147_483_647] })),
});
const sure = (trees: number): Forest => saying(new Array<number>(trees).fill(1));
/** The four ways a probability is come by: of the file, of the endpoint's answer, of both agreed, and in the test. */
const ways = (forest: Forest): readonly number[] => {
  const answered = String(predict(forest, [0]));
  return [probabilityFor(forest, [0]), probabilityOf(answered), agreedProbability(forest, [0], probabilityOf(answered)), scorerOf(writeXgboostJson(forest)).score([0]) ?? Number.NaN];
};

describe('the probability of a forest', () => {
  it.each([10, 20, 30, 90, 482, 1999])('is 1 where %i trees are sure, though float32 makes more of their sum, as the endpoint does', (trees) => {
    const forest = sure(trees);
    if (trees < 1999) expect(predict(forest, [0])).toBeGreaterThan(1);
    expect(new Set(ways(forest)).size).toBe(1);
    expect(probabilityFor(forest, [0])).toBeCloseTo(1, 4);
    expect(probabilityFor(forest, [0])).toBeLessThanOrEqual(1);
  });
  it('is 0 where rounding takes a sum below it', () => {
    const forest = saying([-1, -1, -1, -1, -1, -1, -1, -1, -1, -1], 1);
    expect(predict(forest, [0])).toBeLessThan(0);
    expect(ways(forest)).toEqual([0, 0, 0, 0]);
  });
  it('is one from 0 to 1 for any shares, the same whoever asks, and what the forest says but for rounding', () => {
    fc.assert(fc.property(fc.array(fc.oneof(fc.constant(1), fc.double({ min: 0, max: 1, noNaN: true })), { minLength: 1, maxLength: 300 }), (shares) => {
      const [forest, said] = [saying(shares), predict(saying(shares), [0])];
      const [own = Number.NaN, ...others] = ways(forest);
      expect(own >= 0 && own <= 1).toBe(true);
      expect(others).toEqual([own, own, own]);
      if (said >= 0 && said <= 1) expect(own).toBe(said);
      else expect(Math.abs(own - said)).toBeLessThan(ROUNDING);
    }), { numRuns: 60 });
  });
  it('of 10,000 trees is not taken for more than rounding', () => { expect(Math.abs(predict(sure(10_000), [0]) - 1)).toBeLessThan(ROUNDING); });
  it.each([1.4, 1 + 2 * ROUNDING, -0.1, Infinity, Number.NaN])('is none of %d: neither in use nor in the test', (sum) => {
    expect(codeOf(() => probabilityFrom(sum))).toBe('model-malformed');
    if (!Number.isFinite(sum)) return;
    const forest = saying([sum]);
    expect([codeOf(() => agreedProbability(forest, [0], sum)), codeOf(() => scorerOf(writeXgboostJson(forest)).score([0]))]).toEqual(['model-malformed', 'model-malformed']);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bestSplit, criterionOf } from '../../../models/federated/split.ts';
import { planOf } from '../../support/federated.ts';

/** Both sums of each bin, many of them empty, as in a node of few rows; the last bin is that of missing values. */
const cells = fc.array(fc.oneof(fc.constant([0, 0] as const), fc.tuple(fc.integer({ min: -40, max: 40 }), fc.integer({ min: 1, max: 30 }))), { minLength: 2, maxLength: 30 });

describe('the best split of a feature', () => {
  it('is the first of those that gain most, by a look at every threshold', () => {
    fc.assert(fc.property(cells, fc.constantFrom(0.5, 5, 20), fc.constantFrom(0, 1), (drawn, minimumLeaf, regularisation) => {
      const plan = planOf({ method: 'boosting', minimumLeaf, regularisation });
      const bins = { edges: drawn.slice(2).map((_, i) => i), isMissing: true };
      const sumOf = (part: readonly (readonly [number, number])[]): readonly [number, number] => [part.reduce((sum, [first]) => sum + first, 0), part.reduce((sum, [, second]) => sum + second, 0)];
      const { score } = criterionOf(plan);
      const thresholds = bins.edges.flatMap((_, edge) => {
        const [left, right] = [sumOf(drawn.slice(0, edge + 1)), sumOf(drawn.slice(edge + 1))];
        return left[1] < minimumLeaf || right[1] < minimumLeaf ? [] : [{ splitBin: edge + 1, defaultLeft: left[1] >= right[1], gain: score(...left) + score(...right) - score(...sumOf(drawn)) }];
      });
      const most = Math.max(...thresholds.map(({ gain }) => gain));
      const wanted = most > 1e-9 ? thresholds.find(({ gain }) => gain === most) : undefined;
      expect(bestSplit(drawn.flat(), 3, bins, criterionOf(plan))).toEqual(wanted && { feature: 3, ...wanted });
    }));
  });
});

import { describe, expect, it } from 'vitest';
import type { Forest } from '../../../models/forest/tree.ts';
import { resultsOf, tableOfResults } from '../../../scripts/federated/test-report.ts';

/** Its one input is the score, as one split sees it: below 0.5, or not. */
const FOREST: Forest = {
  objective: 'reg:squarederror', baseScore: 0, featureNames: ['x'],
  trees: [{ left: [1, -1, -1], right: [2, -1, -1], feature: [0, 0, 0], condition: [0.5, 0.1, 0.9], defaultLeft: [true, false, false], cover: [2, 1, 1], gain: [1, 0, 0], parent: [-1, 0, 0] }],
};
const site = (name: string, values: readonly number[], labels: readonly number[]) => ({ name, rows: { features: ['x'], keys: values.map((_, i) => `${name}-${i}`), drawKeys: values.map((_, i) => `${name}-${i}`), columns: [Float32Array.from(values)], labels: Uint8Array.from(labels) } });

describe('a model tested on the rows of hospitals', () => {
  it('is not said to rank for certain where it ranked a few rows without a mistake', () => {
    const results = resultsOf(FOREST, [site('north', [0, 0, 0, 0, 1, 1], [0, 0, 0, 0, 1, 1]), site('hill', [0, 1, 0, 1], [0, 0, 1, 1])]);
    expect(results.map(({ auc }) => auc.value)).toEqual([1, 0.5, 19 / 24]);
    // two rows came true, each beside one that did not: the square root of 0.025
    expect(tableOfResults(results).split('\n')[1]).toMatch(/1\.000 \[0\.158, 1\.000\]$/);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boost } from '../../../models/forest/boost.ts';
import { readModelFile, writeModelFile } from '../../../models/forest/model-file.ts';
import { writeXgboostJson } from '../../../models/forest/xgboost-json.ts';
import { codeOf } from '../../support/error-code.ts';

const rows = Array.from({ length: 40 }, (_, i) => [i % 7, i / 10]);
const forest = boost(rows, rows.map(([a]) => ((a ?? 0) > 3 ? 1 : 0)), ['a', 'b'], { treeCount: 3, depth: 2, learningRate: 0.3, minimumCover: 0.5, regularisation: 1 });
const text = writeModelFile(forest, { notice: 'Example.' });

describe('model file', () => {
  it('comes back whole', () => { expect(readModelFile(text)).toEqual(forest); });
  it('does not load with any character changed', () => {
    fc.assert(fc.property(fc.nat(text.length - 1), fc.constantFrom('0', '1', '9', ' ', '"', 'x'), (at, other) => {
      fc.pre(text[at] !== other);
      expect(['model-tampered', 'model-malformed']).toContain(codeOf(() => readModelFile(text.slice(0, at) + other + text.slice(at + 1))));
    }), { numRuns: 300 });
  });
  it('does not load cut short, or without its hash', () => {
    expect(codeOf(() => readModelFile(text.slice(0, -1)))).toBe('model-tampered');
    expect(codeOf(() => readModelFile(writeXgboostJson(forest)))).toBe('model-tampered');
  });
});

import { describe, expect, it } from 'vitest';
import { readArtefactText } from '../../../models/artefact.ts';
import { readForest, writeModelFile } from '../../../models/forest/model-file.ts';
import { writeXgboostJson } from '../../../models/forest/xgboost-json.ts';
import type { Forest } from '../../../models/forest/tree.ts';
import { codeOf } from '../../support/error-code.ts';

const FOREST: Forest = { objective: 'reg:squarederror', baseScore: 0, featureNames: ['a', 'b'], trees: [{ left: [1, -1, -1], right: [2, -1, -1], feature: [0, 0, 0], condition: [5, 0.25, 0.75], defaultLeft: [true, false, false], cover: [2, 1, 1], gain: [1, 0, 0], parent: [2147483647, 0, 0] }] };
const OWN = writeModelFile(FOREST, { notice: 'Candidate. Not accepted for use.' });
const STOCK = writeXgboostJson(FOREST);

describe('the one reader of forests', () => {
  it('takes a file of ours, and one that XGBoost wrote', () => { for (const text of [OWN, STOCK]) expect(readForest(text).trees).toHaveLength(1); });
  it.each([['a split that was changed', OWN.replace('5.0', '6.0')], ['its hash taken out', OWN.replace(/,?"bedside_sha256":"[0-9a-f]{64}"/, '')], ['another hash', OWN.replace(/("bedside_sha256":")[0-9a-f]{64}/, `$1${'a'.repeat(64)}`)]])('does not load a file of ours with %s, in the registry or at a hospital', (_, text) => {
    expect(text).not.toBe(OWN);
    expect([codeOf(() => readForest(text)), codeOf(() => readArtefactText(text))]).toEqual(['model-tampered', 'model-tampered']);
  });
  it.each([
    ['a negative split index', '"split_indices":[0,', '"split_indices":[-1,'], ['a categorical split', '"split_type":[0,', '"split_type":[1,'], ['several classes', '"num_class":"0"', '"num_class":"3"'], ['several values a leaf', '"size_leaf_vector":"0"', '"size_leaf_vector":"2"'],
    ['several targets', '"num_target":"1"', '"num_target":"2"'], ['features that are no number', '"num_feature":"2","num_target"', '"num_feature":"x","num_target"'], ['fewer trees than it says', '"num_trees":"1"', '"num_trees":"2"'],
    ['fewer nodes than it says', '"num_nodes":"3"', '"num_nodes":"4"'],
  ])('does not load one with %s', (_, part, other) => {
    expect(STOCK).toContain(part);
    expect(codeOf(() => readForest(STOCK.replace(part, other)))).toBe('model-malformed');
  });
});

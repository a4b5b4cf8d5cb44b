import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { modelFileOf } from '../../../models/federated/model-text.ts';
import { privatePlan, type Plan } from '../../../models/federated/plan.ts';
import { boost } from '../../../models/forest/boost.ts';
import { predict } from '../../../models/forest/evaluate.ts';
import { writeModelFile } from '../../../models/forest/model-file.ts';
import { probabilityFor } from '../../../models/forest/probability.ts';
import { TreeShap } from '../../../models/forest/shap.ts';
import type { Forest } from '../../../models/forest/tree.ts';
import { PRUNED } from '../../../models/forest/tree-shape.ts';
import { parseXgboostJson, writeXgboostJson } from '../../../models/forest/xgboost-json.ts';
import { codeOf } from '../../support/error-code.ts';
import { maskedRun, planOf, rowsOf, type Table } from '../../support/federated.ts';
import { hasXgboost, stockXgboost, takesSureBase, XGBOOST_NOTICE } from '../../support/xgboost.ts';

const FEATURES = ['a', 'b', 'c'];
const values = Array.from({ length: 90 }, (_, i) => [i % 7, i % 3 === 0 ? NaN : Math.fround(i / 10), (i * 13) % 11]);
const table: Table = { keys: values.map((_, i) => `k${i}`), values, labels: values.map(([a, b, c], i) => ((a ?? 0) > 3 !== (c ?? 0) < 5 || Number.isNaN(b) || i % 9 === 0 ? 1 : 0)) };
const boosted = boost(values, table.labels, FEATURES, { treeCount: 8, depth: 4, learningRate: 0.3, minimumCover: 0.5, regularisation: 1 });
const cohorts = [0, 1, 2].map((site) => rowsOf(table, table.keys.flatMap((_, i) => (i % 3 === site ? [i] : []))));
const trained = (plan: Plan): string => modelFileOf(maskedRun(plan, cohorts));

const LEAF_OF_A_THIRTIETH = { left: [-1], right: [-1], feature: [0], condition: [Math.fround(1 / 30)], defaultLeft: [false], cover: [4], gain: [0], parent: [2_147_483_647] };
/** As the exact method of XGBoost leaves it where `gamma` took a split back: the nodes stay, and nothing leads to them. */
const WITH_PRUNED = { left: [1, -1, -1, -1, -1], right: [2, -1, -1, -1, -1], feature: [0, 0, 0, PRUNED, PRUNED], condition: [3, -0.5, 0.5, 1, 2].map(Math.fround), defaultLeft: [true, false, false, true, true], cover: [8, 4, 4, 2, 2], gain: [1, 0, 0, 0, 0], parent: [2_147_483_647, 0, 0, 1, 1] };

const KINDS: readonly (readonly [string, () => string])[] = [
  ['boosted where rows are pooled', () => writeModelFile(boosted, { notice: 'Example.' })],
  ['one tree that is one leaf', () => writeModelFile({ ...boosted, objective: 'reg:squarederror', baseScore: 0, trees: [{ left: [-1], right: [-1], feature: [0], condition: [0.25], defaultLeft: [false], cover: [4], gain: [0], parent: [2_147_483_647] }] }, { notice: 'Example.' })],
  ['thirty trees that are sure, whose sum is above 1 in float32', () => writeModelFile({ ...boosted, objective: 'reg:squarederror', baseScore: 0, trees: Array.from({ length: 30 }, () => LEAF_OF_A_THIRTIETH) }, { notice: 'Example.' })],
  ['a tree with two nodes that were pruned', () => writeModelFile({ ...boosted, trees: [WITH_PRUNED] }, { notice: 'Example.' })],
  ['a forest grown from sums', () => trained(planOf())],
  ['boosting from sums', () => trained(planOf({ method: 'boosting' }))],
  ['a private forest', () => trained(privatePlan({ variables: FEATURES.map((name) => ({ name, low: 0, high: 10 })), label: 'label', seed: 3, treeCount: 4, depth: 3, microEpsilon: 1_000_000, curious: 1, rowLimit: 1000 }))],
  ['the shipped early prediction', () => readFileSync('models/early-prediction/model.json', 'utf8')],
];

/** Rows with values anywhere, missing ones, and the thresholds themselves, so that equal values are tried. */
const rowsFor = ({ featureNames, trees }: Forest): readonly (readonly number[])[] => {
  const thresholds = featureNames.map((_, feature) => trees.flatMap(({ left, feature: of, condition }) => condition.filter((__, node) => left[node]! >= 0 && of[node] === feature)));
  return Array.from({ length: 60 }, (_, i) => featureNames.map((__, feature) => {
    const known = thresholds[feature]!;
    const threshold = known[(i * 5 + feature) % Math.max(1, known.length)] ?? 0;
    return [threshold, threshold, Number.NaN, Math.fround(threshold * 1.1 + 0.01), Math.fround(threshold * 0.9 - 0.01)][(i * 7 + feature * 3) % 5]!;
  }));
};

describe.skipIf(!hasXgboost).each(KINDS)(`stock XGBoost (${XGBOOST_NOTICE}) and %s`, (_, file) => {
  const text = file();
  const forest = parseXgboostJson(text);
  const rows = rowsFor(forest);
  let stock: ReturnType<typeof stockXgboost>;
  beforeAll(() => { stock = stockXgboost(text, rows); });

  it('predict alike within 1e-6', () => { rows.forEach((row, i) => { expect(Math.abs(predict(forest, row) - stock.predictions[i]!)).toBeLessThan(1e-6); }); });
  it('give a probability alike within 1e-6, never above 1 here', () => {
    rows.forEach((row, i) => {
      expect(Math.abs(probabilityFor(forest, row) - stock.predictions[i]!)).toBeLessThan(1e-6);
      expect(probabilityFor(forest, row)).toBeLessThanOrEqual(1);
    });
  });
  it('explain alike within 1e-5', () => {
    const shap = new TreeShap(forest);
    rows.forEach((row, i) => {
      const { expected, contributions } = shap.explain(row);
      [...contributions, expected].forEach((value, feature) => { expect(Math.abs(value - stock.contributions[i]![feature]!)).toBeLessThan(1e-5); });
    });
  });
  it('read what the other wrote: a file that it saved again is the same forest here', () => {
    const back = parseXgboostJson(stock.saved);
    expect(back.featureNames).toEqual(forest.featureNames);
    expect(rows.map((row) => predict(back, row))).toEqual(rows.map((row) => predict(forest, row)));
  });
});

describe.skipIf(!hasXgboost)(`stock XGBoost (${XGBOOST_NOTICE}) and this reader`, () => {
  const based = (score: string): string => writeXgboostJson(boosted).replace('"base_score":"0.5"', `"base_score":"${score}"`);
  const row = [[1, 2, 3]];
  it.each(['0', '1', '1E-50', '9.9999999E-1'])('this one refuses a logistic base score of %s, which is 0 or 1 in float32, and so did stock up to 3.0', (score) => {
    if (!takesSureBase) expect(() => stockXgboost(based(score), row)).toThrow('base_score must be in (0,1)');
    expect(codeOf(() => parseXgboostJson(based(score)))).toBe('model-malformed');
  });
  it.each(['-0.5', '2', '1E39'])('both refuse a logistic base score of %s', (score) => {
    expect(() => stockXgboost(based(score), row)).toThrow('base_score must be in (0,1)');
    expect(codeOf(() => parseXgboostJson(based(score)))).toBe('model-malformed');
  });
  it.each(['1E-6', '2.5E-1'])('both take a logistic base score of %s', (score) => { expect(Math.abs(predict(parseXgboostJson(based(score)), row[0]!) - stockXgboost(based(score), row).predictions[0]!)).toBeLessThan(1e-6); });
  it('both refuse a tree of another number of nodes than it says', () => {
    const text = writeXgboostJson({ ...boosted, trees: [LEAF_OF_A_THIRTIETH] });
    expect(text).toContain('"num_nodes":"1"');
    expect(() => stockXgboost(text.replace('"num_nodes":"1"', '"num_nodes":"2"'), row)).toThrow('n_nodes');
    expect(codeOf(() => parseXgboostJson(text.replace('"num_nodes":"1"', '"num_nodes":"2"')))).toBe('model-malformed');
  });
  it('both refuse a pruned node that is not counted, and one that is counted and not there', () => {
    const pruned = writeXgboostJson({ ...boosted, trees: [WITH_PRUNED] });
    expect(pruned).toContain('"num_deleted":"2"');
    for (const text of [pruned.replace('"num_deleted":"2"', '"num_deleted":"0"'), pruned.replace(`${PRUNED},${PRUNED}]`, `${PRUNED},0]`)]) {
      expect(() => stockXgboost(text, row)).toThrow('deleted');
      expect(codeOf(() => parseXgboostJson(text))).toBe('model-malformed');
    }
  });
});

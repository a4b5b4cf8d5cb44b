import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { assembleFeatures, FEATURE_NAMES } from '../../../models/early-prediction/features.ts';
import { boost } from '../../../models/forest/boost.ts';
import { predict } from '../../../models/forest/evaluate.ts';
import { parseXgboostJson, writeXgboostJson } from '../../../models/forest/xgboost-json.ts';
import { createGenerator, nextXoshiro } from '../../../models/random/generator.ts';
import { codeOf } from '../../support/error-code.ts';
import { fingerprintOf } from '../../../models/twin/worlds/fingerprint.ts';
import { readWorld } from '../../../scripts/simulate/worlds.ts';

const rows = Array.from({ length: 60 }, (_, i) => [i % 7, i % 3 === 0 ? NaN : i / 10, (i * 13) % 11]);
const labels = rows.map(([a, b]) => ((a ?? 0) > 3 || Number.isNaN(b) ? 1 : 0));
const forest = boost(rows, labels, ['a', 'b', 'c'], { treeCount: 8, depth: 3, learningRate: 0.3, minimumCover: 0.5, regularisation: 1 });

describe('forest', () => {
  it('learns what it is shown', () => { expect(rows.filter((row, i) => predict(forest, row) > 0.5 === (labels[i] === 1)).length).toBeGreaterThan(55); });
  it('comes back whole from XGBoost JSON', () => {
    const back = parseXgboostJson(writeXgboostJson(forest));
    expect(rows.map((row) => predict(back, row))).toEqual(rows.map((row) => predict(forest, row)));
  });
  it.each([['not JSON', '{'], ['no trees', '{"learner":{}}'], ['a child that is not there', writeXgboostJson(forest).replace(/"left_children":\[1/, '"left_children":[999')]])('refuses a model file with %s', (_, text) => {
    expect(codeOf(() => parseXgboostJson(text))).toBe('model-malformed');
  });
  it('reads the base score as a number, and as the list of one that XGBoost writes since 3.1', () => {
    const withScore = (score: string): string => writeXgboostJson(forest).replace(/"base_score":"[^"]*"/, `"base_score":"${score}"`);
    expect([parseXgboostJson(withScore('2.5E-1')).baseScore, parseXgboostJson(withScore('[2.5E-1]')).baseScore]).toEqual([0.25, 0.25]);
    for (const score of ['[1E-1,2E-1]', '[]', 'half', '']) expect(codeOf(() => parseXgboostJson(withScore(score))), score).toBe('model-malformed');
  });
  it('is shipped with a notice in its own text', () => {
    const text = readFileSync('models/early-prediction/model.json', 'utf8');
    expect(text).toContain('Not for use on patients');
    expect(parseXgboostJson(text).featureNames).toEqual(FEATURE_NAMES);
  });
  it('was learnt from the twin as it is now: after a fit or a change of its constants, npm run model:train', () => {
    const { learner } = JSON.parse(readFileSync('models/early-prediction/model.json', 'utf8')) as { learner: { attributes: { report: string } } };
    const { world, twinSha256 } = JSON.parse(learner.attributes.report) as { world: string; twinSha256: string };
    expect(twinSha256).toBe(fingerprintOf(readWorld(world)));
  });
});

describe('random numbers', () => {
  it('follow xoshiro128** from a known state', () => {
    const state = Uint32Array.of(1, 2, 3, 4);
    expect([nextXoshiro(state), nextXoshiro(state), nextXoshiro(state)]).toEqual([11520, 0, 5927040]);
  });
  it('repeat for a seed and differ for another', () => {
    expect(createGenerator(7).uniform()).toBe(createGenerator(7).uniform());
  });
});

describe('features', () => {
  const HOUR = 3_600_000;
  const series = (hours: number, value: (hour: number) => number) => ({ times: Array.from({ length: hours }, (_, i) => i * HOUR), values: Array.from({ length: hours }, (_, i) => value(i)) });
  const known = (): number => 1;
  it('look at nothing after hour 72', () => {
    const upTo72 = assembleFeatures(0, () => series(72, (hour) => hour), known);
    expect(assembleFeatures(0, () => series(200, (hour) => (hour < 72 ? hour : 1e9)), known)).toEqual(upTo72);
  });
  it('mark what is missing, and refuse when too much is', () => {
    expect(assembleFeatures(0, (metric) => (metric === 'Bioreactor/pH' ? undefined : series(72, (hour) => hour + 1)), known)[FEATURE_NAMES.indexOf('ph-minimum')]).toBeNaN();
    expect(codeOf(() => assembleFeatures(0, () => undefined, () => undefined))).toBe('features-incomplete');
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { recordTest } from '../../../shared/model-registry/judge.ts';
import { metricOf, parseTestReport, strataOf, verdictsOf, type TestReport } from '../../../shared/model-registry/test-report.ts';
import { sha256Hex } from '../../../shared/record/chain.ts';
import { codeOf } from '../../support/error-code.ts';
import { BAD_REPORT, counts, MODEL_ID, opened, PLAN, QUALITY, REPORT, tested } from '../../support/model-fixtures.ts';

describe('a test report', () => {
  const record = (own: Partial<TestReport>) => { const { model, data } = opened(); return recordTest(model, MODEL_ID, 1, { report: { ...REPORT, ...own }, testData: data }, QUALITY('performed')); };
  it.each<readonly [string, Partial<TestReport>, string]>([
    ['of another plan', { planHash: sha256Hex('x') }, 'model-hash-mismatch'], ['of another artefact', { artefactSha256: sha256Hex('x') }, 'model-hash-mismatch'], ['of other data', { testManifestSha256: sha256Hex('x') }, 'model-hash-mismatch'],
    ['of data that is not there', { testDataId: 'x' }, 'register-entry-not-found'],
    ['that leaves a case out', { sites: [{ nodeId: 'north', counts: counts(20, 2, 24, 2, 0, 1) }, REPORT.sites[1]!] }, 'model-results-inconsistent'],
    ['with fewer that came true than were registered, all of them found', { sites: [{ nodeId: 'north', counts: counts(5, 2, 43, 0) }, REPORT.sites[1]!] }, 'model-results-inconsistent'],
    ['that leaves a hospital out', { sites: [REPORT.sites[0]!] }, 'model-results-inconsistent'],
    ['of a hospital more', { sites: [...REPORT.sites, { nodeId: 'lake', counts: counts(1, 0, 0, 0) }] }, 'model-results-inconsistent'],
    ['of a hospital twice', { sites: [...REPORT.sites, REPORT.sites[1]!] }, 'model-results-inconsistent'],
    ['without a subgroup', { subgroups: [] }, 'model-results-inconsistent'],
    ['of a subgroup larger than all', { subgroups: [{ id: 'low-viability', counts: counts(37, 0, 0, 0) }] }, 'model-results-inconsistent'],
  ])('%s is refused', (_, own, code) => { expect(codeOf(() => record(own))).toBe(code); });
  it('is given once: a test repeated until it passes is none', () => {
    const { model, data } = tested(BAD_REPORT);
    expect(codeOf(() => recordTest(model, MODEL_ID, 1, { report: REPORT, testData: data }, QUALITY('performed')))).toBe('model-state-wrong');
  });
  it('of negative or broken counts is malformed', () => {
    expect(codeOf(() => parseTestReport({ ...REPORT, sites: [{ nodeId: 'north', counts: { ...REPORT.sites[0]!.counts, truePositive: -1 } }] }))).toBe('model-results-inconsistent');
    expect(parseTestReport(structuredClone(REPORT))).toEqual(REPORT);
  });
  it('gives metrics with the exact intervals of their cases', () => {
    // scipy 1.17, stats.binomtest(36, 39).proportion_ci(method='exact')
    const { value, low, high } = metricOf(strataOf(REPORT)[0]!.counts, 'sensitivity');
    expect([value, low, high].map((each) => each.toFixed(4))).toEqual(['0.9231', '0.7913', '0.9838']);
    expect(metricOf(counts(3, 1, 5, 2, 1, 0), 'f1').value).toBeCloseTo(6 / 9, 12);
    expect((['specificity', 'precision', 'negative-predictive-value', 'accuracy', 'decided'] as const).map((metric) => metricOf(counts(3, 1, 5, 2, 1, 0), metric).value)).toEqual([5 / 6, 3 / 4, 5 / 7, 8 / 11, 11 / 12]);
  });
  it('passes what reaches its minimum exactly', () => {
    const exact = { ...PLAN, test: { ...PLAN.test, criteria: [{ id: 'x', metric: 'accuracy', stratum: 'site-north', measure: 'estimate', minimum: 0.75 }] } } as const;
    const at = (right: number, wrong: number) => verdictsOf(exact, { ...REPORT, sites: [{ nodeId: 'north', counts: counts(right, wrong, 0, 0) }] }).find(({ criterionId }) => criterionId === 'x')?.passed;
    expect([at(30, 10), at(29, 10)]).toEqual([true, false]);
  });
  it('passes nothing on no cases, and nothing on too few', () => {
    const empty = { ...REPORT, subgroups: [{ id: 'low-viability', counts: counts(0, 0, 0, 0) }] };
    expect(verdictsOf(PLAN, empty).filter(({ passed }) => !passed).map(({ criterionId }) => criterionId)).toEqual(['minimum-cases', 'accurate-in-groups']);
  });
  it('is judged the same from its counts, however its hospitals are split', () => {
    const some = fc.nat({ max: 40 });
    fc.assert(fc.property(fc.array(fc.tuple(some, some, some, some, some, some), { minLength: 1, maxLength: 5 }), (sites) => {
      const report = { ...REPORT, sites: sites.map((each, i) => ({ nodeId: `n${i}`, counts: counts(...each) })) };
      const pooled = counts(...([0, 1, 2, 3, 4, 5].map((i) => sites.reduce((sum, each) => sum + each[i]!, 0)) as [number, number, number, number, number, number]));
      expect(strataOf(report)[0]!.counts).toEqual(pooled);
    }));
  });
});

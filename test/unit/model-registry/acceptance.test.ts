import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { manifestHashOf, overlapOf, parseDataManifest, type DataManifest } from '../../../shared/model-registry/data-manifest.ts';
import { outsideInputSpace } from '../../../shared/model-registry/input-space.ts';
import { acceptVersion, assessModelDeviation, recordTest, type Evidence } from '../../../shared/model-registry/judge.ts';
import { modelRisk, type ModelPlan } from '../../../shared/model-registry/model-plan.ts';
import { evolveModel } from '../../../shared/model-registry/model.ts';
import { approvePlan, submitCandidate } from '../../../shared/model-registry/propose.ts';
import { entryOf } from '../../../shared/audit-log/receipt.ts';
import { parseModelPlan, planHashOf } from '../../../shared/model-registry/schema.ts';
import { accessTestData, evolveTestData, registerTestData, type TestDataTerms } from '../../../shared/model-registry/test-data.ts';
import { metricOf, parseTestReport, strataOf, verdictsOf, type TestReport } from '../../../shared/model-registry/test-report.ts';
import { sha256Hex } from '../../../shared/record/chain.ts';
import { codeOf } from '../../support/error-code.ts';
import { by, CALIBRATION_DATA, candidate, counts, DEVELOPER, evidence, manifest, MODEL_ID, opened, PLAN, planned, QUALITY, REPORT, SCIENTIST, TEST_DATA, TEST_TERMS, tested, TestRegistry, TRAINING, TRAINING_DATA } from '../../support/model-fixtures.ts';

const CASES = manifest('calibration', { nodeId: 'north', from: 200, records: 6 }, { nodeId: 'hill', from: 200, records: 4 });
const TRAINED = manifest('calibration', { nodeId: 'north', from: 9, records: 10 });
const CALIBRATED = { ...TRAINING, calibration: { positives: [1, 4], negatives: [3, 2] }, calibrationManifestSha256: manifestHashOf(CASES) };

const accept = ({ model, data }: TestRegistry, own: Partial<Evidence> = {}) => acceptVersion(model, MODEL_ID, 1, evidence(data, own), SCIENTIST('approval'));
/** Hill's failures are missed: sensitivity and its accuracy fall below the criteria. */
const BAD: TestReport = { ...REPORT, sites: [REPORT.sites[0]!, { nodeId: 'hill', counts: counts(4, 1, 20, 13, 1, 1) }] };

describe('acceptance', () => {
  it('takes a candidate whose test kept every criterion', () => { expect(accept(tested())).toMatchObject([{ type: 'model-accepted', artefactSha256: TRAINING.artefactSha256, planHash: planHashOf(PLAN), testDataId: TEST_TERMS.testDataId }]); });
  it('is refused when the criteria were signed after the test data was first opened', () => {
    const early = new TestRegistry();
    early.onData((data) => registerTestData(data, TEST_TERMS, TEST_DATA, QUALITY('responsibility'))).onData(() => [{ type: 'test-data-accessed', by: 'qa-1', modelId: 'another', version: 1, purpose: 'test' }]);
    const { events } = tested();
    for (const event of events) early.do(() => [event]);
    early.onData(() => [{ type: 'test-data-accessed', by: 'qa-1', modelId: MODEL_ID, version: 1, purpose: 'test' }]);
    expect(codeOf(() => accept(early))).toBe('model-plan-after-test');
  });
  it('is refused when signing and opening have one and the same time', () => {
    const { model, data } = tested();
    const at = model!.versions[0]!.planApprovedAt!;
    expect(codeOf(() => acceptVersion(model, MODEL_ID, 1, evidence({ ...data!, accesses: [{ ...data!.accesses[0]!, at }] }), SCIENTIST('approval')))).toBe('model-plan-after-test');
    const later = new Date(Date.parse(at) + 1).toISOString();
    expect(codeOf(() => acceptVersion(model, MODEL_ID, 1, evidence({ ...data!, accesses: [{ ...data!.accesses[0]!, at: later }] }), SCIENTIST('approval')))).toBeUndefined();
  });
  it('is refused when the first access is not the first on the list', () => {
    const { model, data } = tested();
    const before = { ...data!.accesses[0]!, at: model!.versions[0]!.moves[0]!.at };
    expect(codeOf(() => acceptVersion(model, MODEL_ID, 1, evidence({ ...data!, accesses: [...data!.accesses, before] }), SCIENTIST('approval')))).toBe('model-plan-after-test');
  });
  it.each<readonly [string, Partial<Evidence>, string]>([
    ['another artefact', { artefactSha256: sha256Hex('tampered') }, 'model-hash-mismatch'],
    ['another training manifest', { manifests: { training: TEST_DATA, test: TEST_DATA } }, 'model-hash-mismatch'],
    ['another test manifest', { manifests: { training: TRAINING_DATA, test: TRAINING_DATA } }, 'model-hash-mismatch'],
    ['no test data', { testData: undefined }, 'register-entry-not-found'],
  ])('is refused with %s', (_, own, code) => { expect(codeOf(() => accept(tested(), own))).toBe(code); });
  it('is refused for other test data than was tested', () => {
    const { model, data } = tested();
    expect(codeOf(() => acceptVersion(model, MODEL_ID, 1, evidence({ ...data!, testDataId: 'other' }), SCIENTIST('approval')))).toBe('register-entry-not-found');
  });
  it('is refused when one record is in training and test', () => {
    const both = manifest('both', { nodeId: 'north', from: 99, records: 10 }, { nodeId: 'hill', from: 0, records: 12 });
    const registry = planned().do((model) => submitCandidate(model, MODEL_ID, 1, { training: { ...TRAINING, trainingManifestSha256: manifestHashOf(both) }, manifest: both, calibration: CALIBRATION_DATA }, DEVELOPER('authorship')))
      .onData((data) => registerTestData(data, TEST_TERMS, TEST_DATA, QUALITY('responsibility'))).onData((data, model) => accessTestData(data, TEST_TERMS.testDataId, model, { modelId: MODEL_ID, version: 1, purpose: 'test' }, QUALITY('performed')))
      .do((model, testData) => recordTest(model, MODEL_ID, 1, { report: REPORT, testData }, QUALITY('performed')));
    expect(codeOf(() => accept(registry, { manifests: { training: both, test: TEST_DATA, calibration: CALIBRATION_DATA } }))).toBe('model-data-overlap');
  });
  it.each([['the hash another', { calibrationManifestSha256: sha256Hex('x') }, CASES, 'model-hash-mismatch'], ['more cases counted than named', { calibration: { positives: [1, 4], negatives: [3, 3] } }, CASES, 'model-results-inconsistent'], ['counts without a manifest', { calibrationManifestSha256: undefined }, undefined, 'request-malformed'],
    ['a manifest without counts', { calibration: undefined }, CASES, 'request-malformed'], ['a case that was trained on', { calibrationManifestSha256: manifestHashOf(TRAINED) }, TRAINED, 'model-data-overlap'], ['nothing wrong', {}, CASES, undefined], ['no cases at all', { calibration: undefined, calibrationManifestSha256: undefined }, undefined, 'model-not-calibrated']] as const)('comes after calibration that is refused with %s', (_, own, cases, code) => {
    const training = Object.fromEntries(Object.entries({ ...CALIBRATED, ...own }).filter(([, value]) => value !== undefined)) as unknown as typeof CALIBRATED;
    expect(codeOf(() => submitCandidate(planned().model, MODEL_ID, 1, { training, manifest: TRAINING_DATA, calibration: cases }, DEVELOPER('authorship')))).toBe(code);
  });
  it('is refused when one record is in calibration and test, or the manifest of the calibration is another or gone', () => {
    const calibratedOn = (cases: DataManifest) => planned().do((model) => submitCandidate(model, MODEL_ID, 1, { training: { ...CALIBRATED, calibrationManifestSha256: manifestHashOf(cases) }, manifest: TRAINING_DATA, calibration: cases }, DEVELOPER('authorship')))
      .onData((data) => registerTestData(data, TEST_TERMS, TEST_DATA, QUALITY('responsibility'))).onData((data, model) => accessTestData(data, TEST_TERMS.testDataId, model, { modelId: MODEL_ID, version: 1, purpose: 'test' }, QUALITY('performed')))
      .do((model, testData) => recordTest(model, MODEL_ID, 1, { report: REPORT, testData }, QUALITY('performed')));
    const inTest = manifest('calibration', { nodeId: 'north', from: 95, records: 10 });
    const both = { training: TRAINING_DATA, test: TEST_DATA };
    expect(codeOf(() => accept(calibratedOn(inTest), { manifests: { ...both, calibration: inTest } }))).toBe('model-data-overlap');
    expect([codeOf(() => accept(calibratedOn(CASES), { manifests: both })), codeOf(() => accept(calibratedOn(CASES), { manifests: { ...both, calibration: inTest } }))]).toEqual(['model-hash-mismatch', 'model-hash-mismatch']);
    expect(codeOf(() => accept(calibratedOn(CASES), { manifests: { ...both, calibration: CASES } }))).toBeUndefined();
  });
  it('is refused without a test on record', () => { expect(codeOf(() => accept(opened()))).toBe('model-criteria-missed'); });
  it('is refused when labels were verified too seldom', () => {
    const { model, data } = tested();
    expect(codeOf(() => acceptVersion(model, MODEL_ID, 1, evidence({ ...data!, labelVerifiedFraction: 0.89 }), SCIENTIST('approval')))).toBe('model-criteria-missed');
  });
  it('is refused when a criterion is missed, until the deviation is found acceptable', () => {
    const registry = tested(BAD);
    expect(registry.model?.deviations).toMatchObject([{ rule: 'criteria-missed', criterionIds: ['finds-failures', 'accurate-everywhere'] }]);
    expect(codeOf(() => accept(registry))).toBe('model-criteria-missed');
    const assessed = (acceptable: boolean) => tested(BAD).do((model) => assessModelDeviation(model!, model!.deviations[0]!.deviationId, { acceptable, impact: 'hill has another assay', rootCause: 'few cases' }, QUALITY('review')));
    expect(codeOf(() => accept(assessed(false)))).toBe('model-criteria-missed');
    expect(codeOf(() => accept(assessed(true)))).toBeUndefined();
    expect(codeOf(() => assessModelDeviation(assessed(true).model!, 'v1-criteria-missed', { acceptable: true, impact: 'x', rootCause: 'y' }, QUALITY('review')))).toBe('deviation-state-wrong');
    expect(codeOf(() => assessModelDeviation(registry.model!, 'none', { acceptable: true, impact: 'x', rootCause: 'y' }, QUALITY('review')))).toBe('deviation-not-found');
  });
  it('is refused for a miss whose deviation is gone from the record, and for any open deviation', () => {
    const { model, data } = tested(BAD);
    expect(codeOf(() => acceptVersion({ ...model!, deviations: [] }, MODEL_ID, 1, evidence(data), SCIENTIST('approval')))).toBe('model-criteria-missed');
    const good = tested();
    const open = { deviationId: 'v1-found-later', version: 1, rule: 'by-hand', criterionIds: [], detail: 'a label was wrong' };
    expect(codeOf(() => acceptVersion({ ...good.model!, deviations: [open] }, MODEL_ID, 1, evidence(good.data), SCIENTIST('approval')))).toBe('model-criteria-missed');
  });
  it('is refused when who trains has opened the test data, or nobody has on record', () => {
    const { model, data } = tested();
    const [access] = data!.accesses;
    for (const accesses of [[access!, { ...access!, by: 'dev-1' }], [], [{ ...access!, version: 2 }], [{ ...access!, modelId: 'another' }]]) {
      expect(codeOf(() => acceptVersion(model, MODEL_ID, 1, evidence({ ...data!, accesses }), SCIENTIST('approval')))).toBe('model-test-not-independent');
    }
  });
});

describe('test data', () => {
  const register = (own: Partial<TestDataTerms> = {}, who = QUALITY('responsibility')) => registerTestData(undefined, { ...TEST_TERMS, ...own }, TEST_DATA, who);
  it.each<readonly [string, () => unknown, string]>([
    ['under an id that is taken', () => registerTestData(candidate().data, TEST_TERMS, TEST_DATA, QUALITY('responsibility')), 'register-entry-exists'],
    ['of another hash', () => register({ manifestSha256: sha256Hex('x') }), 'model-hash-mismatch'],
    ['with a record more than its manifest', () => register({ sites: [{ nodeId: 'north', records: 51, positives: 1 }, TEST_TERMS.sites[1]!] }), 'model-results-inconsistent'],
    ['without one of its hospitals', () => register({ sites: [TEST_TERMS.sites[0]!] }), 'model-results-inconsistent'],
    ['with more positives than records', () => register({ sites: [{ nodeId: 'north', records: 50, positives: 51 }, TEST_TERMS.sites[1]!] }), 'model-results-inconsistent'],
    ['by who may not', () => register({}, SCIENTIST('responsibility')), 'role-missing'],
  ])('is not registered %s', (_, run, code) => { expect(codeOf(run)).toBe(code); });
  const open = (own: Partial<Parameters<typeof accessTestData>[3]> = {}, registry = candidate(), who = QUALITY('performed')) => accessTestData(registry.data, TEST_TERMS.testDataId, registry.model, { modelId: MODEL_ID, version: 1, purpose: 'test', ...own }, who);
  it('is opened for a candidate, and that is on its log', () => { expect(opened().data?.accesses).toMatchObject([{ by: 'qa-1', modelId: MODEL_ID, version: 1, isSigned: true }]); });
  it('is opened with a signature as performed, and not once the version has its test', () => {
    expect(codeOf(() => open({}, candidate(), QUALITY('review')))).toBe('signature-meaning-wrong');
    expect(codeOf(() => open({}, candidate(), by('op-1', 'performed', 'operator')))).toBe('role-missing');
    expect(codeOf(() => open({}, tested()))).toBe('model-state-wrong');
  });
  it('is not opened before plan and artefact are frozen', () => { expect(codeOf(() => open({}, planned().onData((data) => registerTestData(data, TEST_TERMS, TEST_DATA, QUALITY('responsibility')))))).toBe('model-state-wrong'); });
  it('is not opened to who trains or handed the candidate in', () => {
    expect(codeOf(() => open({}, candidate(), DEVELOPER('performed')))).toBe('model-test-not-independent');
    const other = planned().do((model) => submitCandidate(model, MODEL_ID, 1, { training: TRAINING, manifest: TRAINING_DATA, calibration: CALIBRATION_DATA }, by('dev-9', 'authorship', 'process-scientist'))).onData((data) => registerTestData(data, TEST_TERMS, TEST_DATA, QUALITY('responsibility')));
    expect(codeOf(() => open({}, other, by('dev-9', 'performed', 'process-scientist')))).toBe('model-test-not-independent');
  });
  it('is not opened where there is none, nor for a model that is not there', () => {
    expect(codeOf(() => open({}, planned()))).toBe('register-entry-not-found');
    expect(codeOf(() => open({ version: 4 }))).toBe('model-not-found');
    expect(codeOf(() => evolveTestData(undefined, { event: { type: 'test-data-accessed', by: 'x', modelId: 'm', version: 1, purpose: 'p' }, version: 1, recordedAt: '2026-03-02T14:05:09.120Z', stream: { id: 'd' } }))).toBe('record-corrupt');
  });
});

describe('a manifest', () => {
  it('tells any shared record, whichever hospital it is of', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 1, max: 10 }), fc.integer({ min: 1, max: 10 }), (from, one, other) => {
      const shared = Array.from({ length: one }, (_, i) => i).filter((i) => i >= from && i < from + other).length;
      const found = overlapOf(manifest('a', { nodeId: 'north', from: 0, records: one }), manifest('b', { nodeId: 'north', from, records: other }));
      expect(found.reduce((sum, { records }) => sum + records, 0)).toBe(shared);
    }));
  });
  it('tells equal rows even when their records have other digests', () => {
    const [north] = TRAINING_DATA.sites;
    expect(overlapOf({ sites: [{ ...north!, recordDigests: [sha256Hex('renamed')] }] }, TRAINING_DATA)).toEqual([{ nodeId: 'north', records: 1 }]);
  });
  it.each<readonly [string, unknown]>([
    ['of a hospital twice', { sites: [TEST_DATA.sites[0], TEST_DATA.sites[0]] }], ['with a record twice', { sites: [{ ...TEST_DATA.sites[0], recordDigests: [sha256Hex('a'), sha256Hex('a')] }] }],
    ['with a name for a digest', { sites: [{ ...TEST_DATA.sites[0], recordDigests: ['Ada'] }] }], ['of nothing', { sites: [] }], ['with more', { ...TEST_DATA, rows: [] }],
  ])('%s is refused', (_, value) => { expect(codeOf(() => parseDataManifest(value))).toBe('model-file-malformed'); });
  it('that is whole is taken as it is', () => { expect(parseDataManifest(structuredClone(TEST_DATA))).toEqual(TEST_DATA); });
});

const manyInputs = (count: number) => Array.from({ length: count }, (_, i) => ({ ...PLAN.inputs[0]!, name: `feature-${i}`, title: 't' }));

describe('a plan', () => {
  const { test } = PLAN;
  it('that is whole is taken as it is', () => { expect(parseModelPlan(structuredClone(PLAN))).toEqual(PLAN); });
  it.each<readonly [string, Partial<Record<keyof ModelPlan, unknown>>, string]>([
    ['without a threshold', { threshold: undefined }, 'threshold'],
    ['that learns in use', { design: { ...PLAN.design, static: false } }, 'design.static'],
    ['that answers by chance', { design: { ...PLAN.design, deterministic: false } }, 'design.deterministic'],
    ['without a risk of the register', { risk: { ...PLAN.risk, riskId: '' } }, 'risk.riskId'],
    ['without a subgroup', { subgroups: [] }, 'subgroups'],
    ['of inputs turned round', { inputs: [{ ...PLAN.inputs[0], low: 8 }] }, 'inputs.0.high'],
    ['of a thousand inputs, which no entry of the log holds', { inputs: manyInputs(1000) }, 'inputs'],
    ['with an input twice', { inputs: [PLAN.inputs[0], PLAN.inputs[0]] }, 'inputs'],
    ['with a subgroup that is a word of ours', { subgroups: [{ ...PLAN.subgroups[0], id: 'each-site' }] }, 'subgroups'],
    ['with a criterion on nothing', { test: { ...test, criteria: [...test.criteria, { ...test.criteria[0], id: 'x', stratum: 'nobody' }] } }, 'test.criteria.x.stratum'],
    ['with an interval of F1', { test: { ...test, criteria: [...test.criteria, { id: 'x', metric: 'f1', stratum: 'all', measure: 'lower-limit', minimum: 0.5 }] } }, 'test.criteria.x.measure'],
    ['worse than what it replaces', { test: { ...test, baseline: { description: 'b', values: [{ metric: 'sensitivity', value: 0.61 }] } } }, 'test.criteria'],
    ['with no criterion for the baseline', { test: { ...test, baseline: { description: 'b', values: [{ metric: 'precision', value: 0.1 }] } } }, 'test.criteria'],
    ['that may leave everything undecided', { test: { ...test, criteria: test.criteria.filter(({ id }) => id !== 'decides') } }, 'test.criteria'],
    ['of medium risk judged by estimates alone', { test: { ...test, criteria: test.criteria.map((each) => ({ ...each, measure: 'estimate' })) } }, 'test.criteria'],
    ['of high risk without a criterion on a subgroup', { risk: { ...PLAN.risk, influence: 'high', consequence: 'high' }, test: { ...test, criteria: test.criteria.filter(({ stratum }) => stratum !== 'each-subgroup') } }, 'test.criteria'],
    ['that suspends before it alarms', { monitoring: { ...PLAN.monitoring, stabilitySuspension: 0.1 } }, 'monitoring.stabilitySuspension'],
    ['with a field nobody knows', { secret: 1 } as never, 'plan'],
  ])('%s is refused by name of the field', (_, own, path) => {
    let paths: unknown;
    try { parseModelPlan({ ...PLAN, ...own }); } catch (error) { paths = (error as { facts: { paths: unknown } }).facts.paths; }
    expect(paths).toContain(path);
  });
  it('as large as it may be fits one entry of the log, and so does what hospitals put on record of it', () => {
    const fits = Array.from({ length: 20 }, (_, i) => 50 * (i + 1)).filter((count) => codeOf(() => parseModelPlan({ ...PLAN, inputs: manyInputs(count) })) === undefined).at(-1)!;
    expect(fits).toBeGreaterThanOrEqual(400);
    const plan = parseModelPlan({ ...PLAN, inputs: manyInputs(fits) });
    const actor = { kind: 'person', id: 'p'.repeat(64), printedName: 'N'.repeat(200), sessionId: 's'.repeat(64) } as never;
    const recorded = (event: object) => ({ stream: { kind: 'model', id: 'm'.repeat(64) }, version: 1, recordedAt: '2026-03-02T14:00:00.000Z', previousHash: 'a'.repeat(64), hash: 'a'.repeat(64), actor, event } as never);
    const counts = Array.from({ length: 50 }, () => 1_000_000);
    const record = { modelId: 'm'.repeat(64), version: 1, productId: plan.productId, output: plan.output, artefactSha256: 'a'.repeat(64), state: 'active', inputs: plan.inputs.map(({ title: _, ...bounds }) => bounds), undecided: { errorRate: 0.1, calibration: { positives: counts, negatives: counts } } };
    for (const event of [{ type: 'model-drafted', plan }, { type: 'model-record-taken', record }]) expect(codeOf(() => entryOf(recorded(event)))).toBe(undefined);
  });
  it('has the risk of influence and consequence together', () => {
    expect((['low', 'medium', 'high'] as const).map((influence) => (['low', 'medium', 'high'] as const).map((consequence) => modelRisk({ influence, consequence })))).toEqual([['low', 'low', 'medium'], ['low', 'medium', 'high'], ['medium', 'high', 'high']]);
  });
});

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
    const { model, data } = tested(BAD);
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

describe('the input space', () => {
  it('flags each input outside it, missing, or not of the model, and takes its ends', () => {
    expect(outsideInputSpace(PLAN, { 'ph-minimum': 6.6, 'lactate-maximum': 40 })).toEqual([]);
    expect(outsideInputSpace(PLAN, { 'ph-minimum': 7.6 })).toEqual([]);
    expect(outsideInputSpace(PLAN, { 'ph-minimum': 6.59, 'lactate-maximum': Number.NaN })).toEqual(['ph-minimum: got 6.59, want 6.6 to 7.6']);
    expect(outsideInputSpace(PLAN, { 'ph-minimum': null, 'lactate-maximum': Number.POSITIVE_INFINITY, glucose: 1 })).toEqual(['ph-minimum: is missing, want a value', 'lactate-maximum: got Infinity mmol/L, want 0 to 40 mmol/L', 'glucose: is no input of the model']);
  });
});

it('a plan signed by hash names the plan that was signed', () => {
  const [event] = approvePlan(evolveModel(undefined, { event: { type: 'model-version-drafted', modelId: MODEL_ID, version: 1, plan: PLAN, planHash: planHashOf(PLAN), basis: { kind: 'new-question' } }, version: 1, recordedAt: '2026-03-02T14:05:09.120Z', stream: { id: MODEL_ID } }), MODEL_ID, 1, SCIENTIST('approval'));
  expect(event).toMatchObject({ planHash: planHashOf(PLAN) });
  expect(planHashOf({ ...PLAN, test: { ...PLAN.test, criteria: PLAN.test.criteria.map((each) => ({ ...each, minimum: each.minimum - 0.01 })) } })).not.toBe(planHashOf(PLAN));
});

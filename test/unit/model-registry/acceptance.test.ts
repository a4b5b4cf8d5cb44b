import { describe, expect, it } from 'vitest';
import { manifestHashOf, type DataManifest } from '../../../shared/model-registry/data-manifest.ts';
import { acceptVersion, assessModelDeviation, recordTest, type Evidence } from '../../../shared/model-registry/judge.ts';
import { submitCandidate } from '../../../shared/model-registry/propose.ts';
import { planHashOf } from '../../../shared/model-registry/schema.ts';
import { accessTestData, registerTestData } from '../../../shared/model-registry/test-data.ts';
import { sha256Hex } from '../../../shared/record/chain.ts';
import { codeOf } from '../../support/error-code.ts';
import { BAD_REPORT, CALIBRATION_DATA, DEVELOPER, evidence, manifest, MODEL_ID, opened, PLAN, planned, QUALITY, REPORT, SCIENTIST, TEST_DATA, TEST_TERMS, tested, TestRegistry, TRAINING, TRAINING_DATA } from '../../support/model-fixtures.ts';

const CASES = manifest('calibration', { nodeId: 'north', from: 200, records: 6 }, { nodeId: 'hill', from: 200, records: 4 });
const TRAINED = manifest('calibration', { nodeId: 'north', from: 9, records: 10 });
const CALIBRATED = { ...TRAINING, calibration: { positives: [1, 4], negatives: [3, 2] }, calibrationManifestSha256: manifestHashOf(CASES) };

const accept = ({ model, data }: TestRegistry, own: Partial<Evidence> = {}) => acceptVersion(model, MODEL_ID, 1, evidence(data, own), SCIENTIST('approval'));

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
    const registry = tested(BAD_REPORT);
    expect(registry.model?.deviations).toMatchObject([{ rule: 'criteria-missed', criterionIds: ['finds-failures', 'accurate-everywhere'] }]);
    expect(codeOf(() => accept(registry))).toBe('model-criteria-missed');
    const assessed = (acceptable: boolean) => tested(BAD_REPORT).do((model) => assessModelDeviation(model!, model!.deviations[0]!.deviationId, { acceptable, impact: 'hill has another assay', rootCause: 'few cases' }, QUALITY('review')));
    expect(codeOf(() => accept(assessed(false)))).toBe('model-criteria-missed');
    expect(codeOf(() => accept(assessed(true)))).toBeUndefined();
    expect(codeOf(() => assessModelDeviation(assessed(true).model!, 'v1-criteria-missed', { acceptable: true, impact: 'x', rootCause: 'y' }, QUALITY('review')))).toBe('deviation-state-wrong');
    expect(codeOf(() => assessModelDeviation(registry.model!, 'none', { acceptable: true, impact: 'x', rootCause: 'y' }, QUALITY('review')))).toBe('deviation-not-found');
  });
  it('is refused for a miss whose deviation is gone from the record, and for any open deviation', () => {
    const { model, data } = tested(BAD_REPORT);
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

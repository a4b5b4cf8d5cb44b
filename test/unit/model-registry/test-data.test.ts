import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { overlapOf, parseDataManifest } from '../../../shared/model-registry/data-manifest.ts';
import { submitCandidate } from '../../../shared/model-registry/propose.ts';
import { accessTestData, evolveTestData, registerTestData, type TestDataTerms } from '../../../shared/model-registry/test-data.ts';
import { sha256Hex } from '../../../shared/record/chain.ts';
import { codeOf } from '../../support/error-code.ts';
import { by, CALIBRATION_DATA, candidate, DEVELOPER, manifest, MODEL_ID, opened, planned, QUALITY, SCIENTIST, TEST_DATA, TEST_TERMS, tested, TRAINING, TRAINING_DATA } from '../../support/model-fixtures.ts';

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

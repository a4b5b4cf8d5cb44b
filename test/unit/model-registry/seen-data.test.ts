import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { acceptVersion, recordTest } from '../../../shared/model-registry/judge.ts';
import type { ModelPlan } from '../../../shared/model-registry/model-plan.ts';
import { approvePlan, draftPlannedRetraining, draftVersion, submitCandidate } from '../../../shared/model-registry/propose.ts';
import { retireVersion } from '../../../shared/model-registry/put-to-use.ts';
import { planHashOf } from '../../../shared/model-registry/schema.ts';
import { openedSetOf, requireNothingLeftOut, requireUnseen, type OpenedSet } from '../../../shared/model-registry/seen-data.ts';
import { accessTestData, evolveTestData, registerTestData, type TestData } from '../../../shared/model-registry/test-data.ts';
import { codeOf } from '../../support/error-code.ts';
import { active, ARTEFACT, BAD_REPORT, CALIBRATION_DATA, candidate, DEVELOPER, evidence, manifest, MODEL_ID, opened, PLAN, QUALITY, SCIENTIST, setOf, TEST_DATA, TEST_TERMS, tested, TRAINING, TRAINING_DATA, type TestRegistry } from '../../support/model-fixtures.ts';

const MINUTE_MS = 60_000;
const LOWER: ModelPlan = { ...PLAN, test: { ...PLAN.test, criteria: PLAN.test.criteria.map((each) => ({ ...each, minimum: each.metric === 'decided' ? each.minimum : 0.1 })), baseline: { ...PLAN.test.baseline, values: [{ metric: 'sensitivity', value: 0.05 }] } } };

const access = (at: string, own: object = {}) => ({ by: 'qa-1', at, modelId: 'another', version: 1, purpose: 'test', isSigned: true, ...own });
const later = (at: string, minutes: number): string => new Date(Date.parse(at) + minutes * MINUTE_MS).toISOString();
/** A set of other records than those of the fixtures but for `shared` of them, opened some minutes after the plan of the fixtures was signed. */
const openedSet = (data: TestData, at: string, shared: number, asked: Parameters<typeof setOf>[2] = {}): OpenedSet =>
  setOf({ ...data, testDataId: 'before', accesses: [access(at)] }, manifest('before', { nodeId: 'north', from: 150 - shared, records: 20 }), asked);
const rows = { testDataId: TEST_TERMS.testDataId, manifest: TEST_DATA };
const signedAt = ({ model }: TestRegistry): string => model!.versions[0]!.planApprovedAt!;
const unseen = (registry: TestRegistry, sets: readonly OpenedSet[], openedAt?: string) => codeOf(() => { requireUnseen(registry.model!, registry.model!.versions[0]!, rows, sets, openedAt); });

/** A second version whose criteria are lower, of the same file, with the same rows registered again under another name, opened and tested. */
const loweredAfterTest = (): Readonly<{ registry: TestRegistry; again: TestData }> => {
  const registry = tested(BAD_REPORT).do((model) => retireVersion(model, MODEL_ID, 1, 'missed', QUALITY('responsibility')))
    .do((model) => draftVersion(model, MODEL_ID, LOWER)).do((model) => approvePlan(model, MODEL_ID, 2, SCIENTIST('approval')))
    .do((model) => submitCandidate(model, MODEL_ID, 2, { training: TRAINING, manifest: TRAINING_DATA, calibration: CALIBRATION_DATA }, DEVELOPER('authorship')));
  const terms = { ...TEST_TERMS, testDataId: 'same-rows-again' };
  let again: TestData | undefined;
  const at = later(registry.model!.versions[1]!.planApprovedAt!, 60);
  for (const decide of [() => registerTestData(again, terms, TEST_DATA, QUALITY('responsibility')), () => accessTestData(again, terms.testDataId, registry.model, { modelId: MODEL_ID, version: 2, purpose: 'again' }, QUALITY('performed'))]) {
    for (const event of decide()) again = evolveTestData(again, { event, version: 1, recordedAt: at, stream: { id: terms.testDataId } });
  }
  registry.do((model) => recordTest(model, MODEL_ID, 2, { report: { ...BAD_REPORT, planHash: planHashOf(LOWER), testDataId: terms.testDataId }, testData: again }, QUALITY('performed')));
  return { registry, again: again! };
};

describe('records that were seen', () => {
  it('accept no version whose criteria were signed after them, under whatever name they are registered again', () => {
    const { registry, again } = loweredAfterTest();
    const sets = [setOf(registry.data!), setOf(again, TEST_DATA, { planHash: planHashOf(LOWER) })];
    expect(codeOf(() => acceptVersion(registry.model, MODEL_ID, 2, evidence(again, { sets }), SCIENTIST('approval')))).toBe('model-plan-after-test');
    expect(codeOf(() => acceptVersion(registry.model, MODEL_ID, 2, evidence(again, { sets: sets.slice(1) }), SCIENTIST('approval')))).toBeUndefined();
  });
  it('are those of any set that shares one and was opened when the plan was signed or before, for whichever model; others stand in no way', () => {
    const registry = candidate();
    fc.assert(fc.property(fc.integer({ min: 0, max: 20 }), fc.integer({ min: -3, max: 3 }), fc.constantFrom('early-failure', 'harvest-advice', 'process-monitoring-alarm'), fc.boolean(), (shared, minutes, output, isSamePlan) => {
      const set = openedSet(registry.data!, later(signedAt(registry), minutes), shared, { output, artefactSha256: 'f'.repeat(64), ...(!isSamePlan && { planHash: 'a'.repeat(64) }) });
      const isOther = output === PLAN.output && !isSamePlan;
      const wanted = shared === 0 ? undefined : minutes <= 0 ? 'model-plan-after-test' : isOther ? 'model-test-data-seen' : undefined;
      expect(unseen(registry, [set])).toBe(wanted);
    }));
  });
  it.each<readonly [string, Parameters<typeof setOf>[2], string | undefined]>([
    ['under another plan of the same output', { planHash: 'a'.repeat(64), artefactSha256: 'f'.repeat(64) }, 'model-test-data-seen'], ['for the same file, asked another question', { planHash: 'a'.repeat(64), output: 'harvest-advice' }, 'model-test-data-seen'],
    ['for another file and question', { planHash: 'a'.repeat(64), output: 'harvest-advice', artefactSha256: 'f'.repeat(64) }, undefined], ['under the same plan, as a planned retraining is', { artefactSha256: 'f'.repeat(64) }, undefined],
  ])('after the signature count where they were opened %s', (_, asked, code) => {
    const registry = candidate();
    expect(unseen(registry, [openedSet(registry.data!, later(signedAt(registry), 5), 1, asked)])).toBe(code);
  });
  it('count against who opens them second: what was opened for another plan later takes nothing from the first', () => {
    const registry = candidate();
    const [first, second] = [later(signedAt(registry), 5), later(signedAt(registry), 6)];
    const other = openedSet(registry.data!, second, 3, { planHash: 'a'.repeat(64) });
    expect([unseen(registry, [other], first), unseen(registry, [other], second), unseen(registry, [other])]).toEqual([undefined, 'model-test-data-seen', 'model-test-data-seen']);
  });
  it('are looked at again at the acceptance, as of the opening for this version', () => {
    const { model, data } = tested();
    const { at } = data!.accesses[0]!;
    const accepting = (minutes: number) => codeOf(() => acceptVersion(model, MODEL_ID, 1, evidence(data, { sets: [openedSet(data!, later(at, minutes), 3, { planHash: 'a'.repeat(64) }), setOf(data!)] }), SCIENTIST('approval')));
    expect([accepting(-1), accepting(0), accepting(1)]).toEqual(['model-test-data-seen', 'model-test-data-seen', undefined]);
  });
  it('count where nobody knows any more what they were opened for', () => {
    const registry = candidate();
    const data = { ...registry.data!, accesses: [access(later(signedAt(registry), 5))] };
    expect(unseen(registry, [openedSetOf(data, TEST_DATA, () => undefined)])).toBe('model-test-data-seen');
  });
  it('are named with plan and file of the version they were opened for', () => {
    const { model, data } = opened();
    expect(openedSetOf(data!, TEST_DATA, (id) => (id === MODEL_ID ? model : undefined)).openings).toMatchObject([{ modelId: MODEL_ID, version: 1, asked: { output: PLAN.output, planHash: planHashOf(PLAN), artefactSha256: ARTEFACT } }]);
  });
  it('test a retraining that was planned before they were opened, and no other version', () => {
    const registry = active().do((model) => draftPlannedRetraining(model, MODEL_ID, 1, 'more batches')).do((model) => approvePlan(model, MODEL_ID, 2, SCIENTIST('approval')));
    const check = () => codeOf(() => { requireUnseen(registry.model!, registry.model!.versions[1]!, rows, [setOf(registry.data!)]); });
    expect(check()).toBeUndefined();
    registry.do((model) => draftVersion(model, MODEL_ID, PLAN)).do((model) => approvePlan(model, MODEL_ID, 2, SCIENTIST('approval')));
    expect(check()).toBe('model-plan-after-test');
  });
});

describe('what a version is tested on', () => {
  const leftOut = (first: OpenedSet['manifest'], then: OpenedSet['manifest'], version = 1) => {
    const { data } = opened();
    return codeOf(() => { requireNothingLeftOut(MODEL_ID, version, { testDataId: 'then', manifest: then }, [setOf(data!, first)]); });
  };
  it('holds every record that was opened for it, of every hospital, and more if wanted', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 10 }), fc.integer({ min: 1, max: 20 }), fc.integer({ min: 0, max: 10 }), fc.integer({ min: 1, max: 20 }), (from, records, nextFrom, nextRecords) => {
      const holds = nextFrom <= from && nextFrom + nextRecords >= from + records;
      expect(leftOut(manifest('a', { nodeId: 'north', from, records }), manifest('b', { nodeId: 'north', from: nextFrom, records: nextRecords }, { nodeId: 'hill', from: 0, records: 3 }))).toBe(holds ? undefined : 'model-test-data-left-out');
    }));
    const [north] = TEST_DATA.sites;
    expect([leftOut(TEST_DATA, { sites: [north!] }), leftOut({ sites: [north!] }, TEST_DATA)]).toEqual(['model-test-data-left-out', undefined]);
  });
  it('does not hang on what was opened for another version', () => { expect(leftOut(TEST_DATA, { sites: TEST_DATA.sites.slice(0, 1) }, 2)).toBeUndefined(); });
  it('is looked at again when it is accepted, against every set that was opened for it', () => {
    const { model, data } = tested();
    const first = { ...setOf({ ...data!, testDataId: 'first' }, manifest('first', { nodeId: 'harbour', from: 0, records: 30 }, { nodeId: 'north', from: 100, records: 50 })) };
    expect(codeOf(() => acceptVersion(model, MODEL_ID, 1, evidence(data, { sets: [first, setOf(data!)] }), SCIENTIST('approval')))).toBe('model-test-data-left-out');
    expect(codeOf(() => acceptVersion(model, MODEL_ID, 1, evidence(data), SCIENTIST('approval')))).toBeUndefined();
  });
});

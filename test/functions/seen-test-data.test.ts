import { beforeEach, describe, expect, it } from 'vitest';
import { modelObject } from '../../functions/_platform/model-objects.ts';
import { manifestHashOf } from '../../shared/model-registry/data-manifest.ts';
import type { DataStatement } from '../../shared/model-registry/data-statement.ts';
import { planHashOf } from '../../shared/model-registry/schema.ts';
import type { Answered } from '../support/api.ts';
import { counts, dataStatements, manifestOfStatements, MODEL_ID, PLAN, TEST_TERMS, TESTED_ON } from '../support/model-fixtures.ts';
import { createRegistry, statedWith, statesOf, testCountsOf, upTo, type Registry } from '../support/model-registry.ts';
import { PEOPLE } from '../support/people.ts';
import { statedBy } from '../support/statements.ts';

const { reviewer, regulator } = PEOPLE;
const LOWER = { test: { ...PLAN.test, criteria: PLAN.test.criteria.map((each) => ({ ...each, minimum: each.metric === 'decided' ? each.minimum : 0.1 })), baseline: { ...PLAN.test.baseline, values: [{ metric: 'sensitivity', value: 0.05 }] } } };
const FRESH = dataStatements('test', [{ nodeId: 'north', from: 300, records: 50, positives: 22 }, { nodeId: 'hill', from: 300, records: 40, positives: 18 }]);

let registry: Registry;
beforeEach(async () => {
  registry = createRegistry();
  await registry.site.grant();
});

/** Rows registered under a name, as hospitals tell of them. */
const register = async (testDataId: string, told: readonly DataStatement[]): Promise<string> => {
  const manifestSha256 = manifestHashOf(manifestOfStatements(told));
  await registry.addManifest(told);
  expect((await registry.registerTestData({ testDataId, manifestSha256, sites: told.map(({ nodeId, recordDigests, positives }) => ({ nodeId, records: recordDigests.length, positives })) })).status).toBe(201);
  return manifestSha256;
};
const open = async (testDataId: string, version = 1, modelId = MODEL_ID): Promise<Answered> =>
  registry.ask(reviewer, '/v1/test-data/{testDataId}/accesses', { modelId, version, purpose: 'the test', signature: registry.site.sign(reviewer, 'performed', (await registry.site.testData.load(testDataId)).position.version) }, { testDataId });
const accessesOf = async (testDataId: string): Promise<number> => (await registry.site.testData.load(testDataId)).state?.accesses.length ?? 0;
const card = async (): Promise<string> => (await registry.site.call(regulator, 'GET /v1/models/{modelId}/versions/{version}/card', { path: { modelId: MODEL_ID, version: '1' } })).file?.toString('utf8') ?? '';

describe('criteria that were lowered after a test', () => {
  beforeEach(async () => {
    await upTo(registry, 'opened');
    await registry.test(undefined, undefined, { statements: await statedWith((nodeId) => (nodeId === 'hill' ? { counts: counts(4, 1, 20, 13, 1, 1) } : {})) });
    await registry.retire();
    await registry.draft(LOWER);
    for (const move of [registry.approvePlan, registry.submit]) expect((await move(undefined, undefined, {}, MODEL_ID, '2')).status).toBe(200);
  });
  it.each([
    ['the same rows under another name', TESTED_ON], ['the same and one batch more', dataStatements('test', [{ nodeId: 'north', from: 100, records: 51 }, { nodeId: 'hill', from: 300, records: 40 }])],
    ['others and one that was seen', dataStatements('test', [{ nodeId: 'north', from: 300, records: 50 }, { nodeId: 'hill', from: 139, records: 40 }])],
  ])('open nothing again: %s; no hospital is told', async (_, told) => {
    await register('again', told);
    expect([(await open('again', 2)).code, await accessesOf('again')]).toEqual(['model-plan-after-test', 0]);
  });
  it('are tested on batches nobody has seen', async () => {
    const testManifestSha256 = await register('fresh', FRESH);
    expect((await open('fresh', 2)).status).toBe(201);
    const statements = await statedWith((nodeId) => ({ version: 2, planHash: planHashOf({ ...PLAN, ...LOWER } as typeof PLAN), testDataId: 'fresh', testManifestSha256, rowsSha256: FRESH.find((each) => each.nodeId === nodeId)!.rowsSha256 }));
    expect((await registry.test(undefined, undefined, { testDataId: 'fresh', statements }, MODEL_ID, '2')).status).toBe(200);
    expect((await registry.accept(undefined, undefined, {}, MODEL_ID, '2')).status).toBe(200);
  });
  it('open nothing while it can not be read what was opened before', async () => {
    await register('fresh', FRESH);
    registry.site.bucket.objects.delete(modelObject.manifest(TEST_TERMS.manifestSha256));
    expect([(await open('fresh', 2)).code, await accessesOf('fresh')]).toEqual(['register-entry-not-found', 0]);
    await registry.site.bucket.put(modelObject.manifest(TEST_TERMS.manifestSha256), Buffer.from(JSON.stringify(manifestOfStatements(FRESH))));
    expect([(await open('fresh', 2)).code, await accessesOf('fresh')]).toEqual(['model-hash-mismatch', 0]);
  });
});

describe('one of two plans that were signed before', () => {
  it('is not chosen after reading which is met', async () => {
    await registry.draft(LOWER, 'lower');
    await registry.approvePlan(undefined, undefined, {}, 'lower');
    await upTo(registry, 'opened');
    expect((await registry.submit(undefined, undefined, {}, 'lower')).status).toBe(200);
    await register('again', TESTED_ON);
    expect([(await open('again', 1, 'lower')).code, (await open(TEST_TERMS.testDataId, 1, 'lower')).code]).toEqual(['model-test-data-seen', 'model-test-data-seen']);
  });
});

describe('test data of a version that had others opened', () => {
  const [north, hill] = TESTED_ON;
  const changed: DataStatement = { ...hill!, rowsSha256: 'c'.repeat(64) };
  beforeEach(() => upTo(registry, 'opened'));
  it.each([['a hospital', [north!]], ['a batch', [north!, { ...hill!, recordDigests: hill!.recordDigests.slice(1), rowsSha256: 'c'.repeat(64) }]]])('are not opened without %s of them: its counts may have been read', async (_, told) => {
    await register('chosen', told);
    expect([(await open('chosen')).code, await accessesOf('chosen')]).toEqual(['model-test-data-left-out', 0]);
  });
  it('test nothing without a hospital of them, though they were opened first', async () => {
    registry = createRegistry();
    await upTo(registry, 'candidate');
    const testManifestSha256 = await register('north-alone', [north!]);
    expect([(await open('north-alone')).status, (await open(TEST_TERMS.testDataId)).status]).toEqual([201, 201]);
    const test = await registry.test(undefined, undefined, { testDataId: 'north-alone', statements: [await statedBy('north', testCountsOf('north', { testDataId: 'north-alone', testManifestSha256 }))] });
    expect(test.code).toBe('model-test-data-left-out');
    expect((await registry.site.models.load(MODEL_ID)).state?.versions[0]?.report).toBeUndefined();
  });
  it('accept nothing while a wider set is on record as opened for it, however it came there', async () => {
    await registry.test();
    await register('wider', [...TESTED_ON.slice(0, 1), dataStatements('test', [{ nodeId: 'hill', from: 100, records: 41 }])[0]!]);
    await registry.site.testData.change('wider', () => [{ type: 'test-data-accessed', by: reviewer.id, modelId: MODEL_ID, version: 1, purpose: 'again' }], { actor: { kind: 'system', id: 'test', version: '1' } });
    expect((await registry.accept()).code).toBe('model-test-data-left-out');
  });
  it('are told and registered anew where rows of a hospital changed: what another answered before stands, and the card shows both sets', async () => {
    const testManifestSha256 = await register('anew', [north!, changed]);
    expect((await open('anew')).status).toBe(201);
    expect(await card()).toMatch(/## Test data\n\nEvery set that was opened for version 1:\n(.*\n){3}.*batches-2025-v1.*no \|\n.*anew.*no \|/);
    const statements = [await statedBy('north', testCountsOf('north')), await statedBy('hill', testCountsOf('hill', { testDataId: 'anew', testManifestSha256, rowsSha256: changed.rowsSha256 }))];
    expect((await registry.test(undefined, undefined, { testDataId: 'anew', statements })).status).toBe(200);
    expect([(await registry.accept()).status, await statesOf(registry)]).toEqual([200, ['accepted']]);
    expect(await card()).toMatch(/\| batches-2025-v1 \| \w+ \| north 50, hill 40 \| \S+ \| no \|\n\| anew \| \w+ \| north 50, hill 40 \| \S+ \| yes \|/);
  });
  it.each<readonly [string, Partial<Parameters<typeof testCountsOf>[1]>]>([
    ['that was opened for another version', { testDataId: 'elsewhere' }], ['of another manifest than it had', { testManifestSha256: 'e'.repeat(64) }], ['of other rows than the test data have', { rowsSha256: 'd'.repeat(64) }],
  ])('take no answer on a set %s', async (_, own) => {
    const testManifestSha256 = await register('anew', [north!, changed]);
    await open('anew');
    const statements = [await statedBy('north', testCountsOf('north', own)), await statedBy('hill', testCountsOf('hill', { testDataId: 'anew', testManifestSha256, rowsSha256: changed.rowsSha256 }))];
    expect((await registry.test(undefined, undefined, { testDataId: 'anew', statements })).code).toBe('model-results-inconsistent');
  });
});

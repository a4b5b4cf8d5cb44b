import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { Context } from 'aws-lambda';
import { parseTar } from 'nanotar';
import { beforeEach, describe, expect, it } from 'vitest';
import { viewsOf } from '../../functions/_platform/restore/views.ts';
import { modelObject, PUBLISHED_DRIFT, PUBLISHED_RECORDS } from '../../functions/_platform/model-objects.ts';
import { createNodeModels } from '../../functions/_platform/node-models.ts';
import { createHandler, type ModelIntakePorts } from '../../functions/model-intake/handler.ts';
import { predict } from '../../models/forest/evaluate.ts';
import type { ModelRecord } from '../../shared/model-registry/may-run.ts';
import { signedObject } from '../../shared/model-registry/publication.ts';
import { codeOfAsync } from '../support/error-code.ts';
import { createMemoryObjectStore } from '../support/memory/object-store.ts';
import { ARTEFACT, ARTEFACT_TEXT, MODEL_ID, PLAN, TRAINING } from '../support/model-fixtures.ts';
import { createRegistry, upTo } from '../support/model-registry.ts';
import { createNode, type TestNode } from '../support/node.ts';
import { PEOPLE } from '../support/people.ts';
import { controlKey, publishAs } from '../support/publications.ts';

const SHIPPED = readFileSync('models/early-prediction/model.json');
const SHIPPED_SHA256 = createHash('sha256').update(SHIPPED).digest('hex');
const OTHER_TEXT = ARTEFACT_TEXT.replaceAll('-1.5', '-2.5');
const OTHER = createHash('sha256').update(OTHER_TEXT).digest('hex');
const record = (version: number, state: ModelRecord['state'], own: Partial<ModelRecord> = {}): ModelRecord => ({ modelId: MODEL_ID, version, productId: 'test-product', output: 'early-failure', artefactSha256: ARTEFACT, inputs: PLAN.inputs.map(({ title: _, ...bounds }) => bounds), threshold: 0.5, undecided: { errorRate: 0.1, calibration: TRAINING.calibration }, state, ...own });

let node: TestNode;
let network: ReturnType<typeof createMemoryObjectStore>;
let bucket: ReturnType<typeof createMemoryObjectStore>;
let counted: number;
beforeEach(() => {
  node = createNode();
  [network, bucket, counted] = [createMemoryObjectStore(), createMemoryObjectStore(), 0];
  network.objects.set(modelObject.artefact(ARTEFACT), Buffer.from(ARTEFACT_TEXT));
  network.objects.set(modelObject.artefact(OTHER), Buffer.from(OTHER_TEXT));
});

const tell = (...records: readonly ModelRecord[]): unknown => publishAs(network.objects, 'records', JSON.stringify({ formatVersion: 1, records }));
const run = (own: Partial<ModelIntakePorts> = {}) => createHandler({
  nodeId: 'north', datasets: node.datasets, models: node.records.models, tables: node.records.governanceTables, publications: node.records.publications, controlKey, now: node.now, operations: node.operations, bucket, fetch: async (key) => (await network.get(key))?.body, shipped: () => ({ sha256: SHIPPED_SHA256, bytes: SHIPPED }),
  count: (_, value) => { counted += value; }, ...own,
})({}, { awsRequestId: 'r-1' } as Context);
const models = () => createNodeModels({ models: node.records.models, operations: node.operations, bucket });
const events = async (modelId = MODEL_ID) => (await node.store.load<{ record: ModelRecord }>({ kind: 'model-record', id: modelId })).map(({ event }) => event.record);

describe('a hospital', () => {
  it('puts on its own record what the control site says of its models, and keeps their files and archives', async () => {
    const registry = await upTo(createRegistry(), 'active');
    network = registry.site.bucket;
    expect(await run()).toEqual({ taken: [MODEL_ID], refused: [] });
    expect(await models().records()).toEqual([record(1, 'active')]);
    const forest = await models().artefact(ARTEFACT);
    expect([predict(forest, [6.5, 10]), predict(forest, [7.5, 10])].map((each) => Math.round(each * 1000))).toEqual([818, 182]);
    const files = parseTar(Uint8Array.from(gunzipSync(bucket.objects.get(modelObject.archive(ARTEFACT)) ?? Buffer.alloc(0))));
    expect(files.map(({ name, data }) => [name, Buffer.from(data ?? []).toString('utf8')])).toEqual([['model.json', ARTEFACT_TEXT]]);
    await registry.suspend();
    await run();
    expect((await events()).map(({ state }) => state)).toEqual(['active', 'suspended']);
    expect(counted).toBe(0);
  });
  it('writes nothing when nothing changed, and the same bytes for the same model', async () => {
    tell(record(1, 'active'));
    await run();
    const before = structuredClone([...bucket.objects]);
    expect(await run()).toEqual({ taken: [], refused: [] });
    expect(await events()).toHaveLength(1);
    expect([...bucket.objects]).toEqual(before);
  });
  it('has the model that comes with the platform for its endpoint, before anything is published', async () => {
    expect(await run()).toEqual({ taken: [], refused: [] });
    expect([...bucket.objects.keys()].toSorted()).toEqual([modelObject.archive(SHIPPED_SHA256), modelObject.artefact(SHIPPED_SHA256)].toSorted());
    expect((await models().artefact(SHIPPED_SHA256)).trees.length).toBeGreaterThan(0);
    expect(await models().records()).toEqual([]);
  });
  it('goes from one version to the next in one append, never with two', async () => {
    tell(record(1, 'active'));
    await run();
    tell(record(1, 'retired'), record(2, 'active', { artefactSha256: OTHER }));
    await run();
    expect(await events()).toEqual([record(1, 'active'), record(1, 'retired'), record(2, 'active', { artefactSha256: OTHER })]);
  });
});

describe('a hospital refuses, counts and keeps what it has, when', () => {
  beforeEach(async () => {
    tell(record(1, 'active'));
    await run();
  });
  it.each<readonly [string, () => void, string]>([
    ['what is published can not be read', () => { publishAs(network.objects, 'records', '{"formatVersion":1'); }, PUBLISHED_RECORDS],
    ['what is published is of another kind', () => { publishAs(network.objects, 'records', '{"formatVersion":2,"records":[]}'); }, PUBLISHED_RECORDS],
    ['a model is told of no more', () => { tell(); }, MODEL_ID], ['nothing is published any more', () => { network.objects.delete(signedObject('records')); }, PUBLISHED_RECORDS],
    ['a version has another artefact than before', () => { tell(record(1, 'active', { artefactSha256: OTHER })); }, MODEL_ID],
    ['a version names another product', () => { tell(record(1, 'active', { productId: 'other-product' })); }, MODEL_ID],
    ['the file of a next version is not what its hash says', () => { network.objects.set(modelObject.artefact(OTHER), Buffer.from(ARTEFACT_TEXT)); tell(record(1, 'active'), record(2, 'suspended'), record(3, 'active', { artefactSha256: OTHER, output: 'harvest-advice' })); }, MODEL_ID],
    ['another model is active for the same output', () => { tell(record(1, 'active'), record(1, 'active', { modelId: 'other-model', artefactSha256: OTHER })); }, 'other-model'],
  ])('%s', async (_, change, refused) => {
    change();
    expect((await run()).refused).toContain(refused);
    expect(counted).toBeGreaterThan(0);
    expect((await models().records()).filter(({ state }) => state === 'active')).toEqual([record(1, 'active')]);
  });
  it('the file of a next version is not a model, yet stops the version that was stopped', async () => {
    const text = '{"learner":{}}';
    const sha256 = createHash('sha256').update(text).digest('hex');
    network.objects.set(modelObject.artefact(sha256), Buffer.from(text));
    tell(record(1, 'retired'), record(2, 'active', { artefactSha256: sha256 }));
    expect(await run()).toEqual({ taken: [MODEL_ID], refused: [MODEL_ID] });
    expect(await models().records()).toEqual([record(1, 'retired')]);
    network.objects.set(modelObject.artefact(OTHER), Buffer.from(OTHER_TEXT));
    expect(bucket.objects.has(modelObject.artefact(sha256))).toBe(false);
  });
  it.each([['file', modelObject.artefact(ARTEFACT)], ['archive', modelObject.archive(ARTEFACT)]])('its own %s was changed, and mends it', async (_, key) => {
    const whole = bucket.objects.get(key);
    bucket.objects.set(key, Buffer.from('something else'));
    expect((await run()).refused).toEqual([MODEL_ID]);
    expect([counted, bucket.objects.get(key)]).toEqual([1, whole]);
  });
  it('another version of its model is left out or can not be read, yet stops the version that was stopped', async () => {
    tell(record(1, 'active'), record(2, 'retired', { artefactSha256: OTHER }));
    await run();
    tell(record(1, 'suspended'));
    expect(await run()).toEqual({ taken: [MODEL_ID], refused: [MODEL_ID] });
    expect(await models().records()).toEqual([record(1, 'suspended'), record(2, 'retired', { artefactSha256: OTHER })]);
    tell(record(1, 'active'), record(2, 'retired', { artefactSha256: OTHER }));
    await run();
    const unknown = { ...record(2, 'retired', { artefactSha256: OTHER }), ofALaterSite: true };
    tell(record(1, 'suspended'), unknown);
    expect(await run()).toEqual({ taken: [MODEL_ID], refused: [PUBLISHED_RECORDS, MODEL_ID] });
    expect((await models().records())[0]).toEqual(record(1, 'suspended'));
  });
  it('the entry that stops a version can not be read, and stops it', async () => {
    const unknown = { ...record(1, 'retired'), output: 'of-a-later-site' } as unknown as ModelRecord;
    tell(unknown, record(1, 'active', { modelId: 'other-model', output: 'harvest-advice' }));
    expect(await run()).toEqual({ taken: [MODEL_ID, 'other-model'], refused: [PUBLISHED_RECORDS, MODEL_ID] });
    expect((await models().records()).filter(({ modelId }) => modelId === MODEL_ID)).toEqual([record(1, 'suspended')]);
  });
  it('the bucket does not answer for one model, stops the others, and fails the run afterwards', async () => {
    tell(record(1, 'active'), record(1, 'active', { modelId: 'other-model', output: 'harvest-advice' }));
    await run();
    const whole = network;
    network = { ...whole, get: (key) => (key === modelObject.artefact(OTHER) ? Promise.reject(new Error('no answer')) : whole.get(key)) };
    tell(record(1, 'retired'), record(2, 'active', { artefactSha256: OTHER }), record(1, 'suspended', { modelId: 'other-model', output: 'harvest-advice' }));
    await expect(run()).rejects.toThrow('no answer');
    expect((await models().records()).map(({ state }) => state)).toEqual(['retired', 'suspended']);
  });
  /** As a monitoring model says it is one, whole by its own hash, and no JSON. */
  const NO_JSON = ((open) => open.replace('"bedside_sha256":""', `"bedside_sha256":"${createHash('sha256').update(open).digest('hex')}"`))('{"format":"bedside-monitoring-2", no more "bedside_sha256":""}');
  it('the file of one model can not be read at all, and takes and stops the others', async () => {
    const sha256 = createHash('sha256').update(NO_JSON).digest('hex');
    network.objects.set(modelObject.artefact(sha256), Buffer.from(NO_JSON));
    tell(record(1, 'active', { modelId: 'a-model', artefactSha256: sha256, output: 'process-monitoring-alarm' }), record(1, 'suspended'), record(1, 'active', { modelId: 'other-model', output: 'harvest-advice' }));
    const { taken, refused } = await run();
    expect([[...taken].toSorted(), refused]).toEqual([[MODEL_ID, 'other-model'], ['a-model']]);
    expect((await models().records()).map(({ modelId, state }) => [modelId, state])).toEqual([[MODEL_ID, 'suspended'], ['other-model', 'active']]);
  });
  it('a file of one model does not come, and takes and stops the others before the run fails', async () => {
    const answering = network;
    const fetch = async (key: string) => (key === modelObject.artefact(OTHER) ? Promise.reject(new Error('no answer')) : (await answering.get(key))?.body);
    tell(record(1, 'suspended'), record(2, 'active', { artefactSha256: OTHER }), record(1, 'active', { modelId: 'other-model', output: 'harvest-advice' }));
    await expect(run({ fetch })).rejects.toThrow('no answer');
    expect((await models().records()).map(({ modelId, version, state }) => [modelId, version, state])).toEqual([[MODEL_ID, 1, 'suspended'], ['other-model', 1, 'active']]);
  });
  it('the model that comes with the platform is none, and takes the others', async () => {
    tell(record(1, 'suspended'));
    const bytes = Buffer.from('no model');
    expect(await run({ shipped: () => ({ sha256: createHash('sha256').update(bytes).digest('hex'), bytes }) })).toEqual({ taken: [MODEL_ID], refused: ['shipped'] });
  });
  it('one model is refused, and takes the others', async () => {
    tell(record(1, 'active', { artefactSha256: OTHER }), record(1, 'active', { modelId: 'other-model', output: 'harvest-advice' }));
    expect(await run()).toEqual({ taken: ['other-model'], refused: [MODEL_ID] });
  });
});

describe('drift that was judged at the control site', () => {
  const NOTICE = { modelId: MODEL_ID, version: 1, runId: 'DRIFT-1', from: '2026-01-01T00:00:00.000Z', to: '2026-02-01T00:00:00.000Z', cases: 90, decision: 'alarm', detail: 'ph-minimum: stability index 0.400', isOpen: true };
  const drift = (...notices: readonly unknown[]): unknown => publishAs(network.objects, 'drift', JSON.stringify({ formatVersion: 1, notices }));
  const work = async (person = PEOPLE.reviewer, role = 'quality-reviewer') => ((await node.ok(person, 'GET /v1/work', { query: { role } }))['items'] as { subject: string }[]).filter(({ subject }) => subject.startsWith('model-drift/'));
  const types = async () => (await node.store.load<{ type: string }>({ kind: 'model-record', id: MODEL_ID })).map(({ event }) => event.type);
  beforeEach(async () => { tell(record(1, 'active')); drift(NOTICE); await run(); });
  it('is on the hospital\'s record once, and on the work lists of who reviews, until it is settled', async () => {
    await run();
    expect(await types()).toEqual(['model-record-taken', 'model-drift-told']);
    expect(await work()).toEqual([expect.objectContaining({ subject: `model-drift/${MODEL_ID}/1/DRIFT-1`, kind: 'model-drift', detail: expect.stringContaining('90 cases') as string })]);
    expect(await work(PEOPLE.scientist, 'process-scientist')).toHaveLength(1);
    expect((await models().records())[0]).toMatchObject({ state: 'active' });
    drift({ ...NOTICE, isOpen: false });
    await run();
    await run();
    expect([await types(), await work(), await work(PEOPLE.scientist, 'process-scientist')]).toEqual([['model-record-taken', 'model-drift-told', 'model-drift-settled'], [], []]);
    const { items } = await node.ok(PEOPLE.scientist, 'GET /v1/audit/models') as { items: { drift: unknown[] }[] };
    expect(items[0]?.drift).toMatchObject([{ what: 'alarm', runId: 'DRIFT-1', askedOf: ['process-scientist', 'quality-reviewer'] }, { what: 'settled', runId: 'DRIFT-1' }]);
  });
  it('is found again on the work lists when the operations table is lost', async () => {
    const stream = { kind: 'model-record', id: MODEL_ID } as const;
    expect(viewsOf(stream, await node.store.load(stream), node.now()).map(({ key }) => key.pk)).toEqual(expect.arrayContaining(['WORK#quality-reviewer', 'WORK#process-scientist']));
  });
  it.each([['can not be read', () => publishAs(network.objects, 'drift', '{')], ['says what it should not', () => drift({ ...NOTICE, runId: 'DRIFT-2', rows: [1] })]])('that %s is refused and counted, and stopping a model waits for none of it', async (_, damage) => {
    damage();
    tell(record(1, 'suspended'));
    expect((await run()).refused).toEqual([PUBLISHED_DRIFT]);
    expect([counted, (await models().records())[0]?.state, (await types()).filter((type) => type === 'model-drift-told').length]).toEqual([1, 'suspended', 1]);
  });
});

describe('a model file of a hospital', () => {
  it('does not load when a byte of it was changed, or it is not there', async () => {
    bucket.objects.set(modelObject.artefact(ARTEFACT), Buffer.from(ARTEFACT_TEXT.replace('1.5', '1.6')));
    expect(await codeOfAsync(() => models().artefact(ARTEFACT))).toBe('model-tampered');
    expect(await codeOfAsync(() => models().artefact(OTHER))).toBe('model-not-found');
  });
  it('keeps no model that comes with the software, unless it is an example', async () => {
    tell();
    await createHandler({ nodeId: 'north', datasets: node.datasets, models: node.records.models, tables: node.records.governanceTables, publications: node.records.publications, controlKey, now: node.now, operations: node.operations, bucket, fetch: async (key) => (await network.get(key))?.body, count: () => undefined })({}, { awsRequestId: 'r-1' } as Context);
    expect([...bucket.objects.keys()]).toEqual([]);
  });
  it('fails the run, and is tried again, while the control site does not answer', async () => {
    const handler = createHandler({ nodeId: 'north', datasets: node.datasets, models: node.records.models, tables: node.records.governanceTables, publications: node.records.publications, controlKey, now: node.now, operations: node.operations, bucket, fetch: () => Promise.reject(new Error('no answer')), shipped: () => ({ sha256: SHIPPED_SHA256, bytes: SHIPPED }), count: () => undefined });
    await expect(handler({}, { awsRequestId: 'r-1' } as Context)).rejects.toThrow('no answer');
  });
});

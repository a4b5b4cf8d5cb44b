import { beforeEach, describe, expect, it } from 'vitest';
import { referenceCompanions } from '../../functions/_platform/reference-index.ts';
import { reindex } from '../../functions/_platform/restore/reindex.ts';
import { foldBatch } from '../../shared/batch/fold.ts';
import type { BatchEvent } from '../../shared/batch/events.ts';
import type { StreamId } from '../../shared/record/envelope.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { NOW } from '../support/batch-fixtures.ts';
import { asking, createInspected, DAY_MS, streamsIn, type Items, type Query } from '../support/inspection.ts';
import { act, advance, BATCH_ROUTE, type Journey } from '../support/journey.ts';
import { itemOf, placeOf } from '../support/memory/operations-store.ts';
import { createMemoryRecordStore } from '../support/memory/record-store.ts';
import type { TestNode } from '../support/node.ts';
import { PEOPLE } from '../support/people.ts';

const { operator, second, regulator, reviewer, qualified, scientist, engineer, steward } = PEOPLE;

let node: TestNode;
let journey: Journey;
let other: Journey;
beforeEach(async () => { ({ node, journey, other } = await createInspected()); });

const ask = asking(() => node);
const record = (query: Query = {}, batchId = journey.batchId) => ask('batches/{batchId}/record', query, { batchId });
const itemsOf = async (path: string, query: Query): Promise<Items> => {
  const items: Readonly<Record<string, unknown>>[] = [];
  let cursor: string | undefined;
  do {
    const { status, body } = await ask(path, { ...query, ...(cursor === undefined ? {} : { cursor }) });
    if (status !== 200) throw new Error(JSON.stringify(body));
    items.push(...body['items'] as Items);
    cursor = body['nextCursor'] as string | undefined;
    if (cursor !== undefined && (body['items'] as Items).length === 0) throw new Error('an empty page that is not the last');
  } while (cursor !== undefined);
  return items;
};

describe('the record as it stood', () => {
  it('at any version has the state and the events of that version', async () => {
    const events = await node.store.load<BatchEvent>({ kind: 'batch', id: journey.batchId });
    for (const { version, hash, recordedAt } of events) {
      const { body } = await record({ version: String(version), limit: '200' });
      const { recipe: { content: _, ...recipe }, ...state } = foldBatch(events.slice(0, version))!;
      expect(body).toEqual({ batchId: journey.batchId, version, hash, recordedAt, latestVersion: events.length, items: events.slice(0, version), state: { ...state, recipe } });
    }
  });
  it('is the latest unless another is asked for, in pages', async () => {
    const { version } = await node.batch(journey.batchId);
    const { body } = await record({ limit: '3' });
    expect(body).toMatchObject({ version, latestVersion: version, items: [{ version: 1 }, { version: 2 }, { version: 3 }] });
    expect((await record({ limit: '3', version: '4', cursor: String(body['nextCursor']) })).body).toMatchObject({ version: 4, items: [{ version: 4 }] });
  });
  it('is not there for a version it has not reached, nor for another hospital\'s batch', async () => {
    const { version } = await node.batch(journey.batchId);
    expect(await record({ version: String(version + 1) })).toMatchObject({ status: 404, code: 'record-version-not-found', body: { latestVersion: version } });
    expect(await record({}, 'hill-20260302-000000')).toMatchObject({ status: 404, code: 'batch-not-found' });
    expect((await record({ version: '0' })).code).toBe('request-malformed');
  });
  it('has its audit trail beside it', async () => {
    const [own, before] = await Promise.all([`GET /v1/audit/batches/{batchId}/audit-trail`, `GET ${BATCH_ROUTE}/audit-trail`].map((route) => node.call(regulator, route, { path: { batchId: journey.batchId }, query: { limit: '7' } })));
    expect(own?.body).toEqual(before?.body);
  });
});

describe('the list of batches', () => {
  it.each<readonly [string, () => Query, () => readonly Journey[]]>([
    ['nothing', () => ({}), () => [other, journey]], ['the state', () => ({ state: 'running' }), () => [journey]], ['no decision', () => ({ disposition: 'none' }), () => [other, journey]], ['a decision', () => ({ disposition: 'release' }), () => []],
    ['the therapy event', () => ({ chainOfIdentityId: other.chainOfIdentityId }), () => [other]], ['the product', () => ({ productId: 'test-product' }), () => [other, journey]], ['another product', () => ({ productId: 'other' }), () => []],
    ['the day', () => ({ from: new Date(NOW + 1).toISOString() }), () => [other]], ['the days before', () => ({ to: new Date(NOW + 1).toISOString() }), () => [journey]], ['both', () => ({ state: 'idle', to: new Date(NOW + 1).toISOString() }), () => []],
  ])('is filtered by %s, whatever the page', async (_, query, wanted) => {
    for (const limit of ['1', '50']) expect((await itemsOf('batches', { ...query(), limit })).map(({ batchId }) => batchId)).toEqual(wanted().map(({ batchId }) => batchId));
  });
  it('refuses a time that ends before it begins', async () => { expect((await ask('batches', { from: '2026-03-03T00:00:00Z', to: '2026-03-02T00:00:00Z' })).code).toBe('request-malformed'); });
});

describe('search', () => {
  it('by therapy event finds its record, its material and its batches, with the versions that name it', async () => {
    const items = await itemsOf('search', { chainOfIdentityId: journey.chainOfIdentityId });
    expect(streamsIn(items)).toEqual([`batch ${journey.batchId}`, `chain-of-identity ${journey.chainOfIdentityId}`, `material-lot ${journey.patientLot}`]);
    expect(items[0]).toMatchObject({ versions: [{ version: 1, type: 'batch-created' }], latestVersion: (await node.batch(journey.batchId)).version });
  });
  it('by lot and by equipment finds the batches that used it', async () => {
    const [lot] = await itemsOf('search', { materialLotId: 'MED-1' });
    expect(lot).toMatchObject({ kind: 'batch', id: journey.batchId, versions: [{ type: 'material-added' }] });
    await advance(journey, 'completed', 'valued');
    const [equipment] = await itemsOf('search', { equipmentId: 'BIO-1' });
    expect(equipment).toMatchObject({ id: journey.batchId, versions: [{ type: 'equipment-assigned' }, { type: 'equipment-released' }] });
  });
  it('by person finds what the person did, signed, received or was registered as', async () => {
    const hits = await itemsOf('search', { personId: second.id, limit: '1' });
    expect(streamsIn(hits)).toEqual([`batch ${journey.batchId}`, `person ${second.id}`]);
    expect((hits[0]!['versions'] as Items).map(({ type }) => type)).toEqual(['custody-offered', 'phase-signed']);
  });
  it.each(['1', '2', '50'])('by time finds what was recorded in it, in pages of %s', async (limit) => {
    const at = (epochMs: number): string => new Date(epochMs).toISOString();
    expect(streamsIn(await itemsOf('search', { from: at(NOW + 1), to: at(NOW + 2 * DAY_MS), limit }))).toEqual([`batch ${other.batchId}`, `chain-of-identity ${other.chainOfIdentityId}`, `material-lot ${other.patientLot}`]);
    expect(streamsIn(await itemsOf('search', { from: at(NOW), to: at(NOW + DAY_MS), limit }))).toContain('equipment BIO-1');
    expect(await itemsOf('search', { from: at(NOW + 1), to: at(NOW + DAY_MS), limit })).toEqual([]);
    expect(await itemsOf('search', { from: at(NOW + DAY_MS), to: at(NOW + DAY_MS + 1).replace('Z', '+00:00'), limit })).toHaveLength(3);
  });
  it('finds nothing of what is not here', async () => { expect(await itemsOf('search', { materialLotId: 'NONE-1' })).toEqual([]); });
  it.each<Query>([
    {}, { materialLotId: 'MED-1', equipmentId: 'BIO-1' }, { from: '2026-03-02T00:00:00Z' }, { to: '2026-03-02T00:00:00Z' }, { personId: 'op-1', from: '2026-03-02T00:00:00Z' },
    { personId: 'op-1', from: '2026-03-02T00:00:00Z', to: '2026-03-03T00:00:00Z' }, { from: '2026-03-02T00:00:00Z', to: '2026-03-02T00:00:00Z' }, { from: '2025-03-02T00:00:00Z', to: '2026-03-02T00:00:00Z' }, { personId: 'a#b' },
  ])('refuses what is not one question: %j', async (query) => { expect(await ask('search', query)).toMatchObject({ status: 400, code: 'request-malformed' }); });
  it('refuses a cursor of another search', async () => {
    const { body } = await ask('search', { personId: operator.id, limit: '1' });
    expect((await ask('search', { equipmentId: 'BIO-1', cursor: String(body['nextCursor']) })).code).toBe('cursor-malformed');
    const noDay = Buffer.from(JSON.stringify({ pk: 'SEARCH#TIME', sk: 'yesterday' })).toString('base64url');
    expect((await ask('search', { from: '2026-03-02T00:00:00Z', to: '2026-03-03T00:00:00Z', cursor: noDay })).code).toBe('cursor-malformed');
  });
  it('finds each of several records that one append has written, and no other for it', async () => {
    const [lot] = await node.store.load({ kind: 'material-lot', id: 'MED-1' });
    const [machine] = await node.store.load({ kind: 'equipment', id: 'BIO-1' });
    const entries = referenceCompanions([lot!, machine!]).map(({ key }) => `${key.pk} ${key.sk}`);
    expect(entries).toEqual([...referenceCompanions([lot!]), ...referenceCompanions([machine!])].map(({ key }) => `${key.pk} ${key.sk}`));
    expect(entries).toContain('REFERENCE#EQUIPMENT#BIO-1 equipment#BIO-1');
    expect(entries).not.toContain('REFERENCE#EQUIPMENT#BIO-1 material-lot#MED-1');
  });
  it('misses no event of any record, and its index can be made again from the record alone', async () => {
    await advance(journey, 'released', 'valued');
    await act(journey, operator, `${BATCH_ROUTE}/hold`, { reason: 'too late' });
    const isIndex = ([, { pk }]: readonly [string, Readonly<Record<string, unknown>>]): boolean => /^(REFERENCE|RECORDED)#/.test(String(pk));
    const held = [...node.operations.items].filter(isIndex);
    const streams = held.filter(([, { pk }]) => String(pk).startsWith('RECORDED#')).map(([, { kind, id }]) => ({ kind, id }) as StreamId);
    const again = new Map(held.slice(0, 0));
    for (const stream of streams) {
      for (const recorded of await node.store.load(stream)) for (const each of referenceCompanions([recorded])) if (each.type === 'put') again.set(placeOf(each.key), itemOf(each.key, each.attributes));
    }
    expect(streams.length).toBeGreaterThan(8);
    expect(new Map([...again].toSorted())).toEqual(new Map(held.toSorted()));
  });
});

describe('what was refused', () => {
  const add = (lotId: string, label: string) => act(other, operator, `${BATCH_ROUTE}/phases/{phaseId}/materials`, { materialId: 'cells', lotId, quantity: 80, label }, { phaseId: 'receipt' });
  const found = async (query: Query): Promise<readonly unknown[]> => (((await ask('search', query)).body['items']) as readonly Readonly<{ kind: string; id: string; versions: readonly Readonly<{ type: string }>[] }>[])
    .filter(({ kind }) => kind === 'batch').map(({ id, versions }) => [id, versions.map(({ type }) => type)]);
  beforeEach(async () => { await advance(other, 'receiving'); });

  it('is found by the lot: another patient\'s, with the label of either', async () => {
    expect((await add(journey.patientLot, `BED1|LOT:${journey.patientLot}|COI:${journey.chainOfIdentityId}`)).code).toBe('chain-of-identity-mismatch');
    expect((await found({ materialLotId: journey.patientLot })).filter((each) => (each as readonly unknown[])[0] === other.batchId)).toEqual([[other.batchId, ['action-refused']]]);
    expect((await add(other.patientLot, 'BED1|LOT:SOME-OTHER')).code).toBe('material-wrong');
    expect(await found({ materialLotId: 'SOME-OTHER' })).toEqual([[other.batchId, ['action-refused']]]);
    expect(await found({ materialLotId: other.patientLot })).toEqual([[other.batchId, ['action-refused']]]);
  });
  it('is found by a lot that nobody received, or that has expired', async () => {
    expect((await add('NOBODY-1', 'BED1|LOT:NOBODY-1')).code).toBe('material-not-found');
    expect(await found({ materialLotId: 'NOBODY-1' })).toEqual([[other.batchId, ['action-refused']]]);
    node.time.epochMs += 400 * 86_400_000;
    await node.ok(steward, 'POST /v1/people/{personId}/trainings', { path: { personId: operator.id }, body: { courseId: 'aseptic', completedAt: '2027-03-01T00:00:00Z', validUntil: '2099-01-01T00:00:00Z' } });
    expect((await add(other.patientLot, `BED1|LOT:${other.patientLot}|COI:${other.chainOfIdentityId}`)).code).toBe('material-expired');
    expect(await found({ materialLotId: other.patientLot })).toEqual([[other.batchId, ['action-refused']]]);
  });
  it.each(['1', '2', '50'])('and used later comes once, in pages of %s, with both', async (limit) => {
    await add('NOBODY-1', 'BED1|LOT:NOBODY-1');
    await add(other.patientLot, 'BED1|LOT:SOME-OTHER');
    expect((await add(other.patientLot, `BED1|LOT:${other.patientLot}|COI:${other.chainOfIdentityId}`)).status).toBe(200);
    const all: unknown[] = [];
    for (let cursor: string | undefined = ''; cursor !== undefined;) {
      const { body }: { body: Readonly<Record<string, unknown>> } = await ask('search', { materialLotId: other.patientLot, limit, ...(cursor === '' ? {} : { cursor }) });
      all.push(...(body['items'] as readonly Readonly<{ kind: string; versions: readonly Readonly<{ type: string }>[] }>[]).map(({ kind, versions }) => [kind, versions.map(({ type }) => type)]));
      cursor = body['nextCursor'] as string | undefined;
    }
    expect(all).toEqual([['batch', ['action-refused', 'material-added']], ['material-lot', ['material-lot-received', 'material-lot-released']]]);
  });
  it('is no part of a genealogy: the lot never went into the batch', async () => {
    await add(journey.patientLot, `BED1|LOT:${journey.patientLot}|COI:${journey.chainOfIdentityId}`);
    const { body } = await ask('genealogy/{kind}/{id}', {}, { kind: 'material-lot', id: journey.patientLot });
    expect(JSON.stringify(body)).not.toContain(other.batchId);
    expect(JSON.stringify((await ask('genealogy/{kind}/{id}', {}, { kind: 'batch', id: other.batchId })).body)).not.toContain(journey.patientLot);
  });
});

describe('making the index again', () => {
  const isIndex = ([, { pk }]: readonly [string, Readonly<Record<string, unknown>>]): boolean => /^(REFERENCE|RECORDED)#/.test(String(pk));
  const ports = () => ({ table: { scan: async function* () { await Promise.resolve(); yield* node.table.values(); } }, record: node.store, operations: node.operations, progress: () => undefined });
  it('from the record alone gives every entry, also of events older than the index, and changes nothing else', async () => {
    await advance(journey, 'released', 'valued');
    await node.call(operator, 'GET /v1/audit/batches');
    const held = new Map(node.operations.items);
    for (const [place] of [...node.operations.items].filter(isIndex)) node.operations.items.delete(place);
    expect((await ask('search', { materialLotId: 'MED-1' })).body['items']).toEqual([]);
    const dry = await reindex(ports(), { isDryRun: true });
    expect([...node.operations.items].filter(isIndex)).toEqual([]);
    expect(await reindex(ports(), { isDryRun: false })).toEqual(dry);
    expect(dry.missing).toBe(dry.entries);
    expect(new Map([...node.operations.items].toSorted())).toEqual(new Map([...held].toSorted()));
    expect(await reindex(ports(), { isDryRun: false })).toMatchObject({ missing: 0, damaged: [] });
  });
  it('names a record that does not verify, and indexes the others', async () => {
    const { pk, sk } = keyOf.event('material-lot', 'MED-1', 1);
    const item = node.table.get(placeOf({ pk, sk }))!;
    node.table.set(placeOf({ pk, sk }), { ...item, body: String(item['body']).replace('"quantity":1000', '"quantity":1001') });
    const again = createMemoryRecordStore(node.operations, node.now, node.table);
    expect((await reindex({ ...ports(), record: again }, { isDryRun: false })).damaged).toEqual([{ kind: 'material-lot', id: 'MED-1' }]);
  });
});

describe('inspecting', () => {
  const routes = (): readonly (readonly [string, Query, Query])[] => [
    ['batches', {}, {}], ['batches/{batchId}/record', {}, { batchId: journey.batchId }], ['batches/{batchId}/audit-trail', {}, { batchId: journey.batchId }], ['search', { personId: 'op-1' }, {}], ['genealogy/{kind}/{id}', {}, { kind: 'equipment', id: 'BIO-1' }],
  ];
  it('is for the regulator and for quality, and for nobody else', async () => {
    for (const [path, query, named] of routes()) {
      for (const person of [regulator, reviewer, qualified]) expect((await ask(path, query, named, person)).status).toBe(200);
      for (const person of [operator, scientist, engineer]) expect(await ask(path, query, named, person)).toMatchObject({ status: 403, code: 'role-missing' });
    }
  });
  it('is on record before it is answered, and changes nothing else', async () => {
    const before = await node.held(journey.batchId);
    for (const [path, query, named] of routes()) await ask(path, query, named);
    expect(node.reads.map(({ operation }) => operation)).toEqual(['inspectBatches', 'inspectRecord', 'inspectAuditTrail', 'searchRecords', 'readGenealogy']);
    expect(await node.held(journey.batchId)).toEqual(before);
    node.readLog.isDown = true;
    for (const [path, query, named] of routes()) expect((await ask(path, query, named)).status).toBe(500);
  });
});

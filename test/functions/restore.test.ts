import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createBirths } from '../../functions/_platform/births.ts';
import { createNodeModels } from '../../functions/_platform/node-models.ts';
import { deviceLockKey } from '../../functions/_platform/equipment-companions.ts';
import { restore } from '../../functions/_platform/restore/restore.ts';
import { createTelemetryReader } from '../../functions/_platform/telemetry-reader.ts';
import { integrate } from '../../shared/audit-log/log-writer.ts';
import { openCheckpoint } from '../../shared/audit-log/trust.ts';
import { consistencyProof } from '../../shared/audit-log/proofs.ts';
import { tileReaderOf } from '../../shared/audit-log/log-store.ts';
import { verifyConsistency } from '../../shared/audit-log/verify-proof.ts';
import { SIGNATURE_TYPE, verifierKeyOf } from '../../shared/audit-log/verifier-key.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { codeOfAsync } from '../support/error-code.ts';
import { act, advance, BATCH_ROUTE, createJourney, equip, receiveLot, type Journey } from '../support/journey.ts';
import { createMemoryObjectStore, type MemoryObjectStore } from '../support/memory/object-store.ts';
import { placeOf } from '../support/memory/operations-store.ts';
import { createNode, type TestNode } from '../support/node.ts';
import { PEOPLE } from '../support/people.ts';
import { copyOf, sorted, standing } from '../support/restore/compare.ts';
import { restorePorts } from '../support/restore/memory-table.ts';
import { sequenced, trustOf } from '../support/sequence.ts';
import { Gateway } from '../support/telemetry/gateway.ts';
import { createHospital } from '../support/telemetry/hospital.ts';
import { MINUTE } from '../support/telemetry/sparkplug-writer.ts';

const { operator, scientist, regulator } = PEOPLE;

const checkpointOf = (node: TestNode) => openCheckpoint(node.log.objects.objects.get('checkpoint')!, trustOf(node)).checkpoint;
const options = (node: TestNode) => ({ trust: trustOf(node), isDryRun: false, withUnsigned: false });

const MODEL_RECORD = { modelId: 'a-model', version: 1, productId: 'test-product', output: 'early-failure', inputs: [], undecided: { errorRate: 0.1 }, artefactSha256: 'a'.repeat(64), state: 'active' } as const;

let old: TestNode;
let released: Journey;
let running: Journey;
beforeAll(async () => {
  old = createNode();
  await equip(old);
  await old.records.models.change(MODEL_RECORD.modelId, () => [{ type: 'model-record-taken', record: MODEL_RECORD }], { actor: { kind: 'system', id: 'model-intake', version: '1' } });
  released = await advance(await createJourney(old), 'released');
  const rows = Array.from({ length: 10 }, (_, i) => ({ recordId: `B-${i}`, label: i % 2, values: [i] }));
  await old.ok(scientist, 'POST /v1/training-data', { body: { datasetId: 'DATA-1', title: 'Past batches', source: 'Batches of 2024', role: 'training', label: 'failed', features: ['a'], rows, signature: old.sign(scientist, 'responsibility', 0) } });
  await sequenced(old);
  old.time.epochMs += 86_400_000;
  await receiveLot(old, { lotId: 'MADE-1', materialId: 'medium', sourceBatchId: released.batchId });
  running = await advance(await createJourney(old), 'valued');
  await sequenced(old);
});

/** A hospital whose two tables are gone; its log's bucket is there. */
let node: TestNode;
let objects: MemoryObjectStore;
beforeEach(() => {
  node = createNode();
  node.time.epochMs = old.time.epochMs;
  objects = copyOf(old.log.objects);
  for (const [key, body] of objects.objects) node.log.objects.objects.set(key, body);
});
const nothingWritten = (): void => {
  expect(node.table.size).toBe(0);
  expect(node.operations.items.size).toBe(0);
};

describe('a node restored from the objects of its log', () => {
  it('has every event with its leaf, summary, index entry and lock as they were, the root of the log, and says so', async () => {
    const ports = restorePorts(node, objects);
    const report = await restore(ports, options(old));
    expect(sorted(node.table)).toEqual(sorted(old.table));
    expect(standing(node)).toEqual(standing(old));
    expect(standing(node).map(([, { pk }]) => String(pk).replace(/#.*/, ''))).toEqual(expect.arrayContaining(['SUMMARY', 'REFERENCE', 'RECORDED', 'LOG-LEAF', 'DEVICE', 'DEVICE-BEFORE']));
    const { size, root, newestEpochMs } = await old.log.store.readHead();
    expect(await node.log.store.readHead()).toMatchObject({ size, root, newestEpochMs });
    expect(report).toEqual({ streams: 13, events: old.table.size, size, signedSize: size, root, births: 0, tableRoot: root });
    expect([...ports.steps]).toEqual(['verify', 'look', 'events', 'views', 'index']);
  });

  it('knows which models it might run', async () => {
    await restore(restorePorts(node, objects), options(old));
    const { records } = createNodeModels({ models: node.records.models, operations: node.operations, bucket: createMemoryObjectStore() });
    expect(await records()).toEqual([MODEL_RECORD]);
  });

  it('finds the data it trains with, by the list of its sets', async () => {
    await restore(restorePorts(node, objects), options(old));
    for (const [key, body] of old.trainingBucket.objects) node.trainingBucket.objects.set(key, body);
    expect(await node.trainingRows.rowsOf('training', { features: ['a'], label: 'failed' })).toEqual(await old.trainingRows.rowsOf('training', { features: ['a'], label: 'failed' }));
  });

  it('can name the metrics of its telemetry again, from the births kept beside it', async () => {
    const hospital = createHospital();
    const gateway = new Gateway();
    await hospital.send([...gateway.born(MINUTE), gateway.data(MINUTE + 1000, 36.5)]);
    const ports = restorePorts(node, objects, undefined, hospital.objects);
    const device = [{ edgeNodeId: 'gateway-1', deviceId: 'bioreactor-1', fromEpochMs: 0, toEpochMs: Infinity }];
    const [before] = await hospital.reader.series(device, ['Temperature']);
    const readerAfter = createTelemetryReader(hospital.objects, createBirths(node.operations));
    expect(before?.values).toContain(36.5);
    expect((await readerAfter.series(device, ['Temperature']))[0]?.values).not.toContain(36.5);
    expect((await restore(ports, options(old))).births).toBe(2);
    expect((await readerAfter.series(device, ['Temperature']))[0]).toEqual(before);
  });

  it('answers an auditor as before', async () => {
    await restore(restorePorts(node, objects), options(old));
    const { batchId, chainOfIdentityId, patientLot } = released;
    const asked = [
      ['GET /v1/batches', {}, {}], ['GET /v1/audit/batches', {}, {}], ['GET /v1/audit/batches/{batchId}/record', { batchId }, { limit: '200' }], ['GET /v1/audit/batches/{batchId}/record', { batchId: running.batchId }, { version: '3' }],
      ['GET /v1/audit/batches/{batchId}/audit-trail', { batchId }, { limit: '200' }], ['GET /v1/batches/{batchId}/proof', { batchId }, {}],
      ['GET /v1/audit/search', {}, { chainOfIdentityId }], ['GET /v1/audit/search', {}, { materialLotId: 'MED-1' }], ['GET /v1/audit/search', {}, { equipmentId: 'BIO-1' }], ['GET /v1/audit/search', {}, { personId: operator.id }],
      ['GET /v1/audit/search', {}, { from: '2026-03-01T00:00:00Z', to: '2026-03-10T00:00:00Z' }],
      ['GET /v1/audit/genealogy/{kind}/{id}', { kind: 'material-lot', id: patientLot }, {}], ['GET /v1/audit/genealogy/{kind}/{id}', { kind: 'batch', id: batchId }, {}],
    ] as const;
    for (const [route, path, query] of asked) {
      const [before, after] = [await old.call(regulator, route, { path, query }), await node.call(regulator, route, { path, query })];
      expect(after.status, route).toBe(200);
      expect(after.body, route).toEqual(before.body);
    }
  });

  it('goes on: the next checkpoint extends the old one, and work under way goes on', async () => {
    await restore(restorePorts(node, objects), options(old));
    const before = checkpointOf(node);
    expect(await sequenced(node)).toEqual({ entries: 0, size: before.size, checkpoint: 'unchanged', isWhole: true });
    expect(await act({ ...running, node }, operator, `${BATCH_ROUTE}/hold`, { reason: 'cooling failed' })).toMatchObject({ status: 200 });
    expect(await sequenced(node)).toEqual({ entries: 1, size: before.size + 1, checkpoint: 'published', isWhole: true });
    const after = checkpointOf(node);
    expect(verifyConsistency(before, after, await consistencyProof(tileReaderOf(node.log.store), before.size, after.size))).toBe(true);
  });

  it('is the same when restored twice, and when the first time was cut off anywhere', async () => {
    await restore(restorePorts(node, objects), options(old));
    const once = structuredClone([sorted(node.table), sorted(node.operations.items)]);
    await restore(restorePorts(node, objects), options(old));
    expect([sorted(node.table), sorted(node.operations.items)]).toEqual(once);
    for (const writes of [1, 40, old.table.size - 1]) {
      const other = createNode();
      other.time.epochMs = old.time.epochMs;
      let left = writes;
      const failing = restorePorts(other, objects, () => { if ((left -= 1) < 0) throw new Error('power is gone'); });
      await expect(restore(failing, options(old))).rejects.toThrow('power is gone');
      expect(other.table.size).toBeGreaterThan(0);
      await restore(restorePorts(other, objects), options(old));
      expect([sorted(other.table), sorted(other.operations.items)]).toEqual(once);
    }
  });

  it('can not be gone on with before it is whole', async () => {
    let left = old.table.size - 3;
    await expect(restore(restorePorts(node, objects, () => { if ((left -= 1) < 0) throw new Error('power is gone'); }), options(old))).rejects.toThrow();
    const streams = new Map([...node.table.values()].filter(({ body }) => body !== undefined).map((item) => [item.pk, item.pk]));
    const whole = [...streams.keys()].filter((pk) => node.table.has(placeOf({ pk, sk: 'EVENT#000000001' })));
    const itemsOf = ({ table }: TestNode, pk: string) => [...table.values()].filter((item) => item.pk === pk).toSorted((a, b) => (a.sk < b.sk ? -1 : 1));
    expect([whole.length > 0, whole.length < streams.size]).toEqual([true, true]);
    for (const pk of whole) expect(itemsOf(node, pk)).toEqual(itemsOf(old, pk));
  });

  it('puts events back in the order they came in, but for the first of each record, so that what hears of them hears it as it did', async () => {
    await restore(restorePorts(node, objects), options(old));
    const events = [...node.table.values()].filter(({ sk }) => /^EVENT#/.test(sk)).map(({ pk, sk }) => ({ pk, version: Number(sk.slice('EVENT#'.length)) }));
    const later = events.filter(({ version }) => version > 1);
    expect(events.slice(later.length).every(({ version }) => version === 1)).toBe(true);
    for (const { pk } of events) expect(later.filter((each) => each.pk === pk).map(({ version }) => version)).toEqual(later.filter((each) => each.pk === pk).map((_, i) => i + 2));
  });

  it('gives equipment that a batch has from the same millisecond on, whatever the clock did while the command ran', async () => {
    const ticking = createNode();
    await equip(ticking);
    let clock = ticking.time.epochMs;
    Object.defineProperty(ticking.time, 'epochMs', { get: () => (clock += 1), set: (to: number) => { clock = to; } });
    await advance(await createJourney(ticking), 'culturing');
    await sequenced(ticking);
    const inUse = async (each: TestNode) => (await each.operations.get<Readonly<{ from: string }>>(deviceLockKey('BIO-1', (await each.records.equipment.load('BIO-1')).state?.device)))?.from;
    const since = await inUse(ticking);
    const back = createNode();
    await restore(restorePorts(back, copyOf(ticking.log.objects)), options(ticking));
    expect([since, await inUse(back)]).toEqual([expect.stringMatching(/Z$/), since]);
  });

  it('is only looked at in a dry run', async () => {
    const report = await restore(restorePorts(node, objects), { ...options(old), isDryRun: true });
    expect(report.root).toBe((await old.log.store.readHead()).root);
    expect(report.tableRoot).toBeUndefined();
    nothingWritten();
  });

  it('of entries that are dated ahead holds up no later checkpoint: none waits for a time that has not come', async () => {
    node.time.epochMs = old.time.epochMs - 3_600_000;
    await restore(restorePorts(node, objects), options(old));
    expect((await node.log.store.readHead()).newestEpochMs).toBe(node.time.epochMs);
  });
  it('of an empty log is empty', async () => {
    const [empty, target] = [createNode(), createNode()];
    await sequenced(empty);
    expect(await restore(restorePorts(target, empty.log.objects), options(empty))).toMatchObject({ streams: 0, events: 0 });
    expect(target.operations.items.size).toBe(0);
  });
});

describe('entries beyond the checkpoint', () => {
  it('are refused, and restored when asked for', async () => {
    const grown = createNode();
    node = createNode();
    node.time.epochMs = grown.time.epochMs;
    await equip(grown);
    await sequenced(grown);
    const { size } = checkpointOf(grown);
    await receiveLot(grown, { lotId: 'MED-2', materialId: 'medium' });
    const fresh = (await grown.leaves([{ stream: { kind: 'material-lot', id: 'MED-2' }, fromVersion: 1, toVersion: 2 }]))[0]!;
    await integrate(grown.log.store, fresh.map(({ entry }) => entry));
    expect(await codeOfAsync(() => restore(restorePorts(node, grown.log.objects), options(grown)))).toBe('restore-refused');
    nothingWritten();
    const report = await restore(restorePorts(node, grown.log.objects), { ...options(grown), withUnsigned: true });
    expect(report).toMatchObject({ size: size + 2, signedSize: size });
    expect(sorted(node.table)).toEqual(sorted(grown.table));
  });
});

const flip = (path: string, at: number): void => {
  const bytes = objects.objects.get(path)!;
  bytes[at] = (bytes[at] ?? 0) ^ 1;
};
const pathOf = (start: string): string => [...objects.objects.keys()].filter((path) => path.startsWith(start)).toSorted((a, b) => Number(b.split('/').at(-1)) - Number(a.split('/').at(-1)))[0]!;

describe('what can not be restored, and nothing is written', () => {
  it.each<readonly [string, string, () => void]>([
    ['an altered entry', 'record-corrupt', () => { flip(pathOf('tile/entries/'), 700); }],
    ['an altered tile', 'log-corrupt', () => { flip(pathOf('tile/0/'), 3); }],
    ['a missing tile', 'log-corrupt', () => { objects.objects.delete(pathOf('tile/0/')); }],
    ['a missing bundle', 'log-corrupt', () => { objects.objects.delete(pathOf('tile/entries/')); }],
    ['no checkpoint', 'log-corrupt', () => { objects.objects.delete('checkpoint'); }],
    ['an altered checkpoint', 'note-unverified', () => { flip('checkpoint', 30); }],
  ])('%s', async (_, code, damage) => {
    damage();
    expect(await codeOfAsync(() => restore(restorePorts(node, objects), options(old)))).toBe(code);
    nothingWritten();
  });

  it('a log signed with another key', async () => {
    const key = verifierKeyOf(old.log.key.name, SIGNATURE_TYPE.ed25519, Buffer.alloc(32, 9));
    expect(await codeOfAsync(() => restore(restorePorts(node, objects), { ...options(old), trust: { ...trustOf(old), logKeys: [key] } }))).toBe('note-unverified');
    nothingWritten();
  });

  it('a log of the same events that is not the one that was signed', async () => {
    const forged = createNode();
    const entries = [...old.table.values()].flatMap(({ body }) => (typeof body === 'string' ? [Buffer.from(body)] : []));
    await integrate(forged.log.store, entries.toReversed());
    forged.log.objects.objects.set('checkpoint', objects.objects.get('checkpoint')!);
    expect(await codeOfAsync(() => restore(restorePorts(node, forged.log.objects), options(old)))).toBe('log-corrupt');
    nothingWritten();
  });

  const event = () => [...old.table.entries()].find(([, { pk }]) => pk.startsWith('BATCH#'))!;
  it.each<readonly [string, () => void]>([
    ['an event that is not in the log', () => { const item = event()[1]; node.table.set('x', { ...item, pk: 'BATCH#other' }); }],
    ['a later event of a stream in the log', () => { const item = event()[1]; node.table.set('x', { ...item, sk: 'EVENT#000009999' }); }],
    ['another event in its place', () => { const [place, item] = event(); node.table.set(place, { ...item, body: String(item['body']).replace('north', 'south') }); }],
    ['an event with another attribute', () => { const [place, item] = event(); node.table.set(place, { ...item, type: 'other' }); }],
    ['another leaf', () => { const [place, item] = event(); node.table.set(place, { ...item, leafHash: '0'.repeat(64) }); }],
    ['the head of another log', () => { const key = keyOf.logHead(); node.operations.items.set(placeOf(key), { ...key, version: 2, size: 1, root: 'f'.repeat(64) }); }],
    ['an append that waits for the log', () => { const key = keyOf.logPending('2026-03-02T00:00:00.000Z', 'batch', 'other', 1); node.operations.items.set(placeOf(key), { ...key, stream: { kind: 'batch', id: 'other' }, fromVersion: 1, toVersion: 1 }); }],
    ['a summary of another batch', () => { const key = keyOf.summary('batch', 'other'); node.operations.items.set(placeOf(key), { ...key, version: 1 }); }],
  ])('over %s', async (_, place) => {
    place();
    const before = [sorted(node.table), sorted(node.operations.items)];
    expect(await codeOfAsync(() => restore(restorePorts(node, objects), options(old)))).toBe('restore-refused');
    expect([sorted(node.table), sorted(node.operations.items)]).toEqual(before);
  });

  it('does not mind the read log and run records beside the events', async () => {
    const key = keyOf.read('2026-03-02T00:00:00.000Z', 'r-1');
    node.table.set(placeOf(key), { ...key, readerId: 'reg-1' });
    await restore(restorePorts(node, objects), options(old));
    expect(node.table.size).toBe(old.table.size + 1);
  });
});

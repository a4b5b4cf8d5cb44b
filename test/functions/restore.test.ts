import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createBirths } from '../../functions/_platform/births.ts';
import { createNodeModels } from '../../functions/_platform/node-models.ts';
import { deviceLockKey } from '../../functions/_platform/equipment-companions.ts';
import { restore } from '../../functions/_platform/restore/restore.ts';
import { createTelemetryReader } from '../../functions/_platform/telemetry-reader.ts';
import { consistencyProof } from '../../shared/audit-log/proofs.ts';
import { tileReaderOf } from '../../shared/audit-log/log-store.ts';
import { verifyConsistency } from '../../shared/audit-log/verify-proof.ts';
import { act, advance, BATCH_ROUTE, createJourney, equip, type Journey } from '../support/journey.ts';
import { createMemoryObjectStore, type MemoryObjectStore } from '../support/memory/object-store.ts';
import { placeOf } from '../support/memory/operations-store.ts';
import { createNode, type TestNode } from '../support/node.ts';
import { PEOPLE } from '../support/people.ts';
import { copyOf, sorted, standing } from '../support/restore/compare.ts';
import { checkpointOf, isUntouched, livedNode, lostNode, MODEL_RECORD, restoreOptions } from '../support/restore/lost-node.ts';
import { restorePorts } from '../support/restore/memory-table.ts';
import { sequenced } from '../support/sequence.ts';
import { Gateway } from '../support/telemetry/gateway.ts';
import { createHospital } from '../support/telemetry/hospital.ts';
import { MINUTE } from '../support/telemetry/sparkplug-writer.ts';

const { operator, regulator } = PEOPLE;

let old: TestNode;
let released: Journey;
let running: Journey;
beforeAll(async () => { ({ old, released, running } = await livedNode()); });
let node: TestNode;
let objects: MemoryObjectStore;
beforeEach(() => { ({ node, objects } = lostNode(old)); });

describe('a node restored from the objects of its log', () => {
  it('has every event with its leaf, summary, index entry and lock as they were, the root of the log, and says so', async () => {
    const ports = restorePorts(node, objects);
    const report = await restore(ports, restoreOptions(old));
    expect(sorted(node.table)).toEqual(sorted(old.table));
    expect(standing(node)).toEqual(standing(old));
    expect(standing(node).map(([, { pk }]) => String(pk).replace(/#.*/, ''))).toEqual(expect.arrayContaining(['SUMMARY', 'REFERENCE', 'RECORDED', 'LOG-LEAF', 'DEVICE', 'DEVICE-BEFORE']));
    const { size, root, newestEpochMs } = await old.log.store.readHead();
    expect(await node.log.store.readHead()).toMatchObject({ size, root, newestEpochMs });
    expect(report).toEqual({ streams: 13, events: old.table.size, size, signedSize: size, root, births: 0, tableRoot: root });
    expect([...ports.steps]).toEqual(['verify', 'look', 'events', 'views', 'index']);
  });

  it('knows which models it might run', async () => {
    await restore(restorePorts(node, objects), restoreOptions(old));
    const { records } = createNodeModels({ models: node.records.models, operations: node.operations, bucket: createMemoryObjectStore() });
    expect(await records()).toEqual([MODEL_RECORD]);
  });

  it('finds the data it trains with, by the list of its sets', async () => {
    await restore(restorePorts(node, objects), restoreOptions(old));
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
    expect((await restore(ports, restoreOptions(old))).births).toBe(2);
    expect((await readerAfter.series(device, ['Temperature']))[0]).toEqual(before);
  });

  it('answers an auditor as before', async () => {
    await restore(restorePorts(node, objects), restoreOptions(old));
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
    await restore(restorePorts(node, objects), restoreOptions(old));
    const before = checkpointOf(node);
    expect(await sequenced(node)).toEqual({ entries: 0, size: before.size, checkpoint: 'unchanged', isWhole: true });
    expect(await act({ ...running, node }, operator, `${BATCH_ROUTE}/hold`, { reason: 'cooling failed' })).toMatchObject({ status: 200 });
    expect(await sequenced(node)).toEqual({ entries: 1, size: before.size + 1, checkpoint: 'published', isWhole: true });
    const after = checkpointOf(node);
    expect(verifyConsistency(before, after, await consistencyProof(tileReaderOf(node.log.store), before.size, after.size))).toBe(true);
  });

  it('is the same when restored twice, and when the first time was cut off anywhere', async () => {
    await restore(restorePorts(node, objects), restoreOptions(old));
    const once = structuredClone([sorted(node.table), sorted(node.operations.items)]);
    await restore(restorePorts(node, objects), restoreOptions(old));
    expect([sorted(node.table), sorted(node.operations.items)]).toEqual(once);
    for (const writes of [1, 40, old.table.size - 1]) {
      const other = createNode();
      other.time.epochMs = old.time.epochMs;
      let left = writes;
      const failing = restorePorts(other, objects, () => { if ((left -= 1) < 0) throw new Error('power is gone'); });
      await expect(restore(failing, restoreOptions(old))).rejects.toThrow('power is gone');
      expect(other.table.size).toBeGreaterThan(0);
      await restore(restorePorts(other, objects), restoreOptions(old));
      expect([sorted(other.table), sorted(other.operations.items)]).toEqual(once);
    }
  });

  it('can not be gone on with before it is whole', async () => {
    let left = old.table.size - 3;
    await expect(restore(restorePorts(node, objects, () => { if ((left -= 1) < 0) throw new Error('power is gone'); }), restoreOptions(old))).rejects.toThrow();
    const streams = new Map([...node.table.values()].filter(({ body }) => body !== undefined).map((item) => [item.pk, item.pk]));
    const whole = [...streams.keys()].filter((pk) => node.table.has(placeOf({ pk, sk: 'EVENT#000000001' })));
    const itemsOf = ({ table }: TestNode, pk: string) => [...table.values()].filter((item) => item.pk === pk).toSorted((a, b) => (a.sk < b.sk ? -1 : 1));
    expect([whole.length > 0, whole.length < streams.size]).toEqual([true, true]);
    for (const pk of whole) expect(itemsOf(node, pk)).toEqual(itemsOf(old, pk));
  });

  it('puts events back in the order they came in, but for the first of each record, so that what hears of them hears it as it did', async () => {
    await restore(restorePorts(node, objects), restoreOptions(old));
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
    await restore(restorePorts(back, copyOf(ticking.log.objects)), restoreOptions(ticking));
    expect([since, await inUse(back)]).toEqual([expect.stringMatching(/Z$/), since]);
  });

  it('is only looked at in a dry run', async () => {
    const report = await restore(restorePorts(node, objects), { ...restoreOptions(old), isDryRun: true });
    expect(report.root).toBe((await old.log.store.readHead()).root);
    expect(report.tableRoot).toBeUndefined();
    expect(isUntouched(node)).toBe(true);
  });

  it('of entries that are dated ahead holds up no later checkpoint: none waits for a time that has not come', async () => {
    node.time.epochMs = old.time.epochMs - 3_600_000;
    await restore(restorePorts(node, objects), restoreOptions(old));
    expect((await node.log.store.readHead()).newestEpochMs).toBe(node.time.epochMs);
  });
  it('of an empty log is empty', async () => {
    const [empty, target] = [createNode(), createNode()];
    await sequenced(empty);
    expect(await restore(restorePorts(target, empty.log.objects), restoreOptions(empty))).toMatchObject({ streams: 0, events: 0 });
    expect(target.operations.items.size).toBe(0);
  });
});

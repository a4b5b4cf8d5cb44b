import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { grantsKey } from '../../functions/_platform/audit-grants.ts';
import { readEffectiveRecipe } from '../../functions/_platform/library.ts';
import { placesOf } from '../../functions/_platform/node-register.ts';
import { networkViewsOf } from '../../functions/_platform/restore/network-views.ts';
import { restore } from '../../functions/_platform/restore/restore.ts';
import { sequence } from '../../functions/log-sequencer/handler.ts';
import { tileReaderOf } from '../../shared/audit-log/log-store.ts';
import { consistencyProof } from '../../shared/audit-log/proofs.ts';
import { openCheckpoint } from '../../shared/audit-log/trust.ts';
import { verifyConsistency } from '../../shared/audit-log/verify-proof.ts';
import type { SignatureMeaning } from '../../shared/record/envelope.ts';
import { CONTENT, NOW } from '../support/batch-fixtures.ts';
import { createControlSite, NODES, type ControlSite } from '../support/control-site.ts';
import { codeOfAsync } from '../support/error-code.ts';
import { createMemoryObjectStore, type MemoryObjectStore } from '../support/memory/object-store.ts';
import { createRegistry, upTo } from '../support/model-registry.ts';
import { PEOPLE, type TestPerson } from '../support/people.ts';
import { sorted, standing } from '../support/restore/compare.ts';
import { restorePorts } from '../support/restore/memory-table.ts';
import { VALID_BODY } from '../support/valid-requests.ts';

const { coordinator, scientist, reviewer, qualified } = PEOPLE;
const TERMS = { login: 'h.regulator', nodeIds: ['north'], productIds: ['test-product'], from: new Date(NOW).toISOString(), until: new Date(NOW + 86_400_000).toISOString(), reason: 'routine inspection' };

const trustOf = ({ log: { key } }: ControlSite) => ({ origin: key.name, logKeys: [key], witnessKeys: [], quorum: 0 });
const options = (site: ControlSite) => ({ trust: trustOf(site), isDryRun: false, withUnsigned: false });
const sequenced = (site: ControlSite) => sequence({ store: site.log.store, operations: site.operations, leaves: site.leaves, places: site.log.places, count: () => undefined, now: site.now, identity: () => Promise.resolve({ key: site.log.key, signer: site.log.signer, witnesses: [], quorum: 0 }) });
const checkpointOf = (site: ControlSite) => openCheckpoint(site.log.objects.objects.get('checkpoint')!, trustOf(site)).checkpoint;

const grant = (site: ControlSite, grantId: string) => site.call(coordinator, 'POST /v1/audit-grants', { body: { ...TERMS, grantId, signature: site.sign(coordinator, 'approval', 0) } });
const revoke = (site: ControlSite, grantId: string) => site.call(coordinator, 'POST /v1/audit-grants/{grantId}/revocation', { path: { grantId }, body: { reason: 'ended early', signature: site.sign(coordinator, 'approval', 1) } });
const move = async (site: ControlSite, id: string, to: string, person: TestPerson, meaning: SignatureMeaning) => {
  site.time.epochMs += 20_000;
  const { position } = await site.records.load(id);
  return site.call(person, `POST /v1/master-batch-records/{masterBatchRecordId}/${to}`, { path: { masterBatchRecordId: id }, body: { signature: site.sign(person, meaning, position.version) } });
};
const published = async (site: ControlSite, id: string, title: string) => {
  await site.call(scientist, 'POST /v1/master-batch-records', { body: { masterBatchRecordId: id, content: { ...CONTENT, title } } });
  await move(site, id, 'submission', scientist, 'authorship');
  await move(site, id, 'approval', reviewer, 'approval');
  return move(site, id, 'effectiveness', qualified, 'responsibility');
};

let old: ControlSite;
beforeAll(async () => {
  old = createControlSite();
  await published(old, 'MBR-1', 'First');
  expect((await published(old, 'MBR-2', 'Second')).status).toBe(200);
  await sequenced(old);
  await upTo(createRegistry(old), 'active');
  for (const grantId of ['A', 'B']) expect((await grant(old, grantId)).status).toBe(201);
  expect((await revoke(old, 'B')).status).toBe(200);
  expect((await old.call(coordinator, 'POST /v1/trainings', { body: VALID_BODY['startTraining'] })).status).toBe(201);
  await sequenced(old);
});

/** A control site whose two tables are gone; its log's bucket is there, and so are its other buckets. */
let site: ControlSite;
let objects: MemoryObjectStore;
beforeEach(() => {
  site = createControlSite();
  site.time.epochMs = old.time.epochMs;
  objects = createMemoryObjectStore();
  for (const [key, body] of old.log.objects.objects) for (const to of [objects, site.log.objects]) to.objects.set(key, Uint8Array.from(body));
});
const portsOf = (target: ControlSite, beforePut?: () => void) => restorePorts(target, objects, beforePut, createMemoryObjectStore(), networkViewsOf);

describe('a control site restored from the objects of its log', () => {
  it('has every event, leaf, summary, index entry and place as they were, and the root of the log', async () => {
    const report = await restore(portsOf(site), options(old));
    expect(sorted(site.table)).toEqual(sorted(old.table));
    expect(standing(site)).toEqual(standing(old));
    const { size, root } = await old.log.store.readHead();
    expect(report).toMatchObject({ events: old.table.size, size, signedSize: size, root, births: 0, tableRoot: root });
    expect(standing(site).map(([, { pk }]) => String(pk))).toEqual(expect.arrayContaining(['EFFECTIVE', 'ACTIVE-MODEL', 'SUMMARY#AUDIT-GRANT', 'SUMMARY#MASTER-BATCH-RECORD', 'SUMMARY#MODEL', 'SUMMARY#TEST-DATA', 'SUMMARY#TRAINING']));
  });

  it('answers its people as before', async () => {
    await restore(portsOf(site), options(old));
    for (const [person, route, path] of [
      [coordinator, 'GET /v1/audit-grants', {}], [coordinator, 'GET /v1/trainings', {}], [scientist, 'GET /v1/models', {}], [scientist, 'GET /v1/test-data', {}], [scientist, 'GET /v1/master-batch-records', {}],
      [scientist, 'GET /v1/master-batch-records/{masterBatchRecordId}', { masterBatchRecordId: 'MBR-1' }], [qualified, 'GET /v1/log/checkpoint', {}],
    ] as const) {
      const [before, after] = [await old.call(person, route, { path }), await site.call(person, route, { path })];
      expect(after.status, route).toBe(200);
      expect(after, route).toEqual(before);
    }
  });

  it('tells hospitals again what is effective and whom they may show their records', async () => {
    await restore(portsOf(site), options(old));
    await site.publisher.publish(CONTENT.productId);
    await site.publishGrants(['north', 'hill']);
    expect(await readEffectiveRecipe(site.library, CONTENT.productId)).toEqual(await readEffectiveRecipe(old.library, CONTENT.productId));
    expect(await readEffectiveRecipe(site.library, CONTENT.productId)).toMatchObject({ masterBatchRecordId: 'MBR-2', content: { title: 'Second' } });
    expect(Buffer.from(site.library.objects.get(grantsKey(placesOf(NODES)('north')))!).toString()).toMatch(/^(?=.*"A")(?!.*"B")/);
  });

  it('goes on: the place of a product is taken as before, and the next checkpoint extends the old one', async () => {
    await restore(portsOf(site), options(old));
    const before = checkpointOf(site);
    expect((await published(site, 'MBR-3', 'Third')).body['events']).toEqual(['revision-made-effective']);
    expect((await site.records.load('MBR-2')).state?.revisions.map(({ state }) => state)).toEqual(['superseded']);
    await sequenced(site);
    const after = checkpointOf(site);
    expect(after.size).toBe(before.size + 5);
    expect(verifyConsistency(before, after, await consistencyProof(tileReaderOf(site.log.store), before.size, after.size))).toBe(true);
  });

  it('is the same when the first time was cut off anywhere', async () => {
    await restore(portsOf(site), options(old));
    const once = structuredClone([sorted(site.table), sorted(site.operations.items)]);
    for (const writes of [1, 12, old.table.size - 1]) {
      const other = createControlSite();
      other.time.epochMs = old.time.epochMs;
      let left = writes;
      await expect(restore(portsOf(other, () => { if ((left -= 1) < 0) throw new Error('power is gone'); }), options(old))).rejects.toThrow('power is gone');
      await restore(portsOf(other), options(old));
      expect([sorted(other.table), sorted(other.operations.items)]).toEqual(once);
    }
  });

  it('is only looked at in a dry run', async () => {
    expect((await restore(portsOf(site), { ...options(old), isDryRun: true })).tableRoot).toBeUndefined();
    expect([site.table.size, site.operations.items.size]).toEqual([0, 0]);
  });
});

describe('a control site that can not be restored, and nothing is written', () => {
  it.each<readonly [string, string, () => void]>([
    ['an altered grant', 'record-corrupt', () => {
      const [path, bytes] = [...objects.objects].findLast(([name]) => name.startsWith('tile/entries/'))!;
      objects.objects.set(path, Buffer.from(Buffer.from(bytes).toString('latin1').replace('routine', 'ROUTINE'), 'latin1'));
    }],
    ['no checkpoint', 'log-corrupt', () => { objects.objects.delete('checkpoint'); }],
    ['tables that hold another event', 'restore-refused', () => { const [place, item] = [...old.table].find(([, { pk }]) => pk.startsWith('AUDIT-GRANT#'))!; site.table.set(place, { ...item, type: 'other' }); }],
  ])('%s', async (_, code, damage) => {
    damage();
    const before = structuredClone([sorted(site.table), sorted(site.operations.items)]);
    expect(await codeOfAsync(() => restore(portsOf(site), options(old)))).toBe(code);
    expect([sorted(site.table), sorted(site.operations.items)]).toEqual(before);
  });
  it('the log of a hospital', async () => {
    expect(await codeOfAsync(() => restore(portsOf(site), { ...options(old), trust: { ...trustOf(old), origin: 'bedside.network/north' } }))).toBe('note-unverified');
    expect(site.table.size).toBe(0);
  });
});

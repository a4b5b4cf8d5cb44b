import type { Context } from 'aws-lambda';
import { beforeEach, describe, expect, it } from 'vitest';
import { createHandler as createSequencer } from '../../functions/log-sequencer/handler.ts';
import { createHandler as createWitness } from '../../functions/log-witness/handler.ts';
import { witnessTableKey } from '../../functions/_platform/directory.ts';
import { quorumOf } from '../../shared/audit-log/directory.ts';
import { NETWORK_ROUTES } from '../../shared/api/routes.ts';
import { parseNote } from '../../shared/audit-log/note.ts';
import { NOW } from '../support/batch-fixtures.ts';
import { createControlSite, type ControlSite } from '../support/control-site.ts';
import { createMemoryOperationsStore } from '../support/memory/operations-store.ts';
import { PEOPLE } from '../support/people.ts';
import { siteKeys, siteSigners } from '../support/site-keys.ts';
import { runVerify, verifyFiles } from '../support/verify/run.ts';
import { whileSiteServed } from '../support/served-site.ts';

const CONTEXT = { awsRequestId: 'r-1' } as Context;
const { coordinator, qualified, regulator } = PEOPLE;
const HOSPITALS = ['north', 'hill'];
const KEYS = ['--key', siteKeys('control').logKey, ...HOSPITALS.flatMap((siteId) => ['--witness', siteKeys(siteId).witnessKey]), '--quorum', '2'];

/** A hospital's witness that knows the control site, with its log. */
const witnessOf = (siteId: string) => {
  const table = createMemoryOperationsStore();
  table.items.set('control', { ...witnessTableKey.site('control'), siteId: 'control', ...siteKeys('control') });
  const { witness } = siteSigners(siteId);
  const handler = createWitness({ table, identity: () => Promise.resolve(witness), now: () => new Date(NOW + 60_000) });
  return {
    key: witness.key,
    addCheckpoint: async (body: Uint8Array) => {
      const { statusCode = 0, headers = {}, body: text = '' } = await handler({ routeKey: 'POST /v1/log/witness/add-checkpoint', body: Buffer.from(body).toString('base64'), isBase64Encoded: true }, CONTEXT);
      return { status: statusCode, contentType: String(headers['content-type']), body: text };
    },
  };
};

const TERMS = { login: 'H.Regulator@mhra.example', nodeIds: ['north'], productIds: ['test-product'], from: new Date(NOW).toISOString(), until: new Date(NOW + 86_400_000).toISOString(), reason: 'routine inspection' };

describe('what the control site decides', () => {
  let site: ControlSite;
  beforeEach(() => { site = createControlSite(); });
  const witnesses = HOSPITALS.map(witnessOf);
  const sequence = (known = witnesses) => createSequencer({
    store: site.log.store, operations: site.operations, leaves: site.leaves, places: site.log.places, now: site.now, count: () => undefined,
    identity: () => Promise.resolve({ key: site.log.key, signer: site.log.signer, witnesses: known, quorum: quorumOf(known.length) }),
  })({}, CONTEXT);
  const grant = (grantId: string) => site.call(coordinator, 'POST /v1/audit-grants', { body: { ...TERMS, grantId, signature: site.sign(coordinator, 'approval', 0) } });
  const files = () => new Map([...site.log.objects.objects].map(([path, bytes]) => [path, Buffer.from(bytes)]));

  it('is in a log of its own, cosigned by hospitals, which the offline verifier takes; an altered grant is named', async () => {
    site.time.epochMs = NOW;
    await grant('A');
    site.time.epochMs += 60_000;
    await grant('B');
    expect(await sequence()).toEqual({ entries: 2, size: 2, checkpoint: 'published', isWhole: true });
    expect(parseNote((await site.log.store.readCheckpoint())!.bytes).signatures.map(({ name }) => name).toSorted()).toEqual(['bedside.network/control', 'bedside.network/witness/hill', 'bedside.network/witness/north']);
    expect((await verifyFiles(files(), KEYS, NOW + 3_600_000)).report).toMatchObject({ ok: true, entries: 2, signatures: 2 });
    const altered = files();
    altered.set('tile/entries/000.p/2', Buffer.from(altered.get('tile/entries/000.p/2')!.toString('latin1').replace('routine', 'ROUTINE'), 'latin1'));
    const { code, report } = await verifyFiles(altered, KEYS, NOW + 3_600_000);
    expect([code, report.damages[0]]).toMatchObject([1, { entry: 0, batch: { kind: 'audit-grant', id: 'A', version: 1 } }]);
  });
  it('waits for a checkpoint while no hospital is registered, and is lost by nobody', async () => {
    await grant('A');
    expect(await sequence([])).toMatchObject({ entries: 1, checkpoint: 'waiting' });
    expect(await site.call(coordinator, 'GET /v1/log/checkpoint')).toMatchObject({ status: 404, code: 'log-entry-not-found' });
    const fresh = HOSPITALS.map(witnessOf);
    expect(await sequence(fresh)).toEqual({ entries: 0, size: 1, checkpoint: 'published', isWhole: true });
  });
  it('is read as tiles, checkpoint, key and proofs by its people, and by no inspector', async () => {
    await grant('A');
    await sequence(HOSPITALS.map(witnessOf));
    expect((await site.call(coordinator, 'GET /v1/log/key')).body).toEqual({ origin: 'bedside.network/control', key: siteKeys('control').logKey });
    expect((await site.call(qualified, 'GET /v1/log/consistency', { query: { from: '0' } })).body).toMatchObject({ from: 0, to: 1, proof: [] });
    expect((await site.call(qualified, 'GET /v1/log/tile/{path+}', { path: { path: 'entries/000.p/1' } })).status).toBe(200);
    expect((await site.call(regulator, 'GET /v1/log/checkpoint')).code).toBe('role-missing');
  });
  it('is read among what is inspected, too, by the same people', async () => {
    await grant('A');
    await sequence(HOSPITALS.map(witnessOf));
    const { code, out } = await whileSiteServed(site, NETWORK_ROUTES, qualified, (address) => runVerify([`${address}/v1/audit/log`, ...KEYS, '--json'], NOW + 3_600_000));
    expect([code, JSON.parse(out)]).toMatchObject([0, { ok: true, authenticityChecked: true, entries: 1 }]);
    expect((await site.call(coordinator, 'GET /v1/audit/log/key')).body).toEqual((await site.call(coordinator, 'GET /v1/log/key')).body);
    expect((await site.call(qualified, 'GET /v1/audit/log/consistency', { query: { from: '0' } })).body).toMatchObject({ from: 0, to: 1, proof: [] });
    expect(new Set(site.reads.map(({ operation }) => operation).filter((operation) => operation.startsWith('inspect')))).toEqual(new Set(['inspectNetworkCheckpoint', 'inspectNetworkTile', 'inspectNetworkLogKey', 'inspectNetworkConsistency']));
    expect((await site.call(regulator, 'GET /v1/audit/log/checkpoint')).code).toBe('role-missing');
  });
  it('is read with each read on record, refused ones too, and not read at all when that can not be', async () => {
    await grant('A');
    await sequence(HOSPITALS.map(witnessOf));
    site.refusing.isKept = true;
    const before = site.reads.length;
    for (const [route, asked] of [['GET /v1/log/key', {}], ['GET /v1/log/checkpoint', {}], ['GET /v1/log/tile/{path+}', { path: { path: 'entries/000.p/1' } }], ['GET /v1/log/tile/{path+}', { path: { path: '0/009' } }], ['GET /v1/log/consistency', { query: { from: '0' } }]] as const) await site.call(qualified, route, asked);
    expect(site.reads.slice(before).map(({ readerId, operation, outcome }) => [readerId, operation, outcome])).toEqual([
      [qualified.id, 'readNetworkLogKey', 'answered'], [qualified.id, 'readNetworkCheckpoint', 'answered'], [qualified.id, 'readNetworkTile', 'answered'],
      [qualified.id, 'readNetworkTile', 'log-entry-not-found'], [qualified.id, 'readNetworkConsistency', 'answered'],
    ]);
    expect((await site.call(regulator, 'GET /v1/log/key')).code).toBe('role-missing');
    const day = new Date(site.time.epochMs).toISOString().slice(0, 10);
    expect((await site.history.load<Record<string, unknown>>({ kind: 'security', id: `${day}.${regulator.id}` })).map(({ event }) => event)).toMatchObject([{ type: 'access-refused', operation: 'readNetworkLogKey', code: 'role-missing' }]);
    site.readLog.isDown = true;
    expect((await site.call(qualified, 'GET /v1/log/checkpoint')).status).toBe(500);
  });
});

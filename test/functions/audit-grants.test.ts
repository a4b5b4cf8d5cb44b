import { beforeEach, describe, expect, it } from 'vitest';
import { createGrantSource, grantsKey, GRANTS_KEPT_MS } from '../../functions/_platform/audit-grants.ts';
import { createGrantPublisher } from '../../functions/_platform/publish-grants.ts';
import { createHandler as createGrantPublish } from '../../functions/grant-publish/handler.ts';
import { NOW } from '../support/batch-fixtures.ts';
import { placesOf } from '../../functions/_platform/node-register.ts';
import { createControlSite, NODES, type ControlSite } from '../support/control-site.ts';
import { codeOfAsync } from '../support/error-code.ts';
import { PEOPLE, type TestPerson } from '../support/people.ts';

const { coordinator, qualified, regulator } = PEOPLE;
const ROUTE = 'POST /v1/audit-grants';
const DAY_MS = 86_400_000;
const iso = (epochMs: number): string => new Date(epochMs).toISOString();
const TERMS = { grantId: 'MHRA-2026-014', login: 'H.Regulator@mhra.example', nodeIds: ['north'], productIds: ['test-product'], from: iso(NOW), until: iso(NOW + 5 * DAY_MS), reason: 'routine inspection' };

let site: ControlSite;
beforeEach(() => { site = createControlSite(); });

const issue = (own: object = {}, person: TestPerson = coordinator, key?: string) => site.call(person, ROUTE, { body: { ...TERMS, ...own, signature: site.sign(coordinator, 'approval', 0) }, ...(key === undefined ? {} : { key }) });
const revoke = (grantId = TERMS.grantId, version = 1) => site.call(coordinator, `${ROUTE}/{grantId}/revocation`, { path: { grantId }, body: { reason: 'inspection is over', signature: site.sign(coordinator, 'approval', version) } });
const sourceOf = (nodeId: string) => createGrantSource(site.library, NODES.find(({ id }) => id === nodeId)!, () => new Date(site.time.epochMs));
const seenAt = async (nodeId: string): Promise<string> => (await sourceOf(nodeId)('h.regulator@mhra.example')).type;

describe('a grant', () => {
  it('is felt at the hospitals it names, and at no other', async () => {
    expect((await issue()).body).toMatchObject({ id: TERMS.grantId, version: 1, events: ['audit-grant-issued'] });
    expect([await seenAt('north'), await seenAt('hill')]).toEqual(['products', 'nothing']);
    await issue({ grantId: 'ALL', nodeIds: ['north', 'hill'], productIds: undefined });
    expect([await seenAt('north'), await seenAt('hill')]).toEqual(['everything', 'everything']);
  });
  it('tells a hospital neither why nor by whom', async () => {
    await issue();
    const published = Buffer.from(site.library.objects.get(grantsKey(placesOf(NODES)('north')))!).toString('utf8');
    for (const secret of [TERMS.reason, coordinator.name, coordinator.id]) expect(published).not.toContain(secret);
  });
  it('is signed by the coordinator, and the signature stands in the record', async () => {
    await issue();
    expect((await site.history.load({ kind: 'audit-grant', id: TERMS.grantId }))[0]?.event).toMatchObject({ type: 'audit-grant-issued', signature: { signerId: coordinator.id, meaning: 'approval', signedVersion: 0 } });
    expect((await issue({ grantId: 'B' }, regulator)).code).toBe('role-missing');
    expect((await site.call(coordinator, ROUTE, { body: { ...TERMS, grantId: 'B', signature: site.sign(qualified, 'approval', 0) } })).code).toBe('reauthentication-failed');
  });
  it('is refused for a hospital that is not of the network, and nothing is kept', async () => {
    expect(await issue({ nodeIds: ['nowhere'] })).toMatchObject({ status: 404, code: 'node-not-found' });
    expect((await site.call(coordinator, 'GET /v1/audit-grants')).body).toEqual({ items: [] });
    expect(site.library.objects.size).toBe(0);
  });
  it('can not be given twice under one id', async () => {
    await issue();
    expect((await issue({ reason: 'another' })).status).toBe(409);
    expect((await site.call(coordinator, ROUTE, { body: { ...TERMS, signature: site.sign(coordinator, 'approval', 1) } })).code).toBe('audit-grant-exists');
  });
  it('is listed with its revocation, to the coordinator and the Qualified Person only', async () => {
    await issue();
    await revoke();
    const wanted = { ...TERMS, login: 'h.regulator@mhra.example', version: 2, grantedAt: iso(NOW), grantedBy: coordinator.name, revoked: { at: iso(NOW), by: coordinator.name, reason: 'inspection is over' } };
    for (const person of [coordinator, qualified]) expect((await site.call(person, 'GET /v1/audit-grants')).body).toEqual({ items: [wanted] });
    expect((await site.call(regulator, 'GET /v1/audit-grants')).code).toBe('role-missing');
  });
});

describe('the end of a grant', () => {
  it('by revocation is felt by who asks next', async () => {
    await issue();
    expect((await revoke()).body).toMatchObject({ events: ['audit-grant-revoked'], version: 2 });
    expect(await seenAt('north')).toBe('nothing');
    expect((await revoke(TERMS.grantId, 2)).code).toBe('audit-grant-revoked');
    expect((await revoke('NONE', 0)).code).toBe('audit-grant-not-found');
  });
  it('by revocation is felt by a function that still holds it within seconds, and by time at once', async () => {
    await issue();
    const source = sourceOf('north');
    expect((await source(TERMS.login)).type).toBe('products');
    await revoke();
    site.time.epochMs += GRANTS_KEPT_MS;
    expect((await source(TERMS.login)).type).toBe('nothing');
    await issue({ grantId: 'B' });
    expect((await source(TERMS.login)).type).toBe('products');
    site.time.epochMs = NOW + 5 * DAY_MS - 1;
    expect((await source(TERMS.login)).type).toBe('products');
    site.time.epochMs += 1;
    expect((await source(TERMS.login)).type).toBe('nothing');
  });
  it('can not be undone by a publisher that is slower', async () => {
    await issue();
    site.library.objects.delete(grantsKey(placesOf(NODES)('north')));
    let revocations = 0;
    const slow = createGrantPublisher({
      operations: site.operations, placeOf: placesOf(NODES), now: () => new Date(site.time.epochMs),
      library: {
        ...site.library,
        put: async (...written) => {
          // Between its look at the grants and its write, the revocation is recorded and published.
          if ((revocations += 1) === 1) expect((await revoke()).status).toBe(200);
          return site.library.put(...written);
        },
      },
    });
    await slow(['north']);
    expect(revocations).toBe(1);
    expect(await seenAt('north')).toBe('nothing');
  });
  it('a grant written between another\'s look and its write is not lost', async () => {
    site.library.beforePut.run = () => {
      delete site.library.beforePut.run;
      site.library.objects.set(grantsKey(placesOf(NODES)('north')), Buffer.from('{"formatVersion":1,"nodeId":"north","grants":[]}'));
    };
    await issue();
    expect(await seenAt('north')).toBe('products');
  });
});

describe('when the bucket does not answer', () => {
  it('a grant is on record, the coordinator hears of it, and the same request publishes it', async () => {
    site.library.beforePut.run = () => { throw new Error('the bucket is down'); };
    expect((await issue({}, coordinator, 'same-key-0001')).status).toBe(500);
    delete site.library.beforePut.run;
    expect((await issue({}, coordinator, 'same-key-0001')).status).toBe(201);
    expect(await seenAt('north')).toBe('products');
  });
  it('a revocation that was cut off is published by the clock', async () => {
    await issue();
    site.library.beforePut.run = () => { throw new Error('the bucket is down'); };
    expect((await revoke()).status).toBe(500);
    delete site.library.beforePut.run;
    expect(await seenAt('north')).toBe('products');
    await createGrantPublish(site.publishGrants, NODES)();
    expect(await seenAt('north')).toBe('nothing');
  });
  it.each([
    ['does not answer', { get: () => Promise.reject(new Error('no route')) }], ['holds no JSON', { get: () => Promise.resolve({ body: Buffer.from('{'), etag: '' }) }],
    ['holds another hospital\'s grants', { get: () => Promise.resolve({ body: Buffer.from('{"formatVersion":1,"nodeId":"hill","grants":[]}'), etag: '' }) }],
    ['holds a grant for no product', { get: () => Promise.resolve({ body: Buffer.from('{"formatVersion":1,"nodeId":"north","grants":[{"grantId":"G","login":"a","productIds":[],"from":"2026-01-01T00:00:00Z","until":"2027-01-01T00:00:00Z"}]}'), etag: '' }) }],
  ])('a hospital whose grants\' bucket %s shows nothing', async (_, library) => {
    expect(await codeOfAsync(() => createGrantSource(library, NODES[0]!, () => new Date(NOW))('a'))).toBe('audit-grant-unreadable');
  });
  it('publication that always loses gives up with a conflict', async () => {
    await issue();
    await issue({ grantId: 'B' });
    let turns = 0;
    site.library.beforePut.run = (key) => { site.library.objects.set(key, Buffer.from(String(turns += 1))); };
    expect(await revoke()).toMatchObject({ status: 409, code: 'version-conflict' });
    expect(turns).toBe(8);
  });
});

import { beforeAll, describe, expect, it } from 'vitest';
import { verifyProof, type ProofOfInclusion, type Receipt } from '../../shared/audit-log/receipt.ts';
import { advance, createJourney, equip, type Journey } from '../support/journey.ts';
import { createNode, type TestNode } from '../support/node.ts';
import { PEOPLE, type TestPerson } from '../support/people.ts';
import { sequenced, trustOf } from '../support/sequence.ts';

const { regulator, reviewer, operator } = PEOPLE;
const ROUTE = 'GET /v1/audit/records/{kind}/{id}';

let node: TestNode;
let journey: Journey;
beforeAll(async () => {
  node = createNode();
  await equip(node);
  journey = await advance(await createJourney(node), 'culturing');
  await sequenced(node);
});
const read = (part: string, kind: string, id: string, query: Readonly<Record<string, string>> = {}, person: TestPerson = regulator) => node.call(person, `${ROUTE}${part}`, { path: { kind, id }, query });

describe('a record of any kind', () => {
  it('is read as it stood at a version, with who did what, old and new, and each event is proven', async () => {
    const { body } = await read('', 'material-lot', 'MED-1');
    const events = await node.store.load({ kind: 'material-lot', id: 'MED-1' });
    expect(body).toMatchObject({ kind: 'material-lot', id: 'MED-1', version: events.length, latestVersion: events.length, hash: events.at(-1)!.hash });
    expect(body['items']).toEqual(events);
    expect((await read('', 'material-lot', 'MED-1', { version: '1' })).body).toMatchObject({ version: 1, hash: events[0]!.hash, items: [{ version: 1 }] });
    const { body: { items } } = await read('/audit-trail', 'material-lot', 'MED-1') as unknown as { body: { items: readonly Readonly<Record<string, unknown>>[] } };
    expect(items[0]).toMatchObject({ type: 'material-lot-received', what: 'material lot received', newValue: { lotId: 'MED-1' } });
    expect(items[1]).toMatchObject({ signature: { printedName: expect.any(String) as string } });
    for (const { version } of events) {
      const { receipt, ...proof } = (await read('/proof', 'material-lot', 'MED-1', { version: String(version) })).body as unknown as ProofOfInclusion & { receipt: Receipt };
      expect(verifyProof(receipt.leafHash, proof, trustOf(node)).checkpoint.size).toBeGreaterThan(proof.index);
    }
  });
  it('is there for a grant of a product where a batch of it names the thing, and else as if it were not', async () => {
    const terms = { login: regulator.id, from: '2020-01-01T00:00:00Z', until: '2040-01-01T00:00:00Z' };
    const { productId } = await node.batch(journey.batchId);
    const asked = ['', '/audit-trail', '/proof'];
    node.grant({ ...terms, grantId: 'OWN', productIds: [productId] });
    for (const part of asked) expect((await read(part, 'equipment', 'BIO-1')).status).toBe(200);
    node.grant({ ...terms, grantId: 'OTHER', productIds: ['another-product'] });
    for (const part of asked) {
      const [hidden, absent] = [await read(part, 'equipment', 'BIO-1'), await read(part, 'equipment', 'NONE-1')];
      expect([hidden.status, JSON.stringify(hidden.body)]).toEqual([404, JSON.stringify(absent.body).replaceAll('NONE-1', 'BIO-1')]);
    }
    node.grant({ ...terms, grantId: 'ALL' });
  });
  it('names the version it has not reached, and is for inspectors alone', async () => {
    expect((await read('', 'equipment', 'BIO-1', { version: '99' })).code).toBe('record-version-not-found');
    expect((await read('/proof', 'equipment', 'BIO-1', { version: '99' })).code).toBe('record-not-found');
    expect((await read('', 'equipment', 'BIO-1', {}, reviewer)).status).toBe(200);
    expect((await read('', 'equipment', 'BIO-1', {}, operator)).code).toBe('role-missing');
  });
});

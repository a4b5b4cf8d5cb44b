import { beforeEach, describe, expect, it } from 'vitest';
import type { BatchEvent } from '../../shared/batch/events.ts';
import type { SealedValue } from '../../shared/personal-data/sealed.ts';
import { createErasable, entries, eventsOf } from '../support/erasable.ts';
import { advance, createJourney, type Journey } from '../support/journey.ts';
import { CONTENT } from '../support/batch-fixtures.ts';
import type { TestNode } from '../support/node.ts';
import { PEOPLE, type TestPerson } from '../support/people.ts';
import { erasure, everythingButPersonalData, FIELDS, personal } from '../support/personal-data.ts';

const { operator, scientist, reviewer, qualified, regulator, steward, engineer } = PEOPLE;
type Erased = Extract<BatchEvent, { type: 'personal-data-erased' }>;

let node: TestNode;
/** Two batches of one therapy event: the first was stopped, the second released. */
let stopped: Journey;
let released: Journey;
let id: string;
let kept: readonly SealedValue[];

const erasedIn = async (batchId: string): Promise<readonly Erased[]> => (await eventsOf(node, batchId)).flatMap(({ event }) => (event.type === 'personal-data-erased' ? [event] : []));

const start = async (): Promise<void> => { ({ node, stopped, released, id } = await createErasable()); };
const finish = () => advance(released, 'released');

beforeEach(async () => {
  await start();
  await finish();
  kept = entries(node);
});

describe('an erasure', () => {
  it('removes values and salts of every batch of the therapy event, and says so in each record with reason, both signatures, fields and commitments', async () => {
    await erasure(node, id).request();
    expect(node.personalData.items.size).toBe(2);
    expect(await erasure(node, id).confirm()).toMatchObject({ status: 200, body: { state: 'complete', requestedBy: reviewer.name, confirmedBy: qualified.name } });
    expect(node.personalData.items.size).toBe(0);
    for (const { batchId } of [stopped, released]) {
      const [event, ...more] = await erasedIn(batchId);
      expect(more).toEqual([]);
      expect(event).toMatchObject({ chainOfIdentityId: id, reason: 'asked for by the patient', request: { signerId: reviewer.id, meaning: 'responsibility' }, confirmation: { signerId: qualified.id, meaning: 'approval' } });
      const recorded = (await eventsOf(node, batchId)).flatMap(({ event: each }) => (each.type === 'personal-data-recorded' || each.type === 'personal-data-corrected' ? Object.entries(each.commitments) : []));
      expect(event!.erased.map(({ field, commitment }) => [field, commitment])).toEqual(recorded);
    }
    const everything = everythingButPersonalData(node);
    for (const secret of ['H-4711-0815', 'Novak', ...kept.map(({ salt }) => salt)]) expect(everything).not.toContain(secret);
  });
  it('leaves other therapy events as they are', async () => {
    const other = await createJourney(node);
    await personal(other).record(FIELDS);
    await erasure(node, id).request();
    await erasure(node, id).confirm();
    expect((await personal(other).read(operator)).body['fields']).toEqual(FIELDS);
  });
  it('is answered as gone afterwards, to read, to record and to make another batch', async () => {
    await erasure(node, id).request();
    expect((await personal(released).read(operator)).status).toBe(200);
    await erasure(node, id).confirm();
    for (const journey of [stopped, released]) {
      for (const answer of [await personal(journey).read(operator), await personal(journey).record({ sex: 'male' }), await personal(journey).correct(operator, { yearOfBirth: 1960 }, 'misread')]) {
        expect(answer).toMatchObject({ status: 410, code: 'personal-data-erased' });
      }
    }
    expect(await node.call(operator, 'POST /v1/batches', { body: { productId: CONTENT.productId, chainOfIdentityId: id } })).toMatchObject({ status: 410, code: 'personal-data-erased' });
    expect(await node.ok(operator, 'GET /v1/chains-of-identity/{chainOfIdentityId}', { path: { chainOfIdentityId: id } })).toMatchObject({ erased: true });
  });
  it('says what it would cover before anything is asked or signed, without a value', async () => {
    const { body } = await erasure(node, id).read();
    expect(body).toMatchObject({ state: 'none', batches: [{ batchId: stopped.batchId, fields: ['bodyWeightKilograms', 'yearOfBirth'], isFinished: true, isErased: false, isHeld: true }, { batchId: released.batchId, fields: Object.keys(FIELDS).toSorted() }] });
    expect(JSON.stringify(body)).not.toMatch(/H-4711|Novak|\b1961\b/);
    expect(node.reads.at(-1)).toMatchObject({ readerId: reviewer.id, operation: 'readErasure' });
  });
  it('is found by who signed it, and shown by the audit trail with its reason', async () => {
    await erasure(node, id).request();
    await erasure(node, id).confirm();
    const { body } = await node.call(regulator, 'GET /v1/audit/batches/{batchId}/audit-trail', { path: { batchId: released.batchId }, query: { limit: '200' } });
    expect((body['items'] as readonly Readonly<Record<string, unknown>>[]).at(-1)).toMatchObject({ type: 'personal-data-erased', why: 'asked for by the patient', who: qualified.name });
    const search = await node.call(regulator, 'GET /v1/audit/search', { query: { chainOfIdentityId: id } });
    expect(JSON.stringify(search.body)).toContain(released.batchId);
  });
});

describe('who may erase', () => {
  it('is two people: another confirms than who asked, each with the role of the act', async () => {
    for (const person of [operator, scientist, steward, engineer, regulator, qualified]) expect(await erasure(node, id).request(person)).toMatchObject({ status: 403, code: 'role-missing' });
    const both: TestPerson = { ...reviewer, roles: ['quality-reviewer', 'qualified-person'] };
    expect((await erasure(node, id).request(both)).status).toBe(200);
    for (const person of [operator, scientist, steward, engineer, regulator, reviewer]) expect(await erasure(node, id).confirm(person)).toMatchObject({ status: 403, code: 'role-missing' });
    expect(await erasure(node, id).confirm(both)).toMatchObject({ status: 403, code: 'signature-same-person' });
    expect(node.personalData.items.size).toBe(2);
    expect((await erasure(node, id).confirm()).status).toBe(200);
  });
  it('signs with the meaning of the act, with a fresh sign-in, on the state seen', async () => {
    const path = { chainOfIdentityId: id };
    expect(await erasure(node, id).request(reviewer, 'asked for', 'approval')).toMatchObject({ status: 403, code: 'signature-meaning-wrong' });
    const { position: { version } } = await node.records.chainsOfIdentity.load(id);
    const stale = node.sign(reviewer, 'responsibility', version, 121_000);
    expect(await node.call(reviewer, 'POST /v1/chains-of-identity/{chainOfIdentityId}/erasure-request', { path, body: { reason: 'asked for', signature: stale } })).toMatchObject({ status: 401, code: 'reauthentication-stale' });
    expect(await erasure(node, id).confirm()).toMatchObject({ status: 422, code: 'erasure-not-requested' });
    await erasure(node, id).request();
    expect(await erasure(node, id).confirm(qualified, undefined, 'responsibility')).toMatchObject({ status: 403, code: 'signature-meaning-wrong' });
    const before = node.sign(qualified, 'approval', version);
    expect(await node.call(qualified, 'POST /v1/chains-of-identity/{chainOfIdentityId}/erasure', { path, body: { signature: before } })).toMatchObject({ status: 409, code: 'version-conflict' });
    const others = node.sign(reviewer, 'approval', version + 1);
    expect(await node.call(qualified, 'POST /v1/chains-of-identity/{chainOfIdentityId}/erasure', { path, body: { signature: others } })).toMatchObject({ status: 401, code: 'reauthentication-failed' });
    expect(node.personalData.items.size).toBe(2);
  });
  it('does not name the patient in the reason', async () => {
    const answer = await erasure(node, id).request(reviewer, 'wish of patient h-4711-0815');
    expect(answer).toMatchObject({ status: 422, code: 'personal-data-in-text' });
    expect(JSON.stringify(answer.body)).not.toMatch(/h-4711/i);
  });
  it('is refused a therapy event that is not here or misread', async () => {
    expect(await erasure(node, 'CZZZZZZZZZZF').request()).toMatchObject({ status: 404, code: 'chain-of-identity-not-found' });
    expect(await erasure(node, 'CZZZZZZZZZZA').read()).toMatchObject({ status: 400, code: 'label-malformed' });
  });
  it('can erase what is damaged', async () => {
    for (const [place, item] of node.personalData.items) node.personalData.items.set(place, { ...item, entries: 'damaged' });
    await erasure(node, id).request();
    expect((await erasure(node, id).confirm()).body).toMatchObject({ state: 'complete' });
    expect(node.personalData.items.size).toBe(0);
  });
});

describe('an erasure is too early', () => {
  it('while a batch is under way or waits for its certification, at the request and at the confirmation', async () => {
    await start();
    for (const stage of ['started', 'received', 'completed', 'reviewed'] as const) {
      await advance(released, stage, stage === 'started' ? undefined : ({ received: 'started', completed: 'received', reviewed: 'completed' } as const)[stage]);
      expect(await erasure(node, id).request()).toMatchObject({ status: 422, code: 'erasure-too-early' });
    }
    await advance(released, 'released', 'reviewed');
    expect((await erasure(node, id).request()).status).toBe(200);
    await node.ok(operator, 'POST /v1/batches', { body: { productId: CONTENT.productId, chainOfIdentityId: id } });
    expect(await erasure(node, id).confirm()).toMatchObject({ status: 422, code: 'erasure-too-early' });
    expect(node.personalData.items.size).toBe(2);
  });
});

describe('an erasure that is cut off', () => {
  /** Lets a number of appends through, then fails. */
  const failAfter = (writes: number): (() => void) => {
    const held = node.store as { write: (typeof node.store)['write'] };
    const { write } = held;
    let left = writes;
    held.write = (...given) => ((left -= 1) < 0 ? Promise.reject(new Error('power is gone')) : write(...given));
    return () => { held.write = write; };
  };
  const together = async (): Promise<void> => {
    for (const { batchId } of [stopped, released]) {
      const isHeld = (await node.personalData.get(id, batchId)) !== undefined;
      expect([batchId, (await erasedIn(batchId)).length]).toEqual([batchId, isHeld ? 0 : 1]);
    }
  };

  it.each([0, 1, 2])('after %i appends has event and removal together, gives nothing out once confirmed, and is complete when anyone goes on', async (writes) => {
    await erasure(node, id).request();
    const mend = failAfter(writes);
    expect((await erasure(node, id).confirm(qualified, 'confirm-key-1')).status).toBe(500);
    mend();
    await together();
    for (const journey of [stopped, released]) expect((await personal(journey).read(operator)).status).toBe(writes === 0 ? 200 : 410);
    expect((await erasure(node, id).read()).body).toMatchObject({ state: writes === 0 ? 'requested' : 'confirmed' });
    if (writes === 0) expect((await erasure(node, id).confirm(qualified, 'confirm-key-1')).status).toBe(200);
    else expect(await erasure(node, id).complete()).toMatchObject({ status: 200, body: { state: 'complete' } });
    await together();
    expect(node.personalData.items.size).toBe(0);
  });
  it('is complete when the same request is sent again, with its first signature', async () => {
    await erasure(node, id).request();
    const path = { chainOfIdentityId: id };
    const { position: { version } } = await node.records.chainsOfIdentity.load(id);
    const body = { signature: node.sign(qualified, 'approval', version) };
    const mend = failAfter(2);
    expect((await node.call(qualified, 'POST /v1/chains-of-identity/{chainOfIdentityId}/erasure', { path, body, key: 'confirm-key-1' })).status).toBe(500);
    mend();
    expect(await node.call(qualified, 'POST /v1/chains-of-identity/{chainOfIdentityId}/erasure', { path, body, key: 'confirm-key-1' })).toMatchObject({ status: 200, body: { state: 'complete' } });
    await together();
  });
  it('is done once, however often it is gone on with', async () => {
    await erasure(node, id).request();
    await erasure(node, id).confirm();
    const before = JSON.stringify(await node.held(stopped.batchId, released.batchId));
    expect(await erasure(node, id).confirm()).toMatchObject({ status: 410, code: 'personal-data-erased' });
    expect(await erasure(node, id).request()).toMatchObject({ status: 410, code: 'personal-data-erased' });
    expect(await erasure(node, id).complete()).toMatchObject({ status: 200, body: { state: 'complete' } });
    expect(JSON.stringify(await node.held(stopped.batchId, released.batchId))).toBe(before);
  });
  it('can not be gone on with before two have signed', async () => {
    expect(await erasure(node, id).complete()).toMatchObject({ status: 422, code: 'erasure-not-requested' });
    await erasure(node, id).request();
    expect(await erasure(node, id).complete()).toMatchObject({ status: 422, code: 'erasure-not-requested' });
    expect(node.personalData.items.size).toBe(2);
  });
  it('removes what an old copy of the table brings back', async () => {
    const old = new Map(node.personalData.items);
    await erasure(node, id).request();
    await erasure(node, id).confirm();
    for (const [place, item] of old) node.personalData.items.set(place, item);
    expect(await personal(released).read(operator)).toMatchObject({ status: 410 });
    expect((await erasure(node, id).read()).body).toMatchObject({ state: 'confirmed' });
    expect((await erasure(node, id).complete()).body).toMatchObject({ state: 'complete' });
    expect(node.personalData.items.size).toBe(0);
    expect(await erasedIn(released.batchId)).toHaveLength(1);
  });
  it('covers a batch that its therapy event does not name yet, because its making was cut off', async () => {
    await erasure(node, id).request();
    await erasure(node, id).confirm();
    const { recipe } = await node.batch(released.batchId);
    const lost: Journey = { ...released, batchId: 'north-20260302-LATE01' };
    await node.records.batches.change(lost.batchId, () => [{ type: 'batch-created', batchId: lost.batchId, nodeId: 'north', productId: CONTENT.productId, chainOfIdentityId: id, recipe }], { actor: { kind: 'system', id: 'test', version: '1' } });
    expect(await personal(lost).record(FIELDS)).toMatchObject({ status: 410, code: 'personal-data-erased' });
    expect(node.personalData.items.size).toBe(0);
  });
});

import { beforeEach, describe, expect, it } from 'vitest';
import { encodeCursor } from '../../functions/_platform/cursor.ts';
import { NODE_ROUTES } from '../../shared/api/routes.ts';
import { verifyChain } from '../../shared/record/chain.ts';
import type { Recorded } from '../../shared/record/envelope.ts';
import { NOW } from '../support/batch-fixtures.ts';
import { act, actSigned, advance, BATCH_ROUTE, createJourney, equip, PHASE_ROUTE, type Journey } from '../support/journey.ts';
import { createNode, type TestNode } from '../support/node.ts';
import { PEOPLE } from '../support/people.ts';

const { operator, regulator, engineer } = PEOPLE;
const RECORD = `GET ${BATCH_ROUTE}/record`;
const TRAIL = `GET ${BATCH_ROUTE}/audit-trail`;

let node: TestNode;
let journey: Journey;
beforeEach(async () => {
  node = createNode();
  await equip(node);
  journey = await advance(await createJourney(node), 'valued');
});

const read = (route: string, query: Readonly<Record<string, string>> = {}, batchId = journey.batchId) => node.call(regulator, route, { path: { batchId }, query });
const walk = async (route: string, limit: string) => {
  const items: Readonly<{ version: number }>[] = [];
  let cursor: string | undefined;
  do {
    const { body } = await read(route, { limit, ...(cursor === undefined ? {} : { cursor }) });
    items.push(...body['items'] as typeof items);
    cursor = body['nextCursor'] as string | undefined;
  } while (cursor !== undefined);
  return items;
};

describe('the record of a batch', () => {
  it.each(['1', '4', '7', '200'])('is whole and its chain holds, in pages of %s', async (limit) => {
    const items = await walk(RECORD, limit) as unknown as Recorded<unknown>[];
    expect(items).toEqual(await node.store.load({ kind: 'batch', id: journey.batchId }));
    expect(() => { verifyChain({ kind: 'batch', id: journey.batchId }, items); }).not.toThrow();
  });
  it('says at which version and hash it stands, whatever the page', async () => {
    const { version, hash } = await node.batch(journey.batchId);
    expect((await read(RECORD, { limit: '1' })).body).toMatchObject({ batchId: journey.batchId, version, hash });
  });
  it.each([
    ['that names no version', { pk: 'RECORD#', sk: 'last' }], ['of a negative version', { pk: 'RECORD#', sk: '-1' }], ['of another batch', { pk: 'RECORD#other', sk: '1' }],
  ])('refuses a cursor %s rather than ending early', async (_, { pk, sk }) => {
    const cursor = encodeCursor({ pk: pk === 'RECORD#' ? `${pk}${journey.batchId}` : pk, sk })!;
    for (const route of [RECORD, TRAIL]) expect(await read(route, { cursor })).toMatchObject({ status: 400, code: 'cursor-malformed' });
  });
  it('of another hospital is not here', async () => { expect((await read(RECORD, {}, 'hill-20260302-000000')).code).toBe('batch-not-found'); });
});

describe('the audit trail', () => {
  it('tells who did what, when, the old and the new value, and why', async () => {
    await act(journey, operator, `${BATCH_ROUTE}/hold`, { reason: 'power failure', deviceTime: '2026-03-02T15:05:09.000+01:00' });
    await act(journey, operator, `${BATCH_ROUTE}/resume`, { reason: 'power is back' });
    await actSigned(journey, operator, 'responsibility', `${PHASE_ROUTE}/values/{valueId}/correction`, { value: 91, reason: 'misread' }, { phaseId: 'culture', valueId: 'viability' });
    const { version, hash } = await node.batch(journey.batchId);
    const items = await walk(TRAIL, '5');
    expect(items.at(-1)).toEqual({
      version, hash, recordedAt: new Date(NOW).toISOString(), type: 'value-corrected', who: 'Anna Operator', whoId: 'op-1', what: 'Value viability of phase culture corrected from 90 to 91 %', oldValue: 90, newValue: 91, why: 'misread',
      signature: { printedName: 'Anna Operator', meaning: 'responsibility', signedAt: new Date(NOW).toISOString(), signedVersion: version - 1 },
    });
    expect(items.at(-3)).toMatchObject({ what: 'Batch held', why: 'power failure', deviceTime: '2026-03-02T15:05:09.000+01:00' });
    expect(items.map((item) => item.version)).toEqual(Array.from({ length: version }, (_, i) => i + 1));
  });
  it('shows what was refused', async () => {
    await act(journey, operator, `${PHASE_ROUTE}/start`, {}, { phaseId: 'filling' });
    expect((await walk(TRAIL, '200')).at(-1)).toMatchObject({ type: 'action-refused', what: 'Refused: startPhase (phase-out-of-order)' });
  });
  it('names a function by what it is and its version', async () => {
    await advance(journey, 'reviewed', 'valued');
    expect((await walk(TRAIL, '200')).at(-1)).toMatchObject({ type: 'review-performed', who: 'rpa-review 1.4.0' });
  });
});

describe('the list of batches', () => {
  it('has the newest first, page by page', async () => {
    for (const day of [1, 2, 3]) {
      node.time.epochMs = NOW + day * 86_400_000;
      await createJourney(node);
    }
    const first = await node.call(regulator, 'GET /v1/batches', { query: { limit: '2' } });
    const rest = await node.call(regulator, 'GET /v1/batches', { query: { limit: '9', cursor: String(first.body['nextCursor']) } });
    const days = [first, rest].map(({ body }) => (body['items'] as Readonly<{ batchId: string }>[]).map(({ batchId }) => batchId.split('-')[1]));
    expect(days).toEqual([['20260305', '20260304'], ['20260303', '20260302']]);
  });
  it('shows where each stands', async () => {
    const { version } = await node.batch(journey.batchId);
    expect((await node.call(regulator, 'GET /v1/batches')).body['items']).toEqual([{
      batchId: journey.batchId, productId: 'test-product', chainOfIdentityId: journey.chainOfIdentityId, state: 'running', createdAt: new Date(NOW).toISOString(), version, openDeviationCount: 0,
    }]);
  });
});

describe('reading', () => {
  it('is itself on record before the answer is given', async () => {
    await read(TRAIL);
    await node.call(regulator, 'GET /v1/batches');
    await read(RECORD, {}, 'hill-20260302-000000');
    expect(node.reads).toMatchObject([
      { readerId: 'reg-1', operation: 'readAuditTrail', target: `GET /v1/batches/${journey.batchId}/audit-trail`, at: new Date(NOW).toISOString() }, { operation: 'listBatches' }, { operation: 'readRecord', target: 'GET /v1/batches/hill-20260302-000000/record' },
    ]);
    expect(new Set(node.reads.map(({ requestId }) => requestId)).size).toBe(3);
  });
  it('is not given when it can not be logged', async () => {
    node.readLog.isDown = true;
    for (const route of [RECORD, TRAIL]) expect(await read(route)).toMatchObject({ status: 500, body: { type: 'about:blank' } });
  });
  it('is refused to who has no business with it, and then nothing is logged', async () => {
    expect((await node.call(engineer, TRAIL, { path: { batchId: journey.batchId } })).code).toBe('role-missing');
    expect(node.reads).toEqual([]);
  });
  it('changes nothing', async () => {
    const before = await node.held(journey.batchId);
    for (const route of [RECORD, TRAIL]) await read(route);
    await node.call(regulator, 'GET /v1/batches');
    expect(await node.held(journey.batchId)).toEqual(before);
  });
});

/** Open routes know no person: a witness takes what a log's own key has signed. */
it.each(NODE_ROUTES.filter(({ method, authorised }) => method === 'POST' && authorised).map(({ path }) => path))('a regulator can not write: POST %s', async (path) => {
  const before = await node.held(journey.batchId);
  const named = Object.fromEntries(Array.from(path.matchAll(/\{(\w+)\}/g), ([, name = '']) => [name, name === 'batchId' ? journey.batchId : 'x']));
  expect(await node.call(regulator, `POST ${path}`, { path: named })).toMatchObject({ status: 403, code: 'role-missing' });
  expect(await node.held(journey.batchId)).toEqual(before);
});

import { beforeEach, describe, expect, it } from 'vitest';
import { encodeCursor } from '../../functions/_platform/cursor.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { NOW } from '../support/batch-fixtures.ts';
import { createEquippedJourney, type Journey } from '../support/journey.ts';
import type { TestNode } from '../support/node.ts';
import { PEOPLE } from '../support/people.ts';

const { regulator, reviewer, qualified, operator } = PEOPLE;
const READS = 'GET /v1/audit/reads';
const DAY_MS = 86_400_000;
const iso = (epochMs: number): string => new Date(epochMs).toISOString();
type Query = Readonly<Record<string, string>>;
type Items = readonly Readonly<Record<string, unknown>>[];

let node: TestNode;
let journey: Journey;
beforeEach(async () => { ({ node, journey } = await createEquippedJourney()); });

const pages = async (query: Query): Promise<Items> => {
  const items: Items[] = [];
  let cursor: string | undefined;
  do {
    const { body } = await node.call(qualified, READS, { query: { ...query, ...(cursor === undefined ? {} : { cursor }) } });
    items.push(body['items'] as Items);
    cursor = body['nextCursor'] as string | undefined;
  } while (cursor !== undefined);
  return items.flat();
};

describe('the read log', () => {
  it('says who read what, when, by which grant, with which parameters and how much was answered', async () => {
    node.grant({ grantId: 'B', login: regulator.id, from: iso(NOW), until: iso(NOW + DAY_MS) }, { grantId: 'A', login: regulator.id, productIds: ['x'], from: iso(NOW), until: iso(NOW + DAY_MS) });
    await node.call(regulator, 'GET /v1/audit/search', { query: { chainOfIdentityId: journey.chainOfIdentityId, limit: '2' } });
    expect(node.reads).toEqual([{
      readerId: regulator.id, readerName: regulator.name, operation: 'searchRecords', target: 'GET /v1/audit/search', parameters: { limit: '2', chainOfIdentityId: journey.chainOfIdentityId }, at: iso(NOW), requestId: node.reads[0]!.requestId,
      outcome: 'answered', itemCount: 2, grantIds: ['A', 'B'],
    }]);
  });
  it('counts what a genealogy, a record and a file hold, and nothing of what was refused', async () => {
    const path = { batchId: journey.batchId };
    await node.call(reviewer, 'GET /v1/audit/genealogy/{kind}/{id}', { path: { kind: 'batch', id: journey.batchId } });
    await node.call(reviewer, 'GET /v1/audit/batches/{batchId}/inspection-pack', { path });
    await node.call(reviewer, 'GET /v1/audit/batches/{batchId}/record', { path, query: { version: '99' } });
    expect(node.reads.map(({ outcome, itemCount, grantIds, target }) => [outcome, itemCount, grantIds, target])).toEqual([
      ['answered', 2, [], `GET /v1/audit/genealogy/batch/${journey.batchId}`], ['answered', 1, [], `GET /v1/audit/batches/${journey.batchId}/inspection-pack`], ['record-version-not-found', 0, [], `GET /v1/audit/batches/${journey.batchId}/record`],
    ]);
  });
  it('keeps no word that somebody typed and nothing answered to, wherever it was typed', async () => {
    for (const [route, path, query] of [
      ['GET /v1/audit/search', {}, { personId: 'Jane.Doe' }], ['GET /v1/audit/search', {}, { chainOfIdentityId: 'Jane.Doe' }], ['GET /v1/audit/batches', {}, { productId: 'Jane.Doe' }], ['GET /v1/audit/genealogy/{kind}/{id}', { kind: 'person', id: 'Jane.Doe' }, {}],
      ['GET /v1/audit/batches/{batchId}/record', { batchId: 'Jane.Doe' }, {}], ['GET /v1/batches/{batchId}/telemetry', { batchId: journey.batchId }, { metric: 'Jane.Doe' }], [READS, {}, { readerId: 'Jane.Doe' }],
    ] as const) await node.call(reviewer, route, { path, query });
    expect(node.reads).toHaveLength(7);
    expect(JSON.stringify(node.reads)).not.toContain('Jane');
  });
});

describe('reading the read log', () => {
  beforeEach(async () => {
    for (const day of [0, 1, 3]) {
      node.time.epochMs = NOW + day * DAY_MS;
      for (const person of [operator, regulator]) await node.call(person, 'GET /v1/batches');
    }
    node.time.epochMs = NOW + 3 * DAY_MS + 1;
  });
  it('gives the newest first, whatever the page, and is itself on record', async () => {
    for (const limit of ['1', '2', '50']) {
      const items = (await pages({ limit })).filter(({ operation }) => operation === 'listBatches');
      expect(items.map(({ at }) => at)).toEqual([3, 3, 1, 1, 0, 0].map((day) => iso(NOW + day * DAY_MS)));
    }
    expect(node.reads.at(-1)).toMatchObject({ operation: 'listReads', readerId: qualified.id, outcome: 'answered' });
  });
  it('by person and by time, to the millisecond', async () => {
    expect((await pages({ readerId: regulator.id })).map(({ readerName, grantIds }) => [readerName, grantIds])).toEqual(Array.from({ length: 3 }, () => [regulator.name, ['GRANT-1']]));
    const between = (from: number, to: number) => pages({ from: iso(NOW + from), to: iso(NOW + to), limit: '1' });
    expect([(await between(0, DAY_MS)).length, (await between(1, DAY_MS + 1)).length, (await between(0, DAY_MS + 1)).length, (await between(1, DAY_MS)).length]).toEqual([2, 2, 4, 0]);
  });
  it('goes back seven days unless told otherwise, and 92 at most', async () => {
    node.time.epochMs = NOW + 8 * DAY_MS;
    expect((await pages({})).map(({ at }) => at)).toEqual([3, 3, 1, 1].map((day) => iso(NOW + day * DAY_MS)));
    const from = iso(NOW - 92 * DAY_MS);
    expect(await node.call(reviewer, READS, { query: { from } })).toMatchObject({ status: 400, code: 'request-malformed' });
    expect(await node.call(reviewer, READS, { query: { from, to: iso(NOW + 1) } })).toMatchObject({ status: 400, code: 'request-malformed' });
    expect(await node.call(reviewer, READS, { query: { from: iso(NOW), to: iso(NOW) } })).toMatchObject({ status: 400, code: 'request-malformed' });
  });
  it('is for quality only, not for who is read about', async () => {
    for (const person of [operator, regulator]) expect((await node.call(person, READS)).code).toBe('role-missing');
    expect((await node.call(reviewer, READS)).status).toBe(200);
  });
  it('still gives entries from before it kept parameters, and refuses a cursor that names no read', async () => {
    await node.readItems.put(keyOf.read(iso(NOW + 2 * DAY_MS), 'old'), { readerId: 'op-9', operation: 'listBatches', target: 'GET /v1/batches', at: iso(NOW + 2 * DAY_MS), requestId: 'old' });
    expect(await pages({ readerId: 'op-9' })).toEqual([{ readerId: 'op-9', readerName: '', operation: 'listBatches', target: 'GET /v1/batches', at: iso(NOW + 2 * DAY_MS), requestId: 'old', parameters: {}, outcome: 'answered', itemCount: 0, grantIds: [] }]);
    expect((await node.call(reviewer, READS, { query: { cursor: encodeCursor({ pk: 'READS', sk: 'last' })! } })).code).toBe('cursor-malformed');
  });
});

import { unzipSync } from 'fflate';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { checkRecord, type CheckPorts } from '../../functions/log-check/handler.ts';
import { BUNDLES_A_RUN, sweepLog, type SweepPorts } from '../../functions/log-check/removed-streams.ts';
import { logger } from '../../functions/_platform/log.ts';
import type { RecordItem } from '../../functions/_platform/record-items.ts';
import { eventItemOf } from '../../functions/_platform/record-items.ts';
import { integrate } from '../../shared/audit-log/log-writer.ts';
import { publishCheckpoint } from '../../shared/audit-log/publish.ts';
import { entryOf } from '../../shared/audit-log/receipt.ts';
import { chainEvents } from '../../shared/record/chain.ts';
import { GENESIS_HASH, type Recorded } from '../../shared/record/envelope.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { advance, createEquippedJourney, registerSigners, type Journey } from '../support/journey.ts';
import type { TestNode } from '../support/node.ts';
import { PEOPLE } from '../support/people.ts';
import { sequenced } from '../support/sequence.ts';
import { sampleOf } from '../support/verify/events.ts';
import { verifyNode } from '../support/verify/node-log.ts';

const PAGE = 7;
const PENDING = keyOf.logPending('-', '-', '-', 0).pk;
const PACK = 'GET /v1/audit/batches/{batchId}/inspection-pack';

let node: TestNode;
let journey: Journey;
beforeEach(async () => {
  ({ node, journey } = await createEquippedJourney());
  await registerSigners(node);
  await sequenced(node);
});

const itemsInOrder = (): readonly RecordItem[] => [...node.table.values()].toSorted((a, b) => (`${a.pk} ${a.sk}` < `${b.pk} ${b.sk}` ? -1 : 1));
/** The check of the node, a few items at a time. */
const check = async (own: Partial<CheckPorts> = {}) => {
  const counted: Record<string, number> = {};
  const checked = await checkRecord({
    page: (after) => {
      const items = itemsInOrder();
      const first = after === undefined ? 0 : items.findIndex(({ pk, sk }) => pk === after.pk && sk === after.sk) + 1;
      const [page, last] = [items.slice(first, first + PAGE), items[first + PAGE - 1]];
      return Promise.resolve({ items: page, ...(last !== undefined && first + PAGE < items.length ? { next: { pk: last.pk, sk: last.sk } } : {}) });
    },
    item: (key) => Promise.resolve(node.table.get(placeOf(key))),
    store: node.log.store, objects: node.log.store, places: node.log.places, operations: node.operations, now: node.now, count: (name, value) => { counted[name] = (counted[name] ?? 0) + value; }, ...own,
  });
  return { ...checked, counted };
};
const placeOf = ({ pk, sk }: Readonly<{ pk: string; sk: string }>): string => [...node.table.entries()].find(([, each]) => each.pk === pk && each.sk === sk)?.[0] ?? '';
const eventsOf = (): readonly Recorded<Record<string, unknown>>[] => itemsInOrder().filter(({ pk }) => pk === keyOf.stream('batch', journey.batchId).pk).map(({ body }) => JSON.parse(String(body)) as Recorded<Record<string, unknown>>);

/** Somebody with full power over the table: another event in its place, and the chain made again from there, leaf hashes too. */
const forge = (version: number): void => {
  const events = eventsOf();
  const kept = events.slice(0, version - 1);
  const rest = events.slice(version - 1).map(({ hash: _, previousHash: __, ...draft }, i) => (i === 0 ? { ...draft, event: { ...draft.event, forged: 99 } } : draft));
  for (const event of chainEvents(kept.at(-1)?.hash ?? GENESIS_HASH, rest)) {
    const item = eventItemOf(event);
    node.table.set(placeOf(item), item);
  }
};
const proof = (version: number) => node.call(PEOPLE.regulator, 'GET /v1/batches/{batchId}/proof', { path: { batchId: journey.batchId }, query: { version: String(version) } });

describe('the check of the record against the log', () => {
  it('finds nothing in an honest record, nor in what waits, and says so', async () => {
    journey = await advance(journey, 'culturing');
    expect(await check()).toMatchObject({ differs: 0, putBack: 0, isWhole: true, events: itemsInOrder().filter(({ sk }) => sk.startsWith('EVENT#')).length });
    expect((await check()).counted).toEqual({ RecordDiffersFromLog: 0, EventsPutBack: 0 });
  });
  it('puts back what lost its place in the outbox, in whatever order, and the log is sound', async () => {
    journey = await advance(journey, 'culturing');
    const pending = (await node.operations.list<{ pk: string; sk: string }>(PENDING, { limit: 1000 })).items;
    expect(pending.length).toBeGreaterThan(3);
    await node.operations.deleteMany(pending.filter((_, i) => i % 2 === 0));
    const { putBack, differs } = await check();
    expect([putBack > 0, differs]).toEqual([true, 0]);
    await sequenced(node);
    expect((await check()).counted).toEqual({ RecordDiffersFromLog: 0, EventsPutBack: 0 });
    expect(await verifyNode(node)).toMatchObject({ code: 0 });
    expect((await proof(eventsOf().length)).status).toBe(200);
  });
  it('names a record that was removed from its first event on, of which nothing is left to look at', async () => {
    journey = await advance(journey, 'received');
    await sequenced(node);
    const { pk } = keyOf.stream('batch', journey.batchId);
    for (const item of itemsInOrder().filter((each) => each.pk === pk)) node.table.delete(placeOf(item));
    const said = vi.spyOn(logger, 'error').mockImplementation(() => undefined);
    expect((await check()).counted).toEqual({ RecordDiffersFromLog: 1, EventsPutBack: 0 });
    expect(said.mock.calls).toEqual([['the record is not what the log holds', expect.objectContaining({ kind: 'batch', id: journey.batchId, version: 1 })]]);
    said.mockRestore();
  });
  it('goes on through the log where it stopped, so many bundles a run and no more', async () => {
    await integrate(node.log.store, sampleOf(256 * (BUNDLES_A_RUN + 1), 3).recorded.map(entryOf));
    await publishCheckpoint(node.log.store, { key: node.log.key, signer: node.log.signer, witnesses: [], quorum: 0 });
    const read: string[] = [];
    const objects: SweepPorts['objects'] = { readCheckpoint: () => node.log.store.readCheckpoint(), getObject: (path) => { read.push(path); return node.log.store.getObject(path); } };
    const sweep = (from: number) => sweepLog({ item: () => Promise.resolve({ pk: '', sk: '' }), objects }, from, () => false);
    expect(await sweep(0)).toEqual({ removed: 0, next: BUNDLES_A_RUN });
    expect(read).toHaveLength(BUNDLES_A_RUN);
    expect(await sweep(BUNDLES_A_RUN)).toEqual({ removed: 0, next: 0 });
    expect((await sweepLog({ item: () => Promise.resolve(undefined), objects }, 0, () => true)).next).toBe(0);
  });
  it('names each event that was replaced, chain and hashes made again and all, and puts none of it into the log', async () => {
    journey = await advance(journey, 'received');
    await sequenced(node);
    const { size } = await node.log.store.readHead();
    forge(2);
    expect(await check()).toMatchObject({ differs: eventsOf().length - 1, putBack: 0 });
    await sequenced(node);
    expect((await node.log.store.readHead()).size).toBe(size);
  });
  it('names one that was altered alone, and one whose place in the log somebody took away', async () => {
    journey = await advance(journey, 'received');
    await sequenced(node);
    const item = node.table.get(placeOf(keyOf.event('batch', journey.batchId, 2)))!;
    node.table.set(placeOf(item), { ...item, body: String(item['body']).replace('"version":2', '"version": 2') });
    expect(await check()).toMatchObject({ differs: 1, putBack: 0 });
    const { pk, sk } = keyOf.logPlace('batch', journey.batchId, 2);
    await node.operations.deleteMany([{ pk, sk }]);
    expect(await check()).toMatchObject({ differs: 1, putBack: 0 });
  });
  it('names the event that a record was cut off before', async () => {
    journey = await advance(journey, 'received');
    await sequenced(node);
    const last = eventsOf().length;
    node.table.delete(placeOf(keyOf.event('batch', journey.batchId, last)));
    expect(await check()).toMatchObject({ differs: 1, putBack: 0 });
  });
  it('stops when its time is over, and the next run goes on there', async () => {
    const slow = await check({ now: () => new Date(node.time.epochMs += 250_000) });
    expect(slow).toMatchObject({ isWhole: false, events: expect.any(Number) as number });
    const rest = await check();
    expect(rest.isWhole).toBe(true);
    expect(slow.events + rest.events).toBe(itemsInOrder().filter(({ sk }) => sk.startsWith('EVENT#')).length);
  });
  it('notes places that are missing, as after a restore by older tools', async () => {
    const { pk, sk } = keyOf.logPlace('batch', journey.batchId, 1);
    await node.operations.deleteMany([{ pk, sk }]);
    await check();
    expect(await node.log.places.find([{ stream: { kind: 'batch', id: journey.batchId }, version: 1 }])).toMatchObject([{ index: expect.any(Number) as number }]);
  });
});

describe('an event that was replaced in the record', () => {
  it('has no proof, and the answer does not say to wait: it names the event, for years. Its pack shows the own entry of the log', async () => {
    node.packs.verifier = new Uint8Array([1]);
    journey = await advance(journey, 'received');
    await sequenced(node);
    forge(2);
    for (const ageMs of [0, 30 * 86_400_000]) {
      node.time.epochMs += ageMs;
      expect(await proof(2)).toMatchObject({ status: 500, code: 'record-differs-from-log', body: { kind: 'batch', id: journey.batchId, version: 2, index: expect.any(Number) as number } });
      expect((await proof(1)).status).toBe(200);
      const { status, file } = await node.call(PEOPLE.regulator, PACK, { path: { batchId: journey.batchId } });
      expect([status, JSON.parse(Buffer.from(unzipSync(file!)['proofs.json']!).toString('utf8'))]).toEqual([200, expect.objectContaining({ replaced: expect.arrayContaining([expect.objectContaining({ version: 2 })]) as unknown })]);
    }
  });
  it('waits only while the outbox names it', async () => {
    journey = await advance(journey, 'culturing');
    const last = eventsOf().length;
    expect((await proof(last)).code).toBe('log-entry-not-found');
    await node.operations.deleteMany((await node.operations.list<{ pk: string; sk: string }>(PENDING, { limit: 1000 })).items);
    expect((await proof(last)).code).toBe('record-differs-from-log');
  });
});

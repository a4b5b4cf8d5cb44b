import type { Context } from 'aws-lambda';
import { beforeEach, describe, expect, it } from 'vitest';
import { createHandler as createSequencer } from '../../functions/log-sequencer/handler.ts';
import { createHandler as createWitness } from '../../functions/log-witness/handler.ts';
import type { LeafReader } from '../../functions/_platform/dynamodb-leaves.ts';
import { witnessTableKey } from '../../functions/_platform/directory.ts';
import { GENESIS_HEAD } from '../../shared/audit-log/log-store.ts';
import { verifyProof, type ProofOfInclusion, type Receipt } from '../../shared/audit-log/receipt.ts';
import { formatVerifierKey, SIGNATURE_TYPE } from '../../shared/audit-log/verifier-key.ts';
import type { Witness } from '../../shared/audit-log/witness-client.ts';
import { hexOf, leafHashOf } from '../../shared/audit-log/hash.ts';
import { canonicalJson } from '../../shared/record/canonical-json.ts';
import { GENESIS_HASH } from '../../shared/record/envelope.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { advance, createEquippedJourney, createJourney, equip, type Journey } from '../support/journey.ts';
import { createLog } from '../support/log.ts';
import { createMemoryOperationsStore } from '../support/memory/operations-store.ts';
import { createNode } from '../support/node.ts';
import { PEOPLE } from '../support/people.ts';

type Node = ReturnType<typeof createNode>;
const CONTEXT = { awsRequestId: 'r-1' } as Context;

/** The control site as a witness that knows the log of one hospital, or none. */
const createControlWitness = (node: Node, isKnown = true) => {
  const operations = createMemoryOperationsStore();
  const { key, signer } = createLog(createMemoryOperationsStore(), 'bedside.network/witness/control', SIGNATURE_TYPE.cosignature);
  const ownWitnessKey = formatVerifierKey(createLog(createMemoryOperationsStore(), 'bedside.network/witness/north', SIGNATURE_TYPE.cosignature).key);
  if (isKnown) operations.items.set('known', { ...witnessTableKey.site('north'), siteId: 'north', logKey: formatVerifierKey(node.log.key), witnessKey: ownWitnessKey });
  const handler = createWitness({ table: operations, identity: () => Promise.resolve({ key, signer }), now: node.now });
  const ask = async (routeKey: string, body = '') => {
    const { statusCode = 0, headers = {}, body: text = '' } = await handler({ routeKey, body: Buffer.from(body).toString('base64'), isBase64Encoded: true }, CONTEXT);
    return { status: statusCode, contentType: String(headers['content-type']), body: text };
  };
  const witness: Witness = { key, addCheckpoint: (body) => ask('POST /v1/log/witness/add-checkpoint', Buffer.from(body).toString('utf8')) };
  return { operations, witness, ask, isDown: { value: false } };
};

const createSequencerOf = (node: Node, witnesses: readonly Witness[], alter: (body: string) => string = (body) => body, whenRead: () => void = () => undefined) => {
  const counted: Record<string, number> = {};
  const leaves: LeafReader = async (appends) => {
    whenRead();
    return (await node.leaves(appends)).map((own) => own.map(({ entry, ...rest }) => ({ ...rest, entry: Buffer.from(alter(Buffer.from(entry).toString('utf8'))) })));
  };
  const handler = createSequencer({
    store: node.log.store, operations: node.operations, leaves, places: node.log.places, now: node.now, count: (name, value) => { counted[name] = (counted[name] ?? 0) + value; },
    identity: () => Promise.resolve({ key: node.log.key, signer: node.log.signer, witnesses, quorum: witnesses.length }),
  });
  return { counted, run: () => handler({}, CONTEXT) };
};

describe('the transparency log of a node', () => {
  let node: Node;
  let journey: Journey;
  beforeEach(async () => {
    ({ node, journey } = await createEquippedJourney());
  });
  const pendingCount = async (): Promise<number> => (await node.operations.list(keyOf.logPending('-', '-', '-', 0).pk, { limit: 1000 })).items.length;
  const proof = async (version?: number): Promise<{ status: number; body: ProofOfInclusion & { receipt: Receipt } }> =>
    await node.call(PEOPLE.regulator, 'GET /v1/batches/{batchId}/proof', { path: { batchId: journey.batchId }, ...(version === undefined ? {} : { query: { version: String(version) } }) }) as never;

  it('takes in every accepted event once, however often it runs, and proves each', async () => {
    const { run } = createSequencerOf(node, []);
    expect(await pendingCount()).toBeGreaterThan(3);
    const first = await run();
    expect(first).toMatchObject({ checkpoint: 'published', size: first.entries });
    expect(await pendingCount()).toBe(0);
    expect(await run()).toEqual({ entries: 0, size: first.size, checkpoint: 'unchanged', isWhole: true });
    journey = await advance(journey, 'culturing');
    const second = await run();
    expect(second.size).toBe(first.size + second.entries);
    for (let version = 1; version <= (await node.batch(journey.batchId)).version; version += 1) {
      const { body: { receipt, ...rest } } = await proof(version);
      expect(receipt.version).toBe(version);
      expect(verifyProof(receipt.leafHash, rest, { origin: node.log.key.name, logKeys: [node.log.key], witnessKeys: [], quorum: 0 }).checkpoint.size).toBe(second.size);
    }
  });
  it('takes a full outbox in groups, in the order of acceptance, each append whole', async () => {
    await createSequencerOf(node, []).run();
    const before = (await node.log.store.readHead()).size;
    const appended: string[] = [];
    for (let i = 0; i < 60; i += 1) {
      node.time.epochMs += 1;
      const stream = { kind: 'equipment', id: `PUMP-${i}` } as const;
      const planned = node.store.plan({ stream, expectedVersion: 0, previousHash: GENESIS_HASH, previousRecordedAt: undefined, events: Array.from({ length: 45 }, (_, n) => ({ type: 'noted', n })), actor: { kind: 'system', id: 'test', version: '1' } });
      await node.store.write(planned, []);
      appended.push(...planned.map((each) => hexOf(leafHashOf(Buffer.from(canonicalJson(each))))));
    }
    expect(await createSequencerOf(node, []).run()).toMatchObject({ entries: 2700, size: before + 2700 });
    const places = await node.log.store.findLeaves(appended);
    expect(appended.map((leafHash) => places.get(leafHash))).toEqual(appended.map((_, i) => before + i));
    expect(await pendingCount()).toBe(0);
  });
  it('stops between two groups when its time is over; the next run goes on', async () => {
    for (let i = 0; i < 30; i += 1) {
      const stream = { kind: 'equipment', id: `PUMP-${i}` } as const;
      await node.store.write(node.store.plan({ stream, expectedVersion: 0, previousHash: GENESIS_HASH, previousRecordedAt: undefined, events: Array.from({ length: 45 }, (_, n) => ({ type: 'noted', n })), actor: { kind: 'system', id: 'test', version: '1' } }), []);
    }
    const { counted, run } = createSequencerOf(node, [], undefined, () => { node.time.epochMs += 16_000; });
    const first = await run();
    expect(first.entries).toBeLessThan(1350);
    expect(counted['LogBehind']).toBe(1);
    expect(await pendingCount()).toBeGreaterThan(0);
    const second = await run();
    expect(second.size).toBe(first.size + second.entries);
    expect(await pendingCount()).toBe(0);
  });
  it('cut off after the tree and before the outbox, takes nothing twice', async () => {
    const cut = { ...node, operations: { ...node.operations, deleteMany: () => Promise.reject(new Error('cut off')) } };
    const pending = await pendingCount();
    await expect(createSequencerOf(cut, []).run()).rejects.toThrow('cut off');
    const { size } = await node.log.store.readHead();
    expect([await pendingCount(), size >= pending]).toEqual([pending, true]);
    expect(await createSequencerOf(node, []).run()).toMatchObject({ size, checkpoint: 'published' });
    expect(await pendingCount()).toBe(0);
  });
  it('says plainly that an event is not under a checkpoint yet', async () => {
    expect(await proof()).toMatchObject({ status: 404, body: { type: '/problems/log-entry-not-found' } });
  });
  it('does not take in an event that is not the one that was accepted, leaves it for people to see, and takes the others', async () => {
    const { run } = createSequencerOf(node, [], (body) => (body.includes('"type":"batch-created"') ? body.replace('"north', '"s0uth') : body));
    const pending = await pendingCount();
    await expect(run()).rejects.toThrow(/event 1: is not the one that was accepted/);
    expect(await pendingCount()).toBe(1);
    expect((await node.log.store.readHead()).size).toBeGreaterThanOrEqual(pending - 1);
  });
  it('waits with a checkpoint that no witness cosigns, loses nothing, and counts it for the alarm', async () => {
    const { run, counted } = createSequencerOf(node, [createControlWitness(node, false).witness]);
    expect(await run()).toMatchObject({ checkpoint: 'waiting' });
    expect(counted['CheckpointsWaiting']).toBe(1);
    expect(await node.log.store.readCheckpoint()).toBeUndefined();
    expect(await createSequencerOf(node, [createControlWitness(node).witness]).run()).toMatchObject({ checkpoint: 'published', entries: 0 });
  });

  describe('has the control site as a witness, which', () => {
    it('cosigns the log as it grows, and keeps each checkpoint', async () => {
      const { witness, operations } = createControlWitness(node);
      const { run } = createSequencerOf(node, [witness]);
      const first = await run();
      journey = await advance(journey, 'culturing');
      const second = await run();
      expect(second.checkpoint).toBe('published');
      const { items } = await operations.list<{ size: number }>(witnessTableKey.checkpoint('north', 0).pk, { limit: 10 });
      expect(items.map(({ size }) => size)).toEqual([first.size, second.size]);
    });
    it('refuses another history of the same log', async () => {
      const { witness } = createControlWitness(node);
      await createSequencerOf(node, [witness]).run();
      const other = createNode();
      await equip(other);
      await advance(await createJourney(other), 'culturing');
      other.log.objects.objects.clear();
      expect((await other.log.store.readHead()).size).toBe(GENESIS_HEAD.size);
      expect(await createSequencerOf(other, [witness]).run()).toMatchObject({ checkpoint: 'waiting' });
    });
    it('gives its key to everybody, and answers what is no request with 400 and what is of no known log with 404', async () => {
      const { ask, witness } = createControlWitness(node, false);
      expect((await ask('GET /v1/log/witness/key')).body).toBe(`${formatVerifierKey(witness.key)}\n`);
      expect((await ask('POST /v1/log/witness/add-checkpoint', 'nonsense')).status).toBe(400);
    });
  });
});

import type { Context } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { createHandler as createWitness } from '../../functions/log-witness/handler.ts';
import { witnessTableKey } from '../../functions/_platform/directory.ts';
import { sequence } from '../../functions/log-sequencer/handler.ts';
import { parseNote } from '../../shared/audit-log/note.ts';
import { formatVerifierKey } from '../../shared/audit-log/verifier-key.ts';
import type { Witness } from '../../shared/audit-log/witness-client.ts';
import { GENESIS_HASH } from '../../shared/record/envelope.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { createMemoryOperationsStore } from '../support/memory/operations-store.ts';
import { createNode, type TestNode } from '../support/node.ts';
import { siteKeys, siteSigners } from '../support/site-keys.ts';
import { verifyNode } from '../support/verify/node-log.ts';

const MINUTE = 60_000;
const actor = { kind: 'system', id: 'test', version: '1' } as const;

/** The witness of a site whose clock is so far from the node's. */
const witnessOf = (node: TestNode, siteId: string, offMs: number): Witness => {
  const table = createMemoryOperationsStore();
  table.items.set('north', { ...witnessTableKey.site('north'), siteId: 'north', witnessKey: siteKeys('north').witnessKey, logKey: formatVerifierKey(node.log.key) });
  const { witness } = siteSigners(siteId);
  const handler = createWitness({ table, identity: () => Promise.resolve(witness), now: () => new Date(node.time.epochMs + offMs) });
  return { key: witness.key, addCheckpoint: async (body) => {
    const { statusCode = 0, headers = {}, body: text = '' } = await handler({ routeKey: 'POST /v1/log/witness/add-checkpoint', body: Buffer.from(body).toString('base64'), isBase64Encoded: true }, { awsRequestId: 'r-1' } as Context);
    return { status: statusCode, contentType: String(headers['content-type']), body: text };
  } };
};
const run = (node: TestNode, witnesses: readonly Witness[], quorum: number) => sequence({
  store: node.log.store, operations: node.operations, leaves: node.leaves, places: node.log.places, count: () => undefined, now: node.now,
  identity: () => Promise.resolve({ key: node.log.key, signer: node.log.signer, witnesses, quorum }),
});
/** A first event of a pump, by a function whose clock is so far from the node's. */
const note = async (node: TestNode, id: string, offMs = 0): Promise<void> => {
  node.time.epochMs += offMs;
  const planned = node.store.plan({ stream: { kind: 'equipment', id }, expectedVersion: 0, previousHash: GENESIS_HASH, previousRecordedAt: undefined, events: [{ type: 'noted' }], actor });
  node.time.epochMs -= offMs;
  await node.store.write(planned, []);
};
const verifierKeys = (witnesses: readonly Witness[]): readonly string[] => witnesses.flatMap(({ key }) => ['--witness', formatVerifierKey(key)]);
const cosigners = async (node: TestNode): Promise<readonly string[]> => parseNote((await node.log.store.readCheckpoint())!.bytes).signatures.slice(1).map(({ name }) => name);

describe('a log among clocks that differ', () => {
  it('never takes a cosignature dated before an event it covers, in no later run either', async () => {
    const node = createNode();
    const [right, slow] = [witnessOf(node, 'control', 0), witnessOf(node, 'hill', -30 * MINUTE)];
    await note(node, 'PUMP-1');
    for (let minute = 0; minute < 30; minute += 1) {
      const { checkpoint } = await run(node, [right, slow], 1);
      expect([minute, checkpoint, await cosigners(node)]).toEqual([minute, minute === 0 ? 'published' : 'unchanged', [right.key.name]]);
      expect((await verifyNode(node, [...verifierKeys([right, slow]), '--quorum', '1'])).code).toBe(0);
      node.time.epochMs += MINUTE;
    }
    expect((await run(node, [right, slow], 1)).checkpoint).toBe('completed');
    expect((await verifyNode(node, verifierKeys([right, slow]))).code).toBe(0);
  });
  it('waits for its quorum for as long as a witness\'s clock is behind, also when nothing new comes, or something that is no older', async () => {
    const node = createNode();
    const slow = witnessOf(node, 'hill', -10 * MINUTE);
    await note(node, 'PUMP-1');
    expect((await run(node, [slow], 1)).checkpoint).toBe('waiting');
    node.time.epochMs += MINUTE;
    expect((await run(node, [slow], 1)).checkpoint).toBe('waiting');
    await note(node, 'PUMP-2', -2 * MINUTE);
    expect((await run(node, [slow], 1)).checkpoint).toBe('waiting');
    node.time.epochMs += 9 * MINUTE;
    expect(await run(node, [slow], 1)).toMatchObject({ checkpoint: 'published', size: 2, isWhole: true });
    expect((await verifyNode(node, verifierKeys([slow]))).code).toBe(0);
  });
  it('lets no event in whose time has not come, so that it can not hold up the checkpoints of all others', async () => {
    const node = createNode();
    const witness = witnessOf(node, 'control', 0);
    await note(node, 'PUMP-1');
    await note(node, 'PUMP-2', 10 * MINUTE);
    expect(await run(node, [witness], 1)).toMatchObject({ checkpoint: 'published', entries: 1, isWhole: false });
    expect((await verifyNode(node, verifierKeys([witness]))).code).toBe(0);
    expect((await node.operations.list(keyOf.logPending('-', '-', '-', 0).pk, { limit: 9 })).items).toMatchObject([{ stream: { id: 'PUMP-2' } }]);
    node.time.epochMs += 10 * MINUTE;
    expect(await run(node, [witness], 1)).toMatchObject({ checkpoint: 'published', entries: 1, isWhole: true });
    expect((await verifyNode(node, verifierKeys([witness]))).code).toBe(0);
  });
});

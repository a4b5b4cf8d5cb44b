import { unzipSync } from 'fflate';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventItemOf } from '../../functions/_platform/record-items.ts';
import { formatVerifierKey } from '../../shared/audit-log/verifier-key.ts';
import type { BatchEvent } from '../../shared/batch/events.ts';
import { chainEvents } from '../../shared/record/chain.ts';
import type { Recorded } from '../../shared/record/envelope.ts';
import { advance, createJourney, equip, registerSigners } from '../support/journey.ts';
import { placeOf } from '../support/memory/operations-store.ts';
import { createNode, type TestNode } from '../support/node.ts';
import { PEOPLE } from '../support/people.ts';
import { sequenced } from '../support/sequence.ts';
import { runVerify, type Report } from '../support/verify/run.ts';

const DAY_MS = 86_400_000;
const folder = mkdtempSync(join(tmpdir(), 'bedside-replaced-'));
afterAll(() => { rmSync(folder, { recursive: true, force: true }); });

/** What a person with every right on the database does to a value that the log has taken in: another value, and everything after it chained anew. */
const forge = async (node: TestNode, batchId: string): Promise<readonly Recorded<BatchEvent>[]> => {
  const events = await node.store.load<BatchEvent>({ kind: 'batch', id: batchId });
  const at = events.findIndex(({ event }) => event.type === 'value-recorded');
  const forged = chainEvents(events[at]!.previousHash, events.slice(at).map(({ previousHash: _, hash: __, ...draft }, i) => (i === 0 ? { ...draft, event: { ...draft.event, value: 99 } as unknown as BatchEvent } : draft)));
  for (const item of forged.map(eventItemOf)) node.table.set(placeOf(item), item);
  return forged;
};

/** Another instance of the functions over the same tables and the same log: nothing kept in memory. */
const another = (node: TestNode): TestNode => {
  const fresh = createNode();
  fresh.packs.verifier = new Uint8Array();
  fresh.time.epochMs = node.time.epochMs;
  for (const [place, item] of node.table) fresh.table.set(place, item);
  for (const [place, item] of node.operations.items) fresh.operations.items.set(place, item);
  for (const [path, bytes] of node.log.objects.objects) fresh.log.objects.objects.set(path, bytes);
  return fresh;
};

describe('an event that was replaced in the record after the log took it in', () => {
  let node: TestNode;
  let batchId: string;
  let forged: readonly Recorded<BatchEvent>[];
  beforeAll(async () => {
    node = createNode();
    await registerSigners(node);
    await equip(node);
    ({ batchId } = await advance(await createJourney(node), 'valued'));
    await sequenced(node);
    node.time.epochMs += 30 * DAY_MS;
    forged = await forge(node, batchId);
  });

  it('is named as replaced by the pack\'s own verification, with the log\'s entry for it', async () => {
    const { file } = await another(node).call(PEOPLE.regulator, 'GET /v1/audit/batches/{batchId}/inspection-pack', { path: { batchId } });
    for (const [path, body] of Object.entries(unzipSync(file!))) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), body);
    }
    const { code, out } = await runVerify([folder, '--key', formatVerifierKey(node.log.key), '--json'], node.time.epochMs);
    const { damages } = JSON.parse(out) as Report;
    expect(code).toBe(1);
    expect(damages).toHaveLength(forged.length);
    for (const [i, { version }] of forged.entries()) expect(damages[i]).toMatchObject({ file: 'batch-record.json', batch: { kind: 'batch', id: batchId, version }, message: expect.stringMatching(/^was replaced: the log holds as its entry \d+ another event/) as string });
    const { replaced } = JSON.parse(Buffer.from(unzipSync(file!)['proofs.json']!).toString('utf8')) as Readonly<{ replaced: readonly Readonly<{ entry: string }>[] }>;
    expect(JSON.parse(replaced[0]!.entry)).toMatchObject({ event: { type: 'value-recorded', value: expect.not.objectContaining({ value: 99 }) as unknown } });
  });
});

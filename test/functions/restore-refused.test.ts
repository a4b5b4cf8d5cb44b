import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { restore } from '../../functions/_platform/restore/restore.ts';
import { integrate } from '../../shared/audit-log/log-writer.ts';
import { SIGNATURE_TYPE, verifierKeyOf } from '../../shared/audit-log/verifier-key.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { codeOfAsync } from '../support/error-code.ts';
import { equip, receiveLot } from '../support/journey.ts';
import type { MemoryObjectStore } from '../support/memory/object-store.ts';
import { placeOf } from '../support/memory/operations-store.ts';
import { createNode, type TestNode } from '../support/node.ts';
import { sorted } from '../support/restore/compare.ts';
import { checkpointOf, isUntouched, livedNode, lostNode, restoreOptions } from '../support/restore/lost-node.ts';
import { restorePorts } from '../support/restore/memory-table.ts';
import { sequenced, trustOf } from '../support/sequence.ts';

let old: TestNode;
beforeAll(async () => { ({ old } = await livedNode()); });
let node: TestNode;
let objects: MemoryObjectStore;
beforeEach(() => { ({ node, objects } = lostNode(old)); });

describe('entries beyond the checkpoint', () => {
  it('are refused, and restored when asked for', async () => {
    const grown = createNode();
    node = createNode();
    node.time.epochMs = grown.time.epochMs;
    await equip(grown);
    await sequenced(grown);
    const { size } = checkpointOf(grown);
    await receiveLot(grown, { lotId: 'MED-2', materialId: 'medium' });
    const fresh = (await grown.leaves([{ stream: { kind: 'material-lot', id: 'MED-2' }, fromVersion: 1, toVersion: 2 }]))[0]!;
    await integrate(grown.log.store, fresh.map(({ entry }) => entry));
    expect(await codeOfAsync(() => restore(restorePorts(node, grown.log.objects), restoreOptions(grown)))).toBe('restore-refused');
    expect(isUntouched(node)).toBe(true);
    const report = await restore(restorePorts(node, grown.log.objects), { ...restoreOptions(grown), withUnsigned: true });
    expect(report).toMatchObject({ size: size + 2, signedSize: size });
    expect(sorted(node.table)).toEqual(sorted(grown.table));
  });
});

const flip = (path: string, at: number): void => {
  const bytes = objects.objects.get(path)!;
  bytes[at] = (bytes[at] ?? 0) ^ 1;
};
const pathOf = (start: string): string => [...objects.objects.keys()].filter((path) => path.startsWith(start)).toSorted((a, b) => Number(b.split('/').at(-1)) - Number(a.split('/').at(-1)))[0]!;

describe('what can not be restored, and nothing is written', () => {
  it.each<readonly [string, string, () => void]>([
    ['an altered entry', 'record-corrupt', () => { flip(pathOf('tile/entries/'), 700); }],
    ['an altered tile', 'log-corrupt', () => { flip(pathOf('tile/0/'), 3); }],
    ['a missing tile', 'log-corrupt', () => { objects.objects.delete(pathOf('tile/0/')); }],
    ['a missing bundle', 'log-corrupt', () => { objects.objects.delete(pathOf('tile/entries/')); }],
    ['no checkpoint', 'log-corrupt', () => { objects.objects.delete('checkpoint'); }],
    ['an altered checkpoint', 'note-unverified', () => { flip('checkpoint', 30); }],
  ])('%s', async (_, code, damage) => {
    damage();
    expect(await codeOfAsync(() => restore(restorePorts(node, objects), restoreOptions(old)))).toBe(code);
    expect(isUntouched(node)).toBe(true);
  });

  it('a log signed with another key', async () => {
    const key = verifierKeyOf(old.log.key.name, SIGNATURE_TYPE.ed25519, Buffer.alloc(32, 9));
    expect(await codeOfAsync(() => restore(restorePorts(node, objects), { ...restoreOptions(old), trust: { ...trustOf(old), logKeys: [key] } }))).toBe('note-unverified');
    expect(isUntouched(node)).toBe(true);
  });

  it('a log of the same events that is not the one that was signed', async () => {
    const forged = createNode();
    const entries = [...old.table.values()].flatMap(({ body }) => (typeof body === 'string' ? [Buffer.from(body)] : []));
    await integrate(forged.log.store, entries.toReversed());
    forged.log.objects.objects.set('checkpoint', objects.objects.get('checkpoint')!);
    expect(await codeOfAsync(() => restore(restorePorts(node, forged.log.objects), restoreOptions(old)))).toBe('log-corrupt');
    expect(isUntouched(node)).toBe(true);
  });

  const event = () => [...old.table.entries()].find(([, { pk }]) => pk.startsWith('BATCH#'))!;
  it.each<readonly [string, () => void]>([
    ['an event that is not in the log', () => { const item = event()[1]; node.table.set('x', { ...item, pk: 'BATCH#other' }); }],
    ['a later event of a stream in the log', () => { const item = event()[1]; node.table.set('x', { ...item, sk: 'EVENT#000009999' }); }],
    ['another event in its place', () => { const [place, item] = event(); node.table.set(place, { ...item, body: String(item['body']).replace('north', 'south') }); }],
    ['an event with another attribute', () => { const [place, item] = event(); node.table.set(place, { ...item, type: 'other' }); }],
    ['another leaf', () => { const [place, item] = event(); node.table.set(place, { ...item, leafHash: '0'.repeat(64) }); }],
    ['the head of another log', () => { const key = keyOf.logHead(); node.operations.items.set(placeOf(key), { ...key, version: 2, size: 1, root: 'f'.repeat(64) }); }],
    ['an append that waits for the log', () => { const key = keyOf.logPending('2026-03-02T00:00:00.000Z', 'batch', 'other', 1); node.operations.items.set(placeOf(key), { ...key, stream: { kind: 'batch', id: 'other' }, fromVersion: 1, toVersion: 1 }); }],
    ['a summary of another batch', () => { const key = keyOf.summary('batch', 'other'); node.operations.items.set(placeOf(key), { ...key, version: 1 }); }],
  ])('over %s', async (_, place) => {
    place();
    const before = [sorted(node.table), sorted(node.operations.items)];
    expect(await codeOfAsync(() => restore(restorePorts(node, objects), restoreOptions(old)))).toBe('restore-refused');
    expect([sorted(node.table), sorted(node.operations.items)]).toEqual(before);
  });

  it('does not mind the read log and run records beside the events', async () => {
    const key = keyOf.read('2026-03-02T00:00:00.000Z', 'r-1');
    node.table.set(placeOf(key), { ...key, readerId: 'reg-1' });
    await restore(restorePorts(node, objects), restoreOptions(old));
    expect(node.table.size).toBe(old.table.size + 1);
  });
});

import { beforeEach, describe, expect, it } from 'vitest';
import { restore } from '../../functions/_platform/restore/restore.ts';
import { equip, receiveLot } from '../support/journey.ts';
import { createNode, type TestNode } from '../support/node.ts';
import { copyOf } from '../support/restore/compare.ts';
import { restorePorts } from '../support/restore/memory-table.ts';
import { sequenced, trustOf } from '../support/sequence.ts';

/** A copy of yesterday, and the node's own bucket as it is today; its tables are lost. */
let old: TestNode;
let node: TestNode;
let yesterday: ReturnType<typeof copyOf>;

beforeEach(async () => {
  old = createNode();
  await equip(old);
  await sequenced(old);
  yesterday = copyOf(old.log.objects);
  await receiveLot(old, { lotId: 'NEW-1', materialId: 'medium' });
  await sequenced(old);
  node = createNode();
  node.time.epochMs = old.time.epochMs;
});
const inOwnBucket = (from: TestNode['log']['objects']): void => { for (const [path, bytes] of from.objects) node.log.objects.objects.set(path, bytes); };
const options = (more = {}) => ({ trust: trustOf(old), isDryRun: false, withUnsigned: false, ...more });
const refused = async (restored: Promise<unknown>, why: RegExp): Promise<void> => {
  await expect(restored).rejects.toMatchObject({ code: 'restore-refused', message: expect.stringMatching(why) as string });
  expect([node.table.size, node.operations.items.size]).toEqual([0, 0]);
};

describe('a restore from a copy that is not the site\'s own log', () => {
  it.each([false, true])('is refused before anything is written when the own bucket has more (dry run: %s)', async (isDryRun) => {
    inOwnBucket(old.log.objects);
    await refused(restore(restorePorts(node, yesterday), options({ isDryRun })), /the checkpoint in the site's own log bucket covers \d+ entries, this copy of the log has \d+: it is older/);
  });
  it('is refused when the own bucket has tiles that no checkpoint covers yet', async () => {
    inOwnBucket(old.log.objects);
    node.log.objects.objects.set('checkpoint', yesterday.objects.get('checkpoint')!);
    await refused(restore(restorePorts(node, yesterday), options()), /holds tiles of \d+ entries, this copy of the log has \d+: it is older/);
  });
  it('is refused when the own bucket has another log of that size, or of another key', async () => {
    const fork = createNode();
    await equip(fork);
    await receiveLot(fork, { lotId: 'OTHER-1', materialId: 'medium' });
    await sequenced(fork);
    inOwnBucket(fork.log.objects);
    await refused(restore(restorePorts(node, copyOf(old.log.objects)), options()), /one of the two is a fork|is not one of this log/);
  });
  it('is refused when a checkpoint that was kept elsewhere knows more', async () => {
    await refused(restore(restorePorts(node, yesterday), options({ previous: old.log.objects.objects.get('checkpoint')! })), /the earlier checkpoint \(--previous\) covers/);
  });
  it('is refused without the cosignatures that were asked for', async () => {
    await expect(restore(restorePorts(node, yesterday), options({ trust: { ...trustOf(old), quorum: 1 } }))).rejects.toMatchObject({ code: 'cosignatures-missing' });
    expect(node.table.size).toBe(0);
  });
  it('is done when the own bucket is empty, has less, or the same, and the log has grown from what was kept', async () => {
    const today = copyOf(old.log.objects);
    for (const own of [undefined, yesterday, today]) {
      node = createNode();
      node.time.epochMs = old.time.epochMs;
      if (own !== undefined) inOwnBucket(own);
      const { root, tableRoot } = await restore(restorePorts(node, today), options({ previous: yesterday.objects.get('checkpoint')! }));
      expect(tableRoot).toBe(root);
    }
  });
});

import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { createLogPlaces } from '../../functions/_platform/log-places.ts';
import { createLogStore } from '../../functions/_platform/log-store.ts';
import { restore } from '../../functions/_platform/restore/restore.ts';
import { sequence } from '../../functions/log-sequencer/handler.ts';
import { receiveLot } from '../support/journey.ts';
import { createMemoryObjectStore, type MemoryObjectStore } from '../support/memory/object-store.ts';
import { createMemoryOperationsStore } from '../support/memory/operations-store.ts';
import { createNode, type TestNode } from '../support/node.ts';
import { copyOf } from '../support/restore/compare.ts';
import { restorePorts } from '../support/restore/memory-table.ts';
import { sequenced, trustOf } from '../support/sequence.ts';
import { verifyNode } from '../support/verify/node-log.ts';

const LOTS = 540;
/** A hospital that accepted events of three bundles since its last checkpoint, as it was then. */
let old: TestNode;
let signed: MemoryObjectStore;
let signedSize: number;
beforeAll(async () => {
  old = createNode();
  await receiveLot(old, { lotId: 'FIRST-1', materialId: 'medium' }, 'quarantine');
  ({ size: signedSize } = await sequenced(old));
  signed = copyOf(old.log.objects);
  for (let lot = 0; lot < LOTS; lot += 1) await receiveLot(old, { lotId: `LOT-${lot}`, materialId: 'medium' }, 'quarantine');
});

/** The bucket when the sequencer is cut off while it writes the tiles of what came since: of its writes those land that `lands` says, by their number. */
const cutOff = async (lands: (write: number) => boolean): Promise<MemoryObjectStore> => {
  const objects = copyOf(signed);
  const operations = createMemoryOperationsStore();
  for (const [place, item] of old.operations.items) operations.items.set(place, item);
  let write = 0;
  const put: MemoryObjectStore['put'] = (key, ...rest) => (lands(write++) ? objects.put(key, ...rest) : Promise.reject(new Error('cut off')));
  const run = sequence({
    operations, places: createLogPlaces(operations), leaves: old.leaves, now: old.now, count: () => undefined, identity: () => Promise.reject(new Error('cut off')),
    store: createLogStore({ log: { get: objects.get, put }, staging: createMemoryObjectStore(), operations, many: operations }),
  });
  await expect(run).rejects.toThrow('cut off');
  return objects;
};
const options = (withUnsigned: boolean) => ({ trust: trustOf(old), isDryRun: false, withUnsigned });

describe('a log whose last batch was cut off while it was written', () => {
  it('is restored with every entry that is in it, whichever of the writes took place, and goes on', async () => {
    await fc.assert(fc.asyncProperty(fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }), async (landed) => {
      const objects = await cutOff((write) => landed[write] === true);
      const node = createNode();
      node.time.epochMs = old.time.epochMs;
      for (const [path, bytes] of objects.objects) node.log.objects.objects.set(path, bytes);
      const report = await restore(restorePorts(node, objects), options(true));
      expect(report.tableRoot).toBe(report.root);
      const bundles = [0, 1, 2].findIndex((write) => landed[write] !== true);
      expect(report.size).toBe([signedSize, 256, 512, signedSize + LOTS].at(bundles));
      for (const [place, item] of node.table) expect(item).toEqual(old.table.get(place));
      await receiveLot(node, { lotId: 'NEXT-1', materialId: 'medium' }, 'quarantine');
      expect(await sequenced(node)).toMatchObject({ checkpoint: 'published', size: report.size + 1, isWhole: true });
      expect(await verifyNode(node)).toMatchObject({ code: 0 });
    }), { numRuns: 12, examples: [[Array.from({ length: 12 }, () => true)], [Array.from({ length: 12 }, (_, i) => i < 3)], [Array.from({ length: 12 }, (_, i) => i < 4)], [Array.from({ length: 12 }, () => false)]] });
  });
});

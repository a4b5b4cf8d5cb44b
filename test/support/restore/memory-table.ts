import { archivedBirths } from '../../../functions/_platform/births.ts';
import type { ObjectStore } from '../../../functions/_platform/ports.ts';
import type { LogObjects, RecordTable, RestorePorts, Step } from '../../../functions/_platform/restore/ports.ts';
import { viewsOf, type Views } from '../../../functions/_platform/restore/views.ts';
import { createMemoryObjectStore } from '../memory/object-store.ts';
import { placeOf } from '../memory/operations-store.ts';
import type { MemoryRecordTable } from '../memory/record-store.ts';
import type { TestNode } from '../node.ts';

/** The record table in memory, item by item. `beforePut` may fail a write. */
export const tableOver = (items: MemoryRecordTable, beforePut: () => void = () => undefined): RecordTable => ({
  // eslint-disable-next-line @typescript-eslint/require-await
  scan: async function* () { yield* [...items.values()]; },
  get: (key) => Promise.resolve(items.get(placeOf(key))),
  put: async (item) => {
    await Promise.resolve();
    beforePut();
    if (items.has(placeOf(item))) return false;
    items.set(placeOf(item), item);
    return true;
  },
});

type Restorable = Readonly<{ table: MemoryRecordTable; log: Pick<TestNode['log'], 'store' | 'objects' | 'places'> }> & Pick<TestNode, 'leaves' | 'operations' | 'now'>;

/** What a restore into a node of the tests, or its control site, works with. */
export const restorePorts = (node: Restorable, objects: LogObjects, beforePut?: () => void, telemetry: Pick<ObjectStore, 'get' | 'list'> = createMemoryObjectStore(), views: Views = viewsOf): RestorePorts & Readonly<{ steps: Set<Step> }> => {
  const steps = new Set<Step>();
  return {
    objects, own: node.log.objects, table: tableOver(node.table, beforePut), leaves: node.leaves, operations: node.operations, views, births: () => archivedBirths(telemetry), log: node.log.store, places: node.log.places, now: node.now, steps,
    progress: (step, done, of) => {
      if (done > of) throw new RangeError(`${step}: ${done} of ${of}`);
      steps.add(step);
    },
  };
};

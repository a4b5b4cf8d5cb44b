import type { Checkpoint } from '../../../shared/audit-log/checkpoint.ts';
import { openCheckpoint } from '../../../shared/audit-log/trust.ts';
import { advance, createJourney, equip, receiveLot, type Journey } from '../journey.ts';
import type { MemoryObjectStore } from '../memory/object-store.ts';
import { createNode, type TestNode } from '../node.ts';
import { PEOPLE } from '../people.ts';
import { sequenced, trustOf } from '../sequence.ts';
import { copyOf } from './compare.ts';

export const MODEL_RECORD = { modelId: 'a-model', version: 1, productId: 'test-product', output: 'early-failure', inputs: [], undecided: { errorRate: 0.1 }, artefactSha256: 'a'.repeat(64), state: 'active' } as const;

/** A hospital with a released batch and one under way, a lot made from the first, a model, data to train with, and all of it in its log. */
export const livedNode = async (): Promise<Readonly<{ old: TestNode; released: Journey; running: Journey }>> => {
  const old = createNode();
  await equip(old);
  await old.records.models.change(MODEL_RECORD.modelId, () => [{ type: 'model-record-taken', record: MODEL_RECORD }], { actor: { kind: 'system', id: 'model-intake', version: '1' } });
  const released = await advance(await createJourney(old), 'released');
  const rows = Array.from({ length: 10 }, (_, i) => ({ recordId: `B-${i}`, label: i % 2, values: [i] }));
  await old.ok(PEOPLE.scientist, 'POST /v1/training-data', { body: { datasetId: 'DATA-1', title: 'Past batches', source: 'Batches of 2024', role: 'training', label: 'failed', features: ['a'], rows, signature: old.sign(PEOPLE.scientist, 'responsibility', 0) } });
  await sequenced(old);
  old.time.epochMs += 86_400_000;
  await receiveLot(old, { lotId: 'MADE-1', materialId: 'medium', sourceBatchId: released.batchId });
  const running = await advance(await createJourney(old), 'valued');
  await sequenced(old);
  return { old, released, running };
};

/** The same hospital, its two tables gone; its log's bucket is there, and `objects` is a copy of it that may be damaged. */
export const lostNode = (old: TestNode): Readonly<{ node: TestNode; objects: MemoryObjectStore }> => {
  const node = createNode();
  node.time.epochMs = old.time.epochMs;
  const objects = copyOf(old.log.objects);
  for (const [key, body] of objects.objects) node.log.objects.objects.set(key, body);
  return { node, objects };
};

export const isUntouched = ({ table, operations }: TestNode): boolean => table.size === 0 && operations.items.size === 0;
export const checkpointOf = (node: TestNode): Checkpoint => openCheckpoint(node.log.objects.objects.get('checkpoint')!, trustOf(node)).checkpoint;
export const restoreOptions = (node: TestNode) => ({ trust: trustOf(node), isDryRun: false, withUnsigned: false });

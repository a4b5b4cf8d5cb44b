import type { BatchEvent } from '../../shared/batch/events.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import type { OperationsStore, RecordStore } from './ports.ts';
import { walk } from './walk.ts';

type Made = Extract<BatchEvent, Readonly<{ type: 'recommendation-made' }>>;
/** The last answer of a model on one batch, and whether quality released that batch. */
export type RecentAnswer = Readonly<{ made: Made; disposition?: string }>;
type Ports = Readonly<{ operations: Pick<OperationsStore, 'list'>; record: Pick<RecordStore, 'load'> }>;

/** What a model said of this hospital's batches since a time, one answer a batch: the last. */
export const recentAnswers = async ({ operations, record }: Ports, modelHash: string, sinceEpochMs: number): Promise<readonly RecentAnswer[]> => {
  const found: RecentAnswer[] = [];
  for await (const { batchId, disposition } of walk<Readonly<{ batchId: string; disposition?: string }>>(operations, keyOf.summary('batch', '-').pk)) {
    const last = (await record.load<BatchEvent>({ kind: 'batch', id: batchId }))
      .findLast(({ event, recordedAt }) => event.type === 'recommendation-made' && event.modelHash === modelHash && Date.parse(recordedAt) >= sinceEpochMs)?.event;
    if (last?.type === 'recommendation-made') found.push({ made: last, ...(disposition !== undefined && { disposition }) });
  }
  return found;
};

import { keyOf } from '../../shared/storage/keys.ts';
import type { OperationsStore } from './ports.ts';
import { walk } from './walk.ts';

/** No culture is older: a batch that was created earlier is neither running, nor did a model speak of it later. */
const OLDEST_MS = 60 * 86_400_000;

/**
 * Batches of this hospital that may have been in culture since a time, the newest first. Batches are listed by their date, and who looks each quarter of an hour does not look through twenty years of them.
 */
export const recentBatches = async function* <Summary extends object>(operations: Pick<OperationsStore, 'list'>, sinceEpochMs: number): AsyncGenerator<Summary & Readonly<{ batchId: string; createdAt: string }>> {
  for await (const item of walk<Summary & Readonly<{ batchId: string; createdAt: string }>>(operations, keyOf.summary('batch', '-').pk, { newestFirst: true })) {
    if (sinceEpochMs - Date.parse(item.createdAt) > OLDEST_MS) return;
    yield item;
  }
};

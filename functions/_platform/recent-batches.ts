import { OLDEST_CULTURE_MS } from '../../shared/telemetry/silent-devices.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import type { OperationsStore } from './ports.ts';
import { walk } from './walk.ts';

/**
 * Batches of this hospital that may have been in culture since a time, the newest first: one that was created longer before than a culture lasts is neither running, nor did a model speak of it later. Batches are listed by their
 * date, and who looks each quarter of an hour does not look through twenty years of them.
 */
export const recentBatches = async function* <Summary extends object>(operations: Pick<OperationsStore, 'list'>, sinceEpochMs: number): AsyncGenerator<Summary & Readonly<{ batchId: string; createdAt: string }>> {
  for await (const item of walk<Summary & Readonly<{ batchId: string; createdAt: string }>>(operations, keyOf.summary('batch', '-').pk, { newestFirst: true })) {
    if (sinceEpochMs - Date.parse(item.createdAt) > OLDEST_CULTURE_MS) return;
    yield item;
  }
};

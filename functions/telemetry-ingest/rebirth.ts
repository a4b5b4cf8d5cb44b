import { TABLE, keyOf } from '../../shared/storage/keys.ts';
import { logger } from '../_platform/log.ts';
import type { IngestPorts } from './ports.ts';

/** An edge node is not asked again within this time. */
export const REBIRTH_INTERVAL_MS = 30_000;
const KEPT_SECONDS = 3600;

/** Ask for a rebirth unless someone did in this half minute; the first to write the slot's item asks. When asking fails, the next half minute tries again. */
export const askRebirthOnce = async ({ operations, askRebirth, count, now }: Pick<IngestPorts, 'operations' | 'askRebirth' | 'count' | 'now'>, edgeNodeId: string): Promise<void> => {
  const nowEpochMs = now().getTime();
  const key = keyOf.rebirth(edgeNodeId, Math.floor(nowEpochMs / REBIRTH_INTERVAL_MS));
  const isFirst = await operations.put(key, { [TABLE.timeToLive]: Math.floor(nowEpochMs / 1000) + KEPT_SECONDS }, { onlyIfAbsent: true });
  if (!isFirst) return;
  try {
    await askRebirth(edgeNodeId);
    count('RebirthsAsked', 1);
  } catch (error) {
    // The message that made us ask is stored; giving it back to the queue would only store it again.
    logger.error('rebirth could not be asked for', { edgeNodeId, cause: String(error) });
  }
};

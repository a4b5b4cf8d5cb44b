import { createHash } from 'node:crypto';
import { keyOf } from '../../shared/storage/keys.ts';
import { objectKeyOf } from '../../shared/telemetry/minute.ts';
import type { IngestPorts } from './ports.ts';
import type { Poison } from './sort-out.ts';

/** Keep a message's bytes, and an entry in the list people look at. The same bytes on the same day are one entry, however often they come. */
export const keepInQuarantine = async ({ objects, operations, count, now }: Pick<IngestPorts, 'objects' | 'operations' | 'count' | 'now'>, { topic, bytes, reason, detail }: Poison): Promise<void> => {
  const at = now().toISOString();
  const sha256 = createHash('sha256').update(topic).update('\0').update(bytes).digest('hex');
  const objectKey = objectKeyOf.quarantine(at, sha256);
  await objects.put(objectKey, bytes);
  const isNew = await operations.put(keyOf.quarantine(at.slice(0, 10), sha256), { topic, reason, detail, sizeBytes: bytes.length, objectKey, at }, { onlyIfAbsent: true });
  if (isNew) count('QuarantinedMessages', 1);
};

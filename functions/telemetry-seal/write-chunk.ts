import { createHash } from 'node:crypto';
import { decodeChunk, encodeChunk, type Chunk } from '../../shared/telemetry/chunk.ts';
import { unite, type DeviceMinute } from '../../shared/telemetry/collect.ts';
import { objectKeyOf } from '../../shared/telemetry/minute.ts';
import type { SealPorts } from './ports.ts';

/** A chunk as it stands now. `isChanged` is false when it held all of this before. */
export type WrittenChunk = Chunk & Readonly<{ key: string; sha256: string; isChanged: boolean }>;

const ATTEMPTS = 10;

/** Write one device's minute: what is new, together with what was sealed before. Bytes that are replaced are kept first, because a record may name them. Two sealers at once both end with the union. */
export const writeChunk = async ({ objects, nodeId }: Pick<SealPorts, 'objects' | 'nodeId'>, { edgeNodeId, deviceId, minuteEpochMs, columns, marks }: DeviceMinute): Promise<WrittenChunk> => {
  const key = objectKeyOf.chunk(edgeNodeId, deviceId, minuteEpochMs);
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    // A minute is nearly always sealed for the first time: look for one before only when it turns out to be there.
    const before = attempt === 1 ? undefined : await objects.get(key);
    const united = before === undefined ? { columns, marks } : unite([decodeChunk(before.body), { columns, marks }]);
    const chunk = { nodeId, edgeNodeId, deviceId, startEpochMs: minuteEpochMs, ...united };
    const bytes = encodeChunk(chunk);
    const written = { ...chunk, key, sha256: createHash('sha256').update(bytes).digest('hex') };
    if (before !== undefined && Buffer.compare(before.body, bytes) === 0) return { ...written, isChanged: false };
    if (before !== undefined) await objects.put(objectKeyOf.superseded(createHash('sha256').update(before.body).digest('hex')), before.body);
    if (await objects.put(key, bytes, { ifMatch: before?.etag ?? null })) return { ...written, isChanged: true };
  }
  throw new Error(`chunk ${key} was written by another each time, ${ATTEMPTS} times`);
};

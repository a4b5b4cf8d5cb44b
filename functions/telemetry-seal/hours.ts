import { decodeChunk, encodeChunk } from '../../shared/telemetry/chunk.ts';
import { unite, type Device } from '../../shared/telemetry/collect.ts';
import { HOUR_MS, MINUTE_MS, labelOfKey, objectKeyOf } from '../../shared/telemetry/minute.ts';
import { inParallel } from '../_platform/in-parallel.ts';
import type { SealPorts } from './ports.ts';
import type { WrittenChunk } from './write-chunk.ts';

const MINUTES_OF_HOUR = HOUR_MS / MINUTE_MS;

/**
 * Gather the chunks of a whole hour in one object, for readers of long ranges. It is a copy: built again from the chunks whenever one of them changes, and of no account in
 * the record. Marks stay with the minutes.
 *
 * @param known chunks as they stand now, which are not read again
 */
export const buildHour = async ({ objects, nodeId }: SealPorts, { edgeNodeId, deviceId, hourEpochMs }: Device & Readonly<{ hourEpochMs: number }>, known: readonly WrittenChunk[]): Promise<void> => {
  const startAfter = objectKeyOf.chunk(edgeNodeId, deviceId, hourEpochMs - MINUTE_MS);
  const keys = (await objects.list(objectKeyOf.chunkPrefix(edgeNodeId, deviceId), { startAfter, limit: MINUTES_OF_HOUR })).filter((key) => labelOfKey(key) < hourEpochMs + HOUR_MS);
  const inHand = new Map(known.map((chunk) => [chunk.key, chunk.columns]));
  const columns = await inParallel(keys, async (key) => {
    const object = inHand.has(key) ? undefined : await objects.get(key);
    return object === undefined ? inHand.get(key) ?? [] : decodeChunk(object.body).columns;
  });
  await objects.put(objectKeyOf.hour(edgeNodeId, deviceId, hourEpochMs), encodeChunk({ nodeId, edgeNodeId, deviceId, startEpochMs: hourEpochMs, ...unite(columns.map((each) => ({ columns: each, marks: [] }))) }));
};

import { decodeChunk, encodeChunk } from '../../shared/telemetry/chunk.ts';
import { unite, type Device } from '../../shared/telemetry/collect.ts';
import { HOUR_MS, MINUTE_MS, labelOfKey, objectKeyOf } from '../../shared/telemetry/minute.ts';
import { inParallel } from '../_platform/in-parallel.ts';
import type { SealPorts } from './ports.ts';

const MINUTES_OF_HOUR = HOUR_MS / MINUTE_MS;

/**
 * Gather the chunks of a whole hour in one object, for readers of long ranges. It is a copy: built again from the chunks whenever one of them changes, and of no account in
 * the record. Marks stay with the minutes.
 */
export const buildHour = async ({ objects, nodeId }: SealPorts, { edgeNodeId, deviceId, hourEpochMs }: Device & Readonly<{ hourEpochMs: number }>): Promise<void> => {
  const startAfter = objectKeyOf.chunk(edgeNodeId, deviceId, hourEpochMs - MINUTE_MS);
  const keys = (await objects.list(objectKeyOf.chunkPrefix(edgeNodeId, deviceId), { startAfter, limit: MINUTES_OF_HOUR })).filter((key) => labelOfKey(key) < hourEpochMs + HOUR_MS);
  const found = await inParallel(keys, (key) => objects.get(key));
  const chunks = found.flatMap((object) => (object === undefined ? [] : { columns: decodeChunk(object.body).columns, marks: [] }));
  await objects.put(objectKeyOf.hour(edgeNodeId, deviceId, hourEpochMs), encodeChunk({ nodeId, edgeNodeId, deviceId, startEpochMs: hourEpochMs, ...unite(chunks) }));
};

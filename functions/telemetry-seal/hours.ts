import { decodeChunk, encodeChunk } from '../../shared/telemetry/chunk.ts';
import { closeColumn, type OpenColumn } from '../../shared/telemetry/column.ts';
import { HOUR_MS, MINUTE_MS, labelOfKey, objectKeyOf } from '../../shared/telemetry/minute.ts';
import type { SealPorts } from './handler.ts';
import type { DeviceHour } from './seal-minute.ts';

/**
 * Gather the chunks of a whole hour in one object, for readers of long ranges. It is a copy: built again from the chunks whenever one of them changes, and of no
 * account in the record.
 */
export const buildHour = async ({ objects, nodeId }: SealPorts, { edgeNodeId, deviceId, hourEpochMs }: DeviceHour): Promise<void> => {
  const startAfter = objectKeyOf.chunk(edgeNodeId, deviceId, hourEpochMs - MINUTE_MS);
  const keys = (await objects.list(objectKeyOf.chunkPrefix(edgeNodeId, deviceId), { startAfter, limit: 60 })).filter((key) => labelOfKey(key) < hourEpochMs + HOUR_MS);
  const columns = new Map<string, OpenColumn>();
  for (const key of keys) {
    const object = await objects.get(key);
    for (const { name, datatype, times, values } of object === undefined ? [] : decodeChunk(object.body).columns) {
      const column = columns.get(`${name}/${datatype}`) ?? { name, datatype, times: [], values: [] };
      columns.set(`${name}/${datatype}`, column);
      for (let i = 0; i < times.length; i += 1) {
        column.times.push(times[i] ?? 0);
        column.values.push(values[i] ?? null);
      }
    }
  }
  await objects.put(objectKeyOf.hour(edgeNodeId, deviceId, hourEpochMs), encodeChunk({ nodeId, edgeNodeId, deviceId, minuteEpochMs: hourEpochMs, columns: [...columns.values()].map(closeColumn) }));
};

import { closeColumn, type Column } from '../../shared/telemetry/column.ts';
import { decodeChunk } from '../../shared/telemetry/chunk.ts';
import { MinuteCollector } from '../../shared/telemetry/collect.ts';
import { decodeMessage } from '../../shared/telemetry/message.ts';
import { HOUR_MS, MINUTE_MS, hourOf, labelOfKey, minuteOf, objectKeyOf, parseMinuteLabel } from '../../shared/telemetry/minute.ts';
import { decodeSegment } from '../../shared/telemetry/segment.ts';
import { seriesFrom, type Series } from '../../shared/telemetry/series.ts';
import { parseTopic } from '../../shared/telemetry/topic.ts';
import type { Births } from './births.ts';
import type { ObjectStore } from './ports.ts';

/** A device for the time a batch had it, epoch ms; `toEpochMs` exclusive. */
export type DeviceInterval = Readonly<{ edgeNodeId: string; deviceId: string; fromEpochMs: number; toEpochMs: number }>;
export type TelemetryReader = Readonly<{
  /** All samples of one metric, sealed or not, in time order. */
  series(devices: readonly DeviceInterval[], metric: string): Promise<Series>;
}>;

type Objects = Pick<ObjectStore, 'get' | 'list'>;
const CONCURRENT_READS = 16;

const inParallel = async <Item, Result>(items: readonly Item[], run: (item: Item) => Promise<Result>): Promise<readonly Result[]> => {
  const results: Result[] = [];
  for (let at = 0; at < items.length; at += CONCURRENT_READS) results.push(...await Promise.all(items.slice(at, at + CONCURRENT_READS).map(run)));
  return results;
};

const columnOf = async (objects: Objects, key: string, metric: string): Promise<readonly Column[]> => {
  const object = await objects.get(key);
  return object === undefined ? [] : decodeChunk(object.body).columns.filter(({ name }) => name === metric);
};

/** Keys of whole hours where there are any, of single minutes elsewhere. */
const sealedKeys = async (objects: Objects, { edgeNodeId, deviceId, fromEpochMs, toEpochMs }: DeviceInterval): Promise<readonly string[]> => {
  const touches = (lengthMs: number) => (key: string): boolean => labelOfKey(key) + lengthMs > fromEpochMs && labelOfKey(key) < toEpochMs;
  const startAfter = objectKeyOf.hour(edgeNodeId, deviceId, hourOf(fromEpochMs) - HOUR_MS);
  const hours = (await objects.list(objectKeyOf.hourPrefix(edgeNodeId, deviceId), { startAfter })).filter(touches(HOUR_MS));
  const whole = new Set(hours.map(labelOfKey));
  const lastWhole = hours.length === 0 ? fromEpochMs : Math.max(...whole);
  const minutes = await minuteKeys(objects, edgeNodeId, deviceId, whole.size === 0 ? fromEpochMs : Math.min(fromEpochMs, lastWhole), toEpochMs);
  return [...hours, ...minutes.filter((key) => !whole.has(hourOf(labelOfKey(key)))).filter(touches(MINUTE_MS))].toSorted((a, b) => labelOfKey(a) - labelOfKey(b));
};

const minuteKeys = (objects: Objects, edgeNodeId: string, deviceId: string, fromEpochMs: number, toEpochMs: number): Promise<readonly string[]> => {
  const startAfter = objectKeyOf.chunk(edgeNodeId, deviceId, minuteOf(fromEpochMs) - MINUTE_MS);
  return objects.list(objectKeyOf.chunkPrefix(edgeNodeId, deviceId), { startAfter }).then((keys) => keys.filter((key) => labelOfKey(key) < toEpochMs));
};

/** Samples still in segments: what came in the last minutes, or is waiting for a birth. */
const openColumns = async (objects: Objects, births: Births, { edgeNodeId, deviceId, fromEpochMs, toEpochMs }: DeviceInterval, metric: string): Promise<readonly Column[]> => {
  const keys = (await objects.list('open/')).filter((key) => {
    const minute = parseMinuteLabel(key.split('/')[1] ?? '');
    return minute + MINUTE_MS > fromEpochMs && minute < toEpochMs;
  });
  if (keys.length === 0) return [];
  const book = await births.bookOf(edgeNodeId);
  const minutes = new Map<number, MinuteCollector>();
  await inParallel(keys, async (key) => {
    const object = await objects.get(key);
    const minute = parseMinuteLabel(key.split('/')[1] ?? '');
    const collector = minutes.get(minute) ?? new MinuteCollector(minute);
    minutes.set(minute, collector);
    for (const raw of object === undefined ? [] : decodeSegment(object.body)) {
      const address = parseTopic(raw.topic);
      if (address.edgeNodeId === edgeNodeId && address.deviceId === deviceId) collector.addMessage({ address, message: decodeMessage(raw.payload) }, book);
    }
  });
  return [...minutes.values()].flatMap((collector) => collector.devices()).flatMap(({ columns }) => columns.filter(({ name }) => name === metric));
};

/** Reads hours, minutes and open segments as one series; a sample in two of them is one sample. */
export const createTelemetryReader = (objects: Objects, births: Births): TelemetryReader => ({
  series: async (devices, metric) => {
    const all: Column[] = [];
    for (const device of devices) {
      const sealed = (await inParallel(await sealedKeys(objects, device), (key) => columnOf(objects, key, metric))).flat();
      const found = [...sealed, ...await openColumns(objects, births, device, metric)];
      const merged = closeColumn({ name: metric, datatype: found[0]?.datatype ?? 0, times: found.flatMap(({ times }) => [...times]), values: found.flatMap(({ values }) => [...values]) });
      const { fromEpochMs, toEpochMs } = device;
      all.push({ ...merged, ...cut(merged, fromEpochMs, toEpochMs) });
    }
    return seriesFrom(all, -Infinity, Infinity);
  },
});

const cut = ({ times, values }: Column, fromEpochMs: number, toEpochMs: number): Pick<Column, 'times' | 'values'> => {
  const start = times.findIndex((time) => time >= fromEpochMs);
  if (start < 0) return { times: [], values: [] };
  const end = times.findIndex((time) => time >= toEpochMs);
  return { times: times.slice(start, end < 0 ? undefined : end), values: values.slice(start, end < 0 ? undefined : end) };
};

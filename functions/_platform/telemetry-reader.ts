import type { BirthBook } from '../../shared/telemetry/birth.ts';
import { openChunk } from '../../shared/telemetry/chunk.ts';
import { Collector } from '../../shared/telemetry/collect.ts';
import type { Column, ColumnKey } from '../../shared/telemetry/column.ts';
import { HOUR_MS, MINUTE_MS, OPEN_PREFIX, hourOf, labelOfKey, minuteOfSegment, objectKeyOf } from '../../shared/telemetry/minute.ts';
import { receive, type Received } from '../../shared/telemetry/received.ts';
import { decodeSegment } from '../../shared/telemetry/segment.ts';
import { mayHold, samplesOf, seriesOf, type Series } from '../../shared/telemetry/series.ts';
import { parseTopic } from '../../shared/telemetry/topic.ts';
import type { BirthReader } from './births.ts';
import { inParallel } from './in-parallel.ts';
import type { ObjectStore } from './ports.ts';

/** A device for the time a batch had it, epoch ms, or the edge node itself where none is named; `toEpochMs` exclusive. */
export type DeviceInterval = Readonly<{ edgeNodeId: string; deviceId?: string; fromEpochMs: number; toEpochMs: number }>;
export type TelemetryReader = Readonly<{
  /** All samples of each metric, sealed or not, in time order; one series a metric, in the metrics' order. Asking for several at once reads each object once. */
  series(devices: readonly DeviceInterval[], metrics: readonly string[]): Promise<readonly Series[]>;
}>;

type Objects = Pick<ObjectStore, 'get' | 'list'>;
type WantedMetric = Readonly<{ metric: string; aliases: ReadonlySet<string> }>;
type Wanted = DeviceInterval & Readonly<{ metrics: readonly WantedMetric[] }>;
type Sample = ReturnType<typeof samplesOf>[number];
type Stretch = Readonly<{ fromEpochMs: number; toEpochMs: number }>;

const mayHoldAny = (key: ColumnKey, { metrics }: Wanted): boolean => metrics.some(({ metric, aliases }) => mayHold(key, metric, aliases));

/** Columns of one chunk that may hold one of the metrics; the others stay packed. */
const sealedColumns = async (objects: Objects, key: string, wanted: Wanted): Promise<readonly Column[]> => {
  const object = await objects.get(key);
  if (object === undefined) return [];
  const { keys, column } = openChunk(object.body);
  return keys.flatMap((each, i) => (mayHoldAny(each, wanted) ? column(i) : []));
};

const touches = ({ fromEpochMs, toEpochMs }: Wanted, lengthMs: number) => (key: string): boolean => labelOfKey(key) + lengthMs > fromEpochMs && labelOfKey(key) < toEpochMs;

/** The wanted time without the hours of which there is a copy; epoch ms, `toEpochMs` exclusive. */
const stretchesBetween = (hours: readonly number[], { fromEpochMs, toEpochMs }: Wanted): readonly Stretch[] => {
  const starts = [hourOf(fromEpochMs), ...hours.map((hour) => hour + HOUR_MS)];
  return starts.map((start, i) => ({ fromEpochMs: start, toEpochMs: hours[i] ?? toEpochMs })).filter((stretch) => stretch.fromEpochMs < stretch.toEpochMs);
};

/** Whole hours where there are any, single minutes elsewhere. Minutes are listed only where hours are missing: of ten days there are 14,400. */
const sealedKeys = async (objects: Objects, wanted: Wanted): Promise<readonly string[]> => {
  const { edgeNodeId, deviceId, fromEpochMs } = wanted;
  const hours = (await objects.list(objectKeyOf.hourPrefix(edgeNodeId, deviceId), { startAfter: objectKeyOf.hour(edgeNodeId, deviceId, hourOf(fromEpochMs) - HOUR_MS) })).filter(touches(wanted, HOUR_MS));
  const minutes = await inParallel(stretchesBetween(hours.map(labelOfKey), wanted), async ({ fromEpochMs: start, toEpochMs: end }) => {
    const keys = await objects.list(objectKeyOf.chunkPrefix(edgeNodeId, deviceId), { startAfter: objectKeyOf.chunk(edgeNodeId, deviceId, start - MINUTE_MS), limit: Math.ceil((end - start) / MINUTE_MS) });
    return keys.filter((key) => labelOfKey(key) < end).filter(touches(wanted, MINUTE_MS));
  });
  return [...hours, ...minutes.flat()];
};

/** A segment holds a minute, or, of a gateway that catches up, an hour. A device's clock may be ahead, so that a sample is taken before the minute of its message by more than it seems; older ones, sent later, lie in any later segment. */
const isTooEarly = (key: string, { fromEpochMs }: Wanted): boolean => minuteOfSegment(key) + HOUR_MS + HOUR_MS <= fromEpochMs;

/** A message with nothing but what is wanted of it. */
const wantedOf = (received: Received, wanted: Wanted): Received => ({ ...received, metrics: received.metrics.filter(({ name = '', alias = '', datatype, field }) => mayHoldAny({ name, alias, datatype, field }, wanted)) });

/**
 * Samples still in segments: what came in the last minutes, or, when sealing lags behind, in the last days. Read before the chunks, so that what is sealed in between is seen twice
 * and not missed. Of each message only what is wanted is kept.
 */
const openColumns = async (objects: Objects, wanted: Wanted): Promise<readonly Column[]> => {
  const keys = (await objects.list(OPEN_PREFIX)).filter((key) => !isTooEarly(key, wanted));
  const collector = new Collector();
  await inParallel(keys, async (key) => {
    const object = await objects.get(key);
    for (const raw of object === undefined ? [] : decodeSegment(object.body)) {
      const { edgeNodeId, deviceId } = parseTopic(raw.topic);
      if (edgeNodeId === wanted.edgeNodeId && deviceId === wanted.deviceId) collector.addMessage(wantedOf(receive(raw), wanted));
    }
  });
  return collector.minutes().flatMap(({ columns }) => columns);
};

/** Samples of each metric, in the metrics' order. */
const samplesWithin = async (objects: Objects, wanted: Wanted, book: BirthBook): Promise<readonly (readonly Sample[])[]> => {
  const { metrics, deviceId, fromEpochMs, toEpochMs } = wanted;
  const open = await openColumns(objects, wanted);
  const sealed = (await inParallel(await sealedKeys(objects, wanted), (key) => sealedColumns(objects, key, wanted))).flat();
  const columns = [...sealed, ...open];
  return metrics.map(({ metric, aliases }) => columns.filter((column) => mayHold(column, metric, aliases)).flatMap((column) => samplesOf(column, metric, deviceId, book)).filter(([time]) => time >= fromEpochMs && time < toEpochMs));
};

/** Reads hours, minutes and open segments as one series; a sample in two of them is one sample. Names are those the births give now. */
export const createTelemetryReader = (objects: Objects, births: BirthReader): TelemetryReader => ({
  series: async (devices, metrics) => {
    const byDevice = await inParallel(devices, async (device) => {
      const book = await births.bookOf({ edgeNodeId: device.edgeNodeId, deviceId: device.deviceId, sinceEpochMs: device.fromEpochMs });
      return samplesWithin(objects, { ...device, metrics: metrics.map((metric) => ({ metric, aliases: book.aliasesOf(device.deviceId, metric) })) }, book);
    });
    return metrics.map((_, i) => seriesOf(byDevice.flatMap((samples) => samples[i] ?? [])));
  },
});

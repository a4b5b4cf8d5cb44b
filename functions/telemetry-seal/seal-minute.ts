import type { BirthBook } from '../../shared/telemetry/birth.ts';
import { decodeChunk, encodeChunk } from '../../shared/telemetry/chunk.ts';
import { MinuteCollector, sequenceMarkOf, type DeviceMinute, type Received } from '../../shared/telemetry/collect.ts';
import { decodeMessage } from '../../shared/telemetry/message.ts';
import { minuteOf, objectKeyOf } from '../../shared/telemetry/minute.ts';
import { decodeSegment, encodeSegment, type RawMessage } from '../../shared/telemetry/segment.ts';
import { parseTopic } from '../../shared/telemetry/topic.ts';
import { namingFault } from '../telemetry-ingest/sort-out.ts';
import { followAlarms } from './alarms.ts';
import { recordGaps } from './gaps.ts';
import type { SealPorts } from './handler.ts';

export type Device = Readonly<{ edgeNodeId: string; deviceId: string | undefined }>;
export type DeviceHour = Device & Readonly<{ hourEpochMs: number }>;
type Opened = Readonly<{ raw: RawMessage; received: Received }>;

const CHUNK_ATTEMPTS = 10;
/** A message that no birth has named for this long is given up here; its bytes stay in quarantine. */
const UNNAMED_LIFE_MS = 7 * 86_400_000;

const openSegments = async ({ objects }: SealPorts, keys: readonly string[]): Promise<readonly Opened[]> => {
  const opened: Opened[] = [];
  for (const key of keys) {
    const object = await objects.get(key);
    for (const raw of object === undefined ? [] : decodeSegment(object.body)) opened.push({ raw, received: { address: parseTopic(raw.topic), message: decodeMessage(raw.payload) } });
  }
  return opened;
};

const booksOf = async ({ births }: SealPorts, opened: readonly Opened[]): Promise<ReadonlyMap<string, BirthBook>> => {
  const edges = new Set(opened.map(({ received }) => received.address.edgeNodeId));
  return new Map(await Promise.all([...edges].map(async (edge): Promise<[string, BirthBook]> => [edge, await births.bookOf(edge)])));
};

/** Write one device's chunk: what is new, together with what was sealed before. Two sealers at once both end with the union. */
const writeChunk = async ({ objects, nodeId }: SealPorts, minuteEpochMs: number, { edgeNodeId, deviceId, columns }: DeviceMinute): Promise<void> => {
  const key = objectKeyOf.chunk(edgeNodeId, deviceId, minuteEpochMs);
  for (let attempt = 1; attempt <= CHUNK_ATTEMPTS; attempt += 1) {
    const before = await objects.get(key);
    const union = new MinuteCollector(minuteEpochMs);
    if (before !== undefined) union.addColumns(edgeNodeId, deviceId, decodeChunk(before.body).columns);
    union.addColumns(edgeNodeId, deviceId, columns);
    const [merged] = union.devices();
    const bytes = encodeChunk({ nodeId, edgeNodeId, deviceId, minuteEpochMs, columns: merged?.columns ?? [] });
    if (before !== undefined && Buffer.compare(before.body, bytes) === 0) return;
    if (await objects.put(key, bytes, { ifMatch: before?.etag ?? null })) return;
  }
  throw new Error(`chunk ${key} was written by another each time, ${CHUNK_ATTEMPTS} times`);
};

/** Segments go once their samples are in chunks. Messages nobody can name yet stay behind, in a segment of their own. */
const removeSegments = async ({ objects, now }: SealPorts, minuteEpochMs: number, keys: readonly string[], unnamed: readonly Opened[]): Promise<void> => {
  const keep = new Set<string>();
  if (unnamed.length > 0 && now().getTime() - minuteEpochMs < UNNAMED_LIFE_MS) {
    const { bytes, sha256 } = encodeSegment(unnamed.map(({ raw }) => raw));
    const key = objectKeyOf.segment(minuteEpochMs, sha256);
    keep.add(key);
    if (!keys.includes(key)) await objects.put(key, bytes);
  }
  for (const key of keys) if (!keep.has(key)) await objects.delete(key);
};

/** Seal one minute from its segments. @returns the devices whose chunk was written */
export const sealMinute = async (ports: SealPorts, minuteEpochMs: number, keys: readonly string[]): Promise<readonly Device[]> => {
  const opened = await openSegments(ports, keys);
  const books = await booksOf(ports, opened);
  const collector = new MinuteCollector(minuteEpochMs);
  const unnamed: Opened[] = [];
  for (const each of opened) {
    const book = books.get(each.received.address.edgeNodeId);
    if (book === undefined || namingFault(each.received, book) !== undefined) unnamed.push(each);
    if (book !== undefined) collector.addMessage(each.received, book);
  }
  const devices = collector.devices();
  for (const device of devices) await writeChunk(ports, minuteEpochMs, device);
  const own = opened.filter(({ received }) => minuteOf(received.message.timestampEpochMs) === minuteEpochMs).map(({ received }) => received);
  for (const edge of books.keys()) await recordGaps(ports, edge, own.filter(({ address }) => address.edgeNodeId === edge).map(sequenceMarkOf));
  for (const device of devices) await followAlarms(ports, device);
  await removeSegments(ports, minuteEpochMs, keys, unnamed);
  return devices.map(({ edgeNodeId, deviceId }) => ({ edgeNodeId, deviceId }));
};

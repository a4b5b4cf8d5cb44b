import type { Chunk } from '../../shared/telemetry/chunk.ts';
import { decodeChunk, encodeChunk, openChunk } from '../../shared/telemetry/chunk.ts';
import { unite, type Device } from '../../shared/telemetry/collect.ts';
import { HOUR_MS, MINUTE_MS, labelOfKey, objectKeyOf } from '../../shared/telemetry/minute.ts';
import type { SealPorts } from './ports.ts';
import type { WrittenChunk } from './write-chunk.ts';

const MINUTES_OF_HOUR = HOUR_MS / MINUTE_MS;
/** A fuller hour gets no copy: its minutes are large enough to be read by themselves, and the hour would not fit in the memory of a function. 2,000 samples a second. */
const MAXIMUM_SAMPLES = 7_200_000;

type Contents = Pick<Chunk, 'columns' | 'marks'>;

type Gathering = Readonly<{ known: readonly WrittenChunk[]; maximumSamples: number }>;

const samplesOf = ({ columns }: Pick<Chunk, 'columns'>): number => columns.reduce((sum, { stamps }) => sum + stamps.times.length, 0);

/** Contents of the minutes, unless they are too many for a copy and none was made before. */
const contentsOf = async ({ objects }: SealPorts, keys: readonly string[], hasCopy: boolean, { known, maximumSamples }: Gathering): Promise<readonly Contents[] | undefined> => {
  const inHand = new Map(known.map((chunk) => [chunk.key, chunk]));
  const contents: Contents[] = [];
  let samples = 0;
  for (const key of keys) {
    const body = inHand.has(key) ? undefined : (await objects.get(key))?.body;
    samples += body === undefined ? samplesOf(inHand.get(key) ?? { columns: [] }) : openChunk(body).sampleCount;
    if (samples > maximumSamples && !hasCopy) return undefined;
    contents.push({ columns: body === undefined ? inHand.get(key)?.columns ?? [] : decodeChunk(body).columns, marks: [] });
  }
  return contents;
};

/** One hour of one device. */
export type DeviceHour = Device & Readonly<{ hourEpochMs: number }>;
/** Chunks as one run wrote them, and the copy of the hour (its ETag; undefined where there was none) before it wrote the first: another run may have changed both since. */
export type InHand = Readonly<{ known: readonly WrittenChunk[]; copyBefore: string | undefined }>;

export const keyOfHour = ({ edgeNodeId, deviceId, hourEpochMs }: DeviceHour): string => objectKeyOf.hour(edgeNodeId, deviceId, hourEpochMs);

const ATTEMPTS = 10;
const NOTHING_IN_HAND: InHand = { known: [], copyBefore: undefined };

/**
 * Gather the chunks of a whole hour in one object, for readers of long ranges. It is a copy: built again from the chunks whenever one of them changes, and of no account in
 * the record. Marks stay with the minutes. Of two runs at once each puts its copy only where it saw the one before, and what it has in hand counts only while there was no other copy
 * since: so the last copy has what the last chunk has.
 *
 * @param inHand chunks which need not be read again
 */
export const buildHour = async (ports: SealPorts, hour: DeviceHour, { known, copyBefore }: InHand = NOTHING_IN_HAND, maximumSamples = MAXIMUM_SAMPLES): Promise<void> => {
  const { objects, nodeId } = ports;
  const { edgeNodeId, deviceId, hourEpochMs } = hour;
  const startAfter = objectKeyOf.chunk(edgeNodeId, deviceId, hourEpochMs - MINUTE_MS);
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const copy = await objects.get(keyOfHour(hour));
    const keys = (await objects.list(objectKeyOf.chunkPrefix(edgeNodeId, deviceId), { startAfter, limit: MINUTES_OF_HOUR })).filter((key) => labelOfKey(key) < hourEpochMs + HOUR_MS);
    const contents = await contentsOf(ports, keys, copy !== undefined, { known: copy?.etag === copyBefore ? known : [], maximumSamples });
    if (contents === undefined) return;
    const bytes = encodeChunk({ nodeId, edgeNodeId, deviceId, startEpochMs: hourEpochMs, ...unite(contents) });
    if (await objects.put(keyOfHour(hour), bytes, { ifMatch: copy?.etag ?? null })) return;
  }
  throw new Error(`hour ${keyOfHour(hour)} was written by another each time, ${ATTEMPTS} times`);
};

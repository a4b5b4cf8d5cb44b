import { createHash } from 'node:crypto';
import { zstdCompressSync, zstdDecompressSync, constants } from 'node:zlib';
import { DomainError } from '../errors.ts';
import { ByteReader, ByteWriter } from './bytes.ts';
import type { Column } from './column.ts';
import { MINUTE_MS } from './minute.ts';
import { readValues, writeValues } from './value-codec.ts';

/** One minute of one device, as columns in the order of their names. */
export type Chunk = Readonly<{ nodeId: string; edgeNodeId: string; deviceId: string | undefined; minuteEpochMs: number; columns: readonly Column[] }>;

const MAGIC = Buffer.from('BCH1');
const DIGEST_BYTES = 8;
const MAXIMUM_CHUNK_BYTES = 512 * 1024 * 1024;
const LEVEL = 9;

const digestOf = (packed: Buffer): Buffer => createHash('sha256').update(packed).digest().subarray(0, DIGEST_BYTES);

const timesKey = ({ times }: Column): string => times.join(',');

const compareNames = (a: Column, b: Column): number => (a.name === b.name ? a.datatype - b.datatype : a.name < b.name ? -1 : 1);

/** Times within the minute: differences of differences, which are zero for a steady sampling rate. */
const writeTimes = (writer: ByteWriter, times: readonly number[], minuteEpochMs: number): void => {
  writer.unsigned(times.length);
  let before = minuteEpochMs;
  let step = 0;
  for (const time of times) {
    writer.signed(time - before - step);
    step = time - before;
    before = time;
  }
};

const readTimes = (reader: ByteReader, minuteEpochMs: number): readonly number[] => {
  const count = reader.unsigned();
  if (count > MINUTE_MS * 1000) throw new RangeError('more samples than a minute can hold');
  let time = minuteEpochMs;
  let step = 0;
  return Array.from({ length: count }, () => {
    step += reader.signed();
    time += step;
    return time;
  });
};

const writeColumns = (writer: ByteWriter, columns: readonly Column[], minuteEpochMs: number): void => {
  const vectors = new Map<string, number>();
  for (const column of columns) if (!vectors.has(timesKey(column))) vectors.set(timesKey(column), vectors.size);
  const written = new Set<number>();
  writer.unsigned(vectors.size);
  for (const column of columns) {
    const index = vectors.get(timesKey(column)) ?? 0;
    if (written.has(index)) continue;
    written.add(index);
    writeTimes(writer, column.times, minuteEpochMs);
  }
  writer.unsigned(columns.length);
  for (const column of columns) {
    writer.text(column.name);
    writer.byte(column.datatype);
    writer.unsigned(vectors.get(timesKey(column)) ?? 0);
  }
  for (const { values } of columns) writeValues(writer, values);
};

/**
 * Encode a chunk: magic, first 8 bytes of the SHA-256 of what follows, then the body, compressed. Equal samples give equal bytes.
 *
 * @param chunk columns closed (`closeColumn`), none empty
 */
export const encodeChunk = ({ nodeId, edgeNodeId, deviceId, minuteEpochMs, columns }: Chunk): Buffer => {
  const writer = new ByteWriter();
  for (const text of [nodeId, edgeNodeId, deviceId ?? '']) writer.text(text);
  writer.unsigned(minuteEpochMs);
  writeColumns(writer, columns.toSorted(compareNames), minuteEpochMs);
  const packed = zstdCompressSync(writer.finish(), { params: { [constants.ZSTD_c_compressionLevel]: LEVEL } });
  return Buffer.concat([MAGIC, digestOf(packed), packed]);
};

const corrupt = (what: string, cause?: unknown): DomainError => new DomainError('chunk-corrupt', `telemetry chunk: ${what}`, {}, { cause });

const unpack = (bytes: Buffer): Buffer => {
  const start = MAGIC.length + DIGEST_BYTES;
  if (bytes.length < start || !bytes.subarray(0, MAGIC.length).equals(MAGIC)) throw corrupt('it does not begin as one');
  const packed = bytes.subarray(start);
  if (!digestOf(packed).equals(bytes.subarray(MAGIC.length, start))) throw corrupt('its content does not match its digest');
  try {
    return zstdDecompressSync(packed, { maxOutputLength: MAXIMUM_CHUNK_BYTES });
  } catch (cause) {
    throw corrupt('it does not unpack', cause);
  }
};

const readColumns = (reader: ByteReader, minuteEpochMs: number): readonly Column[] => {
  const vectors = Array.from({ length: reader.unsigned() }, () => readTimes(reader, minuteEpochMs));
  const heads = Array.from({ length: reader.unsigned() }, () => ({ name: reader.text(), datatype: reader.byte(), times: vectors[reader.unsigned()] }));
  return heads.map(({ name, datatype, times }) => {
    if (times === undefined) throw new RangeError('a column names times that are not there');
    return { name, datatype, times, values: readValues(reader, times.length) };
  });
};

/** @throws DomainError `chunk-corrupt` when any byte is not what was written */
export const decodeChunk = (bytes: Uint8Array): Chunk => {
  const reader = new ByteReader(unpack(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)));
  try {
    const [nodeId, edgeNodeId, device] = [reader.text(), reader.text(), reader.text()];
    const minuteEpochMs = reader.unsigned();
    const columns = readColumns(reader, minuteEpochMs);
    if (!reader.isAtEnd) throw new RangeError('bytes are left over');
    return { nodeId, edgeNodeId, deviceId: device === '' ? undefined : device, minuteEpochMs, columns };
  } catch (cause) {
    throw corrupt('it is not built like one', cause);
  }
};

export const sampleCountOf = ({ columns }: Chunk): number => columns.reduce((sum, { times }) => sum + times.length, 0);

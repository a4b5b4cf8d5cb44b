import { createHash } from 'node:crypto';
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { DomainError } from '../errors.ts';
import { ByteReader, ByteWriter } from './bytes.ts';
import { compareColumns, type Column, type ColumnKey, type Stamps } from './column.ts';
import { closeMarks, decodeMarks, encodeMarks, type Mark } from './mark.ts';
import { isBlob, isField, FIELD, type Field } from './metric.ts';
import { readStamps, shareStamps, writeStamps } from './stamp-codec.ts';
import { readBits, writeBits } from './value-codec.ts';

/** Whose samples, from when: one minute of one device, or, for readers of long ranges, one hour. */
export type ChunkHead = Readonly<{ nodeId: string; edgeNodeId: string; deviceId: string | undefined; startEpochMs: number }>;
/** Columns in the order of their keys. The marks of all messages of an edge node, its devices' too, stand in the chunk of the edge node itself. */
export type Chunk = ChunkHead & Readonly<{ columns: readonly Column[]; marks: readonly Mark[] }>;

/** A chunk whose columns are unpacked one by one, by those who need them. */
export type OpenedChunk = ChunkHead & Readonly<{ sampleCount: number; marks: readonly Mark[]; keys: readonly ColumnKey[]; column(index: number): Column }>;

/** The last character is the format's version. */
const MAGIC = Buffer.from('BCH1');
const DIGEST_BYTES = 8;
const START = MAGIC.length + DIGEST_BYTES;
const MAXIMUM_CHUNK_BYTES = 512 * 1024 * 1024;
/** Higher levels save a few bytes in a hundred and cost several times the time. */
const LEVEL = 3;

const digestOf = (packed: Buffer): Buffer => createHash('sha256').update(packed).digest().subarray(0, DIGEST_BYTES);

const writeValues = (writer: ByteWriter, { field, bits, blobs }: Column): void => {
  if (bits !== undefined) writeBits(writer, field, bits);
  for (const blob of blobs ?? []) writer.bytes(blob);
};

const writeColumns = (writer: ByteWriter, columns: readonly Column[], startEpochMs: number): void => {
  const { different, indices } = shareStamps(columns.map(({ stamps }) => stamps));
  writer.unsigned(different.length);
  for (const stamps of different) writeStamps(writer, stamps, startEpochMs);
  const values = new ByteWriter();
  writer.unsigned(columns.length);
  columns.forEach((column, i) => {
    const before = values.length;
    writeValues(values, column);
    writer.text(column.name);
    writer.text(column.alias);
    writer.unsigned(column.datatype);
    writer.byte(column.field);
    writer.unsigned(indices[i] ?? 0);
    writer.unsigned(values.length - before);
  });
  writer.raw(values.finish());
};

/**
 * Encode a chunk: magic, first 8 bytes of the SHA-256 of what follows, then the body, compressed. Equal samples and marks give equal bytes.
 *
 * @param chunk columns closed, none empty
 */
export const encodeChunk = ({ nodeId, edgeNodeId, deviceId, startEpochMs, columns, marks }: Chunk): Buffer => {
  const writer = new ByteWriter();
  for (const text of [nodeId, edgeNodeId, deviceId ?? '']) writer.text(text);
  writer.unsigned(startEpochMs);
  writer.unsigned(columns.reduce((sum, { stamps }) => sum + stamps.times.length, 0));
  writer.bytes(encodeMarks(closeMarks(marks), startEpochMs));
  writeColumns(writer, columns.toSorted(compareColumns), startEpochMs);
  const packed = zstdCompressSync(writer.finish(), { params: { [constants.ZSTD_c_compressionLevel]: LEVEL } });
  return Buffer.concat([MAGIC, digestOf(packed), packed]);
};

const corrupt = (what: string, cause?: unknown): DomainError => new DomainError('chunk-corrupt', `telemetry chunk: ${what}`, {}, { cause });

const unpack = (bytes: Buffer): Buffer => {
  if (bytes.length < START || !bytes.subarray(0, MAGIC.length).equals(MAGIC)) throw corrupt('it does not begin as one');
  const packed = bytes.subarray(START);
  if (!digestOf(packed).equals(bytes.subarray(MAGIC.length, START))) throw corrupt('its content does not match its digest');
  try {
    return zstdDecompressSync(packed, { maxOutputLength: MAXIMUM_CHUNK_BYTES });
  } catch (cause) {
    throw corrupt('it does not unpack', cause);
  }
};

type Head = Readonly<{ key: ColumnKey; stamps: Stamps; length: number }>;

const fieldOf = (value: number): Field => {
  if (!isField(value)) throw new RangeError(`a column of unknown value field ${value}`);
  return value;
};

const readHeads = (reader: ByteReader, startEpochMs: number): readonly Head[] => {
  const different = Array.from({ length: reader.count() }, () => readStamps(reader, startEpochMs));
  return Array.from({ length: reader.count() }, () => {
    const key = { name: reader.text(), alias: reader.text(), datatype: reader.unsigned(), field: fieldOf(reader.byte()) };
    const stamps = different[reader.unsigned()];
    if (stamps === undefined) throw new RangeError('a column names stamps that are not there');
    return { key, stamps, length: reader.unsigned() };
  });
};

const readColumn = ({ key, stamps }: Head, bytes: Buffer): Column => {
  const reader = new ByteReader(bytes);
  const count = stamps.times.length;
  const column = {
    ...key, stamps,
    bits: key.field === FIELD.none || isBlob(key.field) ? undefined : readBits(reader, key.field, count),
    blobs: isBlob(key.field) ? Array.from({ length: count }, () => Uint8Array.from(reader.bytes())) : undefined,
  };
  if (!reader.isAtEnd) throw new RangeError('bytes are left over');
  return column;
};

const asCorrupt = <Result>(read: () => Result): Result => {
  try {
    return read();
  } catch (cause) {
    throw cause instanceof DomainError ? cause : corrupt('it is not built like one', cause);
  }
};

/** @throws DomainError `chunk-corrupt` when any byte is not what was written */
export const openChunk = (bytes: Uint8Array): OpenedChunk => asCorrupt(() => {
  const reader = new ByteReader(unpack(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)));
  const [nodeId, edgeNodeId, device] = [reader.text(), reader.text(), reader.text()];
  const [startEpochMs, sampleCount] = [reader.unsigned(), reader.unsigned()];
  const marks = decodeMarks(reader.bytes(), startEpochMs);
  const heads = readHeads(reader, startEpochMs);
  const values = heads.map((head) => ({ head, bytes: reader.raw(head.length) }));
  if (!reader.isAtEnd) throw new RangeError('bytes are left over');
  return {
    nodeId, edgeNodeId, deviceId: device === '' ? undefined : device, startEpochMs, sampleCount, marks, keys: heads.map(({ key }) => key),
    column: (index) => asCorrupt(() => {
      const value = values[index];
      if (value === undefined) throw new RangeError(`got column ${index}, want one of ${values.length}`);
      return readColumn(value.head, value.bytes);
    }),
  };
});

/** @throws DomainError `chunk-corrupt` */
export const decodeChunk = (bytes: Uint8Array): Chunk => {
  const { sampleCount, keys, column, ...head } = openChunk(bytes);
  const columns = keys.map((_, i) => column(i));
  if (columns.reduce((sum, { stamps }) => sum + stamps.times.length, 0) !== sampleCount) throw corrupt('its count of samples is wrong');
  return { ...head, columns };
};

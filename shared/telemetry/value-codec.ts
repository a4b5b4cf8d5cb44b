import { ByteWriter, type ByteReader } from './bytes.ts';
import { commonScale, readDecimals, writeDecimals } from './decimal.ts';
import { FIELD, type Field } from './metric.ts';

/**
 * How a column's 64-bit words are written; the smallest is taken. `constant`: one value. `decimal`: integers or decimals of one scale, as differences. `xor`: each value
 * against the one before, without the bytes that are equal. `raw`: byte by byte in planes, equal places together, which the packing of the chunk then shortens.
 */
const ENCODING = { constant: 0, decimal: 1, xor: 2, raw: 3 } as const;

const bytesOf = (field: Field): number => (field === FIELD.double || field === FIELD.long ? 8 : 4);

const isConstant = (bits: Uint32Array): boolean => {
  for (let i = 2; i < bits.length; i += 2) if (bits[i] !== bits[0] || bits[i + 1] !== bits[1]) return false;
  return true;
};

/** Bytes a word needs without the zero ones in front, 0 to 4. */
const significantBytes = (word: number): number => (39 - Math.clz32(word)) >>> 3;

const significantOf = (low: number, high: number): number => (high === 0 ? significantBytes(low) : 4 + significantBytes(high));

/** Zero bytes at the end of a value that is not zero. */
const trailingOf = (low: number, high: number): number => {
  const [word, before] = low === 0 ? [high, 4] : [low, 0];
  return before + ((31 - Math.clz32(word & -word)) >>> 3);
};

const byteAt = (low: number, high: number, place: number): number => ((place < 4 ? low >>> (8 * place) : high >>> (8 * (place - 4))) & 0xff);

/** A control byte (first place, bytes that follow), then the bytes that differ. */
const writeXor = (bits: Uint32Array): ByteWriter => {
  const writer = new ByteWriter();
  const word = (i: number): number => (i < 0 ? 0 : bits[i] ?? 0);
  for (let i = 0; i < bits.length; i += 2) {
    const low = (word(i) ^ word(i - 2)) >>> 0;
    const high = (word(i + 1) ^ word(i - 1)) >>> 0;
    const end = significantOf(low, high);
    const start = end === 0 ? 0 : trailingOf(low, high);
    writer.byte(start * 16 + end - start);
    for (let place = start; place < end; place += 1) writer.byte(byteAt(low, high, place));
  }
  return writer;
};

const readXor = (reader: ByteReader, count: number): Uint32Array => {
  const bits = new Uint32Array(2 * count);
  const bytes = new Uint8Array(bits.buffer);
  for (let i = 0; i < count; i += 1) {
    const control = reader.byte();
    const [start, length] = [control >>> 4, control & 15];
    if (start + length > 8) throw new RangeError('a value has more than 8 bytes');
    if (i > 0) bytes.copyWithin(8 * i, 8 * i - 8, 8 * i);
    for (let place = start; place < start + length; place += 1) bytes[8 * i + place] = (bytes[8 * i + place] ?? 0) ^ reader.byte();
  }
  return bits;
};

const rawPlanes = (bits: Uint32Array, width: number): Uint8Array => {
  const count = bits.length / 2;
  const bytes = new Uint8Array(bits.buffer, bits.byteOffset, bits.byteLength);
  const planes = new Uint8Array(count * width);
  for (let place = 0; place < width; place += 1) for (let i = 0; i < count; i += 1) planes[place * count + i] = bytes[8 * i + place] ?? 0;
  return planes;
};

const readPlanes = (reader: ByteReader, count: number, width: number): Uint32Array => {
  const bits = new Uint32Array(2 * count);
  const bytes = new Uint8Array(bits.buffer);
  const planes = reader.raw(count * width);
  for (let place = 0; place < width; place += 1) for (let i = 0; i < count; i += 1) bytes[8 * i + place] = planes[place * count + i] ?? 0;
  return bits;
};

/** Decimals that take no more than this are not compared with anything else: nothing else packs as well. */
const SHORT_DECIMAL_BYTES = 3;

const writeDecimalsIfShort = (writer: ByteWriter, field: Field, bits: Uint32Array, most: number): boolean => {
  const scale = commonScale(field, bits);
  if (scale === undefined) return false;
  const decimals = new ByteWriter();
  writeDecimals(decimals, field, bits, scale);
  if (decimals.length > most) return false;
  writer.byte(ENCODING.decimal);
  writer.raw(decimals.finish());
  return true;
};

/** Write the words of a column (low before high, two a sample). Deterministic. Little-endian machines only, as all that run this are. */
export const writeBits = (writer: ByteWriter, field: Field, bits: Uint32Array): void => {
  const [count, width] = [bits.length / 2, bytesOf(field)];
  if (isConstant(bits)) {
    writer.byte(ENCODING.constant);
    writer.word(bits[0] ?? 0);
    writer.word(bits[1] ?? 0);
    return;
  }
  if (writeDecimalsIfShort(writer, field, bits, count * SHORT_DECIMAL_BYTES)) return;
  const xor = writeXor(bits);
  const smallest = Math.min(xor.length, count * width);
  if (writeDecimalsIfShort(writer, field, bits, smallest)) return;
  writer.byte(xor.length === smallest ? ENCODING.xor : ENCODING.raw);
  writer.raw(xor.length === smallest ? xor.finish() : rawPlanes(bits, width));
};

const readConstant = (reader: ByteReader, count: number): Uint32Array => {
  const [low, high] = [reader.word(), reader.word()];
  return Uint32Array.from({ length: 2 * count }, (_, i) => (i % 2 === 0 ? low : high));
};

/** @throws RangeError when the bytes are not values */
export const readBits = (reader: ByteReader, field: Field, count: number): Uint32Array => {
  const encoding = reader.byte();
  switch (encoding) {
    case ENCODING.constant: return readConstant(reader, count);
    case ENCODING.decimal: return readDecimals(reader, field, count);
    case ENCODING.xor: return readXor(reader, count);
    case ENCODING.raw: return readPlanes(reader, count, bytesOf(field));
    default: throw new RangeError(`values of unknown encoding ${encoding}`);
  }
};

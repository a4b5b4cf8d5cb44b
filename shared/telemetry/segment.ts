import { createHash } from 'node:crypto';
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { DomainError } from '../errors.ts';
import type { RawMessage } from './received.ts';

const MAGIC = Buffer.from('BSG1');
const HEADER_BYTES = 2 + 8 + 4;
/** A segment holds one queue batch; this is far above what one can be. */
const MAXIMUM_SEGMENT_BYTES = 512 * 1024 * 1024;

const frame = ({ topic, payload, receivedAtEpochMs }: RawMessage): Buffer => {
  const name = Buffer.from(topic);
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt16LE(name.length, 0);
  header.writeDoubleLE(receivedAtEpochMs, 2);
  header.writeUInt32LE(payload.length, 10);
  return Buffer.concat([header, name, payload]);
};

/**
 * Pack raw messages, in an order of their own, each once. Named by its content, so writing the same batch again, in any order, writes the same object. Its frames carry
 * lengths; a checksum, of the compressor's, covers them.
 *
 * @returns bytes and their SHA-256 (hex)
 */
export const encodeSegment = (messages: readonly RawMessage[]): Readonly<{ bytes: Buffer; sha256: string }> => {
  const frames = messages.map(frame).sort((a, b) => Buffer.compare(a, b));
  const different = frames.filter((each, i) => i === 0 || !each.equals(frames[i - 1] ?? MAGIC));
  const bytes = Buffer.concat([MAGIC, zstdCompressSync(Buffer.concat(different), { params: { [constants.ZSTD_c_checksumFlag]: 1, [constants.ZSTD_c_compressionLevel]: 1 } })]);
  return { bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
};

const corrupt = (what: string, cause?: unknown): DomainError => new DomainError('chunk-corrupt', `telemetry segment: ${what}`, {}, { cause });

const inflate = (bytes: Buffer): Buffer => {
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC)) throw corrupt('it does not begin as one');
  try {
    return zstdDecompressSync(bytes.subarray(MAGIC.length), { maxOutputLength: MAXIMUM_SEGMENT_BYTES });
  } catch (cause) {
    throw corrupt('it does not unpack', cause);
  }
};

/** @throws DomainError `chunk-corrupt` */
export const decodeSegment = (bytes: Uint8Array): readonly RawMessage[] => {
  const body = inflate(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  const messages: RawMessage[] = [];
  for (let at = 0; at < body.length;) {
    if (at + HEADER_BYTES > body.length) throw corrupt('it is cut short');
    const nameEnd = at + HEADER_BYTES + body.readUInt16LE(at);
    const end = nameEnd + body.readUInt32LE(at + 10);
    if (end > body.length) throw corrupt('it is cut short');
    messages.push({ topic: body.toString('utf8', at + HEADER_BYTES, nameEnd), receivedAtEpochMs: body.readDoubleLE(at + 2), payload: body.subarray(nameEnd, end) });
    at = end;
  }
  return messages;
};

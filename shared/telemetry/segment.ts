import { createHash } from 'node:crypto';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { DomainError } from '../errors.ts';

/** A message as it came: topic, bytes, and when the broker had it. */
export type RawMessage = Readonly<{ topic: string; payload: Uint8Array; receivedAtEpochMs: number }>;

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
 * Pack raw messages. Named by its content, so writing the same batch twice writes the same object.
 *
 * @returns bytes and their SHA-256 (hex)
 */
export const encodeSegment = (messages: readonly RawMessage[]): Readonly<{ bytes: Buffer; sha256: string }> => {
  const bytes = Buffer.concat([MAGIC, zstdCompressSync(Buffer.concat(messages.map(frame)))]);
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

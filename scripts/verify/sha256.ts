import crypto from 'node:crypto';

/** Bytes of one SHA-256. */
export const HASH_LENGTH = 32;

/** The one-shot `crypto.hash` came with Node 20.12; before that the object does the same, slower. */
const oneShot = typeof crypto.hash === 'function';

/** SHA-256 as 32 characters of one byte each: strings compare and copy faster than small buffers. */
export const sha256Latin1 = (bytes: Uint8Array): string => (oneShot ? crypto.hash('sha256', bytes, 'binary') : crypto.createHash('sha256').update(bytes).digest('binary'));

/** SHA-256 as 64 lower-case hexadecimal digits. */
export const sha256Hex = (bytes: Uint8Array): string => (oneShot ? crypto.hash('sha256', bytes, 'hex') : crypto.createHash('sha256').update(bytes).digest('hex'));

export const sha256 = (bytes: Uint8Array): Buffer => Buffer.from(sha256Latin1(bytes), 'latin1');

/** RFC 6962 section 2.1: a leaf is hashed with a zero octet before it. */
export const leafHashOf = (entry: Uint8Array): Buffer => sha256(Buffer.concat([Buffer.of(0), entry]));

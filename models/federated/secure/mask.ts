import { createCipheriv } from 'node:crypto';
import { addWords, subtractWords, type Format } from '../words.ts';

const CHUNK_BYTES = 65_536;
const ZEROS = Buffer.alloc(CHUNK_BYTES);
const NONCE = Buffer.alloc(16);

/**
 * Add a seed's stream to words, or take it away: AES-256 in counter mode. A seed serves one stretch of words once, so the nonce can stay zero.
 *
 * @param seed 32 bytes
 * @see NIST SP 800-38A, section 6.5
 */
export const applyMask = (words: Uint32Array, seed: Uint8Array, sign: 1 | -1, format: Format): void => {
  const cipher = createCipheriv('aes-256-ctr', seed, NONCE);
  const apply = sign === 1 ? addWords : subtractWords;
  for (let at = 0; at < words.length; at += CHUNK_BYTES / 4) {
    const part = words.subarray(at, at + CHUNK_BYTES / 4);
    const stream = cipher.update(ZEROS.subarray(0, part.byteLength));
    const isAligned = stream.byteOffset % 4 === 0;
    apply(part, isAligned ? new Uint32Array(stream.buffer, stream.byteOffset, part.length) : new Uint32Array(Uint8Array.from(stream).buffer), format);
  }
};

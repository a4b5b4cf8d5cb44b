import { createCipheriv } from 'node:crypto';

const BLOCK_BYTES = 4096;
const ZEROS = Buffer.alloc(BLOCK_BYTES);
const UNIFORM_BYTES = 6;

/** Uniform whole numbers from a secret key: AES-256 in counter mode, by rejection, so that none is likelier. */
export class SecretStream {
  readonly #cipher: ReturnType<typeof createCipheriv>;
  #block = Buffer.alloc(0);
  #at = 0;

  /** @param key 32 bytes nobody else knows, used for nothing else */
  constructor(key: Uint8Array) { this.#cipher = createCipheriv('aes-256-ctr', key, Buffer.alloc(16)); }

  /** @param bound from 1 to 2^48 */
  below(bound: number): number {
    const range = 2 ** (8 * UNIFORM_BYTES);
    const limit = range - (range % bound);
    for (;;) {
      if (this.#at + UNIFORM_BYTES > this.#block.length) {
        this.#block = this.#cipher.update(ZEROS);
        this.#at = 0;
      }
      const value = this.#block.readUIntBE(this.#at, UNIFORM_BYTES);
      this.#at += UNIFORM_BYTES;
      if (value < limit) return value % bound;
    }
  }
}

/** True with probability exp(−numerator/denominator), for a ratio of at most 1. */
const isRare = (stream: SecretStream, numerator: number, denominator: number): boolean => {
  let k = 1;
  while (stream.below(denominator * k) < numerator) k += 1;
  return k % 2 === 1;
};

/**
 * One draw of the discrete Laplace distribution, P(z) ∝ exp(−|z| ε), exact: no floating point, so no bits that betray the value below the noise.
 *
 * @param epsilon as numerator / denominator, whole numbers from 1 to 10^6
 * @see Canonne, Kamath, Steinke 2020, arXiv:2004.00010, algorithms 1 and 2
 */
export const discreteLaplace = (stream: SecretStream, { numerator, denominator }: Readonly<{ numerator: number; denominator: number }>): number => {
  for (;;) {
    const offset = stream.below(denominator);
    if (!isRare(stream, offset, denominator)) continue;
    let whole = 0;
    while (isRare(stream, 1, 1)) whole += 1;
    const magnitude = Math.floor((offset + denominator * whole) / numerator);
    const isNegative = stream.below(2) === 1;
    if (isNegative && magnitude === 0) continue;
    return isNegative ? -magnitude : magnitude;
  }
};

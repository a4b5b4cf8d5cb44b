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

/** ε as a ratio of whole numbers from 1 to 10^8. */
export type Ratio = Readonly<{ numerator: number; denominator: number }>;

/** True with probability exp(−numerator/denominator), for a ratio of at most 1. */
const isRare = (stream: SecretStream, numerator: number, denominator: number): boolean => {
  let k = 1;
  while (stream.below(denominator * k) < numerator) k += 1;
  return k % 2 === 1;
};

/**
 * One draw of the discrete Laplace distribution, P(z) ∝ exp(−|z| ε), exact: no floating point, so no bits that betray the value below the noise.
 *
 * @see Canonne, Kamath, Steinke 2020, arXiv:2004.00010, algorithms 1 and 2
 */
export const discreteLaplace = (stream: SecretStream, { numerator, denominator }: Ratio): number => {
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

/** True with probability exp(−ε), for any ratio: whole units of ε first, each of which must come up. */
const goesOn = (stream: SecretStream, { numerator, denominator }: Ratio): boolean => {
  for (let left = numerator; left > 0; left -= denominator) if (!isRare(stream, Math.min(left, denominator), denominator)) return false;
  return true;
};

/**
 * One draw of the Pólya distribution with shape 1/parts, P(k) ∝ Γ(k + 1/parts) / k! · exp(−k ε), exact. A geometric draw is kept with probability ∏ ((j − 1) parts + 1) / (j parts), j from 1 to k: the ratio of the two
 * distributions. The factor of each step is drawn with the step, so that most refusals come early.
 */
const polya = (stream: SecretStream, epsilon: Ratio, parts: number): number => {
  for (let k = 0; ;) {
    if (!goesOn(stream, epsilon)) return k;
    k += 1;
    if (stream.below(k * parts) >= (k - 1) * parts + 1) k = 0;
  }
};

/**
 * A site's share of noise: the shares of `parts` sites add up to one draw of the discrete Laplace distribution, exactly, and the shares of fewer tell nothing of the others'.
 *
 * @param parts from 1, which is the whole noise, to 500
 * @see Goryczka, Xiong 2017, IEEE TDSC 14(5), section 4.2; Balle, Bell, Gascón, Nissim 2020, arXiv:1906.09116, section 3: a geometric draw is a sum of independent Pólya draws whose shapes add up to 1
 */
export const laplaceShare = (stream: SecretStream, epsilon: Ratio, parts: number): number => (parts === 1 ? discreteLaplace(stream, epsilon) : polya(stream, epsilon, parts) - polya(stream, epsilon, parts));

import { createCipheriv } from 'node:crypto';

/** Multiplication in GF(2^8) by logarithms to base 3, modulus x^8 + x^4 + x^3 + x + 1. */
const EXP = new Uint8Array(510);
const LOG = new Uint8Array(256);
for (let i = 0, x = 1; i < 255; i += 1) {
  EXP[i] = x;
  EXP[i + 255] = x;
  LOG[x] = i;
  x ^= (x << 1) ^ (x >= 128 ? 0x11b : 0);
}
const multiply = (a: number, b: number): number => (a === 0 || b === 0 ? 0 : EXP[(LOG[a] ?? 0) + (LOG[b] ?? 0)] ?? 0);
const divide = (a: number, b: number): number => (a === 0 ? 0 : EXP[(LOG[a] ?? 0) + 255 - (LOG[b] ?? 0)] ?? 0);

export type Share = Readonly<{ x: number; bytes: Uint8Array }>;

/**
 * Split a secret so that `threshold` of `count` shares give it back and fewer say nothing.
 *
 * @param randomKey 32 bytes the coefficients are drawn from, as secret as the secret
 * @returns shares for x = 1 … count
 * @throws RangeError unless 1 ≤ threshold ≤ count ≤ 255
 * @see Shamir 1979, CACM 22(11)
 */
export const split = (secret: Uint8Array, count: number, threshold: number, randomKey: Uint8Array): readonly Share[] => {
  if (!(threshold >= 1 && threshold <= count && count <= 255)) throw new RangeError(`got threshold ${threshold} of ${count} shares, want 1 to all of at most 255`);
  const coefficients = createCipheriv('aes-256-ctr', randomKey, Buffer.alloc(16)).update(Buffer.alloc(secret.length * (threshold - 1)));
  return Array.from({ length: count }, (_, i) => {
    const x = i + 1;
    const bytes = secret.map((byte, at) => {
      let sum = 0;
      for (let power = threshold - 2; power >= 0; power -= 1) sum = multiply(sum ^ (coefficients[at * (threshold - 1) + power] ?? 0), x);
      return sum ^ byte;
    });
    return { x, bytes };
  });
};

/** The secret, from at least `threshold` shares of different x: Lagrange at 0. Too few give noise. */
export const combine = (shares: readonly Share[]): Uint8Array => {
  const secret = new Uint8Array(shares[0]?.bytes.length ?? 0);
  for (const { x, bytes } of shares) {
    const weight = shares.reduce((product, other) => (other.x === x ? product : multiply(product, divide(other.x, other.x ^ x))), 1);
    bytes.forEach((byte, at) => { secret[at] = (secret[at] ?? 0) ^ multiply(byte, weight); });
  }
  return secret;
};

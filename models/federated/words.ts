import { DomainError } from '../../shared/errors.ts';

/**
 * How integers travel: 16 bits (two in a word; sums below 2^16, so that none carries into the other), 32 or 64 bits. Words are added mod 2^32, pairs of words (low, high) mod 2^64;
 * masks work in the same arithmetic and cancel exactly.
 */
export type Format = Readonly<{ bits: 16 | 32 | 64; isSigned: boolean }>;

const WORD = 2 ** 32;
/** Integers above are not exact in a double. */
const LARGEST = 2 ** 53;

/**
 * Narrowest format whose sums can not overflow.
 *
 * @param bound largest magnitude one row adds to one integer; `rows` most rows over all sites
 * @throws DomainError `training-sum-overflow` when no format holds the sum
 */
export const formatFor = ({ bound, isSigned }: Readonly<{ bound: number; isSigned: boolean }>, rows: number): Format => {
  const largest = bound * rows;
  if (!(largest < LARGEST)) throw new DomainError('training-sum-overflow', `sum: got up to ${largest}, want below 2^53`, { rows });
  if (!isSigned && largest < 2 ** 16) return { bits: 16, isSigned };
  return { bits: largest < (isSigned ? 2 ** 31 : WORD) ? 32 : 64, isSigned };
};

/** Most rows over all sites whose sums some format holds. @param bound largest magnitude one row adds to one integer, a whole number from 1 */
export const mostRowsOf = ({ bound }: Readonly<{ bound: number }>): number => Math.ceil(LARGEST / bound) - 1;

/** Words that `width` integers take. */
export const wordCount = (width: number, { bits }: Format): number => Math.ceil((width * bits) / 32);

/** @param values whole numbers within the format */
export const encodeWords = (values: ArrayLike<number>, format: Format): Uint32Array => {
  const words = new Uint32Array(wordCount(values.length, format));
  if (format.bits === 32) for (let i = 0; i < values.length; i += 1) words[i] = values[i] ?? 0;
  else if (format.bits === 16) for (let i = 0; i < values.length; i += 1) words[i >>> 1] = (words[i >>> 1] ?? 0) | ((values[i] ?? 0) << (16 * (i & 1)));
  else {
    for (let i = 0; i < values.length; i += 1) {
      words[2 * i] = values[i] ?? 0;
      words[2 * i + 1] = Math.floor((values[i] ?? 0) / WORD);
    }
  }
  return words;
};

/** The integers in a sum of encoded words. */
export const decodeWords = (words: Uint32Array, width: number, { bits, isSigned }: Format): Float64Array => Float64Array.from({ length: width }, (_, i) => {
  if (bits === 16) return ((words[i >>> 1] ?? 0) >>> (16 * (i & 1))) & 0xffff;
  if (bits === 32) return isSigned ? (words[i] ?? 0) | 0 : words[i] ?? 0;
  const high = words[2 * i + 1] ?? 0;
  return (isSigned ? high | 0 : high) * WORD + (words[2 * i] ?? 0);
});

const addPairs = (into: Uint32Array, words: Uint32Array): void => {
  for (let i = 0; i + 1 < into.length; i += 2) {
    const low = (into[i] ?? 0) + (words[i] ?? 0);
    into[i] = low;
    into[i + 1] = (into[i + 1] ?? 0) + (words[i + 1] ?? 0) + (low >= WORD ? 1 : 0);
  }
};

const subtractPairs = (from: Uint32Array, words: Uint32Array): void => {
  for (let i = 0; i + 1 < from.length; i += 2) {
    const low = (from[i] ?? 0) - (words[i] ?? 0);
    from[i] = low;
    from[i + 1] = (from[i + 1] ?? 0) - (words[i + 1] ?? 0) - (low < 0 ? 1 : 0);
  }
};

/** `into` += `words`, in the format's modulus. */
export const addWords = (into: Uint32Array, words: Uint32Array, { bits }: Format): void => {
  if (bits === 64) addPairs(into, words);
  else for (let i = 0; i < into.length; i += 1) into[i] = (into[i] ?? 0) + (words[i] ?? 0);
};

/** `from` −= `words`, in the format's modulus. */
export const subtractWords = (from: Uint32Array, words: Uint32Array, { bits }: Format): void => {
  if (bits === 64) subtractPairs(from, words);
  else for (let i = 0; i < from.length; i += 1) from[i] = (from[i] ?? 0) - (words[i] ?? 0);
};

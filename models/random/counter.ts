import { createSolver } from '../ode/solver.ts';

/**
 * 32 random bits for a place in a stream: any place can be read without those before it.
 *
 * Two multiply-xorshift rounds (the constants of SplitMix32); the key enters both, so that two streams are not one stream shifted.
 *
 * @param key   32 bits that name the stream
 * @param place integer from 0
 */
export const bitsAt = (key: number, place: number): number => {
  let mixed = key ^ Math.imul(place, 0x9e3779b9);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad) + key;
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
  return (mixed ^ (mixed >>> 15)) >>> 0;
};

const BITS = 12;
/** Shift that leaves of 32 bits an index into NORMAL_TABLE. */
export const NORMAL_SHIFT = 32 - BITS;

/**
 * Quantiles of the standard normal at the middles of 4,096 equal shares, scaled to variance 1; the largest is 3.67.
 *
 * By the quantile's own differential equation, dz/dp = √(2π) exp(z²/2) from z(1/2) = 0. @see Steinbrecher, Shaw 2008, Eur. J. Appl. Math. 19, eq. 3
 */
export const NORMAL_TABLE: Float64Array = (() => {
  const [size, half] = [2 ** BITS, 2 ** (BITS - 1)];
  const upper = new Float64Array(half);
  const first = 0.5 + 0.5 / size;
  const last = 1 - 0.5 / size;
  createSolver(1, { relative: 1e-9, absolute: 1e-11 }).advance((_, [z = 0], rate) => { rate[0] = Math.sqrt(2 * Math.PI) * Math.exp((z * z) / 2); }, new Float64Array(1), 0.5, last, { values: upper, points: half, offset: 0, first, every: 1 / size, count: half });
  const variance = upper.reduce((sum, z) => sum + z * z, 0) / half;
  return Float64Array.from({ length: size }, (_, i) => (i < half ? -(upper[half - 1 - i] ?? 0) : upper[i - half] ?? 0) / Math.sqrt(variance));
})();

/** Standard normal at a place of a stream, from the table. */
export const normalAt = (key: number, place: number): number => NORMAL_TABLE[bitsAt(key, place) >>> NORMAL_SHIFT] ?? 0;

/** Uniform in [0, 1) at a place of a stream. */
export const uniformAt = (key: number, place: number): number => bitsAt(key, place) / 2 ** 32;

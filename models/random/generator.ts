/** A seeded source of numbers. The same seed gives the same sequence on every machine. */
export type Generator = Readonly<{
  /** Uniform in [0, 1), 32 random bits. */
  uniform(): number;
  /** Standard normal, by Box and Muller 1958. */
  normal(): number;
  /** Integer in [0, bound). */
  below(bound: number): number;
}>;

/** SplitMix32, to spread a small seed over the state. */
const splitMix = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  };
};

const rotateLeft = (value: number, bits: number): number => ((value << bits) | (value >>> (32 - bits))) >>> 0;

/** xoshiro128**: the state goes in, the next number comes out and the state moves on. @see Blackman, Vigna 2021, ACM TOMS 47(4) */
export const nextXoshiro = (state: Uint32Array): number => {
  const a = state[0] ?? 0, b = state[1] ?? 0, c = state[2] ?? 0, d = state[3] ?? 0; // by index: taking the array apart costs more than the numbers
  const result = Math.imul(rotateLeft(Math.imul(b, 5) >>> 0, 7), 9) >>> 0;
  const third = c ^ a;
  const fourth = d ^ b;
  state[1] = b ^ third;
  state[0] = a ^ fourth;
  state[2] = third ^ (b << 9);
  state[3] = rotateLeft(fourth >>> 0, 11);
  return result;
};

/** @param seed integer in [0, 2^32) */
export const createGenerator = (seed: number): Generator => {
  if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 32) throw new RangeError(`seed: got ${seed}, want an integer in [0, 2^32)`);
  const mix = splitMix(seed);
  const state = Uint32Array.from([mix(), mix(), mix(), mix()]);
  const uniform = (): number => nextXoshiro(state) / 2 ** 32;
  return {
    uniform,
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
    below: (bound) => Math.floor(uniform() * bound),
  };
};

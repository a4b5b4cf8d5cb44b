import { createCipheriv, createHash, createHmac } from 'node:crypto';
import { nextXoshiro } from '../random/generator.ts';

/** P(X ≤ k) of a Poisson variable of mean 1, times 2^32, for k = 0 … 7; above that the weight is 8. */
const POISSON = Uint32Array.of(1_580_030_168, 3_160_060_337, 3_950_075_421, 4_213_413_783, 4_279_248_373, 4_292_415_291, 4_294_609_777, 4_294_923_276);
/** Largest weight of one row in one tree. */
export const WEIGHT_LIMIT = POISSON.length;

const seedBytes = (seed: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(seed);
  return bytes;
};

/**
 * How often each row enters each tree: a Poisson bootstrap, drawn from seed and draw key alone, so that a row weighs the same wherever it lives. Whoever has the keys knows the weights: the seed is public.
 *
 * @param keys `drawKeys` of the rows
 * @returns weights in [0, WEIGHT_LIMIT], rows × trees
 * @see Oza, Russell 2001, AISTATS (Poisson bootstrap)
 */
export const bootstrapWeights = (seed: number, keys: readonly string[], treeCount: number): Uint8Array => {
  const weights = new Uint8Array(keys.length * treeCount);
  const zeros = Buffer.alloc(4 * treeCount);
  const nonce = Buffer.alloc(16);
  keys.forEach((key, row) => {
    const rowKey = createHmac('sha256', seedBytes(seed)).update('bedside/bootstrap/').update(key).digest();
    const stream = createCipheriv('aes-256-ctr', rowKey, nonce).update(zeros);
    for (let tree = 0; tree < treeCount; tree += 1) {
      const uniform = stream.readUInt32LE(4 * tree);
      let weight = 0;
      while (weight < WEIGHT_LIMIT && uniform >= (POISSON[weight] ?? 0)) weight += 1;
      weights[row * treeCount + tree] = weight;
    }
  });
  return weights;
};

/** Draws features for the nodes of trees: by seed, tree and the node's place in it alone. */
export class FeatureDraw {
  readonly #seed: number;
  readonly #candidates: Int32Array;
  readonly #count: number;

  /** @param candidates indices of the features that vary @param count drawn for a node; all when there are no more */
  constructor(seed: number, candidates: readonly number[], count: number) {
    this.#seed = seed;
    this.#candidates = Int32Array.from(candidates);
    this.#count = Math.min(count, candidates.length);
  }

  /** @param place 1 for the root, 2p and 2p + 1 for the children of p @returns indices, ascending */
  of(tree: number, place: number): Int32Array {
    const pool = this.#candidates.slice();
    if (this.#count === pool.length) return pool;
    const digest = createHash('sha256').update(`bedside/features/${this.#seed}/${tree}/${place}`).digest();
    const state = Uint32Array.of(digest.readUInt32LE(0), digest.readUInt32LE(4), digest.readUInt32LE(8), digest.readUInt32LE(12));
    for (let i = 0; i < this.#count; i += 1) {
      const other = i + Math.floor((nextXoshiro(state) / 2 ** 32) * (pool.length - i));
      const moved = pool[i] ?? 0;
      pool[i] = pool[other] ?? 0;
      pool[other] = moved;
    }
    return pool.slice(0, this.#count).sort();
  }
}

import { createHash } from 'node:crypto';
import { nextXoshiro } from '../random/generator.ts';
import type { Split } from './split.ts';

/** A number for a place in a tree, uniform in [0, 1), from the seed alone. */
const uniformAt = (seed: number, tree: number, place: number): number => {
  const digest = createHash('sha256').update(`bedside/foresight/${seed}/${tree}/${place}`).digest();
  return nextXoshiro(Uint32Array.of(digest.readUInt32LE(0), digest.readUInt32LE(4), digest.readUInt32LE(8), digest.readUInt32LE(12))) / 2 ** 32;
};

/** One of the splits that were foreseen for a place, each as likely as its gain is large: the best of each node would make trees too much alike. */
export const chosen = (splits: readonly Split[], seed: number, tree: number, place: number): Split | undefined => {
  let left = uniformAt(seed, tree, place) * splits.reduce((sum, { gain }) => sum + gain, 0);
  return splits.find(({ gain }) => { left -= gain; return left < 0; }) ?? splits.at(-1);
};

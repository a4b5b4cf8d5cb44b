import './buffer-slices.ts';
import { HASH_LENGTH, sha256, sha256Latin1 } from './sha256.ts';

/**
 * The Merkle tree over hashes that are already there. Hashes lie one after the other in a buffer, 32 bytes each.
 *
 * @see RFC 6962 section 2.1: MTH({}) = SHA-256(); leaf = SHA-256(0x00 || d); node = SHA-256(0x01 || left || right)
 */

/** Hashes in a full tile; a tile is a subtree of eight levels. @see C2SP tlog-tiles */
export const TILE_WIDTH = 256;
export const EMPTY_ROOT = sha256(Buffer.alloc(0));
const NODE_PREFIX = 1;

const node = Buffer.alloc(1 + 2 * HASH_LENGTH, NODE_PREFIX);
const work = Buffer.alloc((TILE_WIDTH + 1) * HASH_LENGTH);

/**
 * Root over `count` neighbouring hashes. Pairs are joined level by level and an odd last one moves up as it is, which gives the split
 * at the largest power of two that RFC 6962 asks for.
 *
 * @param count 1 to 257 (a tile and what the levels below carry up)
 */
export const rootOfHashes = (hashes: Uint8Array, start: number, count: number): Buffer => {
  if (count < 1 || count > TILE_WIDTH + 1) throw new RangeError(`got ${count} hashes, want 1 to ${TILE_WIDTH + 1}`);
  work.set(hashes.subarray(start * HASH_LENGTH, (start + count) * HASH_LENGTH));
  for (let width = count; width > 1; width = Math.ceil(width / 2)) {
    const pairs = Math.floor(width / 2);
    for (let pair = 0; pair < pairs; pair++) {
      work.copy(node, 1, pair * 2 * HASH_LENGTH, (pair + 1) * 2 * HASH_LENGTH);
      work.latin1Write(sha256Latin1(node), pair * HASH_LENGTH);
    }
    if (width % 2 === 1) work.copyWithin(pairs * HASH_LENGTH, (width - 1) * HASH_LENGTH, width * HASH_LENGTH);
  }
  return Buffer.from(work.subarray(0, HASH_LENGTH));
};

/** Hashes of level `level` in a tree of `size` leaves: its complete subtrees of 256^level leaves. */
export const countAtLevel = (size: number, level: number): number => Math.floor(size / TILE_WIDTH ** level);

/** Highest level with a hash in it. */
export const topLevelOf = (size: number): number => {
  let level = 0;
  while (countAtLevel(size, level + 1) > 0) level++;
  return level;
};

/**
 * Root of a tree of `size` leaves from its right edge.
 *
 * @param edgeOf the hashes of the partial tile of a level, `floor(size / 256^level) mod 256` of them
 */
export const rootOfEdges = (size: number, edgeOf: (level: number) => Uint8Array): Buffer => {
  if (size === 0) return EMPTY_ROOT;
  let carried: Buffer | undefined;
  for (let level = 0; level <= topLevelOf(size); level++) {
    const width = countAtLevel(size, level) % TILE_WIDTH;
    const hashes = Buffer.concat([edgeOf(level).subarray(0, width * HASH_LENGTH), ...(carried === undefined ? [] : [carried])]);
    if (hashes.length > 0) carried = rootOfHashes(hashes, 0, hashes.length / HASH_LENGTH);
  }
  return carried ?? EMPTY_ROOT;
};

/** One level up: the roots of all complete groups of 256. */
export const levelAbove = (hashes: Uint8Array): Buffer => {
  const groups = Math.floor(hashes.length / HASH_LENGTH / TILE_WIDTH);
  return Buffer.concat(Array.from({ length: groups }, (_, group) => rootOfHashes(hashes, group * TILE_WIDTH, TILE_WIDTH)));
};

/** The part of a level that lies in its partial tile. */
export const edgeOfLevel = (hashes: Uint8Array): Uint8Array => hashes.subarray(Math.floor(hashes.length / HASH_LENGTH / TILE_WIDTH) * TILE_WIDTH * HASH_LENGTH);

export const hashAt = (hashes: Uint8Array, index: number): Buffer => Buffer.from(hashes.buffer, hashes.byteOffset + index * HASH_LENGTH, HASH_LENGTH);

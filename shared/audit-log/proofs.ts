import { DomainError } from '../errors.ts';
import { hashRanges, splitOf, type Range } from './subtrees.ts';
import type { TileReader } from './tiles.ts';

const requireSize = (size: number): void => {
  if (!Number.isSafeInteger(size) || size < 0) throw new DomainError('log-entry-not-found', `got size ${size}, want a whole number`, { size });
};

/**
 * Root of the tree of the first `size` leaves, from the tiles of a tree at least as large.
 *
 * @throws DomainError `log-entry-not-found`, `log-corrupt`
 * @see RFC 6962 2.1
 */
export const rootFromTiles = async (read: TileReader, size: number, treeSize: number = size): Promise<Uint8Array> => {
  requireSize(size);
  requireSize(treeSize);
  if (size > treeSize) throw new DomainError('log-entry-not-found', `got size ${size}, the tree has ${treeSize}`, { size, treeSize });
  const [root = new Uint8Array()] = await hashRanges(read, treeSize, [{ start: 0, end: size }]);
  return root;
};

const inclusionRanges = (index: number, size: number): readonly Range[] => {
  const ranges: Range[] = [];
  let [start, end] = [0, size];
  while (end - start > 1) {
    const middle = start + splitOf(end - start);
    ranges.push(index < middle ? { start: middle, end } : { start, end: middle });
    [start, end] = index < middle ? [start, middle] : [middle, end];
  }
  return ranges.toReversed();
};

/** @throws DomainError `log-entry-not-found` when the tree has no such leaf */
const rangesOf = (index: number, size: number): readonly Range[] => {
  if (!Number.isSafeInteger(index) || index < 0 || index >= size) throw new DomainError('log-entry-not-found', `got entry ${index}, the tree has ${size}`, { index, size });
  return inclusionRanges(index, size);
};

/** Leaves proven with one reading of the tiles: few enough to hold their tiles in memory. */
const LEAVES_AT_ONCE = 256;
const keyOf = ({ start, end }: Range): string => `${start}-${end}`;

/**
 * Audit paths of many leaves of one tree, in the order asked. What two paths share is read and hashed once.
 *
 * @throws DomainError `log-entry-not-found` when the tree has no such leaf, `log-corrupt` when a tile is not of its length
 * @see RFC 6962 2.1.1
 */
export const inclusionProofs = async (read: TileReader, indices: readonly number[], size: number): Promise<readonly (readonly Uint8Array[])[]> => {
  requireSize(size);
  const proofs: (readonly Uint8Array[])[] = [];
  for (let at = 0; at < indices.length; at += LEAVES_AT_ONCE) {
    const paths = indices.slice(at, at + LEAVES_AT_ONCE).map((index) => rangesOf(index, size));
    const ranges = [...new Map(paths.flat().map((range) => [keyOf(range), range])).values()];
    const hashes = await hashRanges(read, size, ranges);
    const byRange = new Map(ranges.map((range, i) => [keyOf(range), hashes[i] ?? new Uint8Array()]));
    proofs.push(...paths.map((path) => path.map((range) => byRange.get(keyOf(range)) ?? new Uint8Array())));
  }
  return proofs;
};

/**
 * Audit path of a leaf, from the leaf's sibling up. Reads at most two tiles a level.
 *
 * @throws DomainError `log-entry-not-found` when the tree has no such leaf, `log-corrupt` when a tile is not of its length
 * @see RFC 6962 2.1.1
 */
export const inclusionProof = async (read: TileReader, index: number, size: number): Promise<readonly Uint8Array[]> => {
  requireSize(size);
  return hashRanges(read, size, rangesOf(index, size));
};

const consistencyRanges = (oldSize: number, newSize: number): readonly Range[] => {
  const ranges: Range[] = [];
  let [start, end] = [0, newSize];
  // Walk to the subtree that ends where the old tree ends; what lies beside the way goes into the proof.
  while (end !== oldSize) {
    const middle = start + splitOf(end - start);
    ranges.push(oldSize <= middle ? { start: middle, end } : { start, end: middle });
    [start, end] = oldSize <= middle ? [start, middle] : [middle, end];
  }
  // When it is the old tree itself, the verifier has its hash.
  return [...(start === 0 ? [] : [{ start, end }]), ...ranges.toReversed()];
};

/**
 * Proof that the tree of `oldSize` leaves is the beginning of that of `newSize`. Reads at most three tiles a level.
 *
 * @returns nothing when the sizes are equal or the old tree is empty
 * @throws DomainError `log-entry-not-found` when the old tree is the larger, `log-corrupt` when a tile is not of its length
 * @see RFC 6962 2.1.2; C2SP tlog-witness (empty when the old size is zero)
 */
export const consistencyProof = async (read: TileReader, oldSize: number, newSize: number): Promise<readonly Uint8Array[]> => {
  requireSize(oldSize);
  requireSize(newSize);
  if (oldSize > newSize) throw new DomainError('log-entry-not-found', `got old size ${oldSize}, the tree has ${newSize}`, { oldSize, newSize });
  return oldSize === 0 || oldSize === newSize ? [] : hashRanges(read, newSize, consistencyRanges(oldSize, newSize));
};

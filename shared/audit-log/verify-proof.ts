import { EMPTY_ROOT, HASH_BYTES, isEqual, nodeHashOf } from './hash.ts';

const half = (value: number): number => Math.floor(value / 2);
const isOdd = (value: number): boolean => value % 2 === 1;
const areHashes = (hashes: readonly Uint8Array[]): boolean => hashes.every(({ length }) => length === HASH_BYTES);
const isSize = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;

/** Does a path prove that the leaf with this hash is entry `index` of the tree of `size` leaves with this root? @see RFC 9162 2.1.3.2 */
export const verifyInclusion = (claim: Readonly<{ leafHash: Uint8Array; index: number; size: number; root: Uint8Array }>, proof: readonly Uint8Array[]): boolean => {
  if (!isSize(claim.index) || !isSize(claim.size) || claim.index >= claim.size || !areHashes([claim.leafHash, claim.root, ...proof])) return false;
  let [fn, sn, hash] = [claim.index, claim.size - 1, claim.leafHash];
  for (const sibling of proof) {
    if (sn === 0) return false;
    if (isOdd(fn) || fn === sn) {
      hash = nodeHashOf(sibling, hash);
      while (!isOdd(fn) && fn !== 0) [fn, sn] = [half(fn), half(sn)];
    } else {
      hash = nodeHashOf(hash, sibling);
    }
    [fn, sn] = [half(fn), half(sn)];
  }
  return sn === 0 && isEqual(hash, claim.root);
};

/** A tree as a checkpoint states it. */
export type TreeHead = Readonly<{ size: number; root: Uint8Array }>;

const isPowerOfTwo = (value: number): boolean => Number.isInteger(Math.log2(value)) && 2 ** Math.log2(value) === value;

const walk = (older: TreeHead, newer: TreeHead, proof: readonly Uint8Array[]): boolean => {
  const [first, ...rest] = isPowerOfTwo(older.size) ? [older.root, ...proof] : proof;
  if (first === undefined) return false;
  let [fn, sn] = [older.size - 1, newer.size - 1];
  while (isOdd(fn)) [fn, sn] = [half(fn), half(sn)];
  let [olderHash, newerHash] = [first, first];
  for (const sibling of rest) {
    if (sn === 0) return false;
    if (isOdd(fn) || fn === sn) {
      olderHash = nodeHashOf(sibling, olderHash);
      newerHash = nodeHashOf(sibling, newerHash);
      while (!isOdd(fn) && fn !== 0) [fn, sn] = [half(fn), half(sn)];
    } else {
      newerHash = nodeHashOf(newerHash, sibling);
    }
    [fn, sn] = [half(fn), half(sn)];
  }
  return sn === 0 && isEqual(olderHash, older.root) && isEqual(newerHash, newer.root);
};

/**
 * Does a path prove that the older tree is the beginning of the newer? From the empty tree, and between equal trees, only
 * the empty path does.
 *
 * @see RFC 9162 2.1.4.2; C2SP tlog-witness (empty from size zero)
 */
export const verifyConsistency = (older: TreeHead, newer: TreeHead, proof: readonly Uint8Array[]): boolean => {
  if (!isSize(older.size) || !isSize(newer.size) || older.size > newer.size || !areHashes([older.root, newer.root, ...proof])) return false;
  if (older.size === 0) return proof.length === 0 && isEqual(older.root, EMPTY_ROOT) && (newer.size > 0 || isEqual(newer.root, EMPTY_ROOT));
  if (older.size === newer.size) return proof.length === 0 && isEqual(older.root, newer.root);
  return proof.length > 0 && walk(older, newer, proof);
};

import { HASH_LENGTH, sha256 } from './sha256.ts';

/** RFC 6962 section 2.1: a node is hashed with a one octet before its children. */
const NODE_PREFIX = Buffer.of(1);
/** The most levels a tree of a size that fits into a number can have. */
const MAXIMUM_LEVELS = 53;

/** Largest power of two below `size` (2 or more): how many leaves the left subtree has. */
const leftOf = (size: number): number => {
  let left = 1;
  while (left * 2 < size) left *= 2;
  return left;
};

/**
 * The root a leaf's audit path leads to. The way from the root down to the leaf says on which side each hash of the path stands; the
 * path is then used from the leaf up.
 *
 * @returns undefined when the tree has no such leaf, or a path of another length
 * @see RFC 6962 section 2.1.1
 */
export const rootOfPath = (leaf: Buffer, index: number, size: number, path: readonly Buffer[]): Buffer | undefined => {
  if (!Number.isSafeInteger(index) || index < 0 || index >= size) return undefined;
  const isRight: boolean[] = [];
  for (let at = index, width = size; width > 1;) {
    const left = leftOf(width);
    isRight.unshift(at >= left);
    [at, width] = at >= left ? [at - left, width - left] : [at, left];
  }
  if (path.length !== isRight.length || isRight.length > MAXIMUM_LEVELS || path.some(({ length }) => length !== HASH_LENGTH)) return undefined;
  return path.reduce((hash, sibling, level) => sha256(Buffer.concat(isRight[level] === true ? [NODE_PREFIX, sibling, hash] : [NODE_PREFIX, hash, sibling])), leaf);
};

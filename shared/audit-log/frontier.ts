import { EMPTY_ROOT, nodeHashOf } from './hash.ts';

/** A complete subtree at the right edge of a tree: 2^height leaves. */
type Peak = Readonly<{ height: number; hash: Uint8Array }>;

/**
 * Roots of the complete subtrees a tree of `size` leaves splits into, largest first: one for each 1 in the binary form of
 * the size. All that is needed to append and to know the root, in space and time of the logarithm of the size.
 *
 * @see RFC 6962 2.1 (the split at the largest power of two), RFC 9162 2.1.2 (the stack)
 */
export class Frontier {
  readonly #peaks: Peak[] = [];

  /** Append the hash of a leaf, or of a complete subtree no higher than the last. `onNode` hears of each subtree it completes, lowest first. */
  append(hash: Uint8Array, height = 0, onNode?: (height: number, hash: Uint8Array) => void): void {
    let peak: Peak = { height, hash };
    for (let last = this.#peaks.at(-1); last?.height === peak.height; last = this.#peaks.at(-1)) {
      this.#peaks.pop();
      peak = { height: peak.height + 1, hash: nodeHashOf(last.hash, peak.hash) };
      onNode?.(peak.height, peak.hash);
    }
    this.#peaks.push(peak);
  }

  root(): Uint8Array {
    return foldPeaks(this.#peaks.map(({ hash }) => hash));
  }
}

/** Root over subtrees side by side, largest first; of none, the root of the empty tree. */
export const foldPeaks = (hashes: readonly Uint8Array[]): Uint8Array => hashes.reduceRight<Uint8Array | undefined>((right, left) => (right === undefined ? left : nodeHashOf(left, right)), undefined) ?? EMPTY_ROOT;

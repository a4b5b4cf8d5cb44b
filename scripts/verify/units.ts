import { HASH_LENGTH } from './sha256.ts';
import { TILE_WIDTH, hashAt, rootOfHashes } from './merkle.ts';

/**
 * What was found in each unit, the 256 neighbouring entries of one bundle and one level-0 tile. Two roots are kept for each full unit, 64 bytes;
 * slots are kept only where entries and tile disagree.
 */
export type Disagreement = Readonly<{
  /** Places in the unit where the entry's hash is not the tile's, in order. */
  slots: readonly number[];
}>;

/** A unit as read: hashes of its entries, and those its tile claims. Either is undefined when the file is missing or too short. */
export type Unit = Readonly<{ index: number; width: number; leaves: Buffer | undefined; tile: Buffer | undefined; /** Root over `leaves`, when it is known. */ root?: Uint8Array | undefined }>;

export class Units {
  /** Roots of the full units, by their entries and by their tiles. */
  readonly byEntries: Buffer;
  readonly byTiles: Buffer;
  /** Leaf hashes of the last, partial unit. */
  edgeByEntries: Buffer = Buffer.alloc(0);
  edgeByTile: Buffer = Buffer.alloc(0);
  readonly disagreements = new Map<number, Disagreement>();

  constructor(size: number) {
    const full = Math.floor(size / TILE_WIDTH);
    this.byEntries = Buffer.alloc(full * HASH_LENGTH);
    this.byTiles = Buffer.alloc(full * HASH_LENGTH);
  }

  /** A missing side is taken to be what the other says: its absence is already a damage of its own. */
  add({ index, width, leaves, tile, root: known }: Unit): void {
    const byEntries = leaves ?? tile ?? Buffer.alloc(width * HASH_LENGTH);
    const byTile = tile ?? byEntries;
    const isSame = byEntries.equals(byTile);
    if (!isSame) this.disagreements.set(index, { slots: slotsThatDiffer(byEntries, byTile) });
    if (width < TILE_WIDTH) {
      this.edgeByEntries = Buffer.from(byEntries);
      this.edgeByTile = Buffer.from(byTile);
      return;
    }
    const root = known ?? rootOfHashes(byEntries, 0, TILE_WIDTH);
    this.byEntries.set(root, index * HASH_LENGTH);
    this.byTiles.set(isSame ? root : rootOfHashes(byTile, 0, TILE_WIDTH), index * HASH_LENGTH);
  }
}

/** Indices of the hashes that differ between two equally long lists. */
export const slotsThatDiffer = (a: Buffer, b: Buffer): readonly number[] =>
  Array.from({ length: Math.min(a.length, b.length) / HASH_LENGTH }, (_, slot) => slot).filter((slot) => !hashAt(a, slot).equals(hashAt(b, slot)));

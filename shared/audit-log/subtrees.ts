import { DomainError } from '../errors.ts';
import { foldPeaks } from './frontier.ts';
import { HASH_BYTES, nodeHashOf } from './hash.ts';
import { hashesOf, TILE_HEIGHT, TILE_WIDTH, tileWidth, type TileReader } from './tiles.ts';

/** Leaves `start` to `end` (exclusive), of which RFC 6962 names a hash: `start` is a multiple of the power of two at or above the length. */
export type Range = Readonly<{ start: number; end: number }>;

/** A complete subtree: leaves `index` × 2^height and on. */
type Subtree = Readonly<{ height: number; index: number }>;

/** Largest power of two smaller than `length` (2 or more). @see RFC 6962 2.1, `k` */
export const splitOf = (length: number): number => {
  let split = 1;
  while (split * 2 < length) split *= 2;
  return split;
};

/** Complete subtrees a range is made of, largest first. */
const subtreesOf = ({ start, end }: Range): Subtree[] => {
  const subtrees: Subtree[] = [];
  for (let at = start; at < end;) {
    let height = 0;
    while (2 ** (height + 1) <= end - at) height += 1;
    subtrees.push({ height, index: at / 2 ** height });
    at += 2 ** height;
  }
  return subtrees;
};

/** Where a subtree's hashes stand: `count` of them from `offset` in one tile. */
const placeOf = ({ height, index }: Subtree): { level: number; tile: number; offset: number; count: number } => {
  const level = Math.floor(height / TILE_HEIGHT);
  const count = 2 ** (height % TILE_HEIGHT);
  const first = index * count;
  return { level, tile: Math.floor(first / TILE_WIDTH), offset: first % TILE_WIDTH, count };
};

const rootOfRow = (row: readonly Uint8Array[]): Uint8Array => {
  let hashes = row;
  while (hashes.length > 1) hashes = Array.from({ length: hashes.length / 2 }, (_, i) => nodeHashOf(hashes[2 * i] ?? new Uint8Array(), hashes[2 * i + 1] ?? new Uint8Array()));
  return hashes[0] ?? new Uint8Array();
};

/**
 * Hashes of ranges of a tree, from its tiles. Each tile is read once, all at the same time.
 *
 * @param size of the tree whose tiles `read` gives
 * @throws DomainError `log-corrupt` when a tile has another length than the tree wants
 */
export const hashRanges = async (read: TileReader, size: number, ranges: readonly Range[]): Promise<readonly Uint8Array[]> => {
  const tiles = new Map<string, Promise<readonly Uint8Array[]>>();
  const load = (level: number, tile: number): Promise<readonly Uint8Array[]> => {
    const key = `${level}/${tile}`;
    const loaded = tiles.get(key) ?? readHashes(read, level, tile, tileWidth(level, tile, size));
    tiles.set(key, loaded);
    return loaded;
  };
  return Promise.all(ranges.map(async (range) => foldPeaks(await Promise.all(subtreesOf(range).map(async (subtree) => {
    const { level, tile, offset, count } = placeOf(subtree);
    return rootOfRow((await load(level, tile)).slice(offset, offset + count));
  })))));
};

const readHashes = async (read: TileReader, level: number, tile: number, width: number): Promise<readonly Uint8Array[]> => {
  const bytes = await read(level, tile, width);
  if (bytes.length !== width * HASH_BYTES) throw new DomainError('log-corrupt', `tile ${tile} of level ${level}: got ${bytes.length} bytes, want ${width * HASH_BYTES}`, { level, tile });
  return hashesOf(bytes);
};

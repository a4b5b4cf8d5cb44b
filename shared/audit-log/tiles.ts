import { DomainError } from '../errors.ts';
import { HASH_BYTES } from './hash.ts';

/** Hashes, or entries, in a full tile. */
export const TILE_WIDTH = 256;
/** Levels of the tree in one tile: 2^8 = 256. */
export const TILE_HEIGHT = 8;
/** @see C2SP tlog-tiles: `<L>` is between 0 and 63. Sizes here are safe integers, so that nothing above 6 ever exists. */
const MAXIMUM_LEVEL = 63;

/** Where a tile is; `entries` are the bundles beside level 0. `width` is 1 to 256, 256 being a full tile. */
export type Tile = Readonly<{ level: number | 'entries'; index: number; width: number }>;

/** What reads tiles: exactly `width` hashes of 32 bytes. */
export type TileReader = (level: number, index: number, width: number) => Promise<Uint8Array>;

const GROUP = 1000;
const isSafe = (value: number, least: number, most: number): boolean => Number.isSafeInteger(value) && value >= least && value <= most;

const indexPath = (index: number): string => {
  const groups = [String(index % GROUP).padStart(3, '0')];
  for (let rest = Math.floor(index / GROUP); rest > 0; rest = Math.floor(rest / GROUP)) groups.unshift(`x${String(rest % GROUP).padStart(3, '0')}`);
  return groups.join('/');
};

/**
 * Path of a tile or an entry bundle, relative to the log's prefix.
 *
 * @throws RangeError when a coordinate is not one of a tile
 * @see C2SP tlog-tiles, "Merkle Tree" and "Log entries"
 */
export const tilePath = ({ level, index, width }: Tile): string => {
  if (level !== 'entries' && !isSafe(level, 0, MAXIMUM_LEVEL)) throw new RangeError(`got level ${level}, want 0 to ${MAXIMUM_LEVEL}`);
  if (!isSafe(index, 0, Number.MAX_SAFE_INTEGER)) throw new RangeError(`got tile index ${index}, want a whole number`);
  if (!isSafe(width, 1, TILE_WIDTH)) throw new RangeError(`got tile width ${width}, want 1 to ${TILE_WIDTH}`);
  return `tile/${level}/${indexPath(index)}${width === TILE_WIDTH ? '' : `.p/${width}`}`;
};

const PATH = /^tile\/(?<level>entries|0|[1-9]\d?)\/(?<index>(?:x\d{3}\/)*\d{3})(?:\.p\/(?<width>[1-9]\d{0,2}))?$/;

/**
 * The tile a path names. Each tile has one path; every other spelling is refused.
 *
 * @throws DomainError `tile-path-malformed`
 * @see C2SP tlog-tiles, "Merkle Tree" and "Log entries"
 */
export const parseTilePath = (path: string): Tile => {
  const { level = '', index = '', width } = PATH.exec(path)?.groups ?? {};
  const tile: Tile = { level: level === 'entries' ? level : Number(level), index: Number(index.replaceAll(/[x/]/g, '')), width: width === undefined ? TILE_WIDTH : Number(width) };
  const isValid = level !== '' && (tile.level === 'entries' || tile.level <= MAXIMUM_LEVEL) && Number.isSafeInteger(tile.index) && (width === undefined || tile.width < TILE_WIDTH);
  if (!isValid || tilePath(tile) !== path) throw new DomainError('tile-path-malformed', 'got a path that is not one of a tile or an entry bundle, want tile/<L>/<N>[.p/<W>]');
  return tile;
};

/** Hashes at a tile level of a tree: its complete subtrees of 256^level leaves. */
export const hashesAtLevel = (level: number, size: number): number => Math.floor(size / TILE_WIDTH ** level);

/** Width of a tile in a tree of `size` leaves; 0 when the tree has no such tile. @see C2SP tlog-tiles, "Partial Tiles" */
export const tileWidth = (level: number, index: number, size: number): number => Math.max(0, Math.min(TILE_WIDTH, hashesAtLevel(level, size) - index * TILE_WIDTH));

/** Levels that have at least one hash in a tree of `size` leaves. */
export const levelsOf = (size: number): number => {
  let levels = 0;
  while (hashesAtLevel(levels, size) > 0) levels += 1;
  return levels;
};

/** The hashes of a tile, as views of its bytes. */
export const hashesOf = (tile: Uint8Array): readonly Uint8Array[] => Array.from({ length: tile.length / HASH_BYTES }, (_, i) => tile.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES));

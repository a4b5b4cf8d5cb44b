import type { Findings } from './damage.ts';
import { tilePath } from './layout.ts';
import { TILE_WIDTH, countAtLevel, topLevelOf } from './merkle.ts';
import { HASH_LENGTH } from './sha256.ts';
import type { Source } from './source.ts';

/** A file that covers what the checkpoint needs of it; a full one stands in for a partial one that was deleted. */
export type TileFile = Readonly<{ file: string; bytes: Buffer; isLonger: boolean }>;

/**
 * Read a tile or bundle.
 *
 * @see C2SP tlog-tiles, Partial Tiles: a partial tile may be deleted once the full one is there
 */
export const readTile = async (source: Source, kind: 'entries' | number, index: number, width: number): Promise<TileFile | undefined> => {
  const file = tilePath(kind, index, width);
  const bytes = await source.read(file);
  if (bytes !== undefined) return { file, bytes, isLonger: false };
  if (width === TILE_WIDTH) return undefined;
  const full = tilePath(kind, index);
  const fullBytes = await source.read(full);
  return fullBytes === undefined ? undefined : { file: full, bytes: fullBytes, isLonger: true };
};

/** The hashes of a tile that was read, as `readHashes` gives them. */
export const hashesIn = (tile: TileFile | undefined, { level, index, width }: Readonly<{ level: number; index: number; width: number }>, findings: Findings): Buffer | undefined => {
  if (tile === undefined) {
    findings.damage({ file: tilePath(level, index, width), message: 'is missing' });
    return undefined;
  }
  const wanted = (tile.isLonger ? TILE_WIDTH : width) * HASH_LENGTH;
  if (tile.bytes.length === wanted) return tile.bytes.subarray(0, width * HASH_LENGTH);
  findings.damage({ file: tile.file, message: `holds ${tile.bytes.length} bytes, want ${wanted}` });
  return undefined;
};

/**
 * Read the hashes of a tile.
 *
 * @returns `width` hashes, or undefined after reporting that the file is missing or has another length
 */
export const readHashes = async (source: Source, level: number, index: number, width: number, findings: Findings): Promise<Buffer | undefined> => {
  return hashesIn(await readTile(source, level, index, width), { level, index, width }, findings);
};

/** Level 1 and above as stored: all hashes of a level, 32 bytes for 256 entries or more; `holes` are the tiles that could not be read. */
export type StoredLevel = Readonly<{ hashes: Buffer; holes: readonly number[] }>;

const readLevel = async (source: Source, level: number, count: number, findings: Findings): Promise<StoredLevel> => {
  const hashes = Buffer.alloc(count * HASH_LENGTH);
  const holes: number[] = [];
  for (let index = 0; index * TILE_WIDTH < count; index++) {
    const tile = await readHashes(source, level, index, Math.min(TILE_WIDTH, count - index * TILE_WIDTH), findings);
    if (tile === undefined) holes.push(index);
    else tile.copy(hashes, index * TILE_WIDTH * HASH_LENGTH);
  }
  return { hashes, holes };
};

/** All levels from 1 up, lowest first. */
export const readUpperLevels = async (source: Source, size: number, findings: Findings): Promise<readonly StoredLevel[]> => {
  const levels: StoredLevel[] = [];
  for (let level = 1; level <= topLevelOf(size); level++) levels.push(await readLevel(source, level, countAtLevel(size, level), findings));
  return levels;
};

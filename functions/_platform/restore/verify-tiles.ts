import { isEqual } from '../../../shared/audit-log/hash.ts';
import { mapLimited, type LogStore } from '../../../shared/audit-log/log-store.ts';
import type { LogObject, RightEdge } from '../../../shared/audit-log/right-edge.ts';
import { hashesAtLevel, parseTilePath, TILE_WIDTH, tilePath } from '../../../shared/audit-log/tiles.ts';
import { DomainError } from '../../../shared/errors.ts';

export const isFullTile = ({ path }: LogObject): boolean => {
  const { level, width } = parseTilePath(path);
  return level !== 'entries' && width === TILE_WIDTH;
};

/** The partial tiles that a tree ends with. */
export const rightTiles = ({ size, levels }: RightEdge): readonly LogObject[] => levels.flatMap((hashes, level) => (hashes.length === 0 ? []
  : [{ path: tilePath({ level, index: Math.floor(hashesAtLevel(level, size) / TILE_WIDTH), width: hashes.length }), bytes: Buffer.concat(hashes) }]));

/** Whether a tile is one of the tree of so many entries: a checkpoint of that size promises it. */
const isPromised = (path: string, signedSize: number): boolean => {
  const { level, index, width } = parseTilePath(path);
  return level !== 'entries' && index * TILE_WIDTH + width <= hashesAtLevel(level, signedSize);
};

/**
 * Hold tiles against what their entries make.
 *
 * @param signedSize entries that the checkpoint covers: their tiles must all be there
 * @returns those that are not there, of entries that no checkpoint covers
 * @throws DomainError `log-corrupt` naming the first that is missing or holds other bytes
 */
export const requireTiles = async (reader: Pick<LogStore, 'getObject'>, tiles: readonly LogObject[], signedSize: number): Promise<readonly LogObject[]> => (await mapLimited(tiles, async (tile) => {
  const { path, bytes } = tile;
  const held = await reader.getObject(path);
  if (held === undefined && !isPromised(path, signedSize)) return [tile];
  if (held === undefined) throw new DomainError('log-corrupt', `${path}: there is no such object`, { path });
  if (!isEqual(held, bytes)) throw new DomainError('log-corrupt', `${path}: is not what its entries make`, { path });
  return [];
})).flat();

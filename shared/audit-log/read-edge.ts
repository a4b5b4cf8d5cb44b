import { DomainError } from '../errors.ts';
import { decodeEntries } from './entry-bundle.ts';
import { hexOf, isEqual, leafHashOf } from './hash.ts';
import { readObject, type LogStore } from './log-store.ts';
import { frontierOf, type RightEdge } from './right-edge.ts';
import { hashesAtLevel, hashesOf, levelsOf, TILE_WIDTH, tilePath } from './tiles.ts';

const readPart = async (store: Pick<LogStore, 'getObject'>, level: number | 'entries', size: number): Promise<{ path: string; width: number; bytes: Uint8Array }> => {
  const count = hashesAtLevel(level === 'entries' ? 0 : level, size);
  const width = count % TILE_WIDTH;
  if (width === 0) return { path: '', width, bytes: new Uint8Array() };
  const path = tilePath({ level, index: Math.floor(count / TILE_WIDTH), width });
  return { path, width, bytes: await readObject(store, path) };
};

/**
 * Read the partial tiles and the partial bundle of a tree, and hash them again: entries against level 0, all levels against the root.
 *
 * @param root hex; not compared when the caller compares what it appends
 * @throws DomainError `log-corrupt` naming the object
 */
export const readRightEdge = async (store: Pick<LogStore, 'getObject'>, size: number, root?: string): Promise<RightEdge> => {
  const [bundle, ...tiles] = await Promise.all([readPart(store, 'entries', size), ...Array.from({ length: levelsOf(size) }, (_, level) => readPart(store, level, size))]);
  const edge: RightEdge = { size, levels: tiles.map(({ bytes }) => hashesOf(bytes)), entries: decodeEntries(bundle.bytes, bundle.width, bundle.path) };
  const wrong = edge.entries.findIndex((entry, i) => !isEqual(leafHashOf(entry), edge.levels[0]?.[i] ?? new Uint8Array()));
  if (wrong >= 0) throw new DomainError('log-corrupt', `${bundle.path}: entry ${wrong} is not the one of its tile`, { path: bundle.path });
  const got = hexOf(frontierOf(edge).root());
  if (root !== undefined && got !== root) throw new DomainError('log-corrupt', `partial tiles of size ${size}: got root ${got}, want ${root}`, { size });
  return edge;
};

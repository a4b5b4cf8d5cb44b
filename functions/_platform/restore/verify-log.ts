import { decodeEntries } from '../../../shared/audit-log/entry-bundle.ts';
import { hexOf, isEqual, leafHashOf } from '../../../shared/audit-log/hash.ts';
import { mapLimited, readObject, type LogStore } from '../../../shared/audit-log/log-store.ts';
import { appendEntries, EMPTY_EDGE, type LogObject } from '../../../shared/audit-log/right-edge.ts';
import { parseTilePath, TILE_WIDTH, tilePath, tileWidth, type Tile } from '../../../shared/audit-log/tiles.ts';
import { openCheckpoint, type Trust } from '../../../shared/audit-log/trust.ts';
import { DomainError } from '../../../shared/errors.ts';
import { Catalogue } from './catalogue.ts';
import { eventOfEntry } from './entry.ts';
import type { LogObjects } from './ports.ts';
import { isFullTile, requireTiles, rightTiles } from './verify-tiles.ts';

/** A log of which every object, entry and chain was verified. */
export type VerifiedLog = Readonly<{
  catalogue: Catalogue;
  /** Hex, of the whole. */
  root: string;
  size: number;
  /** What the checkpoint covers. */
  signedSize: number;
  bundles: number;
  /** Tiles of entries that no checkpoint covers, which the sequencer was cut off before it wrote. */
  unwritten: readonly LogObject[];
  /** Entries of a bundle, read again and the same as those verified. @throws DomainError `log-corrupt` */
  entriesOf(bundle: number): Promise<readonly Uint8Array[]>;
}>;

export type VerifyOptions = Readonly<{ trust: Trust; /** Take entries, too, that no checkpoint covers yet. */ withUnsigned: boolean; progress(done: number, of: number): void }>;
type Reader = Pick<LogStore, 'getObject'>;

/** Bundles read at the same time. */
const READ_AHEAD = 32;

const tileOf = (path: string): Tile | undefined => {
  try {
    return parseTilePath(path);
  } catch (error) {
    if (error instanceof DomainError) return undefined;
    throw error;
  }
};

/** Entries that objects are there for, whatever the checkpoint says. */
export const writtenSize = async ({ list }: LogObjects): Promise<number> => {
  let size = 0;
  for (const path of await list('tile/')) {
    const tile = tileOf(path);
    if (tile?.level === 'entries' || tile?.level === 0) size = Math.max(size, tile.index * TILE_WIDTH + tile.width);
  }
  return size;
};

const readBundle = async (reader: Reader, bundle: number, size: number): Promise<readonly Uint8Array[]> => {
  const width = tileWidth(0, bundle, size);
  const path = tilePath({ level: 'entries', index: bundle, width });
  return decodeEntries(await readObject(reader, path), width, path);
};

type Read = Readonly<{ catalogue: Catalogue; root: Uint8Array; unwritten: readonly LogObject[] }>;

const readAll = async (reader: Reader, { size, signedSize }: Readonly<{ size: number; signedSize: number }>, { progress }: VerifyOptions): Promise<Read> => {
  const catalogue = new Catalogue(size);
  const unwritten: LogObject[] = [];
  let [edge, root] = [EMPTY_EDGE, appendEntries(EMPTY_EDGE, []).root];
  const bundles = Math.ceil(size / TILE_WIDTH);
  for (let first = 0; first < bundles; first += READ_AHEAD) {
    const read = await mapLimited(Array.from({ length: Math.min(READ_AHEAD, bundles - first) }, (_, i) => first + i), (bundle) => readBundle(reader, bundle, size));
    for (const entries of read) {
      const appended = appendEntries(edge, entries);
      unwritten.push(...await requireTiles(reader, appended.objects.filter(isFullTile), signedSize));
      for (const [i, entry] of entries.entries()) catalogue.add(edge.size + i, appended.leafHashes[i] ?? leafHashOf(entry), eventOfEntry(entry, edge.size + i));
      ({ edge, root } = appended);
    }
    progress(edge.size, size);
  }
  return { catalogue, root, unwritten: [...unwritten, ...await requireTiles(reader, rightTiles(edge), signedSize)] };
};

const unsigned = (size: number, signedSize: number): DomainError => new DomainError('restore-refused',
  `the log holds ${size - signedSize} entries after the ${signedSize} its checkpoint covers: they were accepted, and no signature says so yet. Restore them too (--with-unsigned), or from a copy with a later checkpoint`, { size, signedSize });

/**
 * Verify a whole log as it is stored: signature, every entry, every tile, every chain.
 *
 * @throws DomainError `log-corrupt` naming the object, `record-corrupt` naming stream and version, `restore-refused` when there are entries beyond the checkpoint that are not
 *   wanted; what `openCheckpoint` throws
 */
export const verifyLog = async (objects: LogObjects, options: VerifyOptions): Promise<VerifiedLog> => {
  const reader: Reader = { getObject: async (path) => (await objects.get(path))?.body };
  const { checkpoint } = openCheckpoint(await readObject(reader, 'checkpoint'), options.trust);
  const signedSize = checkpoint.size;
  const written = await writtenSize(objects);
  if (written > signedSize && !options.withUnsigned) throw unsigned(written, signedSize);
  const size = Math.max(written, signedSize);
  const { catalogue, root, unwritten } = await readAll(reader, { size, signedSize }, options);
  const signedRoot = size === signedSize ? root : catalogue.rootOfFirst(signedSize);
  if (!isEqual(signedRoot, checkpoint.root)) throw new DomainError('log-corrupt', `size ${signedSize}: got root ${hexOf(signedRoot)}, the checkpoint has ${hexOf(checkpoint.root)}`, { size: signedSize });
  catalogue.verifyChains();
  return {
    catalogue, size, signedSize, root: hexOf(root), bundles: Math.ceil(size / TILE_WIDTH), unwritten,
    entriesOf: async (bundle) => {
      const entries = await readBundle(reader, bundle, size);
      const changed = entries.findIndex((entry, i) => !isEqual(leafHashOf(entry), catalogue.leafAt(bundle * TILE_WIDTH + i)));
      if (changed >= 0) throw new DomainError('log-corrupt', `entry ${bundle * TILE_WIDTH + changed}: is no longer the one that was verified`, { index: bundle * TILE_WIDTH + changed });
      return entries;
    },
  };
};

import { DomainError } from '../errors.ts';
import { EMPTY_ROOT, HASH_BYTES, hexOf } from './hash.ts';
import { TILE_WIDTH, tilePath, type TileReader } from './tiles.ts';

/**
 * Where a log stands: the single point of truth. It moves from size to larger size, one conditional write at a time.
 *
 * `pending` is there while the tiles of the last batch are still being written: the batch is staged under its SHA-256, the
 * tree before it had `previousSize` entries. Whoever finds it finishes it before anything else happens.
 *
 * `newestEpochMs`: when the newest event in the tree was recorded, as far as its writers said; no cosignature of this tree is older.
 */
export type Head = Readonly<{ version: number; size: number; root: string; newestEpochMs: number; pending?: Readonly<{ previousSize: number; staged: string }> }>;

/** Head of a log nobody wrote to: what `readHead` gives when there is no item. Its first move is from version 0. */
export const GENESIS_HEAD: Head = { version: 0, size: 0, root: hexOf(EMPTY_ROOT), newestEpochMs: 0 };

export type IndexedLeaf = Readonly<{ leafHash: string; index: number }>;
/** A published checkpoint; `version` names its bytes for the next conditional write (an ETag). */
export type Published = Readonly<{ bytes: Uint8Array; version: string }>;

/** Storage of one log. Every read sees every write that ended before it began. Leaf hashes are hex. */
export type LogStore = Readonly<{
  readHead: () => Promise<Head>;
  /** Conditional write: true when the head had `ifVersion` and is now `next`. */
  moveHead: (next: Head, ifVersion: number) => Promise<boolean>;
  /** A batch before it has its place, by hex SHA-256 of its bytes. May be deleted once no head names it. */
  putStaged: (sha256: string, bytes: Uint8Array) => Promise<void>;
  getStaged: (sha256: string) => Promise<Uint8Array | undefined>;
  /** Write a tile or an entry bundle where nothing is. What is there stays: the writer reads back and compares. */
  putTile: (path: string, bytes: Uint8Array) => Promise<void>;
  getObject: (path: string) => Promise<Uint8Array | undefined>;
  readCheckpoint: () => Promise<Published | undefined>;
  /** Conditional write: true when `ifVersion` was the published one (undefined: none) and now it is `bytes`. */
  putCheckpoint: (bytes: Uint8Array, ifVersion: string | undefined) => Promise<boolean>;
  /** Places of the leaves that have one. */
  findLeaves: (leafHashes: readonly string[]) => Promise<ReadonlyMap<string, number>>;
  /** Note the places of leaves of the committed tree; the same again changes nothing. */
  indexLeaves: (leaves: readonly IndexedLeaf[]) => Promise<void>;
}>;

/** Objects read or written at the same time. */
const CONCURRENCY = 32;

/** Map with at most 32 calls at a time, in order. */
export const mapLimited = async <In, Out>(items: readonly In[], run: (item: In) => Promise<Out>): Promise<readonly Out[]> => {
  const results: Out[] = [];
  for (let at = 0; at < items.length; at += CONCURRENCY) results.push(...await Promise.all(items.slice(at, at + CONCURRENCY).map(run)));
  return results;
};

/** An object that must be there. @throws DomainError `log-corrupt` naming it */
export const readObject = async ({ getObject }: Pick<LogStore, 'getObject'>, path: string): Promise<Uint8Array> => {
  const bytes = await getObject(path);
  if (bytes === undefined) throw new DomainError('log-corrupt', `${path}: there is no such object`, { path });
  return bytes;
};

/** Read tiles of a store. A partial tile that was deleted once the full one was written is cut from that. @see C2SP tlog-tiles "Partial Tiles" */
export const tileReaderOf = (store: Pick<LogStore, 'getObject'>): TileReader => async (level, index, width) => {
  const path = tilePath({ level, index, width });
  const bytes = await store.getObject(path);
  if (bytes !== undefined || width === TILE_WIDTH) return bytes ?? readObject(store, path);
  return (await readObject(store, tilePath({ level, index, width: TILE_WIDTH }))).subarray(0, width * HASH_BYTES);
};

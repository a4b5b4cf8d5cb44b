import { DomainError } from '../errors.ts';
import { decodeEntries, encodeEntries, requireEntryLength } from './entry-bundle.ts';
import { hexOf, isEqual, leafHashOf, sha256 } from './hash.ts';
import { materialise } from './materialise.ts';
import { type Head, type LogStore } from './log-store.ts';
import { readRightEdge } from './read-edge.ts';
import { appendEntries, type Appended, type RightEdge } from './right-edge.ts';

/**
 * The sequencer. Several may run at once, be paused and resumed, and stop at any point. The order of writes is what makes it safe:
 *
 * 1. the head is settled: the tiles and index entries of its last batch are written, from what was staged (and nothing else is ever written at those paths);
 * 2. entries that the index knows are left out: the index covers the whole tree, because a head is settled only after it was written;
 * 3. the batch is staged under its own hash; nobody sees it;
 * 4. the head moves, if it is still the one of step 1: now, and only now, each new entry has its place;
 * 5. tiles are written, read back and hashed again; the index follows; the head is marked settled.
 *
 * Tiles are written after the head moved, not before: two sequencers with different batches would otherwise want different bytes
 * at one immutable path. Checkpoints are made of settled heads only, so none is ever ahead of its tiles.
 */

/** Entries integrated in one move of the head; more are several moves. */
const MAXIMUM_BATCH = 4096;
/** Other sequencers that may come first before a run gives up. The entries stay in the stream. */
const MAXIMUM_ATTEMPTS = 16;

type Pending = NonNullable<Head['pending']>;

export type Integrated = Readonly<{
  head: Head;
  /** Place of each entry handed in, in their order, whether it was new or not. */
  indices: readonly number[];
}>;

const busy = (what: string): DomainError => new DomainError('log-busy', `${what} ${MAXIMUM_ATTEMPTS} times because other sequencers came first`);

/** The batch of a pending head, as it was staged; undefined when the head has moved on and the batch may be gone. */
const readStaged = async (store: LogStore, { version, size }: Head, { previousSize, staged }: Pending): Promise<readonly Uint8Array[] | undefined> => {
  const bytes = await store.getStaged(staged);
  if (bytes === undefined && (await store.readHead()).version !== version) return undefined;
  if (bytes === undefined || hexOf(sha256(bytes)) !== staged) throw new DomainError('log-corrupt', `staged batch ${staged}: missing or changed`, { staged });
  return decodeEntries(bytes, size - previousSize, `staged batch ${staged}`);
};

/** Write what a pending head promises; undefined when another sequencer was first to say so. */
const settle = async (store: LogStore, head: Head, edge: RightEdge, appended: Appended): Promise<Head | undefined> => {
  if (hexOf(appended.root) !== head.root) throw new DomainError('log-corrupt', `size ${head.size}: got root ${hexOf(appended.root)}, the head has ${head.root}`, { size: head.size });
  await materialise(store, edge, appended);
  await store.indexLeaves(appended.leafHashes.map((leafHash, i) => ({ leafHash: hexOf(leafHash), index: edge.size + i })));
  const settled: Head = { version: head.version + 1, size: head.size, root: head.root, newestEpochMs: head.newestEpochMs };
  return await store.moveHead(settled, head.version) ? settled : undefined;
};

const settleStaged = async (store: LogStore, head: Head, pending: Pending): Promise<Head | undefined> => {
  const entries = await readStaged(store, head, pending);
  if (entries === undefined) return undefined;
  const edge = await readRightEdge(store, pending.previousSize);
  return settle(store, head, edge, appendEntries(edge, entries));
};

/**
 * The head, its last batch written in full, whoever began it.
 *
 * @throws DomainError `log-corrupt` when what is stored is not what the head says, `log-busy`
 */
export const settledHead = async (store: LogStore): Promise<Head> => {
  for (let attempt = 0; attempt < MAXIMUM_ATTEMPTS; attempt += 1) {
    const head = await store.readHead();
    if (head.pending === undefined) return head;
    const settled = await settleStaged(store, head, head.pending);
    if (settled !== undefined) return settled;
  }
  throw busy('could not settle the head,');
};

const stage = async (store: LogStore, entries: readonly Uint8Array[]): Promise<string> => {
  const bytes = encodeEntries(entries);
  const staged = hexOf(sha256(bytes));
  await store.putStaged(staged, bytes);
  const back = await store.getStaged(staged);
  if (back === undefined || !isEqual(back, bytes)) throw new DomainError('log-corrupt', `staged batch ${staged}: reads back differently`, { staged });
  return staged;
};

type Leaf = Readonly<{ entry: Uint8Array; hash: Uint8Array; leafHash: string }>;
/** Entries for the tree; `newestEpochMs`: when the newest of their events was recorded. */
type Batch = Readonly<{ leaves: readonly Leaf[]; newestEpochMs: number }>;

/** Move the head over new entries; undefined when another sequencer came first. */
const extend = async (store: LogStore, head: Head, { leaves: fresh, newestEpochMs }: Batch): Promise<Head | undefined> => {
  const entries = fresh.map(({ entry }) => entry);
  const edge = await readRightEdge(store, head.size, head.root);
  const appended = appendEntries(edge, entries, fresh.map(({ hash }) => hash));
  const pending = { previousSize: head.size, staged: await stage(store, entries) };
  const next: Head = { version: head.version + 1, size: appended.edge.size, root: hexOf(appended.root), newestEpochMs: Math.max(head.newestEpochMs, newestEpochMs), pending };
  if (!await store.moveHead(next, head.version)) return undefined;
  // Lost here means settled by another: the entries have their place, and the head may already be further on.
  return await settle(store, next, edge, appended) ?? settledHead(store);
};

const integrateBatch = async (store: LogStore, { leaves: batch, newestEpochMs }: Batch): Promise<Integrated> => {
  const byHash = new Map(batch.map((leaf) => [leaf.leafHash, leaf]));
  for (let attempt = 0; attempt < MAXIMUM_ATTEMPTS; attempt += 1) {
    const head = await settledHead(store);
    const known = await store.findLeaves([...byHash.keys()]);
    const fresh = [...byHash.values()].filter(({ leafHash }) => !known.has(leafHash));
    const moved = fresh.length === 0 ? head : await extend(store, head, { leaves: fresh, newestEpochMs });
    if (moved === undefined) continue;
    const placed = new Map([...known, ...fresh.map(({ leafHash }, i): [string, number] => [leafHash, head.size + i])]);
    return { head: moved, indices: batch.map(({ leafHash }) => placed.get(leafHash) ?? Number.NaN) };
  }
  throw busy('could not integrate,');
};

const leafOf = (entry: Uint8Array): Leaf => {
  const hash = leafHashOf(entry);
  return { entry, hash, leafHash: hexOf(hash) };
};

/**
 * Bring entries into the tree, each exactly once however often it is handed in. When this resolves they all have their place
 * and every tile of the head is written and was read back; when it rejects, hand them in again.
 *
 * @param entries in order of acceptance, at most 65,535 bytes each
 * @param newestEpochMs when the newest of their events was recorded: no cosignature of a tree that holds them may be older
 * @throws DomainError `log-entry-too-large`, `log-corrupt`, `log-busy`
 * @see RFC 6962 3 (append-only), C2SP tlog-tiles
 */
export const integrate = async (store: LogStore, entries: readonly Uint8Array[], newestEpochMs = 0): Promise<Integrated> => {
  entries.forEach(requireEntryLength);
  const leaves = entries.map(leafOf);
  const indices: number[] = [];
  let head: Head | undefined;
  for (let at = 0; at < leaves.length; at += MAXIMUM_BATCH) {
    const integrated = await integrateBatch(store, { leaves: leaves.slice(at, at + MAXIMUM_BATCH), newestEpochMs });
    indices.push(...integrated.indices);
    head = integrated.head;
  }
  return { head: head ?? await settledHead(store), indices };
};

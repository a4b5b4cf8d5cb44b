import { GENESIS_HEAD, type Head, type LogStore } from '../../shared/audit-log/log-store.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import type { ManyItems, ObjectStore, OperationsStore } from './ports.ts';

const CHECKPOINT = 'checkpoint';
const stagedKey = (sha256: string): string => `staged/${sha256}`;

export type LogStorage = Readonly<{
  /** The log's own bucket: locked, and laid out as any tlog-tiles client reads it. */
  log: Pick<ObjectStore, 'get' | 'put'>;
  /** Batches on their way; they may be forgotten after a while. */
  staging: Pick<ObjectStore, 'get' | 'put'>;
  operations: Pick<OperationsStore, 'get' | 'put'>;
  /** The same table, many items at once. */
  many: Pick<ManyItems, 'getMany' | 'putMany'>;
}>;

type IndexItem = Readonly<{ sk: string; index: number }>;

const bodyOf = async (objects: Pick<ObjectStore, 'get'>, key: string): Promise<Uint8Array | undefined> => (await objects.get(key))?.body;

/** What readers of a log need of its bucket. */
export const createLogObjects = (log: Pick<ObjectStore, 'get'>): Pick<LogStore, 'getObject' | 'readCheckpoint'> => ({
  getObject: (path) => bodyOf(log, path),
  readCheckpoint: async () => {
    const object = await log.get(CHECKPOINT);
    return object === undefined ? undefined : { bytes: object.body, version: object.etag };
  },
});

/** Places of leaves by their hash. */
export const createLeafFinder = ({ getMany }: Pick<ManyItems, 'getMany'>): Pick<LogStore, 'findLeaves'> => ({
  findLeaves: async (leafHashes) => new Map((await getMany<IndexItem>(leafHashes.map(keyOf.logLeaf))).map(({ sk, index }) => [sk, index])),
});

/** Head and index in the operations table, tiles and checkpoint in the log's bucket. */
export const createLogStore = ({ log, staging, operations, many }: LogStorage): LogStore => ({
  readHead: async () => {
    const item = await operations.get<Omit<Head, 'newestEpochMs'> & Partial<Head>>(keyOf.logHead());
    if (item === undefined) return GENESIS_HEAD;
    // A head from before heads bore a time.
    const { version, size, root, newestEpochMs = 0, pending } = item;
    return { version, size, root, newestEpochMs, ...(pending === undefined ? {} : { pending }) };
  },
  moveHead: (next, ifVersion) => operations.put(keyOf.logHead(), next, ifVersion === GENESIS_HEAD.version ? { onlyIfAbsent: true } : { onlyIfVersion: ifVersion }),
  putStaged: async (sha256, bytes) => { await staging.put(stagedKey(sha256), bytes); },
  getStaged: (sha256) => bodyOf(staging, stagedKey(sha256)),
  putTile: async (path, bytes) => { await log.put(path, bytes, { ifMatch: null }); },
  ...createLogObjects(log),
  putCheckpoint: (bytes, ifVersion) => log.put(CHECKPOINT, bytes, { ifMatch: ifVersion ?? null, contentType: 'text/plain; charset=utf-8' }),
  ...createLeafFinder(many),
  indexLeaves: (leaves) => many.putMany(leaves.map(({ leafHash, index }) => ({ ...keyOf.logLeaf(leafHash), index }))),
});

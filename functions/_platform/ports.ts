import type { Actor, Recorded, Role, StreamId } from '../../shared/record/envelope.ts';

/** What handlers need of the world. The DynamoDB, S3 and in-memory forms of each pass one contract suite. */
export type Clock = () => Date;

/** Which table a companion is for; the operations table by default. */
export type CompanionTable = 'personal-data';

/** A write beside the record that must stand or fall with the events, e.g. spending a re-authentication. */
export type Companion =
  | Readonly<{ type: 'put'; table?: CompanionTable; key: Readonly<{ pk: string; sk: string }>; attributes: Readonly<Record<string, unknown>>; onlyIfAbsent: boolean; /** attributes that the item must have */ onlyIf?: Readonly<Record<string, string | number>>; /** code thrown when the condition fails */ conflict?: 'reauthentication-used' | 'equipment-in-use' | 'batch-exists' | 'idempotency-key-reused' }>
  | Readonly<{ type: 'delete'; table?: CompanionTable; key: Readonly<{ pk: string; sk: string }>; onlyIf?: Readonly<Record<string, string>>; conflict?: undefined }>;

export type AppendRequest<Event> = Readonly<{
  stream: StreamId;
  /** Version the decision was made on; 0 for a new stream. */
  expectedVersion: number;
  previousHash: string;
  /** Server time of the stream's last event: no later one is recorded before it, whatever the clock says. Undefined for a new stream. */
  previousRecordedAt: string | undefined;
  events: readonly Event[];
  actor: Actor;
  deviceTime?: string;
}>;

/** The last event a reader has seen: its version and hash. */
export type ChainPosition = Readonly<{ version: number; hash: string }>;
/** Where a stream stands: the same, and when its last event was recorded. */
export type StreamPosition = ChainPosition & Readonly<{ recordedAt?: string }>;

/** Writes of one append: DynamoDB takes 100 items a transaction. An event is one, with its leaf; so is a companion, and so is the append's place in the log's outbox. */
export const MAXIMUM_WRITES = 100;
/** Events of one append: so many of the largest (64 KiB each) and their companions are within the 4 MB that DynamoDB takes a transaction. */
export const MAXIMUM_EVENTS = 50;

export type RecordStore = Readonly<{
  /**
   * Events in order, their hash chain verified; empty when there are none. `after` continues from an event already held.
   *
   * @throws DomainError `record-corrupt`
   */
  load<Event>(stream: StreamId, after?: ChainPosition): Promise<readonly Recorded<Event>[]>;
  /** The events as they will stand: versions, server time, chain. Nothing is written. */
  plan<Event>(request: AppendRequest<Event>): readonly Recorded<Event>[];
  /** Events, of one stream or of several, with their leaves, and companions in one transaction. @throws DomainError `version-conflict` or a companion's code, RangeError above MAXIMUM_EVENTS or MAXIMUM_WRITES */
  write(planned: readonly Recorded<unknown>[], companions: readonly Companion[]): Promise<void>;
}>;

export type Page<Item> = Readonly<{ items: readonly Item[]; nextCursor?: string }>;
export type PageRequest = Readonly<{ limit: number; cursor?: string }>;

/** Mutable views and short-lived state. Keys come from `shared/storage/keys.ts`. */
export type OperationsStore = Readonly<{
  get<Item>(key: Readonly<{ pk: string; sk: string }>): Promise<Item | undefined>;
  /** @returns false when `onlyIfAbsent` and the key exists, or when the item there has not the `onlyIfVersion` */
  put(key: Readonly<{ pk: string; sk: string }>, attributes: Readonly<Record<string, unknown>>, options?: Readonly<{ onlyIfAbsent?: boolean; onlyIfVersion?: number }>): Promise<boolean>;
  delete(key: Readonly<{ pk: string; sk: string }>): Promise<void>;
  /** Items of one partition in sort-key order. */
  list<Item>(pk: string, page: PageRequest, options?: Readonly<{ prefix?: string; newestFirst?: boolean }>): Promise<Page<Item>>;
}>;

export type ItemKey = Readonly<{ pk: string; sk: string }>;

/** Many items of one table in few calls. No write has a condition, and one that fails may be done in part: for what may be done again. */
export type ManyItems = Readonly<{
  /** Those that are there, in no order. */
  getMany<Item>(keys: readonly ItemKey[]): Promise<readonly Item[]>;
  putMany(items: readonly (ItemKey & Readonly<Record<string, unknown>>)[]): Promise<void>;
  deleteMany(keys: readonly ItemKey[]): Promise<void>;
}>;

export type ObjectStore = Readonly<{
  get(key: string): Promise<Readonly<{ body: Uint8Array; etag: string }> | undefined>;
  /** `ifMatch: null` means the key must not exist. @returns false when the condition does not hold */
  put(key: string, body: Uint8Array, options?: Readonly<{ ifMatch?: string | null; contentType?: string }>): Promise<boolean>;
  /** Keys in byte order. */
  list(prefix: string, options?: Readonly<{ startAfter?: string; limit?: number }>): Promise<readonly string[]>;
  delete(key: string): Promise<void>;
}>;

/** The caller of an HTTP request, from the authoriser; `signInId` is the sign-in that its token and all refreshed from it come from, empty when the token does not say. */
export type Caller = Readonly<{ id: string; username: string; printedName: string; roles: readonly Role[]; tokenId: string; signInId: string; authenticatedAt: string }>;

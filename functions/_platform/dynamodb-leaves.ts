import { keyOf } from '../../shared/storage/keys.ts';
import type { PendingAppend } from './log-outbox.ts';
import type { ItemKey, ManyItems } from './ports.ts';

/** An event as it stands in the record table: the bytes that are its entry, and the leaf hash that was written with it (hex). */
export type StoredLeaf = Readonly<{ version: number; entry: Uint8Array; leafHash: string }>;
/** Of each append its events, in order; an event that is not there is left out. */
export type LeafReader = (appends: readonly PendingAppend[]) => Promise<readonly (readonly StoredLeaf[])[]>;

type Stored = ItemKey & Readonly<{ body?: string; leafHash?: string }>;

const placeOf = ({ pk, sk }: ItemKey): string => `${pk}\u0000${sk}`;

const keysOf = ({ stream: { kind, id }, fromVersion, toVersion }: PendingAppend): readonly (ItemKey & Readonly<{ version: number }>)[] =>
  Array.from({ length: toVersion - fromVersion + 1 }, (_, i) => ({ ...keyOf.event(kind, id, fromVersion + i), version: fromVersion + i }));

/** Reads events as their bytes stand in the record table, with the leaf hashes written with them: all appends in as few calls as they fit. */
export const createLeafReader = (record: Pick<ManyItems, 'getMany'>): LeafReader => async (appends) => {
  const wanted = appends.map(keysOf);
  const items = new Map((await record.getMany<Stored>(wanted.flat().map(({ pk, sk }) => ({ pk, sk })))).map((item) => [placeOf(item), item]));
  return wanted.map((keys) => keys.flatMap(({ version, ...key }) => {
    const event = items.get(placeOf(key));
    return event === undefined ? [] : [{ version, entry: Buffer.from(String(event.body)), leafHash: String(event.leafHash) }];
  }));
};

import { keyOf } from '../../shared/storage/keys.ts';
import type { PendingAppend } from './log-outbox.ts';
import type { ItemKey, ManyItems } from './ports.ts';

/** An event as it stands in the record table: the bytes that are its entry, and the leaf hash that was written with it (hex). */
export type StoredLeaf = Readonly<{ version: number; entry: Uint8Array; leafHash: string }>;
/** Of each append its events, in order; an event that is not there is left out. */
export type LeafReader = (appends: readonly PendingAppend[]) => Promise<readonly (readonly StoredLeaf[])[]>;

type Stored = ItemKey & Readonly<{ body?: string; leafHash?: string }>;

const versionsOf = ({ fromVersion, toVersion }: PendingAppend): readonly number[] => Array.from({ length: toVersion - fromVersion + 1 }, (_, i) => fromVersion + i);
const placeOf = ({ pk, sk }: ItemKey): string => `${pk}\u0000${sk}`;

/** Reads events as their bytes stand in the record table, with the leaf hashes written beside them: all appends in as few calls as they fit. */
export const createLeafReader = (record: Pick<ManyItems, 'getMany'>): LeafReader => async (appends) => {
  const keys = appends.flatMap((append) => versionsOf(append).flatMap((version) => {
    const { kind, id } = append.stream;
    return [keyOf.event(kind, id, version), keyOf.auditLeaf(kind, id, version)];
  }));
  const items = new Map((await record.getMany<Stored>(keys)).map((item) => [placeOf(item), item]));
  return appends.map((append) => versionsOf(append).flatMap((version) => {
    const { kind, id } = append.stream;
    const [event, leaf] = [items.get(placeOf(keyOf.event(kind, id, version))), items.get(placeOf(keyOf.auditLeaf(kind, id, version)))];
    return event === undefined ? [] : [{ version, entry: Buffer.from(String(event.body)), leafHash: String(leaf?.leafHash) }];
  }));
};

import type { StreamId } from '../../shared/record/envelope.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import type { ItemKey, ManyItems } from './ports.ts';

export type EventName = Readonly<{ stream: StreamId; version: number }>;
/** What the log holds as an event: entry and leaf hash (hex). It never changes. */
export type LogPlace = Readonly<{ index: number; leafHash: string }>;
export type LogPlaces = Readonly<{
  /** Of each event its place, in their order; undefined where the log has taken none. */
  find(events: readonly EventName[]): Promise<readonly (LogPlace | undefined)[]>;
  /** The same again changes nothing. */
  note(placed: readonly (EventName & LogPlace)[]): Promise<void>;
}>;

const keyOfEvent = ({ stream: { kind, id }, version }: EventName): ItemKey => keyOf.logPlace(kind, id, version);
const nameOf = ({ pk, sk }: ItemKey): string => `${pk}\u0000${sk}`;

/** Which leaf the log has for an event, by the event's name: the record's own bytes can not say that once they were replaced. */
export const createLogPlaces = ({ getMany, putMany }: Pick<ManyItems, 'getMany' | 'putMany'>): LogPlaces => ({
  find: async (events) => {
    const found = new Map((await getMany<ItemKey & LogPlace>(events.map(keyOfEvent))).map(({ pk, sk, index, leafHash }) => [nameOf({ pk, sk }), { index, leafHash }]));
    return events.map((event) => found.get(nameOf(keyOfEvent(event))));
  },
  note: (placed) => putMany(placed.map(({ index, leafHash, ...event }) => ({ ...keyOfEvent(event), index, leafHash }))),
});

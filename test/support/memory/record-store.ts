import { byStream, pendingOf } from '../../../functions/_platform/log-outbox.ts';
import { MAXIMUM_EVENTS, MAXIMUM_WRITES, type ChainPosition, type Clock, type Companion, type RecordStore } from '../../../functions/_platform/ports.ts';
import { eventItemOf, type RecordItem } from '../../../functions/_platform/record-items.ts';
import { createLeafReader, type LeafReader } from '../../../functions/_platform/dynamodb-leaves.ts';
import { DomainError } from '../../../shared/errors.ts';
import { chainEvents, recordedAtAfter, verifyChain } from '../../../shared/record/chain.ts';
import { GENESIS_HASH, type Recorded, type StreamId } from '../../../shared/record/envelope.ts';
import { keyOf } from '../../../shared/storage/keys.ts';
import { itemOf, placeOf, type MemoryOperationsStore } from './operations-store.ts';

type Items = MemoryOperationsStore['items'];

const conditionHolds = (items: Items, companion: Companion): boolean => {
  const held = items.get(placeOf(companion.key));
  if (companion.type === 'put' && companion.onlyIfAbsent) return held === undefined;
  return Object.entries(companion.onlyIf ?? {}).every(([name, value]) => held?.[name] === value);
};

const apply = (items: Items, companion: Companion): void => {
  if (companion.type === 'put') items.set(placeOf(companion.key), itemOf(companion.key, companion.attributes));
  else items.delete(placeOf(companion.key));
};

/** The record table as its items. */
export type MemoryRecordTable = Map<string, RecordItem>;

const eventsIn = (table: MemoryRecordTable, { kind, id }: StreamId): Recorded<unknown>[] => {
  const { pk } = keyOf.stream(kind, id);
  return [...table.values()].filter((item) => item.pk === pk).sort((a, b) => (a.sk < b.sk ? -1 : 1)).map(({ body }) => JSON.parse(String(body)) as Recorded<unknown>);
};

/** Reads events with their leaves from the table in memory, as the sequencer wants them. */
export const createMemoryLeafReader = (table: MemoryRecordTable): LeafReader => createLeafReader({ getMany: (keys) => Promise.resolve(keys.flatMap((key) => table.get(placeOf(key)) ?? []) as never[]) });

/** The record table in memory: append-only, events and companions together or not at all. */
export const createMemoryRecordStore = (operations: MemoryOperationsStore, now: Clock, table: MemoryRecordTable = new Map(), personalData: Items = new Map()): RecordStore => {
  const itemsFor = (companion: Companion): Items => (companion.table === undefined ? operations.items : personalData);
  // Events are kept parsed beside their items; a table that was filled, or altered, from elsewhere is read anew.
  const held = new Map<string, Recorded<unknown>[]>();
  const kept = new WeakMap<Recorded<unknown>, RecordItem | undefined>();
  const eventsOf = (stream: StreamId): Recorded<unknown>[] => {
    const events = held.get(`${stream.kind}#${stream.id}`);
    if (events !== undefined && events.length > 0 && events.every((event) => kept.get(event) === table.get(placeOf(keyOf.event(stream.kind, stream.id, event.version))))) return events;
    const read = eventsIn(table, stream);
    for (const event of read) kept.set(event, table.get(placeOf(keyOf.event(stream.kind, stream.id, event.version))));
    held.set(`${stream.kind}#${stream.id}`, read);
    return read;
  };
  return {
    load: async (stream, after: ChainPosition = { version: 0, hash: GENESIS_HASH }) => {
      await Promise.resolve();
      const events = eventsOf(stream).slice(after.version);
      verifyChain(stream, events, after);
      return structuredClone(events) as never[];
    },
    plan: ({ stream, expectedVersion, previousHash, previousRecordedAt, events, actor, deviceTime }) => chainEvents(previousHash, events.map((event, i) => ({
      stream, version: expectedVersion + i + 1, recordedAt: recordedAtAfter(previousRecordedAt, now().toISOString()), ...(deviceTime === undefined ? {} : { deviceTime }), actor, event,
    }))),
    write: async (planned, given) => {
      await Promise.resolve();
      if (planned.length === 0) throw new RangeError('nothing to write');
      if (planned.length > MAXIMUM_EVENTS) throw new RangeError(`got ${planned.length} events in one append, want at most ${MAXIMUM_EVENTS}`);
      const companions = [...given, ...pendingOf(planned)];
      const count = planned.length + companions.length;
      if (count > MAXIMUM_WRITES) throw new RangeError(`got ${count} writes in one append, want at most ${MAXIMUM_WRITES}`);
      const streams = byStream(planned).map((own) => ({ own, events: eventsOf(own[0]!.stream) }));
      for (const { own, events } of streams) if (events.length !== own[0]!.version - 1) throw new DomainError('version-conflict', `got version ${own[0]!.version}, want ${events.length + 1}`);
      const lost = companions.find((companion) => !conditionHolds(itemsFor(companion), companion));
      if (lost !== undefined) throw new DomainError(lost.conflict ?? 'version-conflict', 'a condition does not hold');
      for (const companion of companions) if (companion.type === 'put') itemOf(companion.key, companion.attributes);
      // Made before any is kept: one that is too large leaves nothing.
      const written = streams.map(({ own, events }) => ({ events, items: own.map(eventItemOf) }));
      for (const { events, items } of written) {
        for (const item of items) table.set(placeOf(item), item);
        for (const item of items) {
          const event = JSON.parse(item.body) as Recorded<unknown>;
          kept.set(event, item);
          events.push(event);
        }
      }
      for (const companion of companions) apply(itemsFor(companion), companion);
    },
  };
};

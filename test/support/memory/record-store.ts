import { DomainError } from '../../../shared/errors.ts';
import { chainEvents, verifyChain } from '../../../shared/record/chain.ts';
import { GENESIS_HASH, type Recorded, type StreamId } from '../../../shared/record/envelope.ts';
import type { ChainPosition, Clock, Companion, OperationsStore, RecordStore } from '../../../functions/_platform/ports.ts';

const conditionHolds = async (operations: OperationsStore, companion: Companion): Promise<boolean> => {
  const held = await operations.get<Readonly<Record<string, unknown>>>(companion.key);
  if (companion.type === 'put') return !companion.onlyIfAbsent || held === undefined;
  return Object.entries(companion.onlyIf ?? {}).every(([name, value]) => held?.[name] === value);
};

/** The record table in memory: append-only, events and companions together or not at all. */
export const createMemoryRecordStore = (operations: OperationsStore, now: Clock): RecordStore => {
  const streams = new Map<string, Recorded<unknown>[]>();
  const eventsOf = ({ kind, id }: StreamId): Recorded<unknown>[] => {
    const events = streams.get(`${kind}#${id}`) ?? [];
    streams.set(`${kind}#${id}`, events);
    return events;
  };
  return {
    load: (stream, after: ChainPosition = { version: 0, hash: GENESIS_HASH }) => {
      const events = eventsOf(stream).slice(after.version);
      verifyChain(stream, events, after);
      return Promise.resolve(events as never[]);
    },
    plan: ({ stream, expectedVersion, previousHash, events, actor, deviceTime }) => chainEvents(previousHash, events.map((event, i) => ({
      stream, version: expectedVersion + i + 1, recordedAt: now().toISOString(), ...(deviceTime === undefined ? {} : { deviceTime }), actor, event,
    }))),
    write: async (planned, companions) => {
      const [first] = planned;
      if (first === undefined) throw new RangeError('nothing to write');
      const events = eventsOf(first.stream);
      if (events.length !== first.version - 1) throw new DomainError('version-conflict', `got version ${first.version}, want ${events.length + 1}`);
      for (const companion of companions) if (!await conditionHolds(operations, companion)) throw new DomainError(companion.conflict ?? 'version-conflict', 'a condition does not hold');
      events.push(...planned);
      for (const companion of companions) await (companion.type === 'put' ? operations.put(companion.key, companion.attributes) : operations.delete(companion.key));
    },
  };
};

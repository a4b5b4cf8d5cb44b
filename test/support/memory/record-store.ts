import { pendingOf } from '../../../functions/_platform/log-outbox.ts';
import { MAXIMUM_WRITES, type ChainPosition, type Clock, type Companion, type RecordStore } from '../../../functions/_platform/ports.ts';
import { requireEntryLength } from '../../../shared/audit-log/entry-bundle.ts';
import { DomainError } from '../../../shared/errors.ts';
import { canonicalJson } from '../../../shared/record/canonical-json.ts';
import { chainEvents, verifyChain } from '../../../shared/record/chain.ts';
import { GENESIS_HASH, type Recorded, type StreamId } from '../../../shared/record/envelope.ts';
import { itemOf, placeOf, type MemoryOperationsStore } from './operations-store.ts';

const conditionHolds = ({ items }: MemoryOperationsStore, companion: Companion): boolean => {
  const held = items.get(placeOf(companion.key));
  if (companion.type === 'put') return !companion.onlyIfAbsent || held === undefined;
  return Object.entries(companion.onlyIf ?? {}).every(([name, value]) => held?.[name] === value);
};

const apply = ({ items }: MemoryOperationsStore, companion: Companion): void => {
  if (companion.type === 'put') items.set(placeOf(companion.key), itemOf(companion.key, companion.attributes));
  else items.delete(placeOf(companion.key));
};

/** As JSON, because what was stored can not change with the object it came from. */
const frozen = <Value>(value: Value): Value => JSON.parse(JSON.stringify(value)) as Value;

/** The record table in memory: append-only, events and companions together or not at all. */
export const createMemoryRecordStore = (operations: MemoryOperationsStore, now: Clock): RecordStore => {
  const streams = new Map<string, Recorded<unknown>[]>();
  const eventsOf = ({ kind, id }: StreamId): Recorded<unknown>[] => {
    const events = streams.get(`${kind}#${id}`) ?? [];
    streams.set(`${kind}#${id}`, events);
    return events;
  };
  return {
    load: async (stream, after: ChainPosition = { version: 0, hash: GENESIS_HASH }) => {
      await Promise.resolve();
      const events = eventsOf(stream).slice(after.version);
      verifyChain(stream, events, after);
      return frozen(events) as never[];
    },
    plan: ({ stream, expectedVersion, previousHash, events, actor, deviceTime }) => chainEvents(previousHash, events.map((event, i) => ({
      stream, version: expectedVersion + i + 1, recordedAt: now().toISOString(), ...(deviceTime === undefined ? {} : { deviceTime }), actor, event,
    }))),
    write: async (planned, given) => {
      await Promise.resolve();
      const [first] = planned;
      if (first === undefined) throw new RangeError('nothing to write');
      const companions = [...given, ...pendingOf(planned)];
      const count = planned.length * 2 + companions.length;
      if (count > MAXIMUM_WRITES) throw new RangeError(`got ${count} writes in one append, want at most ${MAXIMUM_WRITES}`);
      const events = eventsOf(first.stream);
      if (events.length !== first.version - 1) throw new DomainError('version-conflict', `got version ${first.version}, want ${events.length + 1}`);
      const lost = companions.find((companion) => !conditionHolds(operations, companion));
      if (lost !== undefined) throw new DomainError(lost.conflict ?? 'version-conflict', 'a condition does not hold');
      for (const companion of companions) if (companion.type === 'put') itemOf(companion.key, companion.attributes);
      for (const each of planned) requireEntryLength(Buffer.from(canonicalJson(each)));
      events.push(...frozen(planned));
      for (const companion of companions) apply(operations, companion);
    },
  };
};

import { DomainError } from '../../shared/errors.ts';
import { GENESIS_HASH, type Actor, type Recorded, type StreamKind } from '../../shared/record/envelope.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import type { Companion, RecordStore, StreamPosition } from './ports.ts';
import { referenceCompanions } from './reference-index.ts';

/** How one kind of stream becomes state, and what of it lists show. */
export type StreamType<State, Event> = Readonly<{
  kind: StreamKind;
  evolve: (state: State | undefined, recorded: Recorded<Event>) => State;
  /** The same as `evolve` one by one, where that can be had faster for a long stream. */
  fold?: (recorded: readonly Recorded<Event>[], after?: State) => State | undefined;
  /** Attributes of the summary item; identifiers and states only. */
  summaryOf: (state: State) => Readonly<Record<string, unknown>>;
}>;

/** A stream as read: `state` is undefined when it does not exist yet. */
export type Held<State> = Readonly<{ state: State | undefined; position: StreamPosition }>;
export type Change<State, Event> = Readonly<{ state: State; recorded: readonly Recorded<Event>[]; position: StreamPosition }>;

export type ChangeOptions = Readonly<{
  actor: Actor;
  deviceTime?: string;
  /** Writes that stand or fall with the events, made once the outcome is known. */
  companions?(position: StreamPosition, planned: readonly Recorded<unknown>[]): readonly Companion[];
  /** Events of other streams, planned already, that stand or fall with these. */
  alongside?: readonly Recorded<unknown>[];
  /** How often a lost race is decided again on the new state. A signed command has exactly one attempt. */
  attempts?: number;
}>;

export type StreamRecords<State, Event> = Readonly<{
  load(id: string): Promise<Held<State>>;
  /**
   * Decide on the latest state and append what was decided, with the summary and the search index, in one transaction. Nothing is appended, and the
   * state returned as it is, when `decide` gives no events.
   *
   * @throws DomainError whatever `decide` throws, `version-conflict` after the last attempt, or a companion's code
   */
  change(id: string, decide: (held: Held<State>) => readonly Event[], options: ChangeOptions): Promise<Change<State, Event>>;
}>;

export const DEFAULT_ATTEMPTS = 8;
/** Folded streams kept between invocations; only later events are read again. */
const CACHED_STREAMS = 64;

const isLostRace = (error: unknown): boolean => error instanceof DomainError && error.code === 'version-conflict';

/** State after events; `after` is the state before them. */
export const foldStream = <State, Event>({ evolve, fold }: StreamType<State, Event>, recorded: readonly Recorded<Event>[], after?: State): State | undefined =>
  (fold === undefined ? recorded.reduce<State | undefined>((state, each) => evolve(state, each), after) : fold(recorded, after));

/** What lists show of a stream, to stand or fall with the events that made it so. */
export const summaryCompanion = <State, Event>({ kind, summaryOf }: StreamType<State, Event>, id: string, state: State, version: number): Companion =>
  ({ type: 'put', key: keyOf.summary(kind, id), onlyIfAbsent: false, attributes: { ...summaryOf(state), id, version } });

/** Records of one kind over a store, with the fold of recently used streams kept in memory. */
export const createStreamRecords = <State, Event>(type: StreamType<State, Event>, store: RecordStore): StreamRecords<State, Event> => {
  const cache = new Map<string, Held<State>>();

  const keep = (id: string, held: Held<State>): Held<State> => {
    cache.delete(id);
    cache.set(id, held);
    for (const oldest of cache.keys()) {
      if (cache.size <= CACHED_STREAMS) break;
      cache.delete(oldest);
    }
    return held;
  };

  const advance = (held: Held<State>, recorded: readonly Recorded<Event>[]): Held<State> => {
    const last = recorded.at(-1);
    if (last === undefined) return held;
    return { state: foldStream(type, recorded, held.state), position: { version: last.version, hash: last.hash, recordedAt: last.recordedAt } };
  };

  const load = async (id: string): Promise<Held<State>> => {
    const held = cache.get(id) ?? { state: undefined, position: { version: 0, hash: GENESIS_HASH } };
    const later = await store.load<Event>({ kind: type.kind, id }, held.position);
    return keep(id, advance(held, later));
  };

  const attempt = async (id: string, decide: (held: Held<State>) => readonly Event[], options: ChangeOptions): Promise<Change<State, Event>> => {
    const held = await load(id);
    const events = decide(held);
    if (events.length === 0) {
      if (held.state === undefined) throw new RangeError(`${type.kind} ${id} does not exist and nothing was decided`);
      return { state: held.state, recorded: [], position: held.position };
    }
    const request = {
      stream: { kind: type.kind, id }, expectedVersion: held.position.version, previousHash: held.position.hash, previousRecordedAt: held.position.recordedAt, events, actor: options.actor,
      ...(options.deviceTime === undefined ? {} : { deviceTime: options.deviceTime }),
    };
    const planned = store.plan(request);
    const next = advance(held, planned);
    if (next.state === undefined) throw new RangeError(`${type.kind} ${id}: events gave no state`);
    await store.write([...planned, ...options.alongside ?? []], [summaryCompanion(type, id, next.state, next.position.version), ...referenceCompanions([...planned, ...options.alongside ?? []]), ...(options.companions?.(next.position, planned) ?? [])]);
    keep(id, next);
    return { state: next.state, recorded: planned, position: next.position };
  };

  const change = async (id: string, decide: (held: Held<State>) => readonly Event[], options: ChangeOptions): Promise<Change<State, Event>> => {
    const attempts = options.attempts ?? DEFAULT_ATTEMPTS;
    for (let made = 1; ; made += 1) {
      try {
        return await attempt(id, decide, options);
      } catch (error) {
        if (!isLostRace(error) || made >= attempts) throw error;
      }
    }
  };

  return { load, change };
};

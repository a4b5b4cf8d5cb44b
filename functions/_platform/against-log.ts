import type { LogStore } from '../../shared/audit-log/log-store.ts';
import { DomainError } from '../../shared/errors.ts';
import { WATCHED_MESSAGES } from '../../shared/security/watched.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { logger } from './log.ts';
import type { PendingAppend } from './log-outbox.ts';
import type { EventName, LogPlaces } from './log-places.ts';
import type { OperationsStore } from './ports.ts';

/** An event as the record has it now; `leafHash` is of those bytes, hex. */
export type HeldEvent = EventName & Readonly<{ recordedAt: string; leafHash: string }>;
/**
 * How it stands to the log: in it; in the outbox; `replaced`: the log has another leaf for that event; `absent`: the log has none, and the outbox does not name it either, which no honest
 * append ever gives.
 */
export type Standing = Readonly<{ type: 'in-log' | 'waiting' | 'absent' }> | Readonly<{ type: 'replaced'; index: number }>;

export type AgainstLogPorts = Readonly<{ store: Pick<LogStore, 'findLeaves'>; places: Pick<LogPlaces, 'find'>; operations: Pick<OperationsStore, 'list'> }>;

/** Appends of one stream at one time; two at most can not be told apart by their time. */
const PENDING_AT_ONCE = 50;

const isPending = async ({ operations }: AgainstLogPorts, { stream: { kind, id }, version, recordedAt }: HeldEvent): Promise<boolean> => {
  const { pk, sk } = keyOf.logPending(recordedAt, kind, id, 0);
  const { items } = await operations.list<PendingAppend>(pk, { limit: PENDING_AT_ONCE }, { prefix: sk.slice(0, sk.lastIndexOf('#') + 1) });
  return items.some(({ fromVersion, toVersion }) => fromVersion <= version && version <= toVersion);
};

/**
 * Hold events against the log's own leaves. The outbox is read first: an append leaves it only when its events are in the tree, so what is then in neither is not there at all.
 *
 * @returns in the order of `events`
 */
export const standingsOf = async (ports: AgainstLogPorts, events: readonly HeldEvent[]): Promise<readonly Standing[]> => {
  const known = await ports.store.findLeaves(events.map(({ leafHash }) => leafHash));
  const unknown = events.filter(({ leafHash }) => !known.has(leafHash));
  const pending: boolean[] = [];
  for (const event of unknown) pending.push(await isPending(ports, event));
  const [places, taken] = [await ports.places.find(unknown), await ports.store.findLeaves(unknown.map(({ leafHash }) => leafHash))];
  const judged = new Map(unknown.map((event, i): [HeldEvent, Standing] => {
    const place = places[i];
    if (taken.has(event.leafHash)) return [event, { type: 'in-log' }];
    if (place !== undefined) return [event, { type: 'replaced', index: place.index }];
    return [event, { type: pending[i] === true ? 'waiting' : 'absent' }];
  }));
  return events.map((event) => judged.get(event) ?? { type: 'in-log' });
};

const saidOf = ({ stream: { kind, id }, version }: EventName, standing: Standing): string => (standing.type === 'replaced'
  ? `${kind} ${id}, event ${version} of the record is not the one that the log holds as entry ${standing.index}: it was replaced`
  : `${kind} ${id}, event ${version} of the record is not in the log, and nothing says that it is on its way there`);

/** What differs, by name. */
export const differenceOf = (event: EventName, standing: Standing): DomainError =>
  new DomainError('record-differs-from-log', saidOf(event, standing), { kind: event.stream.kind, id: event.stream.id, version: event.version, ...(standing.type === 'replaced' ? { index: standing.index } : {}) });

type Difference = Readonly<{ event: HeldEvent; error: DomainError }>;

/** What was replaced, or is not in the log and not on its way, by name. */
const differencesIn = async (ports: AgainstLogPorts, unproven: readonly HeldEvent[]): Promise<readonly Difference[]> => {
  if (unproven.length === 0) return [];
  const standings = await standingsOf(ports, unproven);
  return unproven.flatMap((event, i) => {
    const standing = standings[i];
    return standing?.type === 'replaced' || standing?.type === 'absent' ? [{ event, error: differenceOf(event, standing) }] : [];
  });
};

/**
 * What is not proven yet must be on its way.
 *
 * @throws DomainError `record-differs-from-log` naming the first event that was replaced, or that is not in the log and not on its way
 */
export const requireOnItsWay = async (ports: AgainstLogPorts, unproven: readonly HeldEvent[]): Promise<void> => {
  const [first] = await differencesIn(ports, unproven);
  if (first !== undefined) throw first.error;
};

/** The same where the answer itself shows the difference: each rings the alarm of evidence that does not verify. @returns the events that differ */
export const tellDifferences = async (ports: AgainstLogPorts, unproven: readonly HeldEvent[]): Promise<readonly EventName[]> => {
  const differences = await differencesIn(ports, unproven);
  for (const { error } of differences) logger.error(WATCHED_MESSAGES.DoesNotVerify, { error, code: error.code });
  return differences.map(({ event }) => event);
};

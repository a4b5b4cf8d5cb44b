import { hexOf, leafHashOf } from '../../shared/audit-log/hash.ts';
import { integrate } from '../../shared/audit-log/log-writer.ts';
import { TAKE_IN_SECONDS } from '../../shared/audit-log/merge-delay.ts';
import { publishCheckpoint, type PublishResult } from '../../shared/audit-log/publish.ts';
import { DomainError } from '../../shared/errors.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { task } from '../_platform/batch.ts';
import type { StoredLeaf } from '../_platform/dynamodb-leaves.ts';
import { logger } from '../_platform/log.ts';
import type { PendingAppend } from '../_platform/log-outbox.ts';
import type { Page } from '../_platform/ports.ts';
import { StreamsInOrder } from './in-order.ts';
import type { SequencerPorts } from './ports.ts';

type Pending = PendingAppend & Readonly<{ pk: string; sk: string }>;
/** `isWhole`: everything accepted before the run is in the tree, and under the published checkpoint. */
export type Sequenced = Readonly<{ entries: number; size: number; checkpoint: PublishResult['type']; isWhole: boolean }>;

/** Appends read from the outbox at once. */
const PAGE = 1000;
/** Events taken in at once, so that the largest there may be (64 KiB each) fit into the function's memory several times over. */
const EVENTS_AT_ONCE = 1000;
const MILLISECONDS = 1000;
/** Held appends that a line of the log names. */
const NAMED = 10;

/** An append stands in the outbox under the time it was recorded at. */
const recordedAtOf = ({ sk }: Pending): number => Date.parse(sk.slice(0, sk.indexOf('#')));
/** Clocks of functions differ by less. */
const AHEAD_MS_AT_MOST = 5000;
/** Whether the time an append says has come: one dated ahead waits, because no checkpoint that covers it could be cosigned before. */
const hasCome = ({ now }: SequencerPorts) => (append: Pending): boolean => recordedAtOf(append) <= now().getTime() + AHEAD_MS_AT_MOST;
const countOf = ({ fromVersion, toVersion }: PendingAppend): number => toVersion - fromVersion + 1;

/** Appends in their order, in groups of so many events at most; an append is never split. */
const groupsOf = (appends: readonly Pending[]): readonly (readonly Pending[])[] => {
  const groups: Pending[][] = [];
  let room = 0;
  for (const append of appends) {
    if (room < countOf(append)) {
      groups.push([]);
      room = EVENTS_AT_ONCE;
    }
    groups.at(-1)?.push(append);
    room -= countOf(append);
  }
  return groups;
};

/** The entries of one append, each the one whose leaf hash was written with it. @throws DomainError `record-corrupt` */
const requireSound = (pending: Pending, found: readonly StoredLeaf[]): readonly Uint8Array[] => {
  const { stream, fromVersion, toVersion } = pending;
  if (found.length !== countOf(pending)) throw new DomainError('record-corrupt', `${stream.kind} ${stream.id}: events ${fromVersion} to ${toVersion} are not all in the record`, { id: stream.id });
  return found.map(({ version, entry, leafHash }) => {
    if (hexOf(leafHashOf(entry)) !== leafHash) throw new DomainError('record-corrupt', `${stream.kind} ${stream.id}, event ${version}: is not the one that was accepted`, { id: stream.id, version });
    return entry;
  });
};

type Taken = Readonly<{ entries: number; faults: readonly unknown[]; held: readonly Pending[] }>;
const NOTHING: Taken = { entries: 0, faults: [], held: [] };
const both = (a: Taken, b: Taken): Taken => ({ entries: a.entries + b.entries, faults: [...a.faults, ...b.faults], held: [...a.held, ...b.held] });

/** Appends of a group with their entries. An append that is not as it was accepted is left out, where it is, for people to see; it does not hold up other streams. */
const soundOnes = async ({ leaves }: SequencerPorts, group: readonly Pending[]) => {
  const found = await leaves(group);
  const faults: unknown[] = [];
  const sound = group.flatMap((pending, i) => {
    try {
      return [{ ...pending, entries: requireSound(pending, found[i] ?? []) }];
    } catch (fault) {
      logger.error('an append can not be taken into the log', { stream: pending.stream, cause: String(fault) });
      faults.push(fault);
      return [];
    }
  });
  return { sound, faults };
};

type Sound = Pending & Readonly<{ entries: readonly Uint8Array[] }>;

/** The log's own leaf of each event, by its name. */
const notePlaces = ({ places }: SequencerPorts, taken: readonly Sound[], indices: readonly number[]): Promise<void> => {
  const events = taken.flatMap(({ stream, fromVersion, entries }) => entries.map((entry, i) => ({ stream, version: fromVersion + i, leafHash: hexOf(leafHashOf(entry)) })));
  return places.note(events.map((event, i) => ({ ...event, index: indices[i] ?? Number.NaN })));
};

/** Into the tree, then out of the outbox: cut off between the two, the next run finds them in the tree. */
const takeGroup = async (ports: SequencerPorts, order: StreamsInOrder, group: readonly Pending[]): Promise<Taken> => {
  const { sound, faults } = await soundOnes(ports, group);
  const ready = await order.ready(sound.filter(hasCome(ports)));
  const entries = ready.flatMap((append) => append.entries);
  if (entries.length > 0) await notePlaces(ports, ready, (await integrate(ports.store, entries, Math.max(...ready.map(recordedAtOf)))).indices);
  order.note(ready);
  await ports.operations.deleteMany(ready.map(({ pk, sk }) => ({ pk, sk })));
  return { entries: entries.length, faults, held: sound.filter((append) => !ready.includes(append)) };
};

/** Take the outbox into the tree, group by group, for as long as one run may. What is left is the next run's. */
const takeIn = async (ports: SequencerPorts, order: StreamsInOrder, untilEpochMs: number): Promise<Taken & Readonly<{ isAll: boolean }>> => {
  const { operations, now } = ports;
  let taken = NOTHING;
  let cursor: string | undefined;
  do {
    const { items, nextCursor }: Page<Pending> = await operations.list<Pending>(keyOf.logPending('-', '-', '-', 0).pk, { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });
    for (const [i, group] of groupsOf(items).entries()) {
      if (i > 0 && now().getTime() >= untilEpochMs) return { ...taken, isAll: false };
      taken = both(taken, await takeGroup(ports, order, group));
    }
    cursor = nextCursor;
  } while (cursor !== undefined && now().getTime() < untilEpochMs);
  return { ...taken, isAll: cursor === undefined };
};

/** The outbox, and once more when something had to wait for an append that came while it was being read. */
const takeAll = async (ports: SequencerPorts): Promise<Taken & Readonly<{ isAll: boolean }>> => {
  const order = new StreamsInOrder(ports);
  const untilEpochMs = ports.now().getTime() + TAKE_IN_SECONDS * MILLISECONDS;
  const first = await takeIn(ports, order, untilEpochMs);
  if (first.held.length === 0 || !first.isAll) return first;
  const second = await takeIn(ports, order, untilEpochMs);
  return { ...second, entries: first.entries + second.entries };
};

/**
 * Take what was accepted into the tree, each stream in its order, and publish a checkpoint of it. Safe to run again, and beside itself: an append leaves the outbox only when its events have
 * their place, and one that comes twice is found by its leaf hash.
 *
 * @throws AggregateError after the others were taken, when an append is not as it was accepted
 */
export const sequence = async (ports: SequencerPorts): Promise<Sequenced> => {
  const { store, identity, count } = ports;
  const { entries, faults, held, isAll } = await takeAll(ports);
  if (held.length > 0) logger.warn('appends wait for an earlier event of their stream, or for their time to come', { streams: held.slice(0, NAMED).map(({ stream, fromVersion }) => `${stream.kind} ${stream.id}, from ${fromVersion}`), appends: held.length });
  const own = await identity();
  const { type, size, missing } = await publishCheckpoint(store, own);
  if (missing.length > 0 || type === 'waiting') logger.warn(type === 'waiting' ? 'the checkpoint waits for witnesses' : 'witnesses did not cosign', { size, quorum: own.quorum, witnesses: own.witnesses.length, missing });
  count('LogEntries', entries);
  count('CheckpointsWaiting', type === 'waiting' ? 1 : 0);
  count('WitnessesMissing', missing.length);
  count('LogBehind', isAll ? 0 : 1);
  count('AppendsHeld', held.length);
  if (faults.length > 0) throw new AggregateError(faults, `${faults.length} appends can not be taken into the log: ${faults.map(String).join('; ')}`);
  return { entries, size, checkpoint: type, isWhole: isAll && held.length === 0 && type !== 'waiting' };
};

export const createHandler = (ports: SequencerPorts) => task<unknown, Sequenced>(() => sequence(ports));

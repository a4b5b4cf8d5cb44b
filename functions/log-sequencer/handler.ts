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
import type { SequencerPorts } from './ports.ts';

type Pending = PendingAppend & Readonly<{ pk: string; sk: string }>;
export type Sequenced = Readonly<{ entries: number; size: number; checkpoint: PublishResult['type'] }>;

/** Appends read from the outbox at once. */
const PAGE = 1000;
/** Events taken in at once, so that the largest there may be (64 KiB each) fit into the function's memory several times over. */
const EVENTS_AT_ONCE = 1000;
const MILLISECONDS = 1000;

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

type Sound = Readonly<{ entries: readonly Uint8Array[]; taken: readonly Pending[]; faults: readonly unknown[] }>;

/** Entries of a group in the order of acceptance. An append that is not as it was accepted is left out, where it is, for people to see; it does not hold up the others. */
const soundEntries = async ({ leaves }: SequencerPorts, group: readonly Pending[]): Promise<Sound> => {
  const found = await leaves(group);
  const read = group.map((pending, i) => {
    try {
      return { pending, entries: requireSound(pending, found[i] ?? []) };
    } catch (fault) {
      logger.error('an append can not be taken into the log', { stream: pending.stream, cause: String(fault) });
      return { pending, fault };
    }
  });
  return {
    entries: read.flatMap(({ entries = [] }) => entries), taken: read.filter(({ entries }) => entries !== undefined).map(({ pending }) => pending),
    faults: read.flatMap((each) => ('fault' in each ? [each.fault] : [])),
  };
};

/** Into the tree, then out of the outbox: cut off between the two, the next run finds them in the tree. */
const takeGroup = async (ports: SequencerPorts, group: readonly Pending[]): Promise<Sound> => {
  const sound = await soundEntries(ports, group);
  if (sound.entries.length > 0) await integrate(ports.store, sound.entries);
  await ports.operations.deleteMany(sound.taken);
  return sound;
};

type Taken = Readonly<{ entries: number; faults: readonly unknown[]; isAll: boolean }>;

/** Take the outbox into the tree, group by group, for as long as one run may. What is left is the next run's. */
const takeIn = async (ports: SequencerPorts): Promise<Taken> => {
  const { operations, now } = ports;
  const until = now().getTime() + TAKE_IN_SECONDS * MILLISECONDS;
  const faults: unknown[] = [];
  let entries = 0;
  let cursor: string | undefined;
  do {
    const { items, nextCursor }: Page<Pending> = await operations.list<Pending>(keyOf.logPending('-', '-', '-', 0).pk, { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });
    for (const [i, group] of groupsOf(items).entries()) {
      if (i > 0 && now().getTime() >= until) return { entries, faults, isAll: false };
      const sound = await takeGroup(ports, group);
      entries += sound.entries.length;
      faults.push(...sound.faults);
    }
    cursor = nextCursor;
  } while (cursor !== undefined && now().getTime() < until);
  return { entries, faults, isAll: cursor === undefined };
};

/**
 * Take what was accepted into the tree, in its order, and publish a checkpoint of it. Safe to run again, and beside itself: an append leaves the outbox only when its events have
 * their place, and one that comes twice is found by its leaf hash.
 *
 * @throws AggregateError after the others were taken, when an append is not as it was accepted
 */
export const sequence = async (ports: SequencerPorts): Promise<Sequenced> => {
  const { store, identity, count } = ports;
  const { entries, faults, isAll } = await takeIn(ports);
  const own = await identity();
  const { type, size, missing } = await publishCheckpoint(store, own);
  if (missing.length > 0 || type === 'waiting') logger.warn(type === 'waiting' ? 'the checkpoint waits for witnesses' : 'witnesses did not cosign', { size, quorum: own.quorum, witnesses: own.witnesses.length, missing });
  count('LogEntries', entries);
  count('CheckpointsWaiting', type === 'waiting' ? 1 : 0);
  count('WitnessesMissing', missing.length);
  count('LogBehind', isAll ? 0 : 1);
  if (faults.length > 0) throw new AggregateError(faults, `${faults.length} appends can not be taken into the log: ${faults.map(String).join('; ')}`);
  return { entries, size, checkpoint: type };
};

export const createHandler = (ports: SequencerPorts) => task<unknown, Sequenced>(() => sequence(ports));

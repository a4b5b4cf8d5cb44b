import { hexOf, leafHashOf } from '../../shared/audit-log/hash.ts';
import { integrate } from '../../shared/audit-log/log-writer.ts';
import { TAKE_IN_SECONDS } from '../../shared/audit-log/merge-delay.ts';
import { publishCheckpoint, type PublishResult } from '../../shared/audit-log/publish.ts';
import { DomainError } from '../../shared/errors.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { task } from '../_platform/batch.ts';
import { inParallel } from '../_platform/in-parallel.ts';
import { logger } from '../_platform/log.ts';
import type { PendingAppend } from '../_platform/log-outbox.ts';
import type { Page } from '../_platform/ports.ts';
import type { SequencerPorts } from './ports.ts';

type Pending = PendingAppend & Readonly<{ pk: string; sk: string }>;
export type Sequenced = Readonly<{ entries: number; size: number; checkpoint: PublishResult['type'] }>;

/** Appends taken from the outbox at once. */
const PAGE = 200;
const MILLISECONDS = 1000;

/** The entries of one append, each the one whose leaf hash was written with it. @throws DomainError `record-corrupt` */
const entriesOf = async ({ leaves }: SequencerPorts, { stream, fromVersion, toVersion }: Pending): Promise<readonly Uint8Array[]> => {
  const found = await leaves(stream, fromVersion, toVersion);
  if (found.length !== toVersion - fromVersion + 1) throw new DomainError('record-corrupt', `${stream.kind} ${stream.id}: events ${fromVersion} to ${toVersion} are not all in the record`, { id: stream.id });
  return found.map(({ version, entry, leafHash }) => {
    if (hexOf(leafHashOf(entry)) !== leafHash) throw new DomainError('record-corrupt', `${stream.kind} ${stream.id}, event ${version}: is not the one that was accepted`, { id: stream.id, version });
    return entry;
  });
};

/** Entries of a page in the order of acceptance. An append that is not as it was accepted is left out, where it is, for people to see; it does not hold up the others. */
const soundEntries = async (ports: SequencerPorts, page: readonly Pending[]): Promise<Readonly<{ entries: readonly Uint8Array[]; taken: readonly Pending[]; faults: readonly unknown[] }>> => {
  const read = await inParallel(page, async (pending) => {
    try {
      return { pending, entries: await entriesOf(ports, pending) };
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

type Taken = Readonly<{ entries: number; faults: readonly unknown[]; isAll: boolean }>;

/** Take the outbox into the tree, page by page, for as long as one run may. What is left is the next run's. */
const takeIn = async (ports: SequencerPorts): Promise<Taken> => {
  const { store, operations, now } = ports;
  const until = now().getTime() + TAKE_IN_SECONDS * MILLISECONDS;
  const faults: unknown[] = [];
  let entries = 0;
  let cursor: string | undefined;
  do {
    const { items, nextCursor }: Page<Pending> = await operations.list<Pending>(keyOf.logPending('-', '-', '-', 0).pk, { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });
    const sound = await soundEntries(ports, items);
    if (sound.entries.length > 0) await integrate(store, sound.entries);
    await inParallel(sound.taken, ({ pk, sk }) => operations.delete({ pk, sk }));
    entries += sound.entries.length;
    faults.push(...sound.faults);
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

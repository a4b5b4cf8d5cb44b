import { decodeBoard, BOARD, mailboxKey } from '../../../models/federated/workflow/mailbox.ts';
import { mayBeCleared, type Training, type TrainingEvent } from '../../../models/federated/workflow/coordination.ts';
import { keyOf } from '../../../shared/storage/keys.ts';
import { task } from '../../_platform/batch.ts';
import type { Clock, ObjectStore, OperationsStore, RecordStore } from '../../_platform/ports.ts';
import type { StreamRecords } from '../../_platform/stream-records.ts';
import { walk } from '../../_platform/walk.ts';
import { collectUnawaited } from '../messages.ts';

export type ClearMailboxPorts = Readonly<{
  mailbox: Pick<ObjectStore, 'get' | 'list' | 'delete'>;
  trainings: StreamRecords<Training, TrainingEvent>;
  record: Pick<RecordStore, 'load'>;
  operations: Pick<OperationsStore, 'list'>;
  /** Where a hospital's messages lie. */
  placeOf(siteId: string): string;
  now: Clock;
}>;

const ACTOR = { kind: 'system', id: 'federated-clear-mailbox', version: '1' } as const;
/** Runs cleared in one call; the next goes on. */
const MOST_AT_ONCE = 10;
type Summary = Readonly<{ runId: string; invited: readonly string[]; endedAtEpochMs?: number; isCleared?: boolean }>;

/** What a hospital that was away still has to be told: that it was invited, and how it ended. Neither holds a number of anybody. */
const keptKeys = async ({ mailbox }: ClearMailboxPorts, runId: string): Promise<ReadonlySet<string>> => {
  const board = await mailbox.get(BOARD);
  const run = board === undefined ? undefined : decodeBoard(board.body).runs.find((each) => each.runId === runId);
  return new Set([run?.invitationSha256, run?.noticeSha256].flatMap((hash) => (hash === undefined ? [] : [mailboxKey.forAll(runId, hash)])));
};

/** What came after the end is refused by name before it goes. @returns whether all of it is on record */
const refuseLate = async (ports: ClearMailboxPorts, run: Summary): Promise<boolean> => {
  const { refused, isAll } = await collectUnawaited(ports, run);
  if (refused.length > 0) await ports.trainings.change(run.runId, () => refused, { actor: ACTOR, attempts: 1 });
  return isAll;
};

const clear = async (ports: ClearMailboxPorts, { runId, invited }: Summary): Promise<void> => {
  const { mailbox, trainings, now } = ports;
  const kept = await keptKeys(ports, runId);
  const keys = (await Promise.all(mailboxKey.prefixes(runId, invited.map((siteId) => ports.placeOf(siteId))).map((prefix) => mailbox.list(prefix)))).flat().filter((key) => !kept.has(key));
  for (const key of keys) await mailbox.delete(key);
  await trainings.change(runId, ({ state }) => (state !== undefined && mayBeCleared(state, now().getTime()) ? [{ type: 'training-cleared', objects: keys.length }] : []), { actor: ACTOR });
};

/** Take what was asked and answered in runs that are over out of the mailbox. Hashes of all of it are on record, also of what came after the end; what comes later still goes by the bucket's own rule. */
export const createHandler = (ports: ClearMailboxPorts) => task(async (_: unknown): Promise<Readonly<{ cleared: number }>> => {
  const due: Summary[] = [];
  for await (const each of walk<Summary>(ports.operations, keyOf.summary('training', '-').pk)) if (due.length < MOST_AT_ONCE && mayBeCleared(each, ports.now().getTime())) due.push(each);
  let cleared = 0;
  for (const each of due) {
    if (!await refuseLate(ports, each)) continue;
    await clear(ports, each);
    cleared += 1;
  }
  return { cleared };
});

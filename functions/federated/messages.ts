import { sha256 } from '../../models/federated/secure/messages.ts';
import type { TrainingEvent } from '../../models/federated/workflow/coordination.ts';
import { unawaitedOf, type MessageName } from '../../models/federated/workflow/late.ts';
import { mailboxKey, stepOfKey } from '../../models/federated/workflow/mailbox.ts';
import type { ObjectStore, RecordStore } from '../_platform/ports.ts';

type MailboxPorts = Readonly<{ mailbox: Pick<ObjectStore, 'get' | 'list'>; placeOf(siteId: string): string }>;
/** A message as it lies in the mailbox, with the SHA-256 of its bytes. */
export type Found = MessageName & Readonly<{ bytes: Uint8Array; sha256: string }>;

/** Refused messages put on record at once: with companions, one transaction. */
const MOST_AT_ONCE = 40;

export const find = async ({ mailbox, placeOf }: Pick<MailboxPorts, 'placeOf'> & Readonly<{ mailbox: Pick<ObjectStore, 'get'> }>, runId: string, { from, at, step }: MessageName): Promise<Found | undefined> => {
  const held = await mailbox.get(mailboxKey.answer(placeOf(from), runId, at, step));
  return held === undefined ? undefined : { from, at, step, bytes: held.body, sha256: sha256(held.body) };
};

export const refused = ({ from, at, step, sha256: hash }: Found, code: string): TrainingEvent => ({ type: 'training-message-refused', from, ...at, step, sha256: hash, code });

/**
 * What lies in the mailbox of a run that is over and is not on its record: refused by name, so that nothing a hospital sent goes unsaid.
 *
 * @returns `isAll`: whether another look would find nothing more
 */
export const collectUnawaited = async (ports: MailboxPorts & Readonly<{ record: Pick<RecordStore, 'load'> }>, { runId, invited }: Readonly<{ runId: string; invited: readonly string[] }>): Promise<Readonly<{ refused: readonly TrainingEvent[]; isAll: boolean }>> => {
  const named = (await Promise.all(invited.map(async (from): Promise<readonly MessageName[]> => {
    const place = ports.placeOf(from);
    return (await ports.mailbox.list(mailboxKey.answersOf(place, runId))).flatMap((key) => { const name = stepOfKey(key, place, runId); return name === undefined ? [] : [{ from, ...name }]; });
  }))).flat();
  const events = await ports.record.load<TrainingEvent>({ kind: 'training', id: runId });
  const unawaited = unawaitedOf(events.map(({ event }) => event), named);
  const found = await Promise.all(unawaited.slice(0, MOST_AT_ONCE).map(async ({ code, ...each }) => ({ code, message: await find(ports, runId, each) })));
  return { refused: found.flatMap(({ code, message }) => (message === undefined ? [] : [refused(message, code)])), isAll: unawaited.length <= MOST_AT_ONCE };
};

import type * as z from 'zod';
import { describeEvent } from '../../shared/batch/describe.ts';
import type { BatchEvent } from '../../shared/batch/events.ts';
import { DomainError } from '../../shared/errors.ts';
import type { Recorded, Signature } from '../../shared/record/envelope.ts';
import { decodeCursor, encodeCursor } from '../_platform/cursor.ts';
import type { RecordStore } from '../_platform/ports.ts';
import type { AuditEntry } from './schema.ts';

export type RecordedBatchEvent = Recorded<BatchEvent>;
type Paging = Readonly<{ limit: number; cursor?: string | undefined }>;

export const batchNotFound = (batchId: string): DomainError => new DomainError('batch-not-found', `no batch ${batchId} at this hospital`, { batchId });

/** @throws DomainError `batch-not-found` */
export const loadBatch = async (record: Pick<RecordStore, 'load'>, batchId: string): Promise<readonly RecordedBatchEvent[]> => {
  const events = await record.load<BatchEvent>({ kind: 'batch', id: batchId });
  if (events.length === 0) throw batchNotFound(batchId);
  return events;
};

/** @throws DomainError `cursor-malformed`: one that names no version would end the record early, and look like its end */
const versionAfter = (pk: string, cursor: string | undefined): number => {
  const version = decodeCursor(cursor, pk)?.sk ?? '0';
  if (!/^\d{1,9}$/.test(version)) throw new DomainError('cursor-malformed', 'cursor names no version of the record; start again without it');
  return Number(version);
};

/** A function may answer 6 MB; an event is up to 64 kB, as those that name telemetry are. */
const MAXIMUM_PAGE_LENGTH = 4_000_000;

/** As many from the first as one answer holds. */
const fitting = <Event>(events: readonly Recorded<Event>[]): readonly Recorded<Event>[] => {
  let length = 0;
  const end = events.findIndex((each) => (length += JSON.stringify(each).length) > MAXIMUM_PAGE_LENGTH);
  return end < 0 ? events : events.slice(0, Math.max(1, end));
};

/** A page of events after the version the cursor names. */
export const eventPage = <Event>(id: string, events: readonly Recorded<Event>[], { limit, cursor }: Paging) => {
  const pk = `RECORD#${id}`;
  const after = versionAfter(pk, cursor);
  const items = fitting(events.filter(({ version }) => version > after).slice(0, limit));
  const last = items.at(-1);
  const nextCursor = last === undefined || last.version === events.at(-1)?.version ? undefined : encodeCursor({ pk, sk: String(last.version) });
  return { items, ...(nextCursor === undefined ? {} : { nextCursor }) };
};

const signatureOf = (event: BatchEvent): Signature | undefined => ('signature' in event ? event.signature : undefined);

/** One event as the audit trail tells it. @see 21 CFR 11.10(e); EU GMP Annex 11, 9 */
export const auditEntry = ({ version, recordedAt, deviceTime, actor, event, hash }: RecordedBatchEvent): z.input<typeof AuditEntry> => {
  const signature = signatureOf(event);
  return {
    version, recordedAt, ...(deviceTime === undefined ? {} : { deviceTime }), type: event.type, ...describeEvent(event), hash,
    who: actor.kind === 'person' ? actor.printedName : `${actor.id} ${actor.version}`, whoId: actor.id,
    ...(signature === undefined ? {} : { signature: { printedName: signature.printedName, meaning: signature.meaning, signedAt: signature.signedAt, signedVersion: signature.signedVersion } }),
  };
};

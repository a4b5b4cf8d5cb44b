import { requireEntryLength } from '../../shared/audit-log/entry-bundle.ts';
import { hexOf, leafHashOf } from '../../shared/audit-log/hash.ts';
import { canonicalJson } from '../../shared/record/canonical-json.ts';
import type { Recorded } from '../../shared/record/envelope.ts';
import { keyOf } from '../../shared/storage/keys.ts';

/** An item of the record table. */
export type RecordItem = Readonly<{ pk: string; sk: string }> & Readonly<Record<string, unknown>>;
/** An event in the record table: its body the bytes of its log entry, its leaf as the log will hash it (hex). */
export type EventItem = Readonly<{ pk: string; sk: string; type: string; recordedAt: string; body: string; leafHash: string }>;

/** The item an event is. A function of the event alone. @throws DomainError `log-entry-too-large` */
export const eventItemOf = (recorded: Recorded<unknown>): EventItem => {
  const { stream, version, recordedAt, event } = recorded;
  const body = canonicalJson(recorded);
  const entry = Buffer.from(body);
  requireEntryLength(entry);
  return { ...keyOf.event(stream.kind, stream.id, version), type: (event as Readonly<{ type: string }>).type, recordedAt, body, leafHash: hexOf(leafHashOf(entry)) };
};

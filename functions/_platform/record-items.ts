import { requireEntryLength } from '../../shared/audit-log/entry-bundle.ts';
import { hexOf, leafHashOf } from '../../shared/audit-log/hash.ts';
import { canonicalJson } from '../../shared/record/canonical-json.ts';
import type { Recorded } from '../../shared/record/envelope.ts';
import { keyOf } from '../../shared/storage/keys.ts';

/** An item of the record table. */
export type RecordItem = Readonly<{ pk: string; sk: string }> & Readonly<Record<string, unknown>>;

/** The two items an event is: itself, its body the bytes of its log entry, and its leaf. A function of the event alone. @throws DomainError `log-entry-too-large` */
export const recordItemsOf = (recorded: Recorded<unknown>): Readonly<{ event: RecordItem; leaf: RecordItem }> => {
  const { stream, version, recordedAt, event } = recorded;
  const body = canonicalJson(recorded);
  const entry = Buffer.from(body);
  requireEntryLength(entry);
  return {
    event: { ...keyOf.event(stream.kind, stream.id, version), type: (event as Readonly<{ type: string }>).type, recordedAt, body },
    leaf: { ...keyOf.auditLeaf(stream.kind, stream.id, version), recordedAt, leafHash: hexOf(leafHashOf(entry)) },
  };
};

import { parseCheckpoint } from '../../shared/audit-log/checkpoint.ts';
import type { LogStore } from '../../shared/audit-log/log-store.ts';
import { parseNote } from '../../shared/audit-log/note.ts';
import type { StreamId } from '../../shared/record/envelope.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { differenceOf } from './against-log.ts';
import type { LogPlace } from './log-places.ts';
import type { OperationsStore, RecordStore } from './ports.ts';
import { eventItemOf } from './record-items.ts';

/**
 * Whether a published checkpoint covers a record up to a version: each stream is in its order in the log, so what covers the last event covers all before it.
 *
 * @returns false where it does not (yet), and of a version that is not there
 * @throws DomainError `record-differs-from-log` when the log holds another event of that version than the record
 */
export type IsPublished = (stream: StreamId, version: number) => Promise<boolean>;

type Ports = Readonly<{ record: Pick<RecordStore, 'load'>; operations: Pick<OperationsStore, 'get'>; log: Pick<LogStore, 'readCheckpoint'> }>;

export const createIsPublished = ({ record, operations, log }: Ports): IsPublished => async (stream, version) => {
  const event = (await record.load(stream))[version - 1];
  if (event === undefined) return false;
  const place = await operations.get<LogPlace>(keyOf.logPlace(stream.kind, stream.id, version));
  if (place === undefined) return false;
  if (place.leafHash !== eventItemOf(event).leafHash) throw differenceOf({ stream, version }, { type: 'replaced', index: place.index });
  const published = await log.readCheckpoint();
  return published !== undefined && place.index < parseCheckpoint(parseNote(published.bytes).text).size;
};

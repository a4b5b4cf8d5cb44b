import { isConflict, resolve, type Birth, type BirthBook, type Session } from '../../shared/telemetry/birth.ts';
import { openChunk } from '../../shared/telemetry/chunk.ts';
import type { Column } from '../../shared/telemetry/column.ts';
import { HOUR_MS, hourOf, minuteLabel, minuteOf, objectKeyOf } from '../../shared/telemetry/minute.ts';
import { gapOf } from '../../shared/telemetry/sequence.ts';
import { recordGaps } from './assignments.ts';
import type { SealPorts } from './ports.ts';
import { lastOf } from './numbering.ts';
import type { WrittenChunk } from './write-chunk.ts';

const isKnown = async ({ objects }: SealPorts, { edgeNodeId, deviceId, timestampEpochMs }: Birth): Promise<boolean> => {
  const object = await objects.get(objectKeyOf.chunk(edgeNodeId, undefined, minuteOf(timestampEpochMs)));
  if (object === undefined) return false;
  return openChunk(object.body).marks.some((mark) => mark.timeEpochMs === timestampEpochMs && mark.deviceId === deviceId && mark.type.endsWith('BIRTH'));
};

/**
 * A birth that comes when later minutes are sealed, and says otherwise than the one before it, changes the meaning of samples that may have been read already. They are
 * read rightly from now on; that they were not is put on record.
 */
export const recordLateBirth = async (ports: SealPorts, birth: Birth): Promise<void> => {
  const { edgeNodeId, deviceId, timestampEpochMs } = birth;
  const last = await lastOf(ports, edgeNodeId);
  if (last === undefined || last.minute <= minuteLabel(minuteOf(timestampEpochMs)) || await isKnown(ports, birth)) return;
  const { before, after } = (await ports.births.bookOf({ edgeNodeId, deviceId, sinceEpochMs: timestampEpochMs - 1 })).neighbours(birth);
  if (before === undefined || !isConflict(before.table, birth.table)) return;
  const toEpochMs = Math.min(after?.timestampEpochMs ?? Infinity, last.state.timeEpochMs);
  await recordGaps(ports, edgeNodeId, [gapOf({ edgeNodeId, deviceId, fromEpochMs: timestampEpochMs, toEpochMs, lostMessages: 0, cause: 'session-conflict' })]);
};

/** Whether some sample of a column can not be named by any birth. */
const hasUnnamed = (column: Column, deviceId: string | undefined, book: BirthBook): boolean => {
  if (column.name !== '') return false;
  const { times, lags } = column.stamps;
  const key = { name: undefined, alias: column.alias, datatype: column.datatype };
  const sessions = new Set<Session | undefined>();
  times.forEach((time, i) => sessions.add(book.sessionAt(deviceId, time + (lags?.[i] ?? 0))));
  return [...sessions].some((session) => resolve(key, session) === undefined);
};

/** Samples that nobody can name are as good as lost until a birth comes that names them: a gap, one an hour. */
export const recordUnnamed = async (ports: SealPorts, { edgeNodeId, deviceId, startEpochMs, columns }: WrittenChunk, book: BirthBook): Promise<void> => {
  if (!columns.some((column) => hasUnnamed(column, deviceId, book))) return;
  const fromEpochMs = hourOf(startEpochMs);
  await recordGaps(ports, edgeNodeId, [gapOf({ edgeNodeId, deviceId, fromEpochMs, toEpochMs: fromEpochMs + HOUR_MS, lostMessages: 0, cause: 'session-conflict' })]);
};

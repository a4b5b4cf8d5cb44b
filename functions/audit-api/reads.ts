import type * as z from 'zod';
import { DomainError } from '../../shared/errors.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { decodeCursor, type PageEnd } from '../_platform/cursor.ts';
import type { Clock, OperationsStore } from '../_platform/ports.ts';
import type { ReadEntry } from '../_platform/read-log.ts';
import { keptPage, walk } from '../_platform/walk.ts';
import { MAXIMUM_DAYS, USUAL_DAYS, type ListReads, type ReadView } from './reads-schema.ts';

export type ReadsPorts = Readonly<{ reads: Pick<OperationsStore, 'list'>; now: Clock }>;
type Query = z.output<typeof ListReads.query>;
type Entry = ReadEntry & PageEnd;

const DAY_MS = 86_400_000;
const READS_CURSOR = 'READS';
const dayOf = (epochMs: number): string => new Date(epochMs).toISOString().slice(0, 10);

/** @throws DomainError `cursor-malformed` */
const placeOf = (cursor: string | undefined): string | undefined => {
  const end = decodeCursor(cursor, READS_CURSOR);
  if (end !== undefined && !/^READ#\d{4}-\d{2}-\d{2}T[^#]+#.+$/.test(end.sk)) throw new DomainError('cursor-malformed', 'cursor names no read; start again without it');
  return end?.sk;
};

/** Entries before a place, from the newest day to the oldest, until one is older than `fromEpochMs`. A cursor names the last entry given, so `before` is never later than it. */
const entriesOf = async function* ({ reads }: ReadsPorts, fromEpochMs: number, toEpochMs: number, after: string | undefined): AsyncGenerator<Entry> {
  const until = `READ#${new Date(toEpochMs).toISOString()}`;
  const before = after !== undefined && after < until ? after : until;
  const firstEpochMs = Date.parse(before.slice('READ#'.length, 'READ#'.length + 10));
  for (let at = firstEpochMs; at > fromEpochMs - DAY_MS; at -= DAY_MS) {
    const { pk } = keyOf.read(dayOf(at), '-');
    for await (const entry of walk<Entry>(reads, pk, { newestFirst: true, ...(at === firstEpochMs ? { after: { pk, sk: before } } : {}) })) {
      if (Date.parse(entry.at) < fromEpochMs) return;
      yield entry;
    }
  }
};

/** Entries from before the log kept parameters and outcome have none. */
const viewOf = ({ at, readerId, readerName = '', operation, target, parameters = {}, outcome = 'answered', itemCount = 0, grantIds = [], requestId }: Partial<Entry> & Pick<Entry, 'at' | 'readerId' | 'operation' | 'target' | 'requestId'>): z.input<typeof ReadView> =>
  ({ at, readerId, readerName, operation, target, parameters: { ...parameters }, outcome, itemCount, grantIds: [...grantIds], requestId });

/**
 * Who read what, the newest first.
 *
 * @throws DomainError `cursor-malformed`, `request-malformed` for a span that is none or too long, `request-too-large`
 */
export const listReads = async (ports: ReadsPorts, { readerId, from, to, limit, cursor }: Query) => {
  const toEpochMs = to === undefined ? ports.now().getTime() : Date.parse(to);
  const fromEpochMs = from === undefined ? toEpochMs - USUAL_DAYS * DAY_MS : Date.parse(from);
  if (fromEpochMs >= toEpochMs || toEpochMs - fromEpochMs > MAXIMUM_DAYS * DAY_MS) throw new DomainError('request-malformed', `query.from: want a time before to, and at most ${MAXIMUM_DAYS} days`, { paths: ['query.from'] });
  const page = await keptPage(entriesOf(ports, fromEpochMs, toEpochMs, placeOf(cursor)), limit, (entry) => (readerId === undefined || entry.readerId === readerId ? viewOf(entry) : undefined), ({ sk }) => ({ pk: READS_CURSOR, sk }));
  return { ...page, items: [...page.items] };
};

import type * as z from 'zod';
import { isAbout, isRefusalOf, REFUSED_KIND, type Subject } from '../../shared/audit/subjects.ts';
import { DomainError } from '../../shared/errors.ts';
import type { Recorded, StreamId } from '../../shared/record/envelope.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { decodeCursor, type PageEnd } from '../_platform/cursor.ts';
import type { OperationsStore, Page, PageRequest, RecordStore } from '../_platform/ports.ts';
import { keptPage, walk } from '../_platform/walk.ts';
import type { Question, StreamHit } from './audit-schema.ts';

export type SearchPorts = Readonly<{ record: Pick<RecordStore, 'load'>; operations: Pick<OperationsStore, 'list'> }>;
type Hit = z.input<typeof StreamHit>;
type Entry = StreamId & PageEnd;
type Typed = Readonly<{ type: string }>;

const DAY_MS = 86_400_000;
const TIME_CURSOR = 'SEARCH#TIME';
const dayOf = (epochMs: number): string => new Date(epochMs).toISOString().slice(0, 10);

/** What of one record answers the question; undefined when nothing does. */
const hitOf = async ({ record }: SearchPorts, { kind, id }: StreamId, answers: (recorded: Recorded<Typed>) => boolean): Promise<Hit | undefined> => {
  const events = await record.load<Typed>({ kind, id });
  const versions = events.filter(answers).map(({ version, recordedAt, event }) => ({ version, recordedAt, type: event.type }));
  return versions.length === 0 ? undefined : { kind, id, latestVersion: events.length, versions };
};

/** @throws DomainError `cursor-malformed` */
const timePlaceOf = (cursor: string | undefined): Readonly<{ day: string; sk: string }> | undefined => {
  const end = decodeCursor(cursor, TIME_CURSOR);
  if (end === undefined) return undefined;
  const [day = '', ...rest] = end.sk.split('#');
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day) || rest.length === 0) throw new DomainError('cursor-malformed', 'cursor names no day; start again without it');
  return { day, sk: rest.join('#') };
};

const entriesOfDays = async function* ({ operations }: SearchPorts, fromEpochMs: number, toEpochMs: number, cursor: string | undefined): AsyncGenerator<Entry> {
  const place = timePlaceOf(cursor);
  for (let at = fromEpochMs - fromEpochMs % DAY_MS; at < toEpochMs; at += DAY_MS) {
    const day = dayOf(at);
    if (place !== undefined && day < place.day) continue;
    const { pk } = keyOf.recordedOn(day, '-', '-');
    yield* walk<Entry>(operations, pk, place?.day === day ? { after: { pk, sk: place.sk } } : {});
  }
};

const searchByTime = (ports: SearchPorts, { from, to }: Extract<Question, { from: string }>, { limit, cursor }: PageRequest): Promise<Page<Hit>> => {
  const [fromEpochMs, toEpochMs] = [Date.parse(from), Date.parse(to)];
  const isWithin = (day: string) => ({ recordedAt }: Recorded<Typed>): boolean => recordedAt.startsWith(day) && Date.parse(recordedAt) >= fromEpochMs && Date.parse(recordedAt) < toEpochMs;
  const dayIn = ({ pk }: Entry): string => pk.slice(pk.indexOf('#') + 1);
  return keptPage(entriesOfDays(ports, fromEpochMs, toEpochMs, cursor), limit, (entry) => hitOf(ports, entry, isWithin(dayIn(entry))), (entry) => ({ pk: TIME_CURSOR, sk: `${dayIn(entry)}#${entry.sk}` }));
};

/** Before the place of an entry among the refusals, in a cursor; no kind of record begins like it. */
const REFUSALS = 'refused:';
type FoundEntry = Entry & Readonly<{ isRefusal: boolean }>;

/** Records that are about a subject, then those in which it was only refused; one that is both comes twice. */
const entriesAbout = async function* ({ operations }: SearchPorts, { kind, id }: Subject, after: PageEnd | undefined): AsyncGenerator<FoundEntry> {
  const isPast = after?.sk.startsWith(REFUSALS) === true;
  if (!isPast) for await (const entry of walk<Entry>(operations, keyOf.reference(kind, id, '-', '-').pk, { after })) yield { ...entry, isRefusal: false };
  if (kind !== 'material-lot' && kind !== 'equipment') return;
  const { pk } = keyOf.reference(REFUSED_KIND[kind], id, '-', '-');
  for await (const entry of walk<Entry>(operations, pk, isPast ? { after: { pk, sk: after.sk.slice(REFUSALS.length) } } : {})) yield { ...entry, isRefusal: true };
};

const searchBySubject = (ports: SearchPorts, { subject }: Extract<Question, { subject: unknown }>, { limit, cursor }: PageRequest): Promise<Page<Hit>> => {
  const { pk } = keyOf.reference(subject.kind, subject.id, '-', '-');
  const names = (recorded: Recorded<Typed>): boolean => isAbout(recorded, subject) || isRefusalOf(recorded, subject);
  const keep = async (entry: FoundEntry): Promise<Hit | undefined> => (entry.isRefusal && await hitOf(ports, entry, (recorded) => isAbout(recorded, subject)) !== undefined ? undefined : hitOf(ports, entry, names));
  return keptPage(entriesAbout(ports, subject, decodeCursor(cursor, pk)), limit, keep, ({ sk, isRefusal }) => ({ pk, sk: `${isRefusal ? REFUSALS : ''}${sk}` }));
};

/** Records about a subject or of a time; where to look comes from the index, what is found from the records themselves. */
export const search = (ports: SearchPorts, question: Question, page: PageRequest): Promise<Page<Hit>> => ('subject' in question ? searchBySubject(ports, question, page) : searchByTime(ports, question, page));

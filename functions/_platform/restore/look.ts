import { isDeepStrictEqual } from 'node:util';
import { isEqual, leafHashOf } from '../../../shared/audit-log/hash.ts';
import { GENESIS_HEAD } from '../../../shared/audit-log/log-store.ts';
import { DomainError } from '../../../shared/errors.ts';
import { STREAM_KINDS, type StreamKind } from '../../../shared/record/envelope.ts';
import { keyOf } from '../../../shared/storage/keys.ts';
import type { PendingAppend } from '../log-outbox.ts';
import { eventItemOf, type RecordItem } from '../record-items.ts';
import { eventOfEntry } from './entry.ts';
import type { RestorePorts } from './ports.ts';
import type { VerifiedLog } from './verify-log.ts';

const PAGE = 200;
const EVENT_ITEM = /^(?<kind>[A-Z-]+)#(?<id>[^#]+)$/;
const KIND_BY_PART: ReadonlyMap<string, StreamKind> = new Map(STREAM_KINDS.map((kind) => [kind.toUpperCase(), kind]));
const VERSION = /^EVENT#(\d{9})$/;

export const refused = (what: string, facts: Readonly<Record<string, string | number>> = {}): DomainError =>
  new DomainError('restore-refused', `${what}; a restore writes only to tables that hold nothing else. Nothing of it is changed or removed`, facts);

type Place = Readonly<{ kind: StreamKind; id: string; version: number }>;

/** The event an item belongs to; undefined for other items, such as the read log. */
const placeOf = ({ pk, sk }: RecordItem): Place | undefined => {
  const { kind = '', id = '' } = EVENT_ITEM.exec(pk)?.groups ?? {};
  const known = KIND_BY_PART.get(kind);
  const [, version] = VERSION.exec(sk) ?? [];
  return known === undefined || version === undefined ? undefined : { kind: known, id, version: Number(version) };
};

const isEventOf = ({ catalogue }: VerifiedLog, item: RecordItem, index: number): boolean => {
  const entry = Buffer.from(String(item['body']));
  return isEqual(leafHashOf(entry), catalogue.leafAt(index)) && isDeepStrictEqual(item, eventItemOf(eventOfEntry(entry, index)));
};

const lookAtItem = (log: VerifiedLog, item: RecordItem): void => {
  const place = placeOf(item);
  if (place === undefined) return;
  const { kind, id, version } = place;
  const index = log.catalogue.indexOf(kind, id, version);
  if (index === undefined) throw refused(`the record table holds ${kind} ${id}, event ${version}, which is not in the log`, { kind, id, version });
  if (!isEventOf(log, item, index)) throw refused(`the record table holds another ${kind} ${id}, event ${version}, than the log`, { kind, id, version });
};

const everyItem = async function* <Item>({ operations }: RestorePorts, pk: string): AsyncGenerator<Item> {
  let cursor: string | undefined;
  do {
    const page = await operations.list<Item>(pk, { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });
    yield* page.items;
    cursor = page.nextCursor;
  } while (cursor !== undefined);
};

const lookAtOperations = async (ports: RestorePorts, { catalogue, size, root }: VerifiedLog): Promise<void> => {
  const head = await ports.log.readHead();
  if (head.version !== GENESIS_HEAD.version && (head.size !== size || head.root !== root || head.pending !== undefined)) throw refused(`the operations table has the head of a log of ${head.size} entries, this one has ${size} with root ${root}`);
  for await (const { stream: { kind, id }, toVersion } of everyItem<PendingAppend>(ports, keyOf.logPending('-', '-', '-', 0).pk)) {
    if (toVersion > catalogue.versionsOf(kind, id)) throw refused(`the operations table awaits ${kind} ${id}, event ${toVersion}, which is not in the log`, { kind, id });
  }
  for (const kind of STREAM_KINDS) {
    for await (const { sk, version } of everyItem<Readonly<{ sk: string; version: number }>>(ports, keyOf.summary(kind, '-').pk)) {
      if (version > catalogue.versionsOf(kind, sk)) throw refused(`the operations table lists ${kind} ${sk} at version ${version}, which is not in the log`, { kind, id: sk });
    }
  }
};

/**
 * Look at both tables before anything is written: what of events is there must be of this log, byte for byte.
 *
 * @throws DomainError `restore-refused` naming the first that is not
 */
export const lookAtTables = async (ports: RestorePorts, log: VerifiedLog): Promise<void> => {
  let seen = 0;
  for await (const item of ports.table.scan()) {
    lookAtItem(log, item);
    seen += 1;
    if (seen % PAGE === 0) ports.progress('look', Math.min(seen, log.size), log.size);
  }
  await lookAtOperations(ports, log);
  ports.progress('look', log.size, log.size);
};

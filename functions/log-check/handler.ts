import { hexOf, leafHashOf } from '../../shared/audit-log/hash.ts';
import type { LogStore } from '../../shared/audit-log/log-store.ts';
import { STREAM_KINDS, type StreamKind } from '../../shared/record/envelope.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { differenceOf, standingsOf, type HeldEvent, type Standing } from '../_platform/against-log.ts';
import { task } from '../_platform/batch.ts';
import { logger } from '../_platform/log.ts';
import type { PendingAppend } from '../_platform/log-outbox.ts';
import type { LogPlaces } from '../_platform/log-places.ts';
import type { Clock, ItemKey, OperationsStore } from '../_platform/ports.ts';
import type { RecordItem } from '../_platform/record-items.ts';
import { sweepLog, type SweepPorts } from './removed-streams.ts';

export type RecordPage = Readonly<{ items: readonly RecordItem[]; next?: ItemKey }>;
export type CheckPorts = Readonly<{
  /** Items of the record table after a key, in the table's own order: those of one stream together, by version. */
  page(after: ItemKey | undefined): Promise<RecordPage>;
  /** An item of the record table, as it is now. */
  item(key: ItemKey): Promise<RecordItem | undefined>;
  store: Pick<LogStore, 'findLeaves'>;
  /** The log's own objects. */
  objects: SweepPorts['objects'];
  places: LogPlaces;
  operations: Pick<OperationsStore, 'get' | 'put' | 'list'>;
  count(name: 'RecordDiffersFromLog' | 'EventsPutBack', value: number): void;
  now: Clock;
}>;
/** `differs`: events that are not as the log has them, or not there. `isWhole`: the run came to the end of the table. */
export type Checked = Readonly<{ events: number; differs: number; putBack: number; isWhole: boolean }>;

/** A run reads for so long; the next goes on where it stopped. */
const RUN_MS = 240_000;
/** Of that, for the log's own entries. */
const SWEEP_MS = 60_000;
const KIND_BY_PART: ReadonlyMap<string, StreamKind> = new Map(STREAM_KINDS.map((kind) => [kind.toUpperCase(), kind]));
const STREAM_KEY = /^([A-Z-]+)#([^#]+)$/;
const VERSION_KEY = /^EVENT#(\d{9})$/;

type Checking = HeldEvent & Readonly<{ /** The bytes are those that were accepted. */ isSound: boolean }>;

/** An event among the items of the record table; undefined for the read log and the like. */
const eventOf = ({ pk, sk, body, leafHash, recordedAt }: RecordItem): Checking | undefined => {
  const [, part = '', id = ''] = STREAM_KEY.exec(pk) ?? [];
  const [, version] = VERSION_KEY.exec(sk) ?? [];
  const kind = KIND_BY_PART.get(part);
  if (kind === undefined || version === undefined || typeof body !== 'string') return undefined;
  const hash = hexOf(leafHashOf(Buffer.from(body)));
  return { stream: { kind, id }, version: Number(version), recordedAt: String(recordedAt), leafHash: hash, isSound: hash === leafHash };
};

const report = (event: HeldEvent, standing: Standing): void => {
  const { code, message, facts } = differenceOf(event, standing);
  logger.error('the record is not what the log holds', { code, cause: message, ...facts });
};

/** Into the outbox again. The sequencer weighs it as any other, and takes it in after the event before it. */
const putBack = async ({ operations }: CheckPorts, { stream, version, recordedAt }: HeldEvent): Promise<void> => {
  logger.warn('an event was lost on its way into the log, and is put back', { stream, version });
  await operations.put(keyOf.logPending(recordedAt, stream.kind, stream.id, version), { stream, fromVersion: version, toVersion: version } satisfies PendingAppend);
};

const next = ({ stream, version }: HeldEvent) => ({ stream, version: version + 1 });

/** Events that the log has after the last one of a stream on this page, and the record has not: its end was cut off. */
const removedAfter = async ({ places, item }: CheckPorts, events: readonly Checking[]): Promise<number> => {
  const last = [...new Map(events.map((event) => [`${event.stream.kind}#${event.stream.id}`, event])).values()].map(next);
  const found = await places.find(last);
  let removed = 0;
  for (const [i, event] of last.entries()) {
    const place = found[i];
    if (place === undefined || await item(keyOf.event(event.stream.kind, event.stream.id, event.version)) !== undefined) continue;
    logger.error('the record is not what the log holds', { cause: `${event.stream.kind} ${event.stream.id}, event ${event.version} is entry ${place.index} of the log, and the record has none`, ...event });
    removed += 1;
  }
  return removed;
};

type Counted = Readonly<{ events: number; differs: number; putBack: number }>;

const checkPage = async (ports: CheckPorts, items: readonly RecordItem[]): Promise<Counted> => {
  const events = items.flatMap((item) => eventOf(item) ?? []);
  const [indices, placed] = [await ports.store.findLeaves(events.map(({ leafHash }) => leafHash)), await ports.places.find(events)];
  const unplaced = events.flatMap(({ stream, version, leafHash }, i) => ((index) => (index === undefined || placed[i] !== undefined ? [] : [{ stream, version, leafHash, index }]))(indices.get(leafHash)));
  if (unplaced.length > 0) await ports.places.note(unplaced);
  const suspects = events.filter(({ leafHash }) => !indices.has(leafHash));
  const standings = await standingsOf(ports, suspects);
  const following = await ports.places.find(suspects.map(next));
  let [differs, back] = [0, 0];
  for (const [i, event] of suspects.entries()) {
    const standing = standings[i] ?? { type: 'in-log' };
    if (standing.type === 'in-log' || standing.type === 'waiting') continue;
    // A stream enters the log in its order: with the next event in it, this one was in it too.
    if (standing.type === 'absent' && event.isSound && following[i] === undefined) {
      await putBack(ports, event);
      back += 1;
    } else {
      report(event, standing);
      differs += 1;
    }
  }
  return { events: events.length, differs: differs + await removedAfter(ports, events), putBack: back };
};

/**
 * Hold the log's beginnings of records against the record, and the record against the log, page by page, both from where the last run stopped; at the end it begins anew. What was lost on its way into the log is put back; what is not as the log has it is
 * named in the function's log. Both are counted, and ring. It changes no event.
 */
export const checkRecord = async (ports: CheckPorts): Promise<Checked> => {
  const startedMs = ports.now().getTime();
  const until = startedMs + RUN_MS;
  const from = await ports.operations.get<Readonly<{ after?: ItemKey; bundle?: number }>>(keyOf.logCheck());
  const { removed, next: bundle } = await sweepLog(ports, from?.bundle ?? 0, () => ports.now().getTime() >= startedMs + SWEEP_MS);
  let [events, differs, back, after] = [0, removed, 0, from?.after];
  do {
    const page = await ports.page(after);
    const counted = await checkPage(ports, page.items);
    [events, differs, back] = [events + counted.events, differs + counted.differs, back + counted.putBack];
    after = page.next;
    await ports.operations.put(keyOf.logCheck(), after === undefined ? { bundle } : { after, bundle });
  } while (after !== undefined && ports.now().getTime() < until);
  ports.count('RecordDiffersFromLog', differs);
  ports.count('EventsPutBack', back);
  return { events, differs, putBack: back, isWhole: after === undefined };
};

export const createHandler = (ports: CheckPorts) => task<unknown, Checked>(() => checkRecord(ports));

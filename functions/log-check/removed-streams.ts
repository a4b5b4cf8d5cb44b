import { parseCheckpoint } from '../../shared/audit-log/checkpoint.ts';
import type { LogStore } from '../../shared/audit-log/log-store.ts';
import { parseNote } from '../../shared/audit-log/note.ts';
import { TILE_WIDTH } from '../../shared/audit-log/tiles.ts';
import type { StreamId } from '../../shared/record/envelope.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { inParallel } from '../_platform/in-parallel.ts';
import { logger } from '../_platform/log.ts';
import { readBundle } from '../_platform/log-bundles.ts';
import type { ItemKey } from '../_platform/ports.ts';
import type { RecordItem } from '../_platform/record-items.ts';

/**
 * A record that was removed from its first event on leaves nothing in the table to be held against the log, so the log's own entries are read, from where the last run stopped: each that begins a record must be in the table.
 */
export type SweepPorts = Readonly<{
  item(key: ItemKey): Promise<RecordItem | undefined>;
  objects: Pick<LogStore, 'getObject' | 'readCheckpoint'>;
}>;
/** `next`: the bundle with which the next run goes on. */
export type Swept = Readonly<{ removed: number; next: number }>;

/** Bundles of one run, 51,200 entries and some 30 MB: a log of a million is gone through in 20 hours, and each run costs as much whatever the log has grown to. */
export const BUNDLES_A_RUN = 200;

type Named = Readonly<{ stream: StreamId; version: number }>;

const publishedSize = async ({ objects }: SweepPorts): Promise<number> => {
  const published = await objects.readCheckpoint();
  return published === undefined ? 0 : parseCheckpoint(parseNote(published.bytes).text).size;
};

/** @returns records that begin in this bundle and are not in the table */
const removedIn = async ({ item, objects }: SweepPorts, bundle: number, size: number): Promise<number> => {
  const entries = await readBundle(objects, bundle, size);
  const begun = entries.map((entry, i) => ({ ...JSON.parse(Buffer.from(entry).toString('utf8')) as Named, index: bundle * TILE_WIDTH + i })).filter(({ version }) => version === 1);
  const held = await inParallel(begun, ({ stream: { kind, id } }) => item(keyOf.event(kind, id, 1)));
  const removed = begun.filter((_, i) => held[i] === undefined);
  for (const { stream: { kind, id }, index } of removed) logger.error('the record is not what the log holds', { cause: `${kind} ${id} begins with entry ${index} of the log, and the record has not its first event`, kind, id, version: 1, index });
  return removed.length;
};

/** @param from bundle @throws DomainError `log-corrupt` */
export const sweepLog = async (ports: SweepPorts, from: number, isTimeUp: () => boolean): Promise<Swept> => {
  const size = await publishedSize(ports);
  const bundles = Math.ceil(size / TILE_WIDTH);
  let removed = 0, bundle = from < bundles ? from : 0;
  for (const end = Math.min(bundles, bundle + BUNDLES_A_RUN); bundle < end && !isTimeUp(); bundle += 1) removed += await removedIn(ports, bundle, size);
  return { removed, next: bundle < bundles ? bundle : 0 };
};

import type { LogStore } from '../../shared/audit-log/log-store.ts';
import { TILE_WIDTH } from '../../shared/audit-log/tiles.ts';
import type { StreamId } from '../../shared/record/envelope.ts';
import { readBundle } from '../_platform/log-bundles.ts';

/**
 * What the log itself holds for versions of a stream, found without the record table: by reading the log's own entries. For versions whose event in the table is not in the log: either it was accepted a
 * moment ago, or the log holds another, and then the event was replaced.
 */

/** Bundles read in search of an entry: 16,384 entries, hours of a busy hospital. */
const MAXIMUM_BUNDLES = 64;
/** Times in the log may stand back so far; the offline verifier says the same. */
const LATE_MS = 70 * 60_000;

type Store = Pick<LogStore, 'getObject'>;
export type OwnEntry = Readonly<{ version: number; index: number; entry: Uint8Array }>;
/** Versions looked for. `after` is the place of the event before the first of them, undefined when that is not in the log; `recordedAt` what the table says of the first. */
export type Wanted = Readonly<{ stream: StreamId; versions: readonly number[]; after: number | undefined; recordedAt: string }>;

type Named = Readonly<{ stream?: Partial<StreamId>; version?: unknown; recordedAt?: unknown }>;
const named = (entry: Uint8Array): Named => JSON.parse(Buffer.from(entry).toString('utf8')) as Named;

/** First bundle that may hold what was recorded at a time. */
const bundleAt = async (store: Store, size: number, recordedAt: string): Promise<number> => {
  const wantedMs = Date.parse(recordedAt) - LATE_MS;
  let [low, high] = [0, Math.ceil(size / TILE_WIDTH) - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    const [first] = await readBundle(store, middle, size);
    if (first !== undefined && Date.parse(String(named(first).recordedAt)) <= wantedMs) low = middle;
    else high = middle - 1;
  }
  return low;
};

/**
 * @param size of the published log
 * @throws DomainError `log-corrupt` when a bundle is missing or not one of entries
 */
export const ownEntries = async (store: Store, size: number, { stream: { kind, id }, versions, after, recordedAt }: Wanted): Promise<readonly OwnEntry[]> => {
  if (versions.length === 0 || size === 0) return [];
  const wanted = new Set(versions), found: OwnEntry[] = [];
  const first = after === undefined ? await bundleAt(store, size, recordedAt) : Math.floor((after + 1) / TILE_WIDTH);
  const end = Math.min(Math.ceil(size / TILE_WIDTH), first + MAXIMUM_BUNDLES);
  for (let bundle = first; bundle < end && found.length < wanted.size; bundle += 1) {
    const entries = await readBundle(store, bundle, size);
    found.push(...entries.flatMap((entry, i) => {
      const { stream, version } = named(entry);
      return stream?.kind === kind && stream.id === id && typeof version === 'number' && wanted.has(version) ? [{ version, index: bundle * TILE_WIDTH + i, entry }] : [];
    }));
  }
  return found;
};

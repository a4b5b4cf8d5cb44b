import { createHash } from 'node:crypto';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { BirthBook, isPreferred, type Birth, type BirthTable } from '../../shared/telemetry/birth.ts';
import { BIRTH_PREFIX, HOUR_MS, objectKeyOf } from '../../shared/telemetry/minute.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { inParallel } from './in-parallel.ts';
import type { ObjectStore, OperationsStore } from './ports.ts';

type Stored = Readonly<{ edgeNodeId: string; deviceId?: string; timestampEpochMs: number; bdSeq?: number; packedTable: Uint8Array }>;
/** The first page nearly always has all: the births of this session, and the one before. */
const FIRST_PAGE = 4;
const PAGE = 100;
/** A sample may be ahead of its message by what two clocks may differ; deviceClockMinutes is at most 99. */
const AHEAD_MS = 4 * HOUR_MS;

/** Whose births, and since when: of a device those of its gateway too. Samples before then may be named wrongly, or not at all. */
export type BirthsWanted = Readonly<{ edgeNodeId: string; deviceId: string | undefined; sinceEpochMs: number }>;
/** The births that can name what was sampled since then: those after it, and of device and gateway each the latest before. */
export type BirthReader = Readonly<{ bookOf(wanted: BirthsWanted): Promise<BirthBook> }>;
/** Birth certificates of the node's edge gateways, in the operations table; the metric table packed, because 400 kB is the limit of an item. */
export type Births = BirthReader & Readonly<{ keep(birth: Birth): Promise<void> }>;

const packedText = (value: unknown): Uint8Array => Uint8Array.from(zstdCompressSync(JSON.stringify(value)));
const unpacked = (bytes: Uint8Array): unknown => JSON.parse(zstdDecompressSync(bytes).toString('utf8'));

const pack = ({ edgeNodeId, deviceId, timestampEpochMs, bdSeq, table }: Birth): Readonly<Record<string, unknown>> => ({ edgeNodeId, deviceId, timestampEpochMs, bdSeq, packedTable: packedText(table) });

const unpack = ({ edgeNodeId, deviceId, timestampEpochMs, bdSeq, packedTable }: Stored): Birth => ({ edgeNodeId, deviceId, timestampEpochMs, bdSeq, table: unpacked(packedTable) as BirthTable });

/** Newest first, as far back as one at or before the time: a gateway may have been born tens of thousands of times. */
const birthsSince = async (operations: Pick<OperationsStore, 'list'>, edgeNodeId: string, deviceId: string | undefined, epochMs: number): Promise<readonly Birth[]> => {
  const { pk, prefix } = keyOf.birthsOfDevice(edgeNodeId, deviceId);
  const births: Birth[] = [];
  for (let cursor: string | undefined, limit = FIRST_PAGE; ; limit = PAGE) {
    const page = await operations.list<Stored>(pk, { limit, ...(cursor === undefined ? {} : { cursor }) }, { prefix, newestFirst: true });
    const first = page.items.findIndex(({ timestampEpochMs }) => timestampEpochMs <= epochMs);
    births.push(...(first < 0 ? page.items : page.items.slice(0, first + 1)).map(unpack));
    if (first >= 0 || page.nextCursor === undefined) return births;
    cursor = page.nextCursor;
  }
};

/** For functions that name metrics and keep no birth. */
export const createBirthReader = (operations: Pick<OperationsStore, 'list'>): BirthReader => ({
  bookOf: async ({ edgeNodeId, deviceId, sinceEpochMs }) => {
    const owners = deviceId === undefined ? [undefined] : [undefined, deviceId];
    return new BirthBook((await inParallel(owners, (owner) => birthsSince(operations, edgeNodeId, owner, sinceEpochMs - AHEAD_MS))).flat());
  },
});

export const createBirths = (operations: Pick<OperationsStore, 'get' | 'put' | 'list'>): Births => ({
  ...createBirthReader(operations),
  keep: async (birth) => {
    const key = keyOf.birth(birth.edgeNodeId, birth.deviceId, birth.timestampEpochMs);
    if (await operations.put(key, pack(birth), { onlyIfAbsent: true })) return;
    // Two different births of one millisecond: the book prefers one of them whichever came first, and so does the table.
    const held = await operations.get<Stored>(key);
    if (held !== undefined && isPreferred(birth, unpack(held))) await operations.put(key, pack(birth));
  },
});

const archiveKeyOf = (birth: Birth): string => {
  const sha256 = createHash('sha256').update(JSON.stringify([birth.bdSeq ?? null, birth.table])).digest('hex');
  return objectKeyOf.birth(birth.edgeNodeId, birth.deviceId, birth.timestampEpochMs, sha256);
};

/** Births that are kept beside the telemetry first: without them a chunk holds aliases that nobody can name, and the operations table may be lost. */
export const createArchivedBirths = (births: Births, archive: Pick<ObjectStore, 'put'>): Births => ({
  bookOf: (wanted) => births.bookOf(wanted),
  keep: async (birth) => {
    await archive.put(archiveKeyOf(birth), packedText(birth));
    await births.keep(birth);
  },
});

/** Every birth that was kept beside the telemetry. */
export const archivedBirths = async function* (archive: Pick<ObjectStore, 'get' | 'list'>): AsyncGenerator<Birth> {
  for (const key of await archive.list(BIRTH_PREFIX)) {
    const object = await archive.get(key);
    if (object !== undefined) yield unpacked(object.body) as Birth;
  }
};

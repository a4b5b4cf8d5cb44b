import { createHash } from 'node:crypto';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { BirthBook, isPreferred, type Birth, type BirthTable } from '../../shared/telemetry/birth.ts';
import { BIRTH_PREFIX, objectKeyOf } from '../../shared/telemetry/minute.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import type { ObjectStore, OperationsStore } from './ports.ts';

type Stored = Readonly<{ edgeNodeId: string; deviceId?: string; timestampEpochMs: number; bdSeq?: number; packedTable: Uint8Array }>;
const PAGE = 100;

export type BirthReader = Readonly<{ bookOf(edgeNodeId: string): Promise<BirthBook> }>;
/** Birth certificates of the node's edge gateways, in the operations table; the metric table packed, because 400 kB is the limit of an item. */
export type Births = BirthReader & Readonly<{ keep(birth: Birth): Promise<void> }>;

const packedText = (value: unknown): Uint8Array => Uint8Array.from(zstdCompressSync(JSON.stringify(value)));
const unpacked = (bytes: Uint8Array): unknown => JSON.parse(zstdDecompressSync(bytes).toString('utf8'));

const pack = ({ edgeNodeId, deviceId, timestampEpochMs, bdSeq, table }: Birth): Readonly<Record<string, unknown>> => ({ edgeNodeId, deviceId, timestampEpochMs, bdSeq, packedTable: packedText(table) });

const unpack = ({ edgeNodeId, deviceId, timestampEpochMs, bdSeq, packedTable }: Stored): Birth => ({ edgeNodeId, deviceId, timestampEpochMs, bdSeq, table: unpacked(packedTable) as BirthTable });

/** For functions that name metrics and keep no birth. */
export const createBirthReader = (operations: Pick<OperationsStore, 'list'>): BirthReader => ({
  bookOf: async (edgeNodeId) => {
    const book = new BirthBook();
    let cursor: string | undefined;
    do {
      const page = await operations.list<Stored>(keyOf.births(edgeNodeId).pk, { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });
      for (const stored of page.items) book.add(unpack(stored));
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    return book;
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
  bookOf: (edgeNodeId) => births.bookOf(edgeNodeId),
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

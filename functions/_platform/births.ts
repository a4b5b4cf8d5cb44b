import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { BirthBook, isPreferred, type Birth, type BirthTable } from '../../shared/telemetry/birth.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import type { OperationsStore } from './ports.ts';

type Stored = Readonly<{ edgeNodeId: string; deviceId?: string; timestampEpochMs: number; bdSeq?: number; packedTable: Uint8Array }>;
const PAGE = 100;

/** Birth certificates of the node's edge gateways, in the operations table; the metric table packed, because 400 kB is the limit of an item. */
export type Births = Readonly<{ keep(birth: Birth): Promise<void>; bookOf(edgeNodeId: string): Promise<BirthBook> }>;

const pack = ({ edgeNodeId, deviceId, timestampEpochMs, bdSeq, table }: Birth): Readonly<Record<string, unknown>> =>
  ({ edgeNodeId, deviceId, timestampEpochMs, bdSeq, packedTable: Uint8Array.from(zstdCompressSync(JSON.stringify(table))) });

const unpack = ({ edgeNodeId, deviceId, timestampEpochMs, bdSeq, packedTable }: Stored): Birth =>
  ({ edgeNodeId, deviceId, timestampEpochMs, bdSeq, table: JSON.parse(zstdDecompressSync(packedTable).toString('utf8')) as BirthTable });

export const createBirths = (operations: Pick<OperationsStore, 'get' | 'put' | 'list'>): Births => ({
  keep: async (birth) => {
    const key = keyOf.birth(birth.edgeNodeId, birth.deviceId, birth.timestampEpochMs);
    if (await operations.put(key, pack(birth), { onlyIfAbsent: true })) return;
    // Two different births of one millisecond: the book prefers one of them whichever came first, and so does the table.
    const held = await operations.get<Stored>(key);
    if (held !== undefined && isPreferred(birth, unpack(held))) await operations.put(key, pack(birth));
  },
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

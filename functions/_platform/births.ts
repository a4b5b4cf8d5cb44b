import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { BirthBook, type Birth, type BirthTable } from '../../shared/telemetry/birth.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import type { OperationsStore } from './ports.ts';

type Stored = Readonly<{ edgeNodeId: string; deviceId?: string; timestampEpochMs: number; bdSeq?: number; packedTable: Uint8Array }>;
const PAGE = 100;

/** Birth certificates of the node's edge gateways, in the operations table; the metric table packed, because 400 kB is the limit of an item. */
export type Births = Readonly<{ keep(birth: Birth): Promise<void>; bookOf(edgeNodeId: string): Promise<BirthBook> }>;

const unpack = ({ edgeNodeId, deviceId, timestampEpochMs, bdSeq, packedTable }: Stored): Birth =>
  ({ edgeNodeId, deviceId, timestampEpochMs, bdSeq, table: JSON.parse(zstdDecompressSync(packedTable).toString('utf8')) as BirthTable });

export const createBirths = (operations: Pick<OperationsStore, 'put' | 'list'>): Births => ({
  keep: async ({ edgeNodeId, deviceId, timestampEpochMs, bdSeq, table }) => {
    await operations.put(keyOf.birth(edgeNodeId, deviceId, timestampEpochMs), { edgeNodeId, deviceId, timestampEpochMs, bdSeq, packedTable: Uint8Array.from(zstdCompressSync(JSON.stringify(table))) }, { onlyIfAbsent: true });
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

import { AHEAD, fetchBytes } from './fetch-bytes.ts';
import type { KeptChunks } from './kept-chunks.ts';
import type { Source } from './source.ts';
import { sha256Hex } from './sha256.ts';

export type NamedChunk = Readonly<{ key: string; sha256: string }>;
/** A place where the bytes of a chunk may be, and their SHA-256 there; undefined when nothing is there. */
export type Found = Readonly<{ file: string; hash: string | undefined }>;

/** Where telemetry chunks are read from. */
export type ChunkStore = Readonly<{
  /** Under the key first, and then, where there is such a place, under the hash: late messages change a chunk, and the bytes it had are kept. */
  find(chunk: NamedChunk, batchId: string): readonly Found[] | Promise<readonly Found[]>;
  /** Every file there is; undefined when the store can not say. */
  files: readonly string[] | undefined;
  /** Chunks worth asking for at once. */
  ahead: number;
  /** What it kept of what it gave, for the one who asks again. */
  kept?: KeptChunks;
}>;

export const FOLDER = 'chunks';

/** No chunks to compare: they should be here and are not, or they are elsewhere, as the one who verifies said or as the source has none. */
export type NoChunks = 'missing' | 'elsewhere';

/** Chunks beside a log: a folder that holds the log holds them too; an address does not say. */
export const chunksBeside = (source: Source): ChunkStore | NoChunks => chunksIn(source) ?? (source.isFolder ? 'missing' : 'elsewhere');

/** @returns undefined when the source has no such folder */
export const chunksIn = (source: Source, folder = FOLDER): ChunkStore | undefined => {
  const files = source.list(folder);
  if (files === undefined) return undefined;
  const found = (file: string): Found => ({ file, hash: source.hashOf(file) });
  return { files, ahead: 1, find: ({ key, sha256 }) => [found(`${folder}/${key}`), found(`${folder}/superseded/${sha256}.chunk`)] };
};

/**
 * The audit interface of a hospital, e.g. `https://node.example/v1/audit`: it serves chunks by batch and hash, to who may read the batch.
 *
 * @param kept what was fetched before is looked for there first, and what is fetched is kept there if it has its hash
 */
export const chunksAt = (address: string, kept?: KeptChunks): ChunkStore => {
  const base = new URL(address.endsWith('/') ? address : `${address}/`);
  return {
    files: undefined, ahead: AHEAD,
    find: async ({ sha256 }, batchId) => {
      const file = kept?.find(sha256);
      if (file !== undefined) return [{ file, hash: sha256 }];
      const url = new URL(`batches/${encodeURIComponent(batchId)}/telemetry/chunks/${sha256}`, base);
      const bytes = await fetchBytes(url);
      const hash = bytes === undefined ? undefined : sha256Hex(bytes);
      if (bytes !== undefined && hash === sha256) kept?.keep(sha256, bytes);
      return [{ file: url.href, hash }];
    },
    ...(kept === undefined ? {} : { kept }),
  };
};

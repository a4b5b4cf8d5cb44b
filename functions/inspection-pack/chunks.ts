import { DomainError } from '../../shared/errors.ts';
import { inParallel } from '../_platform/in-parallel.ts';
import type { ObjectStore } from '../_platform/ports.ts';
import type { RecordedBatchEvent } from '../audit-api/record-pages.ts';
import { bytesOfChunk, chunksNamedIn, type NamedChunk } from '../audit-api/telemetry.ts';
import { isPackPath, type PackFile } from './assemble.ts';

/** What a pack has room for beside the record; most batches have more, and their chunks are fetched one by one. */
const MAXIMUM_CHUNK_BYTES = 1_500_000;
const AT_ONCE = 16;

export const CHUNK_LIST = 'chunks.sha256';
export const CHUNK_FOLDER = 'chunks/';

/** Under its key; under its hash what it was before late messages changed it, and a key that is no good path. */
const pathOf = ({ key, sha256, isSuperseded }: NamedChunk): string => {
  const path = `${CHUNK_FOLDER}${key}`;
  return isSuperseded || !isPackPath(path) ? `${CHUNK_FOLDER}superseded/${sha256}.chunk` : path;
};

/** Undefined where the store has other bytes than the record names: a pack is given out all the same, and the verifier names what is missing. */
const fileOf = async (objects: Pick<ObjectStore, 'get'>, chunk: NamedChunk): Promise<PackFile | undefined> => {
  try {
    return { path: pathOf(chunk), body: await bytesOfChunk(objects, chunk) };
  } catch (error) {
    if (error instanceof DomainError && error.code === 'chunk-corrupt') return undefined;
    throw error;
  }
};

/**
 * The telemetry a record names: a list of hashes and paths as `sha256sum` reads it, and the chunks themselves when all of them find room.
 *
 * @returns nothing when the record names none
 */
export const createChunkFiles = (objects: Pick<ObjectStore, 'get'>) => async (events: readonly RecordedBatchEvent[]): Promise<readonly PackFile[]> => {
  const chunks = chunksNamedIn(events);
  if (chunks.length === 0) return [];
  const list = { path: CHUNK_LIST, body: new TextEncoder().encode(chunks.map((chunk) => `${chunk.sha256}  ${pathOf(chunk)}\n`).join('')) };
  const files: PackFile[] = [];
  let bytes = 0;
  for (let at = 0; at < chunks.length; at += AT_ONCE) {
    const read = (await inParallel(chunks.slice(at, at + AT_ONCE), (chunk) => fileOf(objects, chunk))).filter((file) => file !== undefined);
    bytes += read.reduce((sum, { body }) => sum + body.length, 0);
    if (bytes > MAXIMUM_CHUNK_BYTES) return [list];
    files.push(...read);
  }
  return [list, ...files];
};

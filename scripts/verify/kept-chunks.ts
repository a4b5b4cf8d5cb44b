import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SourceError } from './fetch-bytes.ts';
import { openSource } from './source.ts';

/** Chunks that were fetched, in a folder as `--chunks <folder>` reads it: a verification that was stopped goes on where it was, and a later one needs no network. */
export type KeptChunks = Readonly<{
  folder: string;
  /** Where a chunk is kept, when its bytes there have its hash; what has another is as good as not there. */
  find(sha256: string): string | undefined;
  /** @param bytes of which `sha256` is the hash @throws SourceError when the folder can not be written */
  keep(sha256: string, bytes: Uint8Array): void;
  /** How many there were, and how many came. */
  told(): string;
}>;

/** What a chunk was, and is called by, when its key names another by now; here all are, since none is fetched by its key. */
const BY_HASH = 'superseded';
const UNFINISHED = '.part';

const orTell = <Value>(folder: string, write: () => Value): Value => {
  try {
    return write();
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    throw new SourceError(`--keep: ${folder} can not be written (${String(error.code)}); see to the disk and to your rights on it`, { cause: error });
  }
};

/** A folder to keep chunks in, made when it is not there; for one run at a time. @throws SourceError */
export const keptChunksIn = (folder: string): KeptChunks => {
  const below = join(folder, BY_HASH);
  orTell(folder, () => {
    mkdirSync(below, { recursive: true });
    // Of a run that was cut off while it wrote.
    for (const name of readdirSync(below)) if (name.endsWith(UNFINISHED)) rmSync(join(below, name));
  });
  const source = openSource(folder);
  const counts = { found: 0, fetched: 0 };
  return {
    folder, told: () => `${counts.found} chunks were in ${folder} already and were hashed again, ${counts.fetched} were fetched and are kept there`,
    find: (sha256) => {
      const file = `${BY_HASH}/${sha256}.chunk`;
      if (source.hashOf(file) !== sha256) return undefined;
      counts.found++;
      return join(folder, file);
    },
    keep: (sha256, bytes) => {
      const file = join(below, `${sha256}.chunk`);
      orTell(folder, () => {
        writeFileSync(`${file}${UNFINISHED}`, bytes);
        renameSync(`${file}${UNFINISHED}`, file);
      });
      counts.fetched++;
    },
  };
};

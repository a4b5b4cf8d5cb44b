import { createHash } from 'node:crypto';
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const STAMP_FILE = 'made-from.txt';

const filesOf = (path: string): readonly string[] => {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
};

/** One hash over name, size and time of change of every file in these files and folders. @throws Error of the file system for a path that is not there */
export const stampOf = (paths: readonly string[]): string => {
  const hash = createHash('sha256');
  for (const file of paths.flatMap(filesOf).toSorted()) {
    const { size, mtimeMs } = statSync(file);
    hash.update(JSON.stringify([file, size, mtimeMs]));
  }
  return hash.digest('hex');
};

const stampIn = (folder: string): string | undefined => {
  const file = join(folder, STAMP_FILE);
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
};

/** Say what a folder was made from, as the last thing that is written to it: one that is half made has no stamp. */
export const writeStamp = (folder: string, stamp: string): void => { writeFileSync(join(folder, STAMP_FILE), stamp); };

type Wanted = Readonly<{ outdir: string; stamp: string; /** A folder that may have been made from the same. */ elsewhere: string; make(): Promise<unknown> }>;

/** Have a folder made from what the stamp says: as it is, as a copy, or made now. @returns which */
export const bringUpToDate = async ({ outdir, stamp, elsewhere, make }: Wanted): Promise<'held' | 'copied' | 'made'> => {
  if (stampIn(outdir) === stamp) return 'held';
  if (stampIn(elsewhere) !== stamp) {
    await make();
    return 'made';
  }
  rmSync(outdir, { recursive: true, force: true });
  cpSync(elsewhere, outdir, { recursive: true, filter: (path) => !path.endsWith(STAMP_FILE) });
  writeStamp(outdir, stamp);
  return 'copied';
};

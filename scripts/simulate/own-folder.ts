import { accessSync, constants, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import * as z from 'zod';
import { UsageError } from '../run-script.ts';

export type Files = Readonly<Record<string, string>>;
/** A folder that is ours to fill. `write` clears what the last run left and writes the new files, the one that names them last. */
export type OwnFolder = Readonly<{ path: string; write: (files: Files) => void }>;

const isNamed = (error: unknown): error is Error & Readonly<{ code: string }> => error instanceof Error && 'code' in error;

const openedFolder = (option: string, path: string): readonly string[] => {
  try {
    mkdirSync(path, { recursive: true });
    accessSync(path, constants.W_OK);
    return readdirSync(path);
  } catch (error) {
    if (isNamed(error)) throw new UsageError(`--${option}: got ${path}, want a folder that can be made and written to (${error.code})`, { cause: error });
    throw error;
  }
};

const Manifest = z.looseObject({ files: z.record(z.string(), z.unknown()) });

/** Files that the manifest of the last run names as its own; none when there is no such file, or it names none. */
const namedIn = (path: string, manifest: string): readonly string[] => {
  try {
    const { data } = Manifest.safeParse(JSON.parse(readFileSync(join(path, manifest), 'utf8')));
    return data === undefined ? [] : [...Object.keys(data.files), manifest];
  } catch (error) {
    if (error instanceof SyntaxError || (isNamed(error) && error.code === 'ENOENT')) return [];
    throw error;
  }
};

/**
 * Make sure of a folder before hours of work go into it: it is there, can be written to, and holds nothing but what an earlier run left and says so. A file of an earlier run among those of this one would be taken for its own.
 *
 * @param option   that named the folder, without dashes
 * @param manifest file that names the others under `files`; written last and cleared last
 * @throws UsageError naming the option, the folder, and a file in it that is not ours
 */
export const ownFolder = (option: string, folder: string, manifest: string): OwnFolder => {
  const path = resolve(folder);
  const own = (): readonly string[] => {
    const held = openedFolder(option, path);
    const named = namedIn(path, manifest);
    const [foreign] = held.filter((name) => !named.includes(name));
    if (foreign !== undefined) throw new UsageError(`--${option}: ${path} holds ${foreign}, which no ${manifest} there names as of an earlier run; want an empty folder, or one of an earlier run alone`);
    return held;
  };
  own();
  const last = (names: readonly string[]): readonly string[] => names.toSorted((a, b) => Number(a === manifest) - Number(b === manifest));
  return {
    path,
    write: (files) => {
      for (const name of last(own())) rmSync(join(path, name));
      for (const name of last(Object.keys(files))) writeFileSync(join(path, name), files[name] ?? '');
    },
  };
};

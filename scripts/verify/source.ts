import { createHash } from 'node:crypto';
import { closeSync, existsSync, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';
import { AHEAD, SourceError, fetchBytes } from './fetch-bytes.ts';

/** Where the files of a log are read from. */
export type Source = Readonly<{
  name: string;
  /** What another thread can open it by. */
  place?: string;
  /** Everything there is can be listed. */
  isFolder: boolean;
  /** Bytes of a file, or undefined when it is not there. */
  read(path: string): Buffer | undefined | Promise<Buffer | undefined>;
  /** Files below a folder, as paths inside the log; undefined when the source can not say. */
  list(folder: string): readonly string[] | undefined;
  /** SHA-256 (hex) of a file of any length; undefined when it is not there, or not inside the log. */
  hashOf(path: string): string | undefined;
  /** Bundles worth asking for ahead. */
  ahead: number;
}>;

const NO_FILE = new Set(['ENOENT', 'ENOTDIR', 'EISDIR']);
const isMissing = (error: unknown): boolean => error instanceof Error && 'code' in error && NO_FILE.has(String(error.code));

const filesBelow = (root: string, folder: string): string[] => readdirSync(join(root, folder), { withFileTypes: true })
  .flatMap((entry) => (entry.isDirectory() ? filesBelow(root, `${folder}/${entry.name}`) : [`${folder}/${entry.name}`]));

const PIECE_BYTES = 1 << 20;
const piece = Buffer.alloc(PIECE_BYTES);

const hashOfFile = (path: string): string => {
  const hash = createHash('sha256');
  const file = openSync(path, 'r');
  try {
    for (let length = readSync(file, piece); length > 0; length = readSync(file, piece)) hash.update(piece.subarray(0, length));
  } finally {
    closeSync(file);
  }
  return hash.digest('hex');
};

/** A file that is there and can not be read is no damage of the log: the command can not be carried out. @throws SourceError */
const unlessMissing = <Value>(place: string, read: () => Value): Value | undefined => {
  try {
    return read();
  } catch (error) {
    if (isMissing(error)) return undefined;
    if (error instanceof Error && 'code' in error) throw new SourceError(`${place}: can not be read (${String(error.code)}); see to the disk and to your rights on it`, { cause: error });
    throw error;
  }
};

const openFolder = (folder: string): Source => {
  const root = resolve(folder);
  const locate = (path: string): string | undefined => {
    const place = resolve(root, path);
    return place.startsWith(`${root}${sep}`) ? place : undefined;
  };
  return {
    name: folder, place: root, isFolder: true, ahead: 1,
    read: (path) => {
      const place = locate(path);
      return place === undefined ? undefined : unlessMissing(place, () => readFileSync(place));
    },
    hashOf: (path) => {
      const place = locate(path);
      return place === undefined ? undefined : unlessMissing(place, () => hashOfFile(place));
    },
    list: (below) => (existsSync(join(root, below)) ? filesBelow(root, below).sort() : undefined),
  };
};

const openUrl = (text: string): Source => {
  const base = new URL(text.endsWith('/') ? text : `${text}/`);
  return { name: text, place: text, isFolder: false, ahead: AHEAD, read: (path) => fetchBytes(new URL(path, base)), list: () => undefined, hashOf: () => undefined };
};

export const isAddress = (place: string): boolean => /^https?:\/\//i.test(place);

/**
 * Open a log by folder or address.
 *
 * @throws SourceError when there is no such folder
 */
export const openSource = (place: string): Source => {
  if (isAddress(place)) return openUrl(place);
  if (!existsSync(place) || !statSync(place).isDirectory()) throw new SourceError(`${place}: no such folder; give the folder that holds 'checkpoint' and 'tile', or its https address`);
  return openFolder(place);
};

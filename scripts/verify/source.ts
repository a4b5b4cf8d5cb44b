import { createHash } from 'node:crypto';
import { closeSync, existsSync, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';

/** Where the files of a log are read from. */
export type Source = Readonly<{
  name: string;
  /** Bytes of a file, or undefined when it is not there. */
  read(path: string): Buffer | undefined | Promise<Buffer | undefined>;
  /** Files below a folder, as paths inside the log; undefined when the source can not say. */
  list(folder: string): readonly string[] | undefined;
  /** SHA-256 (hex) of a file of any length; undefined when it is not there, or not inside the log. */
  hashOf(path: string): string | undefined;
  /** Bundles worth asking for ahead. */
  ahead: number;
}>;

/** The source itself can not be used; the message says what to do. */
export class SourceError extends Error {
  override readonly name = 'SourceError';
}

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

const unlessMissing = <Value>(read: () => Value): Value | undefined => {
  try {
    return read();
  } catch (error) {
    if (isMissing(error)) return undefined;
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
    name: folder, ahead: 1,
    read: (path) => {
      const place = locate(path);
      return place === undefined ? undefined : unlessMissing(() => readFileSync(place));
    },
    hashOf: (path) => {
      const place = locate(path);
      return place === undefined ? undefined : unlessMissing(() => hashOfFile(place));
    },
    list: (below) => (existsSync(join(root, below)) ? filesBelow(root, below).sort() : undefined),
  };
};

const ATTEMPTS = 3;
const TIMEOUT_MS = 30_000;
/** A bundle of 256 of the longest entries. */
const MAXIMUM_FILE_BYTES = 256 * (65_535 + 2);
const NOT_FOUND = new Set([403, 404, 410]);
const AHEAD = 8;

const bytesOf = async (response: Response, url: URL): Promise<Buffer> => {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of response.body ?? []) {
    length += (piece as Uint8Array).length;
    if (length > MAXIMUM_FILE_BYTES) throw new SourceError(`${url.href}: longer than ${MAXIMUM_FILE_BYTES} bytes, which no file of a log is; check the address`);
    pieces.push(piece as Uint8Array);
  }
  return Buffer.concat(pieces);
};

/** Where a hospital's interface wants to know who reads; in the environment, because arguments can be seen by others of the machine. */
const TOKEN_VARIABLE = 'BEDSIDE_TOKEN';

const authorization = (): RequestInit => {
  const token = process.env[TOKEN_VARIABLE];
  return token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } };
};

const fetchOnce = async (url: URL): Promise<Buffer | undefined> => {
  const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS), ...authorization() });
  if (response.status === 401) throw new SourceError(`${url.href}: wants a sign-in; put your ID token into the environment variable ${TOKEN_VARIABLE}`);
  if (NOT_FOUND.has(response.status)) return undefined;
  if (!response.ok) throw new SourceError(`${url.href}: got status ${response.status}, want 200`);
  return bytesOf(response, url);
};

/** Bytes of an address, or undefined when nothing is there. @throws SourceError */
export const fetchBytes = async (url: URL): Promise<Buffer | undefined> => {
  for (let attempt = 1; ; attempt++) {
    try {
      return await fetchOnce(url);
    } catch (error) {
      if (attempt < ATTEMPTS) continue;
      throw error instanceof SourceError ? error : new SourceError(`${url.href}: can not be reached (${error instanceof Error ? error.message : String(error)}); check the address and the network`);
    }
  }
};

const openUrl = (text: string): Source => {
  const base = new URL(text.endsWith('/') ? text : `${text}/`);
  return { name: text, ahead: AHEAD, read: (path) => fetchBytes(new URL(path, base)), list: () => undefined, hashOf: () => undefined };
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

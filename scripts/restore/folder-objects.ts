import { readdir, readFile } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { LogObjects } from '../../functions/_platform/restore/ports.ts';

const isMissing = (error: unknown): boolean => error instanceof Error && 'code' in error && ['ENOENT', 'ENOTDIR', 'EISDIR'].includes(String(error.code));

/** Objects of a log in a folder, as they were copied from its bucket. It is only read. */
export const createFolderObjects = (folder: string): LogObjects => ({
  get: async (key) => {
    try {
      return { body: await readFile(join(folder, ...key.split('/'))), etag: '' };
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  },
  list: async (prefix) => {
    const files = await readdir(folder, { recursive: true, withFileTypes: true });
    return files.filter((file) => file.isFile()).map(({ parentPath, name }) => join(parentPath, name).slice(folder.length).split(sep).filter((part) => part !== '').join('/'))
      .filter((key) => key.startsWith(prefix)).sort();
  },
});

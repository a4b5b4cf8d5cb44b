import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { gzipSync } from 'node:zlib';
import { createTar } from 'nanotar';

/**
 * Pack one model file as SageMaker's built-in container wants it: a gzipped tar with exactly one top-level file. No owner, no time: the same model gives the
 * same bytes.
 */
export const writeModelArchive = (modelFile: string, archive: string): void => {
  const tar = createTar([{ name: basename(modelFile), data: readFileSync(modelFile), attrs: { mtime: 0, uid: 0, gid: 0, mode: '644' } }]);
  mkdirSync(dirname(archive), { recursive: true });
  writeFileSync(archive, gzipSync(tar, { level: 9 }));
};

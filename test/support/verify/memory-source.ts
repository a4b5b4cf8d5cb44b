import { createHash } from 'node:crypto';
import type { Source } from '../../../scripts/verify/source.ts';
import type { Files } from './naive-log.ts';

/** A log that is never written to disk: thousands of damaged ones are verified in a test. */
export const memorySource = (files: Files): Source => ({
  name: 'memory', isFolder: true, ahead: 2, read: (path) => files.get(path),
  hashOf: (path) => (files.has(path) ? createHash('sha256').update(files.get(path)!).digest('hex') : undefined),
  list: (folder) => {
    const below = [...files.keys()].filter((path) => path.startsWith(`${folder}/`));
    return below.length === 0 ? undefined : below.sort();
  },
});

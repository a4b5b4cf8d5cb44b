import { createHash } from 'node:crypto';
import type { ObjectStore } from '../../../functions/_platform/ports.ts';

export type MemoryObjectStore = ObjectStore & Readonly<{ objects: Map<string, Uint8Array>; /** Called before every put; throwing fails it. */ beforePut: { run?: (key: string) => void } }>;

const etagOf = (body: Uint8Array): string => createHash('md5').update(body).digest('hex');

/** Objects in memory, with the conditions of S3. */
export const createMemoryObjectStore = (): MemoryObjectStore => {
  const objects = new Map<string, Uint8Array>();
  const beforePut: { run?: (key: string) => void } = {};
  return {
    objects, beforePut,
    get: (key) => {
      const body = objects.get(key);
      return Promise.resolve(body === undefined ? undefined : { body: Uint8Array.from(body), etag: etagOf(body) });
    },
    put: async (key, body, { ifMatch } = {}) => {
      await Promise.resolve();
      beforePut.run?.(key);
      const held = objects.get(key);
      if (ifMatch === null && held !== undefined) return false;
      if (typeof ifMatch === 'string' && (held === undefined || etagOf(held) !== ifMatch)) return false;
      objects.set(key, Uint8Array.from(body));
      return true;
    },
    list: (prefix, { startAfter = '', limit = Infinity } = {}) => Promise.resolve([...objects.keys()].filter((key) => key.startsWith(prefix) && key > startAfter).sort().slice(0, limit)),
    delete: (key) => {
      objects.delete(key);
      return Promise.resolve();
    },
  };
};

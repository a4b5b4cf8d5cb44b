import { decodeCursor, encodeCursor } from '../../../functions/_platform/cursor.ts';
import type { ManyItems, OperationsStore } from '../../../functions/_platform/ports.ts';

type Key = Readonly<{ pk: string; sk: string }>;
type Item = Readonly<Record<string, unknown>>;
export type MemoryOperationsStore = OperationsStore & ManyItems & Readonly<{ items: Map<string, Item> }>;

/** Where the map of items holds a key. */
export const placeOf = ({ pk, sk }: Key): string => `${pk}\u0000${sk}`;

/** DynamoDB takes no infinity and drops what is undefined. */
const stored = (value: unknown): unknown => {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new RangeError(`got ${value}, which DynamoDB does not store`);
  if (value instanceof Uint8Array || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(stored);
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined).map(([name, each]) => [name, stored(each)]));
};

export const itemOf = ({ pk, sk }: Key, attributes: Item): Item => ({ ...(stored(attributes) as Item), pk, sk });

/** The operations table in memory. */
export const createMemoryOperationsStore = (): MemoryOperationsStore => {
  const items = new Map<string, Item>();
  return {
    items,
    get: (key) => Promise.resolve(items.get(placeOf(key)) as never),
    put: async (key, attributes, { onlyIfAbsent = false, onlyIfVersion } = {}) => {
      await Promise.resolve();
      if (onlyIfAbsent && items.has(placeOf(key))) return false;
      if (onlyIfVersion !== undefined && items.get(placeOf(key))?.['version'] !== onlyIfVersion) return false;
      items.set(placeOf(key), itemOf(key, attributes));
      return true;
    },
    delete: (key) => {
      items.delete(placeOf(key));
      return Promise.resolve();
    },
    getMany: (keys) => Promise.resolve(keys.flatMap((key) => items.get(placeOf(key)) ?? []) as never[]),
    putMany: (many) => {
      for (const each of many) items.set(placeOf(each), itemOf(each, each));
      return Promise.resolve();
    },
    deleteMany: (keys) => {
      for (const key of keys) items.delete(placeOf(key));
      return Promise.resolve();
    },
    list: async (pk, { limit, cursor }, { prefix = '', newestFirst = false } = {}) => {
      await Promise.resolve();
      const direction = newestFirst ? -1 : 1;
      const after = decodeCursor(cursor, pk)?.sk;
      const ordered = [...items.values()].map((item) => ({ item, sk: String(item['sk']) }))
        .filter(({ item, sk }) => item['pk'] === pk && sk.startsWith(prefix) && (after === undefined || (sk > after ? 1 : sk < after ? -1 : 0) === direction))
        .sort((a, b) => (a.sk < b.sk ? -direction : direction));
      const last = ordered[limit - 1];
      const nextCursor = last === undefined || ordered.length === limit ? undefined : encodeCursor({ pk, sk: last.sk });
      return { items: ordered.slice(0, limit).map(({ item }) => item) as never[], ...(nextCursor === undefined ? {} : { nextCursor }) };
    },
  };
};

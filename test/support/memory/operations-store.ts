import type { OperationsStore } from '../../../functions/_platform/ports.ts';

export type MemoryOperationsStore = OperationsStore & Readonly<{ items: Map<string, Readonly<Record<string, unknown>>> }>;

const textOf = ({ pk, sk }: Readonly<{ pk: string; sk: string }>): string => `${pk}\u0000${sk}`;

/** DynamoDB takes no infinity and drops what is undefined. */
const stored = (value: unknown): unknown => {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new RangeError(`got ${value}, which DynamoDB does not store`);
  if (value instanceof Uint8Array || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(stored);
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined).map(([name, each]) => [name, stored(each)]));
};

/** The operations table in memory. */
export const createMemoryOperationsStore = (): MemoryOperationsStore => {
  const items = new Map<string, Readonly<Record<string, unknown>>>();
  return {
    items,
    get: (key) => Promise.resolve(items.get(textOf(key)) as never),
    put: (key, attributes, { onlyIfAbsent = false } = {}) => {
      if (onlyIfAbsent && items.has(textOf(key))) return Promise.resolve(false);
      items.set(textOf(key), { ...(stored(attributes) as object), ...key });
      return Promise.resolve(true);
    },
    delete: (key) => {
      items.delete(textOf(key));
      return Promise.resolve();
    },
    list: (pk, { limit, cursor }, { prefix = '', newestFirst = false } = {}) => {
      const found = [...items.values()].filter((item) => item['pk'] === pk && String(item['sk']).startsWith(prefix)).sort((a, b) => (String(a['sk']) < String(b['sk']) ? -1 : 1));
      const ordered = newestFirst ? found.reverse() : found;
      const start = cursor === undefined ? 0 : ordered.findIndex((item) => item['sk'] === cursor) + 1;
      const page = ordered.slice(start, start + limit);
      const last = page.at(-1)?.['sk'];
      return Promise.resolve({ items: page as never[], ...(start + limit < ordered.length && typeof last === 'string' ? { nextCursor: last } : {}) });
    },
  };
};

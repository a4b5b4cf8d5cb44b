import type { BirthBook } from '../../shared/telemetry/birth.ts';
import type { BirthsWanted } from '../_platform/births.ts';
import type { OperationsStore, Page } from '../_platform/ports.ts';
import type { SealPorts } from './ports.ts';

type Key = Readonly<{ pk: string; sk: string }>;
type Attributes = Readonly<Record<string, unknown>>;
type Operations = SealPorts['operations'];
type Written = Readonly<{ key: Key; attributes: Attributes }>;

const nameOf = ({ pk, sk }: Key): string => `${pk}\u0000${sk}`;

/**
 * The operations table as one run sees it: what was read is not read again, and what is written is written once, at `flush`, many in one call. A run that ends before, or in the
 * middle of it, leaves its segments, and is repeated.
 */
class RememberedOperations implements Operations {
  readonly #operations: Operations;
  readonly #items = new Map<string, Promise<unknown>>();
  readonly #pages = new Map<string, Promise<Page<unknown>>>();
  readonly #unwritten = new Map<string, Written>();

  constructor(operations: Operations) {
    this.#operations = operations;
  }

  async get<Item>(key: Key): Promise<Item | undefined> {
    const known = this.#items.get(nameOf(key)) ?? this.#operations.get<Item>(key);
    this.#items.set(nameOf(key), known);
    return await known as Item | undefined;
  }

  /** A conditional write is done at once, and read afresh: it is about what others write. */
  async put(key: Key, attributes: Attributes, options: NonNullable<Parameters<OperationsStore['put']>[2]> = {}): Promise<boolean> {
    if (options.onlyIfAbsent === true || options.onlyIfVersion !== undefined) {
      this.#items.delete(nameOf(key));
      return this.#operations.put(key, attributes, options);
    }
    this.#items.set(nameOf(key), Promise.resolve(attributes));
    this.#unwritten.set(nameOf(key), { key, attributes });
    return true;
  }

  /** A partition written to in this run is written before it is listed, and listed afresh. */
  async list<Item>(pk: string, page: Parameters<OperationsStore['list']>[1], options: Parameters<OperationsStore['list']>[2] = {}): Promise<Page<Item>> {
    if (await this.#flush((key) => key.pk === pk)) return this.#operations.list<Item>(pk, page, options);
    const name = JSON.stringify([pk, page, options]);
    const known = this.#pages.get(name) ?? this.#operations.list<Item>(pk, page, options);
    this.#pages.set(name, known);
    return await known as Page<Item>;
  }

  async putMany(items: Parameters<Operations['putMany']>[0]): Promise<void> {
    for (const { pk, sk, ...attributes } of items) await this.put({ pk, sk }, attributes);
  }

  async flush(): Promise<void> {
    await this.#flush(() => true);
  }

  async #flush(isWanted: (key: Key) => boolean): Promise<boolean> {
    const written = [...this.#unwritten.values()].filter(({ key }) => isWanted(key));
    if (written.length > 0) await this.#operations.putMany(written.map(({ key, attributes }) => ({ ...attributes, ...key })));
    for (const { key } of written) {
      this.#unwritten.delete(nameOf(key));
      for (const name of this.#pages.keys()) if (name.startsWith(JSON.stringify([key.pk]).slice(0, -1))) this.#pages.delete(name);
    }
    return written.length > 0;
  }
}

/**
 * Ports for the sealing of one hour, which ask for a device's births, since its oldest minute, and a gateway's assignments once. Segments are sealed minutes after they came: what is registered meanwhile is not about
 * them.
 */
export const remembering = (ports: SealPorts): Readonly<{ ports: SealPorts; flush(): Promise<void> }> => {
  const operations = new RememberedOperations(ports.operations);
  const books = new Map<string, Readonly<{ sinceEpochMs: number; book: Promise<BirthBook> }>>();
  const bookOf = (wanted: BirthsWanted): Promise<BirthBook> => {
    const { edgeNodeId, deviceId, sinceEpochMs } = wanted;
    const name = `${edgeNodeId}/${deviceId ?? ''}`;
    const known = books.get(name);
    if (known !== undefined && known.sinceEpochMs <= sinceEpochMs) return known.book;
    const book = ports.births.bookOf(wanted);
    books.set(name, { sinceEpochMs, book });
    return book;
  };
  return { ports: { ...ports, operations, births: { ...ports.births, bookOf } }, flush: () => operations.flush() };
};

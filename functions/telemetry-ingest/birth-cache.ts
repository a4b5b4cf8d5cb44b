import type { BirthBook } from '../../shared/telemetry/birth.ts';
import type { Births } from '../_platform/births.ts';

/** Births seen by this execution environment; one that another has seen is found by reading again, at most once a batch. */
export class BirthCache {
  readonly #births: Births;
  readonly #books = new Map<string, BirthBook>();
  /** Books read in this batch, or being read. */
  readonly #reloaded = new Map<string, Promise<BirthBook>>();

  constructor(births: Births) {
    this.#births = births;
  }

  /** A new batch: each edge node may be read again once. */
  begin(): void {
    this.#reloaded.clear();
  }

  async bookOf(edgeNodeId: string): Promise<BirthBook> {
    return this.#books.get(edgeNodeId) ?? this.reloaded(edgeNodeId);
  }

  reloaded(edgeNodeId: string): Promise<BirthBook> {
    const found = this.#reloaded.get(edgeNodeId) ?? this.#read(edgeNodeId);
    this.#reloaded.set(edgeNodeId, found);
    return found;
  }

  async #read(edgeNodeId: string): Promise<BirthBook> {
    const book = await this.#births.bookOf(edgeNodeId);
    this.#books.set(edgeNodeId, book);
    return book;
  }
}

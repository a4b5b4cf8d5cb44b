import type { Birth, BirthBook } from '../../shared/telemetry/birth.ts';
import type { Births, BirthsWanted } from '../_platform/births.ts';

type Known = Readonly<{ sinceEpochMs: number; book: BirthBook }>;

const nameOf = ({ edgeNodeId, deviceId }: Pick<BirthsWanted, 'edgeNodeId' | 'deviceId'>): string => `${edgeNodeId}/${deviceId ?? ''}`;

/**
 * Births seen by this execution environment, by device, since the oldest message it had of it; one that another has seen is found by reading again, at most once a batch. A message that is older
 * than what is known has it read from then on.
 */
export class BirthCache {
  readonly #births: Births;
  readonly #known = new Map<string, Known>();
  /** Read in this batch, or being read. */
  readonly #reloaded = new Map<string, Readonly<{ sinceEpochMs: number; book: Promise<BirthBook> }>>();

  constructor(births: Births) {
    this.#births = births;
  }

  /** A new batch: each device's births may be read again once. */
  begin(): void {
    this.#reloaded.clear();
  }

  async bookOf(wanted: BirthsWanted): Promise<BirthBook> {
    const known = this.#known.get(nameOf(wanted));
    return known !== undefined && known.sinceEpochMs <= wanted.sinceEpochMs ? known.book : this.reloaded(wanted);
  }

  reloaded(wanted: BirthsWanted): Promise<BirthBook> {
    const name = nameOf(wanted);
    const found = this.#reloaded.get(name);
    if (found !== undefined && found.sinceEpochMs <= wanted.sinceEpochMs) return found.book;
    const sinceEpochMs = Math.min(wanted.sinceEpochMs, this.#known.get(name)?.sinceEpochMs ?? Infinity);
    const book = this.#read(name, { ...wanted, sinceEpochMs });
    this.#reloaded.set(name, { sinceEpochMs, book });
    return book;
  }

  /** A birth that is stored: of a gateway, it is one of all its devices. */
  add(birth: Birth): void {
    for (const [name, { book }] of this.#known) if (name === nameOf(birth) || (birth.deviceId === undefined && name.startsWith(`${birth.edgeNodeId}/`))) book.add(birth);
  }

  async #read(name: string, wanted: BirthsWanted): Promise<BirthBook> {
    const book = await this.#births.bookOf(wanted);
    this.#known.set(name, { sinceEpochMs: wanted.sinceEpochMs, book });
    return book;
  }
}

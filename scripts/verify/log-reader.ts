import type { ChunkStore, NoChunks } from './chunk-store.ts';
import type { BatchPlace, Findings } from './damage.ts';
import { guessPlace } from './entry.ts';
import { splitBundle } from './entry-bundle.ts';
import { EventChecker, placeOf } from './event-checker.ts';
import { tilePath } from './layout.ts';
import { TILE_WIDTH } from './merkle.ts';
import { Order, type Earlier } from './order.ts';
import { HASH_LENGTH } from './sha256.ts';
import { Standing } from './standing.ts';
import type { TileFile } from './tiles.ts';
import type { UnitReading } from './unit-reading.ts';
import { slotsThatDiffer } from './units.ts';

/** A bundle by its place: its index, the entries it has in this log, and the hashes that its tile claims. */
export type Wanted = Readonly<{ index: number; width: number; wantedHashes: Buffer | undefined }>;

const asBuffer = ({ buffer, byteOffset, byteLength }: Uint8Array<ArrayBuffer>): Buffer => Buffer.from(buffer, byteOffset, byteLength);

/** Reads bundles in order, and each event in them. */
export class LogReader {
  readonly #findings: Findings;
  readonly events: EventChecker;
  /** Where entries stand that were complained of, so that the tree's complaint can name the batch too. */
  readonly #places = new Map<number, Readonly<{ file: string; batch: BatchPlace | undefined }>>();

  readonly #standing: Standing;

  /** @param seenEpochMs when the whole log was seen @param earlier a checkpoint of it that was seen before */
  constructor(chunks: ChunkStore | NoChunks, findings: Findings, seenEpochMs: number, earlier?: Earlier) {
    this.#findings = findings;
    this.#standing = new Standing(findings);
    this.events = new EventChecker(chunks, findings, new Order(seenEpochMs, earlier), this.#standing);
  }

  /** What can be told only after the last entry. */
  end(): void {
    this.#standing.end();
    this.events.erasures.compare();
  }

  /**
   * Read one bundle.
   *
   * @param wantedHashes hashes its tile claims, where there are any: an entry that has another is remembered by name
   * @param reading what was read of it beforehand, when it is sound in itself; without it, it is read event by event
   * @returns leaf hashes of its entries; undefined when it has not as many as it should
   */
  readBundle(bundle: TileFile | undefined, { index, width, wantedHashes }: Wanted, reading?: UnitReading): Buffer | undefined {
    const first = index * TILE_WIDTH;
    if (bundle === undefined) {
      this.#findings.damage({ file: tilePath('entries', index, width), entry: first, lastEntry: first + width - 1, message: 'is missing' });
      this.events.streams.skip();
      return undefined;
    }
    if (reading !== undefined) this.events.follow(bundle.bytes, reading, { file: bundle.file, entry: first });
    if (reading !== undefined && wantedHashes?.equals(reading.leaves) === true) return asBuffer(reading.leaves);
    const { bounds, bytes, fault } = splitBundle(bundle.bytes, width, bundle.isLonger);
    const leaves = reading === undefined ? this.#readEvents(bundle.file, first, bytes, bounds, width) : asBuffer(reading.leaves);
    if (wantedHashes?.equals(leaves) === false) {
      for (const slot of slotsThatDiffer(leaves.subarray(0, bounds.length / 2 * HASH_LENGTH), wantedHashes)) this.#remember({ file: bundle.file, entry: first + slot }, bytes.subarray(bounds[2 * slot], bounds[2 * slot + 1]));
    }
    if (fault === undefined) return leaves;
    return this.#reportBundle(bundle.file, first, fault, leaves.subarray(0, bounds.length / 2 * HASH_LENGTH), wantedHashes);
  }

  #readEvents(file: string, first: number, bytes: Buffer, bounds: readonly number[], width: number): Buffer {
    const leaves = Buffer.alloc(width * HASH_LENGTH);
    for (let i = 0; i < bounds.length / 2; i++) {
      const start = bounds[2 * i] ?? 0, end = bounds[2 * i + 1] ?? 0;
      leaves.latin1Write(this.events.leafHash(bytes, start, end), i * HASH_LENGTH);
      this.events.check(bytes, start, end, { file, entry: first + i });
    }
    return leaves;
  }

  /** Name an entry and its batch. */
  nameEntry(index: number, message: string): void {
    const { file, batch } = this.#places.get(index) ?? { file: tilePath('entries', Math.floor(index / TILE_WIDTH)), batch: undefined };
    this.#findings.damage({ file, entry: index, message, ...(batch === undefined ? {} : { batch }) });
  }

  #reportBundle(file: string, first: number, fault: string, leaves: Buffer, wanted: Buffer | undefined): Buffer | undefined {
    const count = leaves.length / HASH_LENGTH;
    const [differing] = wanted === undefined ? [] : slotsThatDiffer(leaves, wanted);
    const entry = first + (differing ?? count);
    this.#findings.damage({ file, entry, message: `its bundle ${fault}; from here on it differs from the tile`, ...this.#batchOf(entry) });
    this.events.streams.skip();
    return undefined;
  }

  #batchOf(entry: number): Readonly<{ batch?: BatchPlace }> {
    const batch = this.#places.get(entry)?.batch;
    return batch === undefined ? {} : { batch };
  }

  #remember(place: Readonly<{ file: string; entry: number }>, bytes: Buffer): void {
    const guess = guessPlace(bytes);
    this.#places.set(place.entry, { file: place.file, batch: guess === undefined ? undefined : placeOf(guess.stream, guess.version) });
  }
}

import { Chunks } from './chunks.ts';
import type { BatchPlace, Findings } from './damage.ts';
import { EntryReader, guessPlace, streamOf, type Entry } from './entry.ts';
import { splitBundle } from './entry-bundle.ts';
import { tilePath } from './layout.ts';
import { TILE_WIDTH } from './merkle.ts';
import { FormError } from './note.ts';
import { HASH_LENGTH } from './sha256.ts';
import { Signatures } from './signature.ts';
import type { Source } from './source.ts';
import { Streams } from './streams.ts';
import type { TileFile } from './tiles.ts';
import { slotsThatDiffer } from './units.ts';

const placeOf = (stream: string, version: number): BatchPlace => ({ ...streamOf(stream), version });

/** Reads bundles in order: each entry alone, then in the chain of its stream. */
export class LogReader {
  readonly #findings: Findings;
  readonly #entries = new EntryReader();
  readonly streams = new Streams();
  readonly signatures = new Signatures();
  readonly chunks: Chunks;
  /** Where entries stand that were complained of, so that the tree's complaint can name the batch too. */
  readonly #places = new Map<number, Readonly<{ file: string; batch: BatchPlace | undefined }>>();

  constructor(source: Source, findings: Findings) {
    this.#findings = findings;
    this.chunks = new Chunks(source, findings);
  }

  /**
   * Read one bundle.
   *
   * @param wantedHashes hashes its tile claims, where there are any: an entry that has another is remembered by name
   * @returns leaf hashes of its entries; undefined when it has not as many as it should
   */
  readBundle(bundle: TileFile | undefined, index: number, width: number, wantedHashes: Buffer | undefined): Buffer | undefined {
    const first = index * TILE_WIDTH;
    if (bundle === undefined) {
      this.#findings.damage({ file: tilePath('entries', index, width), entry: first, lastEntry: first + width - 1, message: 'is missing' });
      this.streams.skip();
      return undefined;
    }
    const { bounds, bytes, fault } = splitBundle(bundle.bytes, width, bundle.isLonger);
    const leaves = Buffer.alloc(width * HASH_LENGTH);
    for (let i = 0; i < bounds.length / 2; i++) {
      const start = bounds[2 * i] ?? 0, end = bounds[2 * i + 1] ?? 0;
      leaves.latin1Write(this.#entries.leafHash(bytes, start, end), i * HASH_LENGTH);
      this.#readEntry(bytes, start, end, { file: bundle.file, entry: first + i });
    }
    if (wantedHashes?.equals(leaves) === false) {
      for (const slot of slotsThatDiffer(leaves.subarray(0, bounds.length / 2 * HASH_LENGTH), wantedHashes)) this.#remember({ file: bundle.file, entry: first + slot }, bytes.subarray(bounds[2 * slot], bounds[2 * slot + 1]));
    }
    if (fault === undefined) return leaves;
    return this.#reportBundle(bundle.file, first, fault, leaves.subarray(0, bounds.length / 2 * HASH_LENGTH), wantedHashes);
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
    this.streams.skip();
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

  #readEntry(bytes: Buffer, start: number, end: number, place: Readonly<{ file: string; entry: number }>): void {
    let entry: Entry;
    try {
      entry = this.#entries.read(bytes, start, end);
    } catch (error) {
      if (!(error instanceof FormError)) throw error;
      this.#reportUnreadable(bytes.subarray(start, end), place, error.message);
      return;
    }
    if (entry.hash !== entry.computedHash) this.#complain(place, entry, `its content does not match its hash: got ${entry.computedHash}, it says ${entry.hash}`);
    const fault = this.streams.follow(entry);
    if (fault !== undefined) this.#complain(place, entry, fault);
    if (entry.needsReading) this.#readEvent(bytes, start, end, entry, place);
  }

  #reportUnreadable(bytes: Buffer, place: Readonly<{ file: string; entry: number }>, message: string): void {
    const guess = guessPlace(bytes);
    if (guess === undefined) this.streams.skip();
    else this.streams.skipEvent(guess.stream, guess.version);
    this.#findings.damage({ ...place, message: `is not the canonical JSON of an event: ${message}`, ...(guess === undefined ? {} : { batch: placeOf(guess.stream, guess.version) }) });
  }

  #complain(place: Readonly<{ file: string; entry: number }>, { stream, version }: Entry, message: string): void {
    this.#findings.damage({ ...place, batch: placeOf(stream, version), message });
  }

  #readEvent(bytes: Buffer, start: number, end: number, entry: Entry, place: Readonly<{ file: string; entry: number }>): void {
    const { actor, event } = JSON.parse(bytes.toString('utf8', start, end)) as Readonly<{ actor: unknown; event: Readonly<{ type: string; signature?: unknown; chunks?: unknown }> }>;
    if (event.signature !== undefined) for (const fault of this.signatures.check(place.entry, entry, actor, event.signature)) this.#complain(place, entry, fault);
    if (event.type === 'telemetry-sealed') this.chunks.check(event.chunks, { ...place, batch: placeOf(entry.stream, entry.version) });
  }
}

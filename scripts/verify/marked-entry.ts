import './buffer-slices.ts';
import { HASH_DIGITS, MARK, type Entry } from './entry.ts';
import { TIME_CHARACTERS } from './utc-time.ts';

/** What of an entry the rest of the log is held against. */
export type Following = Omit<Entry, 'needsReading'> & Readonly<{
  /** A number made of the stream's text, where one was made; two streams may have the same. */
  streamKey?: number;
  isOf(stream: string): boolean;
  follows(hash: string): boolean;
}>;

/** An entry that was read into texts. */
export const followingOf = (entry: Entry): Following => ({ ...entry, isOf: (stream) => stream === entry.stream, follows: (hash) => hash === entry.previousHash });

/** The entries of one bundle, one after the other, as their marks say. Bytes are compared where they stand: of a million entries, most texts would be made for one comparison. */
export class MarkedEntry implements Following {
  readonly #bytes: Buffer;
  readonly #marks: Float64Array;
  #slot = 0;
  recordedAt = '';
  hash = '';

  constructor(bytes: Buffer, marks: Float64Array) {
    this.#bytes = bytes;
    this.#marks = marks;
  }

  /** Go to the entry whose marks begin here. */
  at(slot: number): this {
    this.#slot = slot;
    this.recordedAt = this.#text(MARK.timeStart, TIME_CHARACTERS);
    this.hash = this.#text(MARK.hashStart, HASH_DIGITS);
    return this;
  }

  get stream(): string {
    return this.#bytes.latin1Slice(this.#mark(MARK.streamStart), this.#mark(MARK.streamEnd));
  }

  get previousHash(): string {
    return this.#text(MARK.previousHashStart, HASH_DIGITS);
  }

  /** It was held against the content when the marks were made. */
  get computedHash(): string {
    return this.hash;
  }

  get version(): number {
    return this.#mark(MARK.version);
  }

  get signers(): number {
    return this.#mark(MARK.signers);
  }

  get streamKey(): number {
    return this.#mark(MARK.streamKey);
  }

  isOf(stream: string): boolean {
    return stream.length === this.#mark(MARK.streamEnd) - this.#mark(MARK.streamStart) && this.#isText(MARK.streamStart, stream);
  }

  follows(hash: string): boolean {
    return hash.length === HASH_DIGITS && this.#isText(MARK.previousHashStart, hash);
  }

  #mark(mark: number): number {
    return this.#marks[this.#slot + mark] ?? 0;
  }

  #text(mark: number, length: number): string {
    const start = this.#mark(mark);
    return this.#bytes.latin1Slice(start, start + length);
  }

  #isText(mark: number, text: string): boolean {
    const bytes = this.#bytes, start = this.#mark(mark);
    for (let i = 0; i < text.length; i++) if (bytes[start + i] !== text.charCodeAt(i)) return false;
    return true;
  }
}

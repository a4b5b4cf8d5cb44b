import { DomainError } from '../errors.ts';

export const malformed = (what: string, cause?: unknown): DomainError => new DomainError('sparkplug-malformed', `Sparkplug payload: ${what}`, {}, { cause });

const WIRE = { varint: 0, fixed64: 1, delimited: 2, fixed32: 5 } as const;
const TWO_32 = 2 ** 32;
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Reads protobuf's wire format without a schema, keeping every bit: 64-bit values come as two unsigned 32-bit halves, because a NaN that has been a JavaScript number
 * may have lost its payload.
 *
 * @see https://protobuf.dev/programming-guides/encoding/
 */
export class WireReader {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  /** Next byte, and the end of the message being read; both are offsets into `bytes`. */
  at: number;
  end: number;
  /** Halves of the last 64-bit value read. */
  low = 0;
  high = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = 0;
    this.end = bytes.length;
  }

  #next(): number {
    if (this.at >= this.end) throw malformed('it is cut short');
    const byte = this.bytes[this.at] ?? 0;
    this.at += 1;
    return byte;
  }

  /** Read a varint of up to 64 bits into `low` and `high`. */
  varint(): void {
    this.low = 0;
    this.high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.#next();
      const part = byte & 0x7f;
      if (shift < 28) this.low |= part << shift;
      else if (shift === 28) {
        this.low |= part << 28;
        this.high = part >>> 4;
      } else this.high |= part << (shift - 32);
      if (byte < 0x80) {
        this.low >>>= 0;
        this.high >>>= 0;
        return;
      }
    }
    throw malformed('an integer does not end');
  }

  /** A varint as a number. @throws DomainError `sparkplug-malformed` beyond 2^53 */
  unsigned(): number {
    const first = this.at < this.end ? this.bytes[this.at] ?? 0 : 0x80;
    if (first < 0x80) {
      this.at += 1;
      return first;
    }
    this.varint();
    const value = this.high * TWO_32 + this.low;
    if (!Number.isSafeInteger(value)) throw malformed(`an integer is too large: got ${value}`);
    return value;
  }

  fixed32(): void {
    this.#need(4);
    this.low = this.#view.getUint32(this.at, true);
    this.high = 0;
    this.at += 4;
  }

  fixed64(): void {
    this.#need(8);
    this.low = this.#view.getUint32(this.at, true);
    this.high = this.#view.getUint32(this.at + 4, true);
    this.at += 8;
  }

  /** Offset just after a length-delimited field whose length comes next; `at` is its first byte. */
  delimitedEnd(): number {
    const length = this.unsigned();
    this.#need(length);
    return this.at + length;
  }

  delimited(): Uint8Array {
    const end = this.delimitedEnd();
    const found = this.bytes.subarray(this.at, end);
    this.at = end;
    return found;
  }

  text(): string {
    try {
      return strictUtf8.decode(this.delimited());
    } catch (cause) {
      throw cause instanceof DomainError ? cause : malformed('a text is not UTF-8', cause);
    }
  }

  /** Step over the value of a field nobody here needs. */
  skip(tag: number): void {
    switch (tag & 7) {
      case WIRE.varint: this.varint(); break;
      case WIRE.fixed64: this.fixed64(); break;
      case WIRE.delimited: this.at = this.delimitedEnd(); break;
      case WIRE.fixed32: this.fixed32(); break;
      default: throw malformed(`got wire type ${tag & 7}, want 0, 1, 2 or 5`);
    }
  }

  #need(count: number): void {
    if (this.at + count > this.end) throw malformed('it is cut short');
  }
}

/** What to do with each field of a message, by its tag (field number and wire type). A known field number with another wire type is malformed; an unknown one is skipped. */
export type FieldTable<Draft> = Readonly<{ byTag: readonly (((reader: WireReader, draft: Draft) => void) | undefined)[]; known: ReadonlySet<number> }>;

export const fieldTable = <Draft>(fields: readonly Readonly<{ number: number; wire: keyof typeof WIRE; read(reader: WireReader, draft: Draft): void }>[]): FieldTable<Draft> => {
  const byTag: ((reader: WireReader, draft: Draft) => void)[] = [];
  for (const { number, wire, read } of fields) byTag[number * 8 + WIRE[wire]] = read;
  return { byTag, known: new Set(fields.map(({ number }) => number)) };
};

/** Read one message, from `reader.at` to `end`, into a draft. */
export const readFields = <Draft>(reader: WireReader, end: number, { byTag, known }: FieldTable<Draft>, draft: Draft): void => {
  const outer = reader.end;
  reader.end = end;
  while (reader.at < end) {
    const tag = reader.unsigned();
    const read = byTag[tag];
    if (read !== undefined) read(reader, draft);
    else if (tag < 8 || known.has(tag >>> 3)) throw malformed(`field ${tag >>> 3}: got wire type ${tag & 7}, which it does not have`);
    else reader.skip(tag);
  }
  reader.end = outer;
};

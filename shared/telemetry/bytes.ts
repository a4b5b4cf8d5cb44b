const TWO_31 = 2 ** 31;

/** A growing buffer with the few encodings the chunk needs. Integers are LEB128, zigzag where signed, exact to 53 bits. */
export class ByteWriter {
  #buffer = Buffer.allocUnsafe(4096);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  #room(count: number): void {
    if (this.#length + count <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#length + count));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }

  byte(value: number): void {
    this.#room(1);
    this.#buffer[this.#length] = value;
    this.#length += 1;
  }

  /** Non-negative safe integer. */
  unsigned(value: number): void {
    this.#room(8);
    let rest = value;
    let at = this.#length;
    while (rest >= TWO_31) {
      this.#buffer[at++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    while (rest >= 0x80) {
      this.#buffer[at++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.#buffer[at++] = rest;
    this.#length = at;
  }

  /** Safe integer whose double is still safe. */
  signed(value: number): void {
    this.unsigned(value < 0 ? -2 * value - 1 : 2 * value);
  }

  word(value: number): void {
    this.#room(4);
    this.#buffer.writeUInt32LE(value, this.#length);
    this.#length += 4;
  }

  double(value: number): void {
    this.#room(8);
    this.#buffer.writeDoubleLE(value, this.#length);
    this.#length += 8;
  }

  /** Bytes as they are, their count known to the reader. */
  raw(value: Uint8Array): void {
    this.#room(value.length);
    this.#buffer.set(value, this.#length);
    this.#length += value.length;
  }

  bytes(value: Uint8Array): void {
    this.unsigned(value.length);
    this.raw(value);
  }

  text(value: string): void {
    this.bytes(Buffer.from(value));
  }

  finish(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }
}

/** Reads what `ByteWriter` wrote; past the end it throws RangeError. */
export class ByteReader {
  readonly #buffer: Buffer;
  #at = 0;

  constructor(buffer: Buffer) {
    this.#buffer = buffer;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#buffer.length;
  }

  byte(): number {
    const value = this.#buffer[this.#at];
    if (value === undefined) throw new RangeError('it is cut short');
    this.#at += 1;
    return value;
  }

  unsigned(): number {
    const first = this.byte();
    if (first < 0x80) return first;
    let value = first & 0x7f;
    let scale = 0x80;
    for (let count = 1; count < 8; count += 1) {
      const next = this.byte();
      value += (next & 0x7f) * scale;
      if (next < 0x80) return value;
      scale *= 0x80;
    }
    throw new RangeError('an integer does not end');
  }

  signed(): number {
    const value = this.unsigned();
    return value % 2 === 1 ? -(value + 1) / 2 : value / 2;
  }

  /** A count of things that take at least one byte each, so no more than there are bytes left: a damaged one can not ask for memory. */
  count(most: number = this.#buffer.length - this.#at): number {
    const value = this.unsigned();
    if (value > most) throw new RangeError(`a count is too large: got ${value}, want at most ${most}`);
    return value;
  }

  word(): number {
    const value = this.#buffer.readUInt32LE(this.#at);
    this.#at += 4;
    return value;
  }

  double(): number {
    const value = this.#buffer.readDoubleLE(this.#at);
    this.#at += 8;
    return value;
  }

  raw(length: number): Buffer {
    if (this.#at + length > this.#buffer.length) throw new RangeError('it is cut short');
    const value = this.#buffer.subarray(this.#at, this.#at + length);
    this.#at += length;
    return value;
  }

  bytes(): Buffer {
    return this.raw(this.unsigned());
  }

  text(): string {
    return this.bytes().toString('utf8');
  }
}

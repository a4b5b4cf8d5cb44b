import { FormError } from './note.ts';

/**
 * A scanner that reads the bytes of one JSON value and refuses every form but the canonical one: no white space, members sorted by
 * UTF-16 code units and each once, strings with the shortest escapes, numbers as ECMAScript prints them. UTF-8 is the caller's to check.
 *
 * @see RFC 8785 sections 3.2.1 to 3.2.3, RFC 8259
 */

/** Members of the outer object and of the objects in it: five numbers each, `depth, keyStart, keyEnd, valueStart, valueEnd`. */
export const SPAN = 5;
const RECORDED_DEPTH = 2;
const INITIAL_SPANS = 64;
const MAXIMUM_DEPTH = 256;

const QUOTE = 0x22, BACKSLASH = 0x5c, COMMA = 0x2c, COLON = 0x3a, OPEN = 0x7b, CLOSE = 0x7d, OPEN_LIST = 0x5b, CLOSE_LIST = 0x5d;
const MINUS = 0x2d, ZERO = 0x30, NINE = 0x39, FIRST_PRINTABLE = 0x20, FIRST_NOT_ASCII = 0x80;
/** An integer of so many digits is exact in a double and printed as it is. */
const EXACT_DIGITS = 15;
const IS_DIGIT = Uint8Array.from({ length: 256 }, (_, byte) => (byte >= ZERO && byte <= NINE ? 1 : 0));
/** Every byte a number may hold. */
const isNumberByte = (byte: number): boolean => (byte >= ZERO && byte <= NINE) || byte === MINUS || byte === 0x2b || byte === 0x2e || byte === 0x65 || byte === 0x45;
/** Escapes that have to be written so: `\" \\ \b \f \n \r \t`. */
const SHORT_ESCAPES = new Set(Buffer.from('"\\bfnrt'));
/** Control characters without a short escape. */
const LONG_ESCAPE = /^u00(0[0-7bef]|1[0-9a-f])$/;
/** Bytes that stand in a string for themselves and need no second look: printable ASCII but quote and backslash. */
const IS_ORDINARY = Uint8Array.from({ length: 256 }, (_, byte) => (byte >= FIRST_PRINTABLE && byte < FIRST_NOT_ASCII && byte !== QUOTE && byte !== BACKSLASH ? 1 : 0));
/** The member every signature has. */
const SIGNER = Buffer.from('signerId');
/** By their first byte. */
const LITERALS: Readonly<Record<number, Buffer>> = { 0x74: Buffer.from('true'), 0x66: Buffer.from('false'), 0x6e: Buffer.from('null') };

export class CanonicalScanner {
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;
  #end = 0;
  /** Whether a byte of 0x80 or more was seen. */
  hasNotAscii = false;
  /** Objects inside the recorded ones that have a member `signerId`. */
  signers = 0;
  /** Whether the string just read holds an escape or a byte of 0x80 or more. */
  #isPlain = true;
  /** The first `count` numbers are of the value just read. */
  spans = new Int32Array(SPAN * INITIAL_SPANS);
  count = 0;

  /**
   * Read one value that fills `bytes` from `start` to `end`.
   *
   * @throws FormError naming the byte (from `start`)
   */
  scan(bytes: Buffer, start: number, end: number): void {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
    this.hasNotAscii = false;
    this.signers = 0;
    this.count = 0;
    try {
      this.#value(0);
      if (this.#at !== end) throw new FormError('something follows the value');
    } catch (error) {
      if (error instanceof FormError) throw new FormError(`${error.message} (byte ${this.#at - start})`);
      throw error;
    }
  }

  #peek(): number {
    return this.#at < this.#end ? this.#bytes[this.#at] ?? -1 : -1;
  }

  #expect(byte: number): void {
    if (this.#peek() !== byte) throw new FormError(`want '${String.fromCharCode(byte)}'`);
    this.#at++;
  }

  #value(depth: number): void {
    const first = this.#peek();
    if (first === QUOTE) this.#string();
    else if (first === OPEN) this.#object(depth + 1);
    else if (first === OPEN_LIST) this.#list(depth + 1);
    else if (first === MINUS || (first >= ZERO && first <= NINE)) this.#number();
    else this.#literal();
  }

  #literal(): void {
    const literal = LITERALS[this.#peek()];
    if (literal === undefined || this.#at + literal.length > this.#end) throw new FormError('want a JSON value');
    for (let i = 0; i < literal.length; i++) if (this.#bytes[this.#at + i] !== literal[i]) throw new FormError('want a JSON value');
    this.#at += literal.length;
  }

  #number(): void {
    const start = this.#at, bytes = this.#bytes, end = this.#end;
    let at = start;
    while (at < end && IS_DIGIT[bytes[at] ?? 0] === 1) at++;
    const isInteger = at === end || !isNumberByte(bytes[at] ?? 0);
    while (at < end && isNumberByte(bytes[at] ?? 0)) at++;
    this.#at = at;
    const digits = at - start;
    if (isInteger && digits <= EXACT_DIGITS && (digits === 1 || this.#bytes[start] !== ZERO)) return;
    const text = this.#bytes.toString('latin1', start, this.#at);
    if (String(Number(text)) !== text) throw new FormError(`got the number ${text}, want it as ECMAScript prints it`);
  }

  #string(): void {
    const bytes = this.#bytes, end = this.#end;
    let at = this.#at + 1;
    this.#isPlain = true;
    for (;; at++) {
      while (IS_ORDINARY[bytes[at] ?? 0] === 1) at++;
      if (at >= end) break;
      const byte = bytes[at] ?? 0;
      if (byte === QUOTE) {
        this.#at = at + 1;
        return;
      }
      if (byte < FIRST_PRINTABLE) break;
      if (byte === BACKSLASH) at = this.#escape(at + 1);
      else {
        this.hasNotAscii = true;
        this.#isPlain = false;
      }
    }
    this.#at = Math.min(at, end);
    throw new FormError('a string is not closed, or holds a control character');
  }

  /** @returns position of the escape's last byte */
  #escape(at: number): number {
    this.#isPlain = false;
    if (at < this.#end && SHORT_ESCAPES.has(this.#bytes[at] ?? 0)) return at;
    const LENGTH = 5;
    this.#at = at;
    if (at + LENGTH > this.#end || !LONG_ESCAPE.test(this.#bytes.toString('latin1', at, at + LENGTH))) throw new FormError('an escape is not in its canonical form');
    return at + LENGTH - 1;
  }

  #list(depth: number): void {
    if (depth > MAXIMUM_DEPTH) throw new FormError(`nested deeper than ${MAXIMUM_DEPTH}`);
    this.#at++;
    if (this.#peek() === CLOSE_LIST) {
      this.#at++;
      return;
    }
    for (;;) {
      this.#value(Math.max(depth, RECORDED_DEPTH));
      if (this.#peek() === CLOSE_LIST) break;
      this.#expect(COMMA);
    }
    this.#at++;
  }

  #object(depth: number): void {
    if (depth > MAXIMUM_DEPTH) throw new FormError(`nested deeper than ${MAXIMUM_DEPTH}`);
    this.#at++;
    if (this.#peek() === CLOSE) {
      this.#at++;
      return;
    }
    let lastStart = -1, lastEnd = -1, lastPlain = true;
    for (;;) {
      if (this.#peek() !== QUOTE) throw new FormError('want a member name');
      const start = this.#at + 1;
      this.#string();
      const end = this.#at - 1, isPlain = this.#isPlain;
      if (lastStart >= 0 && !this.#isAfter(lastStart, lastEnd, start, end, lastPlain && isPlain)) throw new FormError('members are not sorted, or one is there twice');
      this.#expect(COLON);
      this.#member(depth, start, end);
      lastStart = start;
      lastEnd = end;
      lastPlain = isPlain;
      if (this.#peek() === CLOSE) break;
      this.#expect(COMMA);
    }
    this.#at++;
  }

  #member(depth: number, start: number, end: number): void {
    if (depth > RECORDED_DEPTH) {
      if (end - start === SIGNER.length && this.#bytes[start] === SIGNER[0] && SIGNER.equals(this.#bytes.subarray(start, end))) this.signers++;
      this.#value(depth);
      return;
    }
    const slot = this.#reserve();
    this.spans[slot] = depth;
    this.spans[slot + 1] = start;
    this.spans[slot + 2] = end;
    this.spans[slot + 3] = this.#at;
    this.#value(depth);
    this.spans[slot + 4] = this.#at;
  }

  #reserve(): number {
    const slot = this.count;
    this.count += SPAN;
    if (this.count <= this.spans.length) return slot;
    const larger = new Int32Array(this.spans.length * 2);
    larger.set(this.spans);
    this.spans = larger;
    return slot;
  }

  /** Whether the second name sorts after the first; plain names compare by bytes, others by UTF-16 code units. */
  #isAfter(start: number, end: number, nextStart: number, nextEnd: number, isPlain: boolean): boolean {
    const bytes = this.#bytes;
    if (!isPlain) {
      const read = (from: number, to: number): string => JSON.parse(bytes.toString('utf8', from - 1, to + 1)) as string;
      return read(nextStart, nextEnd) > read(start, end);
    }
    for (let a = start, b = nextStart; b < nextEnd; a++, b++) {
      if (a === end) return true;
      const difference = (bytes[b] ?? 0) - (bytes[a] ?? 0);
      if (difference !== 0) return difference > 0;
    }
    return false;
  }
}

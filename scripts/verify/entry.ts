import { isUtf8 } from 'node:buffer';
import './buffer-slices.ts';
import { CanonicalScanner, SPAN } from './canonical.ts';
import { FormError } from './note.ts';
import { sha256Hex, sha256Latin1 } from './sha256.ts';
import { TIME_CHARACTERS, isUtcTime } from './utc-time.ts';

/**
 * One entry of the log: the canonical JSON of a recorded event, with the members `actor`, `deviceTime` (where there is one), `event`, `hash`,
 * `previousHash`, `recordedAt`, `stream` and `version`. Only what the chain needs is read; the rest stays bytes.
 */
export type Entry = Readonly<{
  /** Canonical JSON of the stream's `{id, kind}`: equal texts are equal streams. */
  stream: string;
  version: number;
  recordedAt: string;
  previousHash: string;
  /** As it stands in the entry. */
  hash: string;
  /** SHA-256 of the canonical JSON without `hash`. */
  computedHash: string;
  /** The event carries a signature anywhere, names chunks, or is of a person's own record: read the whole of it. */
  needsReading: boolean;
  /** Objects with a signer in it. */
  signers: number;
}>;

/** The longest entry: its length is an unsigned number of two bytes. @see C2SP tlog-tiles, Log entries */
export const MAXIMUM_ENTRY_BYTES = 65_535;
/** RFC 6962 section 2.1: a leaf is hashed with a zero octet before it. */
const LEAF_PREFIX = 0;
/** The comma and the quote before the name of a member that is not the first. */
const LENGTH_BEFORE_NAME = 2;

/** An entry in numbers, so that a thread can tell another what it read: where its parts stand in the bundle, its version, and what there is to do with it. */
export const MARK = { start: 0, end: 1, streamStart: 2, streamEnd: 3, timeStart: 4, hashStart: 5, previousHashStart: 6, version: 7, signers: 8, task: 9, streamKey: 10 } as const;
export const MARKS = 11;

/** Members every entry has, in canonical order; others may stand between them (`deviceTime` does). */
const MEMBERS = ['actor', 'event', 'hash', 'previousHash', 'recordedAt', 'stream', 'version'] as const;
const NAMES = MEMBERS.map((name) => Buffer.from(name));
const [ACTOR, EVENT, HASH, PREVIOUS_HASH, RECORDED_AT, STREAM, VERSION] = [0, 1, 2, 3, 4, 5, 6] as const;
/** Members of the event itself that matter here. */
const TYPE = Buffer.from('type'), SIGNATURE = Buffer.from('signature'), CHUNKS = Buffer.from('chunks');
const OF_PERSON = Buffer.from('"kind":"person"}');
const QUOTE = 0x22, OPEN = 0x7b, ZERO = 0x30, NINE = 0x39;
export const HASH_DIGITS = 64;
const MAXIMUM_VERSION_DIGITS = 15;
const FNV_BASIS = 0x811c9dc5, FNV_PRIME = 0x01000193;
const STREAM_TEXT = /^\{"id":"(?:[^"\\]|\\.)+","kind":"(?:[^"\\]|\\.)+"\}$/;

/** Reads entries one after the other; it holds one entry's work space, so that a million entries need no more memory than one. */
export class EntryReader {
  readonly #scanner = new CanonicalScanner();
  /** The zero octet, and the entry after it. */
  readonly #work = new Uint8Array(1 + MAXIMUM_ENTRY_BYTES).fill(LEAF_PREFIX, 0, 1);
  /** Where the value of each of MEMBERS starts and ends. */
  readonly #starts = MEMBERS.map(() => 0);
  readonly #ends = MEMBERS.map(() => 0);
  #hashMemberStart = 0;
  #needsReading = false;
  #hasType = false;
  #bytes: Buffer = Buffer.alloc(0);

  /** RFC 6962 leaf hash, as 32 characters of one byte each. */
  leafHash(bytes: Buffer, start: number, end: number): string {
    this.#work.set(bytes.subarray(start, end), 1);
    return sha256Latin1(this.#work.subarray(0, 1 + end - start));
  }

  /** @throws FormError when it is not the canonical JSON of a recorded event */
  read(bytes: Buffer, start: number, end: number): Entry {
    this.#open(bytes, start, end);
    this.#work.set(bytes.subarray(start, end), 1);
    return {
      stream: this.#slice(STREAM, 0), version: this.#version(), recordedAt: this.#time(), previousHash: this.#hash(PREVIOUS_HASH), hash: this.#hash(HASH),
      computedHash: this.#hashWithoutHash(start, end), needsReading: !this.isPlain, signers: this.#scanner.signers,
    };
  }

  /**
   * Read an entry into numbers (MARK), but for its task.
   *
   * @returns its leaf hash, as `leafHash` does; undefined when its content does not match its own hash
   * @throws FormError as `read` does
   */
  mark(bytes: Buffer, start: number, end: number, marks: Float64Array, slot: number): string | undefined {
    this.#open(bytes, start, end);
    this.#requireTime();
    marks[slot + MARK.start] = start;
    marks[slot + MARK.end] = end;
    marks[slot + MARK.streamStart] = this.#starts[STREAM] ?? 0;
    marks[slot + MARK.streamEnd] = this.#ends[STREAM] ?? 0;
    marks[slot + MARK.timeStart] = (this.#starts[RECORDED_AT] ?? 0) + 1;
    marks[slot + MARK.hashStart] = this.#digits(HASH);
    marks[slot + MARK.previousHashStart] = this.#digits(PREVIOUS_HASH);
    marks[slot + MARK.version] = this.#version();
    marks[slot + MARK.streamKey] = this.#streamKey();
    marks[slot + MARK.signers] = this.#scanner.signers;
    const leafHash = this.leafHash(bytes, start, end);
    return this.#isText(marks[slot + MARK.hashStart] ?? 0, this.#hashWithoutHash(start, end)) ? leafHash : undefined;
  }

  /** The value of a member of the entry just read. */
  parse(member: 'actor' | 'event'): unknown {
    const index = member === 'actor' ? ACTOR : EVENT;
    return JSON.parse(this.#bytes.toString('utf8', this.#starts[index], this.#ends[index]));
  }

  /** Of the entry just read: nothing in it but what its marks say has to be looked at. */
  get isPlain(): boolean {
    return !this.#needsReading && this.#scanner.signers === 0 && !this.#endsWith(STREAM, OF_PERSON);
  }

  #open(bytes: Buffer, start: number, end: number): void {
    this.#scanner.scan(bytes, start, end);
    if (this.#scanner.hasNotAscii && !isUtf8(bytes.subarray(start, end))) throw new FormError('it is not UTF-8');
    this.#bytes = bytes;
    this.#locate();
  }

  #locate(): void {
    const { spans, count } = this.#scanner;
    this.#needsReading = this.#hasType = false;
    // Canonical members are sorted: what is wanted next is all that has to be looked for.
    let next = 0, isEvent = false;
    for (let span = 0; span < count; span += SPAN) {
      const nameStart = spans[span + 1] ?? 0, nameEnd = spans[span + 2] ?? 0;
      if (spans[span] !== 1) {
        if (isEvent) this.#noteEventMember(nameStart, nameEnd, spans[span + 3] ?? 0);
        continue;
      }
      isEvent = false;
      if (!this.#isName(nameStart, nameEnd, NAMES[next])) continue;
      if (next === HASH) this.#hashMemberStart = nameStart;
      isEvent = next === EVENT;
      this.#starts[next] = spans[span + 3] ?? 0;
      this.#ends[next] = spans[span + 4] ?? 0;
      next++;
    }
    this.#requireMembers(next);
  }

  #requireMembers(found: number): void {
    const missing = MEMBERS[found];
    if (missing !== undefined) throw new FormError(`it has no '${missing}'`);
    for (const member of [ACTOR, EVENT, STREAM] as const) if (this.#bytes[this.#starts[member] ?? 0] !== OPEN) throw new FormError(`'${MEMBERS[member]}' is no object`);
    if (!this.#hasType) throw new FormError('the event has no type');
  }

  #noteEventMember(start: number, end: number, valueStart: number): void {
    if (this.#isName(start, end, TYPE)) this.#hasType = this.#bytes[valueStart] === QUOTE;
    else if (this.#isName(start, end, SIGNATURE) || this.#isName(start, end, CHUNKS)) this.#needsReading = true;
  }

  #isName(start: number, end: number, name: Buffer | undefined): boolean {
    if (name?.length !== end - start) return false;
    for (let i = 0; i < name.length; i++) if (this.#bytes[start + i] !== name[i]) return false;
    return true;
  }

  /** The text of a value, without so many bytes at either end. */
  #slice(member: number, trim: number): string {
    return this.#bytes.latin1Slice((this.#starts[member] ?? 0) + trim, (this.#ends[member] ?? 0) - trim);
  }

  #endsWith(member: number, text: Buffer): boolean {
    const end = this.#ends[member] ?? 0;
    return this.#isName(end - text.length, end, text);
  }

  /** Whether the bytes from `start` are this text. A loop: for so few bytes, making a string of them takes longer. */
  #isText(start: number, text: string): boolean {
    for (let i = 0; i < text.length; i++) if (this.#bytes[start + i] !== text.charCodeAt(i)) return false;
    return true;
  }

  /** Where the 64 characters of a hash start. Whether they are hexadecimal need not be asked: they are compared with some that are. */
  #digits(member: number): number {
    const start = this.#starts[member] ?? 0;
    if ((this.#ends[member] ?? 0) - start !== HASH_DIGITS + 2 || this.#bytes[start] !== QUOTE) throw new FormError(`'${MEMBERS[member] ?? ''}' is no text of ${HASH_DIGITS} digits`);
    return start + 1;
  }

  #hash(member: number): string {
    const start = this.#digits(member);
    return this.#bytes.latin1Slice(start, start + HASH_DIGITS);
  }

  #requireTime(): void {
    const start = (this.#starts[RECORDED_AT] ?? 0) + 1, end = (this.#ends[RECORDED_AT] ?? 0) - 1;
    if (end - start !== TIME_CHARACTERS || !isUtcTime(this.#bytes, start)) throw new FormError(`got 'recordedAt' ${this.#slice(RECORDED_AT, 1)}, want UTC with milliseconds`);
  }

  #time(): string {
    this.#requireTime();
    return this.#slice(RECORDED_AT, 1);
  }

  /** 32-bit FNV-1a of the stream's text, a cheap number to find the stream by. @see RFC 9923 */
  #streamKey(): number {
    let key = FNV_BASIS;
    for (let at = this.#starts[STREAM] ?? 0, end = this.#ends[STREAM] ?? 0; at < end; at++) key = Math.imul(key ^ (this.#bytes[at] ?? 0), FNV_PRIME);
    return key;
  }

  #version(): number {
    const start = this.#starts[VERSION] ?? 0, end = this.#ends[VERSION] ?? 0;
    let version = 0;
    for (let at = start; at < end; at++) {
      const digit = this.#bytes[at] ?? 0;
      version = digit < ZERO || digit > NINE ? Number.NaN : version * 10 + digit - ZERO;
    }
    if (!(version >= 1) || end - start > MAXIMUM_VERSION_DIGITS) throw new FormError(`got 'version' ${this.#slice(VERSION, 0)}, want a whole number from 1`);
    return version;
  }

  /** The bytes without `,"hash":"…"`: taking one member out of canonical JSON leaves canonical JSON. It closes the gap in the work space, which holds the entry. */
  #hashWithoutHash(start: number, end: number): string {
    const memberStart = this.#hashMemberStart - LENGTH_BEFORE_NAME - start, memberEnd = (this.#ends[HASH] ?? 0) - start, length = end - start;
    this.#work.copyWithin(1 + memberStart, 1 + memberEnd, 1 + length);
    return sha256Hex(this.#work.subarray(1, 1 + length - (memberEnd - memberStart)));
  }
}

/** Whether a stream's text is `{id, kind}`, two texts and nothing else. */
export const isStreamText = (text: string): boolean => STREAM_TEXT.test(text);

/** `{kind, id}` of a stream's canonical text. */
export const streamOf = (text: string): Readonly<{ kind: string; id: string }> => JSON.parse(Buffer.from(text, 'latin1').toString('utf8')) as { kind: string; id: string };

const TAIL = /"stream":(\{"id":"(?:[^"\\]|\\.)+","kind":"[a-z-]+"\}),"version":([1-9]\d{0,14})\}/;

/** Where a damaged entry says it belongs; to name it, not to trust it. */
export const guessPlace = (bytes: Buffer): Readonly<{ stream: string; version: number }> | undefined => {
  const [, stream, version] = TAIL.exec(bytes.toString('latin1')) ?? [];
  if (stream === undefined) return undefined;
  try {
    streamOf(stream);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  return { stream, version: Number(version) };
};

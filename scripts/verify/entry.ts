import { isUtf8 } from 'node:buffer';
import { CanonicalScanner, SPAN } from './canonical.ts';
import { FormError } from './note.ts';
import { sha256Hex, sha256Latin1 } from './sha256.ts';

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
  /** The event is signed, or names chunks: read the whole of it. */
  needsReading: boolean;
}>;

/** The longest entry: its length is an unsigned number of two bytes. @see C2SP tlog-tiles, Log entries */
export const MAXIMUM_ENTRY_BYTES = 65_535;
/** RFC 6962 section 2.1: a leaf is hashed with a zero octet before it. */
const LEAF_PREFIX = 0;
const HASH_MEMBER = Buffer.from('"hash":');

const MEMBERS = ['actor', 'event', 'hash', 'previousHash', 'recordedAt', 'stream', 'version', 'type'] as const;
type Member = (typeof MEMBERS)[number];
const UTC = /^"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z"$/;
const HASH = /^"[0-9a-f]{64}"$/;
const VERSION = /^[1-9]\d{0,14}$/;
const STREAM = /^\{"id":"(?:[^"\\]|\\.)+","kind":"(?:[^"\\]|\\.)+"\}$/;

type Spans = Record<Member, number>;

/** Reads entries one after the other; it holds one entry's work space, so that a million entries need no more memory than one. */
export class EntryReader {
  readonly #scanner = new CanonicalScanner();
  readonly #work = Buffer.alloc(1 + MAXIMUM_ENTRY_BYTES);
  readonly #at: Spans = { actor: -1, event: -1, hash: -1, previousHash: -1, recordedAt: -1, stream: -1, version: -1, type: -1 };
  #needsReading = false;
  #bytes: Buffer = this.#work;

  /** RFC 6962 leaf hash, as 32 characters of one byte each. */
  leafHash(bytes: Buffer, start: number, end: number): string {
    this.#work[0] = LEAF_PREFIX;
    bytes.copy(this.#work, 1, start, end);
    return sha256Latin1(this.#work.subarray(0, 1 + end - start));
  }

  /** @throws FormError when it is not the canonical JSON of a recorded event */
  read(bytes: Buffer, start: number, end: number): Entry {
    this.#scanner.scan(bytes, start, end);
    if (this.#scanner.hasNotAscii && !isUtf8(bytes.subarray(start, end))) throw new FormError('it is not UTF-8');
    this.#bytes = bytes;
    this.#locate();
    const version = this.#matching('version', VERSION);
    return {
      stream: this.#matching('stream', STREAM), version: Number(version), recordedAt: this.#matching('recordedAt', UTC).slice(1, -1),
      previousHash: this.#matching('previousHash', HASH).slice(1, -1), hash: this.#matching('hash', HASH).slice(1, -1),
      computedHash: this.#hashWithoutHash(start, end), needsReading: this.#needsReading,
    };
  }

  #locate(): void {
    const { spans } = this.#scanner;
    for (const name of MEMBERS) this.#at[name] = -1;
    this.#needsReading = false;
    let outer: Member | undefined;
    for (let span = 0; span < spans.length; span += SPAN) {
      const isOuter = spans[span] === 1;
      if (!isOuter && outer !== 'event') continue;
      const name = this.#memberAt(spans[span + 1] ?? 0, spans[span + 2] ?? 0, isOuter);
      if (isOuter) outer = name;
      if (name !== undefined && (isOuter || name === 'type')) this.#at[name] = span;
    }
    for (const name of ['actor', 'event'] as const) if (!this.#textOf(name, 1).startsWith('{')) throw new FormError(`'${name}' is no object`);
    if (!this.#textOf('type', 1).startsWith('"')) throw new FormError('the event has no type');
  }

  /** The member of that name, where it is one that matters here. */
  #memberAt(start: number, end: number, isOuter: boolean): Member | undefined {
    const name = this.#bytes.toString('latin1', start, end);
    if (isOuter) return name === 'type' ? undefined : MEMBERS.find((member) => member === name);
    if (name === 'signature' || name === 'chunks') this.#needsReading = true;
    return name === 'type' ? name : undefined;
  }

  #textOf(member: Member, length?: number): string {
    const span = this.#at[member];
    const { spans } = this.#scanner;
    if (span < 0) throw new FormError(`it has no '${member}'`);
    const start = spans[span + 3] ?? 0, end = spans[span + 4] ?? 0;
    return this.#bytes.toString('latin1', start, length === undefined ? end : start + length);
  }

  #matching(member: Member, form: RegExp): string {
    const text = this.#textOf(member);
    if (!form.test(text)) throw new FormError(`got '${member}' ${text}, want ${String(form)}`);
    return text;
  }

  /** The bytes without `,"hash":"…"`: taking one member out of canonical JSON leaves canonical JSON. */
  #hashWithoutHash(start: number, end: number): string {
    const { spans } = this.#scanner;
    const span = this.#at.hash;
    const memberStart = (spans[span + 1] ?? 0) - HASH_MEMBER.indexOf('h') - 1, memberEnd = spans[span + 4] ?? 0;
    this.#bytes.copy(this.#work, 0, start, memberStart);
    this.#bytes.copy(this.#work, memberStart - start, memberEnd, end);
    return sha256Hex(this.#work.subarray(0, end - start - (memberEnd - memberStart)));
  }
}

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

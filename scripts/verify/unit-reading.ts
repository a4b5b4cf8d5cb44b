import { rolesOf } from './authority.ts';
import { areChunks } from './chunks.ts';
import type { NamedChunk } from './chunk-store.ts';
import { EntryReader, HASH_DIGITS, MARK, MARKS, TIME_CHARACTERS, type Entry } from './entry.ts';
import { splitBundle } from './entry-bundle.ts';
import { rootOfHashes, TILE_WIDTH } from './merkle.ts';
import { FormError } from './note.ts';
import { HASH_LENGTH } from './sha256.ts';
import { faultsInItself, isWhole } from './signature.ts';
import { SIGNER } from './signatures-in.ts';

/**
 * What can be told of the 256 neighbouring entries of a bundle without the rest of the log: their hashes, their form, each one's own hash, and what of a signature binds it to its event. It may be asked of
 * any thread, in any order. A bundle in which anything is wrong is not judged here: the reader that knows the log so far reads it event by event and names what it finds.
 */

/** What is left to do with an entry whose own bytes are sound. */
export const TASK = { chain: 0, signed: 1, sealed: 2, whole: 3 } as const;
export type SignedFact = Readonly<{ type: string; signerId: string; signInId: string; roles: readonly string[] }>;
export type Fact = SignedFact | readonly NamedChunk[];

export type UnitReading = Readonly<{
  /** RFC 6962 leaf hashes, 32 bytes each. */
  leaves: Uint8Array<ArrayBuffer>;
  /** Root over them, when there are 256. */
  root: Uint8Array<ArrayBuffer> | undefined;
  /** Numbers of each entry (MARK), one after the other. */
  marks: Float64Array<ArrayBuffer>;
  /** Of the entries whose task is `signed` or `sealed`, in order. */
  facts: readonly Fact[];
}>;

/** What of an entry the rest of the log is held against. */
export type Following = Omit<Entry, 'needsReading'>;

type Json = Readonly<Record<string, unknown>>;
type Content = Readonly<{ actor: Json; event: Json & Readonly<{ type: string }>; recordedAt: string; previousHash: string; version: number }>;
/** How the stream of a record ends in which a signature says more than that somebody signed. */
const WITH_MEANING = ['"kind":"person"}', '"kind":"chain-of-identity"}'];
const SPECIAL: ReadonlySet<string> = new Set(['personal-data-erased', 'telemetry-sealed']);

const reader = new EntryReader();

const signedFact = (content: Content): Fact | undefined => {
  const { actor, event: { type, signature } } = content;
  if (!isWhole(signature) || faultsInItself(content, actor, signature).length > 0) return undefined;
  return { type, signerId: String(signature[SIGNER]), signInId: String(signature['reauthenticationId']), roles: rolesOf(actor['roles']) };
};

/** What an event says that the log as a whole has to know; undefined where it has to be read whole beside it. */
const factOf = (content: Content, stream: string, signers: number): Fact | undefined => {
  const { event } = content;
  if (WITH_MEANING.some((end) => stream.endsWith(end))) return undefined;
  if (signers === 1 && !SPECIAL.has(event.type)) return signedFact(content);
  const chunks = event['chunks'];
  return signers === 0 && event.type === 'telemetry-sealed' && event['signature'] === undefined && areChunks(chunks) ? chunks.map(({ key, sha256 }) => ({ key, sha256 })) : undefined;
};

/** @throws FormError when it is no sound entry */
const readEntry = (bytes: Buffer, start: number, end: number, marks: Float64Array, slot: number): Fact | undefined => {
  if (!reader.mark(bytes, start, end, marks, slot)) throw new FormError('its content does not match its hash');
  if (reader.isPlain) return undefined;
  const stream = bytes.latin1Slice(marks[slot + MARK.streamStart] ?? 0, marks[slot + MARK.streamEnd] ?? 0);
  const fact = factOf(JSON.parse(bytes.toString('utf8', start, end)) as Content, stream, marks[slot + MARK.signers] ?? 0);
  if (fact === undefined) marks[slot + MARK.task] = TASK.whole;
  else marks[slot + MARK.task] = Array.isArray(fact) ? TASK.sealed : TASK.signed;
  return fact;
};

/** @returns undefined where anything is wrong with the bundle or an entry */
export const readUnit = (bundle: Buffer, width: number, isLonger: boolean): UnitReading | undefined => {
  const { bounds, fault } = splitBundle(bundle, width, isLonger);
  if (fault !== undefined) return undefined;
  const leaves = Buffer.from(new ArrayBuffer(width * HASH_LENGTH)), marks = new Float64Array(width * MARKS);
  const facts: Fact[] = [];
  try {
    for (let i = 0; i < width; i++) {
      const start = bounds[2 * i] ?? 0, end = bounds[2 * i + 1] ?? 0;
      leaves.latin1Write(reader.leafHash(bundle, start, end), i * HASH_LENGTH);
      const fact = readEntry(bundle, start, end, marks, i * MARKS);
      if (fact !== undefined) facts.push(fact);
    }
  } catch (error) {
    if (error instanceof FormError) return undefined;
    throw error;
  }
  return { leaves: new Uint8Array(leaves.buffer), root: width === TILE_WIDTH ? new Uint8Array(rootOfHashes(leaves, 0, width)) : undefined, marks, facts };
};

/** An entry as its marks say. */
export const markedEntry = (bytes: Buffer, marks: Float64Array, slot: number): Following => {
  const digits = (at: number): string => bytes.latin1Slice(at, at + HASH_DIGITS);
  const timeStart = marks[slot + MARK.timeStart] ?? 0;
  const hash = digits(marks[slot + MARK.hashStart] ?? 0);
  return {
    stream: bytes.latin1Slice(marks[slot + MARK.streamStart] ?? 0, marks[slot + MARK.streamEnd] ?? 0), version: marks[slot + MARK.version] ?? 0,
    recordedAt: bytes.latin1Slice(timeStart, timeStart + TIME_CHARACTERS), previousHash: digits(marks[slot + MARK.previousHashStart] ?? 0), hash, computedHash: hash, signers: marks[slot + MARK.signers] ?? 0,
  };
};

import { rolesOf } from './authority.ts';
import { areChunks } from './chunks.ts';
import type { NamedChunk } from './chunk-store.ts';
import { EntryReader, MARK, MARKS } from './entry.ts';
import { splitBundle } from './entry-bundle.ts';
import { MarkedEntry, type Following } from './marked-entry.ts';
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

type Json = Readonly<Record<string, unknown>>;
type Event = Json & Readonly<{ type: string }>;
/** How the stream of a record ends in which a signature says more than that somebody signed. */
const WITH_MEANING = ['"kind":"person"}', '"kind":"chain-of-identity"}'];
const SPECIAL: ReadonlySet<string> = new Set(['personal-data-erased', 'telemetry-sealed']);

const reader = new EntryReader();

const signedFact = ({ type, signature }: Event, bound: Following): Fact | undefined => {
  const actor = reader.parse('actor') as Json;
  if (!isWhole(signature) || faultsInItself(bound, actor, signature).length > 0) return undefined;
  return { type, signerId: String(signature[SIGNER]), signInId: String(signature['reauthenticationId']), roles: rolesOf(actor['roles']) };
};

/** What an event says that the log as a whole has to know; undefined where it has to be read whole beside it. */
const factOf = (entry: Following): Fact | undefined => {
  if (WITH_MEANING.some((end) => entry.stream.endsWith(end))) return undefined;
  const event = reader.parse('event') as Event;
  if (entry.signers === 1 && !SPECIAL.has(event.type)) return signedFact(event, entry);
  const chunks = event['chunks'];
  return entry.signers === 0 && event.type === 'telemetry-sealed' && event['signature'] === undefined && areChunks(chunks) ? chunks.map(({ key, sha256 }) => ({ key, sha256 })) : undefined;
};

/** Where what is read of a bundle goes. */
type Space = Readonly<{ leaves: Buffer; marks: Float64Array; marked: MarkedEntry }>;

/** @returns what there is to be told beside its marks @throws FormError when it is no sound entry */
const readEntry = (bytes: Buffer, bounds: Readonly<{ start: number; end: number }>, { marks, marked, leaves }: Space, index: number): Fact | undefined => {
  const slot = index * MARKS, leafHash = reader.mark(bytes, bounds.start, bounds.end, marks, slot);
  if (leafHash === undefined) throw new FormError('its content does not match its hash');
  leaves.latin1Write(leafHash, index * HASH_LENGTH);
  if (reader.isPlain) return undefined;
  const fact = factOf(marked.at(slot));
  if (fact === undefined) marks[slot + MARK.task] = TASK.whole;
  else marks[slot + MARK.task] = Array.isArray(fact) ? TASK.sealed : TASK.signed;
  return fact;
};

/** @returns undefined where anything is wrong with the bundle or an entry */
export const readUnit = (bundle: Buffer, width: number, isLonger: boolean): UnitReading | undefined => {
  const { bounds, fault } = splitBundle(bundle, width, isLonger);
  if (fault !== undefined) return undefined;
  const leaves = Buffer.from(new ArrayBuffer(width * HASH_LENGTH)), marks = new Float64Array(width * MARKS);
  const space: Space = { leaves, marks, marked: new MarkedEntry(bundle, marks) };
  const facts: Fact[] = [];
  try {
    for (let i = 0; i < width; i++) {
      const fact = readEntry(bundle, { start: bounds[2 * i] ?? 0, end: bounds[2 * i + 1] ?? 0 }, space, i);
      if (fact !== undefined) facts.push(fact);
    }
  } catch (error) {
    if (error instanceof FormError) return undefined;
    throw error;
  }
  return { leaves: new Uint8Array(leaves.buffer), root: width === TILE_WIDTH ? new Uint8Array(rootOfHashes(leaves, 0, width)) : undefined, marks, facts };
};

import { DomainError } from '../errors.ts';
import { formatCheckpoint, parseCheckpoint } from './checkpoint.ts';
import { isEqual } from './hash.ts';
import { tileReaderOf, type LogStore, type Published } from './log-store.ts';
import { settledHead } from './log-writer.ts';
import { formatNote, parseNote, signNote, type NoteSignature, type Signer } from './note.ts';
import { consistencyProof, rootFromTiles } from './proofs.ts';
import { openCheckpoint } from './trust.ts';
import type { VerifierKey } from './verifier-key.ts';
import { askWitness, type Submission, type Witness } from './witness-client.ts';

/** Who a log is, and whose cosignatures its checkpoints need. The key's name is the origin. */
export type LogIdentity = Readonly<{ key: VerifierKey; signer: Signer; witnesses: readonly Witness[]; quorum: number }>;

export type PublishResult = Readonly<{
  /**
   * `waiting`: too few witnesses cosigned; nothing was published and nothing is lost. `unchanged`: the published one is as large. `completed`: it is as large, and now carries
   * cosignatures that came late.
   */
  type: 'published' | 'unchanged' | 'waiting' | 'completed';
  size: number;
  /** Names of the witnesses that did not cosign, and why. */
  missing: readonly Readonly<{ witness: string; why: string }>[];
}>;

const MAXIMUM_ATTEMPTS = 16;

const sizeOf = (published: Published | undefined): number | undefined => (published === undefined ? undefined : parseCheckpoint(parseNote(published.bytes).text).size);

type Collected = Readonly<{ cosignatures: readonly NoteSignature[]; missing: PublishResult['missing'] }>;

/** Ask all witnesses at the same time. One that fails, however it does, is one that did not cosign. */
const collect = async (store: LogStore, witnesses: readonly Witness[], { note, size, guess, notBeforeEpochMs }: Omit<Submission, 'proofFrom'>): Promise<Collected> => {
  const read = tileReaderOf(store);
  const proofFrom = (oldSize: number): Promise<readonly Uint8Array[]> => consistencyProof(read, oldSize, size);
  const answers = await Promise.allSettled(witnesses.map((witness) => askWitness(witness, { note, size, guess, notBeforeEpochMs, proofFrom })));
  return {
    cosignatures: answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : [])),
    missing: answers.flatMap((answer, i) => (answer.status === 'rejected' ? [{ witness: witnesses[i]?.key.name ?? '', why: String(answer.reason) }] : [])),
  };
};

/** Put the note where the checkpoint is, unless one at least as large is there. */
const put = async (store: LogStore, note: Uint8Array, size: number): Promise<PublishResult['type']> => {
  for (let attempt = 0; attempt < MAXIMUM_ATTEMPTS; attempt += 1) {
    const published = await store.readCheckpoint();
    if ((sizeOf(published) ?? -1) >= size) return 'unchanged';
    if (await store.putCheckpoint(note, published?.version)) return 'published';
  }
  throw new DomainError('log-busy', `could not publish size ${size} ${MAXIMUM_ATTEMPTS} times because other sequencers came first`, { size });
};

/**
 * Sign the settled head, have it cosigned, and publish it: never a size whose tiles are not written, never a smaller size
 * than the one published, never with fewer cosignatures than the quorum. What is published was verified as a reader would.
 *
 * A cosignature dated before the newest event of the tree is not taken, now or later: the head knows that time, whichever run took the event in.
 *
 * @throws DomainError `log-corrupt` when the published checkpoint contradicts the head, `note-unverified` when the signer is not the log's key; `log-busy`
 * @see C2SP tlog-checkpoint "Signatures", tlog-tiles "Checkpoints"
 */
export const publishCheckpoint = async (store: LogStore, identity: LogIdentity): Promise<PublishResult> => {
  const { key, signer, witnesses, quorum } = identity;
  const published = await store.readCheckpoint();
  const { size, root, newestEpochMs: notBeforeEpochMs } = await settledHead(store);
  const guess = sizeOf(published);
  if (published !== undefined) await requireSameLog(store, published, size);
  if (published !== undefined && guess !== undefined && guess >= size) return completeCheckpoint(store, identity, published, { size, notBeforeEpochMs });
  const signed = await signNote(formatCheckpoint({ origin: key.name, size, root: Buffer.from(root, 'hex') }), [signer]);
  const trust = { origin: key.name, logKeys: [key], witnessKeys: witnesses.map((witness) => witness.key) };
  openCheckpoint(formatNote(signed), { ...trust, quorum: 0 });
  const { cosignatures, missing } = await collect(store, witnesses, { note: formatNote(signed), size, guess: guess ?? 0, notBeforeEpochMs });
  if (cosignatures.length < quorum) return { type: 'waiting', size, missing };
  const note = formatNote({ text: signed.text, signatures: [...signed.signatures, ...cosignatures] });
  openCheckpoint(note, { ...trust, quorum });
  return { type: await put(store, note, size), size, missing };
};

/**
 * Ask the witnesses whose cosignatures the published checkpoint lacks, and add those that come: who was out of reach when it was published cosigns it later. Its text and its other
 * signatures stay.
 */
const completeCheckpoint = async (store: LogStore, { key, witnesses }: LogIdentity, { bytes, version }: Published, { size, notBeforeEpochMs }: Pick<Submission, 'size' | 'notBeforeEpochMs'>): Promise<PublishResult> => {
  const trust = { origin: key.name, logKeys: [key], witnessKeys: witnesses.map((witness) => witness.key), quorum: 0 };
  const { note: { text, signatures }, cosignatures: held } = openCheckpoint(bytes, trust);
  const absent = witnesses.filter((witness) => !held.some((each) => each.key === witness.key));
  const { cosignatures, missing } = await collect(store, absent, { note: bytes, size, guess: size, notBeforeEpochMs });
  if (cosignatures.length === 0) return { type: 'unchanged', size, missing };
  const note = formatNote({ text, signatures: [...signatures, ...cosignatures] });
  openCheckpoint(note, trust);
  return { type: await store.putCheckpoint(note, version) ? 'completed' : 'unchanged', size, missing };
};

/** @see C2SP tlog-checkpoint "Signatures": never sign what is inconsistent with what was signed before */
const requireSameLog = async (store: LogStore, published: Published, size: number): Promise<void> => {
  const checkpoint = parseCheckpoint(parseNote(published.bytes).text);
  // The checkpoint was read before the head, and heads only grow.
  if (checkpoint.size > size || !isEqual(await rootFromTiles(tileReaderOf(store), checkpoint.size, size), checkpoint.root)) {
    throw new DomainError('log-corrupt', `the published checkpoint of size ${checkpoint.size} contradicts the log of size ${size}`, { size });
  }
};

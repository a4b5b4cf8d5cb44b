import { DomainError } from '../errors.ts';
import { parseSize } from './checkpoint.ts';
import { formatNote, parseNote, parseSignatureLines, verifyNote, type NoteSignature } from './note.ts';
import type { VerifierKey } from './verifier-key.ts';
import { SIZE_MEDIA_TYPE, type WitnessAnswer } from './witness.ts';
import { formatAddCheckpoint } from './witness-request.ts';

/** A witness as its log sees it: its cosignature key, and how to post to `<submission prefix>/add-checkpoint`. */
export type Witness = Readonly<{ key: VerifierKey; addCheckpoint: (body: Uint8Array) => Promise<WitnessAnswer> }>;

/** What a witness's answer means to the log. */
export type WitnessResult =
  | Readonly<{ type: 'cosigned'; signature: NoteSignature; timestampSeconds: number }>
  | Readonly<{ type: 'conflict'; size: number }>
  | Readonly<{ type: 'refused'; status: number }>;

const MILLISECONDS = 1000;

const readCosignature = (note: Uint8Array, body: string, key: VerifierKey): Readonly<{ signature: NoteSignature; timestampSeconds: number }> => {
  const { text, signatures } = parseNote(note);
  const lines = parseSignatureLines(Buffer.from(body));
  const [{ signature, timestampSeconds = 0 }] = verifyNote(parseNote(formatNote({ text, signatures: [...signatures, ...lines] })), [key]);
  return { signature, timestampSeconds };
};

/**
 * Read the answer of a witness.
 *
 * @param note the checkpoint sent
 * @throws DomainError `note-malformed`, `note-unverified` when a 200 does not carry a valid cosignature of this witness
 * @see C2SP tlog-witness "add-checkpoint"
 */
export const readAnswer = (note: Uint8Array, { status, contentType, body }: WitnessAnswer, key: VerifierKey): WitnessResult => {
  if (status === 200) return { type: 'cosigned', ...readCosignature(note, body, key) };
  const size = status === 409 && contentType === SIZE_MEDIA_TYPE && body.endsWith('\n') ? parseSize(body.slice(0, -1)) : undefined;
  return size === undefined ? { type: 'refused', status } : { type: 'conflict', size };
};

/** @throws DomainError `cosignatures-missing` */
const requireTime = ({ name }: VerifierKey, { signature, timestampSeconds }: Readonly<{ signature: NoteSignature; timestampSeconds: number }>, notBeforeEpochMs: number): NoteSignature => {
  if (timestampSeconds * MILLISECONDS >= notBeforeEpochMs) return signature;
  throw new DomainError('cosignatures-missing', `witness ${name} dates its cosignature ${timestampSeconds}, before an event it covers (${notBeforeEpochMs / MILLISECONDS}); are the clocks right?`, { witness: name, timestampSeconds });
};

/** A witness that is behind says so once; another log writer may move it on meanwhile. */
const MAXIMUM_ATTEMPTS = 3;

/** A checkpoint to be cosigned; `proofFrom` gives the consistency proof from a smaller size; `notBeforeEpochMs`: when the newest event it covers was recorded. */
export type Submission = Readonly<{ note: Uint8Array; size: number; guess: number; notBeforeEpochMs: number; proofFrom: (oldSize: number) => Promise<readonly Uint8Array[]> }>;

/**
 * Ask a witness for its cosignature: from the size it probably has, then from the size it says it has.
 *
 * @throws DomainError `cosignatures-missing` when it refuses, knows a larger tree or another root, or dates its cosignature before an event that it covers; what `readAnswer` throws
 * @see C2SP tlog-witness "add-checkpoint"
 */
export const askWitness = async ({ key, addCheckpoint }: Witness, { note, size, guess, notBeforeEpochMs, proofFrom }: Submission): Promise<NoteSignature> => {
  let oldSize = guess;
  for (let attempt = 0; attempt < MAXIMUM_ATTEMPTS; attempt += 1) {
    const result = readAnswer(note, await addCheckpoint(formatAddCheckpoint(oldSize, await proofFrom(oldSize), note)), key);
    if (result.type === 'cosigned') return requireTime(key, result, notBeforeEpochMs);
    if (result.type === 'refused') throw new DomainError('cosignatures-missing', `witness ${key.name} answered ${result.status}`, { witness: key.name, status: result.status });
    if (result.size > size || result.size === oldSize) throw new DomainError('cosignatures-missing', `witness ${key.name} has size ${result.size} and does not cosign ${size}`, { witness: key.name, size: result.size });
    oldSize = result.size;
  }
  throw new DomainError('cosignatures-missing', `witness ${key.name} moved on ${MAXIMUM_ATTEMPTS} times`, { witness: key.name });
};

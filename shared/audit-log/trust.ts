import { DomainError } from '../errors.ts';
import { hexOf } from './hash.ts';
import { parseCheckpoint, type Checkpoint } from './checkpoint.ts';
import { parseNote, verifyNote, type Note, type Verified } from './note.ts';
import { SIGNATURE_TYPE, type VerifierKey } from './verifier-key.ts';

/** Whom a reader of a log believes. `quorum` different witnesses must have cosigned. */
export type Trust = Readonly<{ origin: string; logKeys: readonly VerifierKey[]; witnessKeys: readonly VerifierKey[]; quorum: number }>;

export type TrustedCheckpoint = Readonly<{ checkpoint: Checkpoint; note: Note; cosignatures: readonly Verified[] }>;

/**
 * Read a checkpoint and hold it against whom the reader believes.
 *
 * @throws DomainError `note-malformed`, `note-unverified`, `checkpoint-malformed`, `cosignatures-missing`
 * @see C2SP tlog-checkpoint "Signatures", tlog-cosignature (a quorum prevents split views)
 */
export const openCheckpoint = (bytes: Uint8Array, { origin, logKeys, witnessKeys, quorum }: Trust): TrustedCheckpoint => {
  const note = parseNote(bytes);
  verifyNote(note, logKeys.filter(({ type }) => type === SIGNATURE_TYPE.ed25519));
  const checkpoint = parseCheckpoint(note.text);
  if (checkpoint.origin !== origin) throw new DomainError('note-unverified', `got a checkpoint of another log, want one of ${origin}`, { origin });
  const cosignatures = cosignaturesOf(note, witnessKeys);
  const witnesses = new Set(cosignatures.map(({ key }) => hexOf(key.publicKey))).size;
  if (witnesses < quorum) throw new DomainError('cosignatures-missing', `got cosignatures of ${witnesses} witnesses, want ${quorum}`, { origin, witnesses, quorum });
  return { checkpoint, note, cosignatures };
};

/** Cosignatures of a note by known witnesses; none is no error. @throws DomainError `note-unverified` when one is wrong */
export const cosignaturesOf = (note: Note, witnessKeys: readonly VerifierKey[]): readonly Verified[] => {
  const known = witnessKeys.filter(({ type, name, keyId }) => type === SIGNATURE_TYPE.cosignature && note.signatures.some((each) => each.name === name && each.keyId === keyId));
  return known.length === 0 ? [] : verifyNote(note, known);
};

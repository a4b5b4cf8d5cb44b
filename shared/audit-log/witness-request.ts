import { DomainError } from '../errors.ts';
import { base64Of, fromBase64 } from './base64.ts';
import { parseCheckpoint, parseSize, type Checkpoint } from './checkpoint.ts';
import { HASH_BYTES } from './hash.ts';
import { MAXIMUM_NOTE_BYTES, parseNote, type Note } from './note.ts';

/** @see C2SP tlog-witness "add-checkpoint" */
const MAXIMUM_PROOF_LINES = 63;
const LINE_BYTES = 45;
const MAXIMUM_REQUEST_BYTES = MAXIMUM_NOTE_BYTES + (MAXIMUM_PROOF_LINES + 1) * LINE_BYTES;
const OLD = 'old ';

/** A log asks a witness to cosign `note`, whose tree begins with the first `oldSize` entries by `proof`. */
export type AddCheckpoint = Readonly<{ oldSize: number; proof: readonly Uint8Array[]; note: Note; checkpoint: Checkpoint }>;

const malformed = (what: string): DomainError => new DomainError('witness-request-malformed', what);

/**
 * Write the body of an add-checkpoint request.
 *
 * @param note bytes of the signed checkpoint
 * @throws RangeError over 63 hashes
 * @see C2SP tlog-witness "add-checkpoint"
 */
export const formatAddCheckpoint = (oldSize: number, proof: readonly Uint8Array[], note: Uint8Array): Uint8Array => {
  if (proof.length > MAXIMUM_PROOF_LINES) throw new RangeError(`got ${proof.length} hashes, want at most ${MAXIMUM_PROOF_LINES}`);
  return Buffer.concat([Buffer.from(`${OLD}${oldSize}\n${proof.map((hash) => `${base64Of(hash)}\n`).join('')}\n`), note]);
};

/**
 * Read the body of an add-checkpoint request. Nothing is verified.
 *
 * @throws DomainError `witness-request-malformed`, `note-malformed`, `checkpoint-malformed`
 * @see C2SP tlog-witness "add-checkpoint"
 */
export const parseAddCheckpoint = (body: Uint8Array): AddCheckpoint => {
  if (body.length > MAXIMUM_REQUEST_BYTES) throw malformed(`got ${body.length} bytes, want at most ${MAXIMUM_REQUEST_BYTES}`);
  const blank = Buffer.from(body).indexOf('\n\n');
  const [old = '', ...lines] = Buffer.from(body.subarray(0, Math.max(0, blank))).toString('latin1').split('\n');
  const oldSize = old.startsWith(OLD) ? parseSize(old.slice(OLD.length)) : undefined;
  if (oldSize === undefined) throw malformed('got no old size, want a line "old <decimal>"');
  if (lines.length > MAXIMUM_PROOF_LINES) throw malformed(`got ${lines.length} proof lines, want at most ${MAXIMUM_PROOF_LINES}`);
  const proof = lines.map((line) => {
    const hash = fromBase64(line);
    if (hash?.length !== HASH_BYTES) throw malformed(`got a proof line that is not base64 of ${HASH_BYTES} bytes`);
    return hash;
  });
  const note = parseNote(body.subarray(blank + 2));
  return { oldSize, proof, note, checkpoint: parseCheckpoint(note.text) };
};

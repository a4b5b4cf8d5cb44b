import { DomainError } from '../errors.ts';
import { cosign } from './cosignature.ts';
import { EMPTY_ROOT, isEqual } from './hash.ts';
import { formatSignature, verifyNote, type Signer } from './note.ts';
import type { VerifierKey } from './verifier-key.ts';
import { verifyConsistency, type TreeHead } from './verify-proof.ts';
import { parseAddCheckpoint, type AddCheckpoint } from './witness-request.ts';

/** Media type of the body of a 409: the size the witness has, in decimal, and a newline. @see C2SP tlog-witness */
export const SIZE_MEDIA_TYPE = 'text/x.tlog.size';

/** What a witness answers, and on 200 what it must have stored before it does. */
export type WitnessDecision =
  | Readonly<{ status: 200; next: TreeHead }>
  | Readonly<{ status: 409; size: number; why: string }>
  | Readonly<{ status: 400 | 403 | 404 | 422; why: string }>;

const isSigned = ({ note }: AddCheckpoint, logKeys: readonly VerifierKey[]): boolean => {
  try {
    verifyNote(note, logKeys);
    return true;
  } catch (error) {
    if (error instanceof DomainError && error.code === 'note-unverified') return false;
    throw error;
  }
};

/**
 * Decide on a checkpoint that a log asks to be cosigned.
 *
 * @param logKeys keys trusted for the checkpoint's origin; undefined when the origin is unknown
 * @param stored  latest tree cosigned for that origin; undefined when none was
 * @returns 404 unknown origin; 403 not signed by a trusted key, or wrongly; 400 old size above the checkpoint's; 409 old size not
 *   the stored one, or same size and another root; 422 the proof does not verify; 200 and what to store
 * @see C2SP tlog-witness "add-checkpoint"
 */
export const decideAddCheckpoint = (request: AddCheckpoint, logKeys: readonly VerifierKey[] | undefined, stored: TreeHead | undefined): WitnessDecision => {
  const { oldSize, proof, checkpoint: { size, root } } = request;
  const older = stored ?? { size: 0, root: EMPTY_ROOT };
  if (logKeys === undefined) return { status: 404, why: 'unknown origin' };
  if (!isSigned(request, logKeys)) return { status: 403, why: 'no valid signature by a trusted key' };
  if (oldSize > size) return { status: 400, why: 'the old size is larger than the checkpoint' };
  if (oldSize !== older.size) return { status: 409, size: older.size, why: 'the old size is not the latest cosigned' };
  if (size === older.size && stored !== undefined && !isEqual(root, older.root)) return { status: 409, size, why: 'another root was cosigned for this size' };
  if (!verifyConsistency(older, { size, root }, proof)) return { status: 422, why: 'the consistency proof does not verify' };
  return { status: 200, next: { size, root } };
};

/** What a witness is made of. Logs are named by origin. */
export type WitnessPorts = Readonly<{
  signer: Signer;
  logKeysOf: (origin: string) => readonly VerifierKey[] | undefined;
  readState: (origin: string) => Promise<TreeHead | undefined>;
  /** Conditional write: true when the state was `expected` and now is `next`, durably. */
  moveState: (origin: string, expected: TreeHead | undefined, next: TreeHead) => Promise<boolean>;
  nowSeconds: () => number;
}>;

/** An HTTP answer. */
export type WitnessAnswer = Readonly<{ status: number; contentType: string; body: string }>;

const plain = (status: number, body: string): WitnessAnswer => ({ status, contentType: 'text/plain; charset=utf-8', body });
const answerTo = (decision: Exclude<WitnessDecision, { status: 200 }>): WitnessAnswer =>
  (decision.status === 409 ? { status: 409, contentType: SIZE_MEDIA_TYPE, body: `${decision.size}\n` } : plain(decision.status, `${decision.why}\n`));

/** Requests that may come first before a witness answers with a conflict. */
const MAXIMUM_ATTEMPTS = 3;

const parsed = (body: Uint8Array): AddCheckpoint | string => {
  try {
    return parseAddCheckpoint(body);
  } catch (error) {
    if (error instanceof DomainError && error.kind === 'malformed') return error.message;
    throw error;
  }
};

/**
 * Answer an add-checkpoint request: check, persist what was checked against what was read in one conditional write, only then
 * cosign. A cosignature therefore never exists for a tree the witness does not remember, nor for one smaller than it remembers.
 *
 * @throws what the ports throw; a request never makes it throw
 * @see C2SP tlog-witness "add-checkpoint" (the race it describes)
 */
export const addCheckpoint = async (body: Uint8Array, ports: WitnessPorts): Promise<WitnessAnswer> => {
  const request = parsed(body);
  if (typeof request === 'string') return plain(400, `${request}\n`);
  const { origin } = request.checkpoint;
  const logKeys = ports.logKeysOf(origin);
  for (let attempt = 0; attempt < MAXIMUM_ATTEMPTS; attempt += 1) {
    const stored = logKeys === undefined ? undefined : await ports.readState(origin);
    const decision = decideAddCheckpoint(request, logKeys, stored);
    if (decision.status !== 200) return answerTo(decision);
    // The time lies between reading and storing: of two trees cosigned, the larger has the later time.
    const nowSeconds = ports.nowSeconds();
    if (!await ports.moveState(origin, stored, decision.next)) continue;
    return plain(200, formatSignature(await cosign(request.note.text, ports.signer, nowSeconds)));
  }
  throw new DomainError('log-busy', `could not store the state of ${origin} ${MAXIMUM_ATTEMPTS} times because other requests came first`, { origin });
};

import { CHECKPOINT, type Checkpoint } from './checkpoint.ts';
import type { Findings } from './damage.ts';
import { isSignedBy, type VerifierKey } from './keys.ts';
import type { NoteSignature } from './note.ts';

/** Who should have cosigned, how many of them, and what time it is here. */
type Wanted = Readonly<{ witnesses: readonly VerifierKey[]; quorum: number; nowEpochSeconds: number }>;
export type Cosignature = Readonly<{ witness: string; epochSeconds: number }>;

const TIMESTAMP_LENGTH = 8;
const SIGNATURE_LENGTH = 64;
const MILLISECONDS = 1000;
const MAXIMUM_TIMESTAMP = 2n ** 63n - 1n;
/** Clocks may differ by this much. */
const CLOCK_TOLERANCE_SECONDS = 300;

const linesOf = ({ note }: Checkpoint, key: VerifierKey): readonly NoteSignature[] => note.signatures.filter(({ name, keyId }) => name === key.name && keyId === key.id);

const seen = ({ note }: Checkpoint): string => note.signatures.map(({ name, keyId }) => `${name} (key ${keyId})`).join(', ');

/**
 * The log's own signature. A signature of the known key that does not verify refuses the note, whatever else stands beside it.
 *
 * @see C2SP signed-note, Signatures
 */
export const checkLogSignature = (file: string, checkpoint: Checkpoint, key: VerifierKey, findings: Findings): boolean => {
  if (checkpoint.origin !== key.name) findings.damage({ file, message: `is of the log '${checkpoint.origin}', the key is of '${key.name}'` });
  const lines = linesOf(checkpoint, key);
  if (lines.length === 0) {
    findings.damage({ file, message: `is not signed by ${key.name} (key ${key.id}); it carries ${seen(checkpoint)}` });
    return false;
  }
  const isGood = lines.every(({ signature }) => isSignedBy(key, Buffer.from(checkpoint.note.text), signature));
  if (!isGood) findings.damage({ file, message: `the signature of ${key.name} (key ${key.id}) does not match its text: text or signature was changed` });
  return isGood;
};

const readTimestamp = (signature: Buffer): bigint | undefined => (signature.length === TIMESTAMP_LENGTH + SIGNATURE_LENGTH ? signature.readBigUInt64BE(0) : undefined);

const cosignatureOf = (checkpoint: Checkpoint, witness: VerifierKey, { signature }: NoteSignature, nowEpochSeconds: number): Cosignature | string => {
  const timestamp = readTimestamp(signature);
  if (timestamp === undefined) return `got ${signature.length} bytes, want ${TIMESTAMP_LENGTH + SIGNATURE_LENGTH}`;
  const message = Buffer.from(`cosignature/v1\ntime ${timestamp}\n${checkpoint.note.text}`);
  if (!isSignedBy(witness, message, signature.subarray(TIMESTAMP_LENGTH))) return 'does not match the checkpoint and its time: one of them was changed';
  if (timestamp === 0n || timestamp > MAXIMUM_TIMESTAMP) return `got the time ${timestamp}, want seconds since 1970`;
  if (timestamp > BigInt(nowEpochSeconds + CLOCK_TOLERANCE_SECONDS)) return `is dated ${timestamp} (seconds since 1970), in the future of this machine's clock; set the clock, or distrust the witness`;
  return { witness: witness.name, epochSeconds: Number(timestamp) };
};

/** One character of base64 holds the last two bits of a key id and the first four of the time, so a change of it changes both. */
const SHARED_BITS = 0b11;
const isSharedCharacterOf = ({ name, id }: VerifierKey, line: NoteSignature): boolean => name === line.name && (Number.parseInt(id, 16) ^ Number.parseInt(line.keyId, 16)) >>> 0 <= SHARED_BITS;

/** Lines of a name or a key that was not given, which one of these keys made all the same: somebody changed the name or the key id. */
const checkDisguised = (checkpoint: Checkpoint, absent: readonly VerifierKey[], known: ReadonlySet<NoteSignature>, nowEpochSeconds: number, findings: Findings): void => {
  for (const line of checkpoint.note.signatures) {
    if (known.has(line)) continue;
    const changed = absent.find((witness) => isSharedCharacterOf(witness, line));
    if (changed !== undefined) findings.damage({ file: CHECKPOINT, message: `the cosignature of ${line.name} has the key ${line.keyId}, its key is ${changed.id}: its key id was changed, and its time` });
    const maker = absent.find((witness) => typeof cosignatureOf(checkpoint, witness, line, nowEpochSeconds) !== 'string');
    if (maker !== undefined && maker !== changed) findings.damage({ file: CHECKPOINT, message: `the cosignature of ${line.name} (key ${line.keyId}) was made by ${maker.name} (key ${maker.id}): its name or its key id was changed` });
  }
};

type Read = Readonly<{ good: ReadonlyMap<VerifierKey, Cosignature>; known: ReadonlySet<NoteSignature> }>;

/** The cosignatures that name a given witness and its key; one that does not verify is named. */
const readCosignatures = (file: string, checkpoint: Checkpoint, witnesses: readonly VerifierKey[], nowEpochSeconds: number, findings: Findings): Read => {
  const good = new Map<VerifierKey, Cosignature>();
  const known = new Set<NoteSignature>();
  for (const witness of witnesses) {
    for (const line of linesOf(checkpoint, witness)) {
      known.add(line);
      const outcome = cosignatureOf(checkpoint, witness, line, nowEpochSeconds);
      if (typeof outcome === 'string') findings.damage({ file, message: `the cosignature of ${witness.name} (key ${witness.id}) ${outcome}` });
      else good.set(witness, outcome);
    }
  }
  return { good, known };
};

/** When a given witness cosigned an earlier checkpoint last, epoch ms; undefined when none did. */
export const cosignedEarlier = (file: string, checkpoint: Checkpoint, { witnesses, nowEpochSeconds }: Omit<Wanted, 'quorum'>, findings: Findings): number | undefined =>
  cosignedAt([...readCosignatures(file, checkpoint, witnesses, nowEpochSeconds, findings).good.values()]);

/**
 * Cosignatures of the given witnesses: each must verify, and at least `quorum` different ones must be there. Fewer than all may be enough; which are not there is said.
 *
 * @see C2SP tlog-cosignature
 */
export const checkCosignatures = (checkpoint: Checkpoint, { witnesses, quorum, nowEpochSeconds }: Wanted, findings: Findings): readonly Cosignature[] => {
  const { good, known } = readCosignatures(CHECKPOINT, checkpoint, witnesses, nowEpochSeconds, findings);
  const absent = witnesses.filter((witness) => !good.has(witness));
  checkDisguised(checkpoint, absent, known, nowEpochSeconds, findings);
  if (good.size < quorum) findings.damage({ file: CHECKPOINT, message: `has good cosignatures of ${good.size} of the given witnesses, want ${quorum}; it carries ${seen(checkpoint)}` });
  else if (absent.length > 0) findings.notice(`no cosignature of ${absent.map(({ name, id }) => `${name} (key ${id})`).join(', ')}; ${good.size} of ${witnesses.length} are there, ${quorum} are wanted`);
  return [...good.values()];
};

/** A witness can not have seen an entry that did not exist. */
export const checkCosignatureTimes = (cosignatures: readonly Cosignature[], newest: string, findings: Findings): void => {
  const newestEpochSeconds = Math.floor(Date.parse(newest) / 1000);
  for (const { witness, epochSeconds } of cosignatures) {
    if (epochSeconds + CLOCK_TOLERANCE_SECONDS < newestEpochSeconds) findings.damage({ file: CHECKPOINT, message: `the cosignature of ${witness} is of ${new Date(epochSeconds * 1000).toISOString()}, and covers an entry recorded at ${newest}` });
  }
};

/** When the whole log was seen at the latest: as far as its witnesses say, who count whole seconds, else now. */
export const seenAt = (nowEpochMs: number, cosignatures: readonly Cosignature[]): number => Math.min(nowEpochMs, ...cosignatures.map(({ epochSeconds }) => (epochSeconds + 1) * MILLISECONDS));

/** When the checkpoint was cosigned last, epoch ms; undefined when no witness was asked for. */
export const cosignedAt = (cosignatures: readonly Cosignature[]): number | undefined => (cosignatures.length === 0 ? undefined : Math.max(...cosignatures.map(({ epochSeconds }) => epochSeconds * MILLISECONDS)));

import type { NoteSignature, Signer } from './note.ts';
import { verifyEd25519 } from './verifier-key.ts';

const TIMESTAMP_BYTES = 8;
const SIGNATURE_BYTES = 64;

/** What a cosigner signs. @see C2SP tlog-cosignature "Ed25519 signed message" */
const cosignedMessage = (text: string, timestampSeconds: bigint | number): Uint8Array => Buffer.from(`cosignature/v1\ntime ${timestampSeconds.toString()}\n${text}`);

/**
 * Cosign the text of a checkpoint.
 *
 * @param timestampSeconds POSIX time, a whole number
 * @throws RangeError when it is not
 * @see C2SP tlog-cosignature "Format"
 */
export const cosign = async (text: string, signer: Signer, timestampSeconds: number): Promise<NoteSignature> => {
  if (!Number.isSafeInteger(timestampSeconds) || timestampSeconds < 0) throw new RangeError(`got time ${timestampSeconds}, want whole seconds`);
  const timestamp = Buffer.alloc(TIMESTAMP_BYTES);
  timestamp.writeBigUInt64BE(BigInt(timestampSeconds));
  const signature = Buffer.concat([timestamp, await signer.sign(cosignedMessage(text, timestampSeconds))]);
  return { name: signer.name, keyId: signer.keyId, signature };
};

/** The time a cosignature says it was made at, in POSIX seconds, with nothing verified; undefined when it has not the form of one, or its time is beyond the safe integers. @see C2SP tlog-cosignature "Format" */
export const cosignedAtSeconds = (signature: Uint8Array): number | undefined => {
  if (signature.length !== TIMESTAMP_BYTES + SIGNATURE_BYTES) return undefined;
  const timestamp = Buffer.from(signature).readBigUInt64BE(0);
  return timestamp > BigInt(Number.MAX_SAFE_INTEGER) ? undefined : Number(timestamp);
};

/**
 * Time of a cosignature, in POSIX seconds; undefined when it is not one of this key on this text, or its time is beyond the
 * safe integers (the specification allows up to 2^63 - 1, 292 thousand million years).
 *
 * @see C2SP tlog-cosignature "Format"
 */
export const openCosignature = (text: string, signature: Uint8Array, publicKey: Uint8Array): number | undefined => {
  const seconds = cosignedAtSeconds(signature);
  return seconds !== undefined && verifyEd25519(publicKey, cosignedMessage(text, seconds), signature.subarray(TIMESTAMP_BYTES)) ? seconds : undefined;
};

import { GetPublicKeyCommand, KMSClient, SignCommand } from '@aws-sdk/client-kms';
import type { Signer } from '../../shared/audit-log/note.ts';
import { SIGNATURE_TYPE, verifierKeyOf, type SignatureType, type VerifierKey } from '../../shared/audit-log/verifier-key.ts';
import { once } from './once.ts';

/** An Ed25519 public key ends its SubjectPublicKeyInfo. @see RFC 8410 section 4 */
const ED25519_KEY_BYTES = 32;
const kms = once(() => new KMSClient({}));

export type LogKey = Readonly<{ key: VerifierKey; signer: Signer }>;

/** The public key of a key of KMS, as DER (SubjectPublicKeyInfo). */
export const readPublicKey = async (keyArn: string): Promise<Uint8Array> => {
  const { PublicKey } = await kms().send(new GetPublicKeyCommand({ KeyId: keyArn }));
  if (PublicKey === undefined) throw new Error(`KMS gave no public key for ${keyArn}`);
  return PublicKey;
};

/** Ed25519 with a key of KMS, which it never leaves. */
export const signWith = (keyArn: string) => async (bytes: Uint8Array): Promise<Uint8Array> => {
  const { Signature } = await kms().send(new SignCommand({ KeyId: keyArn, Message: bytes, MessageType: 'RAW', SigningAlgorithm: 'ED25519_SHA_512' }));
  if (Signature === undefined) throw new Error(`KMS gave no signature with ${keyArn}`);
  return Signature;
};

/** The verifier key of a KMS key, under the name it signs by. */
export const readVerifierKey = async (keyArn: string, name: string, type: SignatureType = SIGNATURE_TYPE.ed25519): Promise<VerifierKey> => {
  return verifierKeyOf(name, type, (await readPublicKey(keyArn)).slice(-ED25519_KEY_BYTES));
};

/** A key of KMS as a signer of notes. The private key never leaves KMS. */
export const openLogKey = async (keyArn: string, name: string, type: SignatureType = SIGNATURE_TYPE.ed25519): Promise<LogKey> => {
  const key = await readVerifierKey(keyArn, name, type);
  return { key, signer: { name, keyId: key.keyId, sign: signWith(keyArn) } };
};

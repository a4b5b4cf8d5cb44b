import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import { AwsError } from '../../core/contracts.ts';
import type { KmsKey } from './keys.ts';

/** Ed25519 hashes by itself; ECDSA is told its hash. */
const HASH: Readonly<Record<string, string | null>> = { ED25519_SHA_512: null, ECDSA_SHA_256: 'sha256' };
const MAXIMUM_RAW_BYTES = 4096;

const hashOf = ({ algorithms }: KmsKey, algorithm: string, messageType: string, message: Buffer): string | null => {
  const hash = HASH[algorithm];
  if (hash === undefined || !algorithms.includes(algorithm)) throw new AwsError('InvalidKeyUsageException', `got the signing algorithm ${algorithm}, want ${algorithms.join(' or ')}`);
  if (messageType !== 'RAW') throw new AwsError('UnsupportedOperationException', `the local cloud signs MessageType RAW, got ${messageType}`);
  if (message.length === 0 || message.length > MAXIMUM_RAW_BYTES) throw new AwsError('ValidationException', `got a message of ${message.length} bytes, want 1 to ${MAXIMUM_RAW_BYTES}`);
  return hash;
};

/** Ed25519: 64 bytes of RFC 8032; P-256: DER. */
export const signMessage = (key: KmsKey, algorithm: string, messageType: string, message: Buffer): Buffer => sign(hashOf(key, algorithm, messageType, message), message, createPrivateKey(key.material));

export const isSignature = (key: KmsKey, algorithm: string, messageType: string, message: Buffer, signature: Buffer): boolean =>
  verify(hashOf(key, algorithm, messageType, message), message, createPublicKey(key.material), signature);

/** DER of the SubjectPublicKeyInfo. */
export const publicKeyOf = ({ material }: KmsKey): Buffer => createPublicKey(material).export({ type: 'spki', format: 'der' });

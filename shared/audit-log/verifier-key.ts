import { createPublicKey, verify } from 'node:crypto';
import { DomainError } from '../errors.ts';
import { base64Of, fromBase64 } from './base64.ts';
import { sha256 } from './hash.ts';

/** Signature types in use: Ed25519 over the text, and witness cosignatures with their time. @see C2SP signed-note "Signature types" */
export const SIGNATURE_TYPE = { ed25519: 0x01, cosignature: 0x04 } as const;
export type SignatureType = (typeof SIGNATURE_TYPE)[keyof typeof SIGNATURE_TYPE];

/** A key whose signatures are believed. Name and id together name it. */
export type VerifierKey = Readonly<{ name: string; keyId: number; type: SignatureType; publicKey: Uint8Array }>;

const PUBLIC_KEY_BYTES = 32;
const KEY_ID_HEX_DIGITS = 8;

/** Non-empty, no Unicode space, no plus, no control character. @see C2SP signed-note "Format" */
export const isKeyName = (name: string): boolean => name !== '' && name.isWellFormed() && !/[\p{White_Space}+\p{Cc}]/u.test(name);

/** First four bytes, big-endian, of SHA-256(name, newline, type, public key). @see C2SP signed-note "Signatures" */
export const keyIdOf = (name: string, type: SignatureType, publicKey: Uint8Array): number =>
  Buffer.from(sha256(Buffer.concat([Buffer.from(`${name}\n`), Uint8Array.of(type), publicKey]))).readUInt32BE(0);

/** @throws DomainError `verifier-key-malformed` on a name that may not be, or a public key that is not 32 bytes */
export const verifierKeyOf = (name: string, type: SignatureType, publicKey: Uint8Array): VerifierKey => {
  if (!isKeyName(name)) throw new DomainError('verifier-key-malformed', 'got a key name that is empty or holds a space, a plus or a control character');
  if (publicKey.length !== PUBLIC_KEY_BYTES) throw new DomainError('verifier-key-malformed', `got a public key of ${publicKey.length} bytes, want ${PUBLIC_KEY_BYTES}`);
  return { name, keyId: keyIdOf(name, type, publicKey), type, publicKey };
};

const keyIdHex = (keyId: number): string => keyId.toString(16).padStart(KEY_ID_HEX_DIGITS, '0');

/** @see C2SP signed-note "Verifier keys" */
export const formatVerifierKey = ({ name, keyId, type, publicKey }: VerifierKey): string => `${name}+${keyIdHex(keyId)}+${base64Of(Buffer.concat([Uint8Array.of(type), publicKey]))}`;

/**
 * Read `<name>+<key id>+<base64>`.
 *
 * @throws DomainError `verifier-key-malformed` also when the id is not that of name, type and key
 * @see C2SP signed-note "Verifier keys", tlog-cosignature "Format"
 */
export const parseVerifierKey = (text: string): VerifierKey => {
  const [name = '', hex = ''] = text.split('+', 2);
  const material = fromBase64(text.slice(name.length + hex.length + 2));
  const type = Object.values(SIGNATURE_TYPE).find((known) => known === material?.[0]);
  if (material === undefined || type === undefined) throw new DomainError('verifier-key-malformed', 'got no verifier key of type 1 or 4, want <name>+<key id>+<base64>');
  const key = verifierKeyOf(name, type, material.subarray(1));
  if (formatVerifierKey(key) !== text) throw new DomainError('verifier-key-malformed', `got key id ${hex.slice(0, KEY_ID_HEX_DIGITS)}, want ${keyIdHex(key.keyId)}`);
  return key;
};

/** Ed25519, whatever the signature's bytes. @see RFC 8032 5.1.7 */
export const verifyEd25519 = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean => {
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(publicKey).toString('base64url') }, format: 'jwk' });
  return verify(null, message, key, signature);
};

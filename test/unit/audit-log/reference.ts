import { createHash, createPrivateKey, createPublicKey, sign as signWith } from 'node:crypto';
import type { Signer } from '../../../shared/audit-log/note.ts';
import { keyIdOf, verifierKeyOf, type SignatureType, type VerifierKey } from '../../../shared/audit-log/verifier-key.ts';

const sha256 = (...parts: readonly Uint8Array[]): Uint8Array => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

const split = (length: number): number => 2 ** Math.ceil(Math.log2(length) - 1);

/** RFC 6962 2.1 word by word: MTH(D). */
export const naiveRoot = (entries: readonly Uint8Array[]): Uint8Array => {
  const [first] = entries;
  if (first === undefined) return sha256();
  if (entries.length === 1) return sha256(Uint8Array.of(0), first);
  const k = split(entries.length);
  return sha256(Uint8Array.of(1), naiveRoot(entries.slice(0, k)), naiveRoot(entries.slice(k)));
};

/** RFC 6962 2.1.1: PATH(m, D). */
export const naivePath = (m: number, entries: readonly Uint8Array[]): Uint8Array[] => {
  if (entries.length === 1) return [];
  const k = split(entries.length);
  return m < k ? [...naivePath(m, entries.slice(0, k)), naiveRoot(entries.slice(k))] : [...naivePath(m - k, entries.slice(k)), naiveRoot(entries.slice(0, k))];
};

const subproof = (m: number, entries: readonly Uint8Array[], isWhole: boolean): Uint8Array[] => {
  if (m === entries.length) return isWhole ? [] : [naiveRoot(entries)];
  const k = split(entries.length);
  return m <= k ? [...subproof(m, entries.slice(0, k), isWhole), naiveRoot(entries.slice(k))] : [...subproof(m - k, entries.slice(k), false), naiveRoot(entries.slice(0, k))];
};

/** RFC 6962 2.1.2: PROOF(m, D). */
export const naiveConsistency = (m: number, entries: readonly Uint8Array[]): Uint8Array[] => (m === 0 ? [] : subproof(m, entries, true));

export const entriesOf = (count: number, prefix = 'entry'): Uint8Array[] => Array.from({ length: count }, (_, i) => Buffer.from(`${prefix}-${i}`));

export const flipBit = (bytes: Uint8Array, bit: number): Uint8Array => {
  const damaged = Uint8Array.from(bytes);
  const at = Math.floor(bit / 8) % damaged.length;
  damaged[at] = damaged[at]! ^ (1 << bit % 8);
  return damaged;
};

/** PKCS 8 of an Ed25519 seed (RFC 8410). */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');

/** An Ed25519 key from a seed. */
export const keyPairOf = (name: string, type: SignatureType, seed: Uint8Array): { signer: Signer; key: VerifierKey; signSync: (bytes: Uint8Array) => Uint8Array } => {
  const privateKey = createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' });
  const publicKey = Buffer.from(createPublicKey(privateKey).export({ format: 'jwk' }).x ?? '', 'base64url');
  const signSync = (bytes: Uint8Array): Uint8Array => signWith(null, bytes, privateKey);
  return { signSync, signer: { name, keyId: keyIdOf(name, type, publicKey), sign: (bytes) => Promise.resolve(signSync(bytes)) }, key: verifierKeyOf(name, type, publicKey) };
};

export const seedOf = (text: string): Uint8Array => sha256(Buffer.from(text));

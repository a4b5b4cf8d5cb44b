import { createPublicKey, verify, type KeyObject } from 'node:crypto';
import { decodeBase64 } from './base64.ts';
import { sha256 } from './sha256.ts';

/**
 * Verifier keys as text: `<name>+<key id, hex>+<base64(algorithm byte || public key)>`.
 *
 * @see C2SP signed-note (key id, names), tlog-cosignature (algorithm 0x04)
 */
export const LOG_ALGORITHM = 0x01;
export const WITNESS_ALGORITHM = 0x04;
const KEY_ID_LENGTH = 4;
const PUBLIC_KEY_LENGTH = 32;

export type VerifierKey = Readonly<{ name: string; id: string; algorithm: number; publicKey: KeyObject }>;

/** A key that can not be used; its message says what to do. */
export class KeyError extends Error {
  override readonly name = 'KeyError';
}

const FORM = /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+={0,2})$/u;

/**
 * Read a verifier key.
 *
 * @param wanted algorithm it must have: 0x01 for the log, 0x04 for a witness
 * @throws KeyError when the text is no such key, or its id is not that of its name and public key
 */
export const parseVerifierKey = (text: string, wanted: number): VerifierKey => {
  const [, name, id, encoded = ''] = FORM.exec(text) ?? [];
  if (name === undefined || id === undefined) throw new KeyError(`got '${text}', want <name>+<8 hex digits>+<base64>; copy the whole line`);
  const material = decodeBase64(encoded);
  const algorithm = material?.[0];
  if (material?.length !== 1 + PUBLIC_KEY_LENGTH || algorithm !== wanted) {
    throw new KeyError(`${name}: got ${material?.length ?? 'no'} bytes of algorithm ${algorithm ?? 'none'}, want ${1 + PUBLIC_KEY_LENGTH} bytes of algorithm ${wanted} (1 is the log's key, 4 a witness')`);
  }
  const own = sha256(Buffer.concat([Buffer.from(`${name}\n`), material])).subarray(0, KEY_ID_LENGTH).toString('hex');
  if (own !== id) throw new KeyError(`${name}: got key id ${id}, its public key gives ${own}; the text was changed, ask for it again`);
  const x = material.subarray(1).toString('base64url');
  return { name, id, algorithm, publicKey: createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' }) };
};

/** Ed25519. @see RFC 8032 */
export const isSignedBy = ({ publicKey }: VerifierKey, message: Uint8Array, signature: Uint8Array): boolean => verify(null, message, publicKey, signature);

import { createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { createLogPlaces } from '../../functions/_platform/log-places.ts';
import { createLogStore } from '../../functions/_platform/log-store.ts';
import type { Linker } from '../../functions/_platform/s3-link.ts';
import { SIGNATURE_TYPE, verifierKeyOf, type SignatureType } from '../../shared/audit-log/verifier-key.ts';
import { createMemoryObjectStore } from './memory/object-store.ts';
import type { MemoryOperationsStore } from './memory/operations-store.ts';

/** Beginning of the PKCS #8 form of an Ed25519 private key. @see RFC 8410 section 7 */
const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex');
const PUBLIC_KEY_BYTES = 32;

/** Links to objects of a log, as they are given where nobody follows them. */
export const linkTo = (now: () => Date): Linker => (path) => Promise.resolve({ url: `https://log.invalid/${path}`, expiresAt: new Date(now().getTime() + 300_000).toISOString() });

/** The log of a node over stores in memory, with a key of its own, the same in every run. */
export const createLog = (operations: MemoryOperationsStore, origin = 'bedside.network/north', type: SignatureType = SIGNATURE_TYPE.ed25519) => {
  const [objects, staging] = [createMemoryObjectStore(), createMemoryObjectStore()];
  const privateKey = createPrivateKey({ key: Buffer.concat([PKCS8_HEAD, Buffer.alloc(32, 7)]), format: 'der', type: 'pkcs8' });
  const key = verifierKeyOf(origin, type, createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(-PUBLIC_KEY_BYTES));
  const signer = { name: origin, keyId: key.keyId, sign: (bytes: Uint8Array) => Promise.resolve(new Uint8Array(sign(null, bytes, privateKey))) };
  return { objects, staging, places: createLogPlaces(operations), store: createLogStore({ log: objects, staging, operations, many: operations }), key, signer };
};

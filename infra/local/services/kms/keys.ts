import { createHash, generateKeyPairSync, randomBytes, type KeyObject } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeAtomically } from '../../cloud.ts';
import type { PolicyStatement } from '../../core/contracts.ts';

export type KeyUsage = 'ENCRYPT_DECRYPT' | 'SIGN_VERIFY' | 'GENERATE_VERIFY_MAC';
/** What the local cloud can do with a key of each spec; AWS lists more algorithms for some. */
export type KeySpec = Readonly<{ usages: readonly KeyUsage[]; algorithms: readonly string[]; generate(): string }>;
export type KmsKey = Readonly<{
  id: string; arn: string; account: string; region: string; description: string; enabled: boolean; spec: string; usage: KeyUsage; algorithms: readonly string[]; createdEpochMs: number; policy: readonly PolicyStatement[];
  /** PKCS #8 PEM of an asymmetric key, base64 of a secret one. Stays inside this service. */
  material: string;
}>;

const secret = (): string => randomBytes(32).toString('base64');
const pemOf = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString();

export const KEY_SPECS: Readonly<Record<string, KeySpec>> = {
  SYMMETRIC_DEFAULT: { usages: ['ENCRYPT_DECRYPT'], algorithms: ['SYMMETRIC_DEFAULT'], generate: secret },
  HMAC_256: { usages: ['GENERATE_VERIFY_MAC'], algorithms: ['HMAC_SHA_256'], generate: secret },
  ECC_NIST_EDWARDS25519: { usages: ['SIGN_VERIFY'], algorithms: ['ED25519_SHA_512'], generate: () => pemOf(generateKeyPairSync('ed25519').privateKey) },
  ECC_NIST_P256: { usages: ['SIGN_VERIFY'], algorithms: ['ECDSA_SHA_256'], generate: () => pemOf(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey) },
};

type Held = Readonly<{ spec: string; createdEpochMs: number; material: string }>;

/** Key material on disk, one file a key, for its owner's eyes only; made once, so that what it signed verifies after a restart. */
export const materialOf = (folder: string, id: string, spec: string, nowEpochMs: number): Held => {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, `${createHash('sha256').update(id).digest('hex').slice(0, 32)}.json`);
  const held = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) as Held : undefined;
  if (held !== undefined && held.spec === spec) return held;
  if (held !== undefined) throw new Error(`key ${id} is held as ${held.spec}, the template wants ${spec}: AWS would replace the key, and nothing it protected could be read`);
  const made = { spec, createdEpochMs: nowEpochMs, material: KEY_SPECS[spec]?.generate() ?? '' };
  writeAtomically(path, JSON.stringify(made));
  return made;
};

import { createPublicKey } from 'node:crypto';
import type { Directory } from '../../models/federated/secure/keys.ts';
import { keysOf } from '../../shared/audit-log/directory.ts';
import { readSites } from './directory.ts';
import type { OperationsStore } from './ports.ts';

/** Identities of the network's hospitals, from the directory this site holds: the keys that sign their logs. */
export const readIdentities = async (table: Pick<OperationsStore, 'list'>): Promise<Directory> => new Map((await readSites(table)).flatMap((site) => {
  const { logKey } = keysOf(site);
  if (logKey === undefined) return [];
  return [[site.siteId, createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(logKey.publicKey).toString('base64url') }, format: 'jwk' })] as const];
}));

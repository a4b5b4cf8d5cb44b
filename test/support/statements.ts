import { createHash, createPrivateKey, createPublicKey, sign, type KeyObject } from 'node:crypto';
import { trainingKeyBytes, type Directory } from '../../models/federated/secure/keys.ts';
import { statementBytes, type SignedStatement } from '../../models/federated/secure/statement.ts';
import type { DataStatement } from '../../shared/model-registry/data-statement.ts';
import { statementText, type CalibrationStatement, type TestCounts } from '../../shared/model-registry/hospital-counts.ts';

const PKCS8_ED25519 = Buffer.from('302e020100300506032b657004220420', 'hex');
const keyOf = (name: string): KeyObject => createPrivateKey({ key: Buffer.concat([PKCS8_ED25519, createHash('sha256').update(name).digest()]), format: 'der', type: 'pkcs8' });

/** KMS signs no longer message. @see AWS KMS API reference, Sign, Message */
const MOST_SIGNED_BYTES = 4096;

/** Sign as a hospital of the tests does: by its training key, for which its identity vouches. */
export const certifierOf = (siteId: string) => (bytes: Uint8Array): Promise<Omit<SignedStatement, 'text'>> => {
  if (bytes.length > MOST_SIGNED_BYTES) return Promise.reject(new RangeError(`got a message of ${bytes.length} bytes, want 1 to ${MOST_SIGNED_BYTES}`));
  const key = createPublicKey(keyOf(`training ${siteId}`)).export({ format: 'der', type: 'spki' }).toString('base64');
  return Promise.resolve({ signature: sign(null, bytes, keyOf(`training ${siteId}`)).toString('base64'), trainingKey: { key, signature: sign(null, trainingKeyBytes(siteId, key), keyOf(`identity ${siteId}`)).toString('base64') } });
};

/** Identities of hospitals, as the control site's directory knows them. */
export const identitiesOf = (...siteIds: readonly string[]): Directory => new Map(siteIds.map((siteId) => [siteId, createPublicKey(keyOf(`identity ${siteId}`))]));

/** What a hospital counted, signed by it, or by another. */
export const statedBy = async (siteId: string, statement: TestCounts | CalibrationStatement | DataStatement): Promise<SignedStatement> => {
  const text = statementText(statement);
  return { text, ...await certifierOf(siteId)(statementBytes(text)) };
};

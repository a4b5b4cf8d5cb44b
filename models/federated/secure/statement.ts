import { createHash, createPublicKey, verify } from 'node:crypto';
import { DomainError } from '../../../shared/errors.ts';
import { trainingKeyBytes, type Directory, type TrainingKey } from './keys.ts';

/** What a hospital says, and its signature: by its training key, for which its identity vouches. Base64. */
export type SignedStatement = Readonly<{ text: string; signature: string; trainingKey: TrainingKey }>;

/** The bytes that are signed, of the text's SHA-256: KMS signs 4,096 bytes at most, and a statement has a line for each input. No certificate, checkpoint or vouching begins so. */
export const statementBytes = (text: string): Buffer => Buffer.from(`bedside hospital statement 1\n${createHash('sha256').update(text, 'utf8').digest('hex')}\n`, 'utf8');

const isSignedBy = (siteId: string, { text, signature, trainingKey }: SignedStatement, directory: Directory): boolean => {
  const identity = directory.get(siteId);
  if (identity === undefined || !verify(null, trainingKeyBytes(siteId, trainingKey.key), identity, Buffer.from(trainingKey.signature, 'base64'))) return false;
  try {
    return verify(null, statementBytes(text), createPublicKey({ key: Buffer.from(trainingKey.key, 'base64'), format: 'der', type: 'spki' }), Buffer.from(signature, 'base64'));
  } catch {
    // A key that can not be read has signed nothing.
    return false;
  }
};

/** @throws DomainError `hospital-statement-wrong` unless the hospital itself signed this text */
export const requireStatement = (siteId: string, statement: SignedStatement, directory: Directory): void => {
  if (!isSignedBy(siteId, statement, directory)) throw new DomainError('hospital-statement-wrong', `statement of ${siteId}: got one its key did not sign, want it as the hospital answered it`, { siteId });
};

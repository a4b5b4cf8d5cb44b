import * as z from 'zod';
import { statementBytes, type SignedStatement } from '../../models/federated/secure/statement.ts';
import { DomainError } from '../../shared/errors.ts';
import { statementHash, statementText, type CalibrationStatement, type TestCounts } from '../../shared/model-registry/hospital-counts.ts';
import type { ObjectStore } from '../_platform/ports.ts';

/** Where a hospital keeps what it signed for, in its own bucket. */
const statementObject = (sha256: string): string => `statements/${sha256}.json`;
const Shape = z.strictObject({ text: z.string(), signature: z.string(), trainingKey: z.strictObject({ key: z.string(), signature: z.string() }) });

export type StatementPorts = Readonly<{
  bucket: Pick<ObjectStore, 'get' | 'put'>;
  /** Sign with the hospital's training key, and show what its identity says of that key. @throws DomainError `training-certificate-wrong` while it says nothing */
  certify(bytes: Uint8Array): Promise<Omit<SignedStatement, 'text'>>;
}>;

/** Sign what was counted and keep it: an event that names a statement nobody has would be worse than a statement that nothing names. */
export const signStatement = async ({ bucket, certify }: StatementPorts, statement: TestCounts | CalibrationStatement): Promise<Readonly<{ signed: SignedStatement; sha256: string }>> => {
  const text = statementText(statement);
  const { signature, trainingKey } = await certify(statementBytes(text));
  const [signed, sha256] = [{ text, signature, trainingKey }, statementHash(text)];
  await bucket.put(statementObject(sha256), Buffer.from(JSON.stringify(signed), 'utf8'), { contentType: 'application/json' });
  return { signed, sha256 };
};

/** What was signed for before. @throws DomainError `record-corrupt` when it is gone or another text */
export const keptStatement = async ({ bucket }: StatementPorts, sha256: string): Promise<SignedStatement> => {
  const held = await bucket.get(statementObject(sha256));
  const signed = held === undefined ? undefined : Shape.parse(JSON.parse(Buffer.from(held.body).toString('utf8')));
  if (signed === undefined || statementHash(signed.text) !== sha256) throw new DomainError('record-corrupt', `statement ${sha256}: got ${signed === undefined ? 'none' : 'another text'}, want what the record says was answered`, { sha256 });
  return signed;
};

import * as z from 'zod';
import { statementBytes, type SignedStatement } from '../../models/federated/secure/statement.ts';
import { DomainError } from '../../shared/errors.ts';
import type { DataStatement } from '../../shared/model-registry/data-statement.ts';
import { statementHash, statementText, type CalibrationStatement, type TestCounts } from '../../shared/model-registry/hospital-counts.ts';
import type { TrainingData, TrainingDataEvent } from '../../shared/training-data/dataset.ts';
import { actorOf } from './caller.ts';
import type { Caller, ObjectStore } from './ports.ts';
import type { StreamRecords } from './stream-records.ts';

/** Where a hospital keeps what it signed for, in its own bucket. */
const statementObject = (sha256: string): string => `statements/${sha256}.json`;
const Shape = z.strictObject({ text: z.string(), signature: z.string(), trainingKey: z.strictObject({ key: z.string(), signature: z.string() }) });

export type StatementPorts = Readonly<{
  bucket: Pick<ObjectStore, 'get' | 'put'>;
  /** Sign with the hospital's training key, and show what its identity says of that key. @throws DomainError `training-certificate-wrong` while it says nothing */
  certify(bytes: Uint8Array): Promise<Omit<SignedStatement, 'text'>>;
}>;

/** Sign what was counted and keep it: an event that names a statement nobody has would be worse than a statement that nothing names. */
export const signStatement = async ({ bucket, certify }: StatementPorts, statement: TestCounts | CalibrationStatement | DataStatement): Promise<Readonly<{ signed: SignedStatement; sha256: string }>> => {
  const text = statementText(statement);
  const { signature, trainingKey } = await certify(statementBytes(text));
  const [signed, sha256] = [{ text, signature, trainingKey }, statementHash(text)];
  await bucket.put(statementObject(sha256), Buffer.from(JSON.stringify(signed), 'utf8'), { contentType: 'application/json' });
  return { signed, sha256 };
};

/** What was signed for before. @throws DomainError `record-corrupt` when it is gone or another text */
export const keptStatement = async ({ bucket }: Pick<StatementPorts, 'bucket'>, sha256: string): Promise<SignedStatement> => {
  const held = await bucket.get(statementObject(sha256));
  const signed = held === undefined ? undefined : Shape.parse(JSON.parse(Buffer.from(held.body).toString('utf8')));
  if (signed === undefined || statementHash(signed.text) !== sha256) throw new DomainError('record-corrupt', `statement ${sha256}: got ${signed === undefined ? 'none' : 'another text'}, want what the record says was answered`, { sha256 });
  return signed;
};

/** Tell a person which rows there are for a model, signed for: on record once, however often it is asked. The answer is what the control site takes a part of a manifest as. */
export const tellRows = async (ports: StatementPorts & Readonly<{ datasets: StreamRecords<TrainingData, TrainingDataEvent> }>, caller: Caller, artefactSha256: string, statement: DataStatement) => {
  const { nodeId, role, label, rowsSha256, recordDigests, positives } = statement;
  const { signed, sha256: statementSha256 } = await signStatement(ports, statement);
  await ports.datasets.change(artefactSha256, ({ state }) => (state?.told?.some((set) => set.statementSha256 === statementSha256) === true ? [] : [{ type: 'model-data-told', artefactSha256, role, label, rowsSha256, rowCount: recordDigests.length, statementSha256 }]), { actor: actorOf(caller) });
  return { nodeId, rowsSha256, recordDigests: [...recordDigests], positives, statement: signed };
};

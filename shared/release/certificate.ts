import { batchIdentityOf } from '../batch/identity.ts';
import type { Batch, TestResult } from '../batch/state.ts';
import { DomainError } from '../errors.ts';
import type { TestSpecification } from '../master-batch-record/model.ts';
import { certificateIdOf } from './certificate-id.ts';
import type { CertificateDocument, CertificateTest } from './certificate-document.ts';
import { resultInForce } from '../batch/results.ts';
import { outstandingStagedTests } from './review.ts';
import { describeSpecification, meetsSpecification } from './test-specification.ts';

const STATEMENT = 'I certify that this batch was made and controlled as its record says, in accordance with good manufacturing practice and its master batch record, '
  + 'and that its record was reviewed and found complete. It is for the patient of the chain of identity named above, and for no other.';

export const testLineOf = (specification: TestSpecification, result: TestResult): CertificateTest => ({
  testId: specification.id, title: specification.title, specification: describeSpecification(specification), result: String(result.value),
  unit: specification.unit, method: result.method, withinSpecification: meetsSpecification(specification, result.value),
});

/**
 * The certificate of a released batch, from its record as the Qualified Person signed it; made again it is the same, whatever was found since.
 *
 * @param batch as it was when its release was recorded, at `disposition.atVersion`
 * @throws DomainError `batch-state-wrong` when the batch is not released
 */
export const composeCertificate = (batch: Batch): CertificateDocument => {
  const { disposition, recipe } = batch;
  if (disposition?.disposition !== 'release' || batch.startedAt === undefined || batch.completedAt === undefined) {
    throw new DomainError('batch-state-wrong', `batch ${batch.batchId} is not released; only a released batch has a certificate`, { batchId: batch.batchId });
  }
  const { signature, staged } = disposition;
  return {
    formatVersion: 1, certificateId: certificateIdOf(batch), ...batchIdentityOf(batch),
    startedAt: batch.startedAt, completedAt: batch.completedAt,
    tests: recipe.content.releaseSpecification.flatMap((specification) => {
      const result = resultInForce(batch, specification.id);
      return result === undefined ? [] : [testLineOf(specification, result)];
    }),
    deviations: Object.values(batch.deviations).map(({ deviationId, severity, title, conclusion }) => ({ deviationId, severity, title, conclusion: conclusion ?? '' })),
    staged, outstandingTests: staged ? outstandingStagedTests(batch) : [],
    statement: STATEMENT,
    signatures: [{ printedName: signature.printedName, signedAt: signature.signedAt, meaning: signature.meaning, subject: 'release of the batch' }],
    record: { version: signature.signedVersion, hash: signature.signedHash },
  };
};

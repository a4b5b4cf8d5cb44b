import { batchIdentityOf } from '../batch/identity.ts';
import { specificationOf } from '../batch/results.ts';
import type { Batch, Certificate, TestResult } from '../batch/state.ts';
import { DomainError } from '../errors.ts';
import { testLineOf } from './certificate.ts';
import type { SupplementDocument, SupplementTest } from './certificate-document.ts';
import { isFinallyCertified, isStagedRelease, lateDeviations, lateResults } from './late-results.ts';

const CERTIFIED = 'I certify that the results named above, which were outstanding when this batch was released, are as its record says and within their specification. With the certificate named above this is the final certification of the batch; that certificate stays as it was signed.';
const NOT_CERTIFIED = 'Results named above are OUT OF SPECIFICATION. Nobody certifies them: what follows stands in the deviations named above. The certificate named above stays as it was signed, and does not speak of these results.';

const supplementTest = (batch: Batch, result: TestResult): readonly SupplementTest[] => {
  const specification = specificationOf(batch, result.testId);
  if (specification === undefined) return [];
  return [{ ...testLineOf(specification, result), recordedAt: result.recordedAt, foundInvalid: result.isInvalid, ...(result.deviationId === undefined ? {} : { deviationId: result.deviationId }) }];
};

/**
 * The supplement to a certificate of a staged release: the results that were outstanding, and what became of them. Made again of the record at that version, it is the same.
 *
 * @param batch as it was at the version of a due supplement
 * @param first certificate of its release
 * @throws DomainError `batch-state-wrong` when no staged release is on record
 */
export const composeSupplement = (batch: Batch, first: Certificate, certificateId: string): SupplementDocument => {
  const { disposition, stagedResults } = batch;
  if (disposition === undefined || !isStagedRelease(batch)) throw new DomainError('batch-state-wrong', `batch ${batch.batchId} has no staged release; only the certificate of one gets a supplement`, { batchId: batch.batchId });
  const signature = isFinallyCertified(batch) ? stagedResults?.signature : undefined;
  return {
    formatVersion: 1, certificateId, ...batchIdentityOf(batch),
    supplementTo: { certificateId: first.certificateId, jsonSha256: first.jsonSha256, pdfSha256: first.pdfSha256, recordVersion: disposition.signature.signedVersion, recordHash: disposition.signature.signedHash },
    tests: lateResults(batch).flatMap((result) => supplementTest(batch, result)),
    deviations: lateDeviations(batch).map(({ deviationId, severity, title, state, conclusion }) => ({ deviationId, severity, title, conclusion: conclusion ?? `not closed (${state})` })),
    certified: signature !== undefined, statement: signature === undefined ? NOT_CERTIFIED : CERTIFIED,
    signatures: signature === undefined ? [] : [{ printedName: signature.printedName, signedAt: signature.signedAt, meaning: signature.meaning, subject: 'results after a staged release' }],
    record: signature === undefined ? { version: batch.version, hash: batch.hash } : { version: signature.signedVersion, hash: signature.signedHash },
  };
};

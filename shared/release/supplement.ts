import type { OpenPoint } from '../batch/events.ts';
import { batchIdentityOf } from '../batch/identity.ts';
import { failingResults, resultsOf, specificationOf } from '../batch/results.ts';
import type { Batch, Certificate, Deviation, TestResult } from '../batch/state.ts';
import { DomainError } from '../errors.ts';
import { certificateIdOf, testLineOf } from './certificate.ts';
import type { SupplementDocument, SupplementTest } from './certificate-document.ts';
import { outstandingStagedTests, unclosedDeviations } from './review.ts';

const CERTIFIED = 'I certify that the results named above, which were outstanding when this batch was released, are as its record says and within their specification. With the certificate named above this is the final certification of the batch; that certificate stays as it was signed.';
const NOT_CERTIFIED = 'Results named above are OUT OF SPECIFICATION. Nobody certifies them: what follows stands in the deviations named above. The certificate named above stays as it was signed, and does not speak of these results.';

/** The certificate that the Qualified Person signed at release, once it is issued. */
export const releaseCertificate = (batch: Batch): Certificate | undefined => batch.certificates.find(({ certificateId }) => certificateId === certificateIdOf(batch));

/** Results of staged tests that came after the release, by test, in the order recorded; each of them, replaced ones too. */
export const lateResults = (batch: Batch): readonly TestResult[] => {
  const { disposition, recipe } = batch;
  if (disposition === undefined) return [];
  return recipe.content.releaseSpecification.filter(({ timing }) => timing === 'staged').flatMap(({ id }) => resultsOf(batch, id)).filter(({ version }) => version > disposition.atVersion);
};

const lateDeviations = ({ deviations, disposition }: Batch): readonly Deviation[] => Object.values(deviations).filter(({ raisedAtVersion }) => raisedAtVersion > (disposition?.atVersion ?? Infinity));

/** What keeps the late results of a staged release from being certified; empty when the Qualified Person may sign. */
export const stagedResultsPoints = (batch: Batch): readonly OpenPoint[] => [
  ...outstandingStagedTests(batch).map((subject) => ({ rule: 'test-missing', subject, detail: 'has no result yet' })),
  ...failingResults(batch).map(({ testId, value }) => ({ rule: 'test-out-of-specification', subject: testId, detail: `got ${String(value)}` })),
  ...unclosedDeviations(batch),
  ...(releaseCertificate(batch) === undefined ? [{ rule: 'certificate-missing', subject: certificateIdOf(batch), detail: 'the certificate of the release is not issued yet' }] : []),
];

const isStagedRelease = ({ disposition }: Batch): boolean => disposition?.disposition === 'release' && disposition.staged;

/** Whether the signature for the late results covers all of them. */
export const isFinallyCertified = (batch: Batch): boolean => {
  const { stagedResults } = batch;
  return stagedResults !== undefined && lateResults(batch).every(({ version }) => version < stagedResults.atVersion);
};

/** What a batch of a staged release is due: nothing, the Qualified Person's signature for its late results, or a supplement that speaks of the record at a version. */
export type SupplementDue = Readonly<{ type: 'nothing' } | { type: 'signature' } | { type: 'supplement'; certificateId: string; atVersion: number }>;

/** The last event that makes its late results what they are: a result, or a deviation about one. */
const outOfSpecificationSince = (batch: Batch): number => {
  const late = new Set(lateResults(batch).map(({ version }) => version));
  return Math.max(...late, ...lateDeviations(batch).filter(({ resultVersion }) => late.has(resultVersion ?? 0)).map(({ raisedAtVersion }) => raisedAtVersion));
};

/**
 * When the last staged result is in, a supplement follows: with the Qualified Person's signature, or at once and unsigned where a result is out of specification.
 *
 * @see EU GMP Part IV, 11.3 (two-step release of ATMPs: results that come after the release are assessed, and certified)
 */
export const supplementDue = (batch: Batch): SupplementDue => {
  if (!isStagedRelease(batch) || releaseCertificate(batch) === undefined || outstandingStagedTests(batch).length > 0) return { type: 'nothing' };
  const due = (atVersion: number): SupplementDue => ({ type: 'supplement', certificateId: `${certificateIdOf(batch)}-S${atVersion}`, atVersion });
  if (isFinallyCertified(batch)) return due(batch.stagedResults?.atVersion ?? 0);
  return failingResults(batch).length > 0 ? due(outOfSpecificationSince(batch)) : { type: 'signature' };
};

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

import type { OpenPoint } from '../batch/events.ts';
import { failingResults, resultsOf } from '../batch/results.ts';
import type { Batch, Certificate, Deviation, TestResult } from '../batch/state.ts';
import { certificateIdOf } from './certificate-id.ts';
import { outstandingStagedTests, unclosedDeviations } from './review.ts';

/** The certificate that the Qualified Person signed at release, once it is issued. */
export const releaseCertificate = (batch: Batch): Certificate | undefined => batch.certificates.find(({ certificateId }) => certificateId === certificateIdOf(batch));

/** Results of staged tests that came after the release, by test, in the order recorded; each of them, replaced ones too. */
export const lateResults = (batch: Batch): readonly TestResult[] => {
  const { disposition, recipe } = batch;
  if (disposition === undefined) return [];
  return recipe.content.releaseSpecification.filter(({ timing }) => timing === 'staged').flatMap(({ id }) => resultsOf(batch, id)).filter(({ version }) => version > disposition.atVersion);
};

/** Deviations raised after the release. */
export const lateDeviations = ({ deviations, disposition }: Batch): readonly Deviation[] => Object.values(deviations).filter(({ raisedAtVersion }) => raisedAtVersion > (disposition?.atVersion ?? Infinity));

/** What keeps the late results of a staged release from being certified; empty when the Qualified Person may sign. */
export const stagedResultsPoints = (batch: Batch): readonly OpenPoint[] => [
  ...outstandingStagedTests(batch).map((subject) => ({ rule: 'test-missing', subject, detail: 'has no result yet' })),
  ...failingResults(batch).map(({ testId, value }) => ({ rule: 'test-out-of-specification', subject: testId, detail: `got ${String(value)}` })),
  ...unclosedDeviations(batch),
  ...(releaseCertificate(batch) === undefined ? [{ rule: 'certificate-missing', subject: certificateIdOf(batch), detail: 'the certificate of the release is not issued yet' }] : []),
];

export const isStagedRelease = ({ disposition }: Batch): boolean => disposition?.disposition === 'release' && disposition.staged;

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

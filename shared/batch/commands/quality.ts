import { DomainError } from '../../errors.ts';
import type { Role, Signature } from '../../record/envelope.ts';
import { requireMeaning } from '../../record/signature.ts';
import { listOpenPoints } from '../../release/open-points.ts';
import { outstandingStagedTests, reviewRecord, REVIEW_RULE_SET_VERSION } from '../../release/review.ts';
import { describeSpecification, meetsSpecification } from '../../release/test-specification.ts';
import type { TestSpecification } from '../../master-batch-record/model.ts';
import { afterRelease, requireState, requireUndecided } from '../context.ts';
import type { BatchEvent, Disposition } from '../events.ts';
import { isOutOfSpecification, resultsOf, specificationOf } from '../results.ts';
import { releasedEquipment } from './life.ts';
import type { Batch } from '../state.ts';

export type RecordTestResult = Readonly<{
  testId: string; value: number | string; method: string; sampleId: string;
  /** Why the test was done again, where it has a result already. */
  reason?: string | undefined;
  /** Identifier for the deviation, should the result be out of specification. */
  deviationId: string;
}>;

/**
 * Nobody tests into compliance: a test is done again for a reason, and after a failing result only once that was investigated.
 *
 * @see 21 CFR 211.192; FDA guidance, Investigating Out-of-Specification Test Results (2022), III
 */
const requireRepeatable = (batch: Batch, testId: string, reason: string | undefined): void => {
  const before = resultsOf(batch, testId);
  if (before.length === 0) return;
  if (reason === undefined) throw new DomainError('test-repeat-refused', `test ${testId} has a result already, which stays; say in \`reason\` why it was done again`, { testId });
  const open = before.find((result) => isOutOfSpecification(batch, result) && (result.deviationId === undefined || batch.deviations[result.deviationId]?.state === 'open'));
  if (open !== undefined) {
    throw new DomainError('test-repeat-refused', `test ${testId} has a result out of specification (${open.deviationId ?? 'without a deviation: raise one of this test'}); want that assessed before another result`, { testId });
  }
};

const requireResultType = ({ id, type }: TestSpecification, value: number | string): void => {
  if ((typeof value === 'number') !== (type === 'number') || (typeof value === 'number' && !Number.isFinite(value))) {
    throw new DomainError('test-result-wrong-type', `test ${id}: got ${typeof value}, want ${type === 'number' ? 'a finite number' : 'text'}`, { testId: id });
  }
};

/**
 * Record a quality-control result; every result of a test stays on record and counts. One out of specification raises a deviation. Results of staged tests
 * may follow a staged release.
 *
 * @throws DomainError `batch-already-dispositioned`, `batch-state-wrong`, `test-not-found`, `test-result-wrong-type`, `signature-meaning-wrong`, `test-repeat-refused`
 * @see 21 CFR 211.165(f), 211.192 (a failing result is investigated)
 */
export const recordTestResult = (batch: Batch, { testId, value, method, sampleId, reason, deviationId }: RecordTestResult, signature: Signature): readonly BatchEvent[] => {
  const specification = specificationOf(batch, testId);
  if (specification === undefined) throw new DomainError('test-not-found', `the release specification has no test ${testId}, want one of ${batch.recipe.content.releaseSpecification.map(({ id }) => id).join(', ')}`, { testId });
  if (!(specification.timing === 'staged' && batch.disposition?.staged === true)) requireUndecided(batch);
  requireState(batch, 'running', 'held', 'complete');
  requireMeaning(signature, 'responsibility');
  requireResultType(specification, value);
  requireRepeatable(batch, testId, reason);
  const { title, unit } = specification;
  const recorded: BatchEvent = { type: 'test-result-recorded', testId, value, unit, method, sampleId, ...(reason === undefined ? {} : { reason }), signature };
  if (meetsSpecification(specification, value)) return [recorded];
  const detail = `${title}: got ${`${String(value)} ${unit}`.trim()}, want ${`${describeSpecification(specification)} ${unit}`.trim()}`;
  return [recorded, { type: 'deviation-raised', deviationId, severity: 'critical', title: `${title} out of specification`, detail, rule: 'test-out-of-specification', testId, ...afterRelease(batch) }];
};

/**
 * Keep the result of a review by rules. A run on a record that has not changed since the last review adds nothing.
 *
 * @param runId run record of the task that reviewed
 */
export const performReview = (batch: Batch, runId: string): readonly BatchEvent[] => {
  const openPoints = listOpenPoints(batch.batchId, reviewRecord(batch));
  if (batch.review?.atVersion === batch.version && batch.review.ruleSetVersion === REVIEW_RULE_SET_VERSION) return [];
  return [{ type: 'review-performed', runId, ruleSetVersion: REVIEW_RULE_SET_VERSION, reviewedVersion: batch.version, openPoints }];
};

const requireReleasable = (batch: Batch): void => {
  requireState(batch, 'complete');
  const openPoints = reviewRecord(batch);
  if (openPoints.length > 0) {
    throw new DomainError('batch-open-points', `batch ${batch.batchId} has ${openPoints.length} open point(s), want 0: ${openPoints.map(({ rule, subject }) => `${rule} ${subject}`).join(', ')}`, {
      openPoints: openPoints.map(({ rule, subject }) => `${rule} ${subject}`),
    });
  }
  if (batch.review === undefined || batch.review.atVersion !== batch.version) {
    throw new DomainError('release-review-missing', `the record changed since its last review; wait for the review of version ${batch.version}`, { version: batch.version });
  }
};

/** `isPublished`: a published checkpoint covers the record as it was signed. */
export type RecordDisposition = Readonly<{ disposition: Disposition; reason: string; isPublished: boolean }>;

/** Still being made, so that its record grows all the time: rejecting it waits for nothing. */
const isInProduction = ({ state }: Batch): boolean => state === 'idle' || state === 'running' || state === 'held';

/** What was signed must be in evidence that nobody can change afterwards, before the decision counts. @throws DomainError `record-not-published` */
export const requirePublished = (batch: Batch, isPublished: boolean): void => {
  if (isPublished) return;
  throw new DomainError('record-not-published', `no published checkpoint of the log covers version ${batch.version} of batch ${batch.batchId} yet. Sign again in a minute; if this lasts longer, ask the people who run this node why checkpoints wait (runbook: checkpoints-waiting, log-behind)`, { version: batch.version });
};

/**
 * Certify or reject a batch. Release needs a complete batch, a review of exactly this record without open points, and is staged while slow
 * tests are still running. Rejection is possible at any time before, ends the work, and frees the equipment. Either waits until a published checkpoint covers the record, but for the rejection of a batch that is still being made.
 *
 * @throws DomainError `batch-already-dispositioned`, `role-missing`, `signature-meaning-wrong`, `batch-state-wrong`, `batch-open-points`, `release-review-missing`, `record-not-published`
 * @see EU GMP Annex 16 (certification by a Qualified Person); 21 CFR 211.192
 */
export const recordDisposition = (batch: Batch, asked: RecordDisposition, signature: Signature, roles: readonly Role[]): readonly BatchEvent[] => {
  const { disposition, reason, isPublished } = asked;
  requireUndecided(batch);
  if (!roles.includes('qualified-person')) throw new DomainError('role-missing', 'a disposition wants the role qualified-person', { wanted: ['qualified-person'] });
  requireMeaning(signature, 'approval');
  if (disposition === 'release') requireReleasable(batch);
  requirePublished(batch, isPublished || (disposition === 'reject' && isInProduction(batch)));
  const staged = disposition === 'release' && outstandingStagedTests(batch).length > 0;
  return [{ type: 'disposition-recorded', disposition, reason, staged, signature }, ...(disposition === 'reject' ? releasedEquipment(batch) : [])];
};

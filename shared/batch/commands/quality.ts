import { DomainError } from '../../errors.ts';
import type { Role, Signature } from '../../record/envelope.ts';
import { requireMeaning } from '../../record/signature.ts';
import { outstandingStagedTests, reviewRecord, REVIEW_RULE_SET_VERSION } from '../../release/review.ts';
import { requireState, requireUndecided } from '../context.ts';
import type { BatchEvent, Disposition } from '../events.ts';
import type { Batch } from '../state.ts';

export type RecordTestResult = Readonly<{ testId: string; value: number | string; method: string; sampleId: string }>;

/**
 * Record a quality-control result; a later result of the same test replaces it as the current one, both stay on record. Results of staged tests
 * may follow a staged release.
 *
 * @throws DomainError `batch-already-dispositioned`, `batch-state-wrong`, `test-not-found`, `test-result-wrong-type`, `signature-meaning-wrong`
 */
export const recordTestResult = (batch: Batch, { testId, value, method, sampleId }: RecordTestResult, signature: Signature): readonly BatchEvent[] => {
  const specification = batch.recipe.content.releaseSpecification.find(({ id }) => id === testId);
  if (specification === undefined) throw new DomainError('test-not-found', `the release specification has no test ${testId}, want one of ${batch.recipe.content.releaseSpecification.map(({ id }) => id).join(', ')}`, { testId });
  if (!(specification.timing === 'staged' && batch.disposition?.staged === true)) requireUndecided(batch);
  requireState(batch, 'running', 'held', 'complete');
  requireMeaning(signature, 'responsibility');
  if ((typeof value === 'number') !== (specification.type === 'number') || (typeof value === 'number' && !Number.isFinite(value))) {
    throw new DomainError('test-result-wrong-type', `test ${testId}: got ${typeof value}, want ${specification.type === 'number' ? 'a finite number' : 'text'}`, { testId });
  }
  return [{ type: 'test-result-recorded', testId, value, unit: specification.unit, method, sampleId, signature }];
};

/**
 * Keep the result of a review by rules. A run on a record that has not changed since the last review adds nothing.
 *
 * @param runId run record of the task that reviewed
 */
export const performReview = (batch: Batch, runId: string): readonly BatchEvent[] => {
  const openPoints = reviewRecord(batch);
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

/** What was signed must be in evidence that nobody can change afterwards, before the decision counts. */
const requirePublished = (batch: Batch, { disposition, isPublished }: RecordDisposition): void => {
  if (isPublished || (disposition === 'reject' && isInProduction(batch))) return;
  throw new DomainError('record-not-published', `no published checkpoint of the log covers version ${batch.version} of batch ${batch.batchId} yet. Sign again in a minute; if this lasts longer, ask the people who run this node why checkpoints wait (runbook: checkpoints-waiting, log-behind)`, { version: batch.version });
};

/**
 * Certify or reject a batch. Release needs a complete batch, a review of exactly this record without open points, and is staged while slow
 * tests are still running. Rejection is possible at any time before. Either waits until a published checkpoint covers the record, but for the rejection of a batch that is still being made.
 *
 * @throws DomainError `batch-already-dispositioned`, `role-missing`, `signature-meaning-wrong`, `batch-state-wrong`, `batch-open-points`, `release-review-missing`, `record-not-published`
 * @see EU GMP Annex 16 (certification by a Qualified Person); 21 CFR 211.192
 */
export const recordDisposition = (batch: Batch, asked: RecordDisposition, signature: Signature, roles: readonly Role[]): readonly BatchEvent[] => {
  const { disposition, reason } = asked;
  requireUndecided(batch);
  if (!roles.includes('qualified-person')) throw new DomainError('role-missing', 'a disposition wants the role qualified-person', { wanted: ['qualified-person'] });
  requireMeaning(signature, 'approval');
  if (disposition === 'release') requireReleasable(batch);
  requirePublished(batch, asked);
  const staged = disposition === 'release' && outstandingStagedTests(batch).length > 0;
  return [{ type: 'disposition-recorded', disposition, reason, staged, signature }];
};

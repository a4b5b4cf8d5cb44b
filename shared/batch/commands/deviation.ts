import { DomainError } from '../../errors.ts';
import type { Signature } from '../../record/envelope.ts';
import { requireMeaning } from '../../record/signature.ts';
import { afterRelease, requireUndecided } from '../context.ts';
import type { BatchEvent, InvestigatedResult } from '../events.ts';
import { findPhase } from '../recipe-lookup.ts';
import { resultsOf } from '../results.ts';
import type { Batch, Deviation } from '../state.ts';

type Raise = Omit<Extract<BatchEvent, { type: 'deviation-raised' }>, 'type' | 'rule' | 'afterRelease'>;

const findDeviation = (batch: Batch, deviationId: string, wanted: Deviation['state']): Deviation => {
  const deviation = batch.deviations[deviationId];
  if (deviation === undefined) throw new DomainError('deviation-not-found', `batch ${batch.batchId} has no deviation ${deviationId}`, { deviationId });
  if (deviation.state !== wanted) throw new DomainError('deviation-state-wrong', `deviation ${deviationId} is ${deviation.state}, want ${wanted}`, { deviationId });
  return deviation;
};

/** Raise a deviation by hand; with `testId` it is about that test's failing result, or its latest. At any time, after a release too. @throws DomainError `phase-not-found`, `test-not-found` */
export const raiseDeviation = (batch: Batch, input: Raise): readonly BatchEvent[] => {
  if (input.phaseId !== undefined) findPhase(batch, input.phaseId);
  if (input.testId !== undefined && resultsOf(batch, input.testId).length === 0) throw new DomainError('test-not-found', `batch ${batch.batchId} has no result of test ${input.testId}`, { testId: input.testId });
  return [{ type: 'deviation-raised', ...input, ...afterRelease(batch) }];
};

/** @throws DomainError `deviation-not-found`, `deviation-state-wrong`, `signature-meaning-wrong` */
export const assessDeviation = (batch: Batch, deviationId: string, assessment: Readonly<{ impact: string; rootCause: string }>, signature: Signature): readonly BatchEvent[] => {
  findDeviation(batch, deviationId, 'open');
  requireMeaning(signature, 'review');
  return [{ type: 'deviation-assessed', deviationId, ...assessment, signature }];
};

/** Whether the result of a test stands is what its investigation is for. */
const requireFinding = ({ deviationId, testId }: Deviation, testResult: InvestigatedResult | undefined): void => {
  if ((testId === undefined) === (testResult === undefined)) return;
  const wanted = testId === undefined ? 'none: the deviation is of no test result' : `'stands', or 'invalid' where its cause was found in the laboratory`;
  throw new DomainError('request-malformed', `body.testResult: got ${testResult ?? 'none'} for deviation ${deviationId}, want ${wanted}`, { paths: ['body.testResult'] });
};

/** Who concludes is nobody who has already judged it, and nobody whose work it is about. */
const requireIndependent = ({ phases }: Batch, { deviationId, assessedBy, phaseId }: Deviation, { signerId }: Signature): void => {
  const workers = phaseId === undefined ? [] : phases[phaseId]?.signatures.map((each) => each.signerId) ?? [];
  if (assessedBy !== signerId && !workers.includes(signerId)) return;
  throw new DomainError('signature-same-person', `deviation ${deviationId} was assessed by this person, or is of a phase this person signed; another person must close it`, { deviationId });
};

export type Closure = Readonly<{ conclusion: string; testResult?: InvestigatedResult | undefined }>;

/**
 * Close an assessed deviation. Of one about a test result it says whether that result stands; one found invalid counts no more, and the test wants another.
 *
 * @throws DomainError `deviation-not-found`, `deviation-state-wrong`, `request-malformed` (`testResult`), `signature-meaning-wrong`, `signature-same-person`
 * @see 21 CFR 211.192 (investigation of a discrepancy, with conclusions and follow-up)
 */
export const closeDeviation = (batch: Batch, deviationId: string, { conclusion, testResult }: Closure, signature: Signature): readonly BatchEvent[] => {
  const deviation = findDeviation(batch, deviationId, 'assessed');
  requireFinding(deviation, testResult);
  requireMeaning(signature, 'approval');
  requireIndependent(batch, deviation, signature);
  return [{ type: 'deviation-closed', deviationId, conclusion, ...(testResult === undefined ? {} : { testResult }), signature }];
};

/** @throws DomainError `batch-already-dispositioned`, `gap-not-found`, `signature-meaning-wrong` */
export const assessGap = (batch: Batch, gapId: string, assessment: string, signature: Signature): readonly BatchEvent[] => {
  requireUndecided(batch);
  const gap = batch.gaps[gapId];
  if (gap === undefined || gap.assessed) throw new DomainError('gap-not-found', `batch ${batch.batchId} has no unassessed telemetry gap ${gapId}`, { gapId });
  requireMeaning(signature, 'review');
  return [{ type: 'telemetry-gap-assessed', gapId, assessment, signature }];
};

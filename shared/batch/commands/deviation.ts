import { DomainError } from '../../errors.ts';
import type { Signature } from '../../record/envelope.ts';
import { requireMeaning } from '../../record/signature.ts';
import { requireUndecided } from '../context.ts';
import type { BatchEvent } from '../events.ts';
import { findPhase } from '../recipe-lookup.ts';
import type { Batch, Deviation } from '../state.ts';

type Raise = Omit<Extract<BatchEvent, { type: 'deviation-raised' }>, 'type' | 'rule'>;

const findDeviation = (batch: Batch, deviationId: string, wanted: Deviation['state']): Deviation => {
  const deviation = batch.deviations[deviationId];
  if (deviation === undefined) throw new DomainError('deviation-not-found', `batch ${batch.batchId} has no deviation ${deviationId}`, { deviationId });
  if (deviation.state !== wanted) throw new DomainError('deviation-state-wrong', `deviation ${deviationId} is ${deviation.state}, want ${wanted}`, { deviationId });
  return deviation;
};

/** Raise a deviation by hand. @throws DomainError `batch-already-dispositioned`, `phase-not-found` */
export const raiseDeviation = (batch: Batch, input: Raise): readonly BatchEvent[] => {
  requireUndecided(batch);
  if (input.phaseId !== undefined) findPhase(batch, input.phaseId);
  return [{ type: 'deviation-raised', ...input }];
};

/** @throws DomainError `batch-already-dispositioned`, `deviation-not-found`, `deviation-state-wrong`, `signature-meaning-wrong` */
export const assessDeviation = (batch: Batch, deviationId: string, assessment: Readonly<{ impact: string; rootCause: string }>, signature: Signature): readonly BatchEvent[] => {
  requireUndecided(batch);
  findDeviation(batch, deviationId, 'open');
  requireMeaning(signature, 'review');
  return [{ type: 'deviation-assessed', deviationId, ...assessment, signature }];
};

/**
 * Close an assessed deviation.
 *
 * @throws DomainError `batch-already-dispositioned`, `deviation-not-found`, `deviation-state-wrong`, `signature-meaning-wrong`
 * @see 21 CFR 211.192 (investigation of a discrepancy, with conclusions and follow-up)
 */
export const closeDeviation = (batch: Batch, deviationId: string, conclusion: string, signature: Signature): readonly BatchEvent[] => {
  requireUndecided(batch);
  findDeviation(batch, deviationId, 'assessed');
  requireMeaning(signature, 'approval');
  return [{ type: 'deviation-closed', deviationId, conclusion, signature }];
};

/** @throws DomainError `batch-already-dispositioned`, `gap-not-found`, `signature-meaning-wrong` */
export const assessGap = (batch: Batch, gapId: string, assessment: string, signature: Signature): readonly BatchEvent[] => {
  requireUndecided(batch);
  const gap = batch.gaps[gapId];
  if (gap === undefined || gap.assessed) throw new DomainError('gap-not-found', `batch ${batch.batchId} has no unassessed telemetry gap ${gapId}`, { gapId });
  requireMeaning(signature, 'review');
  return [{ type: 'telemetry-gap-assessed', gapId, assessment, signature }];
};

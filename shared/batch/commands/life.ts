import { DomainError } from '../../errors.ts';
import { requireMeaning } from '../../record/signature.ts';
import type { ControlRecipe } from '../../master-batch-record/model.ts';
import type { Signature } from '../../record/envelope.ts';
import { requireRunning, requireState, requireUndecided } from '../context.ts';
import type { BatchEvent } from '../events.ts';
import type { Batch } from '../state.ts';

type Created = Extract<BatchEvent, { type: 'batch-created' }>;

/** @throws DomainError `batch-exists` */
export const createBatch = (existing: Batch | undefined, input: Omit<Created, 'type'>): readonly BatchEvent[] => {
  if (existing !== undefined) throw new DomainError('batch-exists', `batch ${input.batchId} exists already`, { batchId: input.batchId });
  return [{ type: 'batch-created', ...input }];
};

/**
 * Start a batch under the instructions in force now: while it waited, another revision may have taken their place. Such a batch is aborted, and another created.
 *
 * @param effective the recipe that is in force for the product, or undefined
 * @throws DomainError `batch-already-dispositioned`, `batch-state-wrong`, `master-batch-record-not-effective`
 * @see EU GMP 4.3 (superseded documents are not used); 21 CFR 211.186
 */
export const startBatch = (batch: Batch, effective: ControlRecipe | undefined): readonly BatchEvent[] => {
  requireUndecided(batch);
  requireState(batch, 'idle');
  const { masterBatchRecordId, masterBatchRecordVersion, contentHash } = batch.recipe;
  if (effective?.contentHash !== contentHash || effective.masterBatchRecordId !== masterBatchRecordId || effective.masterBatchRecordVersion !== masterBatchRecordVersion) {
    throw new DomainError('master-batch-record-not-effective', `batch ${batch.batchId} is of ${masterBatchRecordId} version ${masterBatchRecordVersion}, want the effective ${effective === undefined ? 'one: there is none' : `${effective.masterBatchRecordId} version ${effective.masterBatchRecordVersion}`}; abort this batch and create another`, { masterBatchRecordId, masterBatchRecordVersion });
  }
  return [{ type: 'batch-started' }];
};

/** @throws DomainError `batch-already-dispositioned`, `batch-state-wrong` */
export const holdBatch = (batch: Batch, reason: string): readonly BatchEvent[] => {
  requireRunning(batch);
  return [{ type: 'batch-held', reason }];
};

/** @throws DomainError `batch-already-dispositioned`, `batch-state-wrong` */
export const resumeBatch = (batch: Batch, reason: string): readonly BatchEvent[] => {
  requireUndecided(batch);
  requireState(batch, 'held');
  return [{ type: 'batch-resumed', reason }];
};

/** All that the batch still has is free. */
export const releasedEquipment = (batch: Batch): readonly BatchEvent[] =>
  batch.equipment.filter(({ to }) => to === undefined).map(({ equipmentId }) => ({ type: 'equipment-released', equipmentId }));

/** End in good order; equipment becomes free. @throws DomainError `batch-state-wrong`, `signature-meaning-wrong` */
export const stopBatch = (batch: Batch, reason: string, signature: Signature): readonly BatchEvent[] => {
  requireState(batch, 'running', 'held');
  requireMeaning(signature, 'responsibility');
  return [{ type: 'batch-stopped', reason, signature }, ...releasedEquipment(batch)];
};

/** End at once; equipment becomes free. @throws DomainError `batch-state-wrong`, `signature-meaning-wrong` */
export const abortBatch = (batch: Batch, reason: string, signature: Signature): readonly BatchEvent[] => {
  requireState(batch, 'idle', 'running', 'held');
  requireMeaning(signature, 'responsibility');
  return [{ type: 'batch-aborted', reason, signature }, ...releasedEquipment(batch)];
};

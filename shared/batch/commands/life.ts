import { DomainError } from '../../errors.ts';
import { requireMeaning } from '../../record/signature.ts';
import type { Signature } from '../../record/envelope.ts';
import { requireState } from '../context.ts';
import type { BatchEvent } from '../events.ts';
import type { Batch } from '../state.ts';

type Created = Extract<BatchEvent, { type: 'batch-created' }>;

/** @throws DomainError `batch-exists` */
export const createBatch = (existing: Batch | undefined, input: Omit<Created, 'type'>): readonly BatchEvent[] => {
  if (existing !== undefined) throw new DomainError('batch-exists', `batch ${input.batchId} exists already`, { batchId: input.batchId });
  return [{ type: 'batch-created', ...input }];
};

/** @throws DomainError `batch-state-wrong` */
export const startBatch = (batch: Batch): readonly BatchEvent[] => {
  requireState(batch, 'idle');
  return [{ type: 'batch-started' }];
};

/** @throws DomainError `batch-state-wrong` */
export const holdBatch = (batch: Batch, reason: string): readonly BatchEvent[] => {
  requireState(batch, 'running');
  return [{ type: 'batch-held', reason }];
};

/** @throws DomainError `batch-state-wrong` */
export const resumeBatch = (batch: Batch, reason: string): readonly BatchEvent[] => {
  requireState(batch, 'held');
  return [{ type: 'batch-resumed', reason }];
};

const releasedEquipment = (batch: Batch): readonly BatchEvent[] =>
  Object.values(batch.equipment).filter(({ to }) => to === undefined).map(({ equipmentId }) => ({ type: 'equipment-released', equipmentId }));

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

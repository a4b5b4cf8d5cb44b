import { DomainError } from '../../errors.ts';
import type { Signature } from '../../record/envelope.ts';
import { requireMeaning } from '../../record/signature.ts';
import { requireUndecided } from '../context.ts';
import type { BatchEvent } from '../events.ts';
import type { Batch } from '../state.ts';
import { runningPhase } from './phase.ts';

type Offer = Omit<Extract<BatchEvent, { type: 'custody-offered' }>, 'type' | 'signature'>;

const requireCustodyState = (batch: Batch): void => {
  if (batch.state !== 'running' && batch.state !== 'held') {
    throw new DomainError('batch-state-wrong', `batch ${batch.batchId} is ${batch.state}, want running or held`, { state: batch.state });
  }
};

/**
 * Hand the patient material over to a named other person.
 *
 * @throws DomainError `batch-state-wrong`, `phase-not-found`, `phase-state-wrong`, `custody-state-wrong` (none foreseen, or one is open), `custody-same-person`, `signature-meaning-wrong`
 */
export const offerCustody = (batch: Batch, offer: Offer, signature: Signature): readonly BatchEvent[] => {
  requireUndecided(batch);
  requireCustodyState(batch);
  const { phase } = runningPhase(batch, offer.phaseId);
  requireMeaning(signature, 'responsibility');
  if (!phase.custodyTransfer) throw new DomainError('custody-state-wrong', `phase ${phase.id} foresees no hand-over`, { phaseId: phase.id });
  if (offer.toPersonId === signature.signerId) throw new DomainError('custody-same-person', 'a hand-over is between two people; name another person as receiver');
  const open = Object.values(batch.custody).find(({ acceptedAt }) => acceptedAt === undefined);
  if (open !== undefined) throw new DomainError('custody-state-wrong', `hand-over ${open.transferId} is still open`, { transferId: open.transferId });
  return [{ type: 'custody-offered', ...offer, signature }];
};

/**
 * Take the material over: only the person it was handed to.
 *
 * @throws DomainError `batch-state-wrong`, `custody-state-wrong`, `custody-same-person`, `signature-meaning-wrong`
 */
export const acceptCustody = (batch: Batch, transferId: string, condition: string, signature: Signature): readonly BatchEvent[] => {
  requireCustodyState(batch);
  requireMeaning(signature, 'responsibility');
  const transfer = batch.custody[transferId];
  if (transfer?.acceptedAt !== undefined || transfer === undefined) throw new DomainError('custody-state-wrong', `no open hand-over ${transferId}`, { transferId });
  if (transfer.toPersonId !== signature.signerId) throw new DomainError('custody-same-person', `hand-over ${transferId} was offered to another person; only that person can accept it`, { transferId });
  return [{ type: 'custody-accepted', transferId, condition, signature }];
};

import { DomainError } from '../errors.ts';
import type { Recorded } from '../record/envelope.ts';

/** One patient therapy event. Who the patient is stays in the hospital's own system. */
export type ChainOfIdentityEvent =
  | Readonly<{ type: 'chain-of-identity-registered'; chainOfIdentityId: string; productId: string }>
  | Readonly<{ type: 'batch-bound'; batchId: string }>;
export type ChainOfIdentity = Readonly<{ chainOfIdentityId: string; productId: string; batchIds: readonly string[]; registeredAt: string }>;

export const evolveChainOfIdentity = (state: ChainOfIdentity | undefined, { event, recordedAt, stream }: Recorded<ChainOfIdentityEvent>): ChainOfIdentity => {
  if (event.type === 'chain-of-identity-registered') {
    return { chainOfIdentityId: event.chainOfIdentityId, productId: event.productId, batchIds: [], registeredAt: recordedAt };
  }
  if (state === undefined) throw new DomainError('record-corrupt', `chain of identity ${stream.id} does not begin with its registration`, { id: stream.id });
  return { ...state, batchIds: [...state.batchIds, event.batchId] };
};

/**
 * The therapy event a batch is to be made for.
 *
 * @throws DomainError `chain-of-identity-not-found`, `chain-of-identity-mismatch` when it was registered for another product
 */
export const requireChainOfIdentity = (state: ChainOfIdentity | undefined, id: string, productId: string): ChainOfIdentity => {
  if (state === undefined) throw new DomainError('chain-of-identity-not-found', `no chain of identity ${id} at this hospital`, { chainOfIdentityId: id });
  if (state.productId !== productId) throw new DomainError('chain-of-identity-mismatch', `chain of identity ${id} is for product ${state.productId}, want ${productId}`, { chainOfIdentityId: id });
  return state;
};

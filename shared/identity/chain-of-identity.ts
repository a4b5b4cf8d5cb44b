import { DomainError } from '../errors.ts';
import type { Recorded, Signature } from '../record/envelope.ts';

/** One patient therapy event. Who the patient is stays in the hospital's own system, and beside the record for as long as it is needed. */
export type ChainOfIdentityEvent =
  | Readonly<{ type: 'chain-of-identity-registered'; chainOfIdentityId: string; productId: string }>
  | Readonly<{ type: 'batch-bound'; batchId: string }>
  /** A batch somebody tried to make for it, which the rules refused. */
  | Readonly<{ type: 'action-refused'; attempted: string; code: string; detail: string }>
  | Readonly<{ type: 'erasure-requested'; reason: string; signature: Signature }>
  | Readonly<{ type: 'erasure-confirmed'; signature: Signature }>;

/** A wish to erase the personal data of a therapy event; it is in force once another person has confirmed it. */
export type Erasure = Readonly<{ reason: string; request: Signature; confirmation?: Signature }>;
export type ChainOfIdentity = Readonly<{ chainOfIdentityId: string; productId: string; batchIds: readonly string[]; registeredAt: string; erasure?: Erasure }>;

export const evolveChainOfIdentity = (state: ChainOfIdentity | undefined, { event, recordedAt, stream }: Recorded<ChainOfIdentityEvent>): ChainOfIdentity => {
  if (event.type === 'chain-of-identity-registered') {
    return { chainOfIdentityId: event.chainOfIdentityId, productId: event.productId, batchIds: [], registeredAt: recordedAt };
  }
  if (state === undefined) throw new DomainError('record-corrupt', `chain of identity ${stream.id} does not begin with its registration`, { id: stream.id });
  switch (event.type) {
    case 'batch-bound':
      return { ...state, batchIds: [...state.batchIds, event.batchId] };
    case 'action-refused':
      return state;
    case 'erasure-requested':
      return { ...state, erasure: { reason: event.reason, request: event.signature } };
    case 'erasure-confirmed':
      if (state.erasure === undefined) throw new DomainError('record-corrupt', `chain of identity ${stream.id}: an erasure is confirmed that nobody asked for`, { id: stream.id });
      return { ...state, erasure: { ...state.erasure, confirmation: event.signature } };
  }
  return event satisfies never;
};

/** @throws DomainError `chain-of-identity-not-found` */
export const requireRegistered = (state: ChainOfIdentity | undefined, id: string): ChainOfIdentity => {
  if (state === undefined) throw new DomainError('chain-of-identity-not-found', `no chain of identity ${id} at this hospital`, { chainOfIdentityId: id });
  return state;
};

/**
 * From the moment an erasure is confirmed nothing of the patient is given out or taken in, whether or not all of it is removed yet.
 *
 * @throws DomainError `personal-data-erased`
 */
export const requireNotErased = ({ chainOfIdentityId, erasure }: ChainOfIdentity): void => {
  if (erasure?.confirmation === undefined) return;
  throw new DomainError('personal-data-erased', `the personal data of ${chainOfIdentityId} was erased at ${erasure.confirmation.signedAt}`, { chainOfIdentityId });
};

/**
 * The therapy event a batch is to be made for.
 *
 * @throws DomainError `chain-of-identity-not-found`, `chain-of-identity-mismatch` when it was registered for another product, `personal-data-erased` when nobody here knows any more who it is for
 */
export const requireChainOfIdentity = (found: ChainOfIdentity | undefined, id: string, productId: string): ChainOfIdentity => {
  const state = requireRegistered(found, id);
  if (state.productId !== productId) throw new DomainError('chain-of-identity-mismatch', `chain of identity ${id} is for product ${state.productId}, want ${productId}`, { chainOfIdentityId: id });
  requireNotErased(state);
  return state;
};

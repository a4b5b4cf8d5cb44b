import { DomainError } from '../errors.ts';
import type { Signature } from '../record/envelope.ts';
import { requireMeaning } from '../record/signature.ts';
import { requireNotErased, type ChainOfIdentity, type ChainOfIdentityEvent } from './chain-of-identity.ts';

/**
 * Ask that the personal data of a therapy event be erased. A later request takes the place of an earlier one that nobody confirmed.
 *
 * @param reason is kept with the record and holds no personal data
 * @throws DomainError `personal-data-erased`, `signature-meaning-wrong`
 * @see GDPR Art. 17; 21 CFR 11.50
 */
export const requestErasure = (state: ChainOfIdentity, reason: string, signature: Signature): readonly ChainOfIdentityEvent[] => {
  requireNotErased(state);
  requireMeaning(signature, 'responsibility');
  return [{ type: 'erasure-requested', reason, signature }];
};

/**
 * Confirm the erasure that another person asked for. It can not be taken back.
 *
 * @throws DomainError `personal-data-erased`, `erasure-not-requested`, `signature-meaning-wrong`, `signature-same-person`
 */
export const confirmErasure = (state: ChainOfIdentity, signature: Signature): readonly ChainOfIdentityEvent[] => {
  requireNotErased(state);
  const { chainOfIdentityId, erasure } = state;
  if (erasure === undefined) throw new DomainError('erasure-not-requested', `nobody has asked for the erasure of ${chainOfIdentityId}; a quality reviewer requests it first`, { chainOfIdentityId });
  requireMeaning(signature, 'approval');
  if (erasure.request.signerId === signature.signerId) throw new DomainError('signature-same-person', 'the person who requested the erasure can not confirm it; want another', { chainOfIdentityId });
  return [{ type: 'erasure-confirmed', signature }];
};

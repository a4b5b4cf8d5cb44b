import { DomainError } from '../errors.ts';
import type { Role, Signature, SignatureMeaning } from './envelope.ts';
import { requireMeaning } from './signature.ts';

/** A signature with the roles of who signed, both from the authoriser's token. */
export type Signatory = Readonly<{ signature: Signature; roles: readonly Role[] }>;

/** @throws DomainError `role-missing` */
export const requireRole = (roles: readonly Role[], wanted: readonly Role[], toDo: string): void => {
  if (!roles.some((role) => wanted.includes(role))) {
    throw new DomainError('role-missing', `to ${toDo}: got role ${roles.join(', ') || 'none'}, want ${wanted.join(' or ')}`, { wanted });
  }
};

/** @throws DomainError `role-missing`, `signature-meaning-wrong` */
export const requireSignatory = ({ signature, roles }: Signatory, meaning: SignatureMeaning, wanted: readonly Role[], toDo: string): void => {
  requireRole(roles, wanted, toDo);
  requireMeaning(signature, meaning);
};

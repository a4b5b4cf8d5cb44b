import { DomainError } from '../errors.ts';
import type { Role } from '../record/envelope.ts';
import type { Person } from './person.ts';

/** Who asks: the identifier and the roles of a token, which may be an hour old. */
export type Claimed = Readonly<{ id: string; roles: readonly Role[] }>;

/** @throws DomainError `person-not-active` for who was suspended or revoked; an account nobody registered is not stopped here */
export const requireActive = (person: Pick<Person, 'standing'> | undefined, { id }: Pick<Claimed, 'id'>): void => {
  if (person === undefined || person.standing === 'active') return;
  throw new DomainError('person-not-active', `person ${id} is ${person.standing} at this site, want active`, { standing: person.standing });
};

/** @throws DomainError `credential-unconfirmed` after somebody set what the person signs in with, until a quality person has confirmed it */
export const requireOwnCredential = (person: Person | undefined, { id }: Claimed): void => {
  if (person === undefined || person.unconfirmedChanges.length === 0) return;
  throw new DomainError('credential-unconfirmed', `the credential of person ${id} was changed; want its confirmation by another person of the quality unit first`, { changes: person.unconfirmedChanges.length });
};

/** The roles of the token that the register still gives. The register alone gives none: both must agree. */
export const rolesHeld = (person: Pick<Person, 'roles'> | undefined, { roles }: Claimed): readonly Role[] => (person === undefined ? roles : roles.filter((role) => person.roles.includes(role)));

const requireHeld = (person: Pick<Person, 'roles'>, claimed: Claimed, wanted: readonly Role[], toDo: string): void => {
  const held = rolesHeld(person, claimed);
  if (wanted.some((role) => held.includes(role))) return;
  throw new DomainError('role-missing', `${toDo} wants one of the roles ${wanted.join(', ')} in the register, got ${held.join(', ') || 'none'}`, { wanted });
};

/**
 * May this person read, or do what wants no signature, now? A role that the register took away is gone, whatever the token says; what an account that nobody registered may do, its token alone says.
 *
 * @param wanted any one of these roles
 * @throws DomainError `person-not-active`, `role-missing`
 * @see 21 CFR 11.10(d) and (g) (authority checks)
 */
export const requireMayAct = (person: Pick<Person, 'standing' | 'roles'> | undefined, claimed: Claimed, wanted: readonly Role[]): void => {
  requireActive(person, claimed);
  if (person !== undefined) requireHeld(person, claimed, wanted, 'this');
};

/**
 * May this person sign, now? The register says so at the moment of signing, whatever the token says.
 *
 * @param wanted any one of these roles
 * @throws DomainError `person-not-registered`, `person-not-active`, `credential-unconfirmed`, `role-missing`
 * @see 21 CFR 11.10(d) and (g) (authority checks), 11.100(a), 11.200(a)(3), 11.300(c)
 */
export const requireMaySign = (person: Person | undefined, claimed: Claimed, wanted: readonly Role[]): void => {
  if (person === undefined) throw new DomainError('person-not-registered', `person ${claimed.id} is not in the register of this site; a signature wants a registered person`);
  requireActive(person, claimed);
  requireOwnCredential(person, claimed);
  requireHeld(person, claimed, wanted, 'to sign here');
};

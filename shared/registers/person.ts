import { DomainError } from '../errors.ts';
import type { Recorded, Role, Signature } from '../record/envelope.ts';
import { requireMeaning } from '../record/signature.ts';
import { requireDone } from './done-at.ts';

/** Somebody who may work, must not for now, or never again. */
export type Standing = 'active' | 'suspended' | 'revoked';
export type PersonEvent =
  | Readonly<{ type: 'person-registered'; personId: string; printedName: string; roles: readonly Role[] }>
  | Readonly<{ type: 'training-recorded'; courseId: string; completedAt: string; validUntil: string }>
  | Readonly<{ type: 'person-suspended'; reason: string; signature: Signature }>
  | Readonly<{ type: 'person-revoked'; reason: string; signature: Signature }>
  | Readonly<{ type: 'person-reinstated'; reason: string; signature: Signature }>
  | Readonly<{ type: 'roles-changed'; roles: readonly Role[]; reason: string; signature: Signature }>
  /** The user pool says that somebody set what this person signs in with; `changeId` is the identifier of that call. */
  | Readonly<{ type: 'credential-changed'; changeId: string; change: string; changedAt: string; changedBy: string }>
  | Readonly<{ type: 'credential-confirmed'; reason: string; signature: Signature }>;

type Training = Omit<Extract<PersonEvent, { type: 'training-recorded' }>, 'type'>;

export type Person = Readonly<{
  personId: string;
  printedName: string;
  roles: readonly Role[];
  standing: Standing;
  /** Changes of the credential that no quality person has confirmed yet; `changeId`s. */
  unconfirmedChanges: readonly string[];
  trainingValidUntil: Readonly<Record<string, string>>;
  /** By course, when the training that counts was completed. */
  trainingCompletedAt: Readonly<Record<string, string>>;
}>;

/** The latest training of a course counts, in whatever order they are entered. */
const withTraining = (person: Person, { courseId, completedAt, validUntil }: Training): Person => {
  const held = person.trainingCompletedAt[courseId];
  if (held !== undefined && Date.parse(completedAt) < Date.parse(held)) return person;
  return { ...person, trainingValidUntil: { ...person.trainingValidUntil, [courseId]: validUntil }, trainingCompletedAt: { ...person.trainingCompletedAt, [courseId]: completedAt } };
};

const change = (person: Person, event: Exclude<PersonEvent, { type: 'person-registered' }>): Person => {
  switch (event.type) {
    case 'training-recorded': return withTraining(person, event);
    case 'person-suspended': return { ...person, standing: 'suspended' };
    case 'person-revoked': return { ...person, standing: 'revoked' };
    case 'person-reinstated': return { ...person, standing: 'active' };
    case 'roles-changed': return { ...person, roles: event.roles };
    case 'credential-changed': return { ...person, unconfirmedChanges: [...person.unconfirmedChanges, event.changeId] };
    case 'credential-confirmed': return { ...person, unconfirmedChanges: [] };
  }
  event satisfies never;
};

export const evolvePerson = (person: Person | undefined, { event, stream }: Recorded<PersonEvent>): Person => {
  if (event.type === 'person-registered') {
    const { personId, printedName, roles } = event;
    return { personId, printedName, roles, standing: 'active', unconfirmedChanges: [], trainingValidUntil: {}, trainingCompletedAt: {} };
  }
  if (person === undefined) throw new DomainError('record-corrupt', `person ${stream.id} does not begin with a registration`, { id: stream.id });
  return change(person, event);
};

/** @throws DomainError `register-entry-exists` */
export const registerPerson = (existing: Person | undefined, input: Omit<Extract<PersonEvent, { type: 'person-registered' }>, 'type'>): readonly PersonEvent[] => {
  if (existing !== undefined) throw new DomainError('register-entry-exists', `person ${input.personId} is registered already`, { personId: input.personId });
  return [{ type: 'person-registered', ...input }];
};

const requirePerson = (person: Person | undefined, personId: string): Person => {
  if (person === undefined) throw new DomainError('register-entry-not-found', `no person ${personId}`, { personId });
  return person;
};

/**
 * Record that a person completed a course, as somebody else saw.
 *
 * @param by who records it, at `nowEpochMs`
 * @throws DomainError `register-entry-not-found`, `training-own`, `request-malformed` when the training is yet to come, or validity ends before it
 * @see 21 CFR 211.25(a) (training is given and documented); EU GMP 2.11
 */
export const recordTraining = (person: Person | undefined, personId: string, input: Training, { by, nowEpochMs }: Readonly<{ by: string; nowEpochMs: number }>): readonly PersonEvent[] => {
  requirePerson(person, personId);
  if (by === personId) throw new DomainError('training-own', `person ${personId} records their own training, want another person`, { personId });
  requireDone('completedAt', input.completedAt, nowEpochMs);
  if (Date.parse(input.validUntil) <= Date.parse(input.completedAt)) throw new DomainError('request-malformed', `validUntil ${input.validUntil}: want a time after completedAt ${input.completedAt}`, { paths: ['body.validUntil'] });
  return [{ type: 'training-recorded', ...input }];
};

/** Why, and who answers for it. */
export type Decision = Readonly<{ reason: string; signature: Signature }>;

const requireAnother = ({ signerId }: Signature, personId: string): void => {
  if (signerId === personId) throw new DomainError('signature-same-person', `person ${personId} signs here for themselves, want another person`);
};

/**
 * Take a person's work away, for now (`suspended`) or for good (`revoked`). Anyone who may ask at all may stop anyone, themselves too.
 *
 * @throws DomainError `register-entry-not-found`, `person-standing-wrong` when that is how the person stands already, or revoked, `signature-meaning-wrong` (want responsibility)
 * @see 21 CFR 11.300(c) (loss management), EU GMP Annex 11, 12.3
 */
export const stopPerson = (person: Person | undefined, personId: string, standing: Exclude<Standing, 'active'>, { reason, signature }: Decision): readonly PersonEvent[] => {
  const held = requirePerson(person, personId);
  if (held.standing === standing || held.standing === 'revoked') throw new DomainError('person-standing-wrong', `person ${personId} is ${held.standing} already`, { standing: held.standing });
  requireMeaning(signature, 'responsibility');
  return [{ type: standing === 'revoked' ? 'person-revoked' : 'person-suspended', reason, signature }];
};

/** @throws DomainError `register-entry-not-found`, `person-standing-wrong` unless suspended, `signature-same-person`, `signature-meaning-wrong` (want approval) */
export const reinstatePerson = (person: Person | undefined, personId: string, { reason, signature }: Decision): readonly PersonEvent[] => {
  const { standing } = requirePerson(person, personId);
  if (standing !== 'suspended') throw new DomainError('person-standing-wrong', `person ${personId} is ${standing}, want suspended; who was revoked is registered anew, under another account`, { standing });
  requireAnother(signature, personId);
  requireMeaning(signature, 'approval');
  return [{ type: 'person-reinstated', reason, signature }];
};

/** @throws DomainError `register-entry-not-found`, `person-standing-wrong` for who was revoked, `signature-same-person`, `signature-meaning-wrong` (want approval) */
export const changeRoles = (person: Person | undefined, personId: string, roles: readonly Role[], { reason, signature }: Decision): readonly PersonEvent[] => {
  const { standing } = requirePerson(person, personId);
  if (standing === 'revoked') throw new DomainError('person-standing-wrong', `person ${personId} is revoked, want active or suspended`, { standing });
  requireAnother(signature, personId);
  requireMeaning(signature, 'approval');
  return [{ type: 'roles-changed', roles, reason, signature }];
};

/** Note what the user pool says happened to a credential, once; of an account nobody registered there is nothing to note. */
export const noteCredentialChange = (person: Person | undefined, noted: Omit<Extract<PersonEvent, { type: 'credential-changed' }>, 'type'>): readonly PersonEvent[] =>
  (person === undefined || person.unconfirmedChanges.includes(noted.changeId) ? [] : [{ type: 'credential-changed', ...noted }]);

/**
 * Confirm, after looking at the person and asking, that the changed credential is in its owner's hands. The owner can not: whoever set the password would.
 *
 * @throws DomainError `register-entry-not-found`, `person-standing-wrong` when nothing waits for it, `signature-same-person`, `signature-meaning-wrong` (want approval)
 * @see 21 CFR 11.200(a)(3): to use another's signature takes two people
 */
export const confirmCredential = (person: Person | undefined, personId: string, { reason, signature }: Decision): readonly PersonEvent[] => {
  const { unconfirmedChanges } = requirePerson(person, personId);
  if (unconfirmedChanges.length === 0) throw new DomainError('person-standing-wrong', `no change of the credential of person ${personId} waits to be confirmed`, { standing: 'confirmed' });
  requireAnother(signature, personId);
  requireMeaning(signature, 'approval');
  return [{ type: 'credential-confirmed', reason, signature }];
};

/** Training as work needs it: course → end of validity, epoch ms. An unknown person has none. */
export const trainingOf = (person: Person | undefined): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(person?.trainingValidUntil ?? {}).map(([course, until]) => [course, Date.parse(until)]));

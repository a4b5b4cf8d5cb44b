import { DomainError } from '../errors.ts';
import type { Recorded, Role } from '../record/envelope.ts';

export type PersonEvent =
  | Readonly<{ type: 'person-registered'; personId: string; printedName: string; roles: readonly Role[] }>
  | Readonly<{ type: 'training-recorded'; courseId: string; completedAt: string; validUntil: string }>;
export type Person = Readonly<{ personId: string; printedName: string; trainingValidUntil: Readonly<Record<string, string>> }>;

export const evolvePerson = (person: Person | undefined, { event, stream }: Recorded<PersonEvent>): Person => {
  if (event.type === 'person-registered') return { personId: event.personId, printedName: event.printedName, trainingValidUntil: {} };
  if (person === undefined) throw new DomainError('record-corrupt', `person ${stream.id} does not begin with a registration`, { id: stream.id });
  return { ...person, trainingValidUntil: { ...person.trainingValidUntil, [event.courseId]: event.validUntil } };
};

/** @throws DomainError `register-entry-exists` */
export const registerPerson = (existing: Person | undefined, input: Omit<Extract<PersonEvent, { type: 'person-registered' }>, 'type'>): readonly PersonEvent[] => {
  if (existing !== undefined) throw new DomainError('register-entry-exists', `person ${input.personId} is registered already`, { personId: input.personId });
  return [{ type: 'person-registered', ...input }];
};

/** @throws DomainError `register-entry-not-found`, `request-malformed` when validity ends before the training */
export const recordTraining = (person: Person | undefined, personId: string, input: Omit<Extract<PersonEvent, { type: 'training-recorded' }>, 'type'>): readonly PersonEvent[] => {
  if (person === undefined) throw new DomainError('register-entry-not-found', `no person ${personId}`, { personId });
  if (Date.parse(input.validUntil) <= Date.parse(input.completedAt)) throw new DomainError('request-malformed', `validUntil ${input.validUntil}: want a time after completedAt ${input.completedAt}`, { paths: ['body.validUntil'] });
  return [{ type: 'training-recorded', ...input }];
};

/** Training as work needs it: course → end of validity, epoch ms. An unknown person has none. */
export const trainingOf = (person: Person | undefined): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(person?.trainingValidUntil ?? {}).map(([course, until]) => [course, Date.parse(until)]));

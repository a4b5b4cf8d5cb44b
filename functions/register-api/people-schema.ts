import * as z from 'zod';
import { ROLES, type Role } from '../../shared/record/envelope.ts';
import { contract } from '../_platform/contract.ts';
import { Accepted, Empty, Identifier, PageQuery, Reason, SignatureInput, Title, pageOf } from '../_platform/fields.ts';

/** The quality unit, at a hospital and at the control site. */
export const QUALITY = ['quality-reviewer', 'qualified-person'] as const;
const changing = { method: 'POST', query: Empty, answer: Accepted, path: z.strictObject({ personId: Identifier }), idempotency: 'optional' } as const;
const Roles = z.array(z.enum(ROLES)).min(1);

/**
 * The register of people of one site.
 *
 * @param stewards who registers people there
 * @param readers  who sees them
 */
export const peopleContracts = (stewards: readonly Role[], readers: readonly Role[]) => ({
  RegisterPerson: contract({
    method: 'POST', operation: 'registerPerson', route: '/v1/people', summary: 'Register a person who works here; the id is the user\'s `sub`', roles: stewards,
    path: Empty, query: Empty, answer: Accepted, status: 201, idempotency: 'required', body: z.strictObject({ personId: Identifier, printedName: Title, roles: Roles }),
  }),
  StopPerson: contract({
    ...changing, operation: 'stopPerson', route: '/v1/people/{personId}/suspension', summary: 'Take a person\'s work away, for now or for good; from the next request they sign nothing and read nothing', roles: [...stewards, ...QUALITY],
    body: z.strictObject({ standing: z.enum(['suspended', 'revoked']), reason: Reason, signature: SignatureInput }),
  }),
  ReinstatePerson: contract({
    ...changing, operation: 'reinstatePerson', route: '/v1/people/{personId}/reinstatement', summary: 'Let a suspended person work again; signed by another person of quality', roles: QUALITY,
    body: z.strictObject({ reason: Reason, signature: SignatureInput }),
  }),
  ChangeRoles: contract({
    ...changing, operation: 'changeRoles', route: '/v1/people/{personId}/roles', summary: 'Change what a person may do; a role counts where both register and user pool give it', roles: QUALITY,
    body: z.strictObject({ roles: Roles, reason: Reason, signature: SignatureInput }),
  }),
  ListPeople: contract({
    method: 'GET', operation: 'listPeople', route: '/v1/people', summary: 'People and their training', roles: readers, path: Empty, query: PageQuery, body: Empty,
    answer: pageOf(z.strictObject({ personId: z.string(), printedName: z.string(), roles: z.array(z.enum(ROLES)), standing: z.enum(['active', 'suspended', 'revoked']), credentialConfirmed: z.boolean(), trainings: z.array(z.strictObject({ courseId: z.string(), validUntil: z.string() })), version: z.int() })),
  }),
});
export type PeopleContracts = ReturnType<typeof peopleContracts>;

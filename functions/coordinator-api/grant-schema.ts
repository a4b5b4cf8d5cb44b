import * as z from 'zod';
import { contract } from '../_platform/contract.ts';
import { Accepted, Empty, Identifier, Instant, PageQuery, Reason, SignatureInput, pageOf } from '../_platform/fields.ts';

const COORDINATORS = ['network-coordinator'] as const;
/** A user name of a hospital's pool, often an e-mail address. */
const Login = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._@+-]{0,127}$/, 'want 1 to 128 characters [A-Za-z0-9._@+-], the first a letter or digit').describe('The inspector\'s login name at the hospitals');
const several = (what: string) => z.array(Identifier).min(1).max(100).refine((ids) => new Set(ids).size === ids.length, 'want each once').describe(what);

export const IssueAuditGrant = contract({
  operation: 'issueAuditGrant', method: 'POST', route: '/v1/audit-grants', summary: 'Let an inspector read at hospitals, of products, for a time; signed as approval', roles: COORDINATORS, path: Empty, query: Empty,
  body: z.strictObject({
    grantId: Identifier.describe('E.g. the authority\'s reference of the inspection'), login: Login, nodeIds: several('Hospitals'), productIds: several('Products; all of those hospitals when left out').optional(),
    from: Instant, until: Instant.describe('At most 92 days after `from`'), reason: Reason, signature: SignatureInput,
  }),
  answer: Accepted, status: 201, idempotency: 'required',
});
export const RevokeAuditGrant = contract({
  operation: 'revokeAuditGrant', method: 'POST', route: '/v1/audit-grants/{grantId}/revocation', summary: 'End a grant before its time, signed as approval', roles: COORDINATORS, path: z.strictObject({ grantId: Identifier }), query: Empty,
  body: z.strictObject({ reason: Reason, signature: SignatureInput }), answer: Accepted, idempotency: 'optional',
});

export const AuditGrantView = z.strictObject({
  grantId: z.string(), version: z.int(), login: z.string(), nodeIds: z.array(z.string()), productIds: z.array(z.string()).optional(), from: z.string(), until: z.string(), reason: z.string(),
  grantedAt: z.string(), grantedBy: z.string(), revoked: z.strictObject({ at: z.string(), by: z.string(), reason: z.string() }).optional(),
});
export const ListAuditGrants = contract({
  operation: 'listAuditGrants', method: 'GET', route: '/v1/audit-grants', summary: 'Every grant ever given, in the order of their ids', roles: [...COORDINATORS, 'qualified-person'], path: Empty, query: PageQuery, body: Empty,
  answer: pageOf(AuditGrantView),
});

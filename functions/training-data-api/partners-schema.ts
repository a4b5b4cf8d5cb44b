import * as z from 'zod';
import { contract } from '../_platform/contract.ts';
import { Accepted, Empty, Identifier, Prose, Reason, SignatureInput } from '../_platform/fields.ts';

const READERS = ['process-scientist', 'quality-reviewer', 'qualified-person'] as const;
const QUALITY = ['quality-reviewer', 'qualified-person'] as const;
const Fingerprint = z.string().regex(/^[0-9a-f]{64}$/, 'want a fingerprint as 64 lower-case hex digits').describe('SHA-256 of the key that signs the hospital\'s log and vouches for its training key');

export const ConfirmTrainingPartner = contract({
  operation: 'confirmTrainingPartner', method: 'POST', route: '/v1/training-partners', summary: 'Confirm another hospital of the network as a training partner, by its fingerprint, signed as approval. This hospital sums with nobody else', roles: QUALITY,
  path: Empty, query: Empty, idempotency: 'required', status: 201, answer: Accepted,
  body: z.strictObject({
    siteId: Identifier, fingerprint: Fingerprint.describe('As people of that hospital told it, not as this list shows it'), comparedBy: Prose.describe('How and with whom it was compared: a call to a known number, on paper'), signature: SignatureInput,
  }),
});
export const WithdrawTrainingPartner = contract({
  operation: 'withdrawTrainingPartner', method: 'POST', route: '/v1/training-partners/{siteId}/withdrawal', summary: 'Take the confirmation of a training partner back, signed as responsibility: no sum with it from here on', roles: QUALITY,
  path: z.strictObject({ siteId: Identifier }), query: Empty, idempotency: 'optional', answer: Accepted, body: z.strictObject({ reason: Reason, signature: SignatureInput }),
});
export const ListTrainingPartners = contract({
  operation: 'listTrainingPartners', method: 'GET', route: '/v1/training-partners', summary: 'Hospitals of the network, with their fingerprints as this hospital\'s directory has them, and which of them are confirmed', roles: READERS, path: Empty, query: Empty, body: Empty,
  answer: z.strictObject({
    own: z.strictObject({ siteId: z.string(), fingerprint: Fingerprint.optional().describe('To be told to the others; none until this hospital is registered') }),
    items: z.array(z.strictObject({
      siteId: z.string(), fingerprint: Fingerprint, isConfirmed: z.boolean().describe('Confirmed, and still with this key'), confirmedBy: z.string().optional(), confirmedAt: z.string().optional(), comparedBy: z.string().optional(),
      version: z.int().describe('Of the record of this partner, to sign'),
    })),
  }),
});

import * as z from 'zod';
import { isOwnName } from '../../shared/identity/identifiers.ts';
import { SIGNATURE_MEANINGS } from '../../shared/record/envelope.ts';

/** Fields that several routes share, each with its limits and a description for the OpenAPI document. */
export const Identifier = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._*-]{0,63}$/, 'want 1 to 64 characters [A-Za-z0-9._*-], the first a letter or digit')
  .refine(isOwnName, 'want an identifier that is no word of the language, such as constructor');
export const Reason = z.string().trim().min(3, 'want a reason of at least 3 characters').max(2000).describe('Why; kept in the audit trail');
export const Prose = z.string().trim().min(1).max(4000);
export const Title = z.string().trim().min(3).max(200);
export const Instant = z.iso.datetime({ offset: true }).describe('RFC 3339, with offset');
/** A table holds no number under 1e-130, and a scale shows none under a billionth. */
export const Quantity = z.number().min(1e-9).max(1e12).describe('In the unit of the material');
export const DeviceTime = Instant.optional().describe('Time by the terminal or device itself; kept beside the server time');
export const RecordVersion = z.int().min(0).describe('Version of the record the person had on screen');

/** 21 CFR 11.50, 11.70, 11.200: what a person sends to sign. */
export const SignatureInput = z.strictObject({
  meaning: z.enum(SIGNATURE_MEANINGS),
  version: RecordVersion,
  reauthenticationToken: z.string().min(20).max(8192).describe('ID token of a sign-in made at most 120 s ago by the same person; usable once'),
});
export type SignatureInput = z.infer<typeof SignatureInput>;

export const Empty = z.strictObject({});
export const PageQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().min(1).max(1024).optional().describe('`nextCursor` of the page before'),
});
export const pageOf = <Item extends z.ZodType>(item: Item) => z.strictObject({ items: z.array(item), nextCursor: z.string().optional() });

/** What every accepted command answers: where the record now stands. */
export const Accepted = z.strictObject({
  id: z.string(),
  version: z.int().describe('Version of the record after this command'),
  hash: z.string().regex(/^[0-9a-f]{64}$/).describe('SHA-256 of the last event'),
  events: z.array(z.string()).describe('Types of the events recorded, in order'),
  receipt: z.strictObject({ leafHash: z.string().regex(/^[0-9a-f]{64}$/).describe('Leaf hash (RFC 6962) of the last event'), recordedAt: z.string().describe('Server time of it') }).optional()
    .describe('What the log must hold within a minute: keep it, and ask for the proof of this version. Absent where nothing was recorded'),
});
export type Accepted = z.infer<typeof Accepted>;

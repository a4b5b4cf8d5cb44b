import * as z from 'zod';

const Sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'want a SHA-256 as 64 lower-case hex digits');
/** To be handed in at the control site as it is. */
export const SignedStatement = z.strictObject({ text: z.string(), signature: z.string(), trainingKey: z.strictObject({ key: z.string(), signature: z.string() }) }).describe('Signed by this hospital: the control site takes its counts, and its part of a manifest, in no other form');
export const SiteData = z.strictObject({ nodeId: z.string(), rowsSha256: Sha256, recordDigests: z.array(Sha256), positives: z.int(), statement: SignedStatement });

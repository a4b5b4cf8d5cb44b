import * as z from 'zod';
import { contract } from '../_platform/contract.ts';
import { Empty, Identifier, Instant, PageQuery, pageOf } from '../_platform/fields.ts';

const DAY_MS = 86_400_000;
/** Days that one question about reads may span, and that it spans when it names no beginning. */
export const MAXIMUM_DAYS = 92;
export const USUAL_DAYS = 7;

const spanOf = ({ from, to }: Readonly<{ from?: string | undefined; to?: string | undefined }>): number | undefined => (from === undefined || to === undefined ? undefined : Date.parse(to) - Date.parse(from));

export const ReadView = z.strictObject({
  at: z.string().describe('Server time, UTC'), readerId: z.string(), readerName: z.string(), operation: z.string(), target: z.string().describe('Method and route; `(withheld)` stands for a value that could be anything'),
  parameters: z.record(z.string(), z.string()), outcome: z.string().describe('`answered`, the code of the refusal, or `failed`'), itemCount: z.int(), grantIds: z.array(z.string()).describe('Empty for people of this hospital'), requestId: z.string(),
});
export const ListReads = contract({
  operation: 'listReads', method: 'GET', route: '/v1/audit/reads', summary: 'Who read what of this hospital\'s record, the newest first', roles: ['quality-reviewer', 'qualified-person'], path: Empty, body: Empty,
  query: PageQuery.extend({ readerId: Identifier.optional(), from: Instant.optional().describe('Read at or after; 7 days before `to` by default'), to: Instant.optional().describe('Read before; now by default') })
    .refine((query) => (spanOf(query) ?? 1) > 0, { error: 'want from before to', path: ['from'] })
    .refine((query) => (spanOf(query) ?? 0) <= MAXIMUM_DAYS * DAY_MS, { error: `want at most ${MAXIMUM_DAYS} days`, path: ['to'] }),
  answer: pageOf(ReadView),
});

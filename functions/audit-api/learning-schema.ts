import * as z from 'zod';
import { contract } from '../_platform/contract.ts';
import { Empty, Identifier, PageQuery, pageOf } from '../_platform/fields.ts';
import { INSPECTORS } from './inspectors.ts';
import { RecordedEvent } from './schema.ts';

const ROLES = [...INSPECTORS, 'process-scientist'] as const;
export const InspectGovernanceTables = contract({
  operation: 'inspectGovernanceTables', method: 'GET', route: '/v1/audit/governance-tables', summary: 'What models may lead to at this hospital, for each product: every version, who wrote, approved and put it in force, as it stands in the record',
  roles: ROLES, path: Empty, body: Empty, query: PageQuery.extend({ limit: z.coerce.number().int().min(1).max(20).default(10), productId: Identifier.optional() }),
  answer: pageOf(z.strictObject({ productId: z.string(), version: z.int().describe('Of the record'), events: z.array(RecordedEvent).describe('All of them, in order, with their signatures') })),
});
export const InspectTrainingPartners = contract({
  operation: 'inspectTrainingPartners', method: 'GET', route: '/v1/audit/training-partners', summary: 'Whom this hospital trains with: each hospital that its people confirmed by its fingerprint, or took back, with their signatures. Of a grant for single products nothing is shown',
  roles: ROLES, path: Empty, body: Empty, query: PageQuery, answer: pageOf(z.strictObject({ siteId: z.string(), version: z.int().describe('Of the record'), events: z.array(RecordedEvent) })),
});
export const InspectTrainings = contract({
  operation: 'inspectTrainings', method: 'GET', route: '/v1/audit/trainings', summary: 'What this hospital was asked in trainings, what it answered by SHA-256, what it refused, and who declined with which reason and signature. Rows of every product are in them: of a grant for single products nothing is shown',
  roles: ROLES, path: Empty, body: Empty, query: PageQuery.extend({ runId: Identifier.optional() }), answer: pageOf(RecordedEvent),
});

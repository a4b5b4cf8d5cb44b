import * as z from 'zod';
import { BATCH_STATES, DISPOSITIONS } from '../../shared/batch/events.ts';
import { contract } from '../_platform/contract.ts';
import { Empty, Identifier, PageQuery, pageOf } from '../_platform/fields.ts';

const READERS = ['regulator', 'quality-reviewer', 'qualified-person', 'process-scientist', 'operator'] as const;
const reading = { method: 'GET', body: Empty, roles: READERS } as const;
const Batch = z.strictObject({ batchId: Identifier });

export const BatchSummary = z.strictObject({
  batchId: z.string(), productId: z.string(), chainOfIdentityId: z.string(), state: z.enum(BATCH_STATES), disposition: z.enum(DISPOSITIONS).optional(),
  createdAt: z.string(), version: z.int(), openDeviationCount: z.int(),
});
export const ListBatches = contract({
  ...reading, operation: 'listBatches', route: '/v1/batches', summary: 'Batches of this hospital, the newest day first', path: Empty, query: PageQuery, answer: pageOf(BatchSummary),
});

export const RecordedEvent = z.strictObject({
  stream: z.strictObject({ kind: z.string(), id: z.string() }), version: z.int(), recordedAt: z.string(), deviceTime: z.string().optional(),
  actor: z.looseObject({ kind: z.enum(['person', 'system']), id: z.string() }), event: z.looseObject({ type: z.string() }),
  previousHash: z.string(), hash: z.string(),
});
export const ReadRecord = contract({
  ...reading, operation: 'readRecord', route: '/v1/batches/{batchId}/record', summary: 'The whole record of a batch: its events, chained by hash', path: Batch,
  query: PageQuery, answer: pageOf(RecordedEvent).extend({ batchId: z.string(), version: z.int(), hash: z.string() }),
});

export const AuditEntry = z.strictObject({
  version: z.int(), recordedAt: z.string().describe('Server time, UTC'), deviceTime: z.string().optional(), who: z.string(), whoId: z.string(), what: z.string().describe('One readable line'),
  type: z.string(), oldValue: z.unknown().optional(), newValue: z.unknown().optional(), why: z.string().optional(),
  signature: z.strictObject({ printedName: z.string(), meaning: z.string(), signedAt: z.string(), signedVersion: z.int() }).optional(), hash: z.string(),
});
export const ReadAuditTrail = contract({
  ...reading, operation: 'readAuditTrail', route: '/v1/batches/{batchId}/audit-trail', summary: 'Who did what, when, old and new value, why', path: Batch,
  query: PageQuery, answer: pageOf(AuditEntry).extend({ batchId: z.string() }),
});
export const ReadCertificate = contract({
  operation: 'readCertificate', method: 'GET', route: '/v1/batches/{batchId}/certificate', summary: 'Certificate of a released batch, or the latest supplement to it with the results that came after a staged release, as JSON or PDF', roles: [...READERS, 'site-engineer', 'master-data-steward'],
  path: z.strictObject({ batchId: Identifier }), query: z.strictObject({ format: z.enum(['json', 'pdf']).default('json'), of: z.enum(['release', 'staged-results']).default('release') }), body: Empty,
  answer: z.record(z.string(), z.unknown()), produces: ['application/pdf'],
});

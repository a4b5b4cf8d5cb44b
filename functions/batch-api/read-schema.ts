import * as z from 'zod';
import { BATCH_STATES, DISPOSITIONS } from '../../shared/batch/events.ts';
import { contract } from '../_platform/contract.ts';
import { Accepted, Empty, Identifier, PageQuery, pageOf } from '../_platform/fields.ts';
import { ROLES } from '../../shared/record/envelope.ts';

const STAFF = ['operator', 'process-scientist', 'quality-reviewer', 'qualified-person', 'site-engineer', 'master-data-steward'] as const;

export const CreateBatch = contract({
  operation: 'createBatch', method: 'POST', route: '/v1/batches', summary: 'Create a batch of the effective master batch record for one therapy event', roles: ['operator', 'process-scientist'],
  path: Empty, query: Empty, body: z.strictObject({ productId: Identifier, chainOfIdentityId: Identifier }), status: 201, idempotency: 'required', answer: Accepted,
});

export const PhaseView = z.strictObject({
  phaseId: z.string(), title: z.string(), unitProcedureId: z.string(), operationId: z.string(),
  state: z.enum(['idle', 'running', 'complete']), startable: z.boolean(), startedAt: z.string().optional(), completedAt: z.string().optional(),
  missing: z.array(z.string()).describe('What must still be done before it can be completed'),
  signaturesMissing: z.array(z.string()),
  materials: z.array(z.strictObject({ version: z.int(), materialId: z.string(), lotId: z.string(), quantity: z.number(), unit: z.string(), addedAt: z.string() })).describe('Each scan, by the version of the record it made, with its quantity after all corrections'),
  specification: z.looseObject({ instruction: z.string(), role: z.string() }).describe('The phase as the master batch record has it'),
});
export const BatchView = z.strictObject({
  batchId: z.string(), nodeId: z.string(), productId: z.string(), chainOfIdentityId: z.string(), masterBatchRecordId: z.string(), masterBatchRecordVersion: z.int(),
  state: z.enum(BATCH_STATES), disposition: z.enum(DISPOSITIONS).optional(), staged: z.boolean(), version: z.int(), hash: z.string(),
  phases: z.array(PhaseView),
  openDeviations: z.array(z.strictObject({ deviationId: z.string(), severity: z.string(), title: z.string(), state: z.string() })),
  custodianId: z.string().optional().describe('Who has the patient material, by the last hand-over accepted'),
  openCustody: z.array(z.strictObject({ transferId: z.string(), phaseId: z.string(), toPersonId: z.string() })),
  openGaps: z.array(z.strictObject({ gapId: z.string(), from: z.string(), to: z.string(), critical: z.boolean() })),
  testResults: z.array(z.strictObject({ testId: z.string(), value: z.union([z.number(), z.string()]), unit: z.string(), withinSpecification: z.boolean() })),
  openPoints: z.array(z.strictObject({ rule: z.string(), subject: z.string(), detail: z.string() })).describe('What the rules find open for release, now'),
  reviewCurrent: z.boolean().describe('Whether the last review is of exactly this version'),
  predictions: z.array(z.strictObject({ predictionId: z.string(), probability: z.number(), modelName: z.string(), caution: z.string() })),
});
export const ReadBatch = contract({
  operation: 'readBatch', method: 'GET', route: '/v1/batches/{batchId}', summary: 'State of a batch and what can be done next', roles: STAFF,
  path: z.strictObject({ batchId: Identifier }), query: Empty, body: Empty, answer: BatchView,
});
export const ReadWork = contract({
  operation: 'readWork', method: 'GET', route: '/v1/work', summary: 'What waits for the caller: open points, dispositions, things falling due', roles: STAFF,
  path: Empty, query: PageQuery.extend({ role: z.enum(ROLES) }), body: Empty,
  answer: pageOf(z.strictObject({ subject: z.string(), kind: z.string(), title: z.string(), detail: z.string(), raisedAt: z.string() })),
});

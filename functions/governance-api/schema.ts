import * as z from 'zod';
import { MAY_STOP } from '../../shared/prediction-governance/intervene.ts';
import { contract } from '../_platform/contract.ts';
import { Accepted, DeviceTime, Empty, Identifier, PageQuery, Prose, Reason, SignatureInput, Title, pageOf } from '../_platform/fields.ts';

const AUTHORS = ['process-scientist', 'master-data-steward'] as const;
const QUALITY = ['quality-reviewer', 'qualified-person'] as const;
const STAFF = ['operator', 'process-scientist', ...QUALITY, 'site-engineer', 'master-data-steward'] as const;
const TablePath = z.strictObject({ productId: Identifier });
const BatchPath = z.strictObject({ batchId: Identifier });
const Signed = z.strictObject({ signature: SignatureInput });
const acting = { method: 'POST', query: Empty, answer: Accepted, idempotency: 'optional' } as const;

const TableVersion = z.looseObject({ version: z.int(), state: z.enum(['draft', 'approved', 'effective', 'superseded']), contentHash: z.string(), effectiveAt: z.string().optional() });
export const DraftGovernanceTable = contract({
  ...acting, operation: 'draftGovernanceTable', route: '/v1/governance-tables', summary: 'Draft what the outputs of models may lead to for one product, signed as authorship; replaces the draft in work', roles: AUTHORS, path: Empty,
  body: Signed.extend({ content: z.record(z.string(), z.unknown()).describe('GovernanceTable: productId and one row an output; every fault is named by its path') }), status: 201, idempotency: 'required',
});
export const ApproveGovernanceTable = contract({ ...acting, operation: 'approveGovernanceTable', route: '/v1/governance-tables/{productId}/approval', summary: 'Draft → approved, signed as approval by another person', roles: QUALITY, path: TablePath, body: Signed });
export const MakeTableEffective = contract({
  ...acting, operation: 'makeGovernanceTableEffective', route: '/v1/governance-tables/{productId}/effectiveness', summary: 'Approved → effective, signed as responsibility; recommendations made under the version before can no longer be accepted', roles: QUALITY, path: TablePath, body: Signed,
});
export const ListGovernanceTables = contract({
  operation: 'listGovernanceTables', method: 'GET', route: '/v1/governance-tables', summary: 'Products with their governance tables', roles: STAFF, path: Empty, query: PageQuery, body: Empty,
  answer: pageOf(z.strictObject({ productId: z.string(), versions: z.array(TableVersion) })),
});
export const ReadGovernanceTable = contract({
  operation: 'readGovernanceTable', method: 'GET', route: '/v1/governance-tables/{productId}', summary: 'Every version of the governance table of a product', roles: STAFF, path: TablePath, query: Empty, body: Empty,
  answer: z.strictObject({ productId: z.string(), version: z.int().describe('Of the record, to sign'), versions: z.array(TableVersion.extend({ authorId: z.string(), content: z.record(z.string(), z.unknown()) })) }),
});

const Twin = z.strictObject({ world: z.string(), twinSha256: z.string(), codeSha256: z.string() }).describe('What made the alternatives: the digital twin by the hash of its constants and world, and the code that played it');
export const RECOMMENDATION_STATES = ['open', 'accepted', 'refused', 'expired', 'void', 'for-awareness'] as const;
export const ReadInterventions = contract({
  operation: 'readInterventions', method: 'GET', route: '/v1/batches/{batchId}/interventions', summary: 'The intervention ledger of a batch: recommendations with their explanation and alternatives, decisions, commands, confirmations, effects', roles: STAFF,
  path: BatchPath, query: Empty, body: Empty,
  answer: z.strictObject({
    batchId: z.string(), version: z.int().describe('Of the record, to sign'),
    assistance: z.strictObject({
      state: z.enum(['on', 'stopped']), since: z.string().optional(), reason: z.string().optional().describe('Of the first stop'),
      stops: z.array(z.strictObject({ at: z.string(), by: z.string().describe('Person'), reason: z.string() })).optional().describe('Each stop since it was last on, the first first'),
    }),
    recommendations: z.array(z.looseObject({ recommendationId: z.string(), state: z.enum(RECOMMENDATION_STATES), twin: Twin.optional() })),
    interventions: z.array(z.looseObject({ interventionId: z.string(), state: z.enum(['sent', 'confirmed', 'misapplied', 'not-confirmed']) })),
  }),
});
export const DecideRecommendation = contract({
  ...acting, operation: 'decideRecommendation', route: '/v1/batches/{batchId}/recommendations/{recommendationId}/decision', summary: 'Accept or refuse a recommendation, signed as approval by the role it is asked of. Accepting sends its set-points to the equipment', roles: STAFF,
  path: BatchPath.extend({ recommendationId: Identifier }),
  body: Signed.extend({ decision: z.enum(['accept', 'refuse']), reason: Reason, alternativeId: Identifier.optional().describe('To accept one of the alternatives instead'), deviceTime: DeviceTime }),
});
export const ObserveEffect = contract({
  ...acting, operation: 'observeInterventionEffect', route: '/v1/batches/{batchId}/interventions/{interventionId}/effect', summary: 'Record what came of an intervention', roles: ['operator', 'process-scientist', 'quality-reviewer'],
  path: BatchPath.extend({ interventionId: Identifier }), body: z.strictObject({ metric: Title, unit: z.string().trim().min(1).max(30).describe('1 where it has none'), before: z.number(), after: z.number(), note: Prose, deviceTime: DeviceTime }),
});
export const StopAssistance = contract({
  ...acting, operation: 'stopAssistance', route: '/v1/batches/{batchId}/assistance/stop', summary: 'Stop the assistance by models on this batch, at any time, without a signature; nothing more follows from what was recommended', roles: MAY_STOP,
  path: BatchPath, body: z.strictObject({ reason: Reason, deviceTime: DeviceTime }),
});
export const ResumeAssistance = contract({
  ...acting, operation: 'resumeAssistance', route: '/v1/batches/{batchId}/assistance/resume', summary: 'Let recommendations be made again, signed as approval; those from before stay void', roles: ['process-scientist', 'quality-reviewer'],
  path: BatchPath, body: Signed.extend({ reason: Reason, deviceTime: DeviceTime }),
});

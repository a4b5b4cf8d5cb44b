import * as z from 'zod';
import { MASTER_BATCH_RECORD_STATES } from '../../shared/master-batch-record/model.ts';
import { contract } from '../_platform/contract.ts';
import { Accepted, Empty, Identifier, PageQuery, Reason, SignatureInput, pageOf } from '../_platform/fields.ts';

const AUTHORS = ['process-scientist', 'master-data-steward'] as const;
const QUALITY = ['quality-reviewer', 'qualified-person'] as const;
const Path = z.strictObject({ masterBatchRecordId: Identifier });
const moving = { method: 'POST', query: Empty, path: Path, answer: Accepted, idempotency: 'optional' } as const;
const Signed = z.strictObject({ signature: SignatureInput });

export const MasterBatchRecordSummary = z.strictObject({
  masterBatchRecordId: z.string(), productId: z.string(), title: z.string(), revision: z.int(), state: z.enum(MASTER_BATCH_RECORD_STATES), version: z.int(), contentHash: z.string(),
  effectiveRevision: z.int().optional().describe('What batches are made by now, also while another revision is in work; absent where none is in force'),
});
export const DraftMasterBatchRecord = contract({
  operation: 'draftMasterBatchRecord', method: 'POST', route: '/v1/master-batch-records', summary: 'Draft a master batch record', roles: AUTHORS, path: Empty, query: Empty,
  body: z.strictObject({ masterBatchRecordId: Identifier, content: z.record(z.string(), z.unknown()).describe('MasterBatchRecordContent; every fault is named by its path') }),
  answer: Accepted, status: 201, idempotency: 'required',
});
export const SubmitMasterBatchRecord = contract({ ...moving, operation: 'submitMasterBatchRecord', route: '/v1/master-batch-records/{masterBatchRecordId}/submission', summary: 'Draft → in review, signed as authorship', roles: AUTHORS, body: Signed });
export const ApproveMasterBatchRecord = contract({ ...moving, operation: 'approveMasterBatchRecord', route: '/v1/master-batch-records/{masterBatchRecordId}/approval', summary: 'In review → approved, signed as approval by another person', roles: QUALITY, body: Signed });
export const MakeEffective = contract({ ...moving, operation: 'makeMasterBatchRecordEffective', route: '/v1/master-batch-records/{masterBatchRecordId}/effectiveness', summary: 'Approved → effective, signed; the version effective until now becomes superseded', roles: ['qualified-person'], body: Signed });
export const ReturnToDraft = contract({ ...moving, operation: 'returnMasterBatchRecord', route: '/v1/master-batch-records/{masterBatchRecordId}/return', summary: 'In review → draft, with the reason', roles: QUALITY, body: Signed.extend({ reason: Reason }) });
export const ListMasterBatchRecords = contract({
  operation: 'listMasterBatchRecords', method: 'GET', route: '/v1/master-batch-records', summary: 'Master batch records and their state', roles: [...AUTHORS, ...QUALITY, 'network-coordinator', 'regulator'],
  path: Empty, query: PageQuery, body: Empty, answer: pageOf(MasterBatchRecordSummary),
});
export const ReadMasterBatchRecord = contract({
  operation: 'readMasterBatchRecord', method: 'GET', route: '/v1/master-batch-records/{masterBatchRecordId}', summary: 'One master batch record, with its content and its signatures', roles: [...AUTHORS, ...QUALITY, 'network-coordinator', 'regulator'],
  path: Path, query: Empty, body: Empty, answer: MasterBatchRecordSummary.extend({ content: z.record(z.string(), z.unknown()), history: z.array(z.looseObject({ type: z.string(), recordedAt: z.string(), who: z.string() })) }),
});

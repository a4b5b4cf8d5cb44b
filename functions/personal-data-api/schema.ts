import * as z from 'zod';
import { BATCH_STATES, DISPOSITIONS } from '../../shared/batch/events.ts';
import { PERSONAL_DATA_READERS, PERSONAL_FIELDS, PersonalFields } from '../../shared/personal-data/fields.ts';
import { contract } from '../_platform/contract.ts';
import { Accepted, DeviceTime, Empty, Identifier, Reason, SignatureInput } from '../_platform/fields.ts';

const Batch = z.strictObject({ batchId: Identifier });
const TherapyEvent = z.strictObject({ chainOfIdentityId: Identifier });
const SomeFields = PersonalFields.refine((fields) => Object.values(fields).some((value) => value !== undefined), 'want at least one field');
const ERASURE = '/v1/chains-of-identity/{chainOfIdentityId}/erasure';
const QUALITY = ['quality-reviewer', 'qualified-person'] as const;
/** Kept for as long as the record. */
const LastingReason = Reason.describe('Why; kept for as long as the record, so without a name or number of the patient');

export const RecordPersonalData = contract({
  operation: 'recordPersonalData', method: 'POST', route: '/v1/batches/{batchId}/personal-data', roles: ['operator'], status: 201, idempotency: 'required', answer: Accepted,
  summary: 'Record facts about the patient, each once; the batch record gets salted commitments to them and no value', path: Batch, query: Empty, body: z.strictObject({ fields: SomeFields, deviceTime: DeviceTime }),
});
export const CorrectPersonalData = contract({
  operation: 'correctPersonalData', method: 'POST', route: '/v1/batches/{batchId}/personal-data/correction', roles: ['operator', ...QUALITY], idempotency: 'required', answer: Accepted,
  summary: 'Correct recorded facts about the patient; those before stay until all are erased', path: Batch, query: Empty, body: z.strictObject({ fields: SomeFields, reason: LastingReason, signature: SignatureInput, deviceTime: DeviceTime }),
});
export const ReadPersonalData = contract({
  operation: 'readPersonalData', method: 'GET', route: '/v1/batches/{batchId}/personal-data', roles: PERSONAL_DATA_READERS,
  summary: 'What is recorded of the patient, as far as the caller\'s role needs it; each value held against its commitment', path: Batch, query: Empty, body: Empty,
  answer: z.strictObject({
    batchId: z.string(), chainOfIdentityId: z.string(), version: z.int().describe('Version of the batch record'), fields: PersonalFields,
    earlier: z.array(z.strictObject({ field: z.enum(PERSONAL_FIELDS), value: z.union([z.string(), z.number(), z.record(z.string(), z.string())]), version: z.int().describe('Of the event that recorded it') })).describe('Corrected since, oldest first'),
    lost: z.array(z.enum(PERSONAL_FIELDS)).describe('On record, but no backup had the value; correct them with what the hospital\'s own system says'),
    withheld: z.array(z.enum(PERSONAL_FIELDS)).describe('Recorded, but not for the caller\'s role'),
  }),
});

export const ErasureView = z.strictObject({
  chainOfIdentityId: z.string(), version: z.int().describe('Version of the chain-of-identity record; a signature names it'),
  state: z.enum(['none', 'requested', 'confirmed', 'complete']).describe('`confirmed`: in force, and something is still to be removed'),
  reason: z.string().optional(), requestedBy: z.string().optional(), requestedAt: z.string().optional(), confirmedBy: z.string().optional(), confirmedAt: z.string().optional(),
  batches: z.array(z.strictObject({
    batchId: z.string(), state: z.enum(BATCH_STATES), disposition: z.enum(DISPOSITIONS).optional(), isFinished: z.boolean().describe('Nothing is erased before every batch is'),
    fields: z.array(z.enum(PERSONAL_FIELDS)).describe('Recorded at some time'), isErased: z.boolean(), isHeld: z.boolean().describe('Something of it is in the table of personal data'),
  })),
});
export type ErasureView = z.input<typeof ErasureView>;

export const ReadErasure = contract({
  operation: 'readErasure', method: 'GET', route: ERASURE, roles: QUALITY, summary: 'What an erasure of this therapy event covers and where it stands; no value', path: TherapyEvent, query: Empty, body: Empty, answer: ErasureView,
});
export const RequestErasure = contract({
  operation: 'requestErasure', method: 'POST', route: `${ERASURE}-request`, roles: ['quality-reviewer'], idempotency: 'required', answer: Accepted,
  summary: 'Ask that the personal data of a therapy event be erased; nothing is, before another person confirms', path: TherapyEvent, query: Empty, body: z.strictObject({ reason: LastingReason, signature: SignatureInput }),
});
export const ConfirmErasure = contract({
  operation: 'confirmErasure', method: 'POST', route: ERASURE, roles: ['qualified-person'], idempotency: 'required', answer: ErasureView,
  summary: 'Confirm an erasure and carry it out; it can not be taken back', path: TherapyEvent, query: Empty, body: z.strictObject({ signature: SignatureInput }),
});
export const CompleteErasure = contract({
  operation: 'completeErasure', method: 'POST', route: `${ERASURE}/completion`, roles: QUALITY, idempotency: 'optional', answer: ErasureView,
  summary: 'Go on with a confirmed erasure that was cut off; does nothing when it is complete', path: TherapyEvent, query: Empty, body: Empty,
});

import * as z from 'zod';
import { DEVIATION_SEVERITIES, DISPOSITIONS, INVESTIGATED_RESULTS } from '../../shared/batch/events.ts';
import { contract } from '../_platform/contract.ts';
import { Accepted, DeviceTime, Empty, Identifier, Instant, Prose, Quantity, Reason, SignatureInput, Title } from '../_platform/fields.ts';

const Batch = z.strictObject({ batchId: Identifier });
const InPhase = Batch.extend({ phaseId: Identifier });
const Signed = z.strictObject({ signature: SignatureInput });
const WORKERS = ['operator', 'process-scientist', 'quality-reviewer', 'qualified-person'] as const;
const QUALITY = ['quality-reviewer', 'qualified-person'] as const;
const DrawnAt = Instant.optional().describe('When the sample was drawn: from the start of its phase to the moment the result was first recorded, by the server\'s clock. Not for values from telemetry');
const command = { method: 'POST', query: Empty, answer: Accepted, idempotency: 'optional' } as const;

export const StartBatch = contract({ ...command, operation: 'startBatch', route: '/v1/batches/{batchId}/start', summary: 'Start an idle batch', roles: ['operator'], path: Batch, body: Empty });
export const HoldBatch = contract({ ...command, operation: 'holdBatch', route: '/v1/batches/{batchId}/hold', summary: 'Hold a running batch; nothing but assessment goes on', roles: WORKERS, path: Batch, body: z.strictObject({ reason: Reason, deviceTime: DeviceTime }) });
export const ResumeBatch = contract({ ...command, operation: 'resumeBatch', route: '/v1/batches/{batchId}/resume', summary: 'Resume a held batch', roles: WORKERS, path: Batch, body: z.strictObject({ reason: Reason, deviceTime: DeviceTime }) });
export const StopBatch = contract({ ...command, operation: 'stopBatch', route: '/v1/batches/{batchId}/stop', summary: 'Stop a batch in good order; it can not be resumed', roles: WORKERS, path: Batch, body: Signed.extend({ reason: Reason }) });
export const AbortBatch = contract({ ...command, operation: 'abortBatch', route: '/v1/batches/{batchId}/abort', summary: 'Abort a batch at once', roles: WORKERS, path: Batch, body: Signed.extend({ reason: Reason }) });

export const StartPhase = contract({ ...command, operation: 'startPhase', route: '/v1/batches/{batchId}/phases/{phaseId}/start', summary: 'Start a phase whose predecessors are complete', roles: WORKERS, path: InPhase, body: z.strictObject({ deviceTime: DeviceTime }) });
export const AssignEquipment = contract({ ...command, operation: 'assignEquipment', route: '/v1/batches/{batchId}/phases/{phaseId}/equipment', summary: 'Use a piece of equipment in a phase', roles: WORKERS, path: InPhase, body: z.strictObject({ equipmentId: Identifier, deviceTime: DeviceTime }) });
export const WithdrawEquipment = contract({
  ...command, operation: 'withdrawEquipment', route: '/v1/batches/{batchId}/equipment/{equipmentId}/withdrawal', summary: 'Take broken equipment out of a batch, and put another in its place', roles: [...WORKERS, 'site-engineer'], path: Batch.extend({ equipmentId: Identifier }),
  body: z.strictObject({ reason: Reason, replacementId: Identifier.optional().describe('Equipment of the same class, for the phases under way that used it; only by who may do their work'), deviceTime: DeviceTime }),
});
export const AddMaterial = contract({
  ...command, operation: 'addMaterial', route: '/v1/batches/{batchId}/phases/{phaseId}/materials', summary: 'Scan and add a material', roles: WORKERS, path: InPhase, idempotency: 'required',
  body: z.strictObject({ materialId: Identifier, lotId: Identifier, quantity: Quantity, label: z.string().min(1).max(200).describe('Text of the scanned label'), deviceTime: DeviceTime }),
});
export const CorrectMaterial = contract({
  ...command, operation: 'correctMaterial', route: '/v1/batches/{batchId}/phases/{phaseId}/materials/correction', summary: 'Correct the quantity of a scan, or say that it was not used; the old one stays on record, and the lot gets back what was not taken', roles: WORKERS, path: InPhase,
  body: Signed.extend({ lotId: Identifier, scanVersion: z.int().min(1).describe('Which scan: the version of the record it made, in `materials` of the phase'), quantity: z.union([z.literal(0), Quantity]).describe('What was used, in the unit of the material; 0 when nothing was'), reason: Reason }),
});
export const RecordValue = contract({
  ...command, operation: 'recordValue', route: '/v1/batches/{batchId}/phases/{phaseId}/values', summary: 'Record a value; one that comes from telemetry is read there and takes no `value`', roles: WORKERS, path: InPhase,
  body: z.strictObject({ valueId: Identifier, value: z.union([z.number(), z.string().min(1).max(500), z.boolean()]).optional(), drawnAt: DrawnAt, deviceTime: DeviceTime }),
});
export const CorrectValue = contract({
  ...command, operation: 'correctValue', route: '/v1/batches/{batchId}/phases/{phaseId}/values/{valueId}/correction', summary: 'Correct a recorded value; the old one stays on record', roles: WORKERS, path: InPhase.extend({ valueId: Identifier }),
  body: Signed.extend({ value: z.union([z.number(), z.string().min(1).max(500), z.boolean()]), drawnAt: DrawnAt, reason: Reason }),
});
export const SignPhase = contract({ ...command, operation: 'signPhase', route: '/v1/batches/{batchId}/phases/{phaseId}/signatures', summary: 'Sign a phase as performed or verified', roles: WORKERS, path: InPhase, body: Signed });
export const CompletePhase = contract({ ...command, operation: 'completePhase', route: '/v1/batches/{batchId}/phases/{phaseId}/complete', summary: 'Complete a phase; the last one completes the batch', roles: WORKERS, path: InPhase, body: Empty });

export const OfferCustody = contract({
  ...command, operation: 'offerCustody', route: '/v1/batches/{batchId}/custody-transfers', summary: 'Hand the patient material over to a named person', roles: WORKERS, path: Batch, status: 201, idempotency: 'required',
  body: Signed.extend({ phaseId: Identifier, toPersonId: Identifier, location: Title, temperatureCelsius: z.number().min(-273.15).max(100).optional(), reason: Reason.optional().describe('Why somebody of quality offers what another person holds; wanted then, and raises a deviation') }),
});
export const AcceptCustody = contract({
  ...command, operation: 'acceptCustody', route: '/v1/batches/{batchId}/custody-transfers/{transferId}/acceptance', summary: 'Take the patient material over; another person than the one who offered it', roles: WORKERS, path: Batch.extend({ transferId: Identifier }),
  body: Signed.extend({ condition: Prose, label: z.string().min(1).max(200).describe('Text of the label scanned on what is taken over: a lot of the patient, or the batch') }),
});
export const WithdrawCustody = contract({
  ...command, operation: 'withdrawCustody', route: '/v1/batches/{batchId}/custody-transfers/{transferId}/withdrawal', summary: 'Take back an offer nobody accepted', roles: WORKERS, path: Batch.extend({ transferId: Identifier }),
  body: Signed.extend({ reason: Reason }),
});

export const RaiseDeviation = contract({
  ...command, operation: 'raiseDeviation', route: '/v1/batches/{batchId}/deviations', summary: 'Raise a deviation by hand', roles: WORKERS, path: Batch, status: 201, idempotency: 'required',
  body: z.strictObject({ severity: z.enum(DEVIATION_SEVERITIES), title: Title, detail: Prose, phaseId: Identifier.optional(), testId: Identifier.optional().describe('The test whose result it is about: its failing result without a deviation, else its latest'), deviceTime: DeviceTime }),
});
export const AssessDeviation = contract({ ...command, operation: 'assessDeviation', route: '/v1/batches/{batchId}/deviations/{deviationId}/assessment', summary: 'Assess impact and root cause of a deviation', roles: ['process-scientist', ...QUALITY], path: Batch.extend({ deviationId: Identifier }), body: Signed.extend({ impact: Prose, rootCause: Prose }) });
export const CloseDeviation = contract({ ...command, operation: 'closeDeviation', route: '/v1/batches/{batchId}/deviations/{deviationId}/closure', summary: 'Close an assessed deviation', roles: QUALITY, path: Batch.extend({ deviationId: Identifier }), body: Signed.extend({ conclusion: Prose, testResult: z.enum(INVESTIGATED_RESULTS).optional().describe('Of a deviation about a test result, and of no other: whether the result stands, or was found invalid with its cause in the laboratory') }) });
export const AssessGap = contract({ ...command, operation: 'assessTelemetryGap', route: '/v1/batches/{batchId}/telemetry-gaps/{gapId}/assessment', summary: 'Assess a telemetry gap', roles: ['process-scientist', ...QUALITY], path: Batch.extend({ gapId: Identifier }), body: Signed.extend({ assessment: Prose }) });

export const RecordTestResult = contract({
  ...command, operation: 'recordTestResult', route: '/v1/batches/{batchId}/test-results', summary: 'Record a quality-control result', roles: ['process-scientist', ...QUALITY], path: Batch, idempotency: 'required',
  body: Signed.extend({ testId: Identifier, value: z.union([z.number(), z.string().min(1).max(200)]), method: Title, sampleId: Identifier, reason: Reason.optional().describe('Why the test was done again; wanted where it has a result') }),
});
export const CertifyStagedResults = contract({
  ...command, operation: 'certifyStagedResults', route: '/v1/batches/{batchId}/staged-results/certification', summary: 'Certify the results that came after a staged release; a supplement to the certificate follows', roles: ['qualified-person'], path: Batch, body: Signed,
});
export const RecordDisposition = contract({
  ...command, operation: 'recordDisposition', route: '/v1/batches/{batchId}/disposition', summary: 'Certify (release) or reject the batch', roles: ['qualified-person'], path: Batch,
  body: Signed.extend({ disposition: z.enum(DISPOSITIONS), reason: Reason }),
});

import * as z from 'zod';
import { contract } from '../_platform/contract.ts';
import { Accepted, Empty, Identifier, Instant, PageQuery, Quantity, Reason, SignatureInput, Title, pageOf } from '../_platform/fields.ts';
import { peopleContracts, QUALITY } from './people-schema.ts';

const STEWARDS = ['master-data-steward'] as const;
const READERS = ['operator', 'process-scientist', 'quality-reviewer', 'qualified-person', 'site-engineer', 'master-data-steward'] as const;
const creating = { method: 'POST', path: Empty, query: Empty, answer: Accepted, status: 201, idempotency: 'required' } as const;
const changing = { method: 'POST', query: Empty, answer: Accepted, idempotency: 'optional' } as const;
const listing = { method: 'GET', path: Empty, query: PageQuery, body: Empty, roles: READERS } as const;

export const RegisterChainOfIdentity = contract({
  operation: 'registerChainOfIdentity', method: 'POST', route: '/v1/chains-of-identity', summary: 'Give one patient therapy event its chain-of-identity identifier, at or before collection', roles: ['operator', 'process-scientist', 'quality-reviewer'],
  path: Empty, query: Empty, body: z.strictObject({ productId: Identifier }), status: 201, idempotency: 'required',
  answer: Accepted.extend({ label: z.string().describe('Text to print on every label of this therapy event') }),
});
export const ReadChainOfIdentity = contract({
  operation: 'readChainOfIdentity', method: 'GET', route: '/v1/chains-of-identity/{chainOfIdentityId}', summary: 'A therapy event and its batches', roles: READERS,
  path: z.strictObject({ chainOfIdentityId: Identifier }), query: Empty, body: Empty,
  answer: z.strictObject({ chainOfIdentityId: z.string(), productId: z.string(), label: z.string(), batchIds: z.array(z.string()), registeredAt: z.string(), erased: z.boolean() }),
});

export const ReceiveMaterial = contract({
  ...creating, operation: 'receiveMaterialLot', route: '/v1/materials', summary: 'Receive a lot into quarantine', roles: [...STEWARDS, 'operator'],
  body: z.strictObject({
    lotId: Identifier, materialId: Identifier, supplier: Title, quantity: Quantity, unit: z.string().min(1).max(20), expiresAt: Instant,
    chainOfIdentityId: Identifier.optional().describe('Only for material made from one patient\'s cells'),
    sourceBatchId: Identifier.optional().describe('Only for material that a batch of this hospital made'),
  }),
});
export const DecideMaterial = contract({
  ...changing, operation: 'decideMaterialLot', route: '/v1/materials/{lotId}/status', summary: 'Release a lot for use, or reject it', roles: QUALITY, path: z.strictObject({ lotId: Identifier }),
  body: z.strictObject({ status: z.enum(['released', 'rejected']), reason: Reason, signature: SignatureInput }),
});
export const ListMaterials = contract({
  ...listing, operation: 'listMaterialLots', route: '/v1/materials', summary: 'Material lots',
  answer: pageOf(z.strictObject({ lotId: z.string(), materialId: z.string(), status: z.string(), expiresAt: z.string(), version: z.int() })),
});

export const RegisterEquipment = contract({
  ...creating, operation: 'registerEquipment', route: '/v1/equipment', summary: 'Register a piece of equipment', roles: STEWARDS,
  body: z.strictObject({
    equipmentId: Identifier, equipmentClassId: Identifier, title: Title, calibrationDueAt: Instant.optional(),
    device: z.strictObject({ edgeNodeId: Identifier, deviceId: Identifier }).optional().describe('Sparkplug device that publishes its telemetry'),
  }),
});
export const RecordCalibration = contract({
  ...changing, operation: 'recordCalibration', route: '/v1/equipment/{equipmentId}/calibrations', summary: 'Record a calibration and when the next is due', roles: [...STEWARDS, 'site-engineer'], path: z.strictObject({ equipmentId: Identifier }),
  body: z.strictObject({ calibratedAt: Instant, dueAt: Instant, certificateReference: Title }),
});
export const TakeOutOfUse = contract({
  ...changing, operation: 'takeEquipmentOutOfUse', route: '/v1/equipment/{equipmentId}/out-of-use', summary: 'Let no batch take a piece of equipment any more; one that has it keeps it until it is taken out of that batch', roles: [...STEWARDS, 'site-engineer', 'quality-reviewer'],
  path: z.strictObject({ equipmentId: Identifier }), body: z.strictObject({ reason: Reason }),
});
export const PutBackToUse = contract({
  ...changing, operation: 'putEquipmentBackToUse', route: '/v1/equipment/{equipmentId}/back-to-use', summary: 'Let batches take a piece of equipment again', roles: STEWARDS, path: z.strictObject({ equipmentId: Identifier }), body: z.strictObject({ reason: Reason }),
});
export const ListEquipment = contract({
  ...listing, operation: 'listEquipment', route: '/v1/equipment', summary: 'Equipment, its calibration, which batch has it now, and what is out of use',
  answer: pageOf(z.strictObject({
    equipmentId: z.string(), equipmentClassId: z.string(), title: z.string(), calibrationDueAt: z.string().optional(), version: z.int(),
    device: z.strictObject({ edgeNodeId: z.string(), deviceId: z.string() }).optional().describe('Sparkplug device that publishes its telemetry'),
    inUse: z.strictObject({ batchId: z.string(), since: z.string() }).optional().describe('The batch that has it: not to be taken out until the batch lets it go'),
    outOfUse: z.strictObject({ since: z.string(), reason: z.string() }).optional().describe('No batch may take it'),
  })),
});

export const { RegisterPerson, StopPerson, ReinstatePerson, ChangeRoles, ListPeople } = peopleContracts(STEWARDS, READERS);
const Person = z.strictObject({ personId: Identifier });
export const RecordTraining = contract({
  ...changing, operation: 'recordTraining', route: '/v1/people/{personId}/trainings', summary: 'Record a completed training', roles: STEWARDS, path: Person,
  body: z.strictObject({ courseId: Identifier, completedAt: Instant, validUntil: Instant }),
});
export const ConfirmCredential = contract({
  ...changing, operation: 'confirmCredential', route: '/v1/people/{personId}/credential-confirmation', summary: 'Confirm that a changed password or second factor is in its owner\'s hands; until then the owner signs nothing', roles: QUALITY, path: Person,
  body: z.strictObject({ reason: Reason, signature: SignatureInput }),
});

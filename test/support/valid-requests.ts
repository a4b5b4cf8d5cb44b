import { CONTENT } from './batch-fixtures.ts';
import { siteKeys } from './site-keys.ts';

const SIGNATURE = { meaning: 'responsibility', version: 1, reauthenticationToken: 'x'.repeat(40) };
const LATER = '2027-01-01T00:00:00Z';

/** One body that its route takes, for every route that takes any. */
export const VALID_BODY: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  registerChainOfIdentity: { productId: 'test-product' },
  createBatch: { productId: 'test-product', chainOfIdentityId: 'CABCDEFGHJKY' },
  startBatch: {},
  holdBatch: { reason: 'power failure', deviceTime: LATER },
  resumeBatch: { reason: 'power is back', deviceTime: LATER },
  stopBatch: { reason: 'no growth', signature: SIGNATURE },
  abortBatch: { reason: 'contaminated', signature: SIGNATURE },
  startPhase: { deviceTime: LATER },
  assignEquipment: { equipmentId: 'BIO-1', deviceTime: LATER },
  addMaterial: { materialId: 'medium', lotId: 'MED-1', quantity: 10, label: 'BED1|LOT:MED-1', deviceTime: LATER },
  recordValue: { valueId: 'viability', value: 90, deviceTime: LATER },
  correctValue: { value: 91, reason: 'misread', signature: SIGNATURE },
  signPhase: { signature: SIGNATURE },
  completePhase: {},
  offerCustody: { phaseId: 'receipt', toPersonId: 'op-1', location: 'Room 1', temperatureCelsius: 4, signature: SIGNATURE },
  acceptCustody: { condition: 'intact', signature: SIGNATURE },
  raiseDeviation: { severity: 'minor', title: 'Door left open', detail: 'For a minute.', phaseId: 'culture', deviceTime: LATER },
  assessDeviation: { impact: 'none', rootCause: 'haste', signature: SIGNATURE },
  closeDeviation: { conclusion: 'trained', signature: SIGNATURE },
  assessTelemetryGap: { assessment: 'covered locally', signature: SIGNATURE },
  recordTestResult: { testId: 'purity', value: 92, method: 'flow cytometry', sampleId: 'S-1', signature: SIGNATURE },
  recordDisposition: { disposition: 'release', reason: 'conforms', signature: SIGNATURE },
  receiveMaterialLot: { lotId: 'LOT-1', materialId: 'medium', supplier: 'Supplier', quantity: 5, unit: 'mL', expiresAt: LATER, chainOfIdentityId: 'CABCDEFGHJKY' },
  decideMaterialLot: { status: 'released', reason: 'conforms', signature: SIGNATURE },
  registerEquipment: { equipmentId: 'BIO-9', equipmentClassId: 'bioreactor', title: 'Bioreactor 9', calibrationDueAt: LATER, device: { edgeNodeId: 'gateway-1', deviceId: 'bioreactor-9' } },
  recordCalibration: { calibratedAt: '2026-03-01T00:00:00Z', dueAt: LATER, certificateReference: 'CAL-77' },
  registerPerson: { personId: 'op-9', printedName: 'Jana Operator', roles: ['operator'] },
  recordTraining: { courseId: 'aseptic', completedAt: '2026-03-01T00:00:00Z', validUntil: LATER },
  recordPersonalData: {
    fields: {
      patientReference: 'H-4711-0815', yearOfBirth: 1961, sex: 'female', bodyWeightKilograms: 64.5, treatingPhysician: 'Dr Karla Novak',
      priorTherapies: { bendamustineWithinSixMonths: 'no', allogeneicTransplant: 'no', cd19DirectedTherapy: 'unknown' },
    },
    deviceTime: LATER,
  },
  correctPersonalData: { fields: { bodyWeightKilograms: 65.4 }, reason: 'digits were swapped', signature: SIGNATURE, deviceTime: LATER },
  requestErasure: { reason: 'asked for by the patient', signature: SIGNATURE },
  confirmErasure: { signature: SIGNATURE },
  completeErasure: {},
  stopPerson: { standing: 'suspended', reason: 'on leave', signature: SIGNATURE },
  reinstatePerson: { reason: 'back from leave', signature: SIGNATURE },
  changeRoles: { roles: ['operator'], reason: 'moved to production', signature: SIGNATURE },
  confirmCredential: { reason: 'asked in person', signature: SIGNATURE },
  draftMasterBatchRecord: { masterBatchRecordId: 'MBR-1', content: CONTENT },
  submitMasterBatchRecord: { signature: SIGNATURE },
  approveMasterBatchRecord: { signature: SIGNATURE },
  makeMasterBatchRecordEffective: { signature: SIGNATURE },
  issueAuditGrant: { grantId: 'GRANT-1', login: 'Inspector@example.org', nodeIds: ['north'], productIds: ['test-product'], from: '2026-03-01T00:00:00Z', until: '2026-04-01T00:00:00Z', reason: 'routine inspection', signature: SIGNATURE },
  revokeAuditGrant: { reason: 'inspection is over', signature: SIGNATURE },
  registerNode: siteKeys('north'),
  returnMasterBatchRecord: { reason: 'limits are wrong', signature: SIGNATURE },
};

/** Query parameters a route will not do without. */
export const VALID_QUERY: Readonly<Record<string, Readonly<Record<string, string>>>> = { readWork: { role: 'operator' }, readTelemetry: { metric: 'Temperature' }, readConsistency: { from: '0' }, readNetworkConsistency: { from: '0' }, listNetworkBatches: { nodeId: 'north' }, searchRecords: { equipmentId: 'BIO-1' } };

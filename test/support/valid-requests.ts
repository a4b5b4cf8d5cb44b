import { manifestHashOf } from '../../shared/model-registry/data-manifest.ts';
import { sha256Hex } from '../../shared/record/chain.ts';
import { CONTENT } from './batch-fixtures.ts';
import { GOVERNANCE_TABLE, ARTEFACT_TEXT, MODEL_ID, PLAN, TEST_TERMS, TRAINING, dataStatements, manifestOfStatements } from './model-fixtures.ts';
import { statedWith } from './model-registry.ts';
import { siteKeys } from './site-keys.ts';
import { statedBy } from './statements.ts';

const SIGNATURE = { meaning: 'responsibility', version: 1, reauthenticationToken: 'x'.repeat(40) };
const partsFrom = (from: number) => [{ nodeId: 'north', from, records: 1 }, { nodeId: 'hill', from, records: 1, positives: 1 }];
const SMALL = { training: dataStatements('training', partsFrom(0)), calibration: dataStatements('calibration', partsFrom(1)), test: dataStatements('test', partsFrom(2)) };
/** What makes up the manifests that the other bodies name: of test, training and calibration data. */
export const MANIFESTS = await Promise.all([SMALL.test, SMALL.training, SMALL.calibration].map(async (told) => ({ statements: await Promise.all(told.map((each) => statedBy(each.nodeId, each))) })));
const hashOf = (statements: Parameters<typeof manifestOfStatements>[0]): string => manifestHashOf(manifestOfStatements(statements));
const { calibration: _, ...UNCALIBRATED } = TRAINING;
const calibrated = (nodeId: string) => statedBy(nodeId, { kind: 'model-calibration', nodeId, artefactSha256: sha256Hex(ARTEFACT_TEXT), rowsSha256: SMALL.calibration.find((each) => each.nodeId === nodeId)!.rowsSha256, records: 1, countedBy: 'sci-1', positives: [0, 1], negatives: [0, 0] });
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
  assignEquipment: { equipmentId: 'BIO-1', deviceTime: LATER }, withdrawEquipment: { reason: 'the heater failed', replacementId: 'BIO-9', deviceTime: LATER },
  addMaterial: { materialId: 'medium', lotId: 'MED-1', quantity: 10, label: 'BED1|LOT:MED-1', deviceTime: LATER },
  correctMaterial: { lotId: 'MED-1', scanVersion: 9, quantity: 0, reason: 'the bag was not opened', signature: SIGNATURE },
  recordValue: { valueId: 'viability', value: 90, deviceTime: LATER },
  correctValue: { value: 91, drawnAt: LATER, reason: 'misread', signature: SIGNATURE },
  signPhase: { signature: SIGNATURE },
  completePhase: {},
  offerCustody: { phaseId: 'receipt', toPersonId: 'op-1', location: 'Room 1', temperatureCelsius: 4, signature: SIGNATURE },
  acceptCustody: { condition: 'intact', label: 'BED1|LOT:PAT-1', signature: SIGNATURE },
  withdrawCustody: { reason: 'the receiver was called away', signature: SIGNATURE },
  raiseDeviation: { severity: 'minor', title: 'Door left open', detail: 'For a minute.', phaseId: 'culture', deviceTime: LATER },
  assessDeviation: { impact: 'none', rootCause: 'haste', signature: SIGNATURE },
  closeDeviation: { conclusion: 'trained', signature: SIGNATURE },
  assessTelemetryGap: { assessment: 'covered locally', signature: SIGNATURE },
  recordTestResult: { testId: 'purity', value: 92, method: 'flow cytometry', sampleId: 'S-1', signature: SIGNATURE },
  certifyStagedResults: { signature: SIGNATURE },
  recordDisposition: { disposition: 'release', reason: 'conforms', signature: SIGNATURE },
  receiveMaterialLot: { lotId: 'LOT-1', materialId: 'medium', supplier: 'Supplier', quantity: 5, unit: 'mL', expiresAt: LATER, chainOfIdentityId: 'CABCDEFGHJKY' },
  decideMaterialLot: { status: 'released', reason: 'conforms', signature: SIGNATURE },
  registerEquipment: { equipmentId: 'BIO-9', equipmentClassId: 'bioreactor', title: 'Bioreactor 9', calibrationDueAt: LATER, device: { edgeNodeId: 'gateway-1', deviceId: 'bioreactor-9' } },
  recordCalibration: { calibratedAt: '2026-03-01T00:00:00Z', dueAt: LATER, certificateReference: 'CAL-77' },
  takeEquipmentOutOfUse: { reason: 'door seal torn' },
  putEquipmentBackToUse: { reason: 'seal replaced' },
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
  draftGovernanceTable: { content: GOVERNANCE_TABLE, signature: SIGNATURE },
  approveGovernanceTable: { signature: SIGNATURE },
  makeGovernanceTableEffective: { signature: SIGNATURE },
  decideRecommendation: { decision: 'accept', reason: 'lactate rises', alternativeId: 'carry-on', signature: SIGNATURE, deviceTime: LATER },
  observeInterventionEffect: { metric: 'Bioreactor/Lactate', unit: 'mmol/L', before: 18.2, after: 16.9, note: 'six hours later', deviceTime: LATER },
  stopAssistance: { reason: 'the probe is broken', deviceTime: LATER },
  resumeAssistance: { reason: 'probe changed', signature: SIGNATURE, deviceTime: LATER },
  stopModelUse: { reason: 'it says nonsense', deviceTime: LATER },
  resumeModelUse: { reason: 'looked into', signature: SIGNATURE, deviceTime: LATER },
  assessModelDrift: { acceptable: true, impact: 'none on batches', rootCause: 'a new probe', signature: SIGNATURE, deviceTime: LATER },
  closeModelDeviation: { conclusion: 'probe calibrated', signature: SIGNATURE, deviceTime: LATER },
  draftMasterBatchRecord: { masterBatchRecordId: 'MBR-1', content: CONTENT },
  submitMasterBatchRecord: { signature: SIGNATURE },
  approveMasterBatchRecord: { signature: SIGNATURE },
  makeMasterBatchRecordEffective: { signature: SIGNATURE },
  importTrainingData: { datasetId: 'DATA-1', title: 'Past batches', source: 'Batches of 2024', role: 'training', label: 'failed', features: ['a', 'b'], rows: [{ recordId: 'B-1', label: 1, values: [1, 2], subgroups: ['adult'] }], signature: { ...SIGNATURE, version: 0 } },
  proposeTrainingBudget: { label: 'failed', limitMicroEpsilon: 2_000_000, refusesExact: false, reason: 'two trainings at one', signature: { ...SIGNATURE, version: 0 } },
  confirmTrainingPartner: { siteId: 'hill', fingerprint: 'ab'.repeat(32), comparedBy: 'by telephone with Hill', signature: { ...SIGNATURE, version: 0 } },
  withdrawTrainingPartner: { reason: 'left the network', signature: { ...SIGNATURE, version: 0 } },
  setTrainingBudget: { signature: { ...SIGNATURE, version: 0 } },
  declineTraining: { reason: 'our data are not like these', signature: { ...SIGNATURE, version: 0 } },
  consentToTraining: { signature: { ...SIGNATURE, meaning: 'approval', version: 0 } },
  evaluateModel: { artefactSha256: 'ab'.repeat(32), modelId: MODEL_ID, version: 1, testDataId: TEST_TERMS.testDataId, label: 'failed' },
  calibrateModel: { artefactSha256: 'ab'.repeat(32), rowsSha256: 'cd'.repeat(32), label: 'failed', bins: 10 },
  startTraining: {
    runId: 'TRN-1', title: 'Early failure', purpose: 'Warn on day 3', invited: ['harbour', 'hill', 'north'], joinWithinMinutes: 60, answerWithinMinutes: 30,
    plan: { method: 'forest', features: ['a', 'b'], label: 'failed', seed: 7, treeCount: 5, depth: 4, binLimit: 16, featuresPerNode: 1, minimumLeaf: 1, learningRate: 0.3, regularisation: 1, rowLimit: 1024, splits: 'foreseen', ranges: [{ low: 0, high: 1 }, { low: 0, high: 40 }] },
  },
  abortTraining: { reason: 'wrong label' },
  addModelArtefact: { artefact: ARTEFACT_TEXT },
  addDataManifest: MANIFESTS[0]!,
  registerTestData: { ...TEST_TERMS, manifestSha256: hashOf(SMALL.test), sites: [{ nodeId: 'north', records: 1, positives: 0 }, { nodeId: 'hill', records: 1, positives: 1 }], generatedDataJustification: 'None of it is generated.', signature: SIGNATURE },
  openTestData: { modelId: MODEL_ID, version: 1, purpose: 'the test of version 1', signature: SIGNATURE },
  draftModel: { modelId: MODEL_ID, plan: PLAN },
  draftRetraining: { ofVersion: 1, rationale: 'more batches' },
  approveModelPlan: { signature: SIGNATURE },
  submitCandidate: { training: { ...UNCALIBRATED, artefactSha256: sha256Hex(ARTEFACT_TEXT), trainingManifestSha256: hashOf(SMALL.training), calibrationManifestSha256: hashOf(SMALL.calibration), rows: 2 }, calibrationStatements: await Promise.all(['north', 'hill'].map(calibrated)), signature: SIGNATURE },
  recordModelTest: { testDataId: TEST_TERMS.testDataId, statements: await statedWith(), signature: SIGNATURE },
  assessModelDeviation: { acceptable: true, impact: 'none', rootCause: 'few cases', signature: SIGNATURE },
  acceptModel: { adequacy: 'Adequate for its use.', signature: SIGNATURE },
  activateModel: { artefactSha256: sha256Hex(ARTEFACT_TEXT), signature: SIGNATURE },
  suspendModel: { reason: 'it alarms too often', signature: SIGNATURE },
  reinstateModel: { reason: 'the deviation is assessed', signature: SIGNATURE },
  monitorModel: { current: [{ name: '(score)', counts: [3, 4], missing: 0 }], pairs: [{ reference: { name: 'score', counts: [3, 4], missing: 0 }, current: { name: 'score', counts: [4, 3], missing: 1 } }], outcomes: { truePositive: 1, falsePositive: 1, trueNegative: 1, falseNegative: 1, undecidedPositive: 0, undecidedNegative: 0 } },
  retireModel: { reason: 'no longer wanted', signature: SIGNATURE },
  issueAuditGrant: { grantId: 'GRANT-1', login: 'Inspector@example.org', nodeIds: ['north'], productIds: ['test-product'], from: '2026-03-01T00:00:00Z', until: '2026-04-01T00:00:00Z', reason: 'routine inspection', signature: SIGNATURE },
  revokeAuditGrant: { reason: 'inspection is over', signature: SIGNATURE },
  registerNode: siteKeys('north'),
  returnMasterBatchRecord: { reason: 'limits are wrong', signature: SIGNATURE },
};

/** Query parameters a route will not do without. */
export const VALID_QUERY: Readonly<Record<string, Readonly<Record<string, string>>>> = { readWork: { role: 'operator' }, readTelemetry: { metric: 'Temperature' }, readConsistency: { from: '0' }, inspectConsistency: { from: '0' }, readNetworkConsistency: { from: '0' }, inspectNetworkConsistency: { from: '0' }, listNetworkBatches: { nodeId: 'north' }, readTestSet: { label: 'failed' }, readCalibrationSet: { label: 'failed' }, searchRecords: { equipmentId: 'BIO-1' } };

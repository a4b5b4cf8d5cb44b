import { acceptCustody, offerCustody } from '../../shared/batch/commands/custody.ts';
import { assignEquipment } from '../../shared/batch/commands/equipment.ts';
import { startBatch } from '../../shared/batch/commands/life.ts';
import { addMaterial } from '../../shared/batch/commands/material.ts';
import { completePhase, signPhase, startPhase } from '../../shared/batch/commands/phase.ts';
import { performReview, recordTestResult } from '../../shared/batch/commands/quality.ts';
import { sealTelemetry, telemetryEnd } from '../../shared/batch/commands/telemetry.ts';
import { recordValue } from '../../shared/batch/commands/value.ts';
import type { Label } from '../../shared/identity/label.ts';
import type { Person } from '../../shared/registers/person.ts';
import type { MaterialLot } from '../../shared/registers/material-lot.ts';
import { COI, NOW, TestBatch, context, signature } from './batch-fixtures.ts';

/** A batch of CONTENT at each point of its way, by domain commands alone. */
export const SOON = new Date(NOW + 86_400_000).toISOString();
export const PAST = new Date(NOW - 1).toISOString();
export const entered = { kind: 'entered' } as const;
export const lot = (own: Partial<MaterialLot> = {}): MaterialLot => ({ lotId: 'LOT-1', materialId: 'medium', unit: 'mL', quantity: 100, drawn: 0, expiresAt: SOON, status: 'released', ...own });
export const cells = lot({ lotId: 'PAT-1', materialId: 'cells', chainOfIdentityId: COI });
export const material = (phaseId: string, held: MaterialLot, label: { lotId: string; chainOfIdentityId?: string } = held.chainOfIdentityId === undefined ? { lotId: held.lotId } : { lotId: held.lotId, chainOfIdentityId: held.chainOfIdentityId }) =>
  ({ phaseId, materialId: held.materialId, lotId: held.lotId, quantity: 10, labelText: 'label', label, lot: held });
export const bioreactor = { equipmentId: 'BIO-1', equipmentClassId: 'bioreactor', title: 'Bioreactor 1', calibrationDueAt: SOON, device: { edgeNodeId: 'gateway-1', deviceId: 'bioreactor-1' } };
export const second = context({ id: 'op-2' });

export const person = (personId: string, own: Partial<Person> = {}): Person => ({ personId, printedName: personId, roles: ['operator'], standing: 'active', unconfirmedChanges: [], trainingValidUntil: {}, trainingCompletedAt: {}, ...own });
export const offerTo = (toPersonId = 'op-1', transferId = 'CUS-1') => ({ transferId, phaseId: 'receipt', toPersonId, location: 'Room 1', toPerson: person(toPersonId), deviationId: 'DEV-5' });
export const acceptance = (transferId = 'CUS-1', label: Label = { lotId: 'PAT-1', chainOfIdentityId: COI }) => ({ transferId, condition: 'intact', labelText: 'label', label });

export const started = () => new TestBatch().do((b) => startBatch(b, b.recipe));
export const receiving = () => started().do((b) => startPhase(b, 'receipt', context()));
export const finish = (test: TestBatch, phaseId: string) => test
  .do((b) => signPhase(b, phaseId, signature('op-1', 'performed'), context()))
  .do((b) => signPhase(b, phaseId, signature('op-2', 'verified'), second))
  .do((b) => completePhase(b, phaseId, context()));
export const received = () => finish(receiving()
  .do((b) => addMaterial(b, material('receipt', cells), context()))
  .do((b) => offerCustody(b, offerTo(), signature('op-2', 'responsibility'), second))
  .do((b) => acceptCustody(b, acceptance(), signature('op-1', 'responsibility'), context())), 'receipt');
export const culturing = () => received().do((b) => startPhase(b, 'culture', context()))
  .do((b) => assignEquipment(b, { deviationId: 'DEV-8', phaseId: 'culture', equipmentId: 'BIO-1', equipment: bioreactor, inUseByBatchId: undefined }, context()))
  .do((b) => addMaterial(b, material('culture', lot()), context()));
export const viability = (value: number) => ({ phaseId: 'culture', valueId: 'viability', value, origin: entered, deviationId: 'DEV-1' });
export const dose = { phaseId: 'culture', valueId: 'dose', value: 1.5, origin: entered, deviationId: 'DEV-2' };
export const cultured = (value = 90) => finish(culturing().do((b) => recordValue(b, viability(value), context())).do((b) => recordValue(b, dose, context())), 'culture');
export const completed = (value = 90) => ['filling', 'sampling'].reduce((test, id) => finish(test.do((b) => startPhase(b, id, context())), id), cultured(value)).do((b) => sealTelemetry([], telemetryEnd(b)));
export const purity = (value: number) => ({ testId: 'purity', value, method: 'flow cytometry', sampleId: 'S-1', deviationId: 'DEV-7' });
export const tested = (value = 92) => completed().do((b) => recordTestResult(b, purity(value), signature('qc-1', 'responsibility')));
export const reviewed = () => tested().do((b) => performReview(b, 'run-1'));
export const release = { disposition: 'release', reason: 'conforms', isPublished: true } as const;

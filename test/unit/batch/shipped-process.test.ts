import { expect, it } from 'vitest';
import { acceptCustody, offerCustody } from '../../../shared/batch/commands/custody.ts';
import { assignEquipment } from '../../../shared/batch/commands/equipment.ts';
import { startBatch } from '../../../shared/batch/commands/life.ts';
import { addMaterial } from '../../../shared/batch/commands/material.ts';
import { completePhase, signPhase, startPhase } from '../../../shared/batch/commands/phase.ts';
import { performReview, recordDisposition, recordTestResult } from '../../../shared/batch/commands/quality.ts';
import { sealTelemetry, telemetryEnd } from '../../../shared/batch/commands/telemetry.ts';
import { recordValue } from '../../../shared/batch/commands/value.ts';
import { placedPhases } from '../../../shared/batch/recipe-lookup.ts';
import { CD19_CAR_T } from '../../../shared/master-batch-record/cd19-car-t/content.ts';
import type { Phase, ValueSpecification } from '../../../shared/master-batch-record/model.ts';
import { outstandingStagedTests, reviewRecord } from '../../../shared/release/review.ts';
import { person, release, SOON } from '../../support/batch-execution.ts';
import { COI, NOW, TestBatch, context, signature } from '../../support/batch-fixtures.ts';

const trained = (id: string) => context({ id, trainingValidUntilEpochMs: Object.fromEntries(['aseptic-technique', 'chain-of-identity', 'cell-counting', 'vector-handling'].map((course) => [course, NOW + 1])) });
const middle = ({ type, limits }: ValueSpecification) => (type === 'boolean' ? true : ((limits?.low ?? 0) + (limits?.high ?? (limits?.low ?? 0) + 10)) / 2);

const record = (test: TestBatch, phaseId: string, specification: ValueSpecification) => {
  const { id: valueId, source } = specification;
  const origin = source.kind === 'entered' ? source : { ...source, from: new Date(NOW).toISOString(), to: new Date(NOW).toISOString(), sampleCount: 9, samplesHash: 'a' };
  test.do((b) => recordValue(b, { phaseId, valueId, value: middle(specification), origin, deviationId: `DEV-${valueId}` }, trained('op-1')));
};

const supply = (test: TestBatch, { id: phaseId, equipmentClassIds, materials }: Phase) => {
  for (const equipmentClassId of equipmentClassIds) {
    const equipment = { equipmentId: `${equipmentClassId}-1`, equipmentClassId, title: 't', calibrationDueAt: SOON, device: { edgeNodeId: 'gateway-1', deviceId: `${equipmentClassId}-1` } };
    test.do((b) => assignEquipment(b, { deviationId: 'DEV-8', phaseId, equipmentId: equipment.equipmentId, equipment, inUseByBatchId: undefined }, trained('op-1')));
  }
  for (const { materialId, quantity } of materials) {
    const { kind, unit } = CD19_CAR_T.materials.find(({ id }) => id === materialId)!;
    const own = kind === 'patient' ? { chainOfIdentityId: COI } : {};
    const lot = { lotId: `LOT-${materialId}`, materialId, unit, quantity: 1000, drawn: 0, expiresAt: SOON, status: 'released', ...own } as const;
    test.do((b) => addMaterial(b, { phaseId, materialId, lotId: lot.lotId, quantity: quantity?.low ?? 1, labelText: 'l', label: { lotId: lot.lotId, ...own }, lot }, trained('op-1')));
  }
};

const handOver = (test: TestBatch, phaseId: string) => {
  const [from, to] = test.batch.custodianId === 'op-1' ? ['op-1', 'op-2'] as const : ['op-2', 'op-1'] as const;
  const transferId = `CUS-${phaseId}`;
  test.do((b) => offerCustody(b, { transferId, phaseId, toPersonId: to, location: 'Room 1', toPerson: person(to), deviationId: 'D' }, signature(from, 'responsibility'), trained(from)))
    .do((b) => acceptCustody(b, { transferId, condition: 'intact', labelText: 'l', label: { lotId: phaseId === 'receive-leukapheresis' ? 'LOT-leukapheresis' : b.batchId, chainOfIdentityId: COI } }, signature(to, 'responsibility'), trained(to)));
};

it('the shipped process runs from receipt to release without a deviation', () => {
  const test = new TestBatch(CD19_CAR_T).do((b) => startBatch(b, b.recipe));
  for (const { phase } of placedPhases(CD19_CAR_T)) {
    test.do((b) => startPhase(b, phase.id, trained('op-1')));
    supply(test, phase);
    if (phase.custodyTransfer) handOver(test, phase.id);
    for (const specification of phase.values) record(test, phase.id, specification);
    test.do((b) => signPhase(b, phase.id, signature('op-1', 'performed'), trained('op-1'))).do((b) => signPhase(b, phase.id, signature('op-2', 'verified'), trained('op-2'))).do((b) => completePhase(b, phase.id, trained('op-1')));
  }
  test.do((b) => sealTelemetry([], telemetryEnd(b)));
  for (const { id: testId, limits, equals } of CD19_CAR_T.releaseSpecification.filter((each) => each.timing === 'before-release')) {
    test.do((b) => recordTestResult(b, { testId, value: equals ?? limits?.low ?? limits?.high ?? 0, method: 'm', sampleId: 's', deviationId: 'D' }, signature('qc-1', 'responsibility')));
  }
  expect([test.batch.state, test.batch.deviations, reviewRecord(test.batch), outstandingStagedTests(test.batch)]).toEqual(['complete', {}, [], ['sterility']]);
  test.do((b) => performReview(b, 'run-1')).do((b) => recordDisposition(b, release, signature('qp-1', 'approval'), ['qualified-person']));
  expect(test.batch.disposition).toMatchObject({ disposition: 'release', staged: true });
});

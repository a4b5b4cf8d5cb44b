import { beforeEach, describe, expect, it } from 'vitest';
import { act, actSigned, advance, BATCH_ROUTE, createJourney, equip, PHASE_ROUTE, type Journey } from '../support/journey.ts';
import { CONTENT } from '../support/batch-fixtures.ts';
import { createNode, type TestNode } from '../support/node.ts';
import { PEOPLE } from '../support/people.ts';
import { composeBatchRecord } from '../../shared/audit/compose-batch-record.ts';
import type { BatchEvent } from '../../shared/batch/events.ts';
import { keyOf } from '../../shared/storage/keys.ts';

const { engineer, operator, reviewer, second, steward } = PEOPLE;
const [upstream, ...later] = CONTENT.procedure;
const [receive] = upstream!.operations;
const [receipt, culture] = receive!.phases;
const weighed = { ...receipt!, equipmentClassIds: ['scale'], custodyTransfer: false, materials: [] };
/** CONTENT, weighed at receipt and again at filling, on the only scale of the hospital. */
const content = {
  ...CONTENT, equipmentClasses: [...CONTENT.equipmentClasses, { id: 'scale', title: 'Scale', calibrated: false, occupied: 'phase' as const }],
  procedure: [{ ...upstream!, operations: [{ ...receive!, phases: [weighed, culture!] }] }, ...later.map((each) => (each.id === 'downstream' ? { ...each, operations: each.operations.map((one) => ({ ...one, phases: one.phases.map((phase) => ({ ...phase, equipmentClassIds: ['scale'] })) })) } : each))],
};

let node: TestNode;
beforeEach(async () => {
  node = createNode(content);
  await equip(node);
  const later = new Date(node.time.epochMs + 86_400_000).toISOString();
  await node.ok(steward, 'POST /v1/equipment', { body: { equipmentId: 'SCALE-1', equipmentClassId: 'scale', title: 'Scale 1' } });
  await node.ok(steward, 'POST /v1/equipment', { body: { equipmentId: 'BIO-2', equipmentClassId: 'bioreactor', title: 'Bioreactor 2', calibrationDueAt: later, device: { edgeNodeId: 'gateway-1', deviceId: 'bioreactor-2' } } });
});

const inPhase = (journey: Journey, phaseId: string, part: string, body: unknown = {}) => act(journey, operator, `${PHASE_ROUTE}/${part}`, body, { phaseId });
const begin = async (journey: Journey, phaseId: string, equipmentId: string) => {
  expect((await inPhase(journey, phaseId, 'start')).status).toBe(200);
  return (await inPhase(journey, phaseId, 'equipment', { equipmentId })).code ?? 'used';
};
const finish = async (journey: Journey, phaseId: string) => {
  for (const [person, meaning] of [[operator, 'performed'], [second, 'verified']] as const) expect((await actSigned(journey, person, meaning, `${PHASE_ROUTE}/signatures`, {}, { phaseId })).status).toBe(200);
  expect((await inPhase(journey, phaseId, 'complete')).status).toBe(200);
};
const cultivate = async (journey: Journey, equipmentId: string) => {
  expect(await begin(journey, 'culture', equipmentId)).toBe('used');
  await inPhase(journey, 'culture', 'materials', { materialId: 'medium', lotId: 'MED-1', quantity: 200, label: 'BED1|LOT:MED-1' });
  for (const [valueId, value] of [['viability', 90], ['dose', 1.5]] as const) await inPhase(journey, 'culture', 'values', { valueId, value });
};

describe('two patients, one scale', () => {
  it('each batch weighs while the other grows, and both come to their end', async () => {
    const [ada, ben] = [await createJourney(node), await createJourney(node)];
    for (const each of [ada, ben]) await advance(each, 'started');
    expect(await begin(ada, 'receipt', 'SCALE-1')).toBe('used');
    expect(await begin(ben, 'receipt', 'SCALE-1')).toBe('equipment-in-use');
    await finish(ada, 'receipt');
    expect((await inPhase(ben, 'receipt', 'equipment', { equipmentId: 'SCALE-1' })).status).toBe(200);
    await cultivate(ada, 'BIO-1');
    await finish(ben, 'receipt');
    await cultivate(ben, 'BIO-2');
    await finish(ada, 'culture');
    expect(await begin(ada, 'filling', 'SCALE-1')).toBe('used');
    await finish(ben, 'culture');
    expect(await begin(ben, 'filling', 'SCALE-1')).toBe('equipment-in-use');
    await finish(ada, 'filling');
    expect((await inPhase(ben, 'filling', 'equipment', { equipmentId: 'SCALE-1' })).status).toBe(200);
    await finish(ben, 'filling');
    for (const each of [ada, ben]) expect((await node.batch(each.batchId)).equipment.filter(({ equipmentId }) => equipmentId === 'SCALE-1')).toMatchObject([{ to: expect.any(String) as string }, { to: expect.any(String) as string }]);
  });
});

describe('a bioreactor that breaks in a culture', () => {
  let journey: Journey;
  const withdraw = (person = operator, body: object = { reason: 'the heater failed', replacementId: 'BIO-2' }) => act(journey, person, `${BATCH_ROUTE}/equipment/{equipmentId}/withdrawal`, body, { equipmentId: 'BIO-1' });
  beforeEach(async () => {
    journey = await createJourney(node);
    await advance(journey, 'started');
    await begin(journey, 'receipt', 'SCALE-1');
    await finish(journey, 'receipt');
    await cultivate(journey, 'BIO-1');
    node.time.epochMs += 3_600_000;
  });

  it('gives its place to another: the lock of one goes, the other is locked, and telemetry finds the batch by both, each for its time', async () => {
    expect((await withdraw()).body).toMatchObject({ events: ['equipment-withdrawn', 'equipment-released', 'equipment-assigned', 'deviation-raised'] });
    const [, first, other] = (await node.batch(journey.batchId)).equipment;
    expect(await node.operations.get(keyOf.device('gateway-1', 'bioreactor-1'))).toBeUndefined();
    expect(await node.operations.get(keyOf.deviceBefore('gateway-1', 'bioreactor-1', first!.from))).toMatchObject({ batchId: journey.batchId, to: first!.to });
    expect(await node.operations.get(keyOf.device('gateway-1', 'bioreactor-2'))).toMatchObject({ batchId: journey.batchId, from: other!.from });
    await finish(journey, 'culture');
  });
  it('stands in the batch record with its end and the reason, and the other with its beginning', async () => {
    await withdraw();
    await finish(journey, 'culture');
    const { phases } = composeBatchRecord(await node.store.load<BatchEvent>({ kind: 'batch', id: journey.batchId }));
    const [, first, other] = (await node.batch(journey.batchId)).equipment;
    expect(phases.find(({ phaseId }) => phaseId === 'culture')?.equipment).toMatchObject([
      { equipmentId: 'BIO-1', until: first!.to, withdrawn: 'the heater failed' }, { equipmentId: 'BIO-2', stamp: { at: other!.from }, until: other!.to },
    ]);
    expect(phases.find(({ phaseId }) => phaseId === 'receipt')?.equipment).toMatchObject([{ equipmentId: 'SCALE-1', until: expect.any(String) as string }]);
  });
  it('may serve another batch once it is mended', async () => {
    await withdraw();
    const other = await createJourney(node);
    await advance(other, 'started');
    await begin(other, 'receipt', 'SCALE-1');
    await finish(other, 'receipt');
    expect(await begin(other, 'culture', 'BIO-1')).toBe('used');
  });
  it('is taken out by a site engineer, who puts nothing in its place', async () => {
    expect((await withdraw(engineer)).code).toBe('role-missing');
    expect((await withdraw(engineer, { reason: 'the heater failed' })).status).toBe(200);
  });
  it('leaves a refusal on record when the other is in use', async () => {
    const other = await createJourney(node);
    await advance(other, 'started');
    await begin(other, 'receipt', 'SCALE-1');
    await finish(other, 'receipt');
    await begin(other, 'culture', 'BIO-2');
    expect((await withdraw()).code).toBe('equipment-in-use');
    expect((await node.store.load<object>({ kind: 'batch', id: journey.batchId })).at(-1)?.event).toMatchObject({ type: 'action-refused', attempted: 'withdrawEquipment', refusedEquipmentId: 'BIO-2' });
    expect((await withdraw(reviewer)).code).toBe('role-missing');
  });
});

import { beforeEach, describe, expect, it } from 'vitest';
import { receiptOf } from '../../shared/audit-log/receipt.ts';
import type { ErrorCode } from '../../shared/errors.ts';
import { COI, NOW } from '../support/batch-fixtures.ts';
import { createNode, type TestNode } from '../support/node.ts';
import { PEOPLE } from '../support/people.ts';

const { operator, reviewer, qualified, steward, engineer, regulator } = PEOPLE;
const LATER = '2027-01-01T00:00:00Z';
const LOT = { lotId: 'LOT-1', materialId: 'medium', supplier: 'Supplier', quantity: 5, unit: 'mL', expiresAt: LATER };
const EQUIPMENT = { equipmentId: 'BIO-1', equipmentClassId: 'bioreactor', title: 'Bioreactor 1' };
const PERSON = { personId: 'op-1', printedName: 'Anna Operator', roles: ['operator'] };
const CALIBRATION = { calibratedAt: '2026-03-01T00:00:00Z', dueAt: LATER, certificateReference: 'CAL-77' };
const TRAINING = { courseId: 'aseptic', completedAt: '2026-03-01T00:00:00Z', validUntil: LATER };

let node: TestNode;
beforeEach(() => { node = createNode(); });

const decide = (status: 'released' | 'rejected', version: number, meaning: 'approval' | 'review' = 'approval', lotId = 'LOT-1') =>
  node.call(reviewer, 'POST /v1/materials/{lotId}/status', { path: { lotId }, body: { status, reason: 'as its analysis says', signature: node.sign(reviewer, meaning, version) } });
const calibrate = (own: object = {}, equipmentId = 'BIO-1') => node.call(engineer, 'POST /v1/equipment/{equipmentId}/calibrations', { path: { equipmentId }, body: { ...CALIBRATION, ...own } });
const train = (own: object = {}, personId = 'op-1') => node.call(steward, 'POST /v1/people/{personId}/trainings', { path: { personId }, body: { ...TRAINING, ...own } });
const receive = (own: object = {}) => node.call(operator, 'POST /v1/materials', { body: { ...LOT, ...own } });
const register = (own: object = {}) => node.call(steward, 'POST /v1/equipment', { body: { ...EQUIPMENT, ...own } });
const enrol = (own: object = {}) => node.call(steward, 'POST /v1/people', { body: { ...PERSON, ...own } });

describe('a material lot', () => {
  it('is in quarantine until quality releases it, and may be rejected after', async () => {
    const received = await receive();
    expect(received).toMatchObject({ status: 201, body: { id: 'LOT-1', version: 1, events: ['material-lot-received'] } });
    // What the appender can hold the log to: the leaf as it was accepted, and when.
    const [event] = await node.store.load({ kind: 'material-lot', id: 'LOT-1' });
    expect(received.body['receipt']).toEqual({ leafHash: receiptOf(event!).leafHash, recordedAt: event!.recordedAt });
    expect((await node.records.materialLots.load('LOT-1')).state?.status).toBe('quarantine');
    expect((await decide('released', 1)).body).toMatchObject({ version: 2, events: ['material-lot-released'] });
    expect((await decide('rejected', 2)).body).toMatchObject({ version: 3 });
    expect((await node.records.materialLots.load('LOT-1')).state?.status).toBe('rejected');
  });
  it('keeps who decided, with the meaning and the version seen', async () => {
    await receive();
    await decide('released', 1);
    expect((await node.store.load({ kind: 'material-lot', id: 'LOT-1' })).at(-1)).toMatchObject({ actor: { id: 'qa-1' }, event: { reason: 'as its analysis says', signature: { meaning: 'approval', signedVersion: 1, signerId: 'qa-1' } } });
  });
  it('of one patient carries the identifier of the therapy event', async () => {
    const { id } = await node.ok(operator, 'POST /v1/chains-of-identity', { body: { productId: 'test-product' } }) as { id: string };
    await receive({ chainOfIdentityId: id });
    expect((await node.records.materialLots.load('LOT-1')).state?.chainOfIdentityId).toBe(id);
  });
});

describe('equipment', () => {
  it('is due for calibration as the last one says', async () => {
    await register({ calibrationDueAt: '2026-03-05T00:00:00Z', device: { edgeNodeId: 'gateway-1', deviceId: 'bioreactor-1' } });
    expect((await calibrate()).body).toMatchObject({ version: 2, events: ['equipment-calibrated'] });
    expect((await node.records.equipment.load('BIO-1')).state).toMatchObject({ ...EQUIPMENT, calibrationDueAt: LATER, device: { edgeNodeId: 'gateway-1', deviceId: 'bioreactor-1' } });
  });
});

describe('equipment out of use', () => {
  const act = (way: 'out-of-use' | 'back-to-use', person = engineer, equipmentId = 'BIO-1', reason = 'door seal torn') => node.call(person, `POST /v1/equipment/{equipmentId}/${way}`, { path: { equipmentId }, body: { reason } });
  const listed = async () => (await node.call(operator, 'GET /v1/equipment')).body['items'];
  it('stays in the register with its reason and its history, and may be calibrated', async () => {
    await register();
    expect((await act('out-of-use')).body).toMatchObject({ version: 2, events: ['equipment-taken-out-of-use'] });
    expect(await listed()).toMatchObject([{ equipmentId: 'BIO-1', outOfUse: { since: node.now().toISOString(), reason: 'door seal torn' } }]);
    await calibrate();
    expect((await node.records.equipment.load('BIO-1')).state).toMatchObject({ calibrationDueAt: LATER, outOfUse: { reason: 'door seal torn' } });
    expect((await node.store.load({ kind: 'equipment', id: 'BIO-1' })).map(({ event, actor }) => [(event as { type: string }).type, actor.id])).toEqual([['equipment-registered', steward.id], ['equipment-taken-out-of-use', engineer.id], ['equipment-calibrated', engineer.id]]);
  });
  it('comes back by the steward, once', async () => {
    await register();
    await act('out-of-use');
    expect((await act('back-to-use', engineer)).code).toBe('role-missing');
    expect((await act('back-to-use', steward)).body).toMatchObject({ version: 3, events: ['equipment-put-back-to-use'] });
    expect((await act('back-to-use', steward)).body).toMatchObject({ version: 3, events: [] });
    expect(await listed()).toEqual([{ ...EQUIPMENT, version: 3 }]);
  });
  it.each<readonly [string, () => ReturnType<TestNode['call']>, ErrorCode]>([
    ['twice', async () => { await act('out-of-use'); return act('out-of-use'); }, 'equipment-out-of-use'], ['that nobody registered', () => act('out-of-use', engineer, 'BIO-7'), 'equipment-not-found'], ['back that nobody registered', () => act('back-to-use', steward, 'BIO-7'), 'equipment-not-found'],
    ['without a reason', () => act('out-of-use', engineer, 'BIO-1', ''), 'request-malformed'], ['by an operator', () => act('out-of-use', operator), 'role-missing'],
  ])('is not taken %s', async (_, attempt, code) => {
    await register();
    expect((await attempt()).code).toBe(code);
  });
});

describe('a calibration entered late', () => {
  const due = async () => (await node.records.equipment.load('BIO-1')).state?.calibrationDueAt;
  it('stands in the record, and sets the due date back neither behind a later one nor behind the registration', async () => {
    await register({ calibrationDueAt: '2026-09-01T00:00:00Z' });
    await calibrate({ calibratedAt: '2001-01-01T00:00:00Z', dueAt: '2002-01-01T00:00:00Z' });
    expect(await due()).toBe('2026-09-01T00:00:00Z');
    await calibrate();
    await calibrate({ calibratedAt: '2026-02-01T00:00:00Z', dueAt: '2028-01-01T00:00:00Z' });
    expect(await due()).toBe(LATER);
    expect((await node.store.load({ kind: 'equipment', id: 'BIO-1' }))).toHaveLength(4);
  });
  it('is not what a new one with a shorter interval is', async () => {
    await register({ calibrationDueAt: '2026-09-01T00:00:00Z' });
    node.time.epochMs += 3_600_000;
    await calibrate({ calibratedAt: new Date(NOW + 3_600_000).toISOString(), dueAt: '2026-05-01T00:00:00Z' });
    expect(await due()).toBe('2026-05-01T00:00:00Z');
  });
});

describe('a person', () => {
  it('whose older training is entered late is trained as the later one says', async () => {
    await enrol();
    await train();
    await train({ completedAt: '2024-01-01T00:00:00Z', validUntil: '2025-01-01T00:00:00Z' });
    await train({ completedAt: '2024-01-01T00:00:00Z', validUntil: '2029-01-01T00:00:00Z' });
    expect((await node.records.people.load('op-1')).state?.trainingValidUntil).toEqual({ aseptic: LATER });
  });
  it('is trained until the last training of a course ends', async () => {
    await enrol();
    await train();
    expect((await train({ validUntil: '2028-01-01T00:00:00Z' })).body).toMatchObject({ version: 3 });
    expect((await node.records.people.load('op-1')).state?.trainingValidUntil).toEqual({ aseptic: '2028-01-01T00:00:00Z' });
  });
});

describe('the registers', () => {
  it.each<readonly [string, () => Promise<unknown>, () => ReturnType<TestNode['call']>, ErrorCode]>([
    ['a lot received twice', receive, receive, 'register-entry-exists'], ['a lot that has expired', () => Promise.resolve(), () => receive({ expiresAt: new Date(NOW).toISOString() }), 'material-expired'],
    ['a lot of a quantity no table holds', () => Promise.resolve(), () => receive({ quantity: 1e-200 }), 'request-malformed'], ['a lot of nothing', () => Promise.resolve(), () => receive({ quantity: 0 }), 'request-malformed'],
    ['a lot whose patient was misread', () => Promise.resolve(), () => receive({ chainOfIdentityId: 'CABCDEFGHJKX' }), 'label-malformed'],
    ['a lot of a patient nobody registered', () => Promise.resolve(), () => receive({ chainOfIdentityId: COI }), 'chain-of-identity-not-found'],
    ['a decision on a lot nobody received', () => Promise.resolve(), () => decide('released', 0), 'material-not-found'],
    ['a second release', async () => { await receive(); await decide('released', 1); }, () => decide('released', 2), 'material-quarantined'],
    ['a release of what was rejected', async () => { await receive(); await decide('rejected', 1); }, () => decide('released', 2), 'material-quarantined'],
    ['a release signed as review', receive, () => decide('released', 1, 'review'), 'signature-meaning-wrong'], ['a release of another version than was seen', receive, () => decide('released', 2), 'version-conflict'],
    ['equipment registered twice', register, register, 'register-entry-exists'], ['a calibration of nothing', () => Promise.resolve(), () => calibrate(), 'equipment-not-found'],
    ['a calibration due before it was done', register, () => calibrate({ dueAt: CALIBRATION.calibratedAt }), 'request-malformed'],
    ['a calibration that is yet to come', register, () => calibrate({ calibratedAt: '2026-12-01T00:00:00Z' }), 'request-malformed'],
    ['a person registered twice', enrol, enrol, 'register-entry-exists'], ['a training of nobody', () => Promise.resolve(), () => train(), 'register-entry-not-found'],
    ['a training that is yet to come', enrol, () => train({ completedAt: '2026-12-01T00:00:00Z' }), 'request-malformed'],
    ['a steward\'s own training', () => enrol({ personId: steward.id, roles: ['master-data-steward'] }), () => train({}, steward.id), 'training-own'],
    ['a training that ends before it began', enrol, () => train({ validUntil: TRAINING.completedAt }), 'request-malformed'],
  ])('refuse %s and keep what they had', async (_, before, attempt, code) => {
    await before();
    const held = await node.held();
    expect((await attempt()).code).toBe(code);
    expect(await node.held()).toEqual(held);
  });
  it.each([
    ['POST /v1/materials', LOT, regulator], ['POST /v1/equipment', EQUIPMENT, operator], ['POST /v1/people', PERSON, qualified], ['GET /v1/people', {}, regulator],
  ] as const)('refuse %s to those whose task it is not', async (route, body, person) => {
    expect((await node.call(person, route, { body })).code).toBe('role-missing');
    expect((await node.held()).items).toEqual([]);
  });
  it('list what they hold, page by page, and nothing that the list does not promise', async () => {
    for (const lotId of ['LOT-C', 'LOT-A', 'LOT-B']) await receive({ lotId });
    await register({ calibrationDueAt: LATER });
    await register({ equipmentId: 'SCALE-1', equipmentClassId: 'scale', title: 'Scale 1' });
    await enrol();
    await train();
    const first = await node.call(operator, 'GET /v1/materials', { query: { limit: '2' } });
    const rest = await node.call(operator, 'GET /v1/materials', { query: { limit: '2', cursor: String(first.body['nextCursor']) } });
    expect([first.body['items'], rest.body]).toEqual([
      [{ lotId: 'LOT-A', materialId: 'medium', status: 'quarantine', expiresAt: LATER, version: 1 }, { lotId: 'LOT-B', materialId: 'medium', status: 'quarantine', expiresAt: LATER, version: 1 }],
      { items: [{ lotId: 'LOT-C', materialId: 'medium', status: 'quarantine', expiresAt: LATER, version: 1 }] },
    ]);
    expect((await node.call(operator, 'GET /v1/equipment')).body['items']).toEqual([{ ...EQUIPMENT, calibrationDueAt: LATER, version: 1 }, { equipmentId: 'SCALE-1', equipmentClassId: 'scale', title: 'Scale 1', version: 1 }]);
    expect((await node.call(operator, 'GET /v1/people')).body['items']).toEqual([{ personId: 'op-1', printedName: 'Anna Operator', roles: ['operator'], standing: 'active', credentialConfirmed: true, trainings: [{ courseId: 'aseptic', validUntil: LATER }], version: 2 }]);
  });
  it('name the trainings of a person in one order, whatever order they came in', async () => {
    await enrol();
    for (const courseId of ['vector-handling', 'aseptic', 'cell-counting']) await train({ courseId });
    const [person] = (await node.call(operator, 'GET /v1/people')).body['items'] as readonly { trainings: readonly { courseId: string }[] }[];
    expect(person?.trainings.map(({ courseId }) => courseId)).toEqual(['aseptic', 'cell-counting', 'vector-handling']);
  });
  it('refuse a cursor of another list', async () => {
    for (const lotId of ['LOT-A', 'LOT-B']) await receive({ lotId });
    const { body } = await node.call(operator, 'GET /v1/materials', { query: { limit: '1' } });
    expect((await node.call(operator, 'GET /v1/equipment', { query: { cursor: String(body['nextCursor']) } })).code).toBe('cursor-malformed');
  });
});

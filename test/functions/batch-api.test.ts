import { beforeEach, describe, expect, it } from 'vitest';
import { STATUS_BY_KIND } from '../../functions/_platform/problem.ts';
import { ERROR_KIND_BY_CODE, type ErrorCode } from '../../shared/errors.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import type { Answered } from '../support/api.ts';
import { batchCommands } from '../support/batch-commands.ts';
import { NOW, OTHER_COI } from '../support/batch-fixtures.ts';
import { act, actSigned, advance, BATCH_ROUTE, createEquippedJourney, createJourney, labelOf, PHASE_ROUTE, receiveLot, type Journey, type Stage } from '../support/journey.ts';
import type { TestNode } from '../support/node.ts';
import { PEOPLE, type TestPerson } from '../support/people.ts';

const { operator, second, scientist, reviewer, steward, regulator, engineer } = PEOPLE;
const HOUR_MS = 3_600_000;

let node: TestNode;
let journey: Journey;
beforeEach(async () => { ({ node, journey } = await createEquippedJourney()); });

const statusOf = (code: ErrorCode): number => STATUS_BY_KIND[ERROR_KIND_BY_CODE[code] as keyof typeof STATUS_BY_KIND];
const { at, events, inPhase, deviate, assess, close, offer, gap, assessGap, material, dispose, result, correct } = batchCommands(() => journey);

/** Signed with the very sign-in that the request is made with. */
const ofSession = (person: TestPerson): object => ({
  meaning: 'responsibility', version: 2, reauthenticationToken: JSON.stringify({ personId: person.id, printedName: person.name, authenticatedAtEpochMs: node.time.epochMs - 1000, tokenId: `sign-in-${person.id}` }),
});

describe('a therapy event', () => {
  it('is given an identifier that no other has, and the label to print', async () => {
    const { body } = await node.call(operator, 'POST /v1/chains-of-identity', { body: { productId: 'test-product' } });
    expect(body['id']).not.toBe(journey.chainOfIdentityId);
    expect(body['label']).toBe(`COI:${String(body['id'])}`);
  });
  it('names its batches', async () => {
    const { body } = await node.call(reviewer, 'GET /v1/chains-of-identity/{chainOfIdentityId}', { path: { chainOfIdentityId: journey.chainOfIdentityId } });
    expect(body).toMatchObject({ productId: 'test-product', batchIds: [journey.batchId], registeredAt: new Date(NOW).toISOString() });
  });
  it('is bound to a repeated creation once', async () => {
    const again = { body: { productId: 'test-product', chainOfIdentityId: journey.chainOfIdentityId }, key: 'create-00001' };
    const first = await node.ok(operator, 'POST /v1/batches', again);
    expect(await node.ok(operator, 'POST /v1/batches', again)).toEqual(first);
    const { body } = await node.call(reviewer, 'GET /v1/chains-of-identity/{chainOfIdentityId}', { path: { chainOfIdentityId: journey.chainOfIdentityId } });
    expect(body['batchIds']).toEqual([journey.batchId, first['id']]);
  });
  it.each([
    ['that was misread', 'CABCDEFGHJKX', 'test-product', 'label-malformed'], ['that is another hospital\'s', OTHER_COI, 'test-product', 'chain-of-identity-not-found'], ['of another product', undefined, 'other-product', 'chain-of-identity-mismatch'],
  ] as const)('%s gets no batch, and the refusal is on record', async (_, id, productId, code) => {
    expect((await node.call(operator, 'POST /v1/batches', { body: { productId, chainOfIdentityId: id ?? journey.chainOfIdentityId } })).code).toBe(code);
    expect((await node.records.chainsOfIdentity.load(journey.chainOfIdentityId)).state?.batchIds).toEqual([journey.batchId]);
    const stream = id === undefined ? { kind: 'chain-of-identity', id: journey.chainOfIdentityId } as const : { kind: 'security', id: `${node.now().toISOString().slice(0, 10)}.${operator.id}` } as const;
    expect((await node.store.load<object>(stream)).at(-1)?.event).toMatchObject({ code, ...(id === undefined ? { type: 'action-refused', attempted: 'createBatch' } : { type: 'access-refused', operation: 'createBatch' }) });
  });
  it('of a product without an effective master batch record gets no batch', async () => {
    const { id } = await node.ok(operator, 'POST /v1/chains-of-identity', { body: { productId: 'other-product' } });
    expect((await node.call(operator, 'POST /v1/batches', { body: { productId: 'other-product', chainOfIdentityId: id } })).code).toBe('master-batch-record-not-effective');
    expect((await node.store.load<object>({ kind: 'chain-of-identity', id: String(id) })).at(-1)?.event).toMatchObject({ type: 'action-refused', code: 'master-batch-record-not-effective' });
  });
  it('of another hospital is not here to read', async () => {
    expect((await node.call(operator, 'GET /v1/chains-of-identity/{chainOfIdentityId}', { path: { chainOfIdentityId: OTHER_COI } })).code).toBe('chain-of-identity-not-found');
  });
});

describe('each command', () => {
  it.each<readonly [string, Stage | undefined, () => Promise<Answered>, readonly string[]]>([
    ['start', undefined, () => act(journey, operator, `${BATCH_ROUTE}/start`), ['batch-started']],
    ['hold', 'started', () => act(journey, operator, `${BATCH_ROUTE}/hold`, { reason: 'power failure' }), ['batch-held']],
    ['stop', 'culturing', () => actSigned(journey, reviewer, 'responsibility', `${BATCH_ROUTE}/stop`, { reason: 'no growth' }), ['batch-stopped', 'equipment-released']],
    ['abort', 'culturing', () => actSigned(journey, operator, 'responsibility', `${BATCH_ROUTE}/abort`, { reason: 'contaminated' }), ['batch-aborted', 'equipment-released']],
    ['start of a phase', 'started', () => inPhase('start', {}, operator, 'receipt'), ['phase-started']],
    ['equipment again', 'culturing', () => inPhase('equipment', { equipmentId: 'BIO-1' }), []],
    ['material', 'receiving', () => material(), ['material-added']],
    ['value', 'culturing', () => inPhase('values', { valueId: 'viability', value: 90 }), ['value-recorded']],
    ['value out of limits', 'culturing', () => inPhase('values', { valueId: 'viability', value: 60 }), ['value-recorded', 'deviation-raised']],
    ['correction', 'valued', () => correct(), ['value-corrected']],
    ['correction out of limits', 'valued', () => correct({ value: 12 }), ['value-corrected', 'deviation-raised']],
    ['offer of custody', 'receiving', () => offer(), ['custody-offered']],
    ['deviation', 'started', () => deviate(), ['deviation-raised']],
    ['test result', 'completed', () => result(), ['test-result-recorded']],
    ['rejection', 'started', () => dispose('reject'), ['disposition-recorded']],
  ])('%s answers with where the record stands, and its events are on it', async (_, stage, attempt, types) => {
    if (stage !== undefined) await at(stage);
    const { version: before } = await node.batch(journey.batchId);
    const { body, status } = await attempt();
    expect(status).toBeLessThan(300);
    const { version, hash } = await node.batch(journey.batchId);
    expect(body).toMatchObject({ id: journey.batchId, version, hash, events: types });
    expect((await events()).slice(before).map(({ type }) => type)).toEqual(types);
    expect(await node.operations.get(keyOf.summary('batch', journey.batchId))).toMatchObject({ version, batchId: journey.batchId });
  });
  it('that resumes, assesses and closes follows what it settles', async () => {
    await at('started');
    await act(journey, operator, `${BATCH_ROUTE}/hold`, { reason: 'power failure', deviceTime: '2026-03-02T15:05:09.000+01:00' });
    expect((await node.store.load({ kind: 'batch', id: journey.batchId })).at(-1)?.deviceTime).toBe('2026-03-02T15:05:09.000+01:00');
    expect((await act(journey, scientist, `${BATCH_ROUTE}/resume`, { reason: 'power is back' })).body['events']).toEqual(['batch-resumed']);
    await deviate();
    expect((await assess()).body['events']).toEqual(['deviation-assessed']);
    expect((await close()).body['events']).toEqual(['deviation-closed']);
    await gap();
    expect((await assessGap()).body['events']).toEqual(['telemetry-gap-assessed']);
  });
  it('says who did it, from the token and not from the body', async () => {
    await at('started');
    expect((await node.store.load({ kind: 'batch', id: journey.batchId })).at(-1)?.actor).toEqual({ kind: 'person', id: 'op-1', printedName: 'Anna Operator', roles: ['operator'] });
  });
  it('that lets equipment go frees it for another batch, and remembers it for late telemetry', async () => {
    await at('cultured');
    expect(await node.operations.get(keyOf.device('gateway-1', 'bioreactor-1'))).toBeUndefined();
    expect((await node.operations.list(keyOf.deviceBefore('gateway-1', 'x', 'x').pk, { limit: 9 })).items).toMatchObject([{ batchId: journey.batchId, deviceId: 'bioreactor-1' }]);
    const other = await createJourney(node);
    await advance(other, 'culturing');
    expect(await node.operations.get(keyOf.device('gateway-1', 'bioreactor-1'))).toMatchObject({ batchId: other.batchId });
  });
});

/** Refusals of safety are on record; mistakes in the request, roles of the route and lost races are not. */
describe('a refusal', () => {
  const untrained = () => { node.time.epochMs += 366 * 24 * HOUR_MS; };
  it.each<readonly [string, Stage | undefined, () => Promise<Answered>, ErrorCode, string]>([
    ['of work by a person whose training has lapsed', 'started', () => { untrained(); return inPhase('start', {}, operator, 'receipt'); }, 'training-lapsed', 'startPhase'],
    ['of work by a person nobody registered', 'started', () => inPhase('start', {}, { ...operator, id: 'op-9' }, 'receipt'), 'training-lapsed', 'startPhase'],
    ['of work by a person without the role of the phase', 'started', () => inPhase('start', {}, scientist, 'receipt'), 'role-missing', 'startPhase'],
    ['of equipment nobody registered', 'culturing', () => inPhase('equipment', { equipmentId: 'BIO-9' }), 'equipment-not-found', 'assignEquipment'],
    ['of taking out equipment it does not have', 'culturing', () => act(journey, operator, `${BATCH_ROUTE}/equipment/{equipmentId}/withdrawal`, { reason: 'broken' }, { equipmentId: 'BIO-9' }), 'equipment-not-in-use', 'withdrawEquipment'],
    ['of a phase before its predecessors', 'started', () => inPhase('start'), 'phase-out-of-order', 'startPhase'],
    ['of a second disposition', 'released', () => dispose('reject'), 'batch-already-dispositioned', 'recordDisposition'],
    ['of a quantity out of limits', 'receiving', () => material({ quantity: 501 }), 'value-out-of-limits', 'addMaterial'],
    ['of a value out of limits', 'culturing', () => inPhase('values', { valueId: 'dose', value: 9 }), 'value-out-of-limits', 'recordValue'],
    ['of a material the phase does not use', 'receiving', () => material({ materialId: 'medium', lotId: 'MED-1', label: 'BED1|LOT:MED-1' }), 'material-wrong', 'addMaterial'],
    ['of a label of another lot', 'receiving', () => material({ label: `BED1|LOT:MED-1|COI:${journey.chainOfIdentityId}` }), 'material-wrong', 'addMaterial'],
    ['of a lot nobody received', 'receiving', () => material({ lotId: 'PAT-X', label: `BED1|LOT:PAT-X|COI:${journey.chainOfIdentityId}` }), 'material-not-found', 'addMaterial'],
    ['of an expired lot', 'receiving', () => { node.time.epochMs += 100 * 24 * HOUR_MS; return material(); }, 'material-expired', 'addMaterial'],
    ['of a label that was misread', 'receiving', () => material({ label: 'BED1|LOT:LOT-1|COI:CABCDEFGHJKX' }), 'label-malformed', 'addMaterial'],
    ['of the wrong patient\'s label', 'receiving', () => material({ label: `BED1|LOT:${journey.patientLot}|COI:${OTHER_COI}` }), 'chain-of-identity-mismatch', 'addMaterial'],
    ['of a patient material without a patient', 'receiving', () => material({ label: `BED1|LOT:${journey.patientLot}` }), 'chain-of-identity-mismatch', 'addMaterial'],
    ['of a hand-over to oneself', 'receiving', () => offer(second.id), 'custody-same-person', 'offerCustody'],
    ['of a release with something open', 'completed', () => dispose(), 'batch-open-points', 'recordDisposition'],
    ['of a signature with another meaning', 'valued', () => actSigned(journey, operator, 'verified', `${PHASE_ROUTE}/signatures`, {}, { phaseId: 'culture' }), 'signature-meaning-wrong', 'signPhase'],
    ['of a token that is none', 'started', () => act(journey, operator, `${BATCH_ROUTE}/abort`, { reason: 'contaminated', signature: { meaning: 'responsibility', version: 2, reauthenticationToken: 'x'.repeat(40) } }), 'reauthentication-failed', 'abortBatch'],
    ['of another person\'s sign-in', 'started', () => act(journey, operator, `${BATCH_ROUTE}/abort`, { reason: 'contaminated', signature: node.sign(second, 'responsibility', 2) }), 'reauthentication-failed', 'abortBatch'],
    ['of the sign-in the session has', 'started', () => act(journey, operator, `${BATCH_ROUTE}/abort`, { reason: 'contaminated', signature: ofSession(operator) }), 'reauthentication-failed', 'abortBatch'],
  ])('%s is on record and changes nothing else', async (_, stage, attempt, code, attempted) => {
    if (stage !== undefined) await at(stage);
    const before = await node.batch(journey.batchId);
    const answer = await attempt();
    expect([answer.code, answer.status]).toEqual([code, statusOf(code)]);
    expect((await events()).at(-1)).toMatchObject({ type: 'action-refused', code, attempted });
    const { version, hash, refusalCount, ...after } = await node.batch(journey.batchId);
    expect({ version, refusalCount }).toEqual({ version: before.version + 1, refusalCount: before.refusalCount + 1 });
    expect({ ...after, version: before.version, hash: before.hash, refusalCount: before.refusalCount }).toEqual(before);
    expect(hash).not.toBe(before.hash);
  });
  it.each<readonly [string, Stage | undefined, () => Promise<Answered>, ErrorCode]>([
    ['of a role of the interface', undefined, () => act(journey, scientist, `${BATCH_ROUTE}/start`), 'role-missing'],
    ['of a batch nobody made', undefined, () => node.call(operator, `POST ${BATCH_ROUTE}/start`, { path: { batchId: 'hill-20260302-000000' } }), 'batch-not-found'],
    ['of a wrong state', undefined, () => act(journey, operator, `${BATCH_ROUTE}/hold`, { reason: 'power failure' }), 'batch-state-wrong'],
    ['of an unknown phase', 'started', () => inPhase('start', {}, operator, 'nothing'), 'phase-not-found'],
    ['of a phase twice', 'receiving', () => inPhase('start', {}, operator, 'receipt'), 'phase-state-wrong'],
    ['of unfinished work', 'culturing', () => inPhase('complete'), 'phase-incomplete'],
    ['of unsigned work', 'valued', () => inPhase('complete'), 'signature-missing'],
    ['of a sample drawn before its phase began', 'culturing', () => inPhase('values', { valueId: 'viability', value: 90, drawnAt: '2020-01-01T00:00:00Z' }), 'value-draw-time-wrong'],
    ['of a sample drawn after its result', 'culturing', () => inPhase('values', { valueId: 'viability', value: 90, drawnAt: '2040-01-01T00:00:00Z' }), 'value-draw-time-wrong'],
    ['of a sample drawn at no time', 'culturing', () => inPhase('values', { valueId: 'viability', value: 90, drawnAt: 'noon' }), 'request-malformed'],
    ['of an unknown value', 'culturing', () => inPhase('values', { valueId: 'nothing', value: 1 }), 'value-not-found'],
    ['of a value without a value', 'culturing', () => inPhase('values', { valueId: 'viability' }), 'request-malformed'],
    ['of a text where a number is wanted', 'culturing', () => inPhase('values', { valueId: 'viability', value: 'ninety' }), 'value-wrong-type'],
    ['of a value given twice', 'valued', () => inPhase('values', { valueId: 'viability', value: 90 }), 'correction-reason-missing'],
    ['of a correction of nothing', 'culturing', () => correct(), 'value-not-found'],
    ['of a correction of another type', 'valued', () => correct({ value: true }), 'value-wrong-type'],
    ['of a hand-over nobody offered', 'receiving', () => actSigned(journey, operator, 'responsibility', `${BATCH_ROUTE}/custody-transfers/{transferId}/acceptance`, { condition: 'intact', label: labelOf(journey) }, { transferId: 'CUS-9' }), 'custody-state-wrong'],
    ['of a deviation nobody raised', 'started', () => close('DEV-9'), 'deviation-not-found'],
    ['of a closure before its assessment', 'started', async () => { await deviate(); return close(); }, 'deviation-state-wrong'],
    ['of a gap that is none', 'started', () => assessGap('GAP-9'), 'gap-not-found'],
    ['of an unknown test', 'completed', () => result({ testId: 'taste' }), 'test-not-found'],
    ['of a result of another type', 'completed', () => result({ value: 'much' }), 'test-result-wrong-type'],
    ['of a release nobody reviewed', 'tested', () => dispose(), 'release-review-missing'],
    ['of a stale signature', 'started', () => act(journey, operator, `${BATCH_ROUTE}/abort`, { reason: 'contaminated', signature: node.sign(operator, 'responsibility', 1) }), 'version-conflict'],
    ['of an old sign-in', 'started', () => act(journey, operator, `${BATCH_ROUTE}/abort`, { reason: 'contaminated', signature: node.sign(operator, 'responsibility', 2, 120_001) }), 'reauthentication-stale'],
    ['of a certificate that is not issued', 'reviewed', () => node.call(regulator, `GET ${BATCH_ROUTE}/certificate`, { path: { batchId: journey.batchId } }), 'batch-open-points'],
    ['of another role\'s work list', undefined, () => node.call(operator, 'GET /v1/work', { query: { role: 'qualified-person' } }), 'role-missing'],
  ])('%s leaves no trace on the record', async (_, stage, attempt, code) => {
    if (stage !== undefined) await at(stage);
    const stateBefore = code === 'deviation-state-wrong' ? undefined : await node.held(journey.batchId);
    const answer = await attempt();
    expect([answer.code, answer.status]).toEqual([code, statusOf(code)]);
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect((await events()).filter(({ type }) => type === 'action-refused')).toEqual([]);
    if (stateBefore !== undefined) expect(await node.held(journey.batchId)).toEqual(stateBefore);
  });
  it.each<readonly [string, object, ErrorCode]>([
    ['overdue for calibration', { calibrationDueAt: '2026-03-01T00:00:00Z' }, 'equipment-calibration-overdue'], ['of another class', { equipmentClassId: 'scale' }, 'equipment-wrong-class'],
  ])('of equipment %s is on record', async (_, own, code) => {
    await node.ok(steward, 'POST /v1/equipment', { body: { equipmentId: 'BIO-2', equipmentClassId: 'bioreactor', title: 'Bioreactor 2', ...own } });
    await at('culturing');
    expect((await inPhase('equipment', { equipmentId: 'BIO-2' })).code).toBe(code);
    expect((await events()).at(-1)).toMatchObject({ type: 'action-refused', code, phaseId: 'culture' });
  });
  it('of equipment out of use is on record, and a batch that has it keeps it', async () => {
    await at('culturing');
    const outOfUse = (equipmentId: string) => node.ok(engineer, 'POST /v1/equipment/{equipmentId}/out-of-use', { path: { equipmentId }, body: { reason: 'door seal torn' } });
    await node.ok(steward, 'POST /v1/equipment', { body: { equipmentId: 'BIO-2', equipmentClassId: 'bioreactor', title: 'Bioreactor 2', calibrationDueAt: '2027-01-01T00:00:00Z' } });
    await outOfUse('BIO-2');
    await outOfUse('BIO-1');
    expect((await inPhase('equipment', { equipmentId: 'BIO-2' })).code).toBe('equipment-out-of-use');
    expect((await events()).at(-1)).toMatchObject({ type: 'action-refused', code: 'equipment-out-of-use', refusedEquipmentId: 'BIO-2', detail: expect.stringContaining('door seal torn') as string });
    expect(await node.operations.get(keyOf.device('gateway-1', 'bioreactor-1'))).toMatchObject({ batchId: journey.batchId });
  });
  it('of equipment another batch has is on record, and the other batch keeps it', async () => {
    await at('culturing');
    const other = await advance(await createJourney(node), 'received');
    await act(other, operator, `${PHASE_ROUTE}/start`, {}, { phaseId: 'culture' });
    expect((await act(other, operator, `${PHASE_ROUTE}/equipment`, { equipmentId: 'BIO-1' }, { phaseId: 'culture' })).code).toBe('equipment-in-use');
    expect(await node.operations.get(keyOf.device('gateway-1', 'bioreactor-1'))).toMatchObject({ batchId: journey.batchId });
    expect((await node.batch(other.batchId)).refusalCount).toBe(1);
  });
  it('of a lot in quarantine is on record', async () => {
    await receiveLot(node, { lotId: 'PAT-Q', materialId: 'cells', chainOfIdentityId: journey.chainOfIdentityId }, 'quarantine');
    await at('receiving');
    expect((await material({ lotId: 'PAT-Q', label: `BED1|LOT:PAT-Q|COI:${journey.chainOfIdentityId}` })).code).toBe('material-quarantined');
    expect((await events()).at(-1)).toMatchObject({ code: 'material-quarantined' });
  });
  it('of the wrong patient never says who the other is, to the caller or on record', async () => {
    await at('receiving');
    const answer = await material({ label: `BED1|LOT:${journey.patientLot}|COI:${OTHER_COI}` });
    expect(JSON.stringify(answer.body) + JSON.stringify(await events())).not.toContain(OTHER_COI);
  });
  it('of the same signer twice is on record', async () => {
    await at('valued');
    await actSigned(journey, operator, 'performed', `${PHASE_ROUTE}/signatures`, {}, { phaseId: 'culture' });
    expect((await actSigned(journey, operator, 'verified', `${PHASE_ROUTE}/signatures`, {}, { phaseId: 'culture' })).code).toBe('signature-same-person');
    expect((await events()).at(-1)).toMatchObject({ code: 'signature-same-person', attempted: 'signPhase' });
  });
});

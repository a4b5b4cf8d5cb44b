import { beforeEach, describe, expect, it } from 'vitest';
import { composeBatchRecord } from '../../shared/audit/compose-batch-record.ts';
import type { BatchEvent } from '../../shared/batch/events.ts';
import { STATUS_BY_KIND } from '../../functions/_platform/problem.ts';
import { ERROR_KIND_BY_CODE, type ErrorCode } from '../../shared/errors.ts';
import { keyOf, TABLE } from '../../shared/storage/keys.ts';
import type { Answered } from '../support/api.ts';
import { CONTENT, NOW, OTHER_COI } from '../support/batch-fixtures.ts';
import { act, actSigned, advance, BATCH_ROUTE, createJourney, equip, PHASE_ROUTE, receiveLot, type Journey, type Stage } from '../support/journey.ts';
import { createNode, type TestNode } from '../support/node.ts';
import { PEOPLE, type TestPerson } from '../support/people.ts';

const { operator, second, scientist, reviewer, qualified, steward, regulator, engineer } = PEOPLE;
const HOUR_MS = 3_600_000;

let node: TestNode;
let journey: Journey;
beforeEach(async () => {
  node = createNode();
  await equip(node);
  journey = await createJourney(node);
});

const at = (stage: Stage) => advance(journey, stage);
const statusOf = (code: ErrorCode): number => STATUS_BY_KIND[ERROR_KIND_BY_CODE[code] as keyof typeof STATUS_BY_KIND];
const events = async () => (await node.store.load<Readonly<{ type: string }>>({ kind: 'batch', id: journey.batchId })).map(({ event }) => event);
const inPhase = (part: string, body: unknown = {}, person: TestPerson = operator, phaseId = 'culture') => act(journey, person, `${PHASE_ROUTE}/${part}`, body, { phaseId });
const deviate = () => act(journey, operator, `${BATCH_ROUTE}/deviations`, { severity: 'minor', title: 'Door left open', detail: 'For a minute.', phaseId: 'receipt' });
const deviationId = async (): Promise<string> => Object.keys((await node.batch(journey.batchId)).deviations)[0]!;
const assess = async () => actSigned(journey, scientist, 'review', `${BATCH_ROUTE}/deviations/{deviationId}/assessment`, { impact: 'none', rootCause: 'haste' }, { deviationId: await deviationId() });
const close = async (id?: string) => actSigned(journey, reviewer, 'approval', `${BATCH_ROUTE}/deviations/{deviationId}/closure`, { conclusion: 'trained' }, { deviationId: id ?? await deviationId() });
const offer = (to = operator.id, from: TestPerson = second) => actSigned(journey, from, 'responsibility', `${BATCH_ROUTE}/custody-transfers`, { phaseId: 'receipt', toPersonId: to, location: 'Room 1', temperatureCelsius: 4.5 });
const gap = () => node.records.batches.change(journey.batchId, () => [{ type: 'telemetry-gap-recorded', gapId: 'GAP-1', edgeNodeId: 'e', deviceId: 'd', from: new Date(NOW).toISOString(), to: new Date(NOW).toISOString(), lostMessages: 3, cause: 'sequence', critical: true }], { actor: { kind: 'system', id: 'telemetry-seal', version: '1' } });
const assessGap = (gapId = 'GAP-1') => actSigned(journey, scientist, 'review', `${BATCH_ROUTE}/telemetry-gaps/{gapId}/assessment`, { assessment: 'covered locally' }, { gapId });
const material = (own: object = {}) => inPhase('materials', { materialId: 'cells', lotId: journey.patientLot, quantity: 80, label: `BED1|LOT:${journey.patientLot}|COI:${journey.chainOfIdentityId}`, ...own }, operator, 'receipt');
const dispose = (disposition = 'release', person: TestPerson = qualified) => actSigned(journey, person, 'approval', `${BATCH_ROUTE}/disposition`, { disposition, reason: 'as its record says' });
const result = (own: object = {}) => actSigned(journey, scientist, 'responsibility', `${BATCH_ROUTE}/test-results`, { testId: 'purity', value: 92, method: 'flow cytometry', sampleId: 'S-1', ...own });
const correct = (own: object = {}, valueId = 'viability') => actSigned(journey, operator, 'responsibility', `${PHASE_ROUTE}/values/{valueId}/correction`, { value: 91, reason: 'misread', ...own }, { phaseId: 'culture', valueId });

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
  ] as const)('%s gets no batch', async (_, id, productId, code) => {
    const before = await node.held(journey.batchId);
    expect((await node.call(operator, 'POST /v1/batches', { body: { productId, chainOfIdentityId: id ?? journey.chainOfIdentityId } })).code).toBe(code);
    expect(await node.held(journey.batchId)).toEqual(before);
  });
  it('of a product without an effective master batch record gets no batch', async () => {
    const { id } = await node.ok(operator, 'POST /v1/chains-of-identity', { body: { productId: 'other-product' } });
    expect((await node.call(operator, 'POST /v1/batches', { body: { productId: 'other-product', chainOfIdentityId: id } })).code).toBe('master-batch-record-not-effective');
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

/** Refusals of safety are on record; mistakes in the request, roles of the interface and lost races are not. */
describe('a refusal', () => {
  const untrained = () => { node.time.epochMs += 366 * 24 * HOUR_MS; };
  it.each<readonly [string, Stage | undefined, () => Promise<Answered>, ErrorCode, string]>([
    ['of work by a person whose training has lapsed', 'started', () => { untrained(); return inPhase('start', {}, operator, 'receipt'); }, 'training-lapsed', 'startPhase'],
    ['of work by a person nobody registered', 'started', () => inPhase('start', {}, { ...operator, id: 'op-9' }, 'receipt'), 'training-lapsed', 'startPhase'],
    ['of a phase before its predecessors', 'started', () => inPhase('start'), 'phase-out-of-order', 'startPhase'],
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
    ['of a role of the phase', 'started', () => inPhase('start', {}, scientist, 'receipt'), 'role-missing'],
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
    ['of equipment nobody registered', 'culturing', () => inPhase('equipment', { equipmentId: 'BIO-9' }), 'equipment-not-found'],
    ['of a hand-over nobody offered', 'receiving', () => actSigned(journey, operator, 'responsibility', `${BATCH_ROUTE}/custody-transfers/{transferId}/acceptance`, { condition: 'intact' }, { transferId: 'CUS-9' }), 'custody-state-wrong'],
    ['of a deviation nobody raised', 'started', () => close('DEV-9'), 'deviation-not-found'],
    ['of a closure before its assessment', 'started', async () => { await deviate(); return close(); }, 'deviation-state-wrong'],
    ['of a gap that is none', 'started', () => assessGap('GAP-9'), 'gap-not-found'],
    ['of an unknown test', 'completed', () => result({ testId: 'taste' }), 'test-not-found'],
    ['of a result of another type', 'completed', () => result({ value: 'much' }), 'test-result-wrong-type'],
    ['of a release nobody reviewed', 'tested', () => dispose(), 'release-review-missing'],
    ['of a second disposition', 'released', () => dispose('reject'), 'batch-already-dispositioned'],
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

describe('a signature', () => {
  it('is linked to the exact record the person saw, with name, time and meaning', async () => {
    await at('started');
    const { version, hash } = await node.batch(journey.batchId);
    await actSigned(journey, operator, 'responsibility', `${BATCH_ROUTE}/abort`, { reason: 'contaminated' });
    expect((await events()).at(-1)).toMatchObject({ type: 'batch-aborted', signature: { signerId: 'op-1', printedName: 'Anna Operator', meaning: 'responsibility', signedAt: new Date(NOW).toISOString(), signedVersion: version, signedHash: hash } });
  });
  it('spends its sign-in: the same token signs nothing else', async () => {
    await at('receiving');
    const { version } = await node.batch(journey.batchId);
    const { reauthenticationToken } = node.sign(second, 'responsibility', version);
    const body = (at: number) => ({ phaseId: 'receipt', toPersonId: operator.id, location: 'Room 1', signature: { meaning: 'responsibility', version: at, reauthenticationToken } });
    expect((await act(journey, second, `${BATCH_ROUTE}/custody-transfers`, body(version))).status).toBe(201);
    const again = await act(journey, second, `${BATCH_ROUTE}/stop`, { reason: 'no growth', signature: body(version + 1).signature });
    expect(again.code).toBe('reauthentication-used');
    expect((await events()).at(-1)).toMatchObject({ type: 'action-refused', code: 'reauthentication-used', attempted: 'stopBatch' });
    const { tokenId } = JSON.parse(reauthenticationToken) as { tokenId: string };
    expect(await node.operations.get(keyOf.reauthentication(tokenId))).toMatchObject({ [TABLE.timeToLive]: Math.floor(NOW / 1000) + 86_400 });
  });
  it('that meets a record that moved on goes back to the person, and its token is not spent', async () => {
    await at('started');
    const stale = node.sign(operator, 'responsibility', 2);
    await act(journey, operator, `${BATCH_ROUTE}/hold`, { reason: 'power failure' });
    expect((await act(journey, operator, `${BATCH_ROUTE}/abort`, { reason: 'contaminated', signature: stale })).code).toBe('version-conflict');
    expect((await act(journey, operator, `${BATCH_ROUTE}/abort`, { reason: 'contaminated', signature: { ...stale, version: 3 } })).status).toBe(200);
  });
});

describe('an idempotency key', () => {
  it('gives the first answer again and does nothing twice, also for a signed command with a new token', async () => {
    await at('receiving');
    const { version } = await node.batch(journey.batchId);
    const ask = () => node.call(second, `POST ${BATCH_ROUTE}/custody-transfers`, { path: { batchId: journey.batchId }, key: 'offer-00001', body: { phaseId: 'receipt', toPersonId: 'op-1', location: 'Room 1', signature: node.sign(second, 'responsibility', version) } });
    const [first, repeat] = [await ask(), await ask()];
    expect(repeat.body).toEqual(first.body);
    expect(Object.keys((await node.batch(journey.batchId)).custody)).toHaveLength(1);
  });
  it('is refused for another request, another target, and is each person\'s own', async () => {
    await at('started');
    const ask = (person: TestPerson, verb: string, reason: string) => node.call(person, `POST ${BATCH_ROUTE}/${verb}`, { path: { batchId: journey.batchId }, key: 'hold-000001', body: { reason } });
    expect((await ask(operator, 'hold', 'power failure')).status).toBe(200);
    expect((await ask(operator, 'hold', 'another reason')).code).toBe('idempotency-key-reused');
    expect((await ask(operator, 'resume', 'power failure')).code).toBe('idempotency-key-reused');
    expect((await ask(second, 'resume', 'power is back')).status).toBe(200);
    expect((await events()).map(({ type }) => type)).toEqual(['batch-created', 'batch-started', 'batch-held', 'batch-resumed']);
  });
  it('sent many times at once does it once', async () => {
    await at('started');
    const ask = () => node.call(operator, `POST ${BATCH_ROUTE}/deviations`, { path: { batchId: journey.batchId }, key: 'deviation-1', body: { severity: 'minor', title: 'Door left open', detail: 'For a minute.' } });
    const answers = await Promise.all(Array.from({ length: 6 }, ask));
    expect(new Set(answers.map(({ status, body }) => JSON.stringify([status, body])))).toEqual(new Set([JSON.stringify([201, answers[0]!.body])]));
    expect(Object.keys((await node.batch(journey.batchId)).deviations)).toHaveLength(1);
  });
  it('is wanted of every request that creates', async () => {
    const { status, body } = await node.call(operator, 'POST /v1/chains-of-identity', { body: { productId: 'test-product' }, key: null });
    expect([status, body['paths']]).toEqual([400, ['header.Idempotency-Key']]);
  });
});

describe('a sample', () => {
  it('has its moment on record beside server and device time, in the audit trail, the record as people read it, and after a correction', async () => {
    await at('culturing');
    const drawnAt = node.now().toISOString();
    node.time.epochMs += 4 * 3_600_000;
    const deviceTime = new Date(node.time.epochMs - 1500).toISOString();
    expect((await inPhase('values', { valueId: 'viability', value: 90, drawnAt, deviceTime })).status).toBe(200);
    const entries = async () => (await node.ok(operator, 'GET /v1/batches/{batchId}/audit-trail', { path: { batchId: journey.batchId }, query: { limit: '100' } }))['items'] as { what: string }[];
    expect((await entries()).at(-1)).toMatchObject({ recordedAt: node.now().toISOString(), deviceTime, what: `Value viability of phase culture recorded: 90 %, sample drawn ${drawnAt}` });
    const line = async () => composeBatchRecord(await node.store.load<BatchEvent>({ kind: 'batch', id: journey.batchId })).phases.flatMap(({ values }) => values).find(({ valueId }) => valueId === 'viability');
    expect(await line()).toMatchObject({ drawnAt, recorded: { at: node.now().toISOString(), deviceTime } });
    const corrected = new Date(Date.parse(drawnAt) + 60_000).toISOString();
    expect((await correct({ drawnAt: corrected })).status).toBe(200);
    expect(await line()).toMatchObject({ drawnAt: corrected, changes: [{ oldDrawnAt: drawnAt, newDrawnAt: corrected }] });
  });
});

describe('values from telemetry', () => {
  const origin = { kind: 'telemetry', metric: 'Temperature', statistic: 'mean', from: new Date(NOW).toISOString(), to: new Date(NOW).toISOString(), sampleCount: 60, samplesHash: 'a'.repeat(64) } as const;
  beforeEach(async () => {
    const [upstream, ...others] = CONTENT.procedure;
    const [receive] = upstream!.operations;
    const phases = receive!.phases.map((phase) => (phase.id !== 'culture' ? phase : { ...phase, values: [{ id: 'temperature-mean', title: 'Temperature', unit: '°C', type: 'number', outOfLimits: 'deviation', source: { kind: 'telemetry', metric: 'Temperature', statistic: 'mean' } } as const] }));
    node = createNode({ ...CONTENT, procedure: [{ ...upstream!, operations: [{ ...receive!, phases }] }, ...others] });
    await equip(node);
    journey = await advance(await createJourney(node), 'culturing');
  });
  it('are read there, with where they came from', async () => {
    node.telemetry.value = { value: 36.9, origin };
    expect((await inPhase('values', { valueId: 'temperature-mean' })).status).toBe(200);
    expect((await events()).at(-1)).toMatchObject({ type: 'value-recorded', value: 36.9, origin });
  });
  it('can not be typed', async () => {
    node.telemetry.value = { value: 36.9, origin };
    const { code, body } = await inPhase('values', { valueId: 'temperature-mean', value: 37 });
    expect([code, body['paths']]).toEqual(['request-malformed', ['body.value']]);
  });
  it('have no sample that was drawn', async () => {
    node.telemetry.value = { value: 36.9, origin };
    expect((await inPhase('values', { valueId: 'temperature-mean', drawnAt: node.now().toISOString() })).code).toBe('request-malformed');
  });
  it('are refused where there is no telemetry', async () => { expect((await inPhase('values', { valueId: 'temperature-mean' })).code).toBe('telemetry-value-missing'); });
});

describe('what staff read', () => {
  it('says what is missing and what can be done next', async () => {
    await at('culturing');
    const { body } = await node.call(operator, `GET ${BATCH_ROUTE}`, { path: { batchId: journey.batchId } });
    expect(body).toMatchObject({ state: 'running', staged: false, version: (await node.batch(journey.batchId)).version, reviewCurrent: false });
    const phases = body['phases'] as Readonly<{ phaseId: string; state: string; startable: boolean; missing: string[]; signaturesMissing: string[] }>[];
    expect(phases.map(({ phaseId, state, startable }) => [phaseId, state, startable])).toEqual([['receipt', 'complete', false], ['culture', 'running', false], ['filling', 'idle', false], ['sampling', 'idle', false]]);
    expect(phases[1]).toMatchObject({ missing: ['value viability', 'value dose'], signaturesMissing: ['performed', 'verified'] });
  });
  it('shows a release as staged, its open custody, gaps, deviations and results', async () => {
    await at('receiving');
    await offer();
    await deviate();
    await gap();
    const { body } = await node.call(engineer, `GET ${BATCH_ROUTE}`, { path: { batchId: journey.batchId } });
    expect(body).toMatchObject({ openCustody: [{ phaseId: 'receipt', toPersonId: 'op-1' }], openDeviations: [{ severity: 'minor', state: 'open' }], openGaps: [{ gapId: 'GAP-1', critical: true }] });
  });
  it('shows results with whether they conform', async () => {
    await at('completed');
    await result({ value: 12 });
    const { body } = await node.call(qualified, `GET ${BATCH_ROUTE}`, { path: { batchId: journey.batchId } });
    expect(body).toMatchObject({ testResults: [{ testId: 'purity', value: 12, unit: '%', withinSpecification: false }], openPoints: [{ rule: 'test-out-of-specification', subject: 'purity' }] });
  });
  it('gives the certificate as it was stored, JSON or PDF, and says so when the store has lost it', async () => {
    await at('released');
    await node.records.batches.change(journey.batchId, () => [{ type: 'certificate-issued', certificateId: 'CERT-1', jsonSha256: 'a', pdfSha256: 'b', objectKey: 'certificates/1' }], { actor: { kind: 'system', id: 'release-certificate', version: '1' } });
    const read = (format?: string) => node.call(regulator, `GET ${BATCH_ROUTE}/certificate`, { path: { batchId: journey.batchId }, ...(format === undefined ? {} : { query: { format } }) });
    expect(await read()).toMatchObject({ status: 500, body: { type: '/problems/record-corrupt', title: 'record corrupt' } });
    await node.documents.put('certificates/1.json', Buffer.from('{"certificateId":"CERT-1"}'));
    await node.documents.put('certificates/1.pdf', Buffer.from('%PDF-1.3'));
    expect((await read()).body).toEqual({ certificateId: 'CERT-1' });
    const pdf = await read('pdf');
    expect([pdf.file?.toString(), pdf.headers['content-type'], pdf.headers['content-disposition']]).toEqual(['%PDF-1.3', 'application/pdf', 'attachment; filename="CERT-1.pdf"']);
  });
  it('lists the work of one\'s own role, page by page', async () => {
    for (const subject of ['due/a', 'due/b', 'release/c']) await node.operations.put(keyOf.work('site-engineer', subject), { subject, kind: 'k', title: 't', detail: 'd', raisedAt: 'r', secret: 'x' });
    const first = await node.call(engineer, 'GET /v1/work', { query: { role: 'site-engineer', limit: '2' } });
    const second = await node.call(engineer, 'GET /v1/work', { query: { role: 'site-engineer', limit: '2', cursor: String(first.body['nextCursor']) } });
    expect([...first.body['items'] as object[], ...second.body['items'] as object[]]).toMatchObject([{ subject: 'due/a' }, { subject: 'due/b' }, { subject: 'release/c' }]);
    expect(second.body['nextCursor']).toBeUndefined();
  });
});

import { beforeEach, describe, expect, it } from 'vitest';
import { composeBatchRecord } from '../../shared/audit/compose-batch-record.ts';
import type { BatchEvent } from '../../shared/batch/events.ts';
import { keyOf, TABLE } from '../../shared/storage/keys.ts';
import { batchCommands } from '../support/batch-commands.ts';
import { CONTENT, NOW } from '../support/batch-fixtures.ts';
import { act, actSigned, advance, BATCH_ROUTE, createEquippedJourney, createJourney, equip, type Journey } from '../support/journey.ts';
import { createNode, type TestNode } from '../support/node.ts';
import { PEOPLE, type TestPerson } from '../support/people.ts';

const { operator, second, qualified, regulator, engineer } = PEOPLE;

let node: TestNode;
let journey: Journey;
beforeEach(async () => { ({ node, journey } = await createEquippedJourney()); });
const { at, events, inPhase, deviate, offer, gap, result, correct } = batchCommands(() => journey);

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
  it('gives the first answer to a value again once its phase is complete', async () => {
    await at('culturing');
    const ask = () => node.call(operator, `POST ${BATCH_ROUTE}/phases/{phaseId}/values`, { path: { batchId: journey.batchId, phaseId: 'culture' }, key: 'value-00001', body: { valueId: 'viability', value: 90 } });
    const first = await ask();
    await inPhase('values', { valueId: 'dose', value: 1.5 });
    await advance(journey, 'cultured', 'valued');
    const before = await node.held(journey.batchId);
    expect([first.status, await ask()]).toEqual([200, first]);
    expect(await node.held(journey.batchId)).toEqual(before);
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
    expect(body).toMatchObject({ testResults: [{ testId: 'purity', value: 12, unit: '%', withinSpecification: false }], openPoints: [{ rule: 'deviation-not-closed' }, { rule: 'test-out-of-specification', subject: 'purity' }] });
  });
  it('gives the certificate as it was stored, JSON or PDF, and says so when the store has lost it', async () => {
    await at('released');
    const certificateId = `CERT-${journey.batchId}`;
    await node.records.batches.change(journey.batchId, () => [{ type: 'certificate-issued', certificateId, jsonSha256: 'a', pdfSha256: 'b', objectKey: 'certificates/1' }], { actor: { kind: 'system', id: 'release-certificate', version: '1' } });
    const read = (format?: string) => node.call(regulator, `GET ${BATCH_ROUTE}/certificate`, { path: { batchId: journey.batchId }, ...(format === undefined ? {} : { query: { format } }) });
    expect(await read()).toMatchObject({ status: 500, body: { type: '/problems/record-corrupt', title: 'record corrupt' } });
    await node.documents.put('certificates/1.json', Buffer.from(JSON.stringify({ certificateId })));
    await node.documents.put('certificates/1.pdf', Buffer.from('%PDF-1.3'));
    expect((await read()).body).toEqual({ certificateId });
    const pdf = await read('pdf');
    expect([pdf.file?.toString(), pdf.headers['content-type'], pdf.headers['content-disposition']]).toEqual(['%PDF-1.3', 'application/pdf', `attachment; filename="${certificateId}.pdf"`]);
  });
  it('lists the work of one\'s own role, page by page', async () => {
    for (const subject of ['due/a', 'due/b', 'release/c']) await node.operations.put(keyOf.work('site-engineer', subject), { subject, kind: 'k', title: 't', detail: 'd', raisedAt: 'r', secret: 'x' });
    const first = await node.call(engineer, 'GET /v1/work', { query: { role: 'site-engineer', limit: '2' } });
    const second = await node.call(engineer, 'GET /v1/work', { query: { role: 'site-engineer', limit: '2', cursor: String(first.body['nextCursor']) } });
    expect([...first.body['items'] as object[], ...second.body['items'] as object[]]).toMatchObject([{ subject: 'due/a' }, { subject: 'due/b' }, { subject: 'release/c' }]);
    expect(second.body['nextCursor']).toBeUndefined();
  });
});

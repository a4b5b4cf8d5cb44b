import { beforeEach, describe, expect, it } from 'vitest';
import type { BatchEvent } from '../../shared/batch/events.ts';
import { CLOCK_TOLERANCE_MS } from '../../shared/prediction-governance/confirm.ts';
import { viewsOf } from '../../functions/_platform/restore/views.ts';
import type { TestNode } from '../support/node.ts';
import { PEOPLE, type TestPerson } from '../support/people.ts';
import { ADVICE, BATCH, createGovernedBatch, governed, MINUTE_MS } from '../support/governed.ts';

const { operator, scientist, reviewer, regulator, engineer } = PEOPLE;

let node: TestNode;
let batchId: string;
beforeEach(async () => { ({ node, batchId } = await createGovernedBatch()); });
const { version, types, recommend, decide, read, work, answers, stop, inEffect } = governed(() => node, () => batchId);

describe('a recommendation', () => {
  beforeEach(inEffect);
  it('is read by who inspects as by the hospital\'s own people, from the ledger to what came of it, and that is on record', async () => {
    const inspect = (person: TestPerson) => node.call(person, 'GET /v1/audit/batches/{batchId}/interventions', { path: { batchId } });
    await recommend();
    expect((await inspect(regulator)).body).toEqual(await read());
    await decide();
    expect((await inspect(regulator)).body).toEqual(await read());
    expect((await inspect(reviewer)).body).toMatchObject({ batchId, version: await version(), recommendations: [{ state: 'accepted', decision: { reason: 'lactate rises', signature: { signerId: scientist.id, meaning: 'approval' } } }], interventions: [{ interventionId: 'REC-1-1', state: 'sent' }] });
    expect(node.reads.slice(-3).map(({ operation, readerId, outcome, grantIds }) => [operation, readerId, outcome, grantIds])).toEqual([
      ['inspectInterventions', regulator.id, 'answered', ['GRANT-1']], ['inspectInterventions', regulator.id, 'answered', ['GRANT-1']], ['inspectInterventions', reviewer.id, 'answered', []],
    ]);
    expect((await inspect(operator)).code).toBe('role-missing');
    node.grant();
    expect((await inspect(regulator)).code).toBe('audit-grant-missing');
  });
  it('is on the work list of the role the table names until somebody decides, and the ledger shows all of it', async () => {
    await recommend();
    expect(await work(scientist, 'process-scientist')).toEqual([`recommendation/${batchId}/REC-1`]);
    expect(await read()).toMatchObject({ assistance: { state: 'on' }, recommendations: [{ recommendationId: 'REC-1', state: 'open', explanation: ADVICE.explanation, alternatives: ADVICE.alternatives, actions: ADVICE.actions }] });
    expect((await decide({ decision: 'refuse' })).status).toBe(200);
    expect(await work(scientist, 'process-scientist')).toEqual([]);
    expect((await read()).recommendations).toMatchObject([{ state: 'refused', decision: { reason: 'lactate rises', signature: { signerId: scientist.id } } }]);
    expect(node.commands).toEqual([]);
  });
  it('that is accepted is sent at once, confirmed from telemetry, and its effect kept', async () => {
    await recommend();
    expect((await decide()).status).toBe(200);
    expect(node.commands).toMatchObject([{ command: 'DCMD', edgeNodeId: 'gateway-1', deviceId: 'bioreactor-1', metric: 'Feed/Rate', value: 2.1 }]);
    expect((await read()).interventions).toMatchObject([{ interventionId: 'REC-1-1', state: 'sent' }]);
    answers([-2 * CLOCK_TOLERANCE_MS, 1], [3000, 2.1]);
    node.time.epochMs += MINUTE_MS;
    await node.command();
    await node.command();
    expect((await read()).interventions).toMatchObject([{ state: 'confirmed', acknowledged: { observedValue: 2.1, matches: true } }]);
    await node.ok(operator, `POST ${BATCH}/interventions/{interventionId}/effect`, { path: { batchId, interventionId: 'REC-1-1' }, body: { metric: 'Bioreactor/Lactate', unit: 'mmol/L', before: 18.2, after: 16.9, note: 'six hours later' } });
    expect((await types()).slice(-5)).toEqual(['recommendation-made', 'recommendation-decided', 'intervention-sent', 'intervention-acknowledged', 'intervention-effect-observed']);
    expect(node.commands).toHaveLength(1);
  });
  it('as another alternative sends what that says', async () => {
    await recommend({ alternatives: [{ id: 'gentle', title: 'feed less', expected: 'x', actions: [{ ...ADVICE.actions[0]!, value: 1 }] }] });
    await decide({ alternativeId: 'gentle' });
    expect(node.commands.map(({ value }) => value)).toEqual([1]);
  });
  it.each<readonly [string, () => Promise<{ code: string | undefined }>, string]>([
    ['by another role', () => decide({}, reviewer), 'role-missing'], ['unsigned', () => decide({ signature: undefined }), 'request-malformed'], ['by a regulator', () => decide({}, regulator), 'role-missing'],
    ['of another batch', async () => node.call(scientist, `POST ${BATCH}/recommendations/{recommendationId}/decision`, { path: { batchId: 'north-20260101-AAAAAA', recommendationId: 'REC-1' }, body: { decision: 'accept', reason: 'why', signature: node.sign(scientist, 'approval', 1) } }), 'batch-not-found'],
    ['that is not there', () => decide({}, scientist, 'REC-9'), 'recommendation-not-found'], ['on an older record than there is', async () => decide({ signature: node.sign(scientist, 'approval', (await version()) - 1) }), 'version-conflict'],
    ['too late', async () => { node.time.epochMs += 31 * MINUTE_MS; return decide(); }, 'recommendation-expired'], ['after a stop', async () => { await stop(); return decide(); }, 'assistance-stopped'],
    ['of a model suspended since', async () => { node.models.records = []; return decide(); }, 'model-not-active'],
    ['as an alternative nobody was shown', () => decide({ alternativeId: 'other' }), 'recommendation-state-wrong'],
  ])('is not accepted %s, and nothing is sent', async (_, run, code) => {
    await recommend();
    expect((await run()).code).toBe(code);
    await node.command();
    expect([node.commands, (await types()).filter((type) => type === 'recommendation-decided')]).toEqual([[], []]);
  });
  it('that nobody decided is an open point of the release review, and refusing it late settles that', async () => {
    await recommend();
    node.time.epochMs += 60 * MINUTE_MS;
    const open = async () => (await node.review(batchId)).openPoints.filter(({ rule }) => rule === 'recommendation-not-decided');
    expect(await open()).toEqual([{ rule: 'recommendation-not-decided', subject: 'REC-1', detail: expect.any(String) as string }]);
    await decide({ decision: 'refuse' });
    expect(await open()).toEqual([]);
  });
  it('and its work list are found again when the operations table is lost', async () => {
    await recommend();
    const recorded = await node.store.load<BatchEvent>({ kind: 'batch', id: batchId });
    const places = viewsOf({ kind: 'batch', id: batchId }, recorded, node.now()).map(({ key }) => key.pk);
    expect(places).toContain('WORK#process-scientist');
    await decide();
    expect(viewsOf({ kind: 'batch', id: batchId }, await node.store.load({ kind: 'batch', id: batchId }), node.now()).map(({ key }) => key.pk)).toEqual(expect.arrayContaining(['INTERVENTIONS-OPEN']));
  });
});

describe('a stop', () => {
  beforeEach(inEffect);
  it('is for anyone who works with the batch, without a signature, and lifted with one', async () => {
    await recommend();
    for (const person of [operator, engineer]) expect((await stop(person)).status).toBe(200);
    expect(await read()).toMatchObject({ assistance: { state: 'stopped', reason: 'the probe is broken', stops: [{ by: operator.id, reason: 'the probe is broken', at: node.now().toISOString() }, { by: engineer.id, reason: 'the probe is broken' }] }, recommendations: [{ state: 'void' }] });
    const resume = async (person: TestPerson) => node.call(person, `POST ${BATCH}/assistance/resume`, { path: { batchId }, body: { reason: 'probe changed', signature: node.sign(person, 'approval', await version()) } });
    expect([(await resume(operator)).code, (await resume(scientist)).status]).toEqual(['role-missing', 200]);
    expect((await read()).assistance.state).toBe('on');
  });
  it('is not for who only reads', async () => { expect((await stop(regulator)).code).toBe('role-missing'); });
});

import { beforeEach, describe, expect, it } from 'vitest';
import type { BatchEvent } from '../../shared/batch/events.ts';
import type { ModelRecord } from '../../shared/model-registry/may-run.ts';
import { CLOCK_TOLERANCE_MS, TELEMETRY_LAG_MS } from '../../shared/prediction-governance/confirm.ts';
import type { Recommendation } from '../../shared/prediction-governance/ledger-events.ts';
import { makeRecommendation } from '../../shared/prediction-governance/recommend.ts';
import { createBirths } from '../../functions/_platform/births.ts';
import { createGatewayReader } from '../../functions/_platform/gateways.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { createGovernedBatches, inForce } from '../../functions/_platform/governed-batches.ts';
import { ledgerCompanions } from '../../functions/_platform/ledger-companions.ts';
import { viewsOf } from '../../functions/_platform/restore/views.ts';
import { advance, createJourney, equip } from '../support/journey.ts';
import { ARTEFACT, GOVERNANCE_TABLE } from '../support/model-fixtures.ts';
import { createNode, type TestNode } from '../support/node.ts';
import { PEOPLE, type TestPerson } from '../support/people.ts';

const { operator, scientist, reviewer, steward, regulator, engineer } = PEOPLE;
const MINUTE_MS = 60_000;
const TABLES = '/v1/governance-tables';
const BATCH = '/v1/batches/{batchId}';
const RECORD: ModelRecord = { modelId: 'm', version: 1, productId: 'test-product', output: 'set-point-advice', artefactSha256: ARTEFACT, state: 'active', inputs: [], undecided: { errorRate: 0.1 } };
const ADVICE: Recommendation = {
  recommendationId: 'REC-1', output: 'set-point-advice', modelId: 'm', modelVersion: 1, modelHash: ARTEFACT, inputsHash: 'a'.repeat(64), probability: 0.8, undecided: false,
  explanation: [{ feature: 'lactate-maximum', value: 18.2, contribution: 0.31 }], alternatives: [{ id: 'carry-on', title: 'carry on', expected: 'lactate 21 mmol/L' }],
  actions: [{ edgeNodeId: 'gateway-1', deviceId: 'bioreactor-1', metric: 'Feed/Rate', value: 2.1, unit: 'mL/h' }],
};

let node: TestNode;
let batchId: string;
const tableVersion = async (): Promise<number> => (await node.records.governanceTables.load('test-product')).position.version;
const version = async (): Promise<number> => (await node.records.batches.load(batchId)).position.version;
const draft = async (content: unknown = GOVERNANCE_TABLE, person: TestPerson = steward) => node.call(person, `POST ${TABLES}`, { body: { content, signature: node.sign(person, 'authorship', await tableVersion()) } });
const moveTable = async (move: 'approval' | 'effectiveness', person: TestPerson = reviewer) =>
  node.call(person, `POST ${TABLES}/{productId}/${move}`, { path: { productId: 'test-product' }, body: { signature: node.sign(person, move === 'approval' ? 'approval' : 'responsibility', await tableVersion()) } });
const events = async () => (await node.store.load<BatchEvent>({ kind: 'batch', id: batchId })).map(({ event }) => event);
const types = async () => (await events()).map(({ type }) => type);

/** What the prediction function does, by the same rule. */
const recommend = async (own: Partial<Recommendation> = {}) => {
  const batches = createGovernedBatches(node.store);
  const govern = await inForce({ tables: node.records.governanceTables, models: { records: () => Promise.resolve(node.models.records) }, gateways: createGatewayReader(node.operations, node.now), now: node.now }, await node.batch(batchId));
  let made: readonly BatchEvent[] = [];
  await batches.change(batchId, ({ state }) => { made = makeRecommendation(govern(state!), { ...ADVICE, ...own }); return made; },
    { actor: { kind: 'system', id: 'prediction', version: '1' }, companions: ({ version: after }) => ledgerCompanions(batchId, { recommendations: new Map() }, made, { version: after, at: node.now().toISOString() }) });
};
const decide = async (own: Readonly<Record<string, unknown>> = {}, person: TestPerson = scientist, recommendationId = 'REC-1') =>
  node.call(person, `POST ${BATCH}/recommendations/{recommendationId}/decision`, { path: { batchId, recommendationId }, body: { decision: 'accept', reason: 'lactate rises', signature: node.sign(person, 'approval', await version()), ...own } });
const read = () => node.ok(scientist, `GET ${BATCH}/interventions`, { path: { batchId } }) as Promise<{ assistance: { state: string }; recommendations: Record<string, unknown>[]; interventions: Record<string, unknown>[] }>;
const work = async (person: TestPerson, role: string) => ((await node.ok(person, 'GET /v1/work', { query: { role } }))['items'] as { subject: string }[]).map(({ subject }) => subject).filter((subject) => subject.startsWith('recommendation/'));
const answers = (...samples: readonly (readonly [number, number])[]) => { node.reported.series = { times: samples.map(([ms]) => node.time.epochMs + ms), values: samples.map(([, value]) => value) }; };
const stop = (person: TestPerson = operator) => node.call(person, `POST ${BATCH}/assistance/stop`, { path: { batchId }, body: { reason: 'the probe is broken' } });

beforeEach(async () => {
  node = createNode();
  node.models.records = [RECORD];
  await equip(node);
  ({ batchId } = await advance(await createJourney(node), 'culturing'));
});
const inEffect = async () => { await draft(); await moveTable('approval'); await moveTable('effectiveness'); };

describe('a governance table', () => {
  it('is written by one person, signed by another, and stands in the record with every version', async () => {
    expect((await draft()).status).toBe(201);
    expect([(await moveTable('approval')).status, (await moveTable('effectiveness')).status]).toEqual([200, 200]);
    expect(await node.ok(operator, `GET ${TABLES}`)).toMatchObject({ items: [{ productId: 'test-product', versions: [{ version: 1, state: 'effective' }] }] });
    expect(await node.ok(operator, `GET ${TABLES}/{productId}`, { path: { productId: 'test-product' } })).toMatchObject({ version: 3, versions: [{ content: GOVERNANCE_TABLE, authorId: steward.id }] });
  });
  it.each<readonly [string, () => Promise<{ code: string | undefined }>, string]>([
    ['by an operator', () => draft(GOVERNANCE_TABLE, operator), 'role-missing'],
    ['with a model that acts by itself', () => draft({ ...GOVERNANCE_TABLE, rows: [{ ...GOVERNANCE_TABLE.rows[1], handling: { kind: 'automatic' } }] }), 'governance-table-malformed'],
    ['approved when there is none', () => moveTable('approval'), 'governance-table-not-found'],
    ['asked for of a product that has none', () => node.call(operator, `GET ${TABLES}/{productId}`, { path: { productId: 'other' } }), 'governance-table-not-found'],
  ])('is refused %s, and nothing is stored', async (_, run, code) => {
    expect((await run()).code).toBe(code);
    expect(await tableVersion()).toBe(0);
  });
  it('is not approved by its author', async () => {
    const both: TestPerson = { ...steward, roles: ['master-data-steward', 'quality-reviewer'] };
    await draft(GOVERNANCE_TABLE, both);
    expect((await moveTable('approval', both)).code).toBe('signature-same-person');
  });
});

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

describe('a command to an edge node itself', () => {
  const toGateway = { edgeNodeId: 'gateway-1', metric: 'Feed/Rate', value: 2.1, unit: 'mL/h' };
  const alternatives = [{ id: 'gateway', title: 'set the gateway', expected: 'x', actions: [toGateway] }];
  const register = (equipmentId: string, deviceId: string) => node.ok(steward, 'POST /v1/equipment', { body: { equipmentId, equipmentClassId: 'bioreactor', title: 'Second reactor', calibrationDueAt: '2026-12-31T00:00:00Z', device: { edgeNodeId: 'gateway-1', deviceId } } });
  /** What the transaction of another patient's batch leaves when it takes a device. */
  const assign = (deviceId: string) => node.operations.put(keyOf.device('gateway-1', deviceId), { batchId: 'north-20260301-BBBBBB', equipmentId: 'BIO-9', from: '2026-03-01T00:00:00.000Z', criticalMetrics: [], alarms: [] });
  const born = (deviceId: string | undefined) => createBirths(node.operations).keep({ edgeNodeId: 'gateway-1', deviceId, timestampEpochMs: node.time.epochMs, bdSeq: 1, table: [['Feed/Rate', '1', 9]] });
  const shared: readonly (readonly [string, () => unknown])[] = [['another patient has', () => assign('bioreactor-9')], ['was born and nobody has now', () => born('bioreactor-9')], ['is registered and never spoke', () => register('BIO-9', 'bioreactor-9')]];
  const refusals = async () => (await events()).flatMap((event) => (event.type === 'action-refused' ? [event.code] : []));
  beforeEach(inEffect);
  it.each(shared)('is not proposed where a device behind it %s', async (_, happens) => {
    await happens();
    await expect(recommend({ actions: [toGateway] })).rejects.toMatchObject({ code: 'gateway-shared' });
    await expect(recommend({ alternatives })).rejects.toMatchObject({ code: 'gateway-shared' });
    expect(await types()).not.toContain('recommendation-made');
  });
  it.each(shared)('is not accepted where a device behind it %s, the refusal is on record, and nothing is sent', async (_, happens) => {
    await recommend({ actions: [toGateway], alternatives: [{ id: 'device', title: 'set the reactor', expected: 'x', actions: ADVICE.actions }] });
    await happens();
    expect((await decide()).code).toBe('gateway-shared');
    expect([node.commands, await refusals()]).toEqual([[], ['gateway-shared']]);
    expect((await decide({ alternativeId: 'device' })).status).toBe(200);
    expect(node.commands).toMatchObject([{ command: 'DCMD', deviceId: 'bioreactor-1' }]);
  });
  it.each(shared)('is not sent where, after the signature, a device behind it %s: given up at once, with a deviation', async (_, happens) => {
    await recommend({ actions: [toGateway] });
    node.woken.is = false;
    expect((await decide()).status).toBe(200);
    await happens();
    await node.command();
    await node.command();
    expect([node.commands, (await events()).filter(({ type }) => type.startsWith('intervention-'))]).toMatchObject([[], [{ type: 'intervention-given-up', code: 'gateway-shared' }]]);
    expect((await node.batch(batchId)).deviations).toMatchObject({ 'DEV-REC-1-1-intervention-not-sent': { severity: 'major', state: 'open' } });
  });
  it('is looked at anew for each of two, in one run', async () => {
    await recommend({ actions: [toGateway, { ...toGateway, value: 1 }] });
    node.woken.is = false;
    await decide();
    node.reported.published = () => assign('bioreactor-9');
    await node.command();
    expect(node.commands.map(({ value }) => value)).toEqual([2.1]);
    expect((await types()).filter((type) => type === 'intervention-given-up')).toHaveLength(1);
  });
  it('is sent where all that is behind it is the batch\'s own, and another gateway is another\'s', async () => {
    await born(undefined);
    await born('bioreactor-1');
    await node.operations.put(keyOf.device('gateway-2', 'bioreactor-9'), { batchId: 'north-20260301-BBBBBB', equipmentId: 'BIO-9' });
    await recommend({ actions: [toGateway] });
    expect((await decide()).status).toBe(200);
    expect(node.commands).toMatchObject([{ command: 'NCMD' }]);
  });
  describe('behind which a device was not born again', () => {
    const bornAgo = (deviceId: string | undefined, days: number) => createBirths(node.operations).keep({ edgeNodeId: 'gateway-1', deviceId, timestampEpochMs: node.time.epochMs - days * 24 * 60 * MINUTE_MS, bdSeq: 1, table: [] });
    const codeOf = async (): Promise<string> => recommend({ actions: [toGateway] }).then(() => 'made', (error: unknown) => (error as { code: string }).code);
    beforeEach(async () => { await bornAgo('bioreactor-9', 70); await bornAgo('bioreactor-1', 1); });
    it('counts it for as long as a culture may last, and then no more', async () => {
      await bornAgo(undefined, 59);
      expect(await codeOf()).toBe('gateway-shared');
      await bornAgo(undefined, 61);
      expect(await codeOf()).toBe('made');
    });
    it('counts it for good in the session it was born in, which it may come back in', async () => { expect(await codeOf()).toBe('gateway-shared'); });
    it.each([['it is registered', () => register('BIO-9', 'bioreactor-9')], ['a batch has it', () => assign('bioreactor-9')], ['it was born since', () => bornAgo('bioreactor-9', 2)]] as const)('counts it where %s', async (_, happens) => {
      await bornAgo(undefined, 61);
      await happens();
      expect(await codeOf()).toBe('gateway-shared');
    });
  });
});

describe('a stop', () => {
  beforeEach(inEffect);
  it('is for anyone who works with the batch, without a signature, and lifted with one', async () => {
    await recommend();
    for (const person of [operator, engineer]) expect((await stop(person)).status).toBe(200);
    expect(await read()).toMatchObject({ assistance: { state: 'stopped', reason: 'the probe is broken' }, recommendations: [{ state: 'void' }] });
    const resume = async (person: TestPerson) => node.call(person, `POST ${BATCH}/assistance/resume`, { path: { batchId }, body: { reason: 'probe changed', signature: node.sign(person, 'approval', await version()) } });
    expect([(await resume(operator)).code, (await resume(scientist)).status]).toEqual(['role-missing', 200]);
    expect((await read()).assistance.state).toBe('on');
  });
  it('is not for who only reads', async () => { expect((await stop(regulator)).code).toBe('role-missing'); });
});

describe('the commander', () => {
  beforeEach(async () => { await inEffect(); await recommend(); node.woken.is = false; });
  it('sends at its next run what it could not be told of', async () => {
    expect((await decide()).status).toBe(200);
    expect(node.commands).toEqual([]);
    await node.command();
    await node.command();
    expect(node.commands).toHaveLength(1);
  });
  it('sends once also when two runs meet', async () => {
    await decide();
    await Promise.all([node.command(), node.command(), node.command()]);
    expect([node.commands.length, (await types()).filter((type) => type.startsWith('intervention-'))]).toEqual([1, ['intervention-sent']]);
  });
  it.each<readonly [string, () => unknown]>([['after a stop', () => stop()], ['when it has run out', () => { node.time.epochMs += 31 * MINUTE_MS; }], ['when the table says otherwise by then', async () => { await draft({ ...GOVERNANCE_TABLE, rows: GOVERNANCE_TABLE.rows.slice(0, 1) }); await moveTable('approval'); await moveTable('effectiveness'); }]])('sends nothing %s, says so once, and leaves the batch', async (_, change) => {
    await decide();
    await change();
    await node.command();
    await node.command();
    expect([node.commands, (await types()).filter((type) => type === 'intervention-given-up')]).toEqual([[], ['intervention-given-up']]);
    expect([...node.operations.items.values()].filter((item) => item['closed'] === true)).toHaveLength(1);
  });
  it('waits while the model is suspended, and sends when it is back in time', async () => {
    await decide();
    node.models.records = [{ ...RECORD, state: 'suspended' }];
    await node.command();
    expect(node.commands).toEqual([]);
    node.models.records = [RECORD];
    await node.command();
    expect(node.commands).toHaveLength(1);
  });
  it('to an edge node itself is sent by NCMD and confirmed from what the edge node publishes', async () => {
    await recommend({ recommendationId: 'REC-2', actions: [{ edgeNodeId: 'gateway-1', metric: 'Feed/Rate', value: 2.1, unit: 'mL/h' }] });
    expect((await decide({}, scientist, 'REC-2')).status).toBe(200);
    await node.command();
    expect(node.commands.at(-1)).toMatchObject({ command: 'NCMD', edgeNodeId: 'gateway-1' });
    node.reported.by = undefined;
    answers([-2 * CLOCK_TOLERANCE_MS, 1], [3000, 2.1]);
    node.time.epochMs += MINUTE_MS;
    await node.command();
    expect((await read()).interventions.find(({ interventionId }) => interventionId === 'REC-2-1')).toMatchObject({ state: 'confirmed', acknowledged: { observedValue: 2.1, matches: true } });
  });
  it('raises a deviation, once, when the equipment does not confirm, and keeps a late answer', async () => {
    await decide();
    await node.command();
    node.time.epochMs += 120_000 + TELEMETRY_LAG_MS;
    await node.command();
    expect((await types()).filter((type) => type === 'intervention-timed-out')).toEqual([]);
    node.time.epochMs += 1;
    await node.command();
    await node.command();
    expect((await node.batch(batchId)).deviations).toMatchObject({ 'DEV-REC-1-1-intervention-not-acknowledged': { severity: 'major', state: 'open' } });
    answers([0, 2.1]);
    await node.command();
    expect((await read()).interventions).toMatchObject([{ state: 'confirmed', timedOut: true }]);
    expect((await types()).filter((type) => type === 'intervention-timed-out')).toHaveLength(1);
  });
  it('raises a deviation when the equipment took another value', async () => {
    await decide();
    await node.command();
    answers([-2 * CLOCK_TOLERANCE_MS, 1], [5000, 1.3]);
    node.time.epochMs += 120_000 + TELEMETRY_LAG_MS + 1;
    await node.command();
    expect((await read()).interventions).toMatchObject([{ state: 'misapplied' }]);
  });
  it('fails for the alarm to see when a command can not be handed over, never sends it twice, and the time-out says it was not confirmed', async () => {
    await decide();
    node.reported.isDown = true;
    await expect(node.command()).rejects.toThrow('1 of 1 batches');
    node.reported.isDown = false;
    node.time.epochMs += 120_000 + TELEMETRY_LAG_MS + 1;
    await node.command();
    expect([node.commands.length, (await types()).filter((type) => type === 'intervention-timed-out').length]).toEqual([1, 1]);
  });
  it('keeps a batch open for what was accepted while it was looking', async () => {
    await decide();
    await node.command();
    answers([3000, 2.1]);
    node.time.epochMs += MINUTE_MS;
    await node.command();
    await recommend({ recommendationId: 'REC-2' });
    await decide({}, scientist, 'REC-2');
    await node.command();
    expect(node.commands.map(({ recommendationId }) => recommendationId)).toEqual(['REC-1', 'REC-2']);
  });
});

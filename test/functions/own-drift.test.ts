import type { Context } from 'aws-lambda';
import { beforeEach, describe, expect, it } from 'vitest';
import { PUBLISHED_RECORDS, PUBLISHED_REFERENCES } from '../../functions/_platform/model-objects.ts';
import { createNodeModels } from '../../functions/_platform/node-models.ts';
import { viewsOf } from '../../functions/_platform/restore/views.ts';
import { createHandler } from '../../functions/judge-own-drift/handler.ts';
import { createHandler as createIntake } from '../../functions/model-intake/handler.ts';
import type { BatchEvent } from '../../shared/batch/events.ts';
import { distributionsOf } from '../../shared/model-registry/distributions.ts';
import type { ModelRecord } from '../../shared/model-registry/may-run.ts';
import type { MonitoringPlan } from '../../shared/model-registry/model-plan.ts';
import type { ModelRecordEvent } from '../../shared/model-registry/node-record.ts';
import { planHashOf } from '../../shared/model-registry/schema.ts';
import type { GovernanceRow, GovernanceTableEvent } from '../../shared/prediction-governance/table.ts';
import { CONTENT } from '../support/batch-fixtures.ts';
import { answersOf, DAY_MS, INPUTS } from '../support/drift-play.ts';
import { createMemoryObjectStore } from '../support/memory/object-store.ts';
import { ARTEFACT, ARTEFACT_TEXT, GOVERNANCE_TABLE, MODEL_ID, PLAN, QUALITY } from '../support/model-fixtures.ts';
import { createNode, type TestNode } from '../support/node.ts';
import { PEOPLE, type TestPerson } from '../support/people.ts';

const { operator, scientist, reviewer, regulator } = PEOPLE;
const ACTOR = { kind: 'system', id: 'test', version: '1' } as const;
const context = { awsRequestId: 'r-1' } as Context;
const USE = '/v1/model-use/{modelId}';
const RECORD: ModelRecord = { modelId: MODEL_ID, version: 1, productId: 'test-product', output: 'early-failure', artefactSha256: ARTEFACT, state: 'active', inputs: PLAN.inputs.map(({ title: _, ...bounds }) => bounds), undecided: { errorRate: 0.1 } };
const REFERENCE = distributionsOf(INPUTS, answersOf('test', 90));
const MADE = { type: 'recommendation-made', recommendationId: 'REC', output: 'early-failure', modelId: MODEL_ID, modelVersion: 1, modelHash: ARTEFACT, inputsHash: 'x', undecided: false, explanation: [], alternatives: [], actions: [], threshold: 0.5, askedOf: [], tableVersion: 1, tableHash: 'x', validUntil: '2026-03-02T00:00:00Z' } as const;

let node: TestNode;
let network: ReturnType<typeof createMemoryObjectStore>;
let bucket: ReturnType<typeof createMemoryObjectStore>;
let batches: number;
const put = (key: string, content: object): unknown => network.objects.set(key, Buffer.from(JSON.stringify({ formatVersion: 1, ...content })));
const reference = (own: Partial<MonitoringPlan> = {}) => ({ modelId: MODEL_ID, version: 1, planHash: planHashOf(PLAN), monitoring: { ...PLAN.monitoring, ...own }, distributions: REFERENCE });
const take = () => createIntake({ nodeId: 'north', datasets: node.datasets, models: node.records.models, tables: node.records.governanceTables, now: node.now, operations: node.operations, bucket, fetch: async (key) => (await network.get(key))?.body, count: () => undefined })({}, context);
const rung: string[] = [];
const judge = () => createHandler({ models: node.records.models, tables: node.records.governanceTables, operations: node.operations, record: node.store, now: node.now, count: (name, value) => { if (value > 0) rung.push(`${name} ${value}`); } })({}, context);
const events = async () => (await node.store.load<ModelRecordEvent>({ kind: 'model-record', id: MODEL_ID })).map(({ event }) => event);
const types = async () => (await events()).map(({ type }) => type);
const judged = async () => (await events()).filter((event) => event.type === 'model-drift-judged-here');
const runs = async (): Promise<string> => (await judged()).at(-1)?.runId ?? '';
const used = async () => (await createNodeModels({ models: node.records.models, operations: node.operations, bucket }).records()).map(({ state }) => state);
const version = async () => (await node.records.models.load(MODEL_ID)).position.version;
const work = async (person = reviewer, role = 'quality-reviewer') => ((await node.ok(person, 'GET /v1/work', { query: { role } }))['items'] as { subject: string; detail: string }[]).filter(({ subject }) => subject.startsWith('model-drift/'));
const path = (own: object = {}) => ({ modelId: MODEL_ID, version: '1', ...own });
const sign = async (person: TestPerson, meaning: 'review' | 'approval' | 'responsibility') => node.sign(person, meaning, await version());
const assess = async (person: TestPerson = scientist, own: object = {}, runId?: string) => node.call(person, `POST ${USE}/versions/{version}/drift/{runId}/assessment`, { path: path({ runId: runId ?? await runs() }), body: { acceptable: true, impact: 'none on batches', rootCause: 'a new probe', signature: await sign(person, 'review'), ...own } });
const close = async (person: TestPerson = reviewer, runId?: string) => node.call(person, `POST ${USE}/versions/{version}/drift/{runId}/closure`, { path: path({ runId: runId ?? await runs() }), body: { conclusion: 'probe calibrated', signature: await sign(person, 'approval') } });
const resume = async (person: TestPerson = reviewer) => node.call(person, `POST ${USE}/versions/{version}/resume`, { path: path(), body: { reason: 'looked into', signature: await sign(person, 'responsibility') } });
const stop = (person: TestPerson = operator) => node.call(person, `POST ${USE}/versions/{version}/stop`, { path: path(), body: { reason: 'says nonsense' } });

/** Batches the model spoke of; `shift` moves their lowest pH by so many bins. */
const answered = async (count: number, shift = 0): Promise<void> => {
  for (const { inputBins, score } of answersOf('here', count, shift)) {
    const batchId = `north-20260302-${String(batches += 1).padStart(6, '0')}`;
    const recipe = { masterBatchRecordId: 'test', masterBatchRecordVersion: 1, contentHash: 'c', content: CONTENT };
    const made: BatchEvent = { ...MADE, inputBins, probability: score };
    await node.records.batches.change(batchId, () => [{ type: 'batch-created', batchId, nodeId: 'north', productId: 'test-product', chainOfIdentityId: 'C', recipe }, made], { actor: ACTOR });
  }
};
const tabled = async (deviation: NonNullable<GovernanceRow['deviation']>): Promise<void> => {
  const content = { ...GOVERNANCE_TABLE, rows: GOVERNANCE_TABLE.rows.map((row) => ({ ...row, deviation })) };
  const drafted: readonly GovernanceTableEvent[] = [{ type: 'governance-table-drafted', version: 1, content, contentHash: 'c', signature: QUALITY('authorship').signature }, { type: 'governance-table-made-effective', version: 1, signature: QUALITY('responsibility').signature }];
  await node.records.governanceTables.change('test-product', () => drafted, { actor: ACTOR });
};

beforeEach(async () => {
  rung.length = 0;
  node = createNode();
  batches = 0;
  [network, bucket] = [createMemoryObjectStore(), createMemoryObjectStore()];
  network.objects.set(`models/${ARTEFACT}.json`, Buffer.from(ARTEFACT_TEXT));
  put(PUBLISHED_RECORDS, { records: [RECORD] });
  put(PUBLISHED_REFERENCES, { references: [reference()] });
  await take();
});

describe('a hospital that judges its own drift', () => {
  it('has the signed rule and the reference on its own record, once, and refuses another for the same version', async () => {
    await take();
    expect(await types()).toEqual(['model-record-taken', 'model-reference-taken']);
    put(PUBLISHED_REFERENCES, { references: [reference({ minimumCases: 1 })] });
    expect(await take()).toMatchObject({ refused: [MODEL_ID] });
    network.objects.set(PUBLISHED_REFERENCES, Buffer.from('{'));
    expect(await take()).toMatchObject({ refused: [PUBLISHED_REFERENCES] });
    expect((await events())[1]).toMatchObject({ monitoring: PLAN.monitoring });
  });
  it('says nothing of fewer batches than the plan wants, and that this is why', async () => {
    await answered(29, 5);
    await judge();
    expect(await judged()).toMatchObject([{ decision: 'no-statement', cases: 29, detail: 'too few cases to judge by', notJudged: expect.arrayContaining(['ph-minimum: 90 and 29 cases, want 30']) as unknown }]);
    expect([await used(), await work()]).toEqual([['active'], []]);
  });
  it('says nothing where no reference is on its record', async () => {
    put(PUBLISHED_REFERENCES, { references: [] });
    node = createNode();
    await take();
    await judge();
    expect(await judged()).toMatchObject([{ decision: 'no-statement', detail: expect.stringContaining('no reference') as string }]);
  });
  it('puts on record that all is as at the test, once a week', async () => {
    await answered(60);
    await judge();
    await judge();
    expect(await judged()).toMatchObject([{ decision: 'none', cases: 60 }]);
    node.time.epochMs += 7 * DAY_MS;
    await judge();
    expect([(await judged()).length, await work()]).toEqual([2, []]);
  });
  it('opens a deviation as severe as its table says, asks people, and stops the model where the plan\'s rule suspends', async () => {
    await tabled('minor');
    await answered(60, 5);
    await judge();
    expect((await events()).slice(2)).toMatchObject([{ type: 'model-drift-judged-here', decision: 'suspend' }, { type: 'model-deviation-raised-here', severity: 'minor', rule: 'input-drift', askedOf: ['process-scientist', 'quality-reviewer'] }, { type: 'model-use-stopped-here', by: 'rule' }]);
    expect(await used()).toEqual(['suspended']);
    expect(await work()).toMatchObject([{ subject: `model-drift/${MODEL_ID}/1/${await runs()}`, detail: expect.stringContaining('ph-minimum') as string }]);
    const stream = { kind: 'model-record', id: MODEL_ID } as const;
    expect(viewsOf(stream, await node.store.load(stream), node.now()).map(({ key }) => key.pk)).toContain('WORK#quality-reviewer');
  });
  it('asks people whether to stop it where the plan leaves that to people', async () => {
    node = createNode();
    put(PUBLISHED_REFERENCES, { references: [reference({ suspension: 'by-people' })] });
    await take();
    await answered(60, 5);
    await judge();
    expect([await used(), (await work()).map(({ detail }) => detail)]).toEqual([['active'], [expect.stringContaining('asks whether to stop')]]);
  });
  it('stops it at once where the table calls such drift critical, whoever the plan leaves it to', async () => {
    node = createNode();
    put(PUBLISHED_REFERENCES, { references: [reference({ suspension: 'by-people' })] });
    await take();
    await tabled('critical');
    await answered(60, 5);
    await judge();
    expect(await used()).toEqual(['suspended']);
  });
});

describe('a hospital that judges what process monitoring says of its batches', () => {
  const OUTPUT = 'process-monitoring-alarm' as const;
  const decided = (disposition: 'release' | 'reject'): BatchEvent => ({ type: 'disposition-recorded', disposition, reason: 'r', staged: false, signature: QUALITY('approval').signature });
  /** Whole cultures, with alarms on the record of those that had one; what came true is that quality rejected them. */
  const monitored = async (count: number, { shift = 0, missed = 0 } = {}): Promise<void> => {
    for (const [i, { inputBins, score }] of answersOf('here', count, shift).entries()) {
      const batchId = `north-20260302-${String(batches += 1).padStart(6, '0')}`;
      const recipe = { masterBatchRecordId: 'test', masterBatchRecordVersion: 1, contentHash: 'c', content: CONTENT };
      const says = score >= 0.5;
      const alarm: BatchEvent = { ...MADE, output: OUTPUT, probability: 0.999, monitoring: { fromHour: 4, hour: 8, t2: 9, t2Limit: 5, q: 1, qLimit: 2 } };
      const concluded: BatchEvent = { type: 'monitoring-concluded', modelId: MODEL_ID, modelVersion: 1, modelHash: ARTEFACT, score, verdict: says ? 'positive' : 'negative', inputBins, judgedHours: 60 };
      await node.records.batches.change(batchId, () => [{ type: 'batch-created', batchId, nodeId: 'north', productId: 'test-product', chainOfIdentityId: 'C', recipe }, ...(says ? [alarm] : []), concluded, decided(says !== i < missed ? 'reject' : 'release')], { actor: ACTOR });
    }
  };
  beforeEach(async () => {
    node = createNode();
    put(PUBLISHED_RECORDS, { records: [{ ...RECORD, output: OUTPUT }] });
    await take();
  });
  it('counts each batch once, also those without an alarm, and finds all as at the test', async () => {
    await monitored(60);
    await judge();
    expect(await judged()).toMatchObject([{ decision: 'none', cases: 60 }]);
  });
  it('stops the model where its inputs have moved as far as the plan\'s rule suspends', async () => {
    await monitored(60, { shift: 5 });
    await judge();
    expect((await events()).slice(2)).toMatchObject([{ decision: 'suspend', cases: 60 }, { type: 'model-deviation-raised-here', rule: 'input-drift' }, { type: 'model-use-stopped-here', by: 'rule' }]);
    expect(await used()).toEqual(['suspended']);
  });
  it('opens a deviation when it no longer sees the batches that quality rejects', async () => {
    await monitored(60, { missed: 30 });
    await judge();
    expect((await events()).slice(2)).toMatchObject([{ decision: 'alarm', detail: expect.stringMatching(/^sensitivity: got 0.500/) as string }, { type: 'model-deviation-raised-here', rule: 'performance' }]);
  });
});

describe('drift at a hospital', () => {
  beforeEach(async () => { await answered(60, 5); await judge(); });
  it('ring the alarm, once', async () => {
    await judge();
    expect(rung).toEqual(['OwnDriftFound 1']);
  });
  it('is assessed by one, closed and let back by another, and an inspector reads all of it', async () => {
    expect((await assess()).status).toBe(200);
    expect((await close()).status).toBe(200);
    expect([await used(), await work()]).toEqual([['suspended'], []]);
    expect((await resume()).status).toBe(200);
    expect(await used()).toEqual(['active']);
    expect(await node.ok(operator, `GET ${USE}`, { path: { modelId: MODEL_ID } })).toMatchObject({ deviations: [{ state: 'closed', assessments: [{ acceptable: true, rootCause: 'a new probe', signature: { signerId: scientist.id, meaning: 'review' } }], closed: { conclusion: 'probe calibrated' } }], versions: [{ state: 'active' }] });
    const { items } = await node.ok(reviewer, 'GET /v1/audit/models') as { items: { drift: unknown[] }[] };
    expect(items[0]?.drift).toMatchObject([
      { what: 'reference-taken' }, { what: 'own-suspend', cases: 60, by: 'judge-own-drift' }, { what: 'deviation-raised' }, { what: 'stopped-by-rule' }, { what: 'assessed', acceptable: true, by: scientist.id, signature: { signerId: scientist.id, meaning: 'review' } },
      { what: 'deviation-closed', signature: { signerId: reviewer.id, meaning: 'approval' } }, { what: 'resumed', signature: { meaning: 'responsibility' } },
    ]);
  });
  it('does not alarm again on the cases quality has closed it for, and does on new ones', async () => {
    await assess();
    node.time.epochMs += DAY_MS;
    await close();
    await resume();
    node.time.epochMs += 7 * DAY_MS;
    await judge();
    expect((await judged()).at(-1)).toMatchObject({ decision: 'no-statement', cases: 0, from: expect.any(String) as string });
    await answered(60, 5);
    node.time.epochMs += 7 * DAY_MS;
    await judge();
    expect((await judged()).at(-1)).toMatchObject({ decision: 'suspend', cases: 60 });
    expect(await used()).toEqual(['suspended']);
  });
  it.each<readonly [string, () => Promise<{ code: string | undefined }>, string]>([
    ['closed before it is assessed', () => close(), 'deviation-state-wrong'], ['closed when it is not acceptable', async () => { await assess(scientist, { acceptable: false }); return close(); }, 'deviation-state-wrong'],
    ['closed by who assessed it', async () => { await assess(reviewer); return close(); }, 'signature-same-person'], ['resumed before it is closed', async () => { await assess(); return resume(); }, 'deviation-state-wrong'],
    ['assessed by an operator', () => assess(operator), 'role-missing'], ['assessed by a regulator', () => assess(regulator), 'role-missing'], ['assessed unsigned', () => assess(scientist, { signature: undefined }), 'request-malformed'],
    ['assessed under another meaning', async () => assess(scientist, { signature: await sign(scientist, 'approval') }), 'signature-meaning-wrong'], ['assessed as it stood before', async () => assess(scientist, { signature: node.sign(scientist, 'review', await version() - 1) }), 'version-conflict'],
    ['assessed under a name it does not have', () => assess(scientist, {}, 'own-v1-1999-01-01'), 'deviation-not-found'], ['assessed twice closed', async () => { await assess(); await close(); return assess(); }, 'deviation-state-wrong'],
    ['read of a model nobody knows', () => node.call(operator, `GET ${USE}`, { path: { modelId: 'other' } }), 'model-not-found'],
  ])('is not %s', async (_, run, code) => {
    expect((await run()).code).toBe(code);
    expect(await used()).toEqual(['suspended']);
  });
});

describe('a model that is stopped for a hospital by a person', () => {
  it('says nothing from then on, by one person without a signature; to come back takes two', async () => {
    expect((await stop()).status).toBe(200);
    expect((await stop()).status).toBe(200);
    expect(await used()).toEqual(['suspended']);
    expect((await resume()).code).toBe('deviation-state-wrong');
    const runId = 'stopped-v1-1';
    await assess(scientist, {}, runId);
    await close(reviewer, runId);
    expect((await resume()).status).toBe(200);
    expect((await resume()).code).toBe('model-state-wrong');
    expect(await used()).toEqual(['active']);
  });
  it.each<readonly [string, () => Promise<{ code: string | undefined }>, string]>([
    ['by a regulator', () => stop(regulator), 'role-missing'], ['of a version nobody knows', () => node.call(operator, `POST ${USE}/versions/{version}/stop`, { path: path({ version: '7' }), body: { reason: 'why not' } }), 'model-not-found'],
    ['when it is retired', async () => { put(PUBLISHED_RECORDS, { records: [{ ...RECORD, state: 'retired' }] }); await take(); return stop(); }, 'model-state-wrong'],
  ])('is not %s', async (_, run, code) => { expect((await run()).code).toBe(code); });
});

describe('drift the control site told', () => {
  it('is assessed here too, and leaves the hospital\'s work lists; it is closed there', async () => {
    put('published/drift.json', { notices: [{ modelId: MODEL_ID, version: 1, runId: 'DRIFT-1', from: '2026-01-01T00:00:00.000Z', to: '2026-02-01T00:00:00.000Z', cases: 90, decision: 'alarm', detail: 'ph', isOpen: true }] });
    await take();
    expect(await work()).toHaveLength(1);
    expect((await assess(reviewer, { acceptable: false }, 'DRIFT-1')).status).toBe(200);
    expect(await work()).toEqual([]);
    expect(await node.ok(operator, `GET ${USE}`, { path: { modelId: MODEL_ID } })).toMatchObject({ told: [{ runId: 'DRIFT-1', isSettled: false, assessments: [{ acceptable: false, signature: { signerId: reviewer.id } }] }], deviations: [] });
    expect((await close(reviewer, 'DRIFT-1')).code).toBe('deviation-not-found');
  });
});

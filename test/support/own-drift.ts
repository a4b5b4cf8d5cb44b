import type { Context } from 'aws-lambda';
import { createNodeModels } from '../../functions/_platform/node-models.ts';
import { createHandler } from '../../functions/judge-own-drift/handler.ts';
import { createHandler as createIntake } from '../../functions/model-intake/handler.ts';
import type { BatchEvent } from '../../shared/batch/events.ts';
import { distributionsOf } from '../../shared/model-registry/distributions.ts';
import type { ModelRecord } from '../../shared/model-registry/may-run.ts';
import type { MonitoringPlan } from '../../shared/model-registry/model-plan.ts';
import type { ModelRecordEvent } from '../../shared/model-registry/node-record.ts';
import type { PublicationName } from '../../shared/model-registry/publication.ts';
import { planHashOf } from '../../shared/model-registry/schema.ts';
import type { GovernanceRow, GovernanceTableEvent } from '../../shared/prediction-governance/table.ts';
import { CONTENT } from './batch-fixtures.ts';
import { answersOf, INPUTS } from './drift-play.ts';
import { createMemoryObjectStore } from './memory/object-store.ts';
import { ARTEFACT, ARTEFACT_TEXT, GOVERNANCE_TABLE, MODEL_ID, PLAN, QUALITY } from './model-fixtures.ts';
import { createNode, type TestNode } from './node.ts';
import { PEOPLE, type TestPerson } from './people.ts';
import { controlKey, publishAs } from './publications.ts';

const { operator, scientist, reviewer } = PEOPLE;
export const ACTOR = { kind: 'system', id: 'test', version: '1' } as const;
const context = { awsRequestId: 'r-1' } as Context;
export const USE = '/v1/model-use/{modelId}';
export const RECORD: ModelRecord = { modelId: MODEL_ID, version: 1, productId: 'test-product', output: 'early-failure', artefactSha256: ARTEFACT, state: 'active', inputs: PLAN.inputs.map(({ title: _, ...bounds }) => bounds), undecided: { errorRate: 0.1 } };
export const REFERENCE = distributionsOf(INPUTS, answersOf('test', 90));
export const MADE = { type: 'recommendation-made', recommendationId: 'REC', output: 'early-failure', modelId: MODEL_ID, modelVersion: 1, modelHash: ARTEFACT, inputsHash: 'x', undecided: false, explanation: [], alternatives: [], actions: [], threshold: 0.5, askedOf: [], tableVersion: 1, tableHash: 'x', validUntil: '2026-03-02T00:00:00Z' } as const;

type Hospital = { node: TestNode; network: ReturnType<typeof createMemoryObjectStore>; bucket: ReturnType<typeof createMemoryObjectStore>; batches: number };
/** A hospital with one model of the control site in use. `network`: what the control site published; `batches`: how many the hospital has. */
export const hospital = {} as Hospital;
export const put = (name: PublicationName, content: object): unknown => publishAs(hospital.network.objects, name, JSON.stringify({ formatVersion: 1, ...content }));
export const reference = (own: Partial<MonitoringPlan> = {}) => ({ modelId: MODEL_ID, version: 1, planHash: planHashOf(PLAN), monitoring: { ...PLAN.monitoring, ...own }, distributions: REFERENCE });
export const take = () => createIntake({ nodeId: 'north', datasets: hospital.node.datasets, models: hospital.node.records.models, tables: hospital.node.records.governanceTables, publications: hospital.node.records.publications, controlKey, now: hospital.node.now, operations: hospital.node.operations, bucket: hospital.bucket, fetch: async (key) => (await hospital.network.get(key))?.body, count: () => undefined })({}, context);
export const rung: string[] = [];
export const judge = () => createHandler({ models: hospital.node.records.models, tables: hospital.node.records.governanceTables, operations: hospital.node.operations, record: hospital.node.store, now: hospital.node.now, count: (name, value) => { if (value > 0) rung.push(`${name} ${value}`); } })({}, context);
export const events = async () => (await hospital.node.store.load<ModelRecordEvent>({ kind: 'model-record', id: MODEL_ID })).map(({ event }) => event);
export const types = async () => (await events()).map(({ type }) => type);
export const judged = async () => (await events()).filter((event) => event.type === 'model-drift-judged-here');
export const runs = async (): Promise<string> => (await judged()).at(-1)?.runId ?? '';
export const used = async () => (await createNodeModels({ models: hospital.node.records.models, operations: hospital.node.operations, bucket: hospital.bucket }).records()).map(({ state }) => state);
export const version = async () => (await hospital.node.records.models.load(MODEL_ID)).position.version;
export const work = async (person = reviewer, role = 'quality-reviewer') => ((await hospital.node.ok(person, 'GET /v1/work', { query: { role } }))['items'] as { subject: string; detail: string }[]).filter(({ subject }) => subject.startsWith('model-drift/'));
export const path = (own: object = {}) => ({ modelId: MODEL_ID, version: '1', ...own });
export const sign = async (person: TestPerson, meaning: 'review' | 'approval' | 'responsibility') => hospital.node.sign(person, meaning, await version());
export const assess = async (person: TestPerson = scientist, own: object = {}, runId?: string) => hospital.node.call(person, `POST ${USE}/versions/{version}/drift/{runId}/assessment`, { path: path({ runId: runId ?? await runs() }), body: { acceptable: true, impact: 'none on batches', rootCause: 'a new probe', signature: await sign(person, 'review'), ...own } });
export const close = async (person: TestPerson = reviewer, runId?: string) => hospital.node.call(person, `POST ${USE}/versions/{version}/drift/{runId}/closure`, { path: path({ runId: runId ?? await runs() }), body: { conclusion: 'probe calibrated', signature: await sign(person, 'approval') } });
export const resume = async (person: TestPerson = reviewer) => hospital.node.call(person, `POST ${USE}/versions/{version}/resume`, { path: path(), body: { reason: 'looked into', signature: await sign(person, 'responsibility') } });
export const stop = (person: TestPerson = operator, reason = 'says nonsense', own: Readonly<{ key?: string }> = {}) => hospital.node.call(person, `POST ${USE}/versions/{version}/stop`, { path: path(), body: { reason }, ...own });

/** Batches the model spoke of; `shift` moves their lowest pH by so many bins. */
export const answered = async (count: number, shift = 0): Promise<void> => {
  for (const { inputBins, score } of answersOf('here', count, shift)) {
    const batchId = `north-20260302-${String(hospital.batches += 1).padStart(6, '0')}`;
    const recipe = { masterBatchRecordId: 'test', masterBatchRecordVersion: 1, contentHash: 'c', content: CONTENT };
    const made: BatchEvent = { ...MADE, inputBins, probability: score };
    await hospital.node.records.batches.change(batchId, () => [{ type: 'batch-created', batchId, nodeId: 'north', productId: 'test-product', chainOfIdentityId: 'C', recipe }, made], { actor: ACTOR });
  }
};
export const tabled = async (deviation: NonNullable<GovernanceRow['deviation']>): Promise<void> => {
  const content = { ...GOVERNANCE_TABLE, rows: GOVERNANCE_TABLE.rows.map((row) => ({ ...row, deviation })) };
  const drafted: readonly GovernanceTableEvent[] = [{ type: 'governance-table-drafted', version: 1, content, contentHash: 'c', signature: QUALITY('authorship').signature }, { type: 'governance-table-made-effective', version: 1, signature: QUALITY('responsibility').signature }];
  await hospital.node.records.governanceTables.change('test-product', () => drafted, { actor: ACTOR });
};

/** A model is taken into use; for each test. */
export const beginUse = async (): Promise<void> => {
  rung.length = 0;
  hospital.node = createNode();
  hospital.batches = 0;
  [hospital.network, hospital.bucket] = [createMemoryObjectStore(), createMemoryObjectStore()];
  hospital.network.objects.set(`models/${ARTEFACT}.json`, Buffer.from(ARTEFACT_TEXT));
  put('records', { records: [RECORD] });
  put('references', { references: [reference()] });
  await take();
};

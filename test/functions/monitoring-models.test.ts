import type { Context } from 'aws-lambda';
import { beforeEach, describe, expect, it } from 'vitest';
import { modelObject, PUBLISHED_RECORDS } from '../../functions/_platform/model-objects.ts';
import { createNodeModels } from '../../functions/_platform/node-models.ts';
import { createHandler as createIntake } from '../../functions/model-intake/handler.ts';
import { readMonitoringFile } from '../../models/monitoring/model-file.ts';
import { manifestHashOf } from '../../shared/model-registry/data-manifest.ts';
import { ruleOf, type ModelRecord } from '../../shared/model-registry/may-run.ts';
import { planHashOf } from '../../shared/model-registry/schema.ts';
import { ruleHashOf } from '../../shared/model-registry/test-opening.ts';
import { sha256Hex } from '../../shared/record/chain.ts';
import { codeOfAsync } from '../support/error-code.ts';
import { createMemoryObjectStore } from '../support/memory/object-store.ts';
import { ARTEFACT, ARTEFACT_TEXT, dataStatements, manifestOfStatements, MODEL_ID, PLAN, TESTED_ON, TRAINING } from '../support/model-fixtures.ts';
import { createRegistry, DEVELOPER, testCountsOf } from '../support/model-registry.ts';
import { MONITORED, MONITORED_NAMES, MONITORING_SHA256, MONITORING_TEXT, normalValue } from '../support/monitoring.ts';
import { statedBy } from '../support/statements.ts';
import { OPENED, openTest } from '../support/test-openings.ts';
import { createNode, type TestNode } from '../support/node.ts';
import { PEOPLE } from '../support/people.ts';
import { controlKey, publishAs } from '../support/publications.ts';

const { scientist, reviewer } = PEOPLE;
const { alarm: { level: MONITORING_LEVEL } } = readMonitoringFile(MONITORING_TEXT);
const MONITORING_PLAN = {
  ...PLAN, output: 'process-monitoring-alarm' as const, threshold: MONITORING_LEVEL, title: 'Monitoring of an expansion', design: { ...PLAN.design, algorithm: 'multiway-pca', explanation: 'contributions' as const },
  inputs: MONITORED.map(({ name, low, high }) => ({ name, title: name, unit: '', low, high, mayBeMissing: true })),
};
const { calibration: _, calibrationManifestSha256: __, ...UNCALIBRATED } = TRAINING;
const MONITORED_ON = dataStatements('training', [{ nodeId: 'north', from: 0, records: 10 }, { nodeId: 'hill', from: 0, records: 12 }], MONITORING_SHA256);
const TRAINED = { ...UNCALIBRATED, artefactSha256: MONITORING_SHA256, trainingManifestSha256: manifestHashOf(manifestOfStatements(MONITORED_ON)), inputs: MONITORED_NAMES, algorithm: 'multiway-pca' };

/** Up to the candidate, with whatever file. */
const handedIn = async (own: object = {}, plan: object = MONITORING_PLAN) => {
  const registry = createRegistry();
  await registry.addArtefact(MONITORING_TEXT);
  await registry.addArtefact(ARTEFACT_TEXT);
  await registry.addManifest(MONITORED_ON);
  await registry.addManifest();
  await registry.draft(plan);
  await registry.approvePlan();
  return { registry, answer: await registry.submit(DEVELOPER, 'authorship', { training: { ...TRAINED, ...own }, calibrationStatements: undefined }) };
};

describe('a monitoring model in the registry', () => {
  it('goes from plan to active by the same signatures as any other, tested by counts of cases, and hospitals are told its hash', async () => {
    const { registry, answer } = await handedIn();
    expect(answer.status).toBe(200);
    await registry.addManifest(TESTED_ON);
    await registry.registerTestData();
    await registry.open();
    const own = { planHash: planHashOf(MONITORING_PLAN), artefactSha256: MONITORING_SHA256, ruleSha256: ruleHashOf(ruleOf(MONITORING_PLAN, undefined)) };
    const statements = await Promise.all(['north', 'hill'].map((nodeId) => statedBy(nodeId, testCountsOf(nodeId, own))));
    expect((await registry.test(reviewer, 'performed', { statements })).status).toBe(200);
    expect((await registry.accept()).status).toBe(200);
    expect((await registry.activate(reviewer, 'responsibility', { artefactSha256: MONITORING_SHA256 })).status).toBe(200);
    const published = JSON.parse(Buffer.from(registry.site.bucket.objects.get(PUBLISHED_RECORDS) ?? []).toString('utf8')) as { records: ModelRecord[] };
    expect(published.records).toMatchObject([{ modelId: MODEL_ID, output: 'process-monitoring-alarm', artefactSha256: MONITORING_SHA256, state: 'active' }]);
  });
  it('is told apart from a forest when its file is sent', async () => {
    const registry = createRegistry();
    expect((await registry.addArtefact(MONITORING_TEXT)).body).toEqual({ artefactSha256: MONITORING_SHA256, kind: 'monitoring', inputs: MONITORED_NAMES, components: 2 });
  });
  it('is refused as the model of another output, and so is a forest as one that monitors', async () => {
    const forest = await handedIn({ artefactSha256: ARTEFACT, inputs: TRAINING.inputs, trainingManifestSha256: TRAINING.trainingManifestSha256 });
    expect([forest.answer.code, String(forest.answer.body['detail'])]).toEqual(['model-change-outside-plan', 'artefactSha256: got a forest model for process-monitoring-alarm, want a monitoring model']);
    expect((await handedIn({}, { ...MONITORING_PLAN, output: 'early-failure' })).answer.code).toBe('model-change-outside-plan');
  });
  it('is refused where its plan signs another threshold than it alarms at', async () => {
    const { answer } = await handedIn({}, { ...MONITORING_PLAN, threshold: 0.9 });
    expect([answer.code, answer.body['paths']]).toEqual(['model-change-outside-plan', ['threshold']]);
  });
  it('is refused with its inputs in another order, and with a byte changed', async () => {
    expect((await handedIn({ inputs: MONITORED_NAMES.toReversed() })).answer.code).toBe('model-change-outside-plan');
    const { status, body } = await createRegistry().addArtefact(MONITORING_TEXT.replace('"batches":60', '"batches":61'));
    expect([status, body['paths']]).toEqual([400, ['body.artefact']]);
  });
});

describe('a monitoring model at a hospital', () => {
  let node: TestNode;
  let network: ReturnType<typeof createMemoryObjectStore>;
  let bucket: ReturnType<typeof createMemoryObjectStore>;
  const record = (own: Partial<ModelRecord> = {}): ModelRecord => ({ modelId: MODEL_ID, version: 1, productId: 'p', output: 'process-monitoring-alarm', artefactSha256: MONITORING_SHA256, inputs: [], undecided: { errorRate: 0.1 }, state: 'active', ...own });
  const tell = (told: ModelRecord): unknown => publishAs(network.objects, 'records', JSON.stringify({ formatVersion: 1, records: [told] }));
  const take = () => createIntake({
    nodeId: 'north', datasets: node.datasets, models: node.records.models, tables: node.records.governanceTables, publications: node.records.publications, controlKey, now: node.now, operations: node.operations, bucket, fetch: async (key) => (await network.get(key))?.body, shipped: () => ({ sha256: ARTEFACT, bytes: Buffer.from(ARTEFACT_TEXT) }), count: () => undefined,
  })({}, { awsRequestId: 'r-1' } as Context);
  const models = () => createNodeModels({ models: node.records.models, operations: node.operations, bucket });
  beforeEach(() => {
    [node, network, bucket] = [createNode(), createMemoryObjectStore(), createMemoryObjectStore()];
    network.objects.set(modelObject.artefact(MONITORING_SHA256), Buffer.from(MONITORING_TEXT));
  });

  it('is taken with its hash, onto the record, and has no archive for the endpoint', async () => {
    tell(record());
    expect(await take()).toEqual({ taken: [MODEL_ID], refused: [] });
    expect((await models().monitoring(MONITORING_SHA256)).plane.variables.map(({ name }) => name)).toEqual(MONITORED_NAMES);
    expect([...bucket.objects.keys()].filter((key) => key.includes(MONITORING_SHA256))).toEqual([modelObject.artefact(MONITORING_SHA256)]);
    expect(await take()).toEqual({ taken: [], refused: [] });
  });
  it('is refused when its bytes are not its hash, or its own hash not that of what it says', async () => {
    const tampered = MONITORING_TEXT.replace('"batches":60', '"batches":61');
    network.objects.set(modelObject.artefact(MONITORING_SHA256), Buffer.from(tampered));
    tell(record());
    expect(await take()).toEqual({ taken: [], refused: [MODEL_ID] });
    network.objects.set(modelObject.artefact(sha256Hex(tampered)), Buffer.from(tampered));
    tell(record({ artefactSha256: sha256Hex(tampered) }));
    expect(await take()).toEqual({ taken: [], refused: [MODEL_ID] });
    expect(await models().records()).toEqual([]);
  });
  it('does not load once it was changed in the hospital\'s bucket, and is no forest', async () => {
    tell(record());
    await take();
    expect(await codeOfAsync(() => models().artefact(MONITORING_SHA256))).toBe('model-malformed');
    bucket.objects.set(modelObject.artefact(MONITORING_SHA256), Buffer.from(MONITORING_TEXT.replace('"batches":60', '"batches":61')));
    expect(await codeOfAsync(() => models().monitoring(MONITORING_SHA256))).toBe('model-tampered');
  });
  it('is tested on the hospital\'s own batches: false alarms and faults found, as counts', async () => {
    node.artefacts.set(MONITORING_SHA256, MONITORING_TEXT);
    const values = (shift: number) => MONITORED_NAMES.map((name, i) => (name.startsWith('ph') && i > 6 ? normalValue(name, i) + shift : normalValue(name, i)));
    const rows = [...Array.from({ length: 8 }, (_, i) => ({ recordId: `G-${i}`, label: 0, values: values(0.001 * i) })), ...Array.from({ length: 3 }, (_, i) => ({ recordId: `F-${i}`, label: 1, values: values(0.4) })), { recordId: 'G-8', label: 0, values: values(0.4) }, { recordId: 'F-3', label: 1, values: values(0).map((value, i) => (i % 5 === 0 ? null : value)) }];
    const sent = { datasetId: 'HELD-OUT', title: 'Held-out batches', source: 'archive', role: 'test', label: 'failed', features: MONITORED_NAMES, rows };
    await node.ok(scientist, 'POST /v1/training-data', { body: { ...sent, signature: node.sign(scientist, 'responsibility', 0) } });
    const bounds = { unit: '', low: 0, high: 1, mayBeMissing: true };
    await openTest(node, MONITORING_SHA256, 'failed', { output: 'process-monitoring-alarm', threshold: 0.99, inputs: MONITORED_NAMES.map((name) => ({ name, ...bounds })), undecided: { errorRate: 0.1 } });
    const { body } = await node.call(scientist, 'POST /v1/model-evaluations', { body: { artefactSha256: MONITORING_SHA256, label: 'failed', ...OPENED } });
    expect((body['counted'] as Record<string, unknown>)['counts']).toEqual({ truePositive: 3, falsePositive: 1, trueNegative: 8, falseNegative: 1, undecidedPositive: 0, undecidedNegative: 0 });
  });
  it('is tested on batches of which nothing was measured too: they are undecided, not right, and their score is missing from what drift is held against', async () => {
    node.artefacts.set(MONITORING_SHA256, MONITORING_TEXT);
    const batch = (recordId: string, label: number, lastHour: number, off: number) => ({ recordId, label, values: MONITORED_NAMES.map((name, i) => (Number(name.split('-').at(-1)) > lastHour ? null : normalValue(name, i) + (name.startsWith('ph') ? off : 0))) });
    const rows = [batch('G-0', 0, 24, 0), batch('G-1', 0, 24, 0.001), batch('G-2', 0, 0, 0), batch('G-3', 0, 4, 0), batch('F-0', 1, 24, 0.4), batch('F-1', 1, 4, 0.4), batch('F-2', 1, 0, 0)];
    await node.ok(scientist, 'POST /v1/training-data', { body: { datasetId: 'HELD-OUT', title: 'Held-out batches', source: 'archive', role: 'test', label: 'failed', features: MONITORED_NAMES, rows, signature: node.sign(scientist, 'responsibility', 0) } });
    await openTest(node, MONITORING_SHA256, 'failed', { output: 'process-monitoring-alarm', threshold: 0.99, inputs: MONITORED.map(({ name, low, high }) => ({ name, unit: '', low, high, mayBeMissing: true })), undecided: { errorRate: 0.1 } });
    const { body } = await node.call(scientist, 'POST /v1/model-evaluations', { body: { artefactSha256: MONITORING_SHA256, label: 'failed', ...OPENED } });
    const counted = body['counted'] as Readonly<{ counts: object; distributions: readonly Readonly<{ name: string; counts: readonly number[]; missing: number }>[] }>;
    expect(counted.counts).toEqual({ truePositive: 1, falsePositive: 0, trueNegative: 2, falseNegative: 0, undecidedPositive: 2, undecidedNegative: 2 });
    expect(counted.distributions.find(({ name }) => name === '(score)')).toMatchObject({ missing: 4 });
  });
});

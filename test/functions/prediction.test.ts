import type { Context } from 'aws-lambda';
import { beforeEach, describe, expect, it } from 'vitest';
import { csvRow, probabilityOf } from '../../functions/prediction/endpoint-row.ts';
import { createGatewayReader } from '../../functions/_platform/gateways.ts';
import { createGovernedBatches } from '../../functions/_platform/governed-batches.ts';
import { createTrainingRows, OWN_LABEL } from '../../functions/_platform/training-rows.ts';
import { createHandler as createLookAhead } from '../../functions/look-ahead/handler.ts';
import { createHandler } from '../../functions/prediction/handler.ts';
import stress from '../../models/twin/worlds/stress.json' with { type: 'json' };
import { worldOf } from '../../models/twin/worlds/load.ts';
import { CAUTION } from '../../functions/prediction/without-model.ts';
import { FEATURE_METRICS, FEATURE_NAMES } from '../../models/early-prediction/features.ts';
import { SENSOR_METRICS } from '../../models/monitoring/trajectory.ts';
import { parseXgboostJson } from '../../models/forest/xgboost-json.ts';
import type { Forest } from '../../models/forest/tree.ts';
import { predict } from '../../models/forest/evaluate.ts';
import type { ModelRecord } from '../../shared/model-registry/may-run.ts';
import type { GovernanceRow } from '../../shared/prediction-governance/table.ts';
import { DATA_ROLES } from '../../shared/training-data/dataset.ts';
import { BirthBook } from '../../shared/telemetry/birth.ts';
import { describeEvent } from '../../shared/batch/describe.ts';
import type { BatchEvent } from '../../shared/batch/events.ts';
import { CONTENT, signature as signatureBy } from '../support/batch-fixtures.ts';
import { ARTEFACT, ARTEFACT_TEXT } from '../support/model-fixtures.ts';
import { createMemoryObjectStore } from '../support/memory/object-store.ts';
import { createNode, type TestNode } from '../support/node.ts';

const HOUR_MS = 3_600_000;
const ACTOR = { kind: 'system', id: 'test', version: '1' } as const;
const MODEL = { name: 'early-prediction', sha256: 'b'.repeat(64) };

const example: { model: typeof MODEL | undefined } = { model: MODEL };
let node: TestNode;
let batches: number;
const rows: (readonly number[])[] = [];
const endpoint: { answer(row: readonly number[]): Promise<number> } = { answer: () => Promise.resolve(0.25) };
const telemetry: { metrics: readonly string[] } = { metrics: FEATURE_METRICS };

const models: { records: readonly ModelRecord[]; forest: Forest } = { records: [], forest: parseXgboostJson(ARTEFACT_TEXT) };
const births = new BirthBook();
const lookAhead = createLookAhead(() => worldOf(stress, 'stress'));

beforeEach(() => {
  models.records = [];
  example.model = MODEL;
  node = createNode();
  batches = 0;
  rows.length = 0;
  endpoint.answer = () => Promise.resolve(0.25);
  telemetry.metrics = FEATURE_METRICS;
});

/** A batch whose cells have grown for some hours. */
const growing = async (hours: number, ...more: readonly BatchEvent[]): Promise<string> => {
  const batchId = `north-20260302-00000${batches += 1}`;
  const phaseId = 'expansion-culture';
  const end = node.time.epochMs;
  node.time.epochMs = end - hours * HOUR_MS;
  const recipe = { masterBatchRecordId: 'test', masterBatchRecordVersion: 1, contentHash: 'c', content: CONTENT };
  await node.records.batches.change(batchId, () => [
    { type: 'batch-created', batchId, nodeId: 'north', productId: 'p', chainOfIdentityId: 'C', recipe }, { type: 'batch-started' }, { type: 'phase-started', phaseId },
    { type: 'equipment-assigned', phaseId, equipmentId: 'BIO-1', equipmentClassId: 'bioreactor', device: { edgeNodeId: 'gateway-1', deviceId: 'bioreactor-1' } },
    { type: 'value-recorded', phaseId, valueId: 'starting-viability', value: 92, unit: '%', origin: { kind: 'entered' } }, ...more,
  ], { actor: ACTOR });
  node.time.epochMs = end;
  return batchId;
};

const run = () => createHandler({
  batches: createGovernedBatches(node.store), gateways: createGatewayReader(node.operations, node.now), tables: node.records.governanceTables, operations: node.operations, now: node.now, ...(example.model !== undefined && { example: example.model }),
  models: { records: () => Promise.resolve(models.records), artefact: () => Promise.resolve(models.forest) }, births: { bookOf: () => Promise.resolve(births) },
  lookAhead: async (question) => JSON.parse(JSON.stringify(await lookAhead(JSON.parse(JSON.stringify(question)) as never, { awsRequestId: 'r-2' } as Context))) as never,
  ask: (_, row) => {
    rows.push(row);
    return endpoint.answer(row);
  },
  reader: {
    series: ([device], metrics) => Promise.resolve(metrics.map((metric) => {
      const times = device === undefined || !telemetry.metrics.includes(metric) ? [] : Array.from({ length: 80 }, (_, hour) => device.fromEpochMs + hour * HOUR_MS).filter((time) => time < device.toEpochMs);
      return { times, values: times.map((_, hour) => 1 + hour / 10) };
    })),
  },
})({}, { awsRequestId: 'r-1' } as Context);
const predictions = async (batchId: string) => (await node.store.load<BatchEvent>({ kind: 'batch', id: batchId })).filter(({ event }) => event.type === 'prediction-recorded');

describe('at a hospital where nobody put a model to use', () => {
  const typed = async (batchId: string) => (await node.store.load<BatchEvent>({ kind: 'batch', id: batchId })).map(({ event }) => event).filter(({ type }) => type === 'prediction-recorded' || type === 'features-recorded' || type === 'recommendation-made');
  beforeEach(() => { example.model = undefined; });
  it('no model is asked; the features are on record, once, and no probability', async () => {
    const batchId = await growing(72);
    expect(await run()).toEqual({ due: 1, predicted: 1 });
    expect(await run()).toEqual({ due: 0, predicted: 0 });
    expect(rows).toEqual([]);
    expect(await typed(batchId)).toMatchObject([{ type: 'features-recorded', features: { 'starting-viability-percent': 92 } }]);
    expect(JSON.stringify(await typed(batchId))).not.toContain('probability');
    expect((await node.records.batches.load(batchId)).state).toMatchObject({ predictions: [] });
    expect(describeEvent((await typed(batchId))[0]!).what).toContain('what models are trained on, and no prediction');
  });
  it('waits for the next run while features are missing', async () => {
    telemetry.metrics = [];
    const batchId = await growing(72);
    expect(await run()).toEqual({ due: 1, predicted: 0 });
    expect(await typed(batchId)).toEqual([]);
  });
});

describe('the early prediction in an example network', () => {
  it('is on record with its model, what went in, and the caution that comes with it', async () => {
    const batchId = await growing(72);
    expect(await run()).toEqual({ due: 1, predicted: 1 });
    const [{ actor, event } = { actor: undefined, event: undefined }] = await predictions(batchId);
    expect(actor).toEqual({ kind: 'system', id: 'prediction', version: 'b'.repeat(12) });
    expect(event).toMatchObject({ probability: 0.25, threshold: 0.5, modelHash: MODEL.sha256, modelName: MODEL.name, caution: CAUTION, isExample: true, features: { 'starting-viability-percent': 92, 'density-mean-0-24': 1 + 11.5 / 10 } });
    expect((event as Readonly<{ featuresHash: string }>).featuresHash).toMatch(/^[0-9a-f]{64}$/);
    expect(rows[0]).toHaveLength(FEATURE_NAMES.length);
  });
  it('is not made while somebody has stopped the assistance; the features are on record all the same', async () => {
    const batchId = await growing(73, { type: 'assistance-stopped', reason: 'the probe is broken' });
    await run();
    expect([await predictions(batchId), rows]).toEqual([[], []]);
    expect((await node.store.load<BatchEvent>({ kind: 'batch', id: batchId })).filter(({ event }) => event.type === 'features-recorded')).toHaveLength(1);
  });
  it('is made once: a second run does nothing', async () => {
    const batchId = await growing(73);
    await run();
    const after = await node.held(batchId);
    expect(await run()).toEqual({ due: 0, predicted: 0 });
    expect(await node.held(batchId)).toEqual(after);
    expect(rows).toHaveLength(1);
  });
  it('is made once also when the list of batches is old', async () => {
    const batchId = await growing(73);
    const list = structuredClone([...node.operations.items]);
    await run();
    for (const [place, item] of list) node.operations.items.set(place, item);
    await run();
    expect(await predictions(batchId)).toHaveLength(1);
  });
  it('looks at no hour after the seventy-second', async () => {
    await growing(79);
    await run();
    expect(Math.max(...rows[0]!.filter(Number.isFinite).slice(0, 4))).toBeLessThan(1 + 72 / 10);
  });
  it.each([
    ['before its hours are over', 71.9, []], ['of a batch that was stopped', 80, [{ type: 'batch-stopped', reason: 'x', signature: {} }]], ['of a batch that is complete', 80, [{ type: 'batch-completed' }]],
  ] as const)('is not made %s', async (_, hours, more) => {
    await growing(hours, ...more as unknown as readonly BatchEvent[]);
    expect(await run()).toEqual({ due: 0, predicted: 0 });
  });
  it('is made for a batch on hold', async () => {
    await growing(80, { type: 'batch-held', reason: 'power failure' });
    expect(await run()).toEqual({ due: 1, predicted: 1 });
  });
  it('waits for the next run when features are missing, and holds up no other', async () => {
    telemetry.metrics = [];
    const batchId = await growing(72);
    expect(await run()).toEqual({ due: 1, predicted: 0 });
    expect([await predictions(batchId), rows]).toEqual([[], []]);
    telemetry.metrics = FEATURE_METRICS;
    expect(await run()).toEqual({ due: 1, predicted: 1 });
  });
  it.each([['an error', () => Promise.reject(new Error('the endpoint is down'))], ['no number', () => Promise.resolve(Number.NaN)]])('puts nothing on record when the endpoint answers %s, predicts the others, and fails for the alarm to see', async (_, answer) => {
    const [first, second, third] = [await growing(72), await growing(72), await growing(72)];
    let calls = 0;
    endpoint.answer = () => (calls += 1) === 2 ? answer() : Promise.resolve(0.7);
    await expect(run()).rejects.toThrow();
    expect([await predictions(first), await predictions(second), await predictions(third)].map((each) => each.length)).toEqual([1, 0, 1]);
    expect(await run()).toEqual({ due: 1, predicted: 1 });
  });
});

const RECORD: ModelRecord = {
  modelId: 'm', version: 2, productId: 'p', output: 'early-failure', artefactSha256: ARTEFACT, state: 'active', threshold: 0.5, undecided: { errorRate: 0.1 },
  inputs: [{ name: 'ph-minimum', unit: '', low: 0, high: 7.6, mayBeMissing: false }, { name: 'lactate-maximum', unit: 'mmol/L', low: 0, high: 40, mayBeMissing: true }],
};
const ASKED: GovernanceRow = {
  output: 'early-failure', handling: { kind: 'needs-signature', role: 'process-scientist' }, threshold: 0.5, undecided: 'needs-review', validForMinutes: 60, acknowledgeWithinSeconds: 120,
  actions: [{ metric: 'Bioreactor/Feed Rate Factor', unit: '', low: 0, high: 2 }, { metric: 'Bioreactor/Dissolved Oxygen Set-Point', unit: '%', low: 20, high: 100 }],
};
const LIKELY = predict(parseXgboostJson(ARTEFACT_TEXT), [1, 8.1]);

describe('a prediction by a model of the registry', () => {
  const signature = { signerId: 'qa-1', printedName: 'Q', signedAt: '2026-03-01T00:00:00Z', meaning: 'approval', signedVersion: 0, signedHash: 'x', reauthenticatedAt: '2026-03-01T00:00:00Z', reauthenticationId: 'x' } as const;
  const governedBy = async (...rows: readonly GovernanceRow[]) => {
    const { state } = await node.records.governanceTables.load('p');
    const version = (state?.versions.length ?? 0) + 1;
    await node.records.governanceTables.change('p', () => [
      { type: 'governance-table-drafted', version, content: { productId: 'p', rows }, contentHash: String(version).repeat(64), signature },
      { type: 'governance-table-made-effective', version, signature, ...(version === 1 ? {} : { supersededVersion: version - 1 }) },
    ], { actor: ACTOR });
  };
  const made = async (batchId: string) => (await node.store.load<BatchEvent>({ kind: 'batch', id: batchId })).flatMap(({ event }) => (event.type === 'recommendation-made' ? [event] : []));
  const work = async (role: string) => (await node.operations.list<Readonly<{ subject: string }>>(`WORK#${role}`, { limit: 50 })).items.map(({ subject }) => subject);
  beforeEach(() => {
    models.records = [RECORD];
    endpoint.answer = () => Promise.resolve(LIKELY);
    births.add({ edgeNodeId: 'gateway-1', deviceId: 'bioreactor-1', timestampEpochMs: 0, bdSeq: 0, table: [['Bioreactor/Feed Rate Factor', '1', 10], ['Bioreactor/Dissolved Oxygen Set-Point', '2', 10]] });
  });

  it('is on record with what it was made of, exact contributions that add up, alternatives with what is expected of each, and on the work list of who is asked', async () => {
    await governedBy(ASKED);
    const batchId = await growing(80);
    expect(await run()).toEqual({ due: 1, predicted: 1 });
    const [event] = await made(batchId);
    expect(event).toMatchObject({ output: 'early-failure', modelId: 'm', modelVersion: 2, modelHash: ARTEFACT, probability: LIKELY, verdict: 'positive', undecided: false, threshold: 0.5, askedOf: ['process-scientist'], tableVersion: 1, inputBins: '23' });
    const margin = Math.log(LIKELY / (1 - LIKELY));
    expect(event!.explanation.reduce((sum, { contribution }) => sum + contribution, 0)).toBeCloseTo(margin, 5);
    expect(event!.explanation.map(({ feature }) => feature)).toEqual(['(expected)', 'ph-minimum', 'lactate-maximum']);
    const found = Object.fromEntries(event!.alternatives.map((each) => [each.id, each]));
    expect(found['carry-on']).toMatchObject({ title: 'carry on', expected: expect.stringMatching(/^simulated by the digital twin: chance of passing release \d+ %/) as string });
    expect(found['raise-oxygen']).toMatchObject({ actions: [{ edgeNodeId: 'gateway-1', deviceId: 'bioreactor-1', metric: 'Bioreactor/Dissolved Oxygen Set-Point', value: 100, unit: '%' }] });
    expect([found['raise-feed']?.title, found['raise-feed']?.actions, found['exchange-medium']?.title]).toEqual(['raise feed (by hand)', undefined, 'exchange medium (by hand)']);
    expect(await work('process-scientist')).toEqual([`recommendation/${batchId}/${event!.recommendationId}`]);
    expect(await predictions(batchId)).toEqual([]);
  });
  const features = async (batchId: string) => (await node.store.load<BatchEvent>({ kind: 'batch', id: batchId })).flatMap(({ event }) => (event.type === 'features-recorded' ? [event] : []));
  it('leaves the batch\'s features on record beside it, once, so that the batch is a row for the next model', async () => {
    await governedBy(ASKED);
    const batchId = await growing(80);
    await run();
    await run();
    expect(await features(batchId)).toMatchObject([{ featuresHash: expect.stringMatching(/^[0-9a-f]{64}$/) as string, features: { 'starting-viability-percent': 92, 'density-mean-0-24': 1 + 11.5 / 10 } }]);
    expect(await made(batchId)).toHaveLength(1);
    await node.records.batches.change(batchId, () => [{ type: 'disposition-recorded', disposition: 'release', staged: false, reason: 'x', signature } as unknown as BatchEvent], { actor: ACTOR });
    const rows = createTrainingRows({ bucket: createMemoryObjectStore(), operations: node.operations, record: node.store, randomBytes: (count) => new Uint8Array(count) });
    const all = await Promise.all(DATA_ROLES.map((role) => rows.rowsOf(role, { features: ['density-mean-0-24'], label: OWN_LABEL })));
    expect(all.flat()).toMatchObject([{ label: 0, features: Object.keys((await features(batchId))[0]!.features) }]);
  });
  it.each([['is suspended', (): void => { models.records = [{ ...RECORD, state: 'suspended' }]; }], ['has no table that says what may follow', (): void => undefined]] as const)('leaves them there also while the model %s', async (_, before) => {
    before();
    const batchId = await growing(80);
    await run();
    expect([await features(batchId), await made(batchId)].map(({ length }) => length)).toEqual([1, 0]);
  });
  it('is made though features that the model does not take are missing; those are put on record once they are there', async () => {
    await governedBy(ASKED);
    telemetry.metrics = ['Bioreactor/pH', 'Bioreactor/Lactate'];
    const batchId = await growing(80);
    expect(await run()).toEqual({ due: 1, predicted: 1 });
    expect([await features(batchId), await made(batchId)].map(({ length }) => length)).toEqual([0, 1]);
    telemetry.metrics = FEATURE_METRICS;
    expect(await run()).toEqual({ due: 1, predicted: 1 });
    expect([await features(batchId), await made(batchId)].map(({ length }) => length)).toEqual([1, 1]);
  });
  it('is made once, and anew for another model, after a stop that was lifted, and after another table while nobody has decided', async () => {
    await governedBy(ASKED);
    const batchId = await growing(80);
    const after = async (change: () => unknown): Promise<number> => { await change(); await run(); await run(); return (await made(batchId)).length; };
    const say = (event: BatchEvent) => node.records.batches.change(batchId, () => [event], { actor: ACTOR });
    expect(await after(() => undefined)).toBe(1);
    expect(await after(() => say({ type: 'assistance-stopped', reason: 'x' }))).toBe(1);
    expect(await after(() => say({ type: 'assistance-resumed', reason: 'x', signature }))).toBe(2);
    expect(await after(() => governedBy({ ...ASKED, validForMinutes: 30 }))).toBe(3);
    expect(await after(() => { models.records = [{ ...RECORD, state: 'retired' }, { ...RECORD, version: 3, artefactSha256: 'f'.repeat(64) }]; })).toBe(4);
    expect(await after(() => { node.time.epochMs += 23 * HOUR_MS; })).toBe(4);
    expect(await after(() => { node.time.epochMs += 2 * HOUR_MS; })).toBe(5);
  });
  it.each<readonly [string, Partial<ModelRecord>, RegExp]>([
    ['an input lies outside the space it was tested in', { inputs: [{ ...RECORD.inputs[0]!, low: 6.6 }, RECORD.inputs[1]!] }, /^ph-minimum: got 1, want 6.6 to 7.6/],
    ['the calibration cases say the opposite of the threshold', { undecided: { errorRate: 0.1, calibration: { positives: [0, 0, 0, 0, 0, 0, 0, 0, 0, 50], negatives: [0, 0, 0, 0, 0, 0, 0, 0, 40, 0] } } }, /^score 0.8\d+: positive by the threshold, negative by the calibration cases/],
    ['its signed plan names no threshold', { threshold: undefined as never }, /^the signed plan names no threshold/],
    ['the calibration cases leave the score open', { undecided: { errorRate: 0.1, calibration: { positives: [0, 50], negatives: [40, 20] } } }, /^score 0.8/],
  ])('is undecided where %s: nothing is proposed, and somebody looks', async (_, own, because) => {
    models.records = [{ ...RECORD, ...own }];
    await governedBy(ASKED);
    const batchId = await growing(80);
    await run();
    const [event] = await made(batchId);
    expect(event).toMatchObject({ undecided: true, actions: [], alternatives: [], askedOf: ['process-scientist'] });
    expect(event!.undecidedBecause?.[0]).toMatch(because);
  });
  it('says beside the score how often such scores came true, where calibration is on record with cases; the threshold stays on the score', async () => {
    await governedBy({ ...ASKED, threshold: 0.75 });
    const said = async (calibration?: ModelRecord['undecided']['calibration']) => {
      models.records = [{ ...RECORD, undecided: { errorRate: 0.45, ...(calibration !== undefined && { calibration }) } }];
      const batchId = await growing(80);
      await run();
      return (await made(batchId)).map(({ probability, calibratedProbability, askedOf }) => [probability, calibratedProbability, askedOf]);
    };
    expect(await said({ positives: [1, 50], negatives: [40, 25] })).toEqual([[LIKELY, 50 / 75, ['process-scientist']]]);
    expect(await said({ positives: [0, 0], negatives: [0, 0] })).toEqual([[LIKELY, undefined, ['process-scientist']]]);
    expect(await said()).toEqual([[LIKELY, undefined, ['process-scientist']]]);
  });
  it('asks nobody below the thresholds, nor where the table says awareness', async () => {
    models.records = [{ ...RECORD, threshold: 0.9 }];
    await governedBy({ ...ASKED, threshold: 0.9 });
    const below = await growing(80);
    await run();
    await governedBy({ ...ASKED, handling: { kind: 'awareness' }, actions: [] });
    const aware = await growing(80);
    await run();
    for (const batchId of [below, aware]) expect((await made(batchId)).map(({ askedOf, alternatives }) => [askedOf, alternatives])).toEqual([[[], []]]);
    expect(await work('process-scientist')).toEqual([]);
  });
  it('is brought to somebody where the tested rule says positive, though the table asks for less', async () => {
    await governedBy({ ...ASKED, threshold: 0.9 });
    const batchId = await growing(80);
    await run();
    expect((await made(batchId)).map(({ verdict, askedOf }) => [verdict, askedOf])).toEqual([['positive', ['process-scientist']]]);
  });
  it('is shown as negative, with ways to go on and nothing proposed, where the table asks for more than the tested rule', async () => {
    models.records = [{ ...RECORD, threshold: 0.9 }];
    await governedBy({ ...ASKED, threshold: 0 });
    const batchId = await growing(80);
    await run();
    const [event] = await made(batchId);
    expect(event).toMatchObject({ verdict: 'negative', undecided: false, actions: [], askedOf: ['process-scientist'] });
    expect(event!.alternatives.length).toBeGreaterThan(1);
    expect(describeEvent(event!).what).toContain('negative, 0.8');
  });
  it('is none when the endpoint answers otherwise than the file the record names, and the run fails for the alarm to see', async () => {
    await governedBy(ASKED);
    const batchId = await growing(80);
    endpoint.answer = () => Promise.resolve(LIKELY + 2e-6);
    await expect(run()).rejects.toMatchObject({ errors: [{ code: 'prediction-differs' }] });
    expect(await made(batchId)).toEqual([]);
    endpoint.answer = () => Promise.resolve(LIKELY + 5e-7);
    expect(await run()).toEqual({ due: 1, predicted: 1 });
  });
  it('waits while nobody has signed what may follow from it', async () => {
    const batchId = await growing(80);
    expect(await run()).toEqual({ due: 1, predicted: 0 });
    await governedBy(ASKED);
    expect(await run()).toEqual({ due: 1, predicted: 1 });
    expect(await made(batchId)).toHaveLength(1);
  });
  it('is none of a model that is suspended, nor of two that are active; the shipped one does not step in', async () => {
    await governedBy(ASKED);
    const batchId = await growing(80);
    const suspended = [{ ...RECORD, state: 'suspended' as const }];
    models.records = suspended;
    await run();
    expect(await features(batchId)).toHaveLength(1);
    for (const records of [suspended, [RECORD, { ...RECORD, modelId: 'other' }]]) {
      models.records = records;
      expect(await run()).toEqual({ due: 0, predicted: 0 });
    }
    expect([await made(batchId), await predictions(batchId), rows]).toEqual([[], [], []]);
  });
});

describe('the row an endpoint is asked with', () => {
  it('leaves empty what is missing', () => { expect(csvRow([1.5, Number.NaN, -2e-7, Infinity])).toBe('1.5,,-2e-7,'); });
  it.each([['0', 0], ['1', 1], ['0.25\n', 0.25], [' 3e-4 ', 0.0003]])('takes the answer %j', (text, probability) => { expect(probabilityOf(text)).toBe(probability); });
  it.each(['', ' ', 'nan', '1.01', '-0.1', '0.2,0.3', '{"error":"x"}', '0x1', 'Infinity'])('refuses the answer %j', (text) => { expect(() => probabilityOf(text)).toThrow('want a probability'); });
});

describe('the course of a culture that has ended', () => {
  const METRICS = [...SENSOR_METRICS, ...FEATURE_METRICS];
  const courses = async (batchId: string) => (await node.store.load<BatchEvent>({ kind: 'batch', id: batchId })).flatMap(({ event }) => (event.type === 'trajectory-recorded' ? [event] : []));
  const end = (batchId: string, ...more: readonly BatchEvent[]) => node.records.batches.change(batchId, () => [{ type: 'phase-completed', phaseId: 'expansion-culture' }, ...more], { actor: ACTOR });
  const decided = { type: 'disposition-recorded', disposition: 'release', staged: false, reason: 'x', signature: signatureBy('qa-1', 'approval') } as unknown as BatchEvent;
  const rowsFor = async (features: readonly string[], label = OWN_LABEL) => {
    const rows = createTrainingRows({ bucket: createMemoryObjectStore(), operations: node.operations, record: node.store, randomBytes: (count) => new Uint8Array(count) });
    return (await Promise.all(DATA_ROLES.map((role) => rows.rowsOf(role, { features, label })))).flat();
  };
  beforeEach(() => { telemetry.metrics = METRICS; });

  it('is on record once, when its telemetry has settled, and is a row for process monitoring once quality has decided', async () => {
    const batchId = await growing(100);
    await run();
    expect(await courses(batchId)).toEqual([]);
    await end(batchId);
    await run();
    expect(await courses(batchId)).toEqual([]);
    node.time.epochMs += 2 * HOUR_MS;
    await run();
    await run();
    expect(await courses(batchId)).toMatchObject([{ windowHours: 4, trajectoryHash: expect.stringMatching(/^[0-9a-f]{64}$/) as string, sensors: { ph: expect.any(Array) as unknown, oxygen: expect.any(Array) as unknown } }]);
    expect((await courses(batchId))[0]!.sensors['ph']).toHaveLength(25);
    expect(describeEvent((await courses(batchId))[0]!).what).toContain('no judgement');
    const features = ['ph-mean-0-12', 'glucose-mean-12-24', 'ph-mean-96-108'];
    expect(await rowsFor(features)).toEqual([]);
    await node.records.batches.change(batchId, () => [decided], { actor: ACTOR });
    expect(await rowsFor(features)).toMatchObject([{ label: 0, features, values: [expect.any(Number), expect.any(Number), null] }]);
    expect(await rowsFor(['ph-mean-0-6'])).toEqual([]);
    expect(await rowsFor(features, 'another-label')).toEqual([]);
    expect(await rowsFor(FEATURE_NAMES)).toHaveLength(1);
  });
  it.each<readonly [string, readonly BatchEvent[]]>([
    ['the review has looked at', [{ type: 'review-performed', runId: 'R', ruleSetVersion: '1', reviewedVersion: 1, openPoints: [] }]], ['quality has decided on', [decided]],
  ])('is not added to a record that %s', async (_, more) => {
    const batchId = await growing(100);
    await end(batchId, ...more);
    node.time.epochMs += 2 * HOUR_MS;
    await run();
    expect(await courses(batchId)).toEqual([]);
  });
  it('is not on record where none of its sensors said anything', async () => {
    telemetry.metrics = [];
    const batchId = await growing(100);
    await end(batchId);
    node.time.epochMs += 2 * HOUR_MS;
    await run();
    expect(await courses(batchId)).toEqual([]);
  });
});

import { beforeEach, describe, expect, it } from 'vitest';
import { OWN_LABEL } from '../../functions/_platform/training-rows.ts';
import { probabilityOf } from '../../functions/prediction/endpoint-row.ts';
import { FEATURE_METRICS } from '../../models/early-prediction/features.ts';
import { predict } from '../../models/forest/evaluate.ts';
import { parseXgboostJson } from '../../models/forest/xgboost-json.ts';
import { fingerprintOf } from '../../models/twin/worlds/fingerprint.ts';
import { readWorld } from '../../scripts/simulate/worlds.ts';
import { describeEvent } from '../../shared/batch/describe.ts';
import type { BatchEvent } from '../../shared/batch/events.ts';
import type { ModelRecord } from '../../shared/model-registry/may-run.ts';
import type { GovernanceRow } from '../../shared/prediction-governance/table.ts';
import { ARTEFACT, ARTEFACT_TEXT } from '../support/model-fixtures.ts';
import { ACTOR, CODE_SHA256, HOUR_MS, PredictionBench } from '../support/prediction-bench.ts';

let bench: PredictionBench;
beforeEach(() => { bench = new PredictionBench(); });

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
    const { state } = await bench.node.records.governanceTables.load('p');
    const version = (state?.versions.length ?? 0) + 1;
    await bench.node.records.governanceTables.change('p', () => [
      { type: 'governance-table-drafted', version, content: { productId: 'p', rows }, contentHash: String(version).repeat(64), signature },
      { type: 'governance-table-made-effective', version, signature, ...(version === 1 ? {} : { supersededVersion: version - 1 }) },
    ], { actor: ACTOR });
  };
  const made = (batchId: string) => bench.recorded(batchId, 'recommendation-made');
  const work = async (role: string) => (await bench.node.operations.list<Readonly<{ subject: string }>>(`WORK#${role}`, { limit: 50 })).items.map(({ subject }) => subject);
  beforeEach(() => {
    bench.records = [RECORD];
    bench.answer = () => Promise.resolve(LIKELY);
    bench.births.add({ edgeNodeId: 'gateway-1', deviceId: 'bioreactor-1', timestampEpochMs: 0, bdSeq: 0, table: [['Bioreactor/Feed Rate Factor', '1', 10], ['Bioreactor/Dissolved Oxygen Set-Point', '2', 10]] });
  });

  it('is on record with what it was made of, exact contributions that add up, alternatives with what is expected of each, and on the work list of who is asked', async () => {
    await governedBy(ASKED);
    const batchId = await bench.growing(80);
    expect(await bench.run()).toEqual({ due: 1, predicted: 1 });
    const [event] = await made(batchId);
    expect(event).toMatchObject({ output: 'early-failure', modelId: 'm', modelVersion: 2, modelHash: ARTEFACT, probability: LIKELY, verdict: 'positive', undecided: false, threshold: 0.5, askedOf: ['process-scientist'], tableVersion: 1, inputBins: '23' });
    const margin = Math.log(LIKELY / (1 - LIKELY));
    expect(event!.explanation.reduce((sum, { contribution }) => sum + contribution, 0)).toBeCloseTo(margin, 5);
    expect(event!.explanation.map(({ feature }) => feature)).toEqual(['(expected)', 'ph-minimum', 'lactate-maximum']);
    const found = Object.fromEntries(event!.alternatives.map((each) => [each.id, each]));
    expect(found['carry-on']).toMatchObject({ title: 'carry on', expected: expect.stringMatching(/^simulated by the digital twin: chance of passing release \d+ %/) as string });
    expect(found['raise-oxygen']).toMatchObject({ actions: [{ edgeNodeId: 'gateway-1', deviceId: 'bioreactor-1', metric: 'Bioreactor/Dissolved Oxygen Set-Point', value: 100, unit: '%' }] });
    expect([found['raise-feed']?.title, found['raise-feed']?.actions, found['exchange-medium']?.title]).toEqual(['raise feed (by hand)', undefined, 'exchange medium (by hand)']);
    expect(event!.twin).toEqual({ world: 'stress', twinSha256: fingerprintOf(readWorld('stress')), codeSha256: CODE_SHA256 });
    expect(await work('process-scientist')).toEqual([`recommendation/${batchId}/${event!.recommendationId}`]);
    expect(await bench.recorded(batchId, 'prediction-recorded')).toEqual([]);
  });
  it('is made once though two runs ask at the same moment, and none when somebody stopped the assistance while the model was asked; neither is a fault', async () => {
    await governedBy(ASKED);
    const batchId = await bench.growing(80);
    await Promise.all([bench.run(), bench.run()]);
    expect(await made(batchId)).toHaveLength(1);
    const stopped = await bench.growing(80);
    bench.answer = async () => {
      await bench.node.records.batches.change(stopped, () => [{ type: 'assistance-stopped', reason: 'x' }], { actor: ACTOR });
      return LIKELY;
    };
    await bench.run();
    expect(await made(stopped)).toEqual([]);
  });
  const features = (batchId: string) => bench.recorded(batchId, 'features-recorded');
  it('leaves the batch\'s features on record beside it, once, so that the batch is a row for the next model', async () => {
    await governedBy(ASKED);
    const batchId = await bench.growing(80);
    await bench.run();
    await bench.run();
    expect(await features(batchId)).toMatchObject([{ featuresHash: expect.stringMatching(/^[0-9a-f]{64}$/) as string, features: { 'starting-viability-percent': 92, 'density-mean-0-24': 1 + 11.5 / 10 } }]);
    expect(await made(batchId)).toHaveLength(1);
    await bench.node.records.batches.change(batchId, () => [{ type: 'disposition-recorded', disposition: 'release', staged: false, reason: 'x', signature } as unknown as BatchEvent], { actor: ACTOR });
    expect(await bench.trainingRows(['density-mean-0-24'], OWN_LABEL)).toMatchObject([{ label: 0, features: Object.keys((await features(batchId))[0]!.features) }]);
  });
  it.each([['is suspended', (): void => { bench.records = [{ ...RECORD, state: 'suspended' }]; }], ['has no table that says what may follow', (): void => undefined]] as const)('leaves them there also while the model %s', async (_, before) => {
    before();
    const batchId = await bench.growing(80);
    await bench.run();
    expect([await features(batchId), await made(batchId)].map(({ length }) => length)).toEqual([1, 0]);
  });
  it('is made though features that the model does not take are missing; those are put on record once they are there', async () => {
    await governedBy(ASKED);
    bench.metrics = ['Bioreactor/pH', 'Bioreactor/Lactate'];
    const batchId = await bench.growing(80);
    expect(await bench.run()).toEqual({ due: 1, predicted: 1 });
    expect([await features(batchId), await made(batchId)].map(({ length }) => length)).toEqual([0, 1]);
    bench.metrics = FEATURE_METRICS;
    expect(await bench.run()).toEqual({ due: 1, predicted: 1 });
    expect([await features(batchId), await made(batchId)].map(({ length }) => length)).toEqual([1, 1]);
  });
  it('is made once, and anew for another model, after a stop that was lifted, and after another table while nobody has decided', async () => {
    await governedBy(ASKED);
    const batchId = await bench.growing(80);
    const after = async (change: () => unknown): Promise<number> => { await change(); await bench.run(); await bench.run(); return (await made(batchId)).length; };
    const say = (event: BatchEvent) => bench.node.records.batches.change(batchId, () => [event], { actor: ACTOR });
    expect(await after(() => undefined)).toBe(1);
    expect(await after(() => say({ type: 'assistance-stopped', reason: 'x' }))).toBe(1);
    expect(await after(() => say({ type: 'assistance-resumed', reason: 'x', signature }))).toBe(2);
    expect(await after(() => governedBy({ ...ASKED, validForMinutes: 30 }))).toBe(3);
    expect(await after(() => { bench.records = [{ ...RECORD, state: 'retired' }, { ...RECORD, version: 3, artefactSha256: 'f'.repeat(64) }]; })).toBe(4);
    expect(await after(() => { bench.node.time.epochMs += 23 * HOUR_MS; })).toBe(4);
    expect(await after(() => { bench.node.time.epochMs += 2 * HOUR_MS; })).toBe(5);
  });
  it.each<readonly [string, Partial<ModelRecord>, RegExp]>([
    ['an input lies outside the space it was tested in', { inputs: [{ ...RECORD.inputs[0]!, low: 6.6 }, RECORD.inputs[1]!] }, /^ph-minimum: got 1, want 6.6 to 7.6/],
    ['the calibration cases say the opposite of the threshold', { undecided: { errorRate: 0.1, calibration: { positives: [0, 0, 0, 0, 0, 0, 0, 0, 0, 50], negatives: [0, 0, 0, 0, 0, 0, 0, 0, 40, 0] } } }, /^score 0.8\d+: positive by the threshold, negative by the calibration cases/],
    ['its signed plan names no threshold', { threshold: undefined as never }, /^the signed plan names no threshold/],
    ['the calibration cases leave the score open', { undecided: { errorRate: 0.1, calibration: { positives: [0, 50], negatives: [40, 20] } } }, /^score 0.8/],
  ])('is undecided where %s: nothing is proposed, and somebody looks', async (_, own, because) => {
    bench.records = [{ ...RECORD, ...own }];
    await governedBy(ASKED);
    const batchId = await bench.growing(80);
    await bench.run();
    const [event] = await made(batchId);
    expect(event).toMatchObject({ undecided: true, actions: [], alternatives: [], askedOf: ['process-scientist'] });
    expect(event).not.toHaveProperty('twin');
    expect(event!.undecidedBecause?.[0]).toMatch(because);
  });
  it('says beside the score how often such scores came true, where calibration is on record with cases; the threshold stays on the score', async () => {
    await governedBy({ ...ASKED, threshold: 0.75 });
    const said = async (calibration?: ModelRecord['undecided']['calibration']) => {
      bench.records = [{ ...RECORD, undecided: { errorRate: 0.45, ...(calibration !== undefined && { calibration }) } }];
      const batchId = await bench.growing(80);
      await bench.run();
      return (await made(batchId)).map(({ probability, calibratedProbability, askedOf }) => [probability, calibratedProbability, askedOf]);
    };
    expect(await said({ positives: [1, 50], negatives: [40, 25] })).toEqual([[LIKELY, 50 / 75, ['process-scientist']]]);
    expect(await said({ positives: [0, 0], negatives: [0, 0] })).toEqual([[LIKELY, undefined, ['process-scientist']]]);
    expect(await said()).toEqual([[LIKELY, undefined, ['process-scientist']]]);
  });
  it('asks nobody below the thresholds, nor where the table says awareness', async () => {
    bench.records = [{ ...RECORD, threshold: 0.9 }];
    await governedBy({ ...ASKED, threshold: 0.9 });
    const below = await bench.growing(80);
    await bench.run();
    await governedBy({ ...ASKED, handling: { kind: 'awareness' }, actions: [] });
    const aware = await bench.growing(80);
    await bench.run();
    for (const batchId of [below, aware]) expect((await made(batchId)).map(({ askedOf, alternatives }) => [askedOf, alternatives])).toEqual([[[], []]]);
    expect(await work('process-scientist')).toEqual([]);
  });
  it('is brought to somebody where the tested rule says positive, though the table asks for less', async () => {
    await governedBy({ ...ASKED, threshold: 0.9 });
    const batchId = await bench.growing(80);
    await bench.run();
    expect((await made(batchId)).map(({ verdict, askedOf }) => [verdict, askedOf])).toEqual([['positive', ['process-scientist']]]);
  });
  it('is shown as negative, with ways to go on and nothing proposed, where the table asks for more than the tested rule', async () => {
    bench.records = [{ ...RECORD, threshold: 0.9 }];
    await governedBy({ ...ASKED, threshold: 0 });
    const batchId = await bench.growing(80);
    await bench.run();
    const [event] = await made(batchId);
    expect(event).toMatchObject({ verdict: 'negative', undecided: false, actions: [], askedOf: ['process-scientist'] });
    expect(event!.alternatives.length).toBeGreaterThan(1);
    expect(describeEvent(event!).what).toContain('negative, 0.8');
  });
  it('is none when the endpoint answers otherwise than the file the record names, and the run fails for the alarm to see', async () => {
    await governedBy(ASKED);
    const batchId = await bench.growing(80);
    bench.answer = () => Promise.resolve(LIKELY + 2e-6);
    await expect(bench.run()).rejects.toMatchObject({ errors: [{ code: 'prediction-differs' }] });
    expect(await made(batchId)).toEqual([]);
    bench.answer = () => Promise.resolve(LIKELY + 5e-7);
    expect(await bench.run()).toEqual({ due: 1, predicted: 1 });
  });
  it('is made where ten trees are sure: their sum is above 1 in float32, at the endpoint as in the file, and goes on record as 1', async () => {
    await governedBy(ASKED);
    const batchId = await bench.growing(80);
    bench.forest = { ...bench.forest, objective: 'reg:squarederror', baseScore: 0, trees: Array.from({ length: 10 }, () => ({ left: [-1], right: [-1], feature: [0], condition: [Math.fround(0.1)], defaultLeft: [false], cover: [1], gain: [0], parent: [2_147_483_647] })) };
    const sum = predict(bench.forest, [1, 8.1]);
    expect(sum).toBeGreaterThan(1);
    bench.answer = () => Promise.resolve(probabilityOf(String(sum)));
    expect(await bench.run()).toEqual({ due: 1, predicted: 1 });
    expect(await made(batchId)).toMatchObject([{ probability: 1, verdict: 'positive' }]);
  });
  it('waits while nobody has signed what may follow from it', async () => {
    const batchId = await bench.growing(80);
    expect(await bench.run()).toEqual({ due: 1, predicted: 0 });
    await governedBy(ASKED);
    expect(await bench.run()).toEqual({ due: 1, predicted: 1 });
    expect(await made(batchId)).toHaveLength(1);
  });
  it('is none of a model that is suspended, nor of two that are active; the shipped one does not step in', async () => {
    await governedBy(ASKED);
    const batchId = await bench.growing(80);
    const suspended = [{ ...RECORD, state: 'suspended' as const }];
    bench.records = suspended;
    await bench.run();
    expect(await features(batchId)).toHaveLength(1);
    for (const records of [suspended, [RECORD, { ...RECORD, modelId: 'other' }]]) {
      bench.records = records;
      expect(await bench.run()).toEqual({ due: 0, predicted: 0 });
    }
    expect([await made(batchId), await bench.recorded(batchId, 'prediction-recorded'), bench.rows]).toEqual([[], [], []]);
  });
});

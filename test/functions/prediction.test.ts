import { beforeEach, describe, expect, it } from 'vitest';
import { csvRow, probabilityOf } from '../../functions/prediction/endpoint-row.ts';
import { CAUTION } from '../../functions/prediction/without-model.ts';
import { FEATURE_METRICS, FEATURE_NAMES } from '../../models/early-prediction/features.ts';
import { describeEvent } from '../../shared/batch/describe.ts';
import type { BatchEvent } from '../../shared/batch/events.ts';
import { MODEL, PredictionBench } from '../support/prediction-bench.ts';

let bench: PredictionBench;
beforeEach(() => { bench = new PredictionBench(); });
const predictions = async (batchId: string) => (await bench.node.store.load<BatchEvent>({ kind: 'batch', id: batchId })).filter(({ event }) => event.type === 'prediction-recorded');

describe('at a hospital where nobody put a model to use', () => {
  const typed = async (batchId: string) => (await bench.node.store.load<BatchEvent>({ kind: 'batch', id: batchId })).map(({ event }) => event).filter(({ type }) => type === 'prediction-recorded' || type === 'features-recorded' || type === 'recommendation-made');
  beforeEach(() => { bench.example = undefined; });
  it('no model is asked; the features are on record, once, and no probability', async () => {
    const batchId = await bench.growing(72);
    expect(await bench.run()).toEqual({ due: 1, predicted: 1 });
    expect(await bench.run()).toEqual({ due: 0, predicted: 0 });
    expect(bench.rows).toEqual([]);
    expect(await typed(batchId)).toMatchObject([{ type: 'features-recorded', features: { 'starting-viability-percent': 92 } }]);
    expect(JSON.stringify(await typed(batchId))).not.toContain('probability');
    expect((await bench.node.records.batches.load(batchId)).state).toMatchObject({ predictions: [] });
    expect(describeEvent((await typed(batchId))[0]!).what).toContain('what models are trained on, and no prediction');
  });
  it('waits for the next run while features are missing', async () => {
    bench.metrics = [];
    const batchId = await bench.growing(72);
    expect(await bench.run()).toEqual({ due: 1, predicted: 0 });
    expect(await typed(batchId)).toEqual([]);
  });
});

describe('the early prediction in an example network', () => {
  it('is on record with its model, what went in, and the caution that comes with it', async () => {
    const batchId = await bench.growing(72);
    expect(await bench.run()).toEqual({ due: 1, predicted: 1 });
    const [{ actor, event } = { actor: undefined, event: undefined }] = await predictions(batchId);
    expect(actor).toEqual({ kind: 'system', id: 'prediction', version: 'b'.repeat(12) });
    expect(event).toMatchObject({ probability: 0.25, threshold: 0.5, modelHash: MODEL.sha256, modelName: MODEL.name, caution: CAUTION, isExample: true, features: { 'starting-viability-percent': 92, 'density-mean-0-24': 1 + 11.5 / 10 } });
    expect((event as Readonly<{ featuresHash: string }>).featuresHash).toMatch(/^[0-9a-f]{64}$/);
    expect(bench.rows[0]).toHaveLength(FEATURE_NAMES.length);
  });
  it('is not made while somebody has stopped the assistance; the features are on record all the same', async () => {
    const batchId = await bench.growing(73, { type: 'assistance-stopped', reason: 'the probe is broken' });
    await bench.run();
    expect([await predictions(batchId), bench.rows]).toEqual([[], []]);
    expect(await bench.recorded(batchId, 'features-recorded')).toHaveLength(1);
  });
  it('is made once: a second run does nothing', async () => {
    const batchId = await bench.growing(73);
    await bench.run();
    const after = await bench.node.held(batchId);
    expect(await bench.run()).toEqual({ due: 0, predicted: 0 });
    expect(await bench.node.held(batchId)).toEqual(after);
    expect(bench.rows).toHaveLength(1);
  });
  it('is made once also when the list of batches is old', async () => {
    const batchId = await bench.growing(73);
    const list = structuredClone([...bench.node.operations.items]);
    await bench.run();
    for (const [place, item] of list) bench.node.operations.items.set(place, item);
    await bench.run();
    expect(await predictions(batchId)).toHaveLength(1);
  });
  it('looks at no hour after the seventy-second', async () => {
    await bench.growing(79);
    await bench.run();
    expect(Math.max(...bench.rows[0]!.filter(Number.isFinite).slice(0, 4))).toBeLessThan(1 + 72 / 10);
  });
  it.each([
    ['before its hours are over', 71.9, []], ['of a batch that was stopped', 80, [{ type: 'batch-stopped', reason: 'x', signature: {} }]], ['of a batch that is complete', 80, [{ type: 'batch-completed' }]],
  ] as const)('is not made %s', async (_, hours, more) => {
    await bench.growing(hours, ...more as unknown as readonly BatchEvent[]);
    expect(await bench.run()).toEqual({ due: 0, predicted: 0 });
  });
  it('is made for a batch on hold', async () => {
    await bench.growing(80, { type: 'batch-held', reason: 'power failure' });
    expect(await bench.run()).toEqual({ due: 1, predicted: 1 });
  });
  it('waits for the next run when features are missing, and holds up no other', async () => {
    bench.metrics = [];
    const batchId = await bench.growing(72);
    expect(await bench.run()).toEqual({ due: 1, predicted: 0 });
    expect([await predictions(batchId), bench.rows]).toEqual([[], []]);
    bench.metrics = FEATURE_METRICS;
    expect(await bench.run()).toEqual({ due: 1, predicted: 1 });
  });
  it.each([['an error', () => Promise.reject(new Error('the endpoint is down'))], ['no number', () => Promise.resolve(Number.NaN)]])('puts nothing on record when the endpoint answers %s, predicts the others, and fails for the alarm to see', async (_, answer) => {
    const [first, second, third] = [await bench.growing(72), await bench.growing(72), await bench.growing(72)];
    let calls = 0;
    bench.answer = () => (calls += 1) === 2 ? answer() : Promise.resolve(0.7);
    await expect(bench.run()).rejects.toThrow();
    expect([await predictions(first), await predictions(second), await predictions(third)].map((each) => each.length)).toEqual([1, 0, 1]);
    expect(await bench.run()).toEqual({ due: 1, predicted: 1 });
  });
});

describe('the row an endpoint is asked with', () => {
  it('leaves empty what is missing', () => { expect(csvRow([1.5, Number.NaN, -2e-7, Infinity])).toBe('1.5,,-2e-7,'); });
  it.each([['0', 0], ['1', 1], ['0.25\n', 0.25], [' 3e-4 ', 0.0003]])('takes the answer %j', (text, probability) => { expect(probabilityOf(text)).toBe(probability); });
  it.each(['', ' ', 'nan', '1.01', '-0.1', '0.2,0.3', '{"error":"x"}', '0x1', 'Infinity'])('refuses the answer %j', (text) => { expect(() => probabilityOf(text)).toThrow('want a probability'); });
});

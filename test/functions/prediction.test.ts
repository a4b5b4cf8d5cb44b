import type { Context } from 'aws-lambda';
import { beforeEach, describe, expect, it } from 'vitest';
import { csvRow, probabilityOf } from '../../functions/prediction/endpoint-row.ts';
import { CAUTION, createHandler } from '../../functions/prediction/handler.ts';
import { FEATURE_METRICS, FEATURE_NAMES } from '../../models/early-prediction/features.ts';
import type { BatchEvent } from '../../shared/batch/events.ts';
import { CONTENT } from '../support/batch-fixtures.ts';
import { createNode, type TestNode } from '../support/node.ts';

const HOUR_MS = 3_600_000;
const ACTOR = { kind: 'system', id: 'test', version: '1' } as const;
const MODEL = { name: 'early-prediction', sha256: 'b'.repeat(64) };

let node: TestNode;
let batches: number;
const rows: (readonly number[])[] = [];
const endpoint: { answer(row: readonly number[]): Promise<number> } = { answer: () => Promise.resolve(0.25) };
const telemetry: { metrics: readonly string[] } = { metrics: FEATURE_METRICS };

beforeEach(() => {
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
  batches: node.records.batches, operations: node.operations, now: node.now, model: MODEL,
  invoke: (row) => {
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

describe('the early prediction', () => {
  it('is on record with its model, what went in, and the caution that comes with it', async () => {
    const batchId = await growing(72);
    expect(await run()).toEqual({ due: 1, predicted: 1 });
    const [{ actor, event } = { actor: undefined, event: undefined }] = await predictions(batchId);
    expect(actor).toEqual({ kind: 'system', id: 'prediction', version: 'b'.repeat(12) });
    expect(event).toMatchObject({ probability: 0.25, threshold: 0.5, modelHash: MODEL.sha256, modelName: MODEL.name, caution: CAUTION, features: { 'starting-viability-percent': 92, 'density-mean-0-24': 1 + 11.5 / 10 } });
    expect((event as Readonly<{ featuresHash: string }>).featuresHash).toMatch(/^[0-9a-f]{64}$/);
    expect(rows[0]).toHaveLength(FEATURE_NAMES.length);
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

describe('the row an endpoint is asked with', () => {
  it('leaves empty what is missing', () => { expect(csvRow([1.5, Number.NaN, -2e-7, Infinity])).toBe('1.5,,-2e-7,'); });
  it.each([['0', 0], ['1', 1], ['0.25\n', 0.25], [' 3e-4 ', 0.0003]])('takes the answer %j', (text, probability) => { expect(probabilityOf(text)).toBe(probability); });
  it.each(['', ' ', 'nan', '1.01', '-0.1', '0.2,0.3', '{"error":"x"}', '0x1', 'Infinity'])('refuses the answer %j', (text) => { expect(() => probabilityOf(text)).toThrow('want a probability'); });
});

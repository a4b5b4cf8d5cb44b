import { beforeEach, describe, expect, it } from 'vitest';
import { ReadMonitoring } from '../../functions/telemetry-api/schema.ts';
import { judgeOf, type Judgement } from '../../models/monitoring/judge.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { CONTENT } from '../support/batch-fixtures.ts';
import { MONITORED_NAMES, MONITORING, MONITORING_SHA256, normalValue } from '../support/monitoring.ts';
import { createNode, type TestNode } from '../support/node.ts';
import { PEOPLE, type TestPerson } from '../support/people.ts';

const ROUTE = 'GET /v1/batches/{batchId}/monitoring';
const BATCH = 'north-20260302-000001';
const OTHER = 'f'.repeat(64);
const { operator, scientist, qualified, regulator } = PEOPLE;
const values = MONITORED_NAMES.map(normalValue);
const judgement = (hour: number): Judgement => judgeOf(MONITORING.plane).judge(values.map((value, i) => (MONITORED_NAMES[i] === 'ph-mean-0-4' ? Number.NaN : value)), hour);

let node: TestNode;
const keep = (hour: number, modelHash = MONITORING_SHA256): Promise<unknown> => node.operations.put(keyOf.monitoringPoint(BATCH, hour), {
  ...judgement(hour), batchId: BATCH, at: '2026-03-02T04:00:00.000Z', judgedAt: '2026-03-02T04:05:00.000Z', modelId: 'm', modelVersion: 2, modelHash, isBeyond: false,
});
const read = (person: TestPerson = operator, query: Readonly<Record<string, string>> = {}, batchId = BATCH) => node.call(person, ROUTE, { path: { batchId }, query });

beforeEach(async () => {
  node = createNode();
  const recipe = { masterBatchRecordId: 'test', masterBatchRecordVersion: 1, contentHash: 'c', content: CONTENT };
  await node.records.batches.change(BATCH, () => [{ type: 'batch-created', batchId: BATCH, nodeId: 'north', productId: 'p', chainOfIdentityId: 'C', recipe }], { actor: { kind: 'system', id: 'test', version: '1' } });
  await node.operations.put(keyOf.monitoringTrajectory(BATCH), { modelHash: MONITORING_SHA256 });
  for (const hour of [4, 8]) await keep(hour);
});

describe('GET monitoring of a batch', () => {
  it('gives each judged hour with its limits, and what each variable and sensor contributed to the latest', async () => {
    const { status, body } = await read();
    expect([status, ReadMonitoring.answer.parse(body)]).toEqual([200, body]);
    const { points, contributions, model } = ReadMonitoring.answer.parse(body);
    expect(model).toEqual({ modelId: 'm', version: 2, sha256: MONITORING_SHA256 });
    expect(points.map(({ hour, limits, missing }) => [hour, limits.map(({ level }) => level), missing])).toEqual([[4, [0.95, 0.99], ['ph-mean-0-4']], [8, [0.95, 0.99], ['ph-mean-0-4']]]);
    expect(contributions?.variables.find(({ variable }) => variable === 'ph-mean-0-4')).toEqual({ variable: 'ph-mean-0-4', sensor: 'ph', toHour: 4, value: null, t2: 0, q: 0 });
    for (const of of ['variables', 'sensors'] as const) expect(contributions![of].reduce((sum, { t2 }) => sum + t2, 0)).toBeCloseTo(points[1]!.t2, 9);
    expect(contributions?.sensors.map(({ sensor }) => sensor).toSorted()).toEqual(['glucose', 'ph']);
  });
  it('gives the contributions of the hour that is asked for, and names the hours there are for another', async () => {
    expect((await read(scientist, { hour: '4' })).body['contributions']).toMatchObject({ hour: 4 });
    const { status, body } = await read(scientist, { hour: '5' });
    expect([status, body['detail']]).toEqual([400, 'query.hour: got 5, want one of 4, 8']);
  });
  it('shows the hour the batch is in, until it is judged, by the model that judges it, while the culture lasts', async () => {
    const judged = { t2: 3, q: 2, atLeast: { t2: 2, q: 1 }, limits: [{ level: 0.99, t2: 9, q: 9 }], confidence: 0.4, missing: [], judgedAt: '2026-03-02T10:06:00.000Z', isBeyond: false, sensors: [{ sensor: 'ph', t2: 3, q: 2 }] };
    const within = { batchId: BATCH, modelId: 'm', modelVersion: 2, modelHash: MONITORING_SHA256, startEpochMs: 0, hour: 12, seenToEpochMs: Date.parse('2026-03-02T10:00:00Z'), seenThrough: '', sums: [] };
    const shown = async (kept: Readonly<Record<string, unknown>>, trajectory = {}) => {
      await node.operations.put(keyOf.monitoringRunning(BATCH), { ...within, judged, ...kept });
      await node.operations.put(keyOf.monitoringTrajectory(BATCH), { modelHash: MONITORING_SHA256, ...trajectory });
      const { body } = await read();
      const { running, points } = ReadMonitoring.answer.parse(body);
      expect(points.map(({ hour }) => hour)).toEqual([4, 8]);
      return running;
    };
    expect(await shown({})).toEqual({ ...judged, hour: 12, seenTo: '2026-03-02T10:00:00.000Z' });
    for (const kept of [{ judged: undefined }, { hour: 8 }, { modelHash: OTHER }]) expect(await shown(kept)).toBeUndefined();
    expect(await shown({}, { isConcluded: true })).toBeUndefined();
  });
  it('shows the hours of the model that judged last, and nothing before any was judged', async () => {
    await keep(8, OTHER);
    expect((ReadMonitoring.answer.parse((await read()).body)).points.map(({ hour }) => hour)).toEqual([4]);
    for (const place of [...node.operations.items.keys()]) if (place.includes('MONITORING#')) node.operations.items.delete(place);
    expect((await read()).body).toEqual({ batchId: BATCH, points: [] });
  });
  it('is read by the people of the batch and by the regulator, each read on record', async () => {
    for (const person of [operator, scientist, qualified, regulator]) expect((await read(person)).status).toBe(200);
    expect(node.reads.map(({ operation, outcome }) => [operation, outcome])).toEqual(Array.from({ length: 4 }, () => ['readMonitoring', 'answered']));
  });
  it('is refused to a regulator without a grant, shows nothing of another product, and knows no other batch', async () => {
    node.grant({ grantId: 'G-2', login: 'reg-1', productIds: ['q'], from: '2020-01-01T00:00:00Z', until: '2040-01-01T00:00:00Z' });
    expect((await read(regulator)).code).toBe('batch-not-found');
    node.grant({ grantId: 'G-3', login: 'reg-1', productIds: ['p'], from: '2020-01-01T00:00:00Z', until: '2040-01-01T00:00:00Z' });
    expect(ReadMonitoring.answer.parse((await read(regulator)).body).points).toHaveLength(2);
    node.grant();
    expect((await read(regulator)).code).toBe('audit-grant-missing');
    expect((await read(operator, {}, 'north-20260302-000009')).code).toBe('batch-not-found');
  });
});

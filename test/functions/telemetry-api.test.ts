import type { APIGatewayProxyEventV2WithJWTAuthorizer, Context } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { createTelemetryStatistic } from '../../functions/_platform/telemetry-statistic.ts';
import type { ReadEntry } from '../../functions/_platform/read-log.ts';
import { createHandler } from '../../functions/telemetry-api/handler.ts';
import { ListQuarantine, ReadTelemetry } from '../../functions/telemetry-api/schema.ts';
import type { BatchEvent } from '../../shared/batch/events.ts';
import { CHILLER, Gateway } from '../support/telemetry/gateway.ts';
import { BATCH, createHospital } from '../support/telemetry/hospital.ts';
import { encodePayload, MINUTE, topicOf } from '../support/telemetry/sparkplug-writer.ts';

const ROUTE = 'GET /v1/batches/{batchId}/telemetry';
const iso = (epochMs: number): string => new Date(epochMs).toISOString();

const request = (routeKey: string, query: Readonly<Record<string, string>>, path: Readonly<Record<string, string>> = {}, group = 'operator') => ({
  routeKey, rawPath: '/v1/x', headers: {}, queryStringParameters: query, pathParameters: path, isBase64Encoded: false,
  requestContext: { requestId: 'r-1', http: { method: 'GET' }, authorizer: { jwt: { claims: { sub: 'p-1', 'cognito:username': 'ada', name: 'Ada Lovelace', 'cognito:groups': `[${group}]`, jti: 't-1', auth_time: '1772460000' } } } },
}) as unknown as APIGatewayProxyEventV2WithJWTAuthorizer;

const startApi = async () => {
  const hospital = createHospital();
  hospital.time.epochMs = MINUTE - 60_000;
  const parameter = { metric: 'Temperature', title: 'Temperature', unit: 'Cel', equipmentClassId: 'bioreactor', critical: true, alarm: {} };
  const created = { type: 'batch-created', batchId: BATCH, nodeId: 'north', productId: 'p', chainOfIdentityId: 'COI-1', recipe: { content: { parameters: [parameter] } } } as unknown as BatchEvent;
  const events: readonly BatchEvent[] = [created, { type: 'batch-started' }, { type: 'phase-started', phaseId: 'expand' }, { type: 'equipment-assigned', phaseId: 'expand', equipmentId: 'EQ-1', equipmentClassId: 'bioreactor', device: { edgeNodeId: 'gateway-1', deviceId: 'bioreactor-1' } }];
  await hospital.batches.change(BATCH, () => events, { actor: { kind: 'system', id: 'test', version: '1' } });
  hospital.time.epochMs = MINUTE + 600_000;
  const reads: ReadEntry[] = [];
  const readLog = { write: (entry: ReadEntry) => { reads.push(entry); return Promise.resolve(); } };
  const handler = createHandler({ readLog, grants: () => Promise.resolve({ type: 'nothing' }), record: hospital.record, batches: hospital.batches, operations: hospital.operations, reader: hospital.reader, now: () => new Date(hospital.time.epochMs) });
  const call = async (event: APIGatewayProxyEventV2WithJWTAuthorizer) => {
    const { statusCode, body } = await handler(event, { awsRequestId: 'r-1' } as Context);
    return { status: statusCode, body: JSON.parse(body ?? 'null') as Record<string, unknown> };
  };
  return { hospital, call, reads, read: (query: Readonly<Record<string, string>>, batchId = BATCH, group?: string) => call(request(ROUTE, query, { batchId }, group)) };
};

describe('GET telemetry of a batch', () => {
  it('notes who read what, before it answers', async () => {
    const { read, reads } = await startApi();
    await read({ metric: 'Temperature' });
    expect(reads).toMatchObject([{ readerId: 'p-1', operation: 'readTelemetry', requestId: 'r-1' }]);
  });
  it('gives one metric with its unit, from chunks and from what is not sealed yet', async () => {
    const { hospital, read } = await startApi();
    const gateway = new Gateway();
    await hospital.send([...gateway.born(MINUTE), gateway.data(MINUTE + 1000, 36.5)]);
    await hospital.seal();
    await hospital.send([gateway.data(MINUTE + 570_000, Number.NaN), gateway.data(MINUTE + 580_000, Number.NEGATIVE_INFINITY)]);
    const { status, body } = await read({ metric: 'Temperature', from: iso(MINUTE + 1) });
    expect(status).toBe(200);
    expect(body).toMatchObject({ batchId: BATCH, metric: 'Temperature', unit: 'Cel', from: iso(MINUTE + 1), to: iso(MINUTE + 600_000), sampleCount: 3, downsampled: false });
    expect(body['points']).toEqual([[MINUTE + 1000, 36.5], [MINUTE + 570_000, 'NaN'], [MINUTE + 580_000, '-Infinity']]);
    expect(ReadTelemetry.answer.parse(body)).toEqual(body);
  });

  it('is thinned to the points asked for, a peak surviving', async () => {
    const { hospital, read } = await startApi();
    const gateway = new Gateway();
    await hospital.send([...gateway.born(MINUTE), ...Array.from({ length: 300 }, (_, i) => gateway.data(MINUTE + 1000 + i * 1000, i === 177 ? 41 : 37))]);
    const { body } = await read({ metric: 'Temperature', points: '20' });
    const points = body['points'] as [number, number][];
    expect(points.length).toBeLessThanOrEqual(20);
    expect(points).toContainEqual([MINUTE + 178_000, 41]);
    expect(body).toMatchObject({ sampleCount: 301, downsampled: true });
  });

  it('shows null as null', async () => {
    const { hospital, read } = await startApi();
    const payload = encodePayload({ timestamp: MINUTE + 1, seq: 2, metrics: [{ name: 'Temperature', isNull: true }] });
    await hospital.send([...new Gateway().born(MINUTE), { topic: topicOf('DDATA', 'gateway-1', 'bioreactor-1'), payload, receivedAtEpochMs: MINUTE + 2 }]);
    expect((await read({ metric: 'Temperature' })).body['points']).toEqual([[MINUTE, 37], [MINUTE + 1, null]]);
  });

  it('leaves out what the device sent before the batch had it', async () => {
    const { hospital, read } = await startApi();
    const gateway = new Gateway();
    await hospital.send([...gateway.born(MINUTE - 300_000), gateway.data(MINUTE - 120_000, 20), gateway.data(MINUTE, 37)]);
    expect((await read({ metric: 'Temperature', from: iso(MINUTE - 600_000) })).body['points']).toEqual([[MINUTE, 37]]);
  });

  it.each([
    ['a metric the batch has not', { metric: 'Pressure' }, BATCH, 'operator', 404, 'metric-not-found'],
    ['a batch that is not here', { metric: 'Temperature' }, 'B-9', 'operator', 404, 'batch-not-found'],
    ['an end before its start', { metric: 'Temperature', from: iso(MINUTE), to: iso(MINUTE - 1) }, BATCH, 'operator', 400, 'request-malformed'],
    ['no metric', {}, BATCH, 'operator', 400, 'request-malformed'],
    ['a time without a zone', { metric: 'Temperature', from: '2026-03-02T14:05:00' }, BATCH, 'operator', 400, 'request-malformed'],
    ['too many points', { metric: 'Temperature', points: '10001' }, BATCH, 'operator', 400, 'request-malformed'],
    ['a field nobody knows', { metric: 'Temperature', x: '1' }, BATCH, 'operator', 400, 'request-malformed'],
    ['someone of another trade', { metric: 'Temperature' }, BATCH, 'network-coordinator', 403, 'role-missing'],
  ] as const)('refuses %s', async (_, query, batchId, group, status, code) => {
    const { read } = await startApi();
    expect(await read(query, batchId, group)).toMatchObject({ status, body: { type: `/problems/${code}`, status } });
  });
});

describe('a statistic for the record', () => {
  it('says how many samples it stands on, and the hash of them, the same before and after sealing', async () => {
    const { hospital } = await startApi();
    const gateway = new Gateway();
    await hospital.send([...gateway.born(MINUTE), gateway.data(MINUTE + 1000, 36), gateway.data(MINUTE + 2000, 38)]);
    const ask = () => createTelemetryStatistic(hospital.reader)({
      metric: 'Temperature', statistic: 'mean', fromEpochMs: MINUTE + 1, toEpochMs: MINUTE + 60_000,
      devices: [{ equipmentId: 'EQ-1', equipmentClassId: 'bioreactor', from: iso(MINUTE), device: { edgeNodeId: 'gateway-1', deviceId: 'bioreactor-1' } }],
    });
    const open = await ask();
    await hospital.seal();
    expect(hospital.keys('open/')).toEqual([]);
    expect(await ask()).toEqual(open);
    // 36 stood for a second, 38 for the rest of the minute.
    expect(open?.value).toBeCloseTo((36 + 58 * 38) / 59, 10);
    expect(open).toMatchObject({ origin: { kind: 'telemetry', statistic: 'mean', sampleCount: 2 } });
    await hospital.send([gateway.data(MINUTE + 3000, 37)]);
    expect((await ask())?.origin.samplesHash).not.toBe(open?.origin.samplesHash);
  });
});

describe('GET quarantine', () => {
  it('lists messages set aside, the newest first, page by page', async () => {
    const { hospital, call } = await startApi();
    for (const text of ['a', 'b', 'c']) {
      hospital.time.epochMs += 86_400_000;
      await hospital.sendBodies([text]);
    }
    const first = await call(request('GET /v1/telemetry/quarantine', { limit: '2' }, {}, 'site-engineer'));
    expect(ListQuarantine.answer.parse(first.body).items.map(({ reason, sizeBytes }) => [reason, sizeBytes])).toEqual([['sparkplug-malformed', 1], ['sparkplug-malformed', 1]]);
    const second = await call(request('GET /v1/telemetry/quarantine', { limit: '2', cursor: String(first.body['nextCursor']) }, {}, 'site-engineer'));
    const at = [...(first.body['items'] as { at: string }[]), ...(second.body['items'] as { at: string }[])].map((item) => item.at);
    expect(at).toHaveLength(3);
    expect(at).toEqual(at.toSorted().reverse());
  });
});

describe('telemetry of an edge node itself', () => {
  it('is read like a device\'s, from chunks and from what is not sealed yet, and is none of the device\'s', async () => {
    const { hospital } = await startApi();
    const gateway = new Gateway();
    await hospital.send([...gateway.born(MINUTE), gateway.nodeData(MINUTE + 1000, 5), gateway.data(MINUTE + 2000, 36.5)]);
    await hospital.seal();
    await hospital.send([gateway.nodeData(MINUTE + 570_000, 6)]);
    const within = { edgeNodeId: 'gateway-1', fromEpochMs: MINUTE + 1, toEpochMs: MINUTE + 600_000 };
    expect(await hospital.reader.series([within], [CHILLER, 'Temperature'])).toEqual([{ times: [MINUTE + 1000, MINUTE + 570_000], values: [5, 6] }, { times: [], values: [] }]);
    expect(await hospital.reader.series([{ ...within, deviceId: 'bioreactor-1' }], [CHILLER])).toEqual([{ times: [], values: [] }]);
  });
});

import type { APIGatewayProxyEventV2WithJWTAuthorizer, Context } from 'aws-lambda';
import { beforeEach, describe, expect, it } from 'vitest';
import { createHandler } from '../../functions/telemetry-api/handler.ts';
import { ListGateways } from '../../functions/telemetry-api/schema.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { Gateway } from '../support/telemetry/gateway.ts';
import { createHospital } from '../support/telemetry/hospital.ts';
import { MINUTE } from '../support/telemetry/sparkplug-writer.ts';

const iso = (epochMs: number): string => new Date(epochMs).toISOString();
let hospital: ReturnType<typeof createHospital>;
beforeEach(() => {
  hospital = createHospital();
  hospital.time.epochMs = MINUTE + 600_000;
});

const ask = async (query: Readonly<Record<string, string>> = {}, group = 'site-engineer') => {
  const handler = createHandler({ readLog: { write: () => Promise.resolve() }, grants: () => Promise.resolve({ type: 'nothing' }), record: hospital.record, batches: hospital.batches, operations: hospital.operations, reader: hospital.reader, now: hospital.now });
  const request = {
    routeKey: 'GET /v1/telemetry/gateways', rawPath: '/v1/telemetry/gateways', headers: {}, queryStringParameters: query, pathParameters: {}, isBase64Encoded: false,
    requestContext: { requestId: 'r-1', http: { method: 'GET' }, authorizer: { jwt: { claims: { sub: 'p-1', 'cognito:username': 'ada', name: 'Ada Lovelace', 'cognito:groups': `[${group}]`, jti: 't-1', auth_time: '1772460000' } } } },
  } as unknown as APIGatewayProxyEventV2WithJWTAuthorizer;
  const { statusCode, body } = await handler(request, { awsRequestId: 'r-1' } as Context);
  return { status: statusCode, body: JSON.parse(body ?? 'null') as Record<string, unknown> };
};
const gateways = async () => ListGateways.answer.parse((await ask()).body).items;
const register = (equipmentId: string, edgeNodeId: string, deviceId: string) => hospital.operations.put(keyOf.summary('equipment', equipmentId), { equipmentId, equipmentClassId: 'bioreactor', title: equipmentId, device: { edgeNodeId, deviceId } });

describe('GET gateways', () => {
  it('says when a gateway was last heard, though no batch uses its equipment', async () => {
    const gateway = new Gateway('gateway-1', 3);
    await register('BIO-1', 'gateway-1', 'bioreactor-1');
    await hospital.send([...gateway.born(MINUTE), gateway.data(MINUTE + 42_000, 36.5)]);
    await hospital.seal();
    expect(await gateways()).toEqual([{ edgeNodeId: 'gateway-1', lastHeardAt: iso(MINUTE + 42_000), bdSeq: 3, devices: [{ deviceId: 'bioreactor-1', equipmentId: 'BIO-1', lastBornAt: iso(MINUTE) }] }]);
  });
  it('says since when one is offline, with its devices, until it is heard again', async () => {
    const gateway = new Gateway();
    await hospital.send([...gateway.born(MINUTE), gateway.deviceDied(MINUTE + 10_000), gateway.died(MINUTE + 30_000)]);
    await hospital.seal();
    expect(await gateways()).toMatchObject([{ edgeNodeId: 'gateway-1', offlineSince: iso(MINUTE + 30_000), devices: [{ deviceId: 'bioreactor-1', offlineSince: iso(MINUTE + 10_000) }] }]);
    hospital.time.epochMs += 600_000;
    await hospital.send(gateway.born(MINUTE + 660_000));
    hospital.time.epochMs += 600_000;
    await hospital.seal();
    const [back] = await gateways();
    expect(back).toEqual({ edgeNodeId: 'gateway-1', lastHeardAt: iso(MINUTE + 660_000), bdSeq: 1, devices: [] });
  });
  it('lists one that equipment names and nobody ever heard, and a device that was never born', async () => {
    await register('BIO-1', 'gateway-1', 'bioreactor-1');
    await register('BIO-2', 'gateway-1', 'bioreactor-2');
    await register('BIO-9', 'gateway-9', 'bioreactor-9');
    await hospital.operations.put(keyOf.summary('equipment', 'SCALE-1'), { equipmentId: 'SCALE-1', equipmentClassId: 'scale', title: 'Scale' });
    await hospital.send(new Gateway().born(MINUTE));
    await hospital.seal();
    expect(await gateways()).toMatchObject([
      { edgeNodeId: 'gateway-1', devices: [{ deviceId: 'bioreactor-1', lastBornAt: iso(MINUTE) }, { deviceId: 'bioreactor-2', equipmentId: 'BIO-2' }] }, { edgeNodeId: 'gateway-9', devices: [{ equipmentId: 'BIO-9' }] },
    ]);
    const [known, unknown] = await gateways();
    expect([known?.devices[1]?.lastBornAt, unknown?.lastHeardAt]).toEqual([undefined, undefined]);
  });
  it('comes page by page, each gateway once, heard or not', async () => {
    await hospital.send(['a', 'c', 'e'].flatMap((name) => new Gateway(name).born(MINUTE)));
    await hospital.seal();
    for (const name of ['b', 'c', 'd']) await register(`BIO-${name}`, name, 'bioreactor-1');
    const names: string[] = [];
    let cursor: string | undefined;
    do {
      const { body } = await ask({ limit: '2', ...(cursor === undefined ? {} : { cursor }) });
      const { items, nextCursor } = ListGateways.answer.parse(body);
      names.push(...items.map(({ edgeNodeId }) => edgeNodeId));
      cursor = nextCursor;
    } while (cursor !== undefined);
    expect(names).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(await ask({ cursor: Buffer.from('{"pk":"QUARANTINE","sk":"x"}').toString('base64url') })).toMatchObject({ status: 400, body: { type: '/problems/cursor-malformed' } });
  });
  it('is for those who look after equipment or work with it', async () => {
    for (const group of ['site-engineer', 'operator', 'process-scientist']) expect((await ask({}, group)).status).toBe(200);
    for (const group of ['regulator', 'qualified-person', 'network-coordinator']) expect((await ask({}, group)).status).toBe(403);
  });
});

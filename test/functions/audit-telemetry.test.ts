import { beforeEach, describe, expect, it, vi } from 'vitest';
import { objectKeyOf } from '../../shared/telemetry/minute.ts';
import type { SealedChunk } from '../../shared/batch/events.ts';
import { advance, createJourney, equip, type Journey } from '../support/journey.ts';
import { createNode, type TestNode } from '../support/node.ts';
import { PEOPLE, type TestPerson } from '../support/people.ts';
import { sealChunks } from '../support/telemetry/sealed.ts';
import { MINUTE } from '../support/telemetry/sparkplug-writer.ts';

const { regulator, operator } = PEOPLE;
const TELEMETRY = 'GET /v1/audit/batches/{batchId}/telemetry';
const CHUNK = `${TELEMETRY}/chunks/{sha256}`;
const [FIRST, LATE, SECOND] = ['first', 'first, and late', 'second'].map((text) => Buffer.from(text)) as [Buffer, Buffer, Buffer];

let node: TestNode;
let journey: Journey;
let sealed: readonly SealedChunk[];
beforeEach(async () => {
  node = createNode();
  await equip(node);
  journey = await advance(await createJourney(node), 'culturing');
  sealed = [...await sealChunks(node, journey.batchId, { 0: FIRST, 1: SECOND }), ...await sealChunks(node, journey.batchId, { 0: LATE })];
});
const list = (query: Readonly<Record<string, string>> = {}, batchId = journey.batchId) => node.call(regulator, TELEMETRY, { path: { batchId }, query });
const chunk = (sha256: string, batchId = journey.batchId, person: TestPerson = regulator) => node.call(person, CHUNK, { path: { batchId, sha256 } });

describe('the telemetry of a batch, to be inspected', () => {
  it('is every chunk its record names, with its hash, device, minute and the event that names it', async () => {
    const { version } = await node.batch(journey.batchId);
    const { status, body } = await list();
    const minute = (offset: number): string => new Date(Date.parse(new Date(MINUTE).toISOString().slice(0, 16) + ':00Z') + offset * 60_000).toISOString();
    const device = { edgeNodeId: 'gateway-1', deviceId: 'bioreactor-1' };
    expect([status, body]).toEqual([200, {
      batchId: journey.batchId, version, chunkCount: 3,
      items: [
        { ...sealed[0], ...device, minute: minute(0), version: version - 1, superseded: true }, { ...sealed[1], ...device, minute: minute(1), version: version - 1, superseded: false },
        { ...sealed[2], ...device, minute: minute(0), version, superseded: false },
      ],
    }]);
  });
  it('comes in pages, and says up to when all of it is named', async () => {
    const { body: first } = await list({ limit: '2' });
    const { body: rest } = await list({ limit: '2', cursor: String(first['nextCursor']) });
    expect([first['items'], rest['items']].map((items) => (items as readonly SealedChunk[]).map(({ sha256 }) => sha256))).toEqual([sealed.slice(0, 2), sealed.slice(2)].map((each) => each.map(({ sha256 }) => sha256)));
    expect(rest['nextCursor']).toBeUndefined();
    expect(await list({ cursor: Buffer.from(JSON.stringify({ pk: `TELEMETRY#${journey.batchId}`, sk: 'x' })).toString('base64url') })).toMatchObject({ status: 400, body: { type: '/problems/cursor-malformed' } });
    await advance(journey, 'completed', 'culturing');
    expect((await list()).body).toMatchObject({ through: node.now().toISOString() });
  });
  it.each([['as it is', 2], ['as it was before late messages changed it', 0]])('can be had chunk by chunk, %s', async (_, i) => {
    const { status, file } = await chunk(sealed[i]!.sha256);
    expect([status, file?.toString()]).toEqual([200, [FIRST, SECOND, LATE][i]!.toString()]);
  });
  it('is given to nobody with other bytes than the record names', async () => {
    node.telemetryObjects.objects.set(sealed[1]!.key, Buffer.from('altered'));
    expect(await chunk(sealed[1]!.sha256)).toMatchObject({ status: 500, body: { type: '/problems/chunk-corrupt' } });
    node.telemetryObjects.objects.delete(sealed[1]!.key);
    expect((await chunk(sealed[1]!.sha256)).status).toBe(500);
    node.telemetryObjects.objects.set(objectKeyOf.superseded(sealed[0]!.sha256), SECOND);
    expect((await chunk(sealed[0]!.sha256)).status).toBe(500);
  });
  it('holds nothing that the record does not name, nor another batch\'s chunk', async () => {
    const other = await createJourney(node);
    for (const answer of [await chunk('0'.repeat(64)), await chunk(sealed[0]!.sha256, other.batchId)]) expect(answer).toMatchObject({ status: 404, body: { type: '/problems/chunk-not-found' } });
    expect(await chunk(sealed[0]!.sha256, 'north-0')).toMatchObject({ status: 404, body: { type: '/problems/batch-not-found' } });
    expect(await chunk('XYZ')).toMatchObject({ status: 400 });
    expect((await chunk(sealed[0]!.sha256, journey.batchId, operator)).status).toBe(403);
  });
  it('is found without reading the record again for each chunk, what the record names later too, and of few batches at once', async () => {
    const loads = vi.spyOn(node.store, 'load');
    const readsOf = async (ask: () => Promise<unknown>): Promise<number> => { loads.mockClear(); await ask(); return loads.mock.calls.length; };
    const ask = (sha256: string) => async () => { expect((await chunk(sha256)).status).toBe(200); };
    expect([await readsOf(ask(sealed[1]!.sha256)), await readsOf(ask(sealed[0]!.sha256)), await readsOf(ask(sealed[2]!.sha256))]).toEqual([1, 0, 0]);
    const [later] = await sealChunks(node, journey.batchId, { 7: Buffer.from('later') });
    expect([await readsOf(ask(later!.sha256)), await readsOf(ask(later!.sha256))]).toEqual([1, 0]);
    for (let i = 0; i < 4; i += 1) await chunk('0'.repeat(64), (await createJourney(node)).batchId);
    expect(await readsOf(ask(later!.sha256))).toBe(1);
  });
  it('is hidden by a grant whatever others were given of it, as a batch that is not here', async () => {
    expect((await chunk(sealed[1]!.sha256)).status).toBe(200);
    node.grant({ grantId: 'OTHER', login: regulator.id, productIds: ['other-product'], from: '2020-01-01T00:00:00Z', until: '2030-01-01T00:00:00Z' });
    const gets = vi.spyOn(node.operations, 'get');
    const answerOf = async (batchId: string) => {
      gets.mockClear();
      const { status, code, body } = await chunk(sealed[1]!.sha256, batchId);
      return [status, code, String(body['detail']).replace(batchId, ''), gets.mock.calls.length];
    };
    const hidden = await answerOf(journey.batchId);
    expect([hidden, hidden.slice(0, 2)]).toEqual([await answerOf('north-20260302-ZZZZZZ'), [404, 'batch-not-found']]);
  });
  it('is refused where it does not fit in one answer', async () => {
    const [large] = await sealChunks(node, journey.batchId, { 5: Buffer.alloc(4_400_001) });
    expect(await chunk(large!.sha256)).toMatchObject({ status: 413, body: { type: '/problems/request-too-large' } });
  });
  it('is read on record', async () => {
    await list();
    await chunk(sealed[0]!.sha256);
    expect(node.reads.map(({ operation }) => operation)).toEqual(['inspectTelemetry', 'readTelemetryChunk']);
  });
});

describe('pages of a record with much telemetry', () => {
  it('hold what one answer holds, and leave nothing out', async () => {
    const hashes = Array.from({ length: 300 }, (_, i) => String(i).padStart(64, '0'));
    for (let event = 0; event < 120; event += 1) {
      const chunks = hashes.map((sha256, i) => ({ key: objectKeyOf.chunk('gateway-1', 'bioreactor-1', MINUTE + (event * 300 + i) * 60_000), sha256 }));
      await node.records.batches.change(journey.batchId, () => [{ type: 'telemetry-sealed', devices: [], chunks }], { actor: { kind: 'system', id: 't', version: '1' } });
    }
    const { version } = await node.batch(journey.batchId);
    const versions: number[] = [];
    for (let cursor: string | undefined, first = true; first || cursor !== undefined; first = false) {
      const { body } = await node.call(regulator, 'GET /v1/audit/batches/{batchId}/record', { path: { batchId: journey.batchId }, query: { limit: '200', ...(cursor === undefined ? {} : { cursor }) } });
      expect(JSON.stringify(body).length).toBeLessThan(5_500_000);
      versions.push(...(body['items'] as readonly Readonly<{ version: number }>[]).map((each) => each.version));
      cursor = body['nextCursor'] as string | undefined;
    }
    expect(versions).toEqual(Array.from({ length: version }, (_, i) => i + 1));
  });
});

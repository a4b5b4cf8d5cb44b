import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { archivedBirths, createArchivedBirths, createBirths } from '../../functions/_platform/births.ts';
import { decodeSegment } from '../../shared/telemetry/segment.ts';
import { Gateway } from '../support/telemetry/gateway.ts';
import { createHospital } from '../support/telemetry/hospital.ts';
import { encodePayload, MINUTE, topicOf } from '../support/telemetry/sparkplug-writer.ts';

type Entry = Readonly<{ topic: string; reason: string; detail: string; sizeBytes: number; objectKey: string }>;
const quarantined = async ({ operations }: ReturnType<typeof createHospital>): Promise<readonly Entry[]> => (await operations.list<Entry>('QUARANTINE', { limit: 100 })).items;
const stored = ({ objects, keys }: ReturnType<typeof createHospital>) => keys('open/').flatMap((key) => decodeSegment(objects.objects.get(key)!));

const good = { topic: topicOf('NDATA'), payload: encodePayload({ timestamp: MINUTE, seq: 4, metrics: [{ name: 'a', datatype: 10, doubleValue: 1 }] }), receivedAtEpochMs: MINUTE };
const body = (more: object) => JSON.stringify({ payload: Buffer.from(good.payload).toString('base64'), topic: good.topic, receivedAt: MINUTE, clientId: 'gateway-1', ...more });
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

describe('ingestion', () => {
  it('keeps the messages of a batch in one segment a minute, by the sender\'s time', async () => {
    const hospital = createHospital();
    const gateway = new Gateway();
    await hospital.send([...gateway.born(MINUTE), gateway.data(MINUTE + 59_999, 37), gateway.data(MINUTE + 60_000, 37)]);
    expect(hospital.keys('open/').map((key) => key.split('/')[1])).toEqual(['2026-03-02T1405', '2026-03-02T1406']);
    expect(stored(hospital)).toHaveLength(4);
    expect(hospital.counts).toEqual({ IngestedMessages: 4 });
  });

  it('keeps each birth beside the telemetry before it is used, and gives the message back when it can not', async () => {
    const hospital = createHospital();
    const gateway = new Gateway();
    const births = gateway.born(MINUTE);
    await hospital.send(births);
    expect(hospital.keys('births/').map((key) => key.split('-')[0])).toEqual(['births/gateway', 'births/gateway']);
    const books: unknown[] = [];
    for await (const birth of archivedBirths(hospital.objects)) books.push(birth);
    expect(books).toEqual(expect.arrayContaining([expect.objectContaining({ edgeNodeId: 'gateway-1', deviceId: 'bioreactor-1', timestampEpochMs: MINUTE })]));
    const broken = createArchivedBirths(createBirths(hospital.operations), { put: () => Promise.reject(new Error('the bucket is away')) });
    const held = hospital.operations.items.size;
    await expect(broken.keep({ edgeNodeId: 'gateway-2', deviceId: undefined, timestampEpochMs: MINUTE, bdSeq: 0, table: [] })).rejects.toThrow('away');
    expect(hospital.operations.items.size).toBe(held);
  });

  it('writes the same objects when a batch comes twice, in another order', async () => {
    const hospital = createHospital();
    const gateway = new Gateway();
    const batch = [...gateway.born(MINUTE), gateway.data(MINUTE + 1000, 37)];
    await hospital.send(batch);
    const before = hospital.keys('');
    await hospital.send(batch.toReversed());
    expect(hospital.keys('')).toEqual(before);
  });

  it.each([
    ['truncated', body({ payload: base64(good.payload.subarray(0, good.payload.length - 3)) }), 'sparkplug-malformed'],
    ['of another protobuf', body({ payload: base64(Buffer.from('0a0568656c6c6f', 'hex')) }), 'sparkplug-malformed'],
    ['of 1 MB', body({ payload: base64(Buffer.alloc(1_000_000)) }), 'sparkplug-too-large'],
    ['a zip bomb', body({ payload: base64(encodePayload({ uuid: 'SPBV1.0_COMPRESSED', body: deflateSync(Buffer.alloc(50_000_000)) })) }), 'sparkplug-too-large'],
    ['on a wrong topic', body({ topic: 'spBv1.0/north/NDATA' }), 'sparkplug-malformed'],
    ['of another hospital', body({ topic: topicOf('NDATA', 'gateway-1', undefined, 'harbour') }), 'sparkplug-malformed'],
    ['of a gateway under another\'s name', body({ clientId: 'gateway-2' }), 'sparkplug-malformed'],
    ['of a clock an hour behind', body({ receivedAt: MINUTE + 3_600_000 }), 'device-clock-wrong'],
    ['of a clock a day ahead', body({ receivedAt: MINUTE - 86_400_000 }), 'device-clock-wrong'],
    ['not JSON', '{', 'sparkplug-malformed'],
    ['without a payload', JSON.stringify({ topic: good.topic, receivedAt: MINUTE }), 'sparkplug-malformed'],
    ['with a field nobody knows', body({ extra: 1 }), 'sparkplug-malformed'],
  ])('sets a message aside that is %s, with its bytes, and keeps its neighbours', async (_, poison, reason) => {
    const hospital = createHospital();
    expect(await hospital.sendBodies([body({}), poison, body({ payload: base64(encodePayload({ timestamp: MINUTE + 1, seq: 5 })) })])).toEqual([]);
    const [entry, ...others] = await quarantined(hospital);
    expect(others).toEqual([]);
    expect(entry).toMatchObject({ reason });
    expect(hospital.objects.objects.get(entry!.objectKey)).toHaveLength(entry!.sizeBytes);
    expect(hospital.counts).toMatchObject({ QuarantinedMessages: 1, IngestedMessages: 2 });
    expect(stored(hospital)).toHaveLength(2);
  });

  it('keeps the exact bytes of what it set aside, once', async () => {
    const hospital = createHospital();
    const bytes = Buffer.from('ff00ff00', 'hex');
    const poison = body({ payload: base64(bytes) });
    await hospital.sendBodies([poison, poison]);
    await hospital.sendBodies([poison]);
    const [entry, ...others] = await quarantined(hospital);
    expect(others).toEqual([]);
    expect(Buffer.from(hospital.objects.objects.get(entry!.objectKey)!)).toEqual(bytes);
    expect(hospital.counts['QuarantinedMessages']).toBe(1);
  });

  it('lets commands pass, its own rebirth requests among them', async () => {
    const hospital = createHospital();
    await hospital.sendBodies([body({ topic: topicOf('NCMD'), clientId: 'n/a' }), body({ topic: topicOf('DCMD', 'gateway-1', 'bioreactor-1') })]);
    expect([hospital.keys(''), hospital.counts]).toEqual([[], { IngestedMessages: 0 }]);
  });

  it('gives back only what it could not store', async () => {
    const hospital = createHospital();
    hospital.objects.beforePut.run = (key) => { if (key.includes('T1406')) throw new Error('no room'); };
    const gateway = new Gateway();
    expect(await hospital.send([...gateway.born(MINUTE), gateway.data(MINUTE + 60_000, 37), gateway.data(MINUTE + 61_000, 37)])).toEqual(['m-3', 'm-4']);
    expect(hospital.counts).toEqual({ IngestedMessages: 2 });
  });
});

describe('data that no birth names', () => {
  it('stays in its segment, is shown to people, and its gateway is asked to be born again, once in half a minute', async () => {
    const hospital = createHospital();
    const gateway = new Gateway();
    await hospital.send([gateway.data(MINUTE, 37), gateway.data(MINUTE + 1000, 37)]);
    await hospital.send([gateway.data(MINUTE + 2000, 37)]);
    expect(hospital.rebirths).toEqual(['gateway-1']);
    expect((await quarantined(hospital)).map(({ reason }) => reason)).toEqual(['birth-missing', 'birth-missing', 'birth-missing']);
    expect(stored(hospital)).toHaveLength(3);
    hospital.time.epochMs += 30_000;
    await hospital.send([gateway.data(MINUTE + 31_000, 37)]);
    expect(hospital.rebirths).toEqual(['gateway-1', 'gateway-1']);
  });

  it('is found out by one unknown alias among known ones', async () => {
    const hospital = createHospital();
    const gateway = new Gateway();
    await hospital.send([...gateway.born(MINUTE), gateway.data(MINUTE + 1000, 37, 7.2, 99)]);
    expect((await quarantined(hospital)).map(({ reason }) => reason)).toEqual(['alias-unknown']);
    expect(hospital.rebirths).toEqual(['gateway-1']);
  });

  it('is not asked about when the birth came through another instance of the function', async () => {
    const [hospital, gateway] = [createHospital(), new Gateway()];
    const [node, device] = gateway.born(MINUTE);
    await hospital.send([node!]);
    const other = createHospital();
    await other.send([device!]);
    for (const [key, item] of other.operations.items) hospital.operations.items.set(key, item);
    await hospital.send([gateway.data(MINUTE + 1000, 37)]);
    expect([hospital.rebirths, await quarantined(hospital)]).toEqual([[], []]);
  });

  it('is stored though the rebirth could not be asked for', async () => {
    const hospital = createHospital();
    hospital.broker.isDown = true;
    expect(await hospital.send([new Gateway().data(MINUTE, 37)])).toEqual([]);
    expect([stored(hospital).length, hospital.rebirths]).toEqual([1, []]);
  });
});

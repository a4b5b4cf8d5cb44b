import { buildHour } from '../../functions/telemetry-seal/hours.ts';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keyOf } from '../../shared/storage/keys.ts';
import { openChunk } from '../../shared/telemetry/chunk.ts';
import { findGaps } from '../../shared/telemetry/sequence.ts';
import type { RawMessage } from '../../shared/telemetry/received.ts';
import { anyMessages } from '../support/telemetry/arbitraries.ts';
import { Gateway } from '../support/telemetry/gateway.ts';
import { createHospital } from '../support/telemetry/hospital.ts';
import { MINUTE } from '../support/telemetry/sparkplug-writer.ts';
import { type Hospital, LATER, sealedAt, readTemperature } from '../support/telemetry/sealing.ts';

const HOUR = 3_600_000;
const contentOf = ({ objects, keys }: Hospital): Readonly<Record<string, string>> => Object.fromEntries(['sealed/', 'hours/'].flatMap(keys).map((key) => [key, Buffer.from(objects.objects.get(key)!).toString('hex')]));
/** A minute at 1 Hz. */
const minuteOf = (gateway: Gateway, start: number, value = (second: number): number => 37 + (second % 5) / 100): readonly RawMessage[] => Array.from({ length: 60 }, (_, second) => gateway.data(start + second * 1000, value(second), 7.2));

describe('sealing', () => {
  it('turns the segments of a minute into one chunk a device, and names each chunk\'s hash', async () => {
    const hospital = createHospital();
    const gateway = new Gateway();
    await hospital.send([...gateway.born(MINUTE), ...minuteOf(gateway, MINUTE)]);
    const { chunks } = await sealedAt(hospital, MINUTE + 180_000);
    expect(chunks.map(({ key }) => key)).toEqual(['sealed/gateway-1/-/2026-03-02/2026-03-02T1405.chunk', 'sealed/gateway-1/bioreactor-1/2026-03-02/2026-03-02T1405.chunk']);
    for (const { key, sha256 } of chunks) expect(createHash('sha256').update(hospital.objects.objects.get(key)!).digest('hex')).toBe(sha256);
    expect(hospital.keys('open/')).toEqual([]);
    expect((await readTemperature(hospital)).values.slice(0, 4)).toEqual([37, 37.01, 37.02, 37.03]);
  });

  it('waits two minutes for what comes late, and takes what comes later into the same chunk', async () => {
    const hospital = createHospital();
    const gateway = new Gateway();
    const [first, second] = [[...gateway.born(MINUTE), gateway.data(MINUTE + 1000, 37)], [gateway.data(MINUTE + 2000, 37.5)]];
    await hospital.send(first);
    expect((await sealedAt(hospital, MINUTE + 179_999)).chunks).toEqual([]);
    expect((await sealedAt(hospital, MINUTE + 180_000)).chunks).toHaveLength(2);
    await hospital.send(second);
    expect((await readTemperature(hospital)).values).toEqual([37, 37, 37.5]);
    expect((await hospital.seal()).chunks).toHaveLength(2);
    expect((await readTemperature(hospital)).values).toEqual([37, 37, 37.5]);
    await hospital.send([...first, ...second]);
    expect((await hospital.seal()).chunks).toEqual([]);
  });

  it('gives the same bytes, series and numbering in whatever order, batches and runs messages come, births among them', async () => {
    await fc.assert(fc.asyncProperty(anyMessages, fc.infiniteStream(fc.nat()), async (messages, numbers) => {
      const next = (): number => numbers.next().value as number;
      const [whole, pieces] = [createHospital(), createHospital()];
      await whole.send(messages);
      await sealedAt(whole, LATER);
      pieces.time.epochMs = LATER;
      const shuffled = [...messages, ...messages.slice(0, 4)].map((each) => [next(), each] as const).sort(([a], [b]) => a - b).map(([, each]) => each);
      for (let at = 0; at < shuffled.length;) {
        const size = 1 + next() % 6;
        await pieces.send(shuffled.slice(at, at + size));
        if (next() % 2 === 0) await pieces.seal();
        at += size;
      }
      await pieces.seal();
      expect(contentOf(pieces)).toEqual(contentOf(whole));
      expect(await readTemperature(pieces)).toEqual(await readTemperature(whole));
      expect(await pieces.operations.get(keyOf.lastSequence('gateway-1'))).toEqual(await whole.operations.get(keyOf.lastSequence('gateway-1')));
    }), { numRuns: 60 });
  });

  it('keeps in chunks all that the numbering needs: gaps found again from them are those found at once', async () => {
    const hospital = createHospital();
    const gateway = new Gateway();
    const messages = [...gateway.born(MINUTE), ...minuteOf(gateway, MINUTE), ...minuteOf(gateway, MINUTE + 60_000)].filter((_, i) => i % 17 !== 5);
    await hospital.send(messages);
    await sealedAt(hospital, LATER);
    const marks = hospital.keys('sealed/gateway-1/-/').flatMap((key) => openChunk(hospital.objects.objects.get(key)!).marks);
    expect(marks).toHaveLength(messages.length);
    expect(findGaps('gateway-1', marks, undefined).gaps).toHaveLength(7);
  });

  it('reads names from a birth that came last of all', async () => {
    const hospital = createHospital();
    const gateway = new Gateway();
    const births = gateway.born(MINUTE);
    await hospital.send([gateway.data(MINUTE + 1000, 36.5)]);
    await sealedAt(hospital, LATER);
    expect((await readTemperature(hospital)).values).toEqual([]);
    await hospital.send(births);
    expect((await readTemperature(hospital)).values).toEqual([37, 36.5]);
  });

  it('puts buffered samples into the minute in which they were taken', async () => {
    const hospital = createHospital();
    const gateway = new Gateway();
    await hospital.send([...gateway.born(MINUTE), gateway.buffered(MINUTE + 5000, [[MINUTE - 120_000, 36.8], [MINUTE - 60_000, 36.9]])]);
    await sealedAt(hospital, LATER);
    expect(hospital.keys('sealed/gateway-1/bioreactor-1/')).toHaveLength(3);
    expect((await readTemperature(hospital, MINUTE - 120_000, MINUTE)).values).toEqual([36.8, 36.9]);
  });

  it('gathers whole hours, and again when a late message changes one', async () => {
    const hospital = createHospital();
    const gateway = new Gateway();
    const start = MINUTE - 5 * 60_000;
    const births = gateway.born(start);
    const late = gateway.data(start + 90_000, 36.6);
    await hospital.send([...births, gateway.data(start + 60_000, 36.5)]);
    expect((await sealedAt(hospital, start + HOUR + 200_000)).hours).toBe(2);
    await hospital.send([late]);
    await hospital.seal();
    const before = await readTemperature(hospital);
    for (const key of hospital.keys('sealed/')) hospital.objects.objects.delete(key);
    expect(await readTemperature(hospital)).toEqual(before);
    expect(before.values).toEqual([37, 36.5, 36.6]);
  });

  it('loses nothing when two runs write one chunk at the same time', async () => {
    const hospital = createHospital();
    const gateway = new Gateway();
    hospital.time.epochMs = LATER;
    const [a, b] = [[...gateway.born(MINUTE), gateway.data(MINUTE + 1000, 36.5)], [gateway.data(MINUTE + 2000, 36.6)]];
    await hospital.send(a);
    const first = hospital.seal();
    await hospital.send(b);
    await Promise.all([first, hospital.seal(), hospital.seal()]);
    await hospital.seal();
    expect((await readTemperature(hospital)).values).toEqual([37, 36.5, 36.6]);
  });

  it('takes in what another run wrote between its reading and its writing', async () => {
    const [hospital, other] = [createHospital(), createHospital()];
    const gateway = new Gateway();
    const births = gateway.born(MINUTE);
    await other.send([...births, gateway.data(MINUTE + 1000, 36.5)]);
    await sealedAt(other, LATER);
    await hospital.send([...births, gateway.data(MINUTE + 2000, 36.6)]);
    hospital.objects.beforePut.run = (key) => {
      const theirs = other.objects.objects.get(key);
      if (theirs !== undefined && !hospital.objects.objects.has(key)) hospital.objects.objects.set(key, theirs);
    };
    await sealedAt(hospital, LATER);
    expect((await readTemperature(hospital)).values).toEqual([37, 36.5, 36.6]);
  });

  it('does not let one hour that can not be read hold up the others, and says so', async () => {
    const hospital = createHospital();
    const gateway = new Gateway();
    await hospital.send([...gateway.born(MINUTE), gateway.data(MINUTE + 1000, 37)]);
    await hospital.objects.put('open/2026-03-02T1200/abc.seg', Buffer.from('not a segment'));
    await expect(sealedAt(hospital, LATER)).rejects.toThrow(/2026-03-02T12:00.*chunk|segment/);
    expect(hospital.keys('sealed/')).toHaveLength(2);
    expect(hospital.keys('open/')).toEqual(['open/2026-03-02T1200/abc.seg']);
  });
});

describe('an alarm', () => {
  const alarmsOf = async (hospital: Hospital) => Object.values((await hospital.batch()).alarms);

  it('is raised once an excursion, across minutes and repeated runs, with a deviation for a critical parameter', async () => {
    const hospital = createHospital();
    await hospital.beginBatch();
    const gateway = new Gateway();
    const first = [...gateway.born(MINUTE), ...minuteOf(gateway, MINUTE, (second) => (second < 50 ? 37 : 38.4))];
    const second = minuteOf(gateway, MINUTE + 60_000, (each) => (each < 30 ? 38.5 : 37));
    const third = minuteOf(gateway, MINUTE + 120_000, (each) => (each === 20 ? 35 : 37));
    await hospital.send([...first, ...second, ...third]);
    await sealedAt(hospital, LATER);
    await hospital.send([...second, ...first]);
    await hospital.seal();
    expect((await alarmsOf(hospital)).map(({ metric, at }) => [metric, at])).toEqual([['Temperature', new Date(MINUTE + 50_000).toISOString()], ['Temperature', new Date(MINUTE + 140_000).toISOString()]]);
    expect(Object.values((await hospital.batch()).deviations)).toHaveLength(2);
  });

  it('of a parameter that is not critical raises no deviation', async () => {
    const hospital = createHospital();
    await hospital.beginBatch();
    const gateway = new Gateway();
    await hospital.send([...gateway.born(MINUTE), gateway.data(MINUTE + 1000, 37, 6.8)]);
    await sealedAt(hospital, LATER);
    expect([(await alarmsOf(hospital)).map(({ metric }) => metric), (await hospital.batch()).deviations]).toEqual([['pH'], {}]);
  });

  it('is raised for a sample that came late and for none of before the batch had the device', async () => {
    const hospital = createHospital();
    await hospital.beginBatch();
    const gateway = new Gateway();
    const births = gateway.born(MINUTE - 120_000);
    const late = gateway.data(MINUTE + 1000, 39);
    await hospital.send([...births, gateway.data(MINUTE - 100_000, 20), gateway.data(MINUTE + 60_000, 37)]);
    await sealedAt(hospital, LATER);
    expect(await alarmsOf(hospital)).toEqual([]);
    await hospital.send([late]);
    await hospital.seal();
    expect((await alarmsOf(hospital)).map(({ at }) => at)).toEqual([new Date(MINUTE + 1000).toISOString()]);
  });
});

describe('the copy of an hour', () => {
  it('is not made of more samples than a function holds, and is made again where there was one', async () => {
    const hospital = createHospital();
    const gateway = new Gateway();
    await hospital.send([...gateway.born(MINUTE), ...minuteOf(gateway, MINUTE)]);
    await sealedAt(hospital, MINUTE + 180_000);
    const hour = { edgeNodeId: 'gateway-1', deviceId: 'bioreactor-1', hourEpochMs: Math.floor(MINUTE / 3_600_000) * 3_600_000 };
    const copies = () => hospital.keys('hours/');
    await buildHour(hospital.sealPorts, hour, undefined, 100);
    expect(copies()).toEqual([]);
    await buildHour(hospital.sealPorts, hour, undefined, 200);
    await buildHour(hospital.sealPorts, hour, undefined, 100);
    expect(copies()).toHaveLength(1);
  });
});

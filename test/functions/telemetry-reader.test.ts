import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTelemetryReader } from '../../functions/_platform/telemetry-reader.ts';
import { Gateway } from '../support/telemetry/gateway.ts';
import { createHospital } from '../support/telemetry/hospital.ts';
import { readTemperature, sealedAt } from '../support/telemetry/sealing.ts';
import { MINUTE } from '../support/telemetry/sparkplug-writer.ts';

const HOUR = 3_600_000;
const HOURS = 8;
const START = Math.floor(MINUTE / HOUR) * HOUR;
const EACH = 3 * 60_000;
const END = START + HOURS * HOUR;

/** Eight sealed hours of one device with a sample every three minutes, and what the reader lists of it. */
const sealedHospital = async () => {
  const hospital = createHospital();
  const gateway = new Gateway();
  hospital.time.epochMs = START;
  await hospital.send([...gateway.born(START), ...Array.from({ length: Math.floor((HOURS * HOUR) / EACH) - 1 }, (_, i) => gateway.data(START + (i + 1) * EACH, 36 + i / 1000))]);
  await sealedAt(hospital, END + 200_000);
  const listed: string[] = [];
  const objects = {
    ...hospital.objects,
    list: async (...asked: Parameters<typeof hospital.objects.list>) => {
      const keys = await hospital.objects.list(...asked);
      listed.push(...keys);
      return keys;
    },
  };
  return { hospital, listed, reader: createTelemetryReader(objects, hospital.births) };
};

describe('a series over many hours', () => {
  it('is the same whichever hours there are copies of, for any part of the time', async () => {
    const { hospital } = await sealedHospital();
    const [copies, all] = [hospital.keys('hours/'), await readTemperature(hospital)];
    const bodies = new Map(copies.map((key) => [key, hospital.objects.objects.get(key)!]));
    await fc.assert(fc.asyncProperty(fc.subarray([...copies]), fc.integer({ min: START - HOUR, max: END + HOUR }), fc.integer({ min: 1, max: (HOURS + 2) * HOUR }), async (there, from, lengthMs) => {
      for (const [key, body] of bodies) {
        if (there.includes(key)) hospital.objects.objects.set(key, body);
        else hospital.objects.objects.delete(key);
      }
      const wanted = all.times.flatMap((time, i) => (time >= from && time < from + lengthMs ? [[time, all.values[i]]] : []));
      const { times, values } = await readTemperature(hospital, from, from + lengthMs);
      expect(times.map((time, i) => [time, values[i]])).toEqual(wanted);
    }));
  });

  it('lists no minute where there is a copy of the hour, and no more than an hour of them where one is missing', async () => {
    const { hospital, listed, reader } = await sealedHospital();
    const minutes = () => listed.splice(0).filter((key) => key.startsWith('sealed/')).length;
    await readTemperature({ ...hospital, reader }, START, END);
    expect(minutes()).toBe(0);
    hospital.objects.objects.delete(hospital.keys('hours/gateway-1/bioreactor-1/')[3] ?? '');
    await readTemperature({ ...hospital, reader }, START, END);
    expect(minutes()).toBeLessThanOrEqual(60);
  });
});

describe('what is not sealed yet', () => {
  it('is unpacked only as far as it was asked for', async () => {
    const hospital = createHospital();
    const gateway = new Gateway();
    await hospital.send([...gateway.born(MINUTE), gateway.data(MINUTE + 1000, 36.5, 7.1), gateway.nodeData(MINUTE + 2000, 5)]);
    const [temperature, acidity] = await hospital.reader.series([{ edgeNodeId: 'gateway-1', deviceId: 'bioreactor-1', fromEpochMs: MINUTE, toEpochMs: MINUTE + 60_000 }], ['Temperature', 'pH']);
    expect([temperature?.values, acidity?.values]).toEqual([[37, 36.5], [7.2, 7.1]]);
    expect((await readTemperature(hospital)).values).toEqual([37, 36.5]);
  });
});

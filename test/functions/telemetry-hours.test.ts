import { describe, expect, it } from 'vitest';
import { HourSealer } from '../../functions/telemetry-seal/seal-hour.ts';
import { hourOf, minuteOfSegment } from '../../shared/telemetry/minute.ts';
import { Gateway } from '../support/telemetry/gateway.ts';
import { createHospital } from '../support/telemetry/hospital.ts';
import { readTemperature, sealedAt, type Hospital } from '../support/telemetry/sealing.ts';
import { MINUTE } from '../support/telemetry/sparkplug-writer.ts';

const HOUR = 3_600_000;
const START = Math.floor(MINUTE / HOUR) * HOUR;
const LATER = START + 6 * HOUR;

/** A gateway that reports each minute what it read in the minute before, for some hours, all of it sent after the last. */
const caughtUp = async (hours: number) => {
  const hospital = createHospital();
  const gateway = new Gateway();
  hospital.time.epochMs = LATER;
  const minutes = Array.from({ length: hours * 60 }, (_, i) => START + (i + 1) * 60_000);
  await hospital.send([...gateway.born(START), ...minutes.map((minute) => gateway.buffered(minute, [[minute - 30_000, 36 + (minute - START) / HOUR]]))]);
  return { hospital, gateway };
};

/** Segments by minute, of one hour each, as a run finds them. */
const dueHours = ({ keys }: Hospital) => {
  const minutes = [...Map.groupBy(keys('open/'), minuteOfSegment)];
  return [...Map.groupBy(minutes, ([minute]) => hourOf(minute)).values()];
};

/** What readers of long ranges see: the copies of whole hours, nothing else being there. */
const fromCopies = async (hospital: Hospital) => {
  for (const key of hospital.keys('sealed/')) hospital.objects.objects.delete(key);
  return readTemperature(hospital);
};

describe('hours that are sealed one after the other', () => {
  it('are each gathered once, though the next hour begins with samples of the one before, and no chunk is read for it', async () => {
    const { hospital } = await caughtUp(4);
    const before = await readTemperature(hospital);
    const [put, read]: [string[], string[]] = [[], []];
    const { get } = hospital.objects;
    hospital.objects.beforePut.run = (key) => { put.push(key); };
    const sealPorts = { ...hospital.sealPorts, objects: { ...hospital.objects, get: (key: string) => { read.push(key); return get(key); } } };
    const sealer = new HourSealer(sealPorts);
    for (const minutes of dueHours(hospital)) await sealer.seal(minutes);
    await sealer.finish();
    const copies = put.filter((key) => key.startsWith('hours/gateway-1/bioreactor-1/'));
    expect(copies).toHaveLength(4);
    expect(new Set(copies).size).toBe(4);
    expect(read.filter((key) => key.startsWith('sealed/gateway-1/bioreactor-1/'))).toEqual([]);
    expect(hospital.keys('open/')).toEqual([]);
    expect(await fromCopies(hospital)).toEqual(before);
  });

  it('keep their segments until what they hold is in the hour', async () => {
    const { hospital } = await caughtUp(2);
    const before = await readTemperature(hospital);
    const sealer = new HourSealer(hospital.sealPorts);
    for (const minutes of dueHours(hospital)) await sealer.seal(minutes);
    // The run breaks off here.
    expect(hospital.keys('open/')).not.toEqual([]);
    await hospital.seal();
    expect(hospital.keys('open/')).toEqual([]);
    expect(await fromCopies(hospital)).toEqual(before);
  });

  it('are gathered with what another run put into them meanwhile', async () => {
    const { hospital, gateway } = await caughtUp(2);
    const sealer = new HourSealer(hospital.sealPorts);
    // The second hour is in chunks and not gathered yet.
    for (const minutes of dueHours(hospital).slice(0, 2)) await sealer.seal(minutes);
    await hospital.send([gateway.buffered(LATER, [[START + 90 * 60_000, 41]])]);
    await sealedAt(hospital, LATER + HOUR);
    await sealer.finish();
    const series = await fromCopies(hospital);
    expect(series.values).toContain(41);
    expect(series.times).toHaveLength(2 * 60 + 2);
  });

  it('are gathered again by the one whose copy another put aside', async () => {
    const { hospital, gateway } = await caughtUp(1);
    const late = gateway.buffered(LATER, [[START + 30 * 60_000, 41]]);
    let isFirst = true;
    hospital.objects.beforePut.run = (key) => {
      if (!key.startsWith('hours/gateway-1/bioreactor-1/') || !isFirst) return;
      isFirst = false;
      // Another run's copy, as it comes between this one's look and its write.
      hospital.objects.objects.set(key, new Uint8Array([1]));
    };
    await hospital.send([late]);
    await sealedAt(hospital, LATER + HOUR);
    expect((await fromCopies(hospital)).values).toContain(41);
  });
});

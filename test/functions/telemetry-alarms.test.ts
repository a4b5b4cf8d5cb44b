import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BatchEvent } from '../../shared/batch/events.ts';
import type { RawMessage } from '../../shared/telemetry/received.ts';
import { followExcursions } from '../../shared/telemetry/excursion.ts';
import { seriesOf } from '../../shared/telemetry/series.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { Gateway } from '../support/telemetry/gateway.ts';
import { ASSIGNMENT, BATCH, createHospital } from '../support/telemetry/hospital.ts';
import { MINUTE } from '../support/telemetry/sparkplug-writer.ts';

type Hospital = ReturnType<typeof createHospital>;
type Raised = Extract<BatchEvent, { type: 'telemetry-alarm-raised' }>;
const LATER = MINUTE + 10 * 60_000;

const hospitalWithBatch = async (): Promise<Hospital> => {
  const hospital = createHospital();
  await hospital.beginBatch();
  return hospital;
};
const eventsOf = ({ record }: Hospital) => record.load<BatchEvent>({ kind: 'batch', id: BATCH });
const alarmsOf = async (hospital: Hospital): Promise<readonly Raised[]> => (await eventsOf(hospital)).flatMap(({ event }) => (event.type === 'telemetry-alarm-raised' ? [event] : []));
const timesOf = async (hospital: Hospital): Promise<readonly number[]> => (await alarmsOf(hospital)).map(({ at }) => Date.parse(at) - MINUTE);
const sealAll = async (hospital: Hospital): Promise<void> => {
  hospital.time.epochMs = Math.max(hospital.time.epochMs, LATER);
  await hospital.seal();
};

describe('an alarm at ingestion', () => {
  it('is on the batch\'s record with its deviation when its message is stored, and sealing finds it there', async () => {
    const hospital = await hospitalWithBatch();
    const gateway = new Gateway();
    await hospital.send([...gateway.born(MINUTE), gateway.data(MINUTE + 1000, 38.4, 7.2), gateway.data(MINUTE + 2000, 38.6, 7.2)]);
    expect(await alarmsOf(hospital)).toMatchObject([{ metric: 'Temperature', value: 38.4, limit: 38, side: 'high', at: new Date(MINUTE + 1000).toISOString() }]);
    expect(Object.values((await hospital.batch()).deviations)).toMatchObject([{ severity: 'major' }]);
    const before = await eventsOf(hospital);
    expect(before.at(-1)?.actor).toEqual({ kind: 'system', id: 'telemetry-ingest', version: '1.0.0' });
    await sealAll(hospital);
    expect((await eventsOf(hospital)).filter(({ event }) => event.type !== 'telemetry-sealed')).toEqual(before);
  });

  it('is one for an excursion over many queue batches, and another once the value was well inside', async () => {
    const hospital = await hospitalWithBatch();
    const gateway = new Gateway();
    await hospital.send([...gateway.born(MINUTE), gateway.data(MINUTE + 1000, 38.4)]);
    await hospital.send([gateway.data(MINUTE + 2000, 38.4)]);
    await hospital.send([gateway.data(MINUTE + 3000, 37.99)]);
    await hospital.send([gateway.data(MINUTE + 4000, 38.2)]);
    expect(await timesOf(hospital)).toEqual([1000]);
    await hospital.send([gateway.data(MINUTE + 5000, 37.5)]);
    await hospital.send([gateway.data(MINUTE + 6000, 38.2)]);
    expect(await timesOf(hospital)).toEqual([1000, 6000]);
    await sealAll(hospital);
    expect(await timesOf(hospital)).toEqual([1000, 6000]);
  });

  it('learns from another instance of the function that the value was back', async () => {
    const hospital = await hospitalWithBatch();
    const gateway = new Gateway();
    await hospital.send([...gateway.born(MINUTE), gateway.data(MINUTE + 1000, 38.4)], 0);
    await hospital.send([gateway.data(MINUTE + 2000, 37)], 1);
    hospital.time.epochMs += 5_000;
    await hospital.send([gateway.data(MINUTE + 7000, 38.4)], 0);
    expect(await timesOf(hospital)).toEqual([1000, 7000]);
  });

  it('is of the batch that has the device, for the time it has it', async () => {
    const hospital = await hospitalWithBatch();
    const gateway = new Gateway();
    await hospital.send([...gateway.born(MINUTE - 120_000), gateway.data(MINUTE - 60_001, 39)]);
    expect(await alarmsOf(hospital)).toEqual([]);
    await hospital.operations.delete(keyOf.device('gateway-1', 'bioreactor-1'));
    // Assignments are remembered for five seconds; what would go on record is looked up again.
    await hospital.send([gateway.data(MINUTE + 1000, 39)]);
    expect(await alarmsOf(hospital)).toEqual([]);
  });

  it('is seen within five seconds of a batch being given the device', async () => {
    const hospital = createHospital();
    const gateway = new Gateway();
    await hospital.send([...gateway.born(MINUTE), gateway.data(MINUTE + 1000, 39)]);
    await hospital.beginBatch();
    hospital.time.epochMs += 5_000;
    await hospital.send([gateway.data(MINUTE + 5000, 39)]);
    expect(await timesOf(hospital)).toEqual([5000]);
  });

  it('is named by a birth that came through another instance', async () => {
    const hospital = await hospitalWithBatch();
    const gateway = new Gateway();
    await hospital.send([...gateway.born(MINUTE), gateway.data(MINUTE + 1000, 37, 7.2)], 0);
    await hospital.send(gateway.born(MINUTE + 2000, ['pH', 'Temperature']), 1);
    await hospital.send([gateway.data(MINUTE + 3000, 7.2, 37)], 0);
    expect(await alarmsOf(hospital)).toEqual([]);
  });

  it('says nothing of poison, and its neighbours are judged', async () => {
    const hospital = await hospitalWithBatch();
    const gateway = new Gateway();
    const [born, hot] = [gateway.born(MINUTE), gateway.data(MINUTE + 1000, 39)];
    const broken = { ...gateway.data(MINUTE + 500, 40), payload: Buffer.from('ff00ff', 'hex') };
    expect(await hospital.send([...born, broken, hot])).toEqual([]);
    expect(await timesOf(hospital)).toEqual([1000]);
  });
});

describe('an alarm that ingestion can not raise', () => {
  const failing = { get: 'a lookup', list: 'the list of devices', put: 'keeping the sighting' } as const;

  it.each(Object.entries(failing))('costs no telemetry when %s (%s) fails, is counted, and is raised by sealing', async (call) => {
    const hospital = await hospitalWithBatch();
    const gateway = new Gateway();
    await hospital.send(gateway.born(MINUTE));
    hospital.operations.failOn.run = (name, pk) => { if (name === call && (pk.startsWith('SIGHTING') || pk.startsWith('DEVICE'))) throw new Error('the table is away'); };
    hospital.time.epochMs += 5_000;
    expect(await hospital.send([gateway.data(MINUTE + 1000, 39)])).toEqual([]);
    expect([await alarmsOf(hospital), hospital.counts['AlarmsLeftToSealing'], hospital.counts['IngestedMessages']]).toEqual([[], 1, 3]);
    hospital.operations.failOn.run = () => undefined;
    await sealAll(hospital);
    expect(await timesOf(hospital)).toEqual([1000]);
  });

  it('because it broke off between the sighting and the record is raised by sealing, under the sighting\'s time', async () => {
    const hospital = await hospitalWithBatch();
    const gateway = new Gateway();
    hospital.recordFault.isDown = true;
    expect(await hospital.send([...gateway.born(MINUTE), gateway.data(MINUTE + 3000, 39)])).toEqual([]);
    hospital.recordFault.isDown = false;
    await hospital.send([gateway.data(MINUTE + 1000, 39), gateway.data(MINUTE + 3000, 39)]);
    expect(await timesOf(hospital)).toEqual([]);
    await sealAll(hospital);
    expect(await timesOf(hospital)).toEqual([3000]);
  });

  it('is not raised for messages that could not be stored', async () => {
    const hospital = await hospitalWithBatch();
    const gateway = new Gateway();
    hospital.objects.beforePut.run = (key) => { if (key.startsWith('open/')) throw new Error('no room'); };
    await hospital.send([...gateway.born(MINUTE), gateway.data(MINUTE + 1000, 39)]);
    expect(await alarmsOf(hospital)).toEqual([]);
  });
});

/** Values outside, in the band where an excursion goes on, well inside, and no number. */
const anyTemperature = fc.constantFrom(35, 35.9, 36.01, 36.5, 37, 37, 37.5, 37.99, 38.2, 39, Number.NaN, Infinity);
const anySamples = fc.array(fc.record({ at: fc.oneof(fc.nat(170_000), fc.nat(40).map((second) => second * 4000)), temperature: anyTemperature, pH: fc.constantFrom(6.8, 6.95, 7.2) }), { minLength: 1, maxLength: 40 });
type Samples = Readonly<{ at: number; temperature: number; pH: number }>[];

const messagesOf = (samples: Samples): readonly RawMessage[] => {
  const gateway = new Gateway();
  return [...gateway.born(MINUTE), ...samples.toSorted((a, b) => a.at - b.at).map(({ at, temperature, pH }) => gateway.data(MINUTE + at, temperature, pH))];
};

/** What the samples alone say: every excursion of every metric. The birth certificate is a sample too. */
const excursionsOf = (samples: Samples) => ASSIGNMENT.alarms.flatMap((limits) => {
  const values = samples.map(({ at, temperature, pH }) => [MINUTE + at, limits.metric === 'pH' ? pH : temperature, false] as const);
  return followExcursions(seriesOf([[MINUTE, limits.metric === 'pH' ? 7.2 : 37, false], ...values]), limits, undefined).map((excursion) => ({ ...excursion, metric: limits.metric }));
});

const expectOneEach = async (hospital: Hospital, samples: Samples): Promise<void> => {
  const alarms = await alarmsOf(hospital);
  const excursions = excursionsOf(samples);
  for (const { metric, side, limit, fromEpochMs, toEpochMs = Infinity } of excursions) {
    const own = alarms.filter((each) => each.metric === metric && each.side === side && Date.parse(each.at) >= fromEpochMs && (side === 'low' ? Date.parse(each.at) <= toEpochMs : Date.parse(each.at) < toEpochMs));
    expect(own).toMatchObject([{ limit }]);
  }
  expect(alarms).toHaveLength(excursions.length);
  expect(Object.keys((await hospital.batch()).deviations)).toHaveLength(alarms.filter(({ metric }) => metric === 'Temperature').length);
};

describe('alarms in whatever order messages come', () => {
  it('are not raised again when a minute is sealed again that begins with the end of an excursion and a sample outside, both of one time', async () => {
    const samples = [{ at: 1, temperature: 37, pH: 6.8 }, { at: 60_000, temperature: 37, pH: 6.8 }, { at: 60_000, temperature: 37, pH: 7.2 }];
    const hospital = await hospitalWithBatch();
    await hospital.send(messagesOf(samples));
    await sealAll(hospital);
    await expectOneEach(hospital, samples);
    await hospital.send(messagesOf(samples), 1);
    await hospital.seal();
    await expectOneEach(hospital, samples);
  });

  it('are in order those that sealing alone would raise, each on record before sealing', async () => {
    await fc.assert(fc.asyncProperty(anySamples, fc.integer({ min: 1, max: 9 }), async (drawn, size) => {
      // Samples of one time may come in separate batches, where only sealing can tell which came first.
      const samples = [...new Map(drawn.filter(({ at }) => at !== 0).map((each) => [each.at, each])).values()];
      const [both, sealing] = [await hospitalWithBatch(), await hospitalWithBatch()];
      const messages = messagesOf(samples);
      for (let at = 0; at < messages.length; at += size) await both.send(messages.slice(at, at + size));
      const atOnce = await alarmsOf(both);
      await sealAll(both);
      sealing.operations.failOn.run = (_, pk) => { if (pk.startsWith('SIGHTING')) throw new Error('away'); };
      await sealing.send(messages);
      sealing.operations.failOn.run = () => undefined;
      expect(await alarmsOf(sealing)).toEqual([]);
      await sealAll(sealing);
      const ordered = (alarms: readonly Raised[]) => alarms.toSorted((a, b) => (a.alarmId < b.alarmId ? -1 : 1));
      expect(ordered(await alarmsOf(both))).toEqual(ordered(await alarmsOf(sealing)));
      expect(ordered(atOnce)).toEqual(ordered(await alarmsOf(both)));
    }), { numRuns: 60 });
  });

  it('are one for each excursion, with its deviation, from messages shuffled, doubled and spread over instances', async () => {
    await fc.assert(fc.asyncProperty(anySamples, fc.infiniteStream(fc.nat()), async (samples, numbers) => {
      const next = (): number => numbers.next().value as number;
      const hospital = await hospitalWithBatch();
      const messages = messagesOf(samples);
      const shuffled = [...messages, ...messages.slice(0, 6)].map((each) => [next(), each] as const).sort(([a], [b]) => a - b).map(([, each]) => each);
      for (let at = 0; at < shuffled.length;) {
        const size = 1 + next() % 6;
        await hospital.send(shuffled.slice(at, at + size), next() % 2 === 0 ? 0 : 1);
        hospital.time.epochMs += next() % 4000;
        at += size;
      }
      await sealAll(hospital);
      await expectOneEach(hospital, samples);
      const before = await eventsOf(hospital);
      await hospital.send(shuffled, 1);
      await hospital.seal();
      expect((await eventsOf(hospital)).filter(({ event }) => event.type !== 'telemetry-sealed')).toEqual(before.filter(({ event }) => event.type !== 'telemetry-sealed'));
    }), { numRuns: 150 });
  });

  it('are one for each excursion when sealing runs in between and minutes are sealed again', async () => {
    await fc.assert(fc.asyncProperty(anySamples, fc.infiniteStream(fc.nat()), async (samples, numbers) => {
      const next = (): number => numbers.next().value as number;
      const hospital = await hospitalWithBatch();
      const [node, device, ...data] = messagesOf(samples);
      hospital.time.epochMs = LATER;
      await hospital.send([node!, device!]);
      const shuffled = [...data, ...data.slice(0, 4)].map((each) => [next(), each] as const).sort(([a], [b]) => a - b).map(([, each]) => each);
      for (let at = 0; at < shuffled.length;) {
        const size = 1 + next() % 4;
        await hospital.send(shuffled.slice(at, at + size), next() % 2 === 0 ? 0 : 1);
        if (next() % 2 === 0) await hospital.seal();
        at += size;
      }
      await hospital.seal();
      await expectOneEach(hospital, samples);
    }), { numRuns: 150 });
  });
});

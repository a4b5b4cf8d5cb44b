import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seal } from '../../functions/telemetry-seal/handler.ts';
import type { RawMessage } from '../../shared/telemetry/received.ts';
import { Gateway } from '../support/telemetry/gateway.ts';
import { createHospital } from '../support/telemetry/hospital.ts';
import { type Hospital, sealedAt } from '../support/telemetry/sealing.ts';
import { MINUTE } from '../support/telemetry/sparkplug-writer.ts';

const MINUTE_MS = 60_000;
const gapsOf = async (hospital: Hospital) => Object.values((await hospital.batch()).gaps).toSorted((a, b) => (a.gapId < b.gapId ? -1 : 1));
const withBatch = async (): Promise<Hospital> => {
  const hospital = createHospital();
  await hospital.beginBatch();
  return hospital;
};

/** What happens at a gateway every few seconds; `lose` spends numbers that no message has. */
const anyCourse = fc.array(fc.constantFrom('data', 'data', 'data', 'data', 'data', 'data', 'node', 'lose', 'device-death', 'rebirth', 'session'), { minLength: 60, maxLength: 140 });

type Course = readonly (typeof anyCourse extends fc.Arbitrary<readonly (infer Step)[]> ? Step : never)[];

const ofStep = (gateway: Gateway, step: Course[number], at: number): readonly RawMessage[] => {
  if (step === 'data') return [gateway.data(at, 37)];
  if (step === 'node') return [gateway.nodeData(at, 4)];
  if (step === 'device-death') return [gateway.deviceDied(at)];
  if (step === 'rebirth') return gateway.born(at);
  if (step === 'session') return [gateway.died(at), ...gateway.born(at + 400)];
  gateway.lose(3);
  return [];
};

/** Messages of half an hour and more, across the border of an hour, in their order. */
const messagesOf = (course: Course, startEpochMs: number): readonly RawMessage[] => {
  const gateway = new Gateway();
  return [...gateway.born(startEpochMs), ...course.flatMap((step, i) => ofStep(gateway, step, startEpochMs + 1000 + i * 23_000))];
};

/** As a gateway that was never cut off is heard: minute by minute, each sealed in its time. */
const inOrder = async (messages: readonly RawMessage[]): Promise<Hospital> => {
  const hospital = await withBatch();
  for (const [minute, own] of Map.groupBy(messages, ({ receivedAtEpochMs }) => Math.floor(receivedAtEpochMs / MINUTE_MS) * MINUTE_MS)) {
    hospital.time.epochMs = minute + MINUTE_MS;
    await hospital.send(own);
    await hospital.seal();
  }
  await sealedAt(hospital, hospital.time.epochMs + 10 * MINUTE_MS);
  return hospital;
};

describe('the gaps on record', () => {
  it('are those of messages heard in their order, in whatever order and packing they were kept before they were sealed', async () => {
    await fc.assert(fc.asyncProperty(anyCourse, fc.infiniteStream(fc.nat()), async (course, numbers) => {
      const next = (): number => numbers.next().value as number;
      const messages = messagesOf(course, MINUTE + 25 * MINUTE_MS);
      const shuffled = await withBatch();
      const left = messages.map((each) => [next(), each] as const).sort(([a], [b]) => a - b).map(([, each]) => each);
      for (let at = 0; at < left.length;) {
        const size = 1 + next() % 4;
        // Some within ten minutes of their sending, by their own minute; some later, by their hour.
        shuffled.time.epochMs = MINUTE + (25 + next() % 90) * MINUTE_MS;
        await shuffled.send(left.slice(at, at + size));
        at += size;
      }
      await sealedAt(shuffled, MINUTE + 200 * MINUTE_MS);
      expect(await gapsOf(shuffled)).toEqual(await gapsOf(await inOrder(messages)));
    }), { numRuns: 25 });
  });

  // A device that died in the hour that is not known, and says so again in the next; and one that did not, and comes back a while after the border.
  const twiceDead: Course = [...Array.from({ length: 39 }, () => 'data' as const), 'device-death', 'device-death', ...Array.from({ length: 7 }, () => 'data' as const)];
  const onceDead: Course = [...Array.from({ length: 41 }, () => 'data' as const), 'device-death', ...Array.from({ length: 9 }, () => 'node' as const), 'data', 'data'];

  it('are the same when an hour can not be sealed at first, and the hours after it are', async () => {
    await fc.assert(fc.asyncProperty(anyCourse, fc.boolean(), async (course, isSealedBefore) => {
      const messages = messagesOf(course, MINUTE + 40 * MINUTE_MS);
      const hospital = await withBatch();
      for (const each of messages) {
        hospital.time.epochMs = each.receivedAtEpochMs;
        await hospital.send([each]);
        // The first hour's minutes up to half past, or none of it, are sealed before the fault.
        if (isSealedBefore && each.receivedAtEpochMs < MINUTE + 50 * MINUTE_MS) await hospital.seal();
      }
      hospital.time.epochMs += 10 * MINUTE_MS;
      const failing = { ...hospital.objects, get: (key: string) => (key.startsWith('open/') && key.includes('T14') ? Promise.reject(new Error('away')) : hospital.objects.get(key)) };
      await expect(seal({ ...hospital.sealPorts, objects: failing })).rejects.toThrow('could not be sealed');
      await hospital.seal();
      expect(await gapsOf(hospital)).toEqual(await gapsOf(await inOrder(messages)));
    }), { numRuns: 25, examples: [[twiceDead, false], [twiceDead, true], [onceDead, false], [onceDead, true]] });
  });

  it('hold what was lost at the end of an hour whose copy, and no more, could not be gathered', async () => {
    const hospital = await withBatch();
    const gateway = new Gateway();
    const HOUR = 60 * MINUTE_MS;
    const messages = [...gateway.born(MINUTE), gateway.data(MINUTE + 1000, 37), gateway.data(MINUTE + HOUR, 37)];
    gateway.lose(3);
    messages.push(gateway.data(MINUTE + 2 * HOUR, 37));
    for (const each of messages) {
      hospital.time.epochMs = each.receivedAtEpochMs;
      await hospital.send([each]);
    }
    hospital.time.epochMs += 3 * HOUR;
    const failing = { ...hospital.objects, put: (...[key, body, options]: Parameters<typeof hospital.objects.put>) => (key.startsWith('hours/') && key.includes('T14') ? Promise.reject(new Error('away')) : hospital.objects.put(key, body, options)) };
    await expect(seal({ ...hospital.sealPorts, objects: failing })).rejects.toThrow('could not be sealed');
    await hospital.seal();
    expect((await gapsOf(hospital)).map(({ lostMessages }) => lostMessages)).toEqual([3]);
  });

  it('hold none for a minute whose last messages came after an outage, into more segments than are opened at once', async () => {
    const hospital = await withBatch();
    const gateway = new Gateway();
    const first = gateway.born(MINUTE);
    const sent = Array.from({ length: 40 * 12 }, (_, i) => gateway.data(MINUTE + 1000 + i * 5000, 37));
    const outage = sent.filter((_, i) => i % 12 > 8);
    hospital.time.epochMs = MINUTE + MINUTE_MS;
    await hospital.send(first);
    for (const each of sent.filter((message) => !outage.includes(message))) {
      hospital.time.epochMs = each.receivedAtEpochMs;
      await hospital.send([each]);
    }
    hospital.time.epochMs = MINUTE + 60 * MINUTE_MS;
    for (const each of outage.toReversed()) await hospital.send([each]);
    await hospital.seal();
    expect(await gapsOf(hospital)).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import { closeTelemetry } from '../../functions/telemetry-seal/name-chunks.ts';
import type { BatchEvent } from '../../shared/batch/events.ts';
import { reviewRecord } from '../../shared/release/review.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import type { RawMessage } from '../../shared/telemetry/received.ts';
import { Gateway } from '../support/telemetry/gateway.ts';
import { ASSIGNMENT, BATCH, createHospital } from '../support/telemetry/hospital.ts';
import { at, DEVICE, HOUR, MINUTE_MS, record } from '../support/telemetry/naming.ts';
import { encodePayload, MINUTE, topicOf } from '../support/telemetry/sparkplug-writer.ts';

const END = MINUTE + 30 * HOUR;
const parameter = (metric: string, critical: boolean, longestSilenceMinutes?: number) => ({ metric, title: metric, unit: '', equipmentClassId: 'bioreactor', critical, alarm: {}, ...(longestSilenceMinutes === undefined ? {} : { longestSilenceMinutes }) });
const iso = (epochMs: number): string => new Date(epochMs).toISOString();

/** A batch that has the bioreactor for thirty hours. `minutes` gives what comes in each fifth of them. */
const cultured = async (minutes: (gateway: Gateway, minute: number, atEpochMs: number) => readonly RawMessage[], parameters = [parameter('Temperature', true), parameter('pH', false)]) => {
  const hospital = createHospital();
  const content = { parameters, procedure: [], releaseSpecification: [], materials: [], equipmentClasses: [] };
  at(hospital, MINUTE);
  await record(hospital, { type: 'batch-created', batchId: BATCH, nodeId: 'north', productId: 'cd19-car-t', chainOfIdentityId: 'COI-1', recipe: { content } } as unknown as BatchEvent, { type: 'batch-started' }, { type: 'phase-started', phaseId: 'culture' },
    { type: 'equipment-assigned', phaseId: 'culture', equipmentId: 'EQ-1', equipmentClassId: 'bioreactor', device: DEVICE });
  await hospital.operations.put(keyOf.device(DEVICE.edgeNodeId, DEVICE.deviceId), ASSIGNMENT);
  const gateway = new Gateway();
  const messages = Array.from({ length: (END - MINUTE) / MINUTE_MS / 5 }, (_, i) => minutes(gateway, 5 * i, MINUTE + 5 * i * MINUTE_MS)).flat();
  for (let from = 0; from < messages.length; from += 500) await hospital.send(messages.slice(from, from + 500));
  at(hospital, END);
  await record(hospital, { type: 'equipment-released', equipmentId: 'EQ-1' }, { type: 'batch-completed' });
  at(hospital, END + HOUR);
  await hospital.seal();
  const isSealed = (await closeTelemetry(hospital.sealPorts, BATCH)).isSealed;
  const batch = await hospital.batch();
  return { hospital, batch, isSealed, gaps: Object.values(batch.gaps).map(({ from, to, critical }) => ({ from, to, critical })) };
};
const bad = (atEpochMs: number, seq: number): RawMessage => ({
  topic: topicOf('DDATA', 'gateway-1', 'bioreactor-1'), receivedAtEpochMs: atEpochMs + 150,
  payload: encodePayload({ timestamp: atEpochMs, seq: seq % 256, metrics: [{ alias: 1, doubleValue: 25, datatype: 10, properties: { keys: ['Quality'], values: [{ type: 3, intValue: 0 }] } }] }),
});
/** From minute 60 to minute 360. */
const isAway = (minute: number): boolean => minute >= 60 && minute < 360;
const AWAY = { from: iso(MINUTE + 55 * MINUTE_MS), to: iso(MINUTE + 360 * MINUTE_MS), critical: true };
const openRules = ({ batch }: Awaited<ReturnType<typeof cultured>>): readonly string[] => reviewRecord(batch).map(({ rule }) => rule);

describe('a critical parameter that was not measured', () => {
  it('is no gap while there is a good sample each five minutes, also across days', async () => {
    const found = await cultured((gateway, minute, time) => (minute === 0 ? gateway.born(time) : [gateway.data(time, 37)]));
    expect([found.isSealed, found.gaps]).toEqual([true, []]);
    expect(openRules(found)).not.toContain('critical-gap-not-assessed');
  });

  it('is a gap on the record before the record says that it is sealed, and keeps the batch from release', async () => {
    const found = await cultured((gateway, minute, time) => {
      if (minute === 0) return gateway.born(time);
      return [isAway(minute) ? gateway.nodeData(time, 4) : gateway.data(time, 37)];
    });
    expect([found.isSealed, found.gaps]).toEqual([true, [AWAY]]);
    expect(openRules(found)).toContain('critical-gap-not-assessed');
    const events = (await found.hospital.record.load<BatchEvent>({ kind: 'batch', id: BATCH })).map(({ event }) => event);
    expect(events.find(({ type }) => type === 'telemetry-gap-recorded')).toMatchObject({ cause: 'unmeasured', metrics: ['Temperature'] });
    expect(events.findIndex(({ type }) => type === 'telemetry-gap-recorded')).toBeLessThan(events.findIndex((event) => event.type === 'telemetry-sealed' && event.through !== undefined));
  });

  it('is a gap where its sensor said BAD, though values came', async () => {
    const found = await cultured((gateway, minute, time) => {
      if (minute === 0) return gateway.born(time);
      if (!isAway(minute)) return [gateway.data(time, 37)];
      gateway.lose();
      return [bad(time, minute / 5 + 1)];
    });
    expect(found.gaps).toEqual([AWAY]);
  });

  it('is a gap from end to end where its device never spoke', async () => {
    expect((await cultured(() => [])).gaps).toEqual([{ from: iso(MINUTE), to: iso(END), critical: true }]);
  });

  it('is a gap at the end where messages did not come, say because they still wait in the queue', async () => {
    const found = await cultured((gateway, minute, time) => (minute === 0 ? gateway.born(time) : minute < 1700 ? [gateway.data(time, 37)] : []));
    expect(found.gaps).toEqual([{ from: iso(MINUTE + 1695 * MINUTE_MS), to: iso(END), critical: true }]);
  });

  it('is no second gap where its gateway was offline, which is on record', async () => {
    const found = await cultured((gateway, minute, time) => {
      if (minute === 0 || minute === 360) return gateway.born(time);
      if (minute === 60) return [gateway.died(time)];
      return isAway(minute) ? [] : [gateway.data(time, 37)];
    });
    expect(found.gaps).toEqual([{ from: iso(MINUTE + 60 * MINUTE_MS), to: iso(MINUTE + 360 * MINUTE_MS), critical: true }]);
  });

  it('is held against the time its master batch record gives it, and only where it is critical', async () => {
    const every = (minutes: number) => (gateway: Gateway, minute: number, time: number): readonly RawMessage[] => (minute === 0 ? gateway.born(time) : minute % minutes === 0 ? [gateway.data(time, 37)] : []);
    expect((await cultured(every(60), [parameter('Temperature', true, 60)])).gaps).toEqual([]);
    expect((await cultured(every(60), [parameter('Temperature', true, 59)])).gaps.length).toBeGreaterThan(20);
    expect((await cultured(every(600), [parameter('Temperature', false), parameter('pH', false)])).gaps).toEqual([]);
  });

  it('is put on record once, however often its telemetry is closed', async () => {
    const { hospital, gaps } = await cultured(() => []);
    await closeTelemetry(hospital.sealPorts, BATCH);
    expect(Object.values((await hospital.batch()).gaps)).toHaveLength(gaps.length);
  });
});

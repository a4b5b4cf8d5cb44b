import { beforeEach, describe, expect, it } from 'vitest';
import type { KeptRunning } from '../../functions/batch-monitoring/running.ts';
import type { Trajectory } from '../../functions/batch-monitoring/trajectory.ts';
import { describeEvent } from '../../shared/batch/describe.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { alarms, at, BATCH, beginCulture, drifting, forget, governedBy, late, onRecord, ordinary, points, ROW, say, signature, world } from '../support/monitored-batch.ts';

const STEP = 1 / 12;
const running = () => world.node.operations.get<KeptRunning>(keyOf.monitoringRunning(BATCH));
/** Looked at every five minutes. */
const look = async (fromHour: number, toHour: number): Promise<void> => {
  for (let step = Math.round(fromHour / STEP); step <= Math.round(toHour / STEP); step += 1) await at(step * STEP);
};
const spans = (): readonly (readonly [number, number])[] => world.read.flatMap((from, i) => (i % 2 === 0 ? [[from, world.read[i + 1]!] as const] : []));
beforeEach(beginCulture);

describe('monitoring of a batch within a window', () => {
  it('says how far the batch is with every minute that is settled, and reads each minute once', async () => {
    await at(4);
    world.read.length = 0;
    const seen: number[] = [];
    for (let minute = 3; minute <= 31; minute += 1) {
      await at(4 + minute / 60);
      seen.push(((await running())!.seenToEpochMs - world.start) / 60_000);
    }
    expect(seen).toEqual(Array.from({ length: 29 }, (_, i) => 241 + i));
    expect(spans().map(([from, to]) => Math.round((to - from) * 60))).toEqual(Array.from({ length: 29 }, () => 1));
    expect((await running())!.judged).toMatchObject({ isBeyond: false, missing: [], limits: [{ level: 0.95 }, { level: 0.99 }], sensors: [{ sensor: 'glucose' }, { sensor: 'ph' }] });
  });
  it('knows the same whether it looked each minute or once', async () => {
    world.valueAt = drifting(5, 0.01);
    await look(4, 7);
    const often = (await running())!;
    forget();
    await at(7);
    expect(await running()).toEqual(often);
  });
  it('tells of an excursion before its second window is over, once, by what was seen', async () => {
    world.valueAt = drifting(12, 0.05);
    await look(12, 16.5);
    expect(await alarms()).toEqual([]);
    await look(16.5, 19.5);
    const [alarm, ...more] = await alarms();
    expect(more).toEqual([]);
    expect(alarm).toMatchObject({ output: 'process-monitoring-alarm', askedOf: ['process-scientist'], monitoring: { fromHour: 16, hour: 20 } });
    const { seenToHour, t2AtLeast, t2Limit, qAtLeast, qLimit, t2, q } = alarm!.monitoring!;
    expect(seenToHour).toBeGreaterThan(16);
    expect(seenToHour).toBeLessThan(19.5);
    expect(t2AtLeast! >= t2Limit || qAtLeast! >= qLimit).toBe(true);
    expect([t2AtLeast! <= t2, qAtLeast! <= q]).toEqual([true, true]);
    const sum = alarm!.explanation.reduce((total, { contribution }) => total + contribution, 0);
    expect(Math.min(Math.abs(sum - q), Math.abs(sum - t2))).toBeLessThan(1e-9);
    expect(describeEvent(alarm!).what).toContain(`at hour 20, seen to ${seenToHour},`);
    expect((await world.node.operations.get<Trajectory>(keyOf.monitoringTrajectory(BATCH)))!.onRecord).toHaveLength(1);
    await look(19.5, 24);
    expect(await alarms()).toHaveLength(1);
    expect((await points()).map(({ isBeyond }) => isBeyond)).toEqual([false, false, false, true, true, true]);
  });
  it('says nothing in the first window of an excursion, however far off: the rule wants two in a row', async () => {
    world.valueAt = drifting(12, 2);
    await look(12, 15.9);
    expect((await running())!.judged).toMatchObject({ isBeyond: true });
    expect(await alarms()).toEqual([]);
  });
  it('leaves a batch that goes as others went without an alarm, looked at all the time', async () => {
    await look(0, 24);
    expect(await alarms()).toEqual([]);
  });
  it('says what it said once, though the window came back, and what comes later anew', async () => {
    world.valueAt = (metric, hour) => ordinary(metric, hour) + (metric === 'Bioreactor/pH' && hour >= 4 ? (hour < 9 || hour >= 16 ? 0.4 : hour < 12 ? -0.14 : 0) : 0);
    await look(4, 24);
    const isBeyond = (await points()).map((point) => [point.hour, point.isBeyond]);
    expect(isBeyond).toContainEqual([8, true]);
    expect((await alarms()).map(({ monitoring }) => monitoring!.fromHour).filter((hour) => hour === 8)).toHaveLength(1);
    expect(new Set((await alarms()).map(({ monitoring }) => monitoring!.fromHour)).size).toBe((await alarms()).length);
  });
  it('brings one to somebody at the end of its window that is beyond the table\'s threshold only then', async () => {
    await governedBy({ ...ROW, threshold: 0.999_999_999 });
    world.valueAt = (metric, hour) => ordinary(metric, hour) + (metric === 'Bioreactor/pH' && hour >= 12 ? (hour < 18 ? 0.032 : 0.2) : 0);
    await look(12, 20);
    expect((await alarms()).map(({ askedOf, monitoring }) => [askedOf, monitoring!.fromHour, monitoring!.hour, monitoring!.seenToHour === undefined])).toEqual([[[], 16, 20, false], [['process-scientist'], 16, 20, true]]);
  });
  it('reads a window again from its start where a minute before comes late, and goes on where each comes in time', async () => {
    await look(4, 6);
    world.read.length = 0;
    await late(6.02);
    await at(6 + STEP);
    expect(spans()).toEqual([[358 / 60, 363 / 60]]);
    world.read.length = 0;
    await late(4.5);
    await at(6 + 2 * STEP);
    expect(spans()).toEqual([[4, 368 / 60]]);
  });
  it('reads each minute once while minutes are sealed in time, one after another', async () => {
    await look(4, 4.5);
    world.read.length = 0;
    for (let minute = 1; minute <= 25; minute += 1) {
      await at(4.5 + minute / 60);
      await late(4.5 + (minute + 1) / 60);
    }
    expect(spans().map(([from, to]) => Math.round((to - from) * 60))).toEqual(Array.from({ length: 25 }, () => 1));
  });
  it('names a sensor that says nothing in this window, and judges by the others', async () => {
    world.valueAt = (metric, hour) => (metric === 'Bioreactor/pH' && hour >= 8 ? Number.NaN : ordinary(metric, hour));
    await look(8, 10);
    expect((await running())!.judged).toMatchObject({ missing: ['ph-mean-8-12'], isBeyond: false });
  });
  it('judges nothing by nothing', async () => {
    world.valueAt = () => Number.NaN;
    await look(4, 5);
    expect(await running()).toMatchObject({ hour: 8, sums: [{ count: 0 }, { count: 0 }] });
    expect((await running())!.judged).toBeUndefined();
  });
  it('waits while the assistance is stopped, and tells then', async () => {
    world.valueAt = drifting(0, 0.4);
    await say({ type: 'assistance-stopped', reason: 'x' });
    await look(3.5, 7.5);
    expect(await alarms()).toEqual([]);
    await say({ type: 'assistance-resumed', reason: 'x', signature });
    await at(7.6);
    expect((await alarms()).map(({ monitoring }) => monitoring!.seenToHour !== undefined)).toEqual([true]);
  });
  it('looks no more once it has said what it makes of the whole culture', async () => {
    await look(20, 21);
    await say({ type: 'phase-completed', phaseId: 'expansion-culture' });
    await look(21, 22);
    expect((await onRecord()).filter(({ type }) => type === 'monitoring-concluded')).toHaveLength(1);
    const before = await running();
    await look(22, 23);
    expect(await running()).toEqual(before);
  });
});

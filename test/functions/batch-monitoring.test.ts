import { beforeEach, describe, expect, it } from 'vitest';
import { merged } from '../../functions/batch-monitoring/trajectory.ts';
import type { MonitoringModel } from '../../models/monitoring/model-file.ts';
import { judgeOf } from '../../models/monitoring/judge.ts';
import { alarms, at, BATCH, beginCulture, drifting, HOUR_MS, late, MINUTE_MS, ordinary, points, RECORD, run, say, signature, world } from '../support/monitored-batch.ts';
import { MONITORED_NAMES, MONITORING, MONITORING_SHA256, normalValue } from '../support/monitoring.ts';

beforeEach(beginCulture);

describe('monitoring of a running batch', () => {
  it('judges each hour when it is complete, once, by the model its record names', async () => {
    expect(await at(3)).toEqual({ judged: 0, raised: 0 });
    expect(await points()).toEqual([]);
    world.read.length = 0;
    expect(await at(4)).toEqual({ judged: 1, raised: 0 });
    const [point] = await points();
    const values = MONITORED_NAMES.map((name, i) => (name.endsWith('-0-4') ? normalValue(name, i) : Number.NaN));
    expect(point).toMatchObject({ batchId: BATCH, modelId: 'expansion-monitoring', modelVersion: 3, modelHash: MONITORING_SHA256, isBeyond: false, at: new Date(world.start + 4 * HOUR_MS).toISOString() });
    expect(point!.t2).toBeCloseTo(judgeOf(MONITORING.plane).judge(values, 4).t2, 9);
    expect(await at(4.1)).toEqual({ judged: 0, raised: 0 });
    expect(world.read).toEqual([0, 4, 4, 244 / 60]);
    for (let hour = 4.5; hour < 8; hour += 0.5) await at(hour);
    world.read.length = 0;
    for (let hour = 8; hour <= 8.1; hour += 0.05) await at(hour);
    expect(world.read.slice(0, 2)).toEqual([4, 8]);
    expect(world.read.slice(2).every((hour) => hour >= 8)).toBe(true);
    expect((await points()).map(({ hour }) => hour)).toEqual([4, 8]);
  });
  it('waits until an hour\'s last messages can have come', async () => {
    await at(3);
    world.node.time.epochMs = world.start + 4 * HOUR_MS + MINUTE_MS;
    expect(await run()).toEqual({ judged: 0, raised: 0 });
  });
  it('leaves a batch that goes as others went without an alarm to its end', async () => {
    for (let hour = 4; hour <= 24; hour += 4) await at(hour);
    expect((await points()).map(({ isBeyond }) => isBeyond)).toEqual([false, false, false, false, false, false]);
    expect(await alarms()).toEqual([]);
  });
  it('judges again what late telemetry changes, and every later hour with it, and raises what it shows', async () => {
    for (let hour = 4; hour <= 16; hour += 4) await at(hour);
    const before = await points();
    world.valueAt = drifting(8, 0.4);
    await late(9.5);
    await late(13);
    world.read.length = 0;
    world.node.time.epochMs += MINUTE_MS;
    expect(await run()).toEqual({ judged: 1, raised: 1 });
    expect(world.read).toEqual([8, 16]);
    const after = await points();
    expect(after.map((point, i) => point.t2 === before[i]!.t2)).toEqual([true, true, false, false]);
    expect((await alarms())[0]!.monitoring).toMatchObject({ fromHour: 12, hour: 16 });
  });
  it('reads late telemetry again and writes nothing where it changes no value', async () => {
    for (let hour = 4; hour <= 8; hour += 4) await at(hour);
    const before = await points();
    await late(5);
    world.node.time.epochMs += MINUTE_MS;
    await run();
    expect(await points()).toEqual(before);
  });
  it('judges with a sensor out of work, names what is missing, and takes it for no zero', async () => {
    world.valueAt = (metric, hour) => (metric === 'Bioreactor/pH' && hour >= 8 && hour < 12 ? Number.NaN : ordinary(metric, hour));
    for (let hour = 4; hour <= 16; hour += 4) await at(hour);
    expect(await points()).toMatchObject([{ missing: [] }, { missing: [] }, { missing: ['ph-mean-8-12'], isBeyond: false }, { missing: ['ph-mean-8-12'], isBeyond: false }]);
  });
  it('does not judge an hour of which nothing is known, and goes on with the next', async () => {
    world.valueAt = (metric, hour) => (hour >= 4 && hour < 8 ? Number.NaN : ordinary(metric, hour));
    for (let hour = 4; hour <= 12; hour += 4) await at(hour);
    expect((await points()).map(({ hour }) => hour)).toEqual([4, 12]);
  });
  it('catches up after it was away, reading all of the batch once', async () => {
    await at(4);
    world.read.length = 0;
    expect(await at(20)).toEqual({ judged: 1, raised: 0 });
    expect(world.read).toEqual([0, 20]);
    expect(await points()).toHaveLength(5);
  });
  it('begins anew with another model, which may raise what the first one did', async () => {
    world.valueAt = drifting(0, 0.4);
    await at(12);
    expect(await alarms()).toHaveLength(1);
    world.records = [{ ...RECORD, state: 'retired' }, { ...RECORD, version: 4, artefactSha256: 'f'.repeat(64) }];
    await at(12.1);
    expect((await alarms()).map(({ modelVersion }) => modelVersion)).toEqual([3, 4]);
  });
  it.each<readonly [string, () => unknown]>([
    ['no model is active', () => { world.records = [{ ...RECORD, state: 'suspended' }]; }], ['two are', () => { world.records = [RECORD, { ...RECORD, version: 4 }]; }],
    ['it is another product\'s', () => { world.records = [{ ...RECORD, productId: 'q' }]; }], ['it speaks on another output', () => { world.records = [{ ...RECORD, output: 'early-failure' }]; }],
    ['the batch is stopped', () => say({ type: 'batch-stopped', reason: 'x', signature })],
  ])('says nothing when %s', async (_, before) => {
    await before();
    expect(await at(8)).toEqual({ judged: 0, raised: 0 });
    expect(await points()).toEqual([]);
  });
  it('fails the run when a model does not load, after the others had theirs', async () => {
    world.model = undefined as unknown as MonitoringModel;
    await expect(at(8)).rejects.toThrow();
  });
  it('reads spans that touch as one', () => {
    expect(merged([{ fromHour: 4, toHour: 8 }, { fromHour: 0, toHour: 4 }, { fromHour: 12, toHour: 16 }, { fromHour: 0, toHour: 2 }])).toEqual([{ fromHour: 0, toHour: 8 }, { fromHour: 12, toHour: 16 }]);
  });
});

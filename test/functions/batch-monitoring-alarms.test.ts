import { beforeEach, describe, expect, it } from 'vitest';
import { alarms, at, BATCH, beginCulture, drifting, forget, governedBy, onRecord, ordinary, points, ROW, say, signature, world } from '../support/monitored-batch.ts';
import { MONITORING_SHA256 } from '../support/monitoring.ts';

beforeEach(beginCulture);

describe('alarms of process monitoring', () => {
  it('puts an excursion on record once, with its contributions, its limits and on the work list of who is asked', async () => {
    world.valueAt = drifting(12, 0.4);
    for (let hour = 4; hour <= 24; hour += 1) await at(hour);
    const [alarm, ...more] = await alarms();
    expect(more).toEqual([]);
    expect(alarm).toMatchObject({ output: 'process-monitoring-alarm', modelHash: MONITORING_SHA256, modelVersion: 3, undecided: false, actions: [], askedOf: ['process-scientist'], threshold: 0.99, monitoring: { fromHour: 16, hour: 20 } });
    expect(alarm!.probability).toBeGreaterThan(0.99);
    expect(alarm!.explanation[0]).toMatchObject({ feature: expect.stringMatching(/^ph-/) as string });
    const { q, qLimit, t2, t2Limit } = alarm!.monitoring!;
    expect(q > qLimit || t2 > t2Limit).toBe(true);
    const sum = alarm!.explanation.reduce((total, { contribution }) => total + contribution, 0);
    expect(Math.min(Math.abs(sum - q), Math.abs(sum - t2))).toBeLessThan(1e-9);
    expect((await world.node.operations.list<Readonly<{ subject: string }>>('WORK#process-scientist', { limit: 50 })).items.map(({ subject }) => subject)).toEqual([`recommendation/${BATCH}/${alarm!.recommendationId}`]);
    expect((await onRecord()).filter(({ type }) => type === 'deviation-raised')).toEqual([]);
  });
  it('puts on record what the last hours showed when the batch is complete already, until it is decided on', async () => {
    world.valueAt = drifting(12, 0.4);
    for (let hour = 4; hour <= 12; hour += 4) await at(hour);
    await say({ type: 'batch-completed' });
    expect(await at(24)).toEqual({ judged: 1, raised: 1 });
    expect(await alarms()).toMatchObject([{ output: 'process-monitoring-alarm', monitoring: { fromHour: 16 } }]);
  });
  it('brings an excursion to somebody that reaches the table\'s threshold only later, once', async () => {
    await governedBy({ ...ROW, threshold: 0.999_999 });
    world.valueAt = (metric, hour) => ordinary(metric, hour) + (metric === 'Bioreactor/pH' && hour >= 8 ? (hour >= 16 ? 0.4 : 0.035) : 0);
    for (let hour = 4; hour <= 24; hour += 4) await at(hour);
    expect((await alarms()).map(({ askedOf, monitoring }) => [askedOf, monitoring?.fromHour, monitoring?.hour])).toEqual([[[], 12, 16], [['process-scientist'], 12, 20]]);
  });
  it('raises a second alarm when the batch came back within the limits and left them again', async () => {
    world.valueAt = (metric, hour) => (metric === 'Bioreactor/pH' && (hour < 8 || hour >= 16) ? 0.4 : 0) + ordinary(metric, hour);
    for (let hour = 4; hour <= 24; hour += 4) await at(hour);
    expect((await alarms()).map(({ monitoring }) => monitoring!.fromHour)).toEqual((await points()).flatMap(({ hour, isBeyond }, i, all) => (isBeyond && all[i - 1]?.isBeyond !== true && all[i + 1]?.isBeyond === true ? [hour] : [])));
    expect((await alarms()).length).toBeGreaterThan(0);
  });
  it.each([['a deviation where the table says so', { ...ROW, deviation: 'major' }, ['major'], ['process-scientist']], ['nothing but awareness where the table says that', { ...ROW, handling: { kind: 'awareness' } }, [], []], ['no deviation below the table\'s threshold', { ...ROW, threshold: 1, deviation: 'major' }, [], []]] as const)('leads to %s', async (_, row, deviations, asked) => {
    await governedBy(row);
    world.valueAt = drifting(12, 0.04);
    for (let hour = 4; hour <= 24; hour += 4) await at(hour);
    expect((await alarms()).map(({ askedOf }) => askedOf)).toEqual([asked]);
    expect((await onRecord()).flatMap((event) => (event.type === 'deviation-raised' ? [[event.severity, event.rule]] : []))).toEqual(deviations.map((each) => [each, 'process-monitoring-alarm']));
  });
  it('keeps its points while no table has a row for alarms, and raises the alarm once one has', async () => {
    await governedBy({ ...ROW, output: 'early-failure' });
    world.valueAt = drifting(0, 0.4);
    expect(await at(8)).toEqual({ judged: 1, raised: 0 });
    expect(await points()).toHaveLength(2);
    await governedBy();
    expect(await at(8.1)).toEqual({ judged: 0, raised: 1 });
    expect(await at(8.2)).toEqual({ judged: 0, raised: 0 });
  });
  it('raises nothing while the assistance is stopped, and what still holds once it is resumed', async () => {
    world.valueAt = drifting(0, 0.4);
    await say({ type: 'assistance-stopped', reason: 'x' });
    expect(await at(8)).toEqual({ judged: 1, raised: 0 });
    await say({ type: 'assistance-resumed', reason: 'x', signature });
    expect(await at(8.1)).toEqual({ judged: 0, raised: 1 });
  });
  it('raises an alarm once though the view of the batch was lost', async () => {
    world.valueAt = drifting(0, 0.4);
    await at(12);
    forget();
    expect(await at(12.1)).toEqual({ judged: 1, raised: 0 });
    expect(await alarms()).toHaveLength(1);
    expect(await points()).toHaveLength(3);
  });
});

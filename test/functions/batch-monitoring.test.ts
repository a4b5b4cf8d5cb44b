import type { Context } from 'aws-lambda';
import { beforeEach, describe, expect, it } from 'vitest';
import { createGatewayReader } from '../../functions/_platform/gateways.ts';
import { createGovernedBatches } from '../../functions/_platform/governed-batches.ts';
import { createHandler } from '../../functions/batch-monitoring/handler.ts';
import { merged } from '../../functions/batch-monitoring/trajectory.ts';
import { scorerOf } from '../../functions/model-evaluation-api/scorer.ts';
import type { MonitoringModel } from '../../models/monitoring/model-file.ts';
import { judgeOf } from '../../models/monitoring/judge.ts';
import { trajectoryValue, windowOf } from '../../models/monitoring/trajectory.ts';
import type { BatchEvent } from '../../shared/batch/events.ts';
import type { ModelRecord } from '../../shared/model-registry/may-run.ts';
import type { GovernanceRow } from '../../shared/prediction-governance/table.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { objectKeyOf } from '../../shared/telemetry/minute.ts';
import { CONTENT } from '../support/batch-fixtures.ts';
import { MONITORED, MONITORED_NAMES, MONITORING, MONITORING_SHA256, MONITORING_TEXT, normalValue } from '../support/monitoring.ts';
import { createNode, type TestNode } from '../support/node.ts';

const [HOUR_MS, MINUTE_MS] = [3_600_000, 60_000];
const BATCH = 'north-20260302-000001';
const ACTOR = { kind: 'system', id: 'test', version: '1' } as const;
const DEVICE = { edgeNodeId: 'gateway-1', deviceId: 'bioreactor-1' };
const RECORD: ModelRecord = { modelId: 'expansion-monitoring', version: 3, productId: 'p', output: 'process-monitoring-alarm', artefactSha256: MONITORING_SHA256, state: 'active', inputs: [], undecided: { errorRate: 0.1 } };
const ROW: GovernanceRow = { output: 'process-monitoring-alarm', handling: { kind: 'needs-signature', role: 'process-scientist' }, threshold: 0.99, undecided: 'show', validForMinutes: 60, acknowledgeWithinSeconds: 60, actions: [] };
const signature = { signerId: 'qa-1', printedName: 'Q', signedAt: '2026-03-01T00:00:00Z', meaning: 'approval', signedVersion: 0, signedHash: 'x', reauthenticatedAt: '2026-03-01T00:00:00Z', reauthenticationId: 'x' } as const;

const EACH_MINUTE = Array.from({ length: 24 * 60 }, (_, minute) => minute / 60);

let node: TestNode;
let start: number;
let tables: number;
const world: { records: readonly ModelRecord[]; model: MonitoringModel; hours: number; read: number[]; valueAt: (metric: string, hour: number) => number } = { records: [], model: MONITORING, hours: 0, read: [], valueAt: () => 0 };

/** As a normal batch has it: what the middle of each window has, all through the window. */
const ordinary = (metric: string, hour: number): number => {
  const at = MONITORED_NAMES.indexOf(`${metric === 'Bioreactor/pH' ? 'ph' : 'glucose'}-mean-${Math.floor(hour / 4) * 4}-${Math.floor(hour / 4) * 4 + 4}`);
  return normalValue(MONITORED_NAMES[at] ?? '', at);
};
const drifting = (fromHour: number, by: number) => (metric: string, hour: number): number => ordinary(metric, hour) + (metric === 'Bioreactor/pH' && hour >= fromHour ? by : 0);

const ports = () => ({
  batches: createGovernedBatches(node.store), gateways: createGatewayReader(node.operations, node.now), tables: node.records.governanceTables, operations: node.operations, now: node.now, count: () => undefined,
  models: { records: () => Promise.resolve(world.records), monitoring: () => Promise.resolve(world.model) },
  reader: {
    series: ([device]: readonly Readonly<{ fromEpochMs: number; toEpochMs: number }>[], metrics: readonly string[]) => Promise.resolve(metrics.map((metric) => {
      if (device === undefined) return { times: [], values: [] };
      if (metric === 'Bioreactor/pH') world.read.push((device.fromEpochMs - start) / HOUR_MS, (device.toEpochMs - start) / HOUR_MS);
      const times = Array.from({ length: 24 * 60 }, (_, minute) => start + minute * MINUTE_MS).filter((time) => time >= device.fromEpochMs && time < device.toEpochMs && time < node.time.epochMs);
      return { times, values: times.map((time) => world.valueAt(metric, (time - start) / HOUR_MS)) };
    })),
  },
});
const run = () => createHandler(ports())({}, { awsRequestId: 'r-1' } as Context);
/** Run at an hour of culture, five minutes on. */
const at = async (hour: number) => {
  node.time.epochMs = start + hour * HOUR_MS + 5 * MINUTE_MS;
  return run();
};
const say = (...events: readonly BatchEvent[]) => node.records.batches.change(BATCH, () => events, { actor: ACTOR });
const onRecord = async () => (await node.store.load<BatchEvent>({ kind: 'batch', id: BATCH })).map(({ event }) => event);
const alarms = async () => (await onRecord()).flatMap((event) => (event.type === 'recommendation-made' ? [event] : []));
const points = async () => (await node.operations.list<Readonly<{ hour: number; isBeyond: boolean; t2: number; judgedAt: string }>>(`MONITORING#${BATCH}`, { limit: 50 }, { prefix: 'POINT#' })).items;
const governedBy = async (row: GovernanceRow = ROW): Promise<void> => {
  const version = tables += 1;
  await node.records.governanceTables.change('p', () => [
    { type: 'governance-table-drafted', version, content: { productId: 'p', rows: [row] }, contentHash: String(version).repeat(64), signature },
    { type: 'governance-table-made-effective', version, signature, ...(version === 1 ? {} : { supersededVersion: version - 1 }) },
  ], { actor: ACTOR });
};
const late = (hour: number): Promise<unknown> => node.operations.put(keyOf.unnamedChunks(BATCH, new Date(node.time.epochMs).toISOString(), `h${hour}`), { batchId: BATCH, sealedAt: '', chunks: [{ key: objectKeyOf.chunk('gateway-1', 'bioreactor-1', start + hour * HOUR_MS), sha256: 'x' }] });

beforeEach(async () => {
  node = createNode();
  [world.records, world.model, world.valueAt, tables] = [[RECORD], MONITORING, ordinary, 0];
  start = node.time.epochMs;
  const recipe = { masterBatchRecordId: 'test', masterBatchRecordVersion: 1, contentHash: 'c', content: CONTENT };
  await say({ type: 'batch-created', batchId: BATCH, nodeId: 'north', productId: 'p', chainOfIdentityId: 'C', recipe }, { type: 'batch-started' }, { type: 'phase-started', phaseId: 'expansion-culture' }, { type: 'equipment-assigned', phaseId: 'expansion-culture', equipmentId: 'BIO-1', equipmentClassId: 'bioreactor', device: DEVICE });
  await governedBy();
  world.read.length = 0;
});

describe('monitoring of a running batch', () => {
  it('judges each hour when it is complete, once, by the model its record names', async () => {
    expect(await at(3)).toEqual({ judged: 0, raised: 0 });
    expect(await points()).toEqual([]);
    expect(await at(4)).toEqual({ judged: 1, raised: 0 });
    const [point] = await points();
    const values = MONITORED_NAMES.map((name, i) => (name.endsWith('-0-4') ? normalValue(name, i) : Number.NaN));
    expect(point).toMatchObject({ batchId: BATCH, modelId: 'expansion-monitoring', modelVersion: 3, modelHash: MONITORING_SHA256, isBeyond: false, at: new Date(start + 4 * HOUR_MS).toISOString() });
    expect(point!.t2).toBeCloseTo(judgeOf(MONITORING.plane).judge(values, 4).t2, 9);
    expect(await at(4.1)).toEqual({ judged: 0, raised: 0 });
    expect(world.read).toEqual([0, 4]);
    for (let hour = 4.5; hour <= 8; hour += 0.5) await at(hour);
    expect(world.read).toEqual([0, 4, 4, 8]);
    expect((await points()).map(({ hour }) => hour)).toEqual([4, 8]);
  });
  it('waits until an hour\'s last messages can have come', async () => {
    await at(3);
    node.time.epochMs = start + 4 * HOUR_MS + MINUTE_MS;
    expect(await run()).toEqual({ judged: 0, raised: 0 });
  });
  it('leaves a batch that goes as others went without an alarm to its end', async () => {
    for (let hour = 4; hour <= 24; hour += 4) await at(hour);
    expect((await points()).map(({ isBeyond }) => isBeyond)).toEqual([false, false, false, false, false, false]);
    expect(await alarms()).toEqual([]);
  });
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
    expect((await node.operations.list<Readonly<{ subject: string }>>('WORK#process-scientist', { limit: 50 })).items.map(({ subject }) => subject)).toEqual([`recommendation/${BATCH}/${alarm!.recommendationId}`]);
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
  it('judges again what late telemetry changes, and every later hour with it, and raises what it shows', async () => {
    for (let hour = 4; hour <= 16; hour += 4) await at(hour);
    const before = await points();
    world.valueAt = drifting(8, 0.4);
    await late(9.5);
    await late(13);
    world.read.length = 0;
    node.time.epochMs += MINUTE_MS;
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
    node.time.epochMs += MINUTE_MS;
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
    for (const place of [...node.operations.items.keys()]) if (place.includes('MONITORING#')) node.operations.items.delete(place);
    expect(await at(12.1)).toEqual({ judged: 1, raised: 0 });
    expect(await alarms()).toHaveLength(1);
    expect(await points()).toHaveLength(3);
  });
  const concluded = async () => (await onRecord()).filter((event) => event.type === 'monitoring-concluded');
  const ended = () => say({ type: 'phase-completed', phaseId: 'expansion-culture' });
  const RULED: ModelRecord = { ...RECORD, threshold: 0.99, inputs: MONITORED.map(({ name, low, high }) => ({ name, unit: '', low, high, mayBeMissing: true })) };
  it.each([['no alarm', ordinary, 'negative'], ['an alarm', drifting(12, 0.4), 'positive']] as const)('says of the whole culture, once it has ended and its telemetry settled, that it was %s, by the rule of the plan', async (_, valueAt, verdict) => {
    [world.records, world.valueAt] = [[RULED], valueAt];
    for (let hour = 4; hour <= 24; hour += 4) await at(hour);
    await ended();
    for (const hour of [24.2, 24.4]) await at(hour);
    expect(await concluded()).toEqual([]);
    for (let hour = 24.5; hour < 26; hour += 0.2) await at(hour);
    expect(await concluded()).toMatchObject([{ modelId: 'expansion-monitoring', modelVersion: 3, modelHash: MONITORING_SHA256, verdict, judgedHours: 6, inputBins: expect.stringMatching(/^[0-9ab]{12}$/) as string }]);
    const [conclusion] = await concluded();
    expect(conclusion!.score).toBe(scorerOf(MONITORING_TEXT).score(MONITORED_NAMES.map((name, i) => trajectoryValue({ times: EACH_MINUTE.map((hour) => start + hour * HOUR_MS), values: EACH_MINUTE.map((hour) => valueAt(name.startsWith('ph') ? 'Bioreactor/pH' : 'Bioreactor/Glucose', hour)) }, start, windowOf(MONITORED_NAMES[i]!)!))));
  });
  it('says so of missing values, and nothing of a culture it could not judge', async () => {
    world.records = [RULED];
    world.valueAt = (metric, hour) => (hour >= 8 ? Number.NaN : ordinary(metric, hour));
    for (let hour = 4; hour <= 24; hour += 4) await at(hour);
    await ended();
    await at(26);
    expect(await concluded()).toMatchObject([{ verdict: 'negative', judgedHours: 2, inputBins: expect.stringMatching(/^[0-9ab]{4}-{8}$/) as string }]);
    world.records = [{ ...RULED, version: 4, artefactSha256: 'e'.repeat(64) }];
    world.valueAt = () => Number.NaN;
    for (let hour = 26.2; hour < 27; hour += 0.2) await at(hour);
    expect(await concluded()).toHaveLength(1);
  });
  it('says it once though its view was lost, and again by another model', async () => {
    world.records = [RULED];
    await at(24);
    await ended();
    await at(26);
    expect(await concluded()).toHaveLength(1);
    for (const place of [...node.operations.items.keys()]) if (place.includes('MONITORING#')) node.operations.items.delete(place);
    for (const hour of [26.1, 26.4]) await at(hour);
    expect(await concluded()).toHaveLength(1);
    world.records = [{ ...RULED, state: 'retired' }, { ...RULED, version: 4, artefactSha256: 'f'.repeat(64) }];
    for (const hour of [26.5, 26.8]) await at(hour);
    expect((await concluded()).map(({ modelVersion }) => modelVersion)).toEqual([3, 4]);
  });
  it('says nothing of the whole culture that the review has not seen', async () => {
    world.records = [RULED];
    await at(24);
    await ended();
    await say({ type: 'review-performed', runId: 'R', ruleSetVersion: '1', reviewedVersion: 1, openPoints: [] });
    for (const hour of [26, 26.3]) await at(hour);
    expect(await concluded()).toEqual([]);
  });
  it('fails the run when a model does not load, after the others had theirs', async () => {
    world.model = undefined as unknown as MonitoringModel;
    await expect(at(8)).rejects.toThrow();
  });
  it('reads spans that touch as one', () => {
    expect(merged([{ fromHour: 4, toHour: 8 }, { fromHour: 0, toHour: 4 }, { fromHour: 12, toHour: 16 }, { fromHour: 0, toHour: 2 }])).toEqual([{ fromHour: 0, toHour: 8 }, { fromHour: 12, toHour: 16 }]);
  });
});

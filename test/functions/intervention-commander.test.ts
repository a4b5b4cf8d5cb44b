import { beforeEach, describe, expect, it } from 'vitest';
import { CLOCK_TOLERANCE_MS, TELEMETRY_LAG_MS } from '../../shared/prediction-governance/confirm.ts';
import { createBirths } from '../../functions/_platform/births.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { GOVERNANCE_TABLE } from '../support/model-fixtures.ts';
import type { TestNode } from '../support/node.ts';
import { PEOPLE } from '../support/people.ts';
import { ADVICE, createGovernedBatch, governed, MINUTE_MS, RECORD } from '../support/governed.ts';

const { scientist, steward } = PEOPLE;

let node: TestNode;
let batchId: string;
beforeEach(async () => { ({ node, batchId } = await createGovernedBatch()); });
const { draft, moveTable, events, types, recommend, decide, read, answers, stop, inEffect } = governed(() => node, () => batchId);

describe('a command to an edge node itself', () => {
  const toGateway = { edgeNodeId: 'gateway-1', metric: 'Feed/Rate', value: 2.1, unit: 'mL/h' };
  const alternatives = [{ id: 'gateway', title: 'set the gateway', expected: 'x', actions: [toGateway] }];
  const register = (equipmentId: string, deviceId: string) => node.ok(steward, 'POST /v1/equipment', { body: { equipmentId, equipmentClassId: 'bioreactor', title: 'Second reactor', calibrationDueAt: '2026-12-31T00:00:00Z', device: { edgeNodeId: 'gateway-1', deviceId } } });
  /** What the transaction of another patient's batch leaves when it takes a device. */
  const assign = (deviceId: string) => node.operations.put(keyOf.device('gateway-1', deviceId), { batchId: 'north-20260301-BBBBBB', equipmentId: 'BIO-9', from: '2026-03-01T00:00:00.000Z', criticalMetrics: [], alarms: [] });
  const born = (deviceId: string | undefined) => createBirths(node.operations).keep({ edgeNodeId: 'gateway-1', deviceId, timestampEpochMs: node.time.epochMs, bdSeq: 1, table: [['Feed/Rate', '1', 9]] });
  const shared: readonly (readonly [string, () => unknown])[] = [['another patient has', () => assign('bioreactor-9')], ['was born and nobody has now', () => born('bioreactor-9')], ['is registered and never spoke', () => register('BIO-9', 'bioreactor-9')]];
  const refusals = async () => (await events()).flatMap((event) => (event.type === 'action-refused' ? [event.code] : []));
  beforeEach(inEffect);
  it.each(shared)('is not proposed where a device behind it %s', async (_, happens) => {
    await happens();
    await expect(recommend({ actions: [toGateway] })).rejects.toMatchObject({ code: 'gateway-shared' });
    await expect(recommend({ alternatives })).rejects.toMatchObject({ code: 'gateway-shared' });
    expect(await types()).not.toContain('recommendation-made');
  });
  it.each(shared)('is not accepted where a device behind it %s, the refusal is on record, and nothing is sent', async (_, happens) => {
    await recommend({ actions: [toGateway], alternatives: [{ id: 'device', title: 'set the reactor', expected: 'x', actions: ADVICE.actions }] });
    await happens();
    expect((await decide()).code).toBe('gateway-shared');
    expect([node.commands, await refusals()]).toEqual([[], ['gateway-shared']]);
    expect((await decide({ alternativeId: 'device' })).status).toBe(200);
    expect(node.commands).toMatchObject([{ command: 'DCMD', deviceId: 'bioreactor-1' }]);
  });
  it.each(shared)('is not sent where, after the signature, a device behind it %s: given up at once, with a deviation', async (_, happens) => {
    await recommend({ actions: [toGateway] });
    node.woken.is = false;
    expect((await decide()).status).toBe(200);
    await happens();
    await node.command();
    await node.command();
    expect([node.commands, (await events()).filter(({ type }) => type.startsWith('intervention-'))]).toMatchObject([[], [{ type: 'intervention-given-up', code: 'gateway-shared' }]]);
    expect((await node.batch(batchId)).deviations).toMatchObject({ 'DEV-REC-1-1-intervention-not-sent': { severity: 'major', state: 'open' } });
  });
  it('is looked at anew for each of two, in one run', async () => {
    await recommend({ actions: [toGateway, { ...toGateway, value: 1 }] });
    node.woken.is = false;
    await decide();
    node.reported.published = () => assign('bioreactor-9');
    await node.command();
    expect(node.commands.map(({ value }) => value)).toEqual([2.1]);
    expect((await types()).filter((type) => type === 'intervention-given-up')).toHaveLength(1);
  });
  it('is sent where all that is behind it is the batch\'s own, and another gateway is another\'s', async () => {
    await born(undefined);
    await born('bioreactor-1');
    await node.operations.put(keyOf.device('gateway-2', 'bioreactor-9'), { batchId: 'north-20260301-BBBBBB', equipmentId: 'BIO-9' });
    await recommend({ actions: [toGateway] });
    expect((await decide()).status).toBe(200);
    expect(node.commands).toMatchObject([{ command: 'NCMD' }]);
  });
  describe('behind which a device was not born again', () => {
    const bornAgo = (deviceId: string | undefined, days: number) => createBirths(node.operations).keep({ edgeNodeId: 'gateway-1', deviceId, timestampEpochMs: node.time.epochMs - days * 24 * 60 * MINUTE_MS, bdSeq: 1, table: [] });
    const codeOf = async (): Promise<string> => recommend({ actions: [toGateway] }).then(() => 'made', (error: unknown) => (error as { code: string }).code);
    beforeEach(async () => { await bornAgo('bioreactor-9', 70); await bornAgo('bioreactor-1', 1); });
    it('counts it for as long as a culture may last, and then no more', async () => {
      await bornAgo(undefined, 59);
      expect(await codeOf()).toBe('gateway-shared');
      await bornAgo(undefined, 61);
      expect(await codeOf()).toBe('made');
    });
    it('counts it for good in the session it was born in, which it may come back in', async () => { expect(await codeOf()).toBe('gateway-shared'); });
    it.each([['it is registered', () => register('BIO-9', 'bioreactor-9')], ['a batch has it', () => assign('bioreactor-9')], ['it was born since', () => bornAgo('bioreactor-9', 2)]] as const)('counts it where %s', async (_, happens) => {
      await bornAgo(undefined, 61);
      await happens();
      expect(await codeOf()).toBe('gateway-shared');
    });
  });
});

describe('the commander', () => {
  beforeEach(async () => { await inEffect(); await recommend(); node.woken.is = false; });
  it('sends at its next run what it could not be told of', async () => {
    expect((await decide()).status).toBe(200);
    expect(node.commands).toEqual([]);
    await node.command();
    await node.command();
    expect(node.commands).toHaveLength(1);
  });
  it('sends once also when two runs meet', async () => {
    await decide();
    await Promise.all([node.command(), node.command(), node.command()]);
    expect([node.commands.length, (await types()).filter((type) => type.startsWith('intervention-'))]).toEqual([1, ['intervention-sent']]);
  });
  it.each<readonly [string, () => unknown]>([['after a stop', () => stop()], ['when it has run out', () => { node.time.epochMs += 31 * MINUTE_MS; }], ['when the table says otherwise by then', async () => { await draft({ ...GOVERNANCE_TABLE, rows: GOVERNANCE_TABLE.rows.slice(0, 1) }); await moveTable('approval'); await moveTable('effectiveness'); }]])('sends nothing %s, says so once, and leaves the batch', async (_, change) => {
    await decide();
    await change();
    await node.command();
    await node.command();
    expect([node.commands, (await types()).filter((type) => type === 'intervention-given-up')]).toEqual([[], ['intervention-given-up']]);
    expect([...node.operations.items.values()].filter((item) => item['closed'] === true)).toHaveLength(1);
  });
  it('waits while the model is suspended, and sends when it is back in time', async () => {
    await decide();
    node.models.records = [{ ...RECORD, state: 'suspended' }];
    await node.command();
    expect(node.commands).toEqual([]);
    node.models.records = [RECORD];
    await node.command();
    expect(node.commands).toHaveLength(1);
  });
  it('to an edge node itself is sent by NCMD and confirmed from what the edge node publishes', async () => {
    await recommend({ recommendationId: 'REC-2', actions: [{ edgeNodeId: 'gateway-1', metric: 'Feed/Rate', value: 2.1, unit: 'mL/h' }] });
    expect((await decide({}, scientist, 'REC-2')).status).toBe(200);
    await node.command();
    expect(node.commands.at(-1)).toMatchObject({ command: 'NCMD', edgeNodeId: 'gateway-1' });
    node.reported.by = undefined;
    answers([-2 * CLOCK_TOLERANCE_MS, 1], [3000, 2.1]);
    node.time.epochMs += MINUTE_MS;
    await node.command();
    expect((await read()).interventions.find(({ interventionId }) => interventionId === 'REC-2-1')).toMatchObject({ state: 'confirmed', acknowledged: { observedValue: 2.1, matches: true } });
  });
  it('raises a deviation, once, when the equipment does not confirm, and keeps a late answer', async () => {
    await decide();
    await node.command();
    node.time.epochMs += 120_000 + TELEMETRY_LAG_MS;
    await node.command();
    expect((await types()).filter((type) => type === 'intervention-timed-out')).toEqual([]);
    node.time.epochMs += 1;
    await node.command();
    await node.command();
    expect((await node.batch(batchId)).deviations).toMatchObject({ 'DEV-REC-1-1-intervention-not-acknowledged': { severity: 'major', state: 'open' } });
    answers([0, 2.1]);
    await node.command();
    expect((await read()).interventions).toMatchObject([{ state: 'confirmed', timedOut: true }]);
    expect((await types()).filter((type) => type === 'intervention-timed-out')).toHaveLength(1);
  });
  it('raises a deviation when the equipment took another value', async () => {
    await decide();
    await node.command();
    answers([-2 * CLOCK_TOLERANCE_MS, 1], [5000, 1.3]);
    node.time.epochMs += 120_000 + TELEMETRY_LAG_MS + 1;
    await node.command();
    expect((await read()).interventions).toMatchObject([{ state: 'misapplied' }]);
  });
  it('fails for the alarm to see when a command can not be handed over, never sends it twice, and the time-out says it was not confirmed', async () => {
    await decide();
    node.reported.isDown = true;
    await expect(node.command()).rejects.toThrow('1 of 1 batches');
    node.reported.isDown = false;
    node.time.epochMs += 120_000 + TELEMETRY_LAG_MS + 1;
    await node.command();
    expect([node.commands.length, (await types()).filter((type) => type === 'intervention-timed-out').length]).toEqual([1, 1]);
  });
  it('keeps a batch open for what was accepted while it was looking', async () => {
    await decide();
    await node.command();
    answers([3000, 2.1]);
    node.time.epochMs += MINUTE_MS;
    await node.command();
    await recommend({ recommendationId: 'REC-2' });
    await decide({}, scientist, 'REC-2');
    await node.command();
    expect(node.commands.map(({ recommendationId }) => recommendationId)).toEqual(['REC-1', 'REC-2']);
  });
});

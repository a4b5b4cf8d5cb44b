import type { Context } from 'aws-lambda';
import { beforeEach, describe, expect, it } from 'vitest';
import { createHandler as createDue } from '../../functions/rpa/due/handler.ts';
import { createHandler as createReview } from '../../functions/rpa/review/handler.ts';
import { DUE_RULE_SET_VERSION } from '../../shared/due/what-falls-due.ts';
import { REVIEW_RULE_SET_VERSION } from '../../shared/release/review.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { act, actSigned, advance, BATCH_ROUTE, createJourney, equip, type Journey } from '../support/journey.ts';
import { codeOfAsync } from '../support/error-code.ts';
import { createNode, type TestNode } from '../support/node.ts';
import { PEOPLE } from '../support/people.ts';

const CONTEXT = { awsRequestId: 'r-1' } as Context;
const DAY_MS = 86_400_000;
const { operator, qualified, steward, engineer } = PEOPLE;
const SHA_256 = /^[0-9a-f]{64}$/;

let node: TestNode;
beforeEach(async () => {
  node = createNode();
  await equip(node);
});

const iso = (days: number): string => new Date(node.time.epochMs + days * DAY_MS).toISOString();
const runs = () => [...node.runs.runs.values()];

describe('the review of a batch record', () => {
  let journey: Journey;
  beforeEach(async () => { journey = await createJourney(node); });
  const deviate = () => act(journey, operator, `${BATCH_ROUTE}/deviations`, { severity: 'minor', title: 'Door left open', detail: 'For a minute.' });

  it('puts on record what is open, by which rules, and what it read', async () => {
    await advance(journey, 'completed');
    const { version, hash } = await node.batch(journey.batchId);
    const openPoints = [{ rule: 'test-missing', subject: 'purity', detail: 'Purity has no result' }];
    expect(await node.review(journey.batchId)).toEqual({ openPoints, reviewedVersion: version + 1 });
    const [run] = runs();
    expect(run).toEqual({
      task: 'batch-record-review', trigger: 'release-workflow', inputs: { batchId: journey.batchId, record: hash }, ruleVersion: REVIEW_RULE_SET_VERSION, at: node.now().toISOString(),
      result: { batchId: journey.batchId, reviewedVersion: version, openPoints },
    });
    expect((await node.store.load({ kind: 'batch', id: journey.batchId })).at(-1)).toMatchObject({
      actor: { kind: 'system', id: 'rpa-review', version: REVIEW_RULE_SET_VERSION }, event: { type: 'review-performed', runId: [...node.runs.runs.keys()][0], ruleSetVersion: REVIEW_RULE_SET_VERSION, reviewedVersion: version, openPoints },
    });
  });
  it('of a batch with more open points than one entry of the log holds says how many are not listed, and a refused release is on record', async () => {
    await advance(journey, 'tested');
    const gapCount = 1500;
    for (let from = 0; from < gapCount; from += 30) {
      await node.records.batches.change(journey.batchId, () => Array.from({ length: 30 }, (_, i) => ({ type: 'telemetry-gap-recorded', gapId: `GAP-${String(from + i).padStart(16, '0')}-bioreactor-1`, edgeNodeId: 'gateway-1', deviceId: 'bioreactor-1', from: iso(0), to: iso(0), lostMessages: 1, cause: 'sequence', critical: true })), { actor: { kind: 'system', id: 'telemetry-seal', version: '1' } });
    }
    const { openPoints } = await node.review(journey.batchId);
    const [event] = (await node.store.load<Readonly<{ openPoints: readonly unknown[] }>>({ kind: 'batch', id: journey.batchId })).slice(-1).map((each) => each.event);
    expect(event!.openPoints).toEqual(openPoints);
    expect(openPoints.at(-1)).toEqual({ rule: 'more-open-points', subject: journey.batchId, detail: `${gapCount - openPoints.length + 1} more are open; the batch itself shows all` });
    expect(openPoints.length).toBeGreaterThan(250);
    expect((await node.call(operator, `GET ${BATCH_ROUTE}`, { path: { batchId: journey.batchId } })).body['openPoints']).toHaveLength(gapCount);
    expect((await actSigned(journey, qualified, 'approval', `${BATCH_ROUTE}/disposition`, { disposition: 'release', reason: 'conforms' })).code).toBe('batch-open-points');
    expect((await node.store.load<Readonly<{ type: string }>>({ kind: 'batch', id: journey.batchId })).at(-1)!.event).toMatchObject({ type: 'action-refused', code: 'batch-open-points' });
  });
  it('changes nothing when it is run again on the same record', async () => {
    await advance(journey, 'tested');
    const first = await node.review(journey.batchId);
    const after = await node.held(journey.batchId);
    node.time.epochMs += DAY_MS;
    expect(await node.review(journey.batchId)).toEqual(first);
    expect(await node.held(journey.batchId)).toEqual(after);
    expect(runs()).toHaveLength(1);
  });
  it('is a new run once the record has changed', async () => {
    await advance(journey, 'reviewed');
    await deviate();
    expect((await node.review(journey.batchId)).openPoints).toMatchObject([{ rule: 'deviation-not-closed' }]);
    expect(runs()).toHaveLength(2);
  });
  it('that lost a race keeps the run of the record it did review', async () => {
    await advance(journey, 'completed');
    const racing = createReview({
      runs: node.runs, now: node.now, batches: {
        ...node.records.batches, change: async (...asked) => {
          if (Object.keys((await node.batch(journey.batchId)).deviations).length === 0) await deviate();
          return node.records.batches.change(...asked);
        },
      },
    });
    await racing({ batchId: journey.batchId }, CONTEXT);
    const { event, version } = (await node.store.load<Readonly<{ runId: string; reviewedVersion: number }>>({ kind: 'batch', id: journey.batchId })).at(-1)!;
    expect(event.reviewedVersion).toBe(version - 1);
    expect([...node.runs.runs.entries()].slice(-1)).toMatchObject([[event.runId, { result: { reviewedVersion: version - 1, openPoints: [{ rule: 'deviation-not-closed' }, { rule: 'test-missing' }] } }]]);
  });
  it('that finds the batch certified meanwhile keeps no run', async () => {
    await advance(journey, 'reviewed');
    const racing = createReview({
      runs: node.runs, now: node.now, batches: {
        ...node.records.batches, change: async (...asked) => {
          await advance(journey, 'released', 'reviewed');
          return node.records.batches.change(...asked);
        },
      },
    });
    expect(await racing({ batchId: journey.batchId }, CONTEXT)).toMatchObject({ openPoints: [] });
    expect(runs()).toHaveLength(1);
  });
  it('keeps its run before the event that names it, so that one cut short between the two is whole when repeated', async () => {
    await advance(journey, 'completed');
    const cut = createReview({ runs: node.runs, now: node.now, batches: { ...node.records.batches, change: () => Promise.reject(new Error('out of time')) } });
    await expect(cut({ batchId: journey.batchId }, CONTEXT)).rejects.toThrow('out of time');
    await node.review(journey.batchId);
    const { event } = (await node.store.load<Readonly<{ runId: string }>>({ kind: 'batch', id: journey.batchId })).at(-1)!;
    expect([...node.runs.runs.keys()]).toEqual([event.runId]);
  });
  it('gives up on a record that changes at each look', async () => {
    await advance(journey, 'completed');
    const racing = createReview({ runs: node.runs, now: node.now, batches: { ...node.records.batches, change: async (...asked) => { await deviate(); return node.records.batches.change(...asked); } } });
    expect(await codeOfAsync(() => racing({ batchId: journey.batchId }, CONTEXT))).toBe('version-conflict');
  });
  it('is of a batch that is here', async () => { expect(await codeOfAsync(() => node.review('hill-1'))).toBe('batch-not-found'); });
});

describe('the daily list of what falls due', () => {
  const due = () => createDue({ operations: node.operations, runs: node.runs, now: node.now })({}, CONTEXT);
  const list = async (role: string) => (await node.operations.list<Readonly<{ subject: string; detail: string }>>(keyOf.work(role, '-').pk, { limit: 1000 })).items;
  beforeEach(async () => {
    await node.ok(steward, 'POST /v1/equipment', { body: { equipmentId: 'SCALE-1', equipmentClassId: 'scale', title: 'Scale 1', calibrationDueAt: iso(10) } });
    await node.ok(steward, 'POST /v1/equipment', { body: { equipmentId: 'SCALE-2', equipmentClassId: 'scale', title: 'Scale 2', calibrationDueAt: iso(-1) } });
  });

  it('stands on the lists of those concerned, and says what is overdue', async () => {
    expect(await due()).toEqual({ dueCount: 2, isNew: true });
    expect(await list('site-engineer')).toMatchObject([{ subject: 'due/calibration/SCALE-1', detail: `due ${iso(10)}` }, { subject: 'due/calibration/SCALE-2', detail: `overdue since ${iso(-1)}` }]);
    expect(await list('quality-reviewer')).toEqual([]);
    expect((await list('operator')).map(({ subject }) => subject)).toEqual(['due/calibration/SCALE-1', 'due/calibration/SCALE-2']);
    expect((await node.call(engineer, 'GET /v1/work', { query: { role: 'site-engineer' } })).body['items']).toHaveLength(2);
  });
  it('has a run record with what started it, the hashes of what it read, its rules and its result', async () => {
    await due();
    expect(runs()).toMatchObject([{ task: 'what-falls-due', trigger: 'schedule', ruleVersion: DUE_RULE_SET_VERSION, at: node.now().toISOString(), inputs: { day: '2026-03-02', equipment: expect.stringMatching(SHA_256) as unknown, people: expect.stringMatching(SHA_256) as unknown, lots: expect.stringMatching(SHA_256) as unknown } }]);
    expect(runs()[0]?.result['due']).toMatchObject([{ kind: 'calibration', subject: 'SCALE-2', overdue: true }, { kind: 'calibration', subject: 'SCALE-1', overdue: false }]);
  });
  it('changes nothing when it is run again on the same registers and day', async () => {
    await due();
    const after = await node.held();
    node.time.epochMs += 3_600_000;
    expect(await due()).toEqual({ dueCount: 2, isNew: false });
    expect(await node.held()).toEqual(after);
    expect(runs()).toHaveLength(1);
  });
  it('is a new run on another day, and when a register has changed', async () => {
    await due();
    await node.ok(engineer, 'POST /v1/equipment/{equipmentId}/calibrations', { path: { equipmentId: 'SCALE-2' }, body: { calibratedAt: iso(0), dueAt: iso(400), certificateReference: 'CAL-77' } });
    expect(await due()).toEqual({ dueCount: 1, isNew: true });
    expect(await list('site-engineer')).toMatchObject([{ subject: 'due/calibration/SCALE-1' }]);
    const [before] = await list('site-engineer');
    node.time.epochMs += DAY_MS;
    expect(await due()).toEqual({ dueCount: 1, isNew: true });
    expect(await list('site-engineer')).toEqual([before]);
    expect(runs()).toHaveLength(3);
  });
  it('is as long as it is, and its run record no longer than an item of a table: it names the longest overdue, and how many there are', async () => {
    for (let i = 0; i < 2500; i += 1) await node.operations.put(keyOf.summary('equipment', `OLD-${i}`), { equipmentId: `OLD-${i}`, equipmentClassId: 'scale', title: `Scale ${i} of the cell processing laboratory`, calibrationDueAt: iso(-2) });
    expect(await due()).toMatchObject({ dueCount: 2502 });
    expect((await node.operations.list(keyOf.work('operator', '-').pk, { limit: 5000 })).items).toHaveLength(2502);
    const [run] = runs();
    expect(run?.result['dueCount']).toBe(2502);
    expect(run?.result['due']).toHaveLength(1000);
    expect(Buffer.byteLength(JSON.stringify(run))).toBeLessThan(400_000);
  });
  it('takes away everything that is no longer due, however long the list, and leaves other work', async () => {
    for (let i = 0; i < 1203; i += 1) await node.operations.put(keyOf.work('site-engineer', `due/calibration/OLD-${i}`), { subject: `due/calibration/OLD-${i}` });
    await node.operations.put(keyOf.work('site-engineer', 'release/north-1'), { subject: 'release/north-1' });
    await due();
    expect((await list('site-engineer')).map(({ subject }) => subject)).toEqual(['due/calibration/SCALE-1', 'due/calibration/SCALE-2', 'release/north-1']);
  });
});

import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createBudgets } from '../../functions/federated/participate/budgets.ts';
import { TRAINING_BUDGETS } from '../../functions/federated/records.ts';
import { createStreamRecords } from '../../functions/_platform/stream-records.ts';
import { monitoringPlan, type Plan } from '../../models/federated/plan.ts';
import type { Budget, BudgetEvent } from '../../models/federated/private/budget.ts';
import { EXACT_TRAININGS, type ExactTraining } from '../../models/federated/private/exact-trainings.ts';
import { abortTraining } from '../../models/federated/workflow/coordination.ts';
import type { RunHere } from '../../models/federated/workflow/participation.ts';
import type { Rows } from '../../models/federated/rows.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { codeOfAsync } from '../support/error-code.ts';
import { createFederation, MINUTE_MS, type Federation } from '../support/federation.ts';
import { planOf } from '../support/federated.ts';
import { createMemoryOperationsStore } from '../support/memory/operations-store.ts';
import { createMemoryRecordStore } from '../support/memory/record-store.ts';
import { createNode } from '../support/node.ts';
import { PEOPLE } from '../support/people.ts';
import { agreeOnBudget } from '../support/training-budget.ts';
import { actor, cohorts, declineAndTell, NAMES, typesOf, until } from '../support/training-play.ts';

const PLAN = planOf({ splits: 'foreseen', depth: 1, ranges: Array.from({ length: 3 }, () => ({ low: -50, high: 50 })) });
/** The same again: another draw. */
const next = (seed: number, own: Partial<Plan> = {}): Plan => ({ ...PLAN, seed, ...own });

/** Hospitals whose people allow so many. */
const allowing = async (exactTrainings: number | undefined, label = PLAN.label, made = createFederation(cohorts(3))): Promise<Federation> => {
  for (const { store } of made.nodes.values()) await agreeOnBudget(createStreamRecords<Budget, BudgetEvent>(TRAINING_BUDGETS, store), label, { limitMicroEpsilon: 1, refusesExact: false, ...(exactTrainings !== undefined && { exactTrainings }) });
  return made;
};
const play = async (made: Federation, plan: Plan, runId: string): Promise<string> => {
  await made.start(plan, { runId });
  return (await made.run(undefined, runId)).phase;
};
const trained = async (made: Federation, nodeId: string, label = PLAN.label): Promise<readonly ExactTraining[]> => (await createStreamRecords<Budget, BudgetEvent>(TRAINING_BUDGETS, made.node(nodeId).store).load(label)).state?.trainings ?? [];
const runIds = async (made: Federation, nodeId: string, label = PLAN.label): Promise<readonly string[]> => (await trained(made, nodeId, label)).map(({ runId }) => runId);
const hereOf = async (made: Federation, nodeId: string, runId: string): Promise<RunHere | undefined> => (await made.node(nodeId).records.load(nodeId)).state?.runs[runId];
const statusOf = async (made: Federation, nodeId: string, runId: string): Promise<string | undefined> => (await hereOf(made, nodeId, runId))?.status;
const answeredBy = async (made: Federation, nodeId: string): Promise<readonly string[]> => [...new Set((await made.node(nodeId).events()).flatMap(({ type, runId }) => (type === 'training-answered' ? [runId] : [])))];
/** Minute after minute until all have joined all of them. */
const joined = async (made: Federation, ...wanted: readonly string[]): Promise<void> => {
  const isOpen = async (runId: string): Promise<boolean> => (await Promise.all([...made.nodes.keys()].map((nodeId) => statusOf(made, nodeId, runId)))).some((status) => status !== 'joined');
  for (let minute = 0; minute < 110 && (await Promise.all(wanted.map(isOpen))).includes(true); minute += 1) {
    for (const runId of wanted) await made.advance(runId);
    for (const node of made.nodes.values()) await node.participate();
    made.time.epochMs += MINUTE_MS;
  }
};
/** Minute after minute until the first round is asked. */
const asked = async (made: Federation, runId: string): Promise<void> => {
  for (let minute = 0; minute < 200 && (await made.state(runId)).attempt === undefined; minute += 1) {
    await made.advance(runId);
    made.time.epochMs += MINUTE_MS;
  }
};
/** The same batches under other names: other batches. */
const otherRows = (rows: Rows): Rows => ({ ...rows, keys: rows.keys.map((key) => `${key}-other`), drawKeys: rows.drawKeys?.map((key) => `${key}-other`) });

describe('exact trainings over the rows of a label', () => {
  it('are answered as often as a hospital allows, and no more: refused by a code that the coordinator sees, before anything is sent', async () => {
    const made = createFederation(cohorts(4));
    await agreeOnBudget(made.node('south').budgets, PLAN.label, { limitMicroEpsilon: 1, refusesExact: false, exactTrainings: 1 });
    expect(await play(made, PLAN, 'TRN-1')).toBe('finished');
    await play(made, next(8), 'TRN-2');
    expect((await made.state('TRN-2')).left).toEqual({ south: 'training-limit-spent' });
    const events = (await made.node('south').events()).filter(({ runId, type }) => runId === 'TRN-2' && type !== 'training-ended' && type !== 'training-cleared');
    expect(events).toMatchObject([{ type: 'training-invited' }, { type: 'training-refused', code: 'training-limit-spent' }]);
    expect(made.counted).toContain('south TrainingsRefused');
    expect([await runIds(made, 'south'), await runIds(made, 'hill')]).toEqual([['TRN-1'], await answeredBy(made, 'hill')]);
  });
  it('end a training that too few have one left for, and go on when two people allow more', async () => {
    const made = await allowing(1);
    expect([await play(made, PLAN, 'TRN-1'), await play(made, next(8), 'TRN-2')]).toEqual(['finished', 'aborted']);
    expect(await made.state('TRN-2')).toMatchObject({ code: 'training-sites-too-few', left: { harbour: 'training-limit-spent', hill: 'training-limit-spent', north: 'training-limit-spent' } });
    await allowing(2, PLAN.label, made);
    expect(await play(made, next(8), 'TRN-3')).toBe('finished');
    for (const nodeId of made.nodes.keys()) expect(await trained(made, nodeId)).toEqual(['TRN-1', 'TRN-3'].map((runId) => ({ runId, label: PLAN.label })));
  });
  it('are ten where nobody agreed on a number', async () => {
    const made = createFederation(cohorts(3));
    for (const { budgets } of made.nodes.values()) await budgets.change(PLAN.label, () => [{ type: 'exact-trainings-booked', label: PLAN.label, trainings: Array.from({ length: EXACT_TRAININGS - 1 }, (_, i) => ({ runId: `OLD-${i}`, label: PLAN.label })) }], { actor });
    expect([await play(made, PLAN, 'TRN-1'), await play(made, next(8), 'TRN-2')]).toEqual(['finished', 'aborted']);
    expect((await made.state('TRN-2')).left).toMatchObject({ hill: 'training-limit-spent' });
  });
  it('count once for attempts, rounds, and answers that were cut off', async () => {
    const made = await allowing(1, PLAN.label, createFederation(cohorts(4)));
    const failing = new Set<string>();
    made.mailbox.beforePut.run = (key: string) => {
      if (!key.startsWith('answers/') || failing.has(key)) return;
      failing.add(key);
      throw new Error('cut off');
    };
    await made.start(PLAN);
    for (let minute = 0; minute < 400 && (await made.state()).status !== 'finished'; minute += 1) {
      await made.advance();
      const isFirst = (await made.state()).attempt?.attempt === 1;
      for (const node of made.nodes.values()) if (!(node.nodeId === 'hill' && isFirst)) await node.participate().catch(() => undefined);
      made.time.epochMs += MINUTE_MS;
    }
    expect((await made.state()).status).toBe('finished');
    expect((await made.node('harbour').events()).filter(({ type }) => type === 'training-answered').length).toBeGreaterThan(3);
    for (const nodeId of made.nodes.keys()) expect(await runIds(made, nodeId)).toEqual(['TRN-1']);
  });
  it('count on record beside the first answer, in a training that is aborted after its first sum; one that was declined before counts nothing', async () => {
    const made = await allowing(1);
    await made.start(PLAN);
    await joined(made, 'TRN-1');
    expect(await runIds(made, 'hill')).toEqual([]);
    await declineAndTell(made, 'hill');
    await made.run();
    expect([await runIds(made, 'hill'), typesOf(await made.node('hill').events())]).toEqual([[], expect.not.arrayContaining(['training-answered'])]);
    const other = await allowing(1);
    await other.start(PLAN);
    await until(other, ({ round }) => round === 1);
    await other.trainings.change('TRN-1', ({ state }) => abortTraining(state, 'TRN-1', 'enough'), { actor });
    expect((await other.run()).phase).toBe('aborted');
    expect([await runIds(other, 'hill'), await play(other, next(8), 'TRN-2')]).toEqual([['TRN-1'], 'aborted']);
  });
  it('are one where one is left and two trainings want it at once: whichever comes second is refused at its answer', async () => {
    const made = await allowing(1);
    await made.start(PLAN);
    await made.start(next(8), { runId: 'TRN-2' });
    await joined(made, 'TRN-1', 'TRN-2');
    for (let minute = 0; minute < 150; minute += 1) {
      await made.advance();
      await made.advance('TRN-2');
      // Two invocations of one hospital at once, each with a memory of its own.
      for (const node of made.nodes.values()) await Promise.allSettled([node.participate(), node.participate()]);
      made.time.epochMs += MINUTE_MS;
    }
    for (const nodeId of made.nodes.keys()) {
      expect(await runIds(made, nodeId)).toHaveLength(1);
      expect(await answeredBy(made, nodeId)).toEqual(await runIds(made, nodeId));
      const refused = (await made.node(nodeId).events()).flatMap((event) => (event.type === 'training-refused' ? [[event.round, event.attempt > 0, event.code]] : []));
      expect(refused).toContainEqual([0, true, 'training-limit-spent']);
    }
  });
  it('are not monitoring, which opens what its model holds', async () => {
    const made = await allowing(0, 'label');
    const monitoring = monitoringPlan({ variables: ['a', 'b', 'c'].map((name) => ({ name, low: 0, high: 20 })), label: 'label', components: 1, rowLimit: 1000 });
    expect([await play(made, monitoring, 'TRN-1'), await runIds(made, 'hill')]).toEqual(['finished', []]);
  });
  it('are counted for a label that nobody can agree on a budget of', async () => {
    const label = 'failed # late';
    const made = createFederation(cohorts(3));
    expect(await play(made, next(7, { label }), 'TRN-1')).toBe('finished');
    expect(await trained(made, 'hill', `label-${createHash('sha256').update(label).digest('hex')}`)).toEqual([{ runId: 'TRN-1', label }]);
  });
});

describe('exact trainings over the same rows', () => {
  it('under another label are counted with it, and of other rows are not', async () => {
    const made = await allowing(1);
    await allowing(1, 'late', made);
    expect([await play(made, PLAN, 'TRN-1'), await play(made, next(7, { label: 'late' }), 'TRN-2')]).toEqual(['finished', 'aborted']);
    expect((await made.state('TRN-2')).left).toMatchObject({ hill: 'training-limit-spent' });
    for (const [nodeId, rows] of Object.entries(cohorts(3))) made.rows[nodeId] = otherRows(rows);
    expect([await play(made, next(7, { label: 'late' }), 'TRN-3'), await trained(made, 'hill', 'late')]).toEqual(['finished', [{ runId: 'TRN-3', label: 'late' }]]);
    expect(await play(made, next(9), 'TRN-4')).toBe('aborted');
  });
  it('under another label stand in its record, by the label they were planned with', async () => {
    const made = await allowing(2);
    await allowing(2, 'late', made);
    expect([await play(made, PLAN, 'TRN-1'), await play(made, next(7, { label: 'late' }), 'TRN-2')]).toEqual(['finished', 'finished']);
    expect(await trained(made, 'hill', 'late')).toEqual([{ runId: 'TRN-1', label: PLAN.label }, { runId: 'TRN-2', label: 'late' }]);
    expect([await runIds(made, 'hill'), await play(made, next(9), 'TRN-3')]).toEqual([['TRN-1'], 'aborted']);
  });
  it('under two labels at once are not both answered where one is left: an answer stands on the version of all the hospital did', async () => {
    const made = await allowing(1);
    await allowing(1, 'late', made);
    await made.start(PLAN);
    await made.start(next(7, { label: 'late' }), { runId: 'TRN-2' });
    await joined(made, 'TRN-1', 'TRN-2');
    const hill = made.node('hill');
    await asked(made, 'TRN-2');
    // While it is about to answer TRN-2, another invocation answers TRN-1, and gets no further.
    const { put } = hill.own;
    let isInside = false;
    Object.assign(hill.own, { put: async (...given: Parameters<typeof put>) => {
      if (given[0].startsWith('runs/TRN-2/sent/')) {
        if (isInside) throw new Error('cut off');
        isInside = true;
        await asked(made, 'TRN-1');
        await hill.participate().catch(() => undefined);
      }
      return put(...given);
    } });
    expect(await hill.participate().then(() => 'done', String)).toContain('moved on while it answered run TRN-2');
    Object.assign(hill.own, { put });
    expect([await answeredBy(made, 'hill'), await runIds(made, 'hill'), await runIds(made, 'hill', 'late')]).toEqual([['TRN-1'], ['TRN-1'], []]);
    await hill.participate();
    expect(await hereOf(made, 'hill', 'TRN-2')).toMatchObject({ code: 'training-limit-spent' });
  });
  it('from before they were counted are counted, by the hospital\'s own record of them', async () => {
    const made = await allowing(1);
    expect(await play(made, PLAN, 'TRN-1')).toBe('finished');
    for (const { table } of made.nodes.values()) for (const [place, { pk }] of table) if (pk === keyOf.stream('training-budget', PLAN.label).pk) table.delete(place);
    await allowing(1, PLAN.label, made);
    expect([await play(made, next(8), 'TRN-2'), await runIds(made, 'hill')]).toEqual(['aborted', []]);
    await allowing(2, PLAN.label, made);
    expect([await play(made, next(8), 'TRN-3'), await runIds(made, 'hill')]).toEqual(['finished', ['TRN-1', 'TRN-3']]);
  });
});

describe('the record of exact trainings', () => {
  const store = createMemoryRecordStore(createMemoryOperationsStore(), () => new Date(1_772_460_000_000));
  const bookingOf = (runId: string) => createBudgets(store).booking(PLAN, { ask: { runId, planHash: 'p', members: [...NAMES] }, actor, before: () => Promise.resolve([]) });
  it('takes one of two bookings that were planned on the same version', async () => {
    const [one, two] = [await bookingOf('TRN-1'), await bookingOf('TRN-2')];
    await store.write(one.alongside, one.companions);
    expect(await codeOfAsync(() => store.write(two.alongside, two.companions))).toBe('version-conflict');
    expect((await bookingOf('TRN-1')).alongside).toEqual([]);
    expect((await bookingOf('TRN-2')).alongside.map(({ event }) => event)).toEqual([{ type: 'exact-trainings-booked', label: PLAN.label, trainings: [{ runId: 'TRN-2', label: PLAN.label }] }]);
  });
  it('is shown with what was answered before it began, and with what stored summaries leave out', async () => {
    const node = createNode();
    const { scientist, reviewer } = PEOPLE;
    await node.ok(scientist, 'POST /v1/training-budgets', { body: { label: 'failed', limitMicroEpsilon: 1, refusesExact: false, exactTrainings: 3, reason: 'as agreed', signature: node.sign(scientist, 'authorship', 0) } });
    const hash = 'a'.repeat(64);
    await node.participation.change('north', () => [
      { type: 'training-invited', runId: 'TRN-1', title: 'Early failure', purpose: 'Warn on day 3', plan: { ...PLAN, label: 'failed' }, planHash: hash, invited: ['north'], joinUntilEpochMs: 2, joinsAtEpochMs: 1, receivedSha256: hash },
      { type: 'training-answered', runId: 'TRN-1', round: 0, attempt: 1, cohorts: { north: hash }, question: hash, wordsSha256: hash, receivedSha256: hash, sentSha256: hash },
    ], { actor });
    const counted = { exactTrainings: 10, spentExactTrainings: 1, leftExactTrainings: 9 };
    expect(await node.ok(reviewer, 'GET /v1/training-budgets/{label}', { path: { label: 'failed' } })).toMatchObject({ ...counted, trainings: [{ runId: 'TRN-1', label: 'failed' }], proposed: { exactTrainings: 3 } });
    const [place, item] = [...node.operations.items].find(([key]) => key.includes('SUMMARY#TRAINING-BUDGET'))!;
    const { exactTrainings: _, spentExactTrainings: __, leftExactTrainings: ___, ...before } = item;
    node.operations.items.set(place, { ...before, allowsCounted: true });
    expect((await node.ok(reviewer, 'GET /v1/training-budgets'))['items']).toEqual([{ label: 'failed', spentMicroEpsilon: 0, leftMicroEpsilon: 0, releases: 0, ...counted, isProposed: true }]);
  });
});

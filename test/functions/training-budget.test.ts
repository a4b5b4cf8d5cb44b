import { describe, expect, it } from 'vitest';
import { viewsOf } from '../../functions/_platform/restore/views.ts';
import { privatePlan, type Plan } from '../../models/federated/plan.ts';
import { spentMicroEpsilon, type Budget } from '../../models/federated/private/budget.ts';
import { privacyOf } from '../../models/federated/private/promise.ts';
import { mailboxKey } from '../../models/federated/workflow/mailbox.ts';
import { readModelFile } from '../../models/forest/model-file.ts';
import type { ParticipationEvent } from '../../models/federated/workflow/participation.ts';
import { placeOfTest, type Federation } from '../support/federation.ts';
import { createNode } from '../support/node.ts';
import { PEOPLE } from '../support/people.ts';
import { agreeOnBudget } from '../support/training-budget.ts';
import { NAMES, plan as exactPlan, started } from '../support/training-play.ts';

const EPSILON = 1_000_000;
const PLAN = privatePlan({ variables: ['a', 'b', 'c'].map((name) => ({ name, low: 0, high: 20 })), label: 'failed', seed: 1, treeCount: 4, depth: 2, microEpsilon: EPSILON, curious: 1, rowLimit: 1000 });
const give = (network: Federation, nodeId: string, limitMicroEpsilon: number, refusesExact = false, label = PLAN.label): Promise<void> =>
  agreeOnBudget(network.node(nodeId).budgets, label, { limitMicroEpsilon, refusesExact });
const network = async (limits: readonly number[], own: Plan = PLAN): Promise<Federation> => {
  const made = await started(limits.length, own);
  for (const [i, limit] of limits.entries()) if (limit > 0) await give(made, NAMES[i]!, limit);
  return made;
};
const budgetOf = async (made: Federation, nodeId: string): Promise<Budget> => (await made.node(nodeId).budgets.load(PLAN.label)).state!;
const spent = async (made: Federation, nodeId: string): Promise<number> => spentMicroEpsilon(await budgetOf(made, nodeId));
const answeredOver = async (made: Federation, nodeId: string): Promise<readonly number[]> => (await made.node(nodeId).events()).flatMap((event) => (event.type === 'training-answered' ? [Object.keys(event.cohorts).length] : []));
const sentBy = (made: Federation, nodeId: string, step: string): readonly string[] => [...made.mailbox.objects.keys()].filter((key) => key.startsWith(`answers/${placeOfTest(nodeId)}/`) && key.includes(step));
/** What a hospital made of a run, before it was over and cleared. */
const decidedBy = async (made: Federation, nodeId: string): Promise<readonly ParticipationEvent[]> => (await made.node(nodeId).events()).filter(({ type }) => type !== 'training-cleared' && type !== 'training-ended');

describe('a private training over the network', () => {
  it('takes one round, gives a file with its promise, and each hospital has spent its ε once', async () => {
    const made = await network([EPSILON, EPSILON, EPSILON]);
    expect((await made.run()).phase).toBe('finished');
    const text = await made.model();
    expect(readModelFile(text).trees).toHaveLength(4);
    const { learner } = JSON.parse(text) as { learner: { attributes: { privacy: string } } };
    expect(JSON.parse(learner.attributes.privacy)).toEqual(privacyOf(PLAN.private!));
    for (const nodeId of NAMES.slice(0, 3)) expect((await budgetOf(made, nodeId)).booked).toMatchObject([{ runId: 'TRN-1', microEpsilon: EPSILON }]);
  });
  it('is declined by a hospital that has too little left, before anything leaves it; the coordinator hears that it declines and no more', async () => {
    const made = await network([EPSILON, EPSILON, EPSILON, EPSILON - 1]);
    expect((await made.run()).phase).toBe('finished');
    expect((await made.state()).left).toEqual({ south: 'training-declined' });
    expect(await decidedBy(made, 'south')).toMatchObject([{ type: 'training-invited' }, { type: 'training-refused', code: 'training-budget-spent' }]);
    expect(JSON.stringify(await made.events())).not.toContain('budget');
    for (const [key, bytes] of made.mailbox.objects) if (key.startsWith(`answers/${placeOfTest('south')}/`)) expect(Buffer.from(bytes).toString('utf8')).not.toContain('budget');
    expect(sentBy(made, 'south', 'answer').filter((key) => key.endsWith('/answer'))).toEqual([]);
    expect(await spent(made, 'south')).toBe(0);
  });
  it('does not come about where nobody set a budget', async () => {
    const made = await network([0, 0, 0]);
    expect((await made.run()).phase).toBe('aborted');
    expect(await made.state()).toMatchObject({ code: 'training-sites-too-few', left: { harbour: 'training-declined', hill: 'training-declined', north: 'training-declined' } });
  });
  it('does not come about for a label that can have no budget', async () => {
    const made = await started(3, { ...PLAN, label: 'failed # late' });
    expect((await made.run()).phase).toBe('aborted');
    expect((await decidedBy(made, 'hill')).at(-1)).toMatchObject({ type: 'training-refused', code: 'training-budget-spent' });
  });
  it('spends once where two runs want the same ε: whichever comes second is refused at the answer, whatever was joined', async () => {
    const made = await network([EPSILON, EPSILON, EPSILON]);
    await made.start({ ...PLAN, seed: 2 }, { runId: 'TRN-2' });
    for (let minute = 0; minute < 150; minute += 1) {
      await made.advance();
      await made.advance('TRN-2');
      // Two invocations of one hospital at once, each with a memory of its own.
      for (const node of made.nodes.values()) await Promise.allSettled([node.participate(), node.participate()]);
      made.time.epochMs += 60_000;
    }
    for (const nodeId of NAMES.slice(0, 3)) {
      expect(await spent(made, nodeId)).toBe(EPSILON);
      const answered = (await made.node(nodeId).events()).filter(({ type }) => type === 'training-answered');
      const booked = new Set((await budgetOf(made, nodeId)).booked.map(({ runId }) => runId));
      expect(new Set(answered.map(({ runId }) => runId))).toEqual(booked);
    }
  });
  it('spends once for attempts over the same hospitals, and the noise is the same in each', async () => {
    const made = await network([EPSILON, EPSILON, EPSILON, EPSILON]);
    const slept = async (nodeId: string): Promise<boolean> => nodeId !== 'hill' || (await made.state()).attempt?.attempt !== 1;
    expect((await made.run(slept)).phase).toBe('finished');
    expect(await answeredOver(made, 'harbour')).toEqual([4, 4]);
    expect(await spent(made, 'harbour')).toBe(EPSILON);
  });
  it('spends again for a sum over other hospitals: it is another release', async () => {
    const made = await network([2 * EPSILON, 2 * EPSILON, 2 * EPSILON, 2 * EPSILON]);
    expect((await made.run(async (nodeId) => nodeId !== 'south' || (await made.state()).status === 'joining')).phase).toBe('finished');
    expect(await answeredOver(made, 'harbour')).toEqual([4, 4, 3]);
    expect(await spent(made, 'harbour')).toBe(2 * EPSILON);
  });
  it('ends where the budget does not last for another set of hospitals', async () => {
    const made = await network([EPSILON, EPSILON, EPSILON, EPSILON]);
    expect((await made.run(async (nodeId) => nodeId !== 'south' || (await made.state()).status === 'joining')).phase).toBe('aborted');
    expect(await spent(made, 'harbour')).toBe(EPSILON);
  });
  it('cut off after any write, at a hospital or on its way, spends once and sends the bytes that are on record', async () => {
    const made = await network([EPSILON, EPSILON, EPSILON]);
    let writes = 0;
    const failing = new Set<string>();
    made.mailbox.beforePut.run = (key: string) => {
      writes += 1;
      if (key.startsWith('answers/') && !failing.has(key)) {
        failing.add(key);
        throw new Error('cut off');
      }
    };
    for (let minute = 0; minute < 150; minute += 1) {
      await made.advance();
      for (const node of made.nodes.values()) await node.participate().catch(() => undefined);
      made.time.epochMs += 60_000;
    }
    expect(writes).toBeGreaterThan(9);
    expect((await made.state()).status).toBe('finished');
    for (const nodeId of NAMES.slice(0, 3)) expect(await spent(made, nodeId)).toBe(EPSILON);
    expect(sentBy(made, 'hill', mailboxKey.answersOf(placeOfTest('hill'), 'TRN-1')).filter((key) => key.endsWith('answer'))).toHaveLength(1);
  });
  it('is the only kind these rows answer, where the hospital says so', async () => {
    const made = await started(4);
    await give(made, 'south', EPSILON, true, exactPlan.label);
    expect((await made.run()).phase).toBe('finished');
    expect((await made.state()).left).toEqual({ south: 'training-declined' });
    expect((await decidedBy(made, 'south')).at(-1)).toMatchObject({ type: 'training-refused', code: 'training-exact-refused' });
  });
  it('is the only kind they answer from the moment it says so, in a run that it joined before too', async () => {
    const made = await started(4);
    while ((await made.advance()).phase === 'joining') {
      for (const node of made.nodes.values()) await node.participate();
      made.time.epochMs += 60_000;
    }
    await give(made, 'south', EPSILON, true, exactPlan.label);
    expect((await made.run()).phase).toBe('finished');
    const decided = await decidedBy(made, 'south');
    expect(decided.map(({ type }) => type)).not.toContain('training-answered');
    expect(decided.slice(0, 3)).toMatchObject([{ type: 'training-invited' }, { type: 'training-joined' }, { type: 'training-refused', round: 0, code: 'training-exact-refused' }]);
  });
});

describe('a training budget', () => {
  const { scientist, reviewer, operator } = PEOPLE;
  const other = { ...reviewer, id: 'rev-9', name: 'Another Reviewer' };
  const propose = (node: ReturnType<typeof createNode>, own: object = {}, version = 0) => node.call(scientist, 'POST /v1/training-budgets', { body: { label: 'failed', limitMicroEpsilon: 2 * EPSILON, refusesExact: true, exactTrainings: 20, reason: 'as agreed', ...own, signature: node.sign(scientist, 'authorship', version) } });
  it('is proposed by one person, set by another, and shown with what was spent', async () => {
    const node = createNode();
    expect((await propose(node)).status).toBe(201);
    expect((await node.ok(reviewer, 'GET /v1/training-budgets'))['items']).toEqual([{ label: 'failed', spentMicroEpsilon: 0, leftMicroEpsilon: 0, releases: 0, exactTrainings: 10, spentExactTrainings: 0, leftExactTrainings: 10, isProposed: true }]);
    const approve = (person: typeof reviewer) => node.call(person, 'POST /v1/training-budgets/{label}/approval', { path: { label: 'failed' }, body: { signature: node.sign(person, 'approval', 1) } });
    expect((await approve({ ...scientist, roles: ['quality-reviewer'] })).code).toBe('signature-same-person');
    expect((await approve(operator)).status).toBe(403);
    expect((await approve(other)).body['events']).toEqual(['training-budget-set']);
    expect(await node.ok(reviewer, 'GET /v1/training-budgets/{label}', { path: { label: 'failed' } })).toEqual({ label: 'failed', limitMicroEpsilon: 2 * EPSILON, refusesExact: true, spentMicroEpsilon: 0, leftMicroEpsilon: 2 * EPSILON, releases: 0, exactTrainings: 20, spentExactTrainings: 0, leftExactTrainings: 20, isProposed: false, version: 2, booked: [], trainings: [] });
    expect((await node.store.load({ kind: 'training-budget', id: 'failed' })).map(({ event }) => (event as { type: string }).type)).toEqual(['training-budget-proposed', 'training-budget-set']);
  });
  it('comes back to the lists after a restore, with the rows it is about', async () => {
    const node = createNode();
    await propose(node);
    const kept = node.operations.items.get([...node.operations.items.keys()].find((place) => place.includes('SUMMARY#TRAINING-BUDGET'))!);
    const [put] = viewsOf({ kind: 'training-budget', id: 'failed' }, await node.store.load({ kind: 'training-budget', id: 'failed' }), node.now());
    expect(kept).toMatchObject({ ...put!.attributes });
    expect(put!.attributes).toMatchObject({ label: 'failed', isProposed: true });
    await node.ok(scientist, 'POST /v1/training-data', { body: { datasetId: 'DATA-1', title: 'Past batches', source: 'Batches of 2024', role: 'training', label: 'failed', features: ['a'], rows: [{ recordId: 'B-1', label: 1, values: [1] }], signature: node.sign(scientist, 'responsibility', 0) } });
    expect(viewsOf({ kind: 'training-data', id: 'DATA-1' }, await node.store.load({ kind: 'training-data', id: 'DATA-1' }), node.now())[0]?.attributes).toMatchObject({ dataset: { datasetId: 'DATA-1' } });
  });
  it('is refused with nothing, more than 100, a label that is no identifier; and none is none', async () => {
    const node = createNode();
    for (const own of [{ limitMicroEpsilon: 0 }, { limitMicroEpsilon: 100_000_001 }, { limitMicroEpsilon: 0.5 }, { label: 'a label' }, { reason: '' }, { exactTrainings: -1 }, { exactTrainings: 101 }, { exactTrainings: 1.5 }, { allowsCounted: true }]) expect((await propose(node, own)).code).toBe('request-malformed');
    expect((await node.ok(reviewer, 'GET /v1/training-budgets'))['items']).toEqual([]);
    expect((await node.call(reviewer, 'GET /v1/training-budgets/{label}', { path: { label: 'failed' } })).code).toBe('training-budget-missing');
    expect((await node.call(other, 'POST /v1/training-budgets/{label}/approval', { path: { label: 'failed' }, body: { signature: node.sign(other, 'approval', 0) } })).code).toBe('training-budget-missing');
  });
});

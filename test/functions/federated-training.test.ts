import { describe, expect, it } from 'vitest';
import { monitoringPlan } from '../../models/federated/plan.ts';
import { readMonitoringFile } from '../../models/monitoring/model-file.ts';
import { sha256 } from '../../models/federated/secure/messages.ts';
import { abortTraining, sitesInSums } from '../../models/federated/workflow/coordination.ts';
import { isInSums } from '../../models/federated/workflow/participation.ts';
import { startTraining } from '../../models/federated/workflow/start.ts';
import { BOARD, decodeBoard, mailboxKey } from '../../models/federated/workflow/mailbox.ts';
import { encodeMessage } from '../../models/federated/workflow/wire.ts';
import { codeOf, codeOfAsync } from '../support/error-code.ts';
import { createFederation, placeOfTest } from '../support/federation.ts';
import { planOf, rowsOf } from '../support/federated.ts';
import { cohorts, actor, answerKey, decline, declineAndTell, membersOf, NAMES, plan, pooled, started, table, typesOf, until } from '../support/training-play.ts';

describe('a training over the network', () => {
  it.each([['forest', {}], ['boosting', { method: 'boosting' }]] as const)('gives the model file of the pooled rows, byte for byte: %s, three hospitals', async (_, change) => {
    const own = planOf({ minimumLeaf: 0.5, treeCount: 3, ...change });
    const network = await started(3, own);
    expect((await network.run()).phase).toBe('finished');
    expect(await network.model()).toBe(pooled(own));
  });
  it('gives the monitoring model of the pooled batches in one round, byte for byte, in the bucket of models', async () => {
    const own = monitoringPlan({ variables: ['a', 'b', 'c'].map((name) => ({ name, low: -50, high: 50 })), label: 'failed', components: 2, rowLimit: 1000 });
    const network = await started(3, own);
    expect((await network.run()).phase).toBe('finished');
    expect(await network.model()).toBe(pooled(own));
    expect((await network.state()).round).toBe(1);
    expect(readMonitoringFile(pooled(own)).plane.variables).toHaveLength(3);
  });
  it('gives the same file after a hospital slept through an attempt of each round, and came back', async () => {
    const network = await started(3);
    const slept = async (nodeId: string): Promise<boolean> => {
      const { attempt } = await network.state();
      return attempt === undefined || nodeId !== 'hill' || attempt.attempt > 1;
    };
    expect((await network.run(slept)).phase).toBe('finished');
    expect(await network.model()).toBe(pooled(plan));
    expect((await network.events()).filter(({ type }) => type === 'training-attempt-given-up').length).toBeGreaterThan(3);
  });
  it('gives the same file when a hospital vanishes after its answer, in every round: the others\' shares make up for it', async () => {
    const network = await started(4);
    expect((await network.run(async (nodeId) => nodeId !== 'north' || (await network.state()).attempt?.completeSha256 === undefined)).phase).toBe('finished');
    expect(await network.model()).toBe(pooled(plan));
    expect(typesOf(await network.node('north').events())).not.toContain('training-confirmed');
  });
  it('goes on without a hospital that never joins, and says so', async () => {
    const network = await started(4);
    expect((await network.run((nodeId) => nodeId !== 'south')).phase).toBe('finished');
    expect((await network.state()).left).toEqual({ south: 'training-round-late' });
    expect(await network.model()).toBe(pooled(plan, [0, 1, 2].flatMap((site) => membersOf(site, 4))));
  });
  it('leaves every hospital knowing whether its rows are in what came of it', async () => {
    const network = await started(4);
    // One joins and sleeps until it was left out.
    expect((await network.run(async (nodeId) => nodeId !== 'south' || (await network.state()).status === 'joining' || (await network.state()).attempts > 2 || (await network.state()).round > 0)).phase).toBe('finished');
    expect((await network.state()).left).toEqual({ south: 'training-round-late' });
    expect(sitesInSums(await network.state())).toEqual(['harbour', 'hill', 'north']);
    const inSums = await Promise.all([...network.nodes.values()].map(async ({ nodeId, records }): Promise<readonly [string, string, boolean]> => {
      const { state } = await records.load(nodeId);
      return [nodeId, state!.runs['TRN-1']!.status, isInSums(state!, 'TRN-1')];
    }));
    expect(network.counted).toEqual([]);
    expect((await network.node('south').events()).filter(({ type }) => type === 'training-refused').every((event) => 'code' in event && event.code === 'training-round-late')).toBe(true);
    expect(inSums).toEqual([['harbour', 'finished', true], ['hill', 'finished', true], ['north', 'finished', true], ['south', 'finished', false]]);
  });
  it('goes on without one that joined and is never heard of again, while no sum was made', async () => {
    const network = await started(4);
    expect((await network.run(async (nodeId) => nodeId !== 'hill' || (await network.state()).status === 'joining')).phase).toBe('finished');
    expect((await network.state()).left).toEqual({ hill: 'training-round-late' });
  });
  it('ends when one is never heard of again after a sum was made: the set of hospitals is fixed', async () => {
    const network = await started(4);
    expect((await network.run(async (nodeId) => nodeId !== 'hill' || (await network.state()).round === 0)).phase).toBe('aborted');
    expect(await network.state()).toMatchObject({ code: 'training-round-stale' });
    expect((await network.state()).reason).toContain('hill');
  });
  it('ends with fewer than three hospitals', async () => {
    const network = await started(3);
    expect((await network.run((nodeId) => nodeId !== 'hill')).phase).toBe('aborted');
    expect(await network.state()).toMatchObject({ code: 'training-sites-too-few' });
  });
  it('is over for everyone when the coordinator stops it, and each hospital has that on record', async () => {
    const network = await started();
    await until(network, ({ round }) => round === 1);
    await network.trainings.change('TRN-1', ({ state }) => abortTraining(state, 'TRN-1', 'wrong label'), { actor });
    expect((await network.run()).phase).toBe('aborted');
    for (const nodeId of NAMES.slice(0, 3)) expect((await network.node(nodeId).events()).at(-2)).toMatchObject({ type: 'training-ended', outcome: 'aborted', code: 'training-stopped' });
    expect(codeOf(() => abortTraining(undefined, 'TRN-9', 'no'))).toBe('training-not-found');
    expect(await codeOfAsync(() => network.trainings.change('TRN-1', ({ state }) => abortTraining(state, 'TRN-1', 'again'), { actor }))).toBe('training-round-stale');
  });
});

describe('a hospital that declines', () => {
  it('before it joined, is not asked, and the others go on', async () => {
    const network = await started(4);
    expect(await codeOfAsync(() => decline(network, 'south'))).toBe('training-not-found');
    await network.advance();
    await network.node('south').participate();
    await declineAndTell(network, 'south');
    expect((await network.run()).phase).toBe('finished');
    expect((await network.state()).left).toEqual({ south: 'training-declined' });
    expect(typesOf(await network.node('south').events())).toEqual(['training-invited', 'training-declined', 'training-cleared']);
  });
  it('before a sum was made, leaves, and the others go on', async () => {
    const network = await started(4);
    await until(network, ({ attempt }) => attempt !== undefined);
    await declineAndTell(network, 'south');
    expect((await network.run()).phase).toBe('finished');
    expect(await network.model()).toBe(pooled(plan, [0, 1, 2].flatMap((site) => membersOf(site, 4))));
  });
  it('after a sum was made, ends the run, and sends nothing more', async () => {
    const network = await started(4);
    await until(network, ({ round }) => round === 2);
    await declineAndTell(network, 'south');
    const sent = [...network.mailbox.objects.keys()].filter((key) => key.startsWith(`answers/${placeOfTest('south')}/`)).length;
    expect((await network.run()).phase).toBe('aborted');
    expect(await network.state()).toMatchObject({ code: 'training-declined' });
    expect([...network.mailbox.objects.keys()].filter((key) => key.startsWith(`answers/${placeOfTest('south')}/`)).length).toBe(sent + 1);
    expect(await codeOfAsync(() => decline(network, 'south'))).toBe('training-round-stale');
  });
});

describe('a hospital refuses by its own rules, with a code that both sides keep', () => {
  it.each([
    ['a cohort that is too small', rowsOf(table, [1, 2, 3, 4]), 'training-cohort-too-small'],
    ['features other than the plan\'s', rowsOf(table, membersOf(3, 4), ['a', 'b', 'z']), 'training-schema-mismatch'],
  ] as const)('%s', async (_, rows, code) => {
    const network = createFederation({ ...cohorts(3), south: rows });
    await network.start(plan);
    expect((await network.run()).phase).toBe('finished');
    expect((await network.state()).left).toEqual({ south: code });
    expect(await network.node('south').events()).toMatchObject([{ type: 'training-invited' }, { type: 'training-refused', code }, { type: 'training-cleared' }]);
    expect(network.counted).toEqual(['south TrainingsRefused']);
  });
  it('a second run over the same question and rows with one hospital less', async () => {
    const network = await started(4);
    await network.run();
    await network.start(plan, { runId: 'TRN-2', invited: ['harbour', 'hill', 'north'] });
    expect((await network.run(undefined, 'TRN-2')).phase).toBe('aborted');
    expect((await network.node('north').events()).filter((event) => event.type === 'training-refused')).toMatchObject([{ code: 'training-sites-changed', attempt: 1 }, { code: 'training-sites-changed', attempt: 2 }, { code: 'training-sites-changed', attempt: 3 }]);
  });
  it('answers of one run from one set of rows, though more came in meanwhile', async () => {
    const network = await started();
    await until(network, ({ round }) => round === 1);
    network.rows['hill'] = rowsOf(table, membersOf(1, 3).slice(1));
    expect((await network.run()).phase).toBe('finished');
    expect(await network.model()).toBe(pooled(plan));
  });
  it('rows that were changed in its own bucket', async () => {
    const network = await started();
    await until(network, ({ round }) => round === 1);
    const { own } = network.node('hill');
    const key = [...own.objects.keys()].find((each) => each.includes('/rows/'))!;
    own.objects.get(key)![own.objects.get(key)!.length - 9]! ^= 1;
    expect((await network.run()).phase).toBe('aborted');
    expect((await network.node('hill').events()).some((event) => event.type === 'training-refused' && event.code === 'training-round-malformed')).toBe(true);
  });
  it('a question that was changed on its way', async () => {
    const network = await started();
    await until(network, ({ round }) => round === 2);
    const { askSha256 } = (await network.state()).attempt!;
    network.mailbox.objects.get(mailboxKey.forAll('TRN-1', askSha256))![400]! ^= 1;
    await network.node('hill').participate();
    expect((await network.node('hill').events()).at(-1)).toMatchObject({ type: 'training-refused', code: 'training-round-malformed', receivedSha256: askSha256 });
  });
  it('a second sum of an attempt, asked of some of them', async () => {
    const network = await started();
    await until(network, ({ attempt }) => attempt?.completeSha256 !== undefined && attempt.revealAskSha256 === undefined);
    await network.node('hill').participate();
    const board = decodeBoard(network.mailbox.objects.get(BOARD)!);
    const { round, attempt } = board.runs[0]!.attempt!;
    const forged = encodeMessage('revealAsk', { context: 'ab'.repeat(32), confirmations: [], sealed: {} });
    network.mailbox.objects.set(mailboxKey.forOne(placeOfTest('hill'), 'TRN-1', sha256(forged)), forged);
    network.mailbox.objects.set(BOARD, Buffer.from(JSON.stringify({ ...board, runs: [{ ...board.runs[0]!, attempt: { ...board.runs[0]!.attempt!, revealAskSha256: { hill: sha256(forged) } } }] })));
    await network.node('hill').participate();
    expect((await network.node('hill').events()).at(-1)).toMatchObject({ type: 'training-refused', code: 'training-round-stale' });
    expect(network.mailbox.objects.has(answerKey('hill', { round, attempt }, 'reveal'))).toBe(false);
  });
});

describe('a start', () => {
  const input = { runId: 'TRN-1', title: 'T', purpose: 'P', plan, invited: ['harbour', 'hill', 'north'], joinUntilEpochMs: 1, answerWithinMs: 1 };
  const known = [...NAMES];
  it.each([
    ['two hospitals', { invited: ['harbour', 'hill'] }, 'training-sites-too-few'],
    ['a hospital twice', { invited: ['harbour', 'hill', 'hill'] }, 'training-plan-malformed'],
    ['a hospital nobody knows', { invited: ['harbour', 'hill', 'moon'] }, 'training-plan-malformed'],
    ['more rounds than a network can take', { plan: planOf({ method: 'boosting', treeCount: 100 }) }, 'training-plan-malformed'],
    ['more trees than a question can carry', { plan: planOf({ treeCount: 2000, depth: 12 }) }, 'training-plan-malformed'],
    ['a plan that can not be', { plan: planOf({ depth: 0 }) }, 'training-plan-malformed'],
  ] as const)('is refused with %s', (_, own, code) => { expect(codeOf(() => startTraining(undefined, { ...input, ...own }, known))).toBe(code); });
  it('is refused for a run that is there', async () => {
    const network = await started();
    const held = await network.state();
    expect(codeOf(() => startTraining(held, input, known))).toBe('training-exists');
  });
});

import type { Context } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { createHandler as createClearMailbox } from '../../functions/federated/clear-mailbox/handler.ts';
import { abortTraining } from '../../models/federated/workflow/coordination.ts';
import { BOARD, decodeBoard, encodeBoard, mailboxKey } from '../../models/federated/workflow/mailbox.ts';
import { MINUTE_MS, placeOfTest, type Federation } from '../support/federation.ts';
import { sha256 } from '../../models/federated/secure/messages.ts';
import { actor, answerKey, declineAndTell, NAMES, plan, pooled, started, typesOf, until } from '../support/training-play.ts';

const left = (network: Federation, nodeId: string): readonly string[] => [...network.node(nodeId).own.objects.keys()].filter((key) => key.startsWith('runs/'));
const clearMailbox = ({ mailbox, trainings, operations, control, now }: Federation) => createClearMailbox({ mailbox, trainings, operations, record: control, placeOf: placeOfTest, now })(undefined, { awsRequestId: 'r-1' } as Context);

describe('a training that is over', () => {
  it('leaves a hospital its rows alone, with every message it sent on record by its hash', async () => {
    const network = await started();
    await network.run();
    expect(await network.model()).toBe(pooled(plan));
    for (const nodeId of NAMES.slice(0, 3)) {
      const { cohortSha256 } = (await network.node(nodeId).records.load(nodeId)).state!.runs['TRN-1']!;
      expect(left(network, nodeId)).toEqual([`runs/TRN-1/rows/${cohortSha256!}`]);
      const events = await network.node(nodeId).events();
      expect(typesOf(events).slice(-2)).toEqual(['training-ended', 'training-cleared']);
      expect(events.filter((event) => 'sentSha256' in event).length).toBeGreaterThan(10);
      await network.node(nodeId).participate();
      expect(await network.node(nodeId).events()).toHaveLength(events.length);
    }
  });
  it('leaves none while it goes on: a hospital needs its secret to the last round', async () => {
    const network = await started();
    await until(network, ({ round }) => round === 2);
    for (const nodeId of NAMES.slice(0, 3)) expect(left(network, nodeId)).toContain('runs/TRN-1/secret');
    expect(await clearMailbox(network)).toEqual({ cleared: 0 });
  });
  it('leaves nothing of a hospital that declined, once the others know, and of one that refused', async () => {
    const network = await started(4);
    await until(network, ({ attempt }) => attempt !== undefined);
    await declineAndTell(network, 'south');
    await network.node('south').participate();
    await network.node('south').participate();
    expect(left(network, 'south').filter((key) => !key.includes('/rows/'))).toEqual([]);
    expect([...network.mailbox.objects.keys()]).toContain(mailboxKey.answer(placeOfTest('south'), 'TRN-1', { round: 0, attempt: 0 }, 'decline'));
    expect((await network.run()).phase).toBe('finished');
  });
  it('is cleared to the end by the next call where one was cut off', async () => {
    const network = await started();
    const { own } = network.node('hill');
    const remove = own.delete;
    let calls = 0;
    Object.assign(own, { delete: (key: string) => ((calls += 1) === 3 ? Promise.reject(new Error('cut off')) : remove(key)) });
    await expect(network.run()).rejects.toThrow('cut off');
    expect(left(network, 'hill').filter((key) => key.includes('/sent/')).length).toBeGreaterThan(1);
    await network.node('hill').participate();
    expect(left(network, 'hill').filter((key) => !key.includes('/rows/'))).toEqual([]);
    expect(typesOf(await network.node('hill').events()).at(-1)).toBe('training-cleared');
  });
  it.each(['has fallen off the board', 'stands on the board as if it went on', 'is of a control site that can not be reached'])('unheard, and %s: is abandoned after 30 days of the hospital\'s own clock, on record, and its secret goes', async (how) => {
    const network = await started();
    await until(network, ({ round }) => round === 2);
    const north = network.node('north');
    const before = await north.events();
    if (how === 'has fallen off the board') network.mailbox.objects.set(BOARD, Buffer.from(encodeBoard({ formatVersion: 1, runs: [] })));
    if (how === 'is of a control site that can not be reached') Object.assign(network.mailbox, { list: () => Promise.reject(new Error('no access')) });
    const lastAt = (await north.records.load('north')).state!.runs['TRN-1']!.lastAtEpochMs;
    network.time.epochMs = lastAt + 30 * 86_400_000 - 1;
    await north.participate().catch(() => undefined);
    const sinceLast = (await north.events()).slice(before.length);
    expect([typesOf(sinceLast).includes('training-abandoned'), left(network, 'north').includes('runs/TRN-1/secret')]).toEqual([false, true]);
    network.time.epochMs = (await north.records.load('north')).state!.runs['TRN-1']!.lastAtEpochMs + 30 * 86_400_000;
    await north.participate().catch(() => undefined);
    expect(typesOf(await north.events()).slice(-2)).toEqual(['training-abandoned', 'training-cleared']);
    expect(left(network, 'north').filter((key) => !key.includes('/rows/'))).toEqual([]);
    const after = await north.events();
    await north.participate().catch(() => undefined);
    expect([await north.events(), left(network, 'north').includes('runs/TRN-1/secret')]).toEqual([after, false]);
  });
  it.each(['finished', 'aborted'] as const)('%s, leaves in the mailbox, after an hour, what a hospital that was away must be told, and nothing else', async (outcome) => {
    const network = await started();
    if (outcome === 'aborted') {
      await until(network, ({ round }) => round === 1);
      await network.trainings.change('TRN-1', ({ state }) => abortTraining(state, 'TRN-1', 'wrong label'), { actor });
    }
    expect((await network.run()).phase).toBe(outcome);
    expect(await clearMailbox(network)).toEqual({ cleared: 0 });
    const before = network.mailbox.objects.size;
    network.time.epochMs += 60 * MINUTE_MS;
    expect(await clearMailbox(network)).toEqual({ cleared: 1 });
    const [run] = decodeBoard(network.mailbox.objects.get(BOARD)!).runs;
    expect([...network.mailbox.objects.keys()].toSorted()).toEqual([BOARD, mailboxKey.forAll('TRN-1', run!.invitationSha256), mailboxKey.forAll('TRN-1', run!.noticeSha256!)].toSorted());
    expect((await network.events()).at(-1)).toEqual({ type: 'training-cleared', objects: before - 3 });
    expect(await clearMailbox(network)).toEqual({ cleared: 0 });
    for (const nodeId of NAMES.slice(0, 3)) await network.node(nodeId).participate();
  });
  it.each([
    ['an answer to its last attempt', 'training-round-late', async (network: Federation) => { const last = (await network.events()).findLast((event) => event.type === 'training-asked')!; return { round: last.round, attempt: last.attempt, step: 'refuse' as const }; }],
    ['an answer to a round that was never asked', 'training-round-stale', () => Promise.resolve({ round: 40, attempt: 1, step: 'answer' as const })],
  ] as const)('and then gets %s: has it refused by name, on record, once, before it is cleared', async (_, code, at) => {
    const network = await started();
    expect((await network.run()).phase).toBe('finished');
    const { step, ...name } = await at(network);
    network.mailbox.objects.set(answerKey('hill', name, step), Buffer.from('at last'));
    network.mailbox.objects.set(`${mailboxKey.answersOf(placeOfTest('hill'), 'TRN-1')}no-message`, Buffer.from('-'));
    network.time.epochMs += 60 * MINUTE_MS;
    expect(await clearMailbox(network)).toEqual({ cleared: 1 });
    expect((await network.events()).slice(-2)).toMatchObject([{ type: 'training-message-refused', from: 'hill', ...name, step, sha256: sha256('at last'), code }, { type: 'training-cleared' }]);
    expect((await network.state()).status).toBe('finished');
  });
  it('and gets more late messages than one transaction holds: has all of them on record before it is cleared', async () => {
    const network = await started();
    await network.run();
    const before = (await network.events()).length;
    for (let round = 100; round < 150; round += 1) network.mailbox.objects.set(answerKey('hill', { round, attempt: 1 }, 'answer'), Buffer.from(`${round}`));
    network.time.epochMs += 60 * MINUTE_MS;
    expect(await clearMailbox(network)).toEqual({ cleared: 0 });
    expect((await network.state()).isCleared).toBeUndefined();
    expect(await clearMailbox(network)).toEqual({ cleared: 1 });
    expect(typesOf(await network.events()).slice(before)).toEqual([...Array.from({ length: 50 }, () => 'training-message-refused'), 'training-cleared']);
  });
});

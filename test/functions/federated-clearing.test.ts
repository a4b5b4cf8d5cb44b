import type { Context } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { createHandler as createClearMailbox } from '../../functions/federated/clear-mailbox/handler.ts';
import { abortTraining } from '../../models/federated/workflow/coordination.ts';
import { BOARD, decodeBoard, encodeBoard, mailboxKey } from '../../models/federated/workflow/mailbox.ts';
import { MINUTE_MS, placeOfTest, type Federation } from '../support/federation.ts';
import { actor, declineAndTell, NAMES, plan, pooled, started, typesOf, until } from '../support/training-play.ts';

const left = (network: Federation, nodeId: string): readonly string[] => [...network.node(nodeId).own.objects.keys()].filter((key) => key.startsWith('runs/'));
const clearMailbox = ({ mailbox, trainings, operations, now }: Federation) => createClearMailbox({ mailbox, trainings, operations, placeOf: placeOfTest, now })(undefined, { awsRequestId: 'r-1' } as Context);

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
});

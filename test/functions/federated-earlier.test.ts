import { describe, expect, it } from 'vitest';
import { planHash, type Plan } from '../../models/federated/plan.ts';
import { sha256 } from '../../models/federated/secure/messages.ts';
import { BOARD, encodeBoard, mailboxKey } from '../../models/federated/workflow/mailbox.ts';
import { encodeMessage } from '../../models/federated/workflow/wire.ts';
import { createFederation } from '../support/federation.ts';
import { planOf } from '../support/federated.ts';
import { actor, answerKey, cohorts, NAMES, typesOf } from '../support/training-play.ts';

const { splits: _, ranges: __, ...COUNTED } = planOf();
const INVITED = NAMES.slice(0, 3);
const runOf = (plan: Plan, nowEpochMs: number) => ({ runId: 'TRN-1', title: 'Early failure', purpose: 'Warn on day 3', plan, invited: INVITED, joinUntilEpochMs: nowEpochMs + 7_200_000, answerWithinMs: 1_800_000 });

/** A training that a version of before has on record: nothing of it would be let in now. */
const ofEarlier = async (plan: Plan) => {
  const network = createFederation(cohorts(3));
  await network.trainings.change('TRN-1', () => [{ type: 'training-started', ...runOf(plan, network.time.epochMs), planHash: planHash(plan) }], { actor });
  return network;
};

describe.each<readonly [string, Plan]>([['a forest', COUNTED], ['boosting', { ...COUNTED, method: 'boosting' }]])('a training with counted splits that an earlier version has begun: %s', (_name, plan) => {
  it('ends while hospitals join, and each is told', async () => {
    const network = await ofEarlier(plan);
    expect((await network.advance()).phase).toBe('aborted');
    expect(await network.state()).toMatchObject({ status: 'aborted', code: 'training-plan-malformed' });
    for (const node of network.nodes.values()) await node.participate();
    expect((await network.advance()).phase).toBe('aborted');
  });
  it('ends in a round, whatever lies in the mailbox: questions and answers of which this version reads none', async () => {
    const network = await ofEarlier(plan);
    const ask = Buffer.from('a question of before');
    await network.mailbox.put(mailboxKey.forAll('TRN-1', sha256(ask)), ask);
    await network.trainings.change('TRN-1', () => [
      ...INVITED.map((from) => ({ type: 'training-message-taken', from, round: 0, attempt: 0, step: 'join', sha256: sha256(from), unconfirmed: [] }) as const),
      { type: 'training-asked', round: 0, attempt: 1, members: INVITED, sentSha256: sha256(ask), closesAtEpochMs: network.time.epochMs + 1_800_000 },
    ], { actor });
    await network.mailbox.put(answerKey('hill', { round: 0, attempt: 1 }, 'answer'), Buffer.from('an answer of before'));
    await network.mailbox.put(answerKey('north', { round: 0, attempt: 1 }, 'refuse'), encodeMessage('refusal', { siteId: 'north', runId: 'TRN-1', round: 0, attempt: 1, code: 'training-plan-malformed' }));
    expect((await network.advance()).phase).toBe('aborted');
    expect(await network.state()).toMatchObject({ status: 'aborted', code: 'training-plan-malformed' });
  });
  it('is refused by a hospital that was invited before, should the control site still be of before', async () => {
    const network = createFederation(cohorts(3));
    const invitation = runOf(plan, network.time.epochMs);
    const bytes = encodeMessage('invitation', invitation);
    await network.mailbox.put(mailboxKey.forAll('TRN-1', sha256(bytes)), bytes);
    await network.mailbox.put(BOARD, encodeBoard({ formatVersion: 1, runs: [{ runId: 'TRN-1', invitationSha256: sha256(bytes) }] }));
    const node = network.node('hill');
    const { title, purpose, invited, joinUntilEpochMs } = invitation;
    await node.records.change('hill', () => [{ type: 'training-invited', runId: 'TRN-1', title, purpose, plan, planHash: planHash(plan), invited, joinUntilEpochMs, joinsAtEpochMs: network.time.epochMs, receivedSha256: sha256(bytes) }], { actor });
    await node.participate();
    expect(typesOf(await node.events()).slice(0, 2)).toEqual(['training-invited', 'training-refused']);
    expect((await node.records.load('hill')).state!.runs['TRN-1']).toMatchObject({ status: 'refused', code: 'training-plan-malformed' });
    await node.participate();
  });
});

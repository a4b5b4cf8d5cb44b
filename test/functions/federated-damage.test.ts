import { describe, expect, it } from 'vitest';
import type { Plan } from '../../models/federated/plan.ts';
import type { Question } from '../../models/federated/run.ts';
import { digestOf, sha256 } from '../../models/federated/secure/messages.ts';
import { BOARD, decodeBoard, encodeBoard, mailboxKey, type Step } from '../../models/federated/workflow/mailbox.ts';
import { decodeAnswer, decodeAsk, encodeAnswer, encodeAsk } from '../../models/federated/workflow/wire.ts';
import { createFederation, type Federation, MINUTE_MS, placeOfTest } from '../support/federation.ts';
import { planOf, rowsOf } from '../support/federated.ts';
import { answerKey, cohorts, plan, pooled, started, table, until } from '../support/training-play.ts';

type Level = Extract<Question, { type: 'level' }>;

describe('the coordinator refuses by name, makes the attempt again, and gets the same model', () => {
  /** Put a damaged message of hill into an attempt, before hill's own. */
  const damaged = async (damage: (network: Federation, own: Uint8Array) => Uint8Array | Promise<Uint8Array>, step: Step = 'answer'): Promise<Federation> => {
    const network = await started();
    await until(network, ({ attempt, round }) => round === 1 && attempt !== undefined && (step === 'answer' || attempt.completeSha256 !== undefined));
    const { attempt } = await network.state();
    for (const node of network.nodes.values()) await node.participate();
    const key = answerKey('hill', attempt!, step);
    network.mailbox.objects.set(key, await damage(network, network.mailbox.objects.get(key)!));
    expect((await network.run()).phase).toBe('finished');
    expect(await network.model()).toBe(pooled(plan));
    return network;
  };
  const refusals = async (network: Federation) => (await network.events()).flatMap((event) => (event.type === 'training-message-refused' ? [[event.from, event.code]] : []));

  it.each([
    ['a wrong length', 'training-round-malformed', (own: Uint8Array) => { const answer = decodeAnswer(own); return encodeAnswer({ ...answer, words: answer.words.slice(1) }); }],
    ['truncated-answer', 'training-round-malformed', (own: Uint8Array) => own.subarray(0, own.length - 8)],
    ['no bytes at all', 'training-round-malformed', () => new Uint8Array()],
    ['a stale round', 'training-round-stale', (own: Uint8Array) => encodeAnswer({ ...decodeAnswer(own), context: 'ab'.repeat(32) })],
    ['another hospital\'s name', 'training-round-stale', (own: Uint8Array) => encodeAnswer({ ...decodeAnswer(own), siteId: 'north' })],
    ['no shares', 'training-round-malformed', (own: Uint8Array) => encodeAnswer({ ...decodeAnswer(own), sealed: {} })],
  ] as const)('%s', async (_, code, damage) => {
    expect(await refusals(await damaged((__, own) => damage(own)))).toEqual([['hill', code]]);
  });
  it('a confirmation that is not by its key', async () => {
    const network = await damaged((_, own) => Buffer.from(Buffer.from(own).toString('utf8').replace(/"signature":"[^"]{4}/, '"signature":"AAAA')), 'confirm');
    expect(await refusals(network)).toEqual([['hill', 'training-certificate-wrong']]);
  });
  it('a certificate that nobody signed', async () => {
    const network = await started(4);
    await network.advance();
    for (const node of network.nodes.values()) await node.participate();
    network.time.epochMs += 61 * MINUTE_MS;
    for (const node of network.nodes.values()) await node.participate();
    const key = answerKey('south', { round: 0, attempt: 0 }, 'join');
    network.mailbox.objects.set(key, Buffer.from(Buffer.from(network.mailbox.objects.get(key)!).toString('utf8').replace(/"signature":"[^"]{4}/, '"signature":"AAAA')));
    expect((await network.run()).phase).toBe('finished');
    expect((await network.state()).left).toEqual({ south: 'training-certificate-wrong' });
  });
  it('another answer in the place of one that was taken', async () => {
    const network = await started();
    await until(network, ({ round }) => round === 1);
    await network.node('hill').participate();
    await network.advance();
    const { attempt } = await network.state();
    const key = answerKey('hill', attempt!, 'answer');
    const answer = decodeAnswer(network.mailbox.objects.get(key)!);
    answer.words[0]! ^= 1;
    network.mailbox.objects.set(key, encodeAnswer(answer));
    expect((await network.run()).phase).toBe('finished');
    expect(await network.model()).toBe(pooled(plan));
    expect((await network.events()).filter((event) => event.type === 'training-attempt-given-up')).toMatchObject([{ round: 1, attempt: 1, code: 'training-round-answered' }]);
  });
  it('an answer that comes after the round closed', async () => {
    const network = await started();
    await until(network, ({ round }) => round === 1);
    for (const nodeId of ['harbour', 'north', 'hill']) await network.node(nodeId).participate();
    network.time.epochMs += 32 * MINUTE_MS;
    expect((await network.run()).phase).toBe('finished');
    expect((await refusals(network))[0]).toEqual(['harbour', 'training-round-late']);
    expect(await network.model()).toBe(pooled(plan));
  });
  it('an answer to an attempt that was given up, however much later it comes: refused by name, on record, once', async () => {
    const network = await started();
    await until(network, ({ round }) => round === 1);
    const first = (await network.state()).attempt!;
    const held = answerKey('hill', first, 'answer');
    for (const nodeId of ['harbour', 'north']) await network.node(nodeId).participate();
    network.time.epochMs += 32 * MINUTE_MS;
    await network.advance();
    expect((await network.state()).attempt).toMatchObject({ round: 1, attempt: 2 });
    network.mailbox.objects.set(held, Buffer.from('at last'));
    expect((await network.run()).phase).toBe('finished');
    expect((await refusals(network)).filter(([from]) => from === 'hill')).toEqual([['hill', 'training-round-late']]);
    expect(await network.model()).toBe(pooled(plan));
  });
  it('a join that comes after joining ended: refused by name, on record, once, and the others train without it', async () => {
    const network = await started(4);
    const at = answerKey('south', { round: 0, attempt: 0 }, 'join');
    await network.run((nodeId) => nodeId !== 'south', 'TRN-1', 125).catch(() => undefined);
    const { status, left, attempt } = await network.state();
    expect([status, left, attempt?.members]).toEqual(['running', { south: 'training-round-late' }, ['harbour', 'hill', 'north']]);
    network.mailbox.objects.set(at, Buffer.from('at last'));
    expect((await network.run((nodeId) => nodeId !== 'south')).phase).toBe('finished');
    expect((await network.events()).filter((event) => event.type === 'training-message-refused')).toEqual([{ type: 'training-message-refused', from: 'south', round: 0, attempt: 0, step: 'join', sha256: sha256('at last'), code: 'training-round-late' }]);
    expect((await network.state()).joined).not.toHaveProperty('south');
  });
  it('nothing of a hospital that joined and was left out later, whose join was in time', async () => {
    const network = await started(4);
    expect((await network.run(async (nodeId) => nodeId !== 'south' || (await network.state()).attempt === undefined)).phase).toBe('finished');
    expect((await network.state()).left).toEqual({ south: 'training-round-late' });
    expect(await refusals(network)).toEqual([]);
  });
  it('a state of its own that was changed: the run ends, and no model comes of it', async () => {
    const network = await started();
    await until(network, ({ round, attempt }) => round === 2 && attempt?.completeSha256 !== undefined);
    const key = mailboxKey.state('TRN-1', (await network.state()).stateSha256!);
    network.mailbox.objects.get(key)![300]! ^= 1;
    expect((await network.run()).phase).toBe('aborted');
    expect(network.models.objects.size).toBe(0);
  });
});

describe('whatever is cut off is made good', () => {
  it('at each write of the mailbox once, by coordinator and hospitals: the same model, and no masks used twice', async () => {
    const network = await started();
    const failed = new Set<string>();
    network.mailbox.beforePut.run = (key) => {
      const place = key.replace(/[0-9a-f]{64}/, 'hash');
      if (failed.has(place)) return;
      failed.add(place);
      throw new Error('cut off');
    };
    for (let minute = 0; minute < 300; minute += 1) {
      const standing = await network.advance().catch(() => undefined);
      if (standing?.phase === 'finished') break;
      for (const node of network.nodes.values()) await node.participate().catch(() => undefined);
      network.time.epochMs += MINUTE_MS;
    }
    expect(await network.model()).toBe(pooled(plan));
    expect(failed.size).toBeGreaterThan(40);
    for (const node of network.nodes.values()) {
      const answered = (await node.events()).flatMap((event) => (event.type === 'training-answered' ? [`${event.round}-${event.attempt}`] : []));
      expect(new Set(answered).size).toBe(answered.length);
    }
  });
  it('at a hospital between record and sending: what is sent later is what was put on record', async () => {
    const network = await started();
    await until(network, ({ round }) => round === 1);
    network.mailbox.beforePut.run = () => { throw new Error('cut off'); };
    await expect(network.node('hill').participate()).rejects.toThrow('cut off');
    delete network.mailbox.beforePut.run;
    const event = (await network.node('hill').events()).at(-1)!;
    expect(event.type).toBe('training-answered');
    network.rows['hill'] = rowsOf(table, [0, 1, 2, 3, 4, 5]);
    await network.node('hill').participate();
    const { attempt } = await network.state();
    const sent = network.mailbox.objects.get(answerKey('hill', attempt!, 'answer'))!;
    expect([sha256(sent), digestOf(decodeAnswer(sent).words)]).toEqual(event.type === 'training-answered' ? [event.sentSha256, event.wordsSha256] : []);
  });
});

describe('what is on record', () => {
  it('is at a hospital every message it got and sent, by hash, before it left; at the control site every one it took and sent; and the two agree', async () => {
    const network = await started();
    await network.run();
    const atControl = await network.events();
    const taken = new Set(atControl.flatMap((event) => (event.type === 'training-message-taken' ? [`${event.from} ${event.sha256}`] : [])));
    const told = new Set(atControl.flatMap((event) => ('sentSha256' in event ? (typeof event.sentSha256 === 'string' ? [event.sentSha256] : Object.values(event.sentSha256)) : [])));
    for (const [nodeId, node] of network.nodes) {
      const here = await node.events();
      for (const event of here) if ('sentSha256' in event) expect(taken).toContain(`${nodeId} ${event.sentSha256}`);
      for (const event of here) if (['training-answered', 'training-confirmed', 'training-revealed'].includes(event.type) && 'receivedSha256' in event) expect(told).toContain(event.receivedSha256);
      const inMailbox = [...network.mailbox.objects].filter(([key]) => key.startsWith(`answers/${placeOfTest(nodeId)}/`)).map(([, body]) => sha256(body));
      const onRecord = here.flatMap((event) => ('sentSha256' in event ? [event.sentSha256] : []));
      expect(inMailbox.filter((hash) => !onRecord.includes(hash))).toEqual([]);
    }
  });
  it('holds no row key, no value and no secret; nor does anything in the mailbox', async () => {
    const network = createFederation(Object.fromEntries(Object.entries(cohorts(3)).map(([name, rows]) => [name, { ...rows, keys: rows.keys.map((key) => `record-of-${key}`) }])));
    await network.start(plan);
    await until(network, ({ round }) => round === 2);
    // They are gone when the run is over.
    const secrets = [...network.nodes.values()].map(({ own }) => Buffer.from(own.objects.get('runs/TRN-1/secret')!).toString('base64'));
    await network.run();
    const texts = [...network.mailbox.objects.values()].map((body) => Buffer.from(body).toString('latin1'));
    for (const node of network.nodes.values()) texts.push(JSON.stringify(await node.events()));
    for (const text of texts) {
      expect(text).not.toContain('record-of-');
      for (const secret of secrets) expect(text).not.toContain(secret);
    }
  });
});

describe('a hospital refuses a question whose trees are others than it was told before', () => {
  const asked = async (own: Plan, damage: (question: Level) => Level): Promise<readonly unknown[]> => {
    const network = await started(3, own);
    await until(network, ({ round, attempt }) => round === 3 && attempt !== undefined);
    const board = decodeBoard(network.mailbox.objects.get(BOARD)!);
    const [run] = board.runs;
    const ask = decodeAsk(own, network.mailbox.objects.get(mailboxKey.forAll('TRN-1', run!.attempt!.askSha256))!);
    const forged = encodeAsk({ ...ask, question: damage(ask.question as Level) });
    network.mailbox.objects.set(mailboxKey.forAll('TRN-1', sha256(forged)), forged);
    network.mailbox.objects.set(BOARD, encodeBoard({ ...board, runs: [{ ...run!, attempt: { ...run!.attempt!, askSha256: sha256(forged) } }] }));
    await network.node('hill').participate();
    const event = (await network.node('hill').events()).at(-1)!;
    return [event.type, 'code' in event ? event.code : undefined];
  };
  const root = 1;
  /** Another threshold of the same feature: the next below, or above the lowest. */
  const anotherOf = ({ growing: { splitBin } }: Level): number => (splitBin[root]! > 1 ? splitBin[root]! - 1 : splitBin[root]! + 1);
  it.each([['forest', planOf({ minimumLeaf: 0.5 })], ['boosting', planOf({ method: 'boosting', minimumLeaf: 0.1 })]] as const)('%s', async (_, own) => {
    expect(await asked(own, (question) => question)).toEqual(['training-answered', undefined]);
    expect(await asked(own, (question) => ({ ...question, growing: { ...question.growing, splitBin: question.growing.splitBin.with(root, anotherOf(question)) } }))).toEqual(['training-refused', 'training-question-changed']);
    expect(await asked(own, (question) => ({ ...question, bins: question.bins.map(({ edges, isMissing }) => ({ isMissing, edges: edges.map((edge) => edge + 1) })) }))).toEqual(['training-refused', 'training-question-changed']);
  });
});

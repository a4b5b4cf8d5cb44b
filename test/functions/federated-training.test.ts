import { describe, expect, it } from 'vitest';
import { Cohort } from '../../models/federated/cohort.ts';
import { federate, plainSumming } from '../../models/federated/federation.ts';
import { modelFileOf } from '../../models/federated/model-text.ts';
import type { Plan } from '../../models/federated/plan.ts';
import type { Rows } from '../../models/federated/rows.ts';
import { digestOf, sha256 } from '../../models/federated/secure/messages.ts';
import { abortTraining, startTraining, type Training } from '../../models/federated/workflow/coordination.ts';
import { BOARD, decodeBoard, mailboxKey, type Step } from '../../models/federated/workflow/mailbox.ts';
import { declineTraining } from '../../models/federated/workflow/participation.ts';
import { decodeAnswer, encodeAnswer, encodeMessage } from '../../models/federated/workflow/wire.ts';
import { codeOf, codeOfAsync } from '../support/error-code.ts';
import { createFederation, MINUTE_MS, type Federation } from '../support/federation.ts';
import { planOf, rowsOf, type Table } from '../support/federated.ts';

const table: Table = {
  keys: Array.from({ length: 60 }, (_, i) => `b${i}`), labels: Array.from({ length: 60 }, (_, i) => ((i * 7) % 10 > 4 ? 1 : 0)),
  values: Array.from({ length: 60 }, (_, i) => [i % 7, (i * 13) % 11, i % 4 === 0 ? NaN : (i * i) % 17]),
};
const NAMES = ['harbour', 'hill', 'north', 'south'] as const;
const membersOf = (site: number, sites: number): readonly number[] => table.keys.flatMap((_, i) => (i % sites === site ? [i] : []));
const cohorts = (sites: number): Readonly<Record<string, Rows>> => Object.fromEntries(NAMES.slice(0, sites).map((name, site) => [name, rowsOf(table, membersOf(site, sites))]));
const pooled = (plan: Plan, members = table.keys.map((_, i) => i)): string => modelFileOf(federate(plan, 1, plainSumming(plan, [new Cohort(plan, rowsOf(table, members))])));
const plan = planOf();
const actor = { kind: 'system', id: 'test', version: '1' } as const;

const started = async (sites = 3, own: Plan = plan): Promise<Federation> => {
  const network = createFederation(cohorts(sites));
  await network.start(own);
  return network;
};
/** Play minute after minute until something is so. */
const until = async (network: Federation, holds: (training: Training) => boolean): Promise<void> => {
  for (let minute = 0; minute < 200 && !holds(await network.state()); minute += 1) {
    await network.advance();
    if (holds(await network.state())) return;
    for (const node of network.nodes.values()) await node.participate();
    network.time.epochMs += MINUTE_MS;
  }
};
const answerKey = (nodeId: string, { round, attempt }: Readonly<{ round: number; attempt: number }>, step: Step): string => mailboxKey.answer(nodeId, 'TRN-1', { round, attempt }, step);
const typesOf = (events: readonly Readonly<{ type: string }>[]): readonly string[] => events.map(({ type }) => type);
const decline = (network: Federation, nodeId: string): Promise<unknown> => network.node(nodeId).records.change(nodeId, ({ state, position }) => declineTraining(state, 'TRN-1', {
  reason: 'not this one', sentSha256: sha256('declined'), signature: { signerId: 'p', printedName: 'P', signedAt: '2026-03-02T14:00:00Z', meaning: 'responsibility', signedVersion: position.version, signedHash: position.hash, reauthenticatedAt: '2026-03-02T14:00:00Z', reauthenticationId: 'r' },
}), { actor });
const declineAndTell = async (network: Federation, nodeId: string): Promise<void> => {
  network.node(nodeId).own.objects.set(`runs/TRN-1/sent/${sha256('declined')}`, Buffer.from('declined'));
  await decline(network, nodeId);
};

describe('a training over the network', () => {
  it.each(['forest', 'boosting'] as const)('gives the model file of the pooled rows, byte for byte: %s, three hospitals', async (method) => {
    const own = planOf({ method, minimumLeaf: 0.5, treeCount: 3 });
    const network = await started(3, own);
    expect((await network.run()).phase).toBe('finished');
    expect(await network.model()).toBe(pooled(own));
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
    for (const nodeId of NAMES.slice(0, 3)) expect((await network.node(nodeId).events()).at(-1)).toMatchObject({ type: 'training-ended', outcome: 'aborted', code: 'training-stopped' });
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
    expect(typesOf(await network.node('south').events())).toEqual(['training-invited', 'training-declined']);
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
    const sent = [...network.mailbox.objects.keys()].filter((key) => key.startsWith('answers/south/')).length;
    expect((await network.run()).phase).toBe('aborted');
    expect(await network.state()).toMatchObject({ code: 'training-declined' });
    expect([...network.mailbox.objects.keys()].filter((key) => key.startsWith('answers/south/')).length).toBe(sent + 1);
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
    expect(await network.node('south').events()).toMatchObject([{ type: 'training-invited' }, { type: 'training-refused', code }]);
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
    network.mailbox.objects.set(mailboxKey.forOne('hill', 'TRN-1', sha256(forged)), forged);
    network.mailbox.objects.set(BOARD, Buffer.from(JSON.stringify({ ...board, runs: [{ ...board.runs[0]!, attempt: { ...board.runs[0]!.attempt!, revealAskSha256: { hill: sha256(forged) } } }] })));
    await network.node('hill').participate();
    expect((await network.node('hill').events()).at(-1)).toMatchObject({ type: 'training-refused', code: 'training-round-stale' });
    expect(network.mailbox.objects.has(answerKey('hill', { round, attempt }, 'reveal'))).toBe(false);
  });
});

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
    network.time.epochMs += 31 * MINUTE_MS;
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
      const inMailbox = [...network.mailbox.objects].filter(([key]) => key.startsWith(`answers/${nodeId}/`)).map(([, body]) => sha256(body));
      const onRecord = here.flatMap((event) => ('sentSha256' in event ? [event.sentSha256] : []));
      expect(inMailbox.filter((hash) => !onRecord.includes(hash))).toEqual([]);
    }
  });
  it('holds no row key, no value and no secret; nor does anything in the mailbox', async () => {
    const network = createFederation(Object.fromEntries(Object.entries(cohorts(3)).map(([name, rows]) => [name, { ...rows, keys: rows.keys.map((key) => `record-of-${key}`) }])));
    await network.start(plan);
    await network.run();
    const secrets = [...network.nodes.values()].map(({ own }) => Buffer.from(own.objects.get('runs/TRN-1/secret')!).toString('base64'));
    const texts = [...network.mailbox.objects.values()].map((body) => Buffer.from(body).toString('latin1'));
    for (const node of network.nodes.values()) texts.push(JSON.stringify(await node.events()));
    for (const text of texts) {
      expect(text).not.toContain('record-of-');
      for (const secret of secrets) expect(text).not.toContain(secret);
    }
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

import { describe, expect, it } from 'vitest';
import { viewsOf } from '../../functions/_platform/restore/views.ts';
import { planHash } from '../../models/federated/plan.ts';
import { consentToTraining } from '../../models/federated/workflow/joining.ts';
import { readPartners } from '../../functions/_platform/training-partners.ts';
import { fingerprintOf, type Partners } from '../../models/federated/secure/keys.ts';
import { createOwnFiles } from '../../functions/federated/participate/own-files.ts';
import { requireStatement, type SignedStatement } from '../../models/federated/secure/statement.ts';
import type { ParticipationEvent } from '../../models/federated/workflow/participation.ts';
import { createNode } from '../support/node.ts';
import { PEOPLE } from '../support/people.ts';
import { MINUTE_MS, type Federation } from '../support/federation.ts';
import { sha256Hex } from '../../shared/record/chain.ts';
import { rowsOf } from '../support/federated.ts';
import { identitiesOf } from '../support/statements.ts';
import { codeOfAsync } from '../support/error-code.ts';
import { actor, declineAndTell, plan, pooled, started, table, typesOf } from '../support/training-play.ts';

const without = (network: Federation, ...gone: readonly string[]): Partners => new Map([...network.everybody].filter(([siteId]) => !gone.includes(siteId)));
const LIMIT = 120;

describe('a training over hospitals that did not all confirm each other', () => {
  it('goes on without the one nobody confirmed, with the model of the others, and says why', async () => {
    const network = await started(4);
    for (const nodeId of ['harbour', 'hill', 'north']) network.partners.set(nodeId, without(network, 'south'));
    expect((await network.run()).phase).toBe('finished');
    expect((await network.state()).left).toEqual({ south: 'training-partner-unconfirmed' });
    expect((await network.node('harbour').events()).find(({ type }) => type === 'training-joined')).toMatchObject({ unconfirmed: ['south'] });
  });
  it('waits, while joining is open, for people who confirm; without them it is refused by name, and ends', async () => {
    const network = await started(3);
    network.partners.set('hill', new Map());
    expect((await network.run((_, minute) => { if (minute === 90) network.partners.delete('hill'); return true; })).phase).toBe('finished');
    const alone = await started(3);
    alone.partners.set('hill', without(alone, 'north'));
    expect((await alone.run()).phase).toBe('aborted');
    expect((await alone.node('hill').events()).findLast(({ type }) => type !== 'training-cleared')).toMatchObject({ type: 'training-refused', code: 'training-partner-unconfirmed' });
    expect((await alone.state()).left).toMatchObject({ hill: 'training-partner-unconfirmed' });
    expect(alone.mailbox.objects.size).toBeGreaterThan(0);
    expect([...alone.mailbox.objects.keys()].filter((key) => key.endsWith('/answer'))).toEqual([]);
  });
  it('is not answered any more once a partner was taken back', async () => {
    const network = await started(3);
    const taken = await network.run(async () => {
      if ((await network.state()).status === 'running') network.partners.set('hill', without(network, 'north'));
      return true;
    });
    expect(taken.phase).toBe('aborted');
    expect((await network.node('hill').events()).map((event) => ('code' in event ? event.code : undefined))).toContain('training-partner-unconfirmed');
  });
});

describe('what people of a hospital decide on', () => {
  it('is on record with plan, purpose and whom it is with, before anything else', async () => {
    const network = await started(3);
    await network.advance();
    await network.node('hill').participate();
    expect((await network.node('hill').events())[0]).toMatchObject({ type: 'training-invited', title: 'Early failure', purpose: 'Warn on day 3', plan, invited: ['harbour', 'hill', 'north'] });
  });
  it('has an hour, however soon the coordinator would have it: a training that leaves less is refused by name', async () => {
    const network = await started(3);
    await network.run((_, minute) => minute < 60, 'TRN-1', 61).catch(() => undefined);
    expect(typesOf(await network.node('hill').events())).toEqual(['training-invited']);
    await network.start(plan, { runId: 'TRN-2', joinUntilEpochMs: network.time.epochMs + 59 * MINUTE_MS });
    expect((await network.run(undefined, 'TRN-2', LIMIT)).phase).toBe('aborted');
    expect((await network.state('TRN-2')).left).toMatchObject({ hill: 'training-time-too-short' });
  });
});

describe('a hospital that joins with a signed yes alone', () => {
  const yes = (network: Federation, meaning: 'approval' | 'review' = 'approval') => network.node('hill').records.change('hill', ({ state, position }) => consentToTraining(state, 'TRN-1', {
    signerId: 'p', printedName: 'P', signedAt: '2026-03-02T14:00:00Z', meaning, signedVersion: position.version, signedHash: position.hash, reauthenticatedAt: '2026-03-02T14:00:00Z', reauthenticationId: 'r',
  }), { actor });
  const asked = async (): Promise<Federation> => {
    const network = await started(3);
    network.consents.set('hill', 'signed');
    return network;
  };
  it('waits for it however long the others joined, and joins with it at once', async () => {
    const network = await asked();
    await network.run(undefined, 'TRN-1', 90).catch(() => undefined);
    expect([typesOf(await network.node('hill').events()), Object.keys((await network.state()).joined).toSorted()]).toEqual([['training-invited'], ['harbour', 'north']]);
    await yes(network);
    await network.node('hill').participate();
    expect(typesOf(await network.node('hill').events())).toEqual(['training-invited', 'training-consented', 'training-joined']);
    expect((await network.run()).phase).toBe('finished');
    expect(await network.model()).toBe(pooled(plan));
  });
  it('joins before the time to think is over, for somebody decided', async () => {
    const network = await asked();
    await network.run(undefined, 'TRN-1', 2).catch(() => undefined);
    await yes(network);
    await network.node('hill').participate();
    expect(typesOf(await network.node('hill').events())).toContain('training-joined');
  });
  it('refuses by name once joining ends without', async () => {
    const network = await asked();
    expect((await network.run()).phase).toBe('aborted');
    expect((await network.state()).left).toEqual({ hill: 'training-not-consented' });
    expect((await network.node('hill').events()).flatMap((event) => (event.type === 'training-refused' ? [event.code] : []))).toEqual(['training-not-consented']);
  });
  it('takes one yes, as approval, for a run that waits for it; and can decline after it', async () => {
    const network = await asked();
    await network.run(undefined, 'TRN-1', 2).catch(() => undefined);
    expect(await codeOfAsync(() => yes(network, 'review'))).toBe('signature-meaning-wrong');
    await yes(network);
    expect((await network.node('hill').events())[1]).toMatchObject({ type: 'training-consented', planHash: planHash(plan), signature: { signerId: 'p' } });
    expect(await codeOfAsync(() => yes(network))).toBe('training-round-stale');
    await declineAndTell(network, 'hill');
    await network.node('hill').participate();
    expect(typesOf(await network.node('hill').events())).not.toContain('training-joined');
  });
  it('is the exception: where people have time to think a yes is neither wanted nor taken', async () => {
    const network = await started(3);
    await network.run(undefined, 'TRN-1', 2).catch(() => undefined);
    expect(await codeOfAsync(() => yes(network))).toBe('training-round-stale');
  });
});

const { reviewer, scientist, regulator, operator } = PEOPLE;
const fingerprints = (node: ReturnType<typeof createNode>): Readonly<Record<string, string>> => Object.fromEntries([...node.network].map(([siteId, key]) => [siteId, fingerprintOf(key)]));
const confirming = (node: ReturnType<typeof createNode>, own: object = {}, version = 0, person = reviewer) =>
  node.call(person, 'POST /v1/training-partners', { body: { siteId: 'hill', fingerprint: fingerprints(node)['hill'], comparedBy: 'by telephone with J. Hill, number from the contract', ...own, signature: node.sign(person, 'approval', version) } });
const list = async (node: ReturnType<typeof createNode>) => (await node.ok(scientist, 'GET /v1/training-partners')) as { own: object; items: readonly Readonly<{ siteId: string; isConfirmed: boolean; version: number }>[] };

describe('a training partner', () => {
  it('is confirmed by quality, signed, by the fingerprint that its own people told; and counts from then on', async () => {
    const node = createNode();
    expect(await list(node)).toMatchObject({ own: { siteId: 'north', fingerprint: fingerprints(node)['north'] }, items: [{ siteId: 'harbour', isConfirmed: false, version: 0 }, { siteId: 'hill', isConfirmed: false, version: 0 }] });
    expect((await confirming(node)).body['events']).toEqual(['training-partner-confirmed']);
    expect((await list(node)).items.map(({ isConfirmed }) => isConfirmed)).toEqual([false, true]);
    expect([...await readPartners(node.operations, node.store)]).toEqual([['hill', fingerprints(node)['hill']]]);
  });
  it('is none with a fingerprint other than the directory\'s, out of the network, of oneself, or by who may not say so', async () => {
    const node = createNode();
    expect((await confirming(node, { fingerprint: 'ab'.repeat(32) })).code).toBe('training-partner-key-wrong');
    expect((await confirming(node, { siteId: 'moon' })).code).toBe('training-partner-unknown');
    expect((await confirming(node, { siteId: 'north', fingerprint: fingerprints(node)['north'] })).code).toBe('training-partner-unknown');
    expect((await confirming(node, {}, 0, scientist)).code).toBe('role-missing');
    expect((await confirming(node, { fingerprint: 'AB' })).code).toBe('request-malformed');
    expect(await node.store.load({ kind: 'training-partner', id: 'hill' })).toEqual([]);
  });
  it('is none any more with another key, nor once it is taken back; and everything stays to be read by who inspects', async () => {
    const node = createNode();
    await confirming(node);
    const key = node.network.get('hill')!;
    node.network.set('hill', node.network.get('harbour')!);
    expect((await list(node)).items.map(({ isConfirmed }) => isConfirmed)).toEqual([false, false]);
    node.network.set('hill', key);
    const withdraw = (version: number) => node.call(reviewer, 'POST /v1/training-partners/{siteId}/withdrawal', { path: { siteId: 'hill' }, body: { reason: 'left the network', signature: node.sign(reviewer, 'responsibility', version) } });
    expect((await withdraw(1)).body['events']).toEqual(['training-partner-withdrawn']);
    expect((await withdraw(2)).code).toBe('training-partner-unknown');
    expect([...await readPartners(node.operations, node.store)]).toEqual([]);
    const { items } = await node.ok(regulator, 'GET /v1/audit/training-partners') as { items: readonly Readonly<{ siteId: string; events: readonly Readonly<{ event: Readonly<{ type: string }> }>[] }>[] };
    expect(items.map(({ siteId, events }) => [siteId, events.map(({ event }) => event.type)])).toEqual([['hill', ['training-partner-confirmed', 'training-partner-withdrawn']]]);
  });
  it('comes back to the lists after a restore', async () => {
    const node = createNode();
    await confirming(node);
    expect(viewsOf({ kind: 'training-partner', id: 'hill' }, await node.store.load({ kind: 'training-partner', id: 'hill' }), node.now())[0]?.attributes).toMatchObject({ siteId: 'hill', isConfirmed: true });
  });
});

describe('trainings as a hospital shows them', () => {
  it('say what for, over what, with whom, whom nobody confirmed, and in full one by one', async () => {
    const node = createNode();
    await confirming(node);
    await node.participation.change('north', () => [{ type: 'training-invited', runId: 'TRN-1', title: 'Early failure', purpose: 'Warn on day 3', plan, planHash: 'ab', invited: ['harbour', 'hill', 'north'], joinUntilEpochMs: 2000, joinsAtEpochMs: 1000, receivedSha256: 'cd' }], { actor: { kind: 'system', id: 'test', version: '1' } });
    const run = { runId: 'TRN-1', title: 'Early failure', purpose: 'Warn on day 3', status: 'invited', method: 'forest', label: 'label', featureCount: 3, invited: ['harbour', 'hill', 'north'], unconfirmed: ['harbour'], joinsAt: '1970-01-01T00:00:01.000Z', joinUntil: '1970-01-01T00:00:02.000Z' };
    expect((await node.ok(scientist, 'GET /v1/trainings'))['items']).toEqual([run]);
    expect(await node.ok(scientist, 'GET /v1/trainings/{runId}', { path: { runId: 'TRN-1' } })).toEqual({ ...run, version: 1, plan, planHash: 'ab' });
    expect((await node.call(scientist, 'GET /v1/trainings/{runId}', { path: { runId: 'TRN-9' } })).code).toBe('training-not-found');
  });
  it('say whether they wait for a signed yes, which one of those gives who may decline', async () => {
    const node = createNode();
    await node.participation.change('north', () => [{ type: 'training-invited', runId: 'TRN-1', title: 'Early failure', purpose: 'Warn on day 3', plan, planHash: 'ab', invited: ['harbour', 'hill', 'north'], joinUntilEpochMs: 2000, joinsAtEpochMs: 1000, needsConsent: true, receivedSha256: 'cd' }], { actor: { kind: 'system', id: 'test', version: '1' } });
    const consenting = (person = reviewer, version = 1) => node.call(person, 'POST /v1/trainings/{runId}/consent', { path: { runId: 'TRN-1' }, body: { signature: node.sign(person, 'approval', version) } });
    const [run] = (await node.ok(scientist, 'GET /v1/trainings'))['items'] as object[];
    expect([run, 'joinsAt' in run!]).toMatchObject([{ status: 'invited', waitsForConsent: true }, false]);
    expect((await consenting(operator)).code).toBe('role-missing');
    expect((await consenting()).body['events']).toEqual(['training-consented']);
    expect((await node.ok(scientist, 'GET /v1/trainings'))['items']).toMatchObject([{ status: 'invited', waitsForConsent: false }]);
    expect((await consenting(reviewer, 2)).code).toBe('training-round-stale');
  });
  it.each([['nobody that rows were trained on, which were left out before the first sum', plan, undefined, 'training-not-found'], ['that they were where an answer is all there is: a run of one sum may be over before it confirms', { ...plan, method: 'monitoring' as const }, 200, undefined]] as const)('tell %s', async (_, own, status, code) => {
    const node = createNode();
    const files = createOwnFiles(node.trainingBucket, () => new Uint8Array(32));
    const of = { runId: 'TRN-1', receivedSha256: 'cd' };
    const numbered = rowsOf(table, [0, 1, 2, 3, 4, 5]);
    const cohortSha256 = await files.keepRows('TRN-1', { ...numbered, keys: numbered.keys.map(sha256Hex) });
    await node.participation.change('north', () => [
      { type: 'training-invited', ...of, title: 'Early failure', purpose: 'Warn on day 3', plan: own, planHash: 'ab', invited: ['harbour', 'hill', 'north'], joinUntilEpochMs: 2000, joinsAtEpochMs: 1000 },
      { type: 'training-joined', ...of, rows: 6, cohortDigest: 'a'.repeat(64), cohortSha256, unconfirmed: [], sentSha256: 'ef' },
      { type: 'training-answered', ...of, round: 0, attempt: 1, sentSha256: 'ef', cohorts: { harbour: 'h', hill: 'i', north: 'n' }, question: 'q', wordsSha256: 'w' },
      { type: 'training-ended', ...of, outcome: 'finished', modelSha256: 'b'.repeat(64) },
    ], { actor: { kind: 'system', id: 'test', version: '1' } });
    const told = await node.call(scientist, 'GET /v1/trainings/{runId}/data', { path: { runId: 'TRN-1' } });
    expect(code === undefined ? [told.status, 'statement' in told.body] : told.code).toEqual(code ?? [status, true]);
  });
  it('tell who makes the manifest what was trained on; signed, with run and file, once the hospital heard that it is finished', async () => {
    const node = createNode();
    const asked = () => node.call(scientist, 'GET /v1/trainings/{runId}/data', { path: { runId: 'TRN-1' } });
    const put = (...events: readonly ParticipationEvent[]) => node.participation.change('north', () => events, { actor: { kind: 'system', id: 'test', version: '1' } });
    expect((await asked()).code).toBe('training-not-found');
    const numbered = rowsOf(table, [0, 1, 2, 3, 4, 5]);
    const rows = { ...numbered, keys: numbered.keys.map(sha256Hex) };
    const files = createOwnFiles(node.trainingBucket, () => new Uint8Array(32));
    const joined = { rows: 6, cohortDigest: 'a'.repeat(64), cohortSha256: await files.keepRows('TRN-1', rows), unconfirmed: [], receivedSha256: 'cd', sentSha256: 'ef' };
    await put({ type: 'training-invited', runId: 'TRN-1', title: 'Early failure', purpose: 'Warn on day 3', plan, planHash: 'ab', invited: ['harbour', 'hill', 'north'], joinUntilEpochMs: 2000, joinsAtEpochMs: 1000, receivedSha256: 'cd' }, { type: 'training-joined', runId: 'TRN-1', ...joined });
    const told = { nodeId: 'north', rowsSha256: joined.cohortDigest, recordDigests: [...rows.keys], positives: [...rows.labels].filter((label) => label === 1).length };
    expect((await asked()).body).toEqual(told);
    const answered = { runId: 'TRN-1', round: 0, attempt: 1, receivedSha256: 'cd', sentSha256: 'ef' };
    await put({ type: 'training-answered', ...answered, cohorts: { harbour: 'h', hill: 'i', north: 'n' }, question: 'q', wordsSha256: 'w' }, { type: 'training-confirmed', ...answered });
    await put({ type: 'training-ended', runId: 'TRN-1', outcome: 'finished', receivedSha256: 'cd', modelSha256: 'b'.repeat(64) });
    const { body } = await asked();
    const statement = body['statement'] as SignedStatement;
    expect(() => { requireStatement('north', statement, identitiesOf('north')); }).not.toThrow();
    expect(JSON.parse(statement.text)).toEqual({ kind: 'model-data', role: 'training', label: 'label', ...told, training: { runId: 'TRN-1', artefactSha256: 'b'.repeat(64) } });
  });
});

import { createHash, createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { columnsOf } from '../../functions/_platform/training-rows.ts';
import { Cohort } from '../../models/federated/cohort.ts';
import { bootstrapWeights } from '../../models/federated/draws.ts';
import { federate, plainSumming } from '../../models/federated/federation.ts';
import { modelFileOf } from '../../models/federated/model-text.ts';
import { monitoringPlan, type Plan } from '../../models/federated/plan.ts';
import type { Rows } from '../../models/federated/rows.ts';
import { sha256 } from '../../models/federated/secure/messages.ts';
import { decodeRows, encodeRows } from '../../models/federated/workflow/stored.ts';
import type { ParticipationEvent } from '../../models/federated/workflow/participation.ts';
import { parseXgboostJson } from '../../models/forest/xgboost-json.ts';
import { createFederation, type Federation } from '../support/federation.ts';
import { planOf } from '../support/federated.ts';
import { createNode, type TestNode } from '../support/node.ts';
import { PEOPLE } from '../support/people.ts';
import { pastBatches } from '../support/training-data.ts';
import { actor, until } from '../support/training-play.ts';

const FEATURES = ['a', 'b', 'c'];
const HOSPITALS = ['harbour', 'hill', 'north'] as const;
const COUNT = 40;
const plan = planOf({ label: 'failed', splits: 'foreseen', treeCount: 20 });
const pastRows = (nodeId: string, from = 0) => Array.from({ length: COUNT }, (_, i) => ({ recordId: `${nodeId}-${from + i}`, label: (i * 7) % 10 > 4 ? 1 : 0, values: [i % 7, (i * 13) % 11, i % 4 === 0 ? null : (i * i) % 17] }));

/** A hospital into which its past batches were imported, with what its function takes for a training. */
const hospitalOf = async (nodeId: string): Promise<Readonly<{ node: TestNode; rows: Rows }>> => {
  const node = createNode();
  // Its own record key: what hospitals of tests draw is the same for all of them.
  node.trainingBucket.objects.set('record-key', createHash('sha256').update(`key of ${nodeId}`).digest());
  const { status } = await pastBatches(() => node).importing({ features: FEATURES, rows: pastRows(nodeId) });
  expect(status).toBe(201);
  return { node, rows: columnsOf(await node.trainingRows.rowsOf('training', plan), FEATURES) };
};
const hospitals = async (): Promise<Readonly<Record<string, Awaited<ReturnType<typeof hospitalOf>>>>> => Object.fromEntries(await Promise.all(HOSPITALS.map(async (nodeId) => [nodeId, await hospitalOf(nodeId)] as const)));

/** What people of a hospital are told of a run, signed for: the network's part of it is put before the function that tells. */
const told = async ({ own, events }: ReturnType<Federation['node']>, node: TestNode): Promise<Readonly<{ recordDigests: readonly string[]; rowsSha256: string; statement: Readonly<{ text: string }> }>> => {
  for (const [key, body] of own.objects) node.trainingBucket.objects.set(key, body);
  const happened = await events();
  await node.participation.change('north', () => happened, { actor });
  return await node.ok(PEOPLE.scientist, 'GET /v1/trainings/{runId}/data', { path: { runId: 'TRN-1' } }) as never;
};

const modelOver = (cohorts: readonly Rows[]): string => modelFileOf(federate(plan, cohorts.length, plainSumming(plan, cohorts.map((rows) => new Cohort(plan, rows)))));
/** Weight of the root of each tree, as the model has it. */
const rootsOf = (file: string): readonly number[] => parseXgboostJson(file).trees.map(({ cover }) => cover[0]!);
/** The same as somebody counts it who believes that draws hang on these keys. */
const rootsBy = (keys: readonly string[]): readonly number[] => {
  const weights = bootstrapWeights(plan.seed, keys, plan.treeCount);
  return Array.from({ length: plan.treeCount }, (_, tree) => keys.reduce((sum, __, row) => sum + weights[row * plan.treeCount + tree]!, 0));
};

describe('what draws of rows hang on', () => {
  it('is in nothing that leaves a hospital in a training, from the invitation to the signed statement', async () => {
    const all = await hospitals();
    const network = createFederation(Object.fromEntries(HOSPITALS.map((nodeId) => [nodeId, all[nodeId]!.rows])));
    await network.start(plan);
    expect((await network.run()).phase).toBe('finished');
    const { node, rows } = all['north']!;
    const answer = await told(network.node('north'), node);
    const runs = await node.ok(PEOPLE.scientist, 'GET /v1/trainings');
    const left = [
      JSON.stringify([answer, runs, await network.events(), await Promise.all(HOSPITALS.map((nodeId) => network.node(nodeId).events()))]),
      ...[network.mailbox, network.models].flatMap(({ objects }) => [...objects].map(([key, body]) => `${key} ${Buffer.from(body).toString('latin1')}`)),
    ].join('\n');
    // What is looked for can be found: the names are told, the answers lie there, and the hospital's own bucket holds both.
    expect(rows.keys.filter((name) => !left.includes(name))).toEqual([]);
    expect([...network.mailbox.objects.keys()].filter((key) => key.startsWith('answers/') && key.includes('/north/')).length).toBeGreaterThan(3 * plan.depth);
    const kept = [...network.node('north').own.objects.values()].map((body) => Buffer.from(body).toString('latin1')).join('\n');
    for (const { rows: { drawKeys = [] } } of Object.values(all)) {
      expect(new Set(drawKeys).size).toBe(COUNT);
      const written = drawKeys.flatMap((key) => [key, Buffer.from(key).toString('base64'), ...(['latin1', 'base64', 'base64url'] as const).map((encoding) => Buffer.from(key, 'hex').toString(encoding))]);
      expect(written.filter((text) => left.includes(text))).toEqual([]);
    }
    expect(rows.drawKeys!.filter((key) => !kept.includes(key))).toEqual([]);
  });
  it('is not what hospitals tell: weights made of published digests are not those of the model, nor is its file', async () => {
    const all = await hospitals();
    const network = createFederation(Object.fromEntries(HOSPITALS.map((nodeId) => [nodeId, all[nodeId]!.rows])));
    await network.start(plan);
    await network.run();
    const file = await network.model();
    const cohorts = HOSPITALS.map((nodeId) => all[nodeId]!.rows);
    const published = [...(await told(network.node('north'), all['north']!.node)).recordDigests, ...HOSPITALS.slice(0, 2).flatMap((nodeId) => all[nodeId]!.rows.keys)];
    expect(rootsOf(file)).toEqual(rootsBy(cohorts.flatMap(({ drawKeys }) => drawKeys!)));
    expect(rootsOf(file).filter((weight, tree) => weight === rootsBy(published)[tree]).length).toBeLessThan(plan.treeCount / 2);
    expect(file).toBe(modelOver(cohorts));
    expect(file).not.toBe(modelOver(cohorts.map((rows) => ({ ...rows, drawKeys: rows.keys }))));
  });
  it('is the same each time for a record, another for each, another under another hospital\'s key, and never its name', async () => {
    const { node, rows } = await hospitalOf('north');
    expect(columnsOf(await node.trainingRows.rowsOf('training', plan), ['c', 'a'])).toMatchObject({ keys: rows.keys, drawKeys: rows.drawKeys });
    expect(new Set([...rows.keys, ...rows.drawKeys!]).size).toBe(2 * COUNT);
    for (const key of rows.drawKeys!) expect(key).toMatch(/^[0-9a-f]{64}$/u);
    node.trainingBucket.objects.set('record-key', Buffer.alloc(32, 1));
    expect(columnsOf(await node.trainingRows.rowsOf('training', plan), FEATURES)).toMatchObject({ keys: rows.keys });
    expect(columnsOf(await node.trainingRows.rowsOf('training', plan), FEATURES).drawKeys!.filter((key) => rows.drawKeys!.includes(key))).toEqual([]);
  });
  it('can not be had as the name of a record that somebody makes up', async () => {
    const { node, rows } = await hospitalOf('north');
    const name = rows.keys[0]!;
    const made = ['bedside/draws/1', 'bedside/draws/1'.concat(name), `bedside/draws/1/${name}`, name];
    const named = await node.trainingRows.digests(made);
    const second = named.flatMap((digest) => [Buffer.from(digest, 'hex'), digest].map((key) => createHmac('sha256', key).update(name).digest('hex')));
    expect(rows.drawKeys!.filter((key) => [...named, ...second].includes(key))).toEqual([]);
  });
});

describe('rows that were kept for a training before there were draw keys', () => {
  /** As an earlier version left them: names alone, and that on record. */
  const makeOld = async ({ own, store, table, events }: ReturnType<Federation['node']>): Promise<void> => {
    const happened = await events();
    const joined = happened.find((event) => event.type === 'training-joined')!;
    const rows: Rows = { ...decodeRows(own.objects.get(`runs/TRN-1/rows/${joined.cohortSha256}`)!), drawKeys: undefined };
    const [bytes, { digest }] = [encodeRows(rows), new Cohort(MONITORING, rows)];
    own.objects.set(`runs/TRN-1/rows/${sha256(bytes)}`, bytes);
    table.clear();
    const changed = happened.map((event): ParticipationEvent => (event.type === 'training-joined' ? { ...event, cohortSha256: sha256(bytes), cohortDigest: digest } : event));
    for (const [i, event] of changed.entries()) await store.write(store.plan({ stream: { kind: 'training', id: 'north' }, expectedVersion: i, previousHash: await headOf(store), previousRecordedAt: undefined, events: [event], actor }), []);
  };
  const headOf = async (store: ReturnType<Federation['node']>['store']): Promise<string> => (await store.load({ kind: 'training', id: 'north' })).at(-1)?.hash ?? '0'.repeat(64);
  const MONITORING = monitoringPlan({ variables: FEATURES.map((name) => ({ name, low: -50, high: 50 })), label: 'failed', components: 2, rowLimit: 1000 });
  const endOf = async (own: Plan, when: Parameters<typeof until>[1]) => {
    const all = await hospitals();
    const network = createFederation(Object.fromEntries(HOSPITALS.map((nodeId) => [nodeId, all[nodeId]!.rows])));
    await network.start(own);
    await until(network, when);
    await makeOld(network.node('north'));
    const sent = (await network.node('north').events()).filter(({ type }) => type === 'training-answered').length;
    const { phase } = await network.run();
    const events = await network.node('north').events();
    return { phase, state: await network.state(), refused: events.flatMap((event) => (event.type === 'training-refused' ? [event.code] : [])), answeredLater: events.filter(({ type }) => type === 'training-answered').length - sent };
  };
  it('end a forest that is under way: the hospital lets nothing more out, and says why', async () => {
    const { phase, state, refused, answeredLater } = await endOf(plan, ({ round }) => round === 2);
    expect([phase, answeredLater]).toEqual(['aborted', 0]);
    expect(new Set(refused)).toEqual(new Set(['training-data-malformed']));
    expect(state.reason).toContain('north');
  });
  it('train on what draws nothing of rows', async () => {
    const { phase, refused, answeredLater } = await endOf(MONITORING, ({ attempt }) => attempt !== undefined);
    expect([phase, refused, answeredLater]).toEqual(['finished', [], 1]);
  });
});

import type { Context, DynamoDBRecord, EventBridgeEvent } from 'aws-lambda';
import { beforeEach, describe, expect, it } from 'vitest';
import { createNodeRecords } from '../../functions/_platform/node-records.ts';
import { MODEL_USE_EVENT, ModelUseSchema, NODE_KEYS_EVENT, networkKeyOf, NetworkStatusSchema, type ModelUseMessage, type NetworkStatusMessage } from '../../functions/_platform/network-status.ts';
import { createHandler as createIntake } from '../../functions/status-intake/handler.ts';
import { createHandler as createPublisher } from '../../functions/status-publisher/handler.ts';
import type { NetworkStatus } from '../../shared/batch/status.ts';
import type { ModelRecordEvent } from '../../shared/model-registry/node-record.ts';
import { canonicalJson } from '../../shared/record/canonical-json.ts';
import { witnessTableKey } from '../../functions/_platform/directory.ts';
import type { DirectoryEntry } from '../../shared/audit-log/directory.ts';
import { createControlSite, NODES, type ControlSite } from '../support/control-site.ts';
import { advance, createJourney, equip, type Journey } from '../support/journey.ts';
import { createNode, type TestNode } from '../support/node.ts';
import { ARTEFACT, MODEL_ID, QUALITY } from '../support/model-fixtures.ts';
import { PEOPLE } from '../support/people.ts';
import { siteKeys } from '../support/site-keys.ts';
import { streamRecord } from '../support/stream-record.ts';

const CONTEXT = { awsRequestId: 'r-1' } as Context;
const AT = '2026-03-02T14:05:09.120Z';
const status = (own: Partial<NetworkStatusMessage> = {}): NetworkStatusMessage =>
  ({ nodeId: 'north', batchId: 'north-20260302-000000', productId: 'p', state: 'running', openDeviationCount: 0, currentPhaseIds: ['culture'], version: 3, at: AT, ...own });

describe('a node tells the network', () => {
  let node: TestNode;
  let journey: Journey;
  const sent: NetworkStatus[] = [];
  const told: unknown[] = [];
  const bus: { isDown: boolean } = { isDown: false };
  /** Another function: it has its own copy of the records. */
  const publisher = () => createPublisher({
    nodeId: 'north', batches: createNodeRecords(node.store).batches, models: createNodeRecords(node.store).models,
    publishUse: (use) => { told.push(use); return Promise.resolve(); },
    publish: (each) => {
      if (bus.isDown) return Promise.reject(new Error('the bus is down'));
      sent.push(each);
      return Promise.resolve();
    },
  });
  const recordsOf = async (): Promise<readonly DynamoDBRecord[]> => (await node.store.load({ kind: 'batch', id: journey.batchId })).map(streamRecord);
  beforeEach(async () => {
    node = createNode();
    sent.length = 0;
    told.length = 0;
    bus.isDown = false;
    await equip(node);
    journey = await advance(await createJourney(node), 'culturing');
  });

  it('where a batch stands after each event, and nothing else', async () => {
    const records = await recordsOf();
    expect(await publisher()({ Records: [...records] }, CONTEXT)).toEqual({ batchItemFailures: [] });
    expect(sent).toHaveLength(records.length);
    expect(sent.at(-1)).toEqual({ nodeId: 'north', batchId: journey.batchId, productId: 'test-product', state: 'running', openDeviationCount: 0, currentPhaseIds: ['culture'], version: records.length, at: AT });
    for (const each of sent) expect(() => NetworkStatusSchema.parse(each)).not.toThrow();
  });
  it('the same whatever order a restore puts the events back in: the latest version, at its time', async () => {
    node.time.epochMs += 60_000;
    await advance(journey, 'valued', 'culturing');
    const records = await recordsOf();
    await publisher()({ Records: [...records] }, CONTEXT);
    const said = sent.splice(0);
    await publisher()({ Records: [...records.slice(1), records[0]!] }, CONTEXT);
    expect(sent).toEqual(said);
    expect(sent.at(-1)).toMatchObject({ version: records.length, at: new Date(node.time.epochMs).toISOString() });
  });
  it('no chain of identity, no name, no value, no reason', async () => {
    await publisher()({ Records: [...await recordsOf()] }, CONTEXT);
    for (const secret of [journey.chainOfIdentityId, journey.patientLot, 'Anna Operator', 'op-1', 'MED-1']) expect(JSON.stringify(sent)).not.toContain(secret);
  });
  it('nothing of other items of the table, or of what is removed', async () => {
    const [first] = await recordsOf();
    const others = [{ ...first!, eventName: 'REMOVE' as const }, { eventName: 'INSERT' as const, dynamodb: { SequenceNumber: '9', NewImage: { pk: { S: 'READ#2026-03-02' }, sk: { S: 'EVENT#000000001' } } } }, streamRecord((await node.store.load({ kind: 'material-lot', id: 'MED-1' }))[0]!)];
    expect(await publisher()({ Records: others }, CONTEXT)).toEqual({ batchItemFailures: [] });
    expect(sent).toEqual([]);
  });
  it('how a model fares here, by rule and state; no word, name or count of anybody', async () => {
    const stream = { kind: 'model-record', id: MODEL_ID } as const;
    const record = (...events: readonly ModelRecordEvent[]) => node.records.models.change(MODEL_ID, () => events, { actor: { kind: 'system', id: 'test', version: '1' } });
    const tell = async () => publisher()({ Records: [...(await node.store.load(stream)).map(streamRecord)] }, CONTEXT);
    const of = { modelId: MODEL_ID, version: 1, runId: 'own-v1-2026-03-05' };
    const signature = QUALITY('review').signature;
    await record({ type: 'model-record-taken', record: { modelId: MODEL_ID, version: 1, productId: 'p', output: 'early-failure', artefactSha256: ARTEFACT, state: 'active', inputs: [], undecided: { errorRate: 0.1 } } });
    await tell();
    expect(told).toEqual([]);
    await record({ type: 'model-drift-judged-here', ...of, to: AT, cases: 61, decision: 'suspend', detail: 'lowest pH of 61', notJudged: [], countsSha256: 'a'.repeat(64) }, { type: 'model-deviation-raised-here', ...of, rule: 'input-drift', severity: 'major', detail: 'lowest pH of 61', askedOf: ['quality-reviewer'] }, { type: 'model-use-stopped-here', ...of, reason: 'lowest pH of 61', by: 'rule' });
    await record({ type: 'model-drift-assessed-here', ...of, acceptable: true, impact: 'none on batch 61', rootCause: 'a new probe', signature });
    expect(await tell()).toEqual({ batchItemFailures: [] });
    expect(told.at(-1)).toEqual({ nodeId: 'north', modelId: MODEL_ID, version: 5, at: node.now().toISOString(), versions: [{ version: 1, stoppedBy: 'rule', judged: 'suspend', deviations: [{ runId: of.runId, rule: 'input-drift', severity: 'major', finding: 'acceptable' }], assessments: [] }] });
    for (const secret of ['61', 'probe', signature.printedName, signature.signerId, 'lowest']) expect(JSON.stringify(told)).not.toContain(secret);
    expect(() => ModelUseSchema.parse(told.at(-1))).not.toThrow();
    expect(sent).toEqual([]);
  });
  it('in order: what could not be sent comes again, with all after it', async () => {
    const records = await recordsOf();
    bus.isDown = true;
    expect(await publisher()({ Records: [...records] }, CONTEXT)).toEqual({ batchItemFailures: [{ itemIdentifier: records[0]!.dynamodb!.SequenceNumber }] });
  });
  it('of an event item without an event that it failed', async () => {
    const [first] = await recordsOf();
    const { body: _, ...image } = first!.dynamodb!.NewImage!;
    expect((await publisher()({ Records: [{ ...first!, dynamodb: { ...first!.dynamodb, NewImage: image } }] }, CONTEXT)).batchItemFailures).toHaveLength(1);
  });
});

describe('the control site takes in', () => {
  const kept: unknown[] = [];
  const sites: DirectoryEntry[] = [];
  const intake = createIntake({
    nodeOf: (account, region, claimed) => NODES.find((each) => each.id === claimed && each.account === account && each.region === region)?.id,
    keep: (key, message) => { kept.push([key, message]); return Promise.resolve(); }, seen: (key, at) => { kept.push([key, at]); return Promise.resolve(); },
    sites: () => Promise.resolve(sites), keepAnnounced: (key, announced) => { kept.push([key, announced]); return Promise.resolve(); },
  });
  const event = (detail: unknown, account = '111111111111', region = 'eu-west-2') => ({ account, region, detail }) as EventBridgeEvent<string, unknown>;
  beforeEach(() => { kept.length = 0; });

  it('a status from the account and region of its hospital', async () => {
    await intake(event(status()), CONTEXT);
    expect(kept).toEqual([[networkKeyOf.batch('north', 'north-20260302-000000'), status()], [networkKeyOf.node('north'), AT]]);
  });
  const keyEvent = (detail: object, account = '111111111111') => ({ account, region: 'eu-west-2', time: AT, 'detail-type': NODE_KEYS_EVENT.detailType, detail }) as unknown as EventBridgeEvent<string, unknown>;
  const keys = { nodeId: 'north', ...siteKeys('north'), apiUrl: 'https://north.example' };
  const use: ModelUseMessage = { nodeId: 'north', modelId: MODEL_ID, version: 5, at: AT, versions: [{ version: 1, stoppedBy: 'rule', deviations: [{ runId: 'own-v1', rule: 'input-drift', severity: 'major', finding: 'open' }], assessments: [] }] };
  const useEvent = (own: object = {}, account = '111111111111') => ({ account, region: 'eu-west-2', time: AT, 'detail-type': MODEL_USE_EVENT.detailType, detail: { ...use, ...own } }) as unknown as EventBridgeEvent<string, unknown>;
  it('how a model fares at a hospital, from its account and region', async () => {
    await intake(useEvent(), CONTEXT);
    expect(kept).toEqual([[networkKeyOf.modelUse(MODEL_ID, 'north'), use]]);
  });
  it.each([['of another hospital', useEvent({}, '222222222222')], ['with words of somebody', useEvent({ reason: 'a new probe' })], ['of a model whose name is a key', useEvent({ modelId: 'a#b' })], ['with a finding nobody knows', useEvent({ versions: [{ ...use.versions[0], judged: 'fine' }] })]])('no use of a model %s', async (_, each) => {
    await expect(intake(each, CONTEXT)).rejects.toThrow();
    expect(kept).toEqual([]);
  });
  it('the keys of a hospital from its account and region, and from no other', async () => {
    await intake(keyEvent(keys), CONTEXT);
    await expect(intake(keyEvent(keys, '222222222222'), CONTEXT)).rejects.toThrow('not that node');
    expect(kept).toEqual([[networkKeyOf.announced('north'), { ...keys, at: AT }]]);
  });
  it('no keys that are another hospital\'s, and none that differ from the registered ones, which it names', async () => {
    await expect(intake(keyEvent({ ...keys, logKey: siteKeys('hill').logKey }), CONTEXT)).rejects.toThrow(/^north: got a key .*bedside\.network\/hill/);
    await expect(intake(keyEvent({ ...keys, apiUrl: 'ftp://north' }), CONTEXT)).rejects.toThrow(/apiUrl/);
    sites.push({ siteId: 'north', ...siteKeys('north') });
    await expect(intake(keyEvent({ ...keys, ...siteKeys('north', 2) }), CONTEXT)).rejects.toThrow(/^north: got other keys than the registered/);
    expect(kept).toEqual([]);
    sites.length = 0;
  });
  it.each([
    ['from another hospital\'s account', event(status(), '222222222222')], ['from another region', event(status(), '111111111111', 'eu-central-1')], ['of a stranger', event(status({ nodeId: 'nowhere' }))],
    ['with a chain of identity', event({ ...status(), chainOfIdentityId: 'CABCDEFGHJKY' })], ['without a version', event({ ...status(), version: undefined })], ['with an unknown state', event({ ...status(), state: 'done' })],
  ])('no status %s', async (_, each) => {
    await expect(intake(each, CONTEXT)).rejects.toThrow();
    expect(kept).toEqual([]);
  });
});

describe('the coordinator', () => {
  let site: ControlSite;
  beforeEach(() => { site = createControlSite(); });

  it('sees each hospital, when it was last heard of, and how many batches it has', async () => {
    await site.keep(status());
    await site.keep(status({ batchId: 'north-20260303-000000' }));
    await site.operations.put(networkKeyOf.node('north'), { lastEventAt: AT });
    expect((await site.call(PEOPLE.coordinator, 'GET /v1/nodes')).body).toEqual({ items: [
      { nodeId: 'north', name: 'North Hospital', country: 'GB', region: 'eu-west-2', lastEventAt: AT, batchCount: 2 }, { nodeId: 'hill', name: 'Hill Hospital', region: 'eu-central-1', batchCount: 0 },
    ] });
  });
  it('sees the checkpoints it has cosigned for a hospital, the newest first, and none of a hospital it does not have', async () => {
    const checkpoint = (size: number) => ({ size, root: 'a'.repeat(64), at: AT, checkpoint: `bedside.network/north\n${size}\n`, cosignature: '— control x' });
    for (const size of [9, 10]) await site.witnessTable.put(witnessTableKey.checkpoint('north', size), { nodeId: 'north', ...checkpoint(size) });
    expect((await site.call(PEOPLE.coordinator, 'GET /v1/nodes/{nodeId}/checkpoints', { path: { nodeId: 'north' } })).body).toEqual({ items: [checkpoint(10), checkpoint(9)] });
    expect((await site.call(PEOPLE.coordinator, 'GET /v1/nodes/{nodeId}/checkpoints', { path: { nodeId: 'nowhere' } })).body).toMatchObject({ type: '/problems/node-not-found' });
  });
  it('sees the batches of one hospital, page by page, and never a field that is not status', async () => {
    for (const day of [1, 2, 3]) await site.operations.put(networkKeyOf.batch('north', `north-2026030${day}-000000`), { ...status({ batchId: `north-2026030${day}-000000`, ...(day === 3 ? { disposition: 'release' } : {}) }), chainOfIdentityId: 'CABCDEFGHJKY' });
    await site.keep(status({ nodeId: 'hill', batchId: 'hill-20260302-000000' }));
    const first = await site.call(PEOPLE.coordinator, 'GET /v1/batches', { query: { nodeId: 'north', limit: '2' } });
    const rest = await site.call(PEOPLE.coordinator, 'GET /v1/batches', { query: { nodeId: 'north', limit: '2', cursor: String(first.body['nextCursor']) } });
    expect([...first.body['items'] as object[], ...rest.body['items'] as object[]]).toEqual([1, 2, 3].map((day) => status({ batchId: `north-2026030${day}-000000`, ...(day === 3 ? { disposition: 'release' } : {}) })));
    expect((await site.call(PEOPLE.coordinator, 'GET /v1/batches', { query: { nodeId: 'hill', cursor: String(first.body['nextCursor']) } })).code).toBe('cursor-malformed');
  });
  it('shows a regulator the hospitals and products of a grant, as if there were no others', async () => {
    for (const day of [1, 2, 3]) await site.keep(status({ batchId: `north-2026030${day}-000000`, productId: day === 2 ? 'other' : 'p' }));
    await site.keep(status({ nodeId: 'hill', batchId: 'hill-20260302-000000' }));
    await site.witnessTable.put(witnessTableKey.checkpoint('hill', 9), { size: 9, root: 'a'.repeat(64), at: AT, checkpoint: 'c', cosignature: 's' });
    const grant = (grantId: string, own: object) => site.call(PEOPLE.coordinator, 'POST /v1/audit-grants', {
      body: { grantId, login: 'REG-1', from: '2026-03-01T00:00:00Z', until: '2026-04-01T00:00:00Z', reason: 'inspection', ...own, signature: site.sign(PEOPLE.coordinator, 'approval', 0) },
    });
    const ask = (route: string, query: Readonly<Record<string, string>> = {}, path = {}) => site.call(PEOPLE.regulator, route, { query, path });
    expect((await ask('GET /v1/nodes')).code).toBe('audit-grant-missing');
    await grant('A', { nodeIds: ['north'], productIds: ['p'] });
    expect((await ask('GET /v1/nodes')).body['items']).toMatchObject([{ nodeId: 'north', batchCount: 2 }]);
    const first = await ask('GET /v1/batches', { nodeId: 'north', limit: '1' });
    const rest = await ask('GET /v1/batches', { nodeId: 'north', limit: '1', cursor: String(first.body['nextCursor']) });
    expect([...first.body['items'] as { batchId: string }[], ...rest.body['items'] as { batchId: string }[]].map(({ batchId }) => batchId)).toEqual(['north-20260301-000000', 'north-20260303-000000']);
    expect(rest.body['nextCursor']).toBeUndefined();
    expect((await ask('GET /v1/batches', { nodeId: 'hill' })).body).toEqual((await ask('GET /v1/batches', { nodeId: 'nowhere' })).body);
    const checkpoints = async (nodeId: string) => JSON.stringify((await ask('GET /v1/nodes/{nodeId}/checkpoints', {}, { nodeId })).body).replaceAll(nodeId, '<node>');
    expect(await checkpoints('hill')).toBe(await checkpoints('nowhere'));
    await grant('B', { nodeIds: ['hill'] });
    expect((await ask('GET /v1/nodes/{nodeId}/checkpoints', {}, { nodeId: 'hill' })).body['items']).toHaveLength(1);
    site.time.epochMs = Date.parse('2026-04-01T00:00:00Z');
    expect((await ask('GET /v1/nodes')).code).toBe('audit-grant-missing');
  });
  it('shows a regulator with any grant the witness keys of all sites, of covered hospitals the rest, and who waits never', async () => {
    for (const { id } of NODES) await site.operations.put(networkKeyOf.announced(id), { nodeId: id, ...siteKeys(id), apiUrl: `https://${id}.example`, at: AT });
    const directory = async (person = PEOPLE.regulator) => (await site.call(person, 'GET /v1/directory')).body as { sites: readonly Readonly<{ siteId: string }>[]; announced: readonly unknown[] };
    await site.call(PEOPLE.coordinator, 'POST /v1/nodes/{nodeId}/registration', { path: { nodeId: 'north' }, body: siteKeys('north') });
    expect((await directory(PEOPLE.coordinator)).announced).toHaveLength(1);
    expect((await site.call(PEOPLE.regulator, 'GET /v1/directory')).code).toBe('audit-grant-missing');
    await site.call(PEOPLE.coordinator, 'POST /v1/nodes/{nodeId}/registration', { path: { nodeId: 'hill' }, body: siteKeys('hill') });
    await site.call(PEOPLE.coordinator, 'POST /v1/audit-grants', {
      body: { grantId: 'A', login: 'REG-1', nodeIds: ['north'], from: '2026-03-01T00:00:00Z', until: '2026-04-01T00:00:00Z', reason: 'inspection', signature: site.sign(PEOPLE.coordinator, 'approval', 0) },
    });
    const { sites: all } = await directory(PEOPLE.coordinator);
    const { sites } = await directory();
    const of = (id: string, list: readonly Readonly<{ siteId: string }>[]) => list.find(({ siteId }) => siteId === id);
    expect([of('control', sites), of('north', sites)]).toEqual([of('control', all), of('north', all)]);
    expect(Object.keys(of('hill', sites)!).toSorted()).toEqual(['registeredAt', 'registeredBy', 'siteId', 'witnessKey']);
    expect(of('hill', sites)).toMatchObject({ witnessKey: siteKeys('hill').witnessKey });
  });
  it('is not an operator', async () => { expect((await site.call(PEOPLE.operator, 'GET /v1/nodes')).code).toBe('role-missing'); });
});

it('a stream record of the tests is as the table writes it', async () => {
  const node = createNode();
  await equip(node);
  const [first] = await node.store.load({ kind: 'person', id: 'op-1' });
  expect(streamRecord(first!).dynamodb?.NewImage?.['body']?.S).toBe(canonicalJson(first));
});

import { beforeEach, describe, expect, it, vi } from 'vitest';
import { CONTRACTS } from '../../functions/api-document/documents.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { CONTENT, NOW } from '../support/batch-fixtures.ts';
import { createControlSite, type ControlSite } from '../support/control-site.ts';
import { MODEL_ID, TEST_TERMS } from '../support/model-fixtures.ts';
import { createRegistry, upTo } from '../support/model-registry.ts';
import { PEOPLE, type TestPerson } from '../support/people.ts';

const { regulator, scientist, reviewer, coordinator } = PEOPLE;
const READ_ROUTES = CONTRACTS.network.filter(({ method, roles }) => method === 'GET' && roles.includes('regulator'));
const NAMED: Readonly<Record<string, string>> = { masterBatchRecordId: 'MBR-1', modelId: MODEL_ID, version: '1', testDataId: TEST_TERMS.testDataId, runId: 'RUN-1', nodeId: 'north' };
const ABSENT: Readonly<Record<string, string>> = { masterBatchRecordId: 'MBR-9', modelId: 'no-model', version: '1', testDataId: 'no-data', runId: 'RUN-9', nodeId: 'nowhere' };
const iso = (epochMs: number): string => new Date(epochMs).toISOString();

let site: ControlSite;
beforeEach(() => { site = createControlSite(); });

const pathFrom = (named: Readonly<Record<string, string>>, route: string) => Object.fromEntries(Array.from(route.matchAll(/\{(\w+)\}/g), ([, name = '']) => [name, named[name] ?? '']));
const read = (route: string, named = NAMED, person: TestPerson = regulator) =>
  site.call(person, `GET ${route}`, { path: pathFrom(named, route), query: route === '/v1/batches' ? { nodeId: named['nodeId'] ?? '' } : {} });
const itemsOf = async (route: string): Promise<readonly unknown[]> => (await read(route)).body['items'] as readonly unknown[];
const startTraining = (runId: string, ...invited: readonly string[]) => site.operations.put(keyOf.summary('training', runId), { runId, id: runId, title: 'A training', status: 'running', invited, round: 0 });

/** A recipe, a model with its test data, and trainings. */
const fill = async (): Promise<void> => {
  await site.call(scientist, 'POST /v1/master-batch-records', { body: { masterBatchRecordId: 'MBR-1', content: CONTENT } });
  await upTo(createRegistry(site), 'active');
  await startTraining('RUN-1', 'north');
  await startTraining('RUN-2', 'north', 'hill');
  site.time.epochMs = NOW;
};

describe('every read route of a regulator at the control site', () => {
  it.each(READ_ROUTES.map(({ route, operation }) => [route, operation] as const))('%s is refused without a grant, before anything is looked at, and that is on record', async (route, operation) => {
    const loads = vi.spyOn(site.history, 'load');
    const revoked = { at: iso(NOW), by: coordinator.name, reason: 'over' };
    for (const terms of [{ login: 'somebody.else' }, { until: iso(NOW) }, { from: iso(NOW + 1) }, { revoked }]) {
      await site.grant(terms);
      expect(await read(route)).toMatchObject({ status: 403, code: 'audit-grant-missing' });
      expect(site.reads.at(-1)).toMatchObject({ readerId: regulator.id, operation, outcome: 'audit-grant-missing', itemCount: 0, grantIds: [] });
    }
    // The reader's own registration, who may be suspended.
    for (const [stream] of loads.mock.calls) expect(stream).toEqual({ kind: 'person', id: regulator.id });
  });
  it.each(READ_ROUTES.map(({ route, operation }) => [route, operation] as const))('%s is on record with the grant it was read by', async (route, operation) => {
    await fill();
    await site.grant();
    const { status } = await read(route);
    expect(site.reads.at(-1)).toMatchObject({ readerId: regulator.id, operation, outcome: status === 200 ? 'answered' : 'training-not-found', grantIds: ['TEST'] });
  });
  it.each(READ_ROUTES.map(({ route }) => route).filter((route) => route.includes('{')))('%s answers of what is hidden as of what is not there', async (route) => {
    await fill();
    await site.grant({ productIds: ['another-product'], nodeIds: ['hill'] });
    const asked = Object.values(pathFrom(NAMED, route));
    const [hidden, absent] = [await read(route), await read(route, ABSENT)];
    expect(hidden.status).toBe(404);
    const said = (body: unknown) => [...asked, ...Object.values(pathFrom(ABSENT, route))].reduce((text, name) => text.replaceAll(name, '<name>'), JSON.stringify(body));
    expect(said(hidden.body)).toBe(said(absent.body));
  });
});

describe('what a grant shows at the control site', () => {
  beforeEach(fill);

  it('is the recipes, models and test data of its products, at whatever hospital, and no training', async () => {
    await site.grant({ productIds: [CONTENT.productId], nodeIds: ['hill'] });
    expect(await itemsOf('/v1/master-batch-records')).toMatchObject([{ masterBatchRecordId: 'MBR-1' }]);
    expect(await itemsOf('/v1/models')).toMatchObject([{ modelId: MODEL_ID }]);
    expect(await itemsOf('/v1/test-data')).toMatchObject([{ testDataId: TEST_TERMS.testDataId, accesses: 1 }]);
    expect(await itemsOf('/v1/trainings')).toEqual([]);
    for (const route of ['/v1/master-batch-records/{masterBatchRecordId}', '/v1/models/{modelId}', '/v1/models/{modelId}/versions/{version}/card', '/v1/test-data/{testDataId}']) expect((await read(route)).status).toBe(200);
  });
  it('is nothing of other products', async () => {
    await site.grant({ productIds: ['another-product'] });
    for (const route of ['/v1/master-batch-records', '/v1/models', '/v1/test-data', '/v1/trainings']) expect(await itemsOf(route)).toEqual([]);
  });
  it('shows of test data only who opened it for a model it covers', async () => {
    await site.operations.put(keyOf.summary('model', 'other-model'), { modelId: 'other-model', productId: 'another-product' });
    await site.testData.change(TEST_TERMS.testDataId, () => [{ type: 'test-data-accessed', by: 'qa-9', modelId: 'other-model', version: 1, purpose: 'another test' }], { actor: { kind: 'system', id: 'test', version: '1' } });
    await site.grant({ productIds: [CONTENT.productId] });
    expect(await itemsOf('/v1/test-data')).toMatchObject([{ accesses: 1 }]);
    expect((await read('/v1/test-data/{testDataId}')).body['accesses']).toMatchObject([{ modelId: MODEL_ID }]);
    await site.grant();
    expect((await read('/v1/test-data/{testDataId}')).body['accesses']).toHaveLength(2);
  });
  it('is a training when all products of every hospital it invited are covered', async () => {
    await site.grant({ nodeIds: ['north'] });
    expect(await itemsOf('/v1/trainings')).toMatchObject([{ runId: 'RUN-1' }]);
    await site.grant({ grantId: 'SECOND', nodeIds: ['hill'] });
    expect(await itemsOf('/v1/trainings')).toHaveLength(2);
  });
  it('ends with the grant, and begins again with another', async () => {
    await site.grant({ until: iso(NOW + 1) });
    expect((await read('/v1/models')).status).toBe(200);
    site.time.epochMs = NOW + 1;
    expect((await read('/v1/models')).code).toBe('audit-grant-missing');
    await site.grant({ grantId: 'SECOND' });
    expect((await read('/v1/models')).status).toBe(200);
  });
});

describe('an inspection at the control site', () => {
  it('begins with the hospitals that the grant names', async () => {
    await site.grant({ nodeIds: ['north'], productIds: ['b', 'a'] });
    expect(await itemsOf('/v1/audit/nodes')).toEqual([{ nodeId: 'north', name: 'North Hospital', region: 'eu-west-2', country: 'GB', productIds: ['a', 'b'], grantIds: ['TEST'] }]);
    expect((await read('/v1/audit/nodes', NAMED, coordinator)).body['items']).toMatchObject([{ nodeId: 'north', grantIds: [] }, { nodeId: 'hill' }]);
  });
  it('is read by quality, the newest first, with the reads of its own people, and by nobody else', async () => {
    await site.grant();
    await read('/v1/models');
    await read('/v1/nodes', NAMED, coordinator);
    site.time.epochMs += 1;
    const { body } = await read('/v1/audit/reads', NAMED, reviewer);
    expect(body['items']).toMatchObject([{ readerId: coordinator.id, operation: 'listNodes', grantIds: [] }, { readerId: regulator.id, operation: 'listModels', outcome: 'answered', grantIds: ['TEST'] }]);
    for (const person of [regulator, scientist, coordinator]) expect((await read('/v1/audit/reads', NAMED, person)).code).toBe('role-missing');
  });
});

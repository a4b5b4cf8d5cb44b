import type { Context } from 'aws-lambda';
import { beforeEach, describe, expect, it } from 'vitest';
import { PUBLISHED_TESTS } from '../../functions/_platform/model-objects.ts';
import { createHandler } from '../../functions/model-intake/handler.ts';
import { signedObject } from '../../shared/model-registry/publication.ts';
import { ruleOf } from '../../shared/model-registry/may-run.ts';
import type { TestOpening } from '../../shared/model-registry/test-opening.ts';
import { createMemoryObjectStore } from '../support/memory/object-store.ts';
import { ARTEFACT, MODEL_ID, PLAN, TEST_DATA, TEST_TERMS, TRAINING } from '../support/model-fixtures.ts';
import { createRegistry, DEVELOPER, upTo, type Registry } from '../support/model-registry.ts';
import { createNode, type TestNode } from '../support/node.ts';
import { PEOPLE } from '../support/people.ts';
import { controlKey, publishAs } from '../support/publications.ts';

let registry: Registry;
let node: TestNode;
beforeEach(() => { [registry, node] = [createRegistry(), createNode()]; });

const published = (): readonly TestOpening[] => (JSON.parse(Buffer.from(registry.site.bucket.objects.get(PUBLISHED_TESTS) ?? Buffer.from('{"openings":[]}')).toString('utf8')) as { openings: TestOpening[] }).openings;
const take = async () => createHandler({
  nodeId: 'north', datasets: node.datasets, models: node.records.models, tables: node.records.governanceTables, publications: node.records.publications, controlKey, now: node.now, operations: node.operations, bucket: createMemoryObjectStore(),
  fetch: async (key) => (await registry.site.bucket.get(key))?.body, count: () => undefined,
})({}, { awsRequestId: 'r-1' } as Context);
const here = async () => (await node.datasets.load(ARTEFACT)).state?.openings ?? [];
const change = (own: Partial<TestOpening>): unknown => publishAs(registry.site.bucket.objects, 'tests', JSON.stringify({ formatVersion: 1, openings: published().map((each) => ({ ...each, ...own })) }));

describe('an opening of test data', () => {
  it('is told with model, file, plan, rule and rows once somebody signed for it, and not before', async () => {
    await upTo(registry, 'candidate');
    expect(published()).toEqual([]);
    await upTo((registry = createRegistry()), 'opened');
    expect(published()).toMatchObject([{
      modelId: MODEL_ID, version: 1, artefactSha256: ARTEFACT, testDataId: TEST_TERMS.testDataId, openedBy: PEOPLE.reviewer.id, developerIds: [DEVELOPER.id], rule: ruleOf(PLAN, TRAINING.calibration),
      sites: TEST_DATA.sites.map(({ nodeId, rowsSha256 }) => ({ nodeId, rowsSha256 })),
    }]);
  });
  it('is told no more once the version has its test', async () => {
    await upTo(registry, 'tested');
    expect(published()).toEqual([]);
  });
  it('is on the hospital\'s record, once, with its own rows alone; and so is its end', async () => {
    await upTo(registry, 'opened');
    for (const _ of [1, 2]) expect((await take()).refused).toEqual([]);
    expect(await here()).toMatchObject([{ modelId: MODEL_ID, site: { rowsSha256: TEST_DATA.sites[0]!.rowsSha256, records: 50, positives: 22 } }]);
    expect(JSON.stringify(await here())).not.toContain(TEST_DATA.sites[1]!.rowsSha256);
    expect((await node.store.load({ kind: 'training-data', id: ARTEFACT })).map(({ actor }) => actor.id)).toEqual(['model-intake']);
    await registry.test();
    for (const _ of [1, 2]) await take();
    expect((await here()).map(({ isClosed }) => isClosed)).toEqual([true]);
    expect(await node.store.load({ kind: 'training-data', id: ARTEFACT })).toHaveLength(2);
  });
  it.each<readonly [string, () => unknown, string]>([
    ['by another threshold', () => change({ rule: { ...ruleOf(PLAN, TRAINING.calibration), threshold: 0.1 } }), ARTEFACT], ['on other rows', () => change({ sites: [{ nodeId: 'north', rowsSha256: 'a'.repeat(64), records: 50, positives: 22 }] }), ARTEFACT],
    ['in words nobody reads', () => publishAs(registry.site.bucket.objects, 'tests', '{"openings":1}'), PUBLISHED_TESTS],
  ])('that is told again %s is refused, and what was taken stays', async (_, before, refused) => {
    await upTo(registry, 'opened');
    await take();
    const held = await here();
    before();
    expect((await take()).refused).toEqual([refused]);
    expect(await here()).toEqual(held);
  });
  it('stays open while nothing is published at all: silence ends no test', async () => {
    await upTo(registry, 'opened');
    await take();
    for (const key of [PUBLISHED_TESTS, signedObject('tests')]) registry.site.bucket.objects.delete(key);
    await take();
    expect((await here()).map(({ isClosed }) => isClosed)).toEqual([undefined]);
  });
});

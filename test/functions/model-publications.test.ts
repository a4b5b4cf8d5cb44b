import type { Context } from 'aws-lambda';
import { beforeEach, describe, expect, it } from 'vitest';
import { PUBLISHED_RECORDS } from '../../functions/_platform/model-objects.ts';
import { createNodeModels } from '../../functions/_platform/node-models.ts';
import { viewsOf } from '../../functions/_platform/restore/views.ts';
import { createHandler } from '../../functions/model-intake/handler.ts';
import { createHandler as createPublish } from '../../functions/model-publish/handler.ts';
import type { VerifierKey } from '../../shared/audit-log/verifier-key.ts';
import type { BeliefEvent } from '../../shared/model-registry/belief.ts';
import { openPublication, PUBLICATIONS, publishedObject, signedObject, type PublicationName } from '../../shared/model-registry/publication.ts';
import { sha256Hex } from '../../shared/record/chain.ts';
import { createMemoryObjectStore } from '../support/memory/object-store.ts';
import { MODEL_ID, TEST_TERMS } from '../support/model-fixtures.ts';
import { createRegistry, upTo, type Registry } from '../support/model-registry.ts';
import { createNode, type TestNode } from '../support/node.ts';
import { controlKey, publishAs } from '../support/publications.ts';
import { siteSigners } from '../support/site-keys.ts';

const context = { awsRequestId: 'r-1' } as Context;
const SIGNED = signedObject('records');

let registry: Registry;
let node: TestNode;
let bucket: ReturnType<typeof createMemoryObjectStore>;
let counted: number;
let key: () => Promise<VerifierKey | undefined>;
beforeEach(async () => {
  registry = await upTo(createRegistry(), 'active');
  [node, bucket, key] = [createNode(), createMemoryObjectStore(), controlKey];
});

/** What lies in the control site's bucket. */
const objects = (): Map<string, Uint8Array> => registry.site.bucket.objects;
const look = async () => {
  counted = 0;
  return createHandler({
    nodeId: 'north', datasets: node.datasets, models: node.records.models, tables: node.records.governanceTables, publications: node.records.publications, controlKey: key, now: node.now, operations: node.operations, bucket,
    fetch: async (name) => (await registry.site.bucket.get(name))?.body, count: (_, value) => { counted += value; },
  })({}, context);
};
const states = async () => (await createNodeModels({ models: node.records.models, operations: node.operations, bucket }).records()).map(({ state }) => state);
const recorded = async (name: PublicationName = 'records') => (await node.store.load<BeliefEvent>({ kind: 'publication', id: name })).map(({ event }) => event);
const publish = () => createPublish(registry.site.publishModels)({}, context);
const opened = (name: PublicationName) => openPublication(name, objects().get(signedObject(name)) ?? Buffer.alloc(0), siteSigners('control').log.key);
/** The signed records with something else in them. */
const altered = (): Buffer => Buffer.from(Buffer.from(objects().get(SIGNED) ?? []).toString('utf8').replace('active', 'retired'));

describe('a control site', () => {
  it('signs all it tells of models, each under its own name, and says the same unsigned to hospitals that are not updated', () => {
    for (const name of PUBLICATIONS) expect(opened(name).content).toBe(Buffer.from(objects().get(publishedObject(name)) ?? []).toString('utf8'));
  });
  it('counts on as its record grows, whatever lies in the bucket', async () => {
    const before = opened('records').sequence;
    objects().set(SIGNED, Buffer.from('{}'));
    await registry.suspend();
    expect(opened('records').sequence).toBeGreaterThan(before);
    expect(await publish()).toEqual({ mended: false });
  });
  it('counts the events of test data, and of the models they were opened for', async () => {
    const counts: number[] = [];
    for (const step of ['opened', 'tested'] as const) {
      await upTo((registry = createRegistry()), step);
      counts.push(opened('tests').sequence);
    }
    const [ofOpened = 0, ofTested = 0] = counts;
    const { position } = await registry.site.testData.load(TEST_TERMS.testDataId);
    expect([ofTested > ofOpened, ofTested]).toEqual([true, position.version + (await registry.version(MODEL_ID))]);
  });
  it.each([['nothing is there', () => objects().delete(SIGNED)], ['it was altered', () => objects().set(SIGNED, altered())], ['it is signed with another key', () => publishAs(objects(), 'records', opened('records').content, { generation: 2 })]])('mends what is signed when %s', async (_, damage) => {
    const whole = objects().get(SIGNED);
    damage();
    expect(await publish()).toEqual({ mended: true });
    expect(objects().get(SIGNED)).toEqual(whole);
  });
});

describe('a hospital', () => {
  it('has on its record what it believed before what it did on it, once', async () => {
    for (const _ of [1, 2]) expect((await look()).refused).toEqual([]);
    const { sequence, sha256 } = opened('records');
    expect(await recorded()).toEqual([{ type: 'publication-believed', name: 'records', sequence, sha256 }]);
    for (const name of PUBLICATIONS) expect(await recorded(name)).toHaveLength(1);
    const at = (kind: 'publication' | 'model-record', id: string) => node.store.load({ kind, id }).then(([first]) => first?.recordedAt ?? '');
    expect(Date.parse(await at('publication', 'records'))).toBeLessThanOrEqual(Date.parse(await at('model-record', MODEL_ID)));
    expect([await states(), counted]).toEqual([['active'], 0]);
  });
  it('goes by the record alone in what it believed: its tables can be rebuilt from it', async () => {
    await look();
    const [view] = viewsOf({ kind: 'publication', id: 'records' }, await node.store.load({ kind: 'publication', id: 'records' }), node.now());
    const { sequence, sha256 } = opened('records');
    expect(view?.attributes).toMatchObject({ id: 'records', sequence, sha256 });
  });
  it('believes nothing unsigned, though it lies where it always lay', async () => {
    for (const name of PUBLICATIONS) objects().delete(signedObject(name));
    expect(objects().has(PUBLISHED_RECORDS)).toBe(true);
    expect(await look()).toEqual({ taken: [], refused: [] });
    expect(await states()).toEqual([]);
  });
  it.each<readonly [string, () => unknown, string]>([
    ['altered', () => objects().set(SIGNED, altered()), 'publication-unverified'],
    ['signed with another key of the same name', () => publishAs(objects(), 'records', opened('records').content.replace('active', 'retired'), { generation: 2 }), 'publication-unverified'],
    ['the content alone', () => objects().set(SIGNED, objects().get(PUBLISHED_RECORDS) ?? Buffer.alloc(0)), 'publication-unverified'],
    ['what is signed under another name', () => objects().set(SIGNED, objects().get(signedObject('drift')) ?? Buffer.alloc(0)), 'publication-unverified'],
    ['gone', () => objects().delete(SIGNED), 'publication-unverified'],
    ['older, though signed', () => publishAs(objects(), 'records', opened('records').content.replace('active', 'retired'), { sequence: opened('records').sequence - 1 }), 'publication-older'],
  ])('does not believe what is %s: named, counted, on its record once, and what it believed goes on', async (_, damage, code) => {
    await look();
    const [believed, had] = [await recorded(), await states()];
    damage();
    const bytes = objects().get(SIGNED);
    for (const __ of [1, 2]) expect([await look(), counted]).toEqual([{ taken: [], refused: [PUBLISHED_RECORDS] }, 1]);
    expect(await recorded()).toEqual([...believed, { type: 'publication-refused', name: 'records', code, ...(bytes !== undefined && { offeredSha256: sha256Hex(bytes) }) }]);
    expect(await states()).toEqual(had);
    await publish();
    expect([(await look()).refused, counted]).toEqual([[], 0]);
    expect((await recorded()).at(-1)).toEqual(believed.at(-1));
  });
  it('does not start again what was suspended when the activation is put back that came before', async () => {
    const active = objects().get(SIGNED) ?? Buffer.alloc(0);
    await registry.suspend();
    await look();
    objects().set(SIGNED, active);
    expect([(await look()).refused, await states()]).toEqual([[PUBLISHED_RECORDS], ['suspended']]);
  });
  it.each(PUBLICATIONS)('does not believe %s that nobody signed, and takes the others all the same', async (name) => {
    objects().set(signedObject(name), Buffer.from('{"formatVersion":1}'));
    expect((await look()).refused).toEqual([publishedObject(name)]);
    expect((await recorded(name)).map(({ type }) => type)).toEqual(['publication-refused']);
    for (const other of PUBLICATIONS.filter((each) => each !== name)) expect((await recorded(other)).map(({ type }) => type)).toEqual(['publication-believed']);
  });
  it('believes nothing before it has taken the control site\'s key from the directory, and raises no alarm while it is in no network', async () => {
    key = () => Promise.resolve(undefined);
    expect([await look(), counted, await states(), await recorded()]).toEqual([{ taken: [], refused: [] }, 0, [], []]);
    key = controlKey;
    expect([(await look()).refused, await states()]).toEqual([[], ['active']]);
  });
  it('does not go back to that when the key is lost that it held', async () => {
    await look();
    key = () => Promise.resolve(undefined);
    expect([(await look()).refused, counted, await states()]).toEqual([PUBLICATIONS.map(publishedObject), PUBLICATIONS.length, ['active']]);
  });
});

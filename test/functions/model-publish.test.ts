import type { Context } from 'aws-lambda';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { modelObject, PUBLISHED_RECORDS } from '../../functions/_platform/model-objects.ts';
import { createHandler as createPublish } from '../../functions/model-publish/handler.ts';
import { createModelPublisher } from '../../functions/model-registry-api/publish.ts';
import { distributionsOf } from '../../shared/model-registry/distributions.ts';
import { ARTEFACT, counts, MODEL_ID, PLAN, TEST_TERMS, TRAINING } from '../support/model-fixtures.ts';
import { createRegistry, publishedBy, statesOf, upTo, type Registry, statedWith } from '../support/model-registry.ts';
import { PEOPLE, type TestPerson } from '../support/people.ts';

const { scientist, regulator } = PEOPLE;

let registry: Registry;
beforeEach(async () => {
  registry = createRegistry();
  await registry.site.grant();
});

const published = (): unknown => publishedBy(registry);
const states = () => statesOf(registry);
const held = () => registry.site.held(MODEL_ID, TEST_TERMS.testDataId);
const record = (version: number, state: string) => ({ modelId: MODEL_ID, version, productId: 'test-product', output: 'early-failure', artefactSha256: ARTEFACT, state, inputs: PLAN.inputs.map(({ title: _, ...bounds }) => bounds), threshold: 0.5, undecided: { errorRate: 0.1, calibration: TRAINING.calibration } });

describe('what hospitals are told', () => {
  const run = () => createPublish(registry.site.publishModels)({}, { awsRequestId: 'run-1' } as Context);
  it('is published by the next run when the activation was cut off', async () => {
    await upTo(registry, 'accepted');
    vi.spyOn(registry.site.bucket, 'put').mockRejectedValueOnce(new Error('cut off'));
    expect((await registry.activate()).status).toBe(500);
    expect([await states(), published()]).toEqual([['active'], undefined]);
    expect(await run()).toEqual({ mended: true });
    expect(published()).toEqual([record(1, 'active')]);
    expect(await run()).toEqual({ mended: false });
  });
  it('is mended when somebody changed it', async () => {
    await upTo(registry, 'active');
    await registry.site.bucket.put(PUBLISHED_RECORDS, Buffer.from('{"formatVersion":1,"records":[]}'));
    expect([await run(), published()]).toEqual([{ mended: true }, [record(1, 'active')]]);
  });
  it('is never an older state, however long its publication was held up', async () => {
    await upTo(registry, 'active');
    registry.site.bucket.objects.delete(PUBLISHED_RECORDS);
    let letGo = (): void => undefined;
    const wait = new Promise<void>((resolve) => { letGo = resolve; });
    const { bucket } = registry.site;
    const late = createModelPublisher({ ...registry.site, bucket: { get: bucket.get, put: async (...args) => { await wait; return bucket.put(...args); } } })();
    await registry.suspend();
    letGo();
    await late;
    expect(published()).toEqual([record(1, 'suspended')]);
  });
});

describe('drift', () => {
  const histogram = (name: string, ...bins: readonly number[]) => ({ name, counts: bins, missing: 0 });
  const monitor = (current: object, own: object = {}, person: TestPerson = scientist) =>
    registry.ask(person, '/v1/models/{modelId}/versions/{version}/monitoring', { pairs: [{ reference: histogram('score', 50, 50), current }], ...own }, { modelId: MODEL_ID, version: '1' });
  beforeEach(() => upTo(registry, 'active'));
  it('that is none changes nothing, and says what there was too little of to judge', async () => {
    expect((await monitor(histogram('score', 48, 52))).body).toMatchObject({ decision: 'none', events: [], notJudged: ['performance: no outcome yet'] });
    expect((await monitor(histogram('score', 0, 3))).body).toMatchObject({ decision: 'none', notJudged: ['performance: no outcome yet', 'score: 100 and 3 cases, want 30'] });
    expect([await states(), [...registry.site.bucket.objects.keys()].filter((key) => key.startsWith('monitoring/'))]).toEqual([['active'], []]);
  });
  it('beyond the alarm opens a deviation once, with what it was judged on kept under its hash', async () => {
    const { body } = await monitor(histogram('score', 24, 76));
    expect(body).toMatchObject({ decision: 'alarm', events: ['model-deviation-raised'] });
    expect(registry.site.bucket.objects.has(modelObject.monitoring(String(body['evidenceSha256'])))).toBe(true);
    expect((await monitor(histogram('score', 24, 76))).body['events']).toEqual([]);
    expect(published()).toEqual([record(1, 'active')]);
  });
  it('beyond the plan suspends at once, nobody signing, and hospitals are told', async () => {
    expect((await monitor(histogram('score', 2, 98))).body).toMatchObject({ decision: 'suspend', events: ['model-suspended', 'model-deviation-raised'] });
    expect(published()).toEqual([record(1, 'suspended')]);
    const { body } = await registry.site.call(regulator, 'GET /v1/models/{modelId}', { path: { modelId: MODEL_ID } });
    expect((body['history'] as readonly object[]).at(-2)).toMatchObject({ type: 'model-suspended', who: scientist.name });
  });
  it('of outcomes that are all wrong suspends too', async () => {
    expect((await monitor(histogram('score', 48, 52), { outcomes: counts(2, 0, 40, 38) })).body).toMatchObject({ decision: 'suspend' });
  });
  it('is not judged on what it is now alone, where the test left nothing to compare it with', async () => {
    expect((await monitor({}, { pairs: [], current: [histogram('(score)', 1, 2)] })).code).toBe('histogram-malformed');
  });
  it.each([['of another quantity', histogram('ph-minimum', 50, 50)], ['of other bins', histogram('score', 30, 30, 40)], ['of no case', histogram('score', 0, 0)]])('judged on counts %s is refused', async (_, current) => {
    const had = await held();
    expect((await monitor(current)).code).toBe('histogram-malformed');
    expect(await held()).toEqual(had);
  });
});

describe('drift of a model whose test has its distributions on record', () => {
  const at = (bin: number, length = 90) => distributionsOf(PLAN.inputs.map(({ name }) => name), Array.from({ length }, () => ({ inputBins: bin.toString(36).repeat(2), score: 0.5 }))).map((each) => ({ ...each, counts: [...each.counts] }));
  const monitor = (body: object) => registry.ask(scientist, '/v1/models/{modelId}/versions/{version}/monitoring', body, { modelId: MODEL_ID, version: '1' });
  beforeEach(async () => {
    await upTo(registry, 'opened');
    expect((await registry.test(undefined, undefined, { statements: await statedWith((nodeId) => ({ distributions: at(5, nodeId === 'north' ? 50 : 40) })) })).status).toBe(200);
    await registry.accept();
    await registry.activate();
  });
  it('is judged against those, whatever reference somebody would rather have', async () => {
    expect((await monitor({ current: at(5) })).body).toMatchObject({ decision: 'none' });
    expect((await monitor({ pairs: [{ reference: at(6)[0], current: at(6)[0] }] })).code).toBe('histogram-malformed');
    expect((await monitor({ current: at(6) })).body).toMatchObject({ decision: 'suspend', events: ['model-suspended', 'model-deviation-raised'] });
    expect(published()).toEqual([record(1, 'suspended')]);
  });
  it.each([['with an input left out', () => at(5).slice(1)], ['in another order', () => at(5).toReversed()]])('is not judged on counts %s', async (_, current) => {
    expect((await monitor({ current: current() })).code).toBe('histogram-malformed');
    expect(await states()).toEqual(['active']);
  });
});

import type { Context } from 'aws-lambda';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { effectiveKey, readEffectiveRecipe } from '../../functions/_platform/library.ts';
import { createPublisher } from '../../functions/library-api/publish.ts';
import { createHandler as createPublish } from '../../functions/library-publish/handler.ts';
import type { ErrorCode } from '../../shared/errors.ts';
import { contentHashOf } from '../../shared/master-batch-record/life-cycle.ts';
import type { SignatureMeaning } from '../../shared/record/envelope.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { CONTENT, NOW } from '../support/batch-fixtures.ts';
import { createControlSite, type ControlSite } from '../support/control-site.ts';
import { codeOfAsync } from '../support/error-code.ts';
import { PEOPLE, type TestPerson } from '../support/people.ts';

const { scientist, steward, reviewer, qualified, regulator, operator } = PEOPLE;
const author: TestPerson = { ...qualified, id: 'both-1', roles: ['process-scientist', 'qualified-person', 'quality-reviewer'] };
const ROUTE = '/v1/master-batch-records';
const ONE = `${ROUTE}/{masterBatchRecordId}`;

let site: ControlSite;
beforeEach(async () => {
  site = createControlSite();
  await site.grant();
});

const version = async (): Promise<number> => (await site.records.load('MBR-1')).position.version;
const draft = (own: object = {}, person: TestPerson = scientist) => site.call(person, `POST ${ROUTE}`, { body: { masterBatchRecordId: 'MBR-1', content: { ...CONTENT, ...own } } });
const move = (to: string, meaning: SignatureMeaning) => async (person: TestPerson, own: object = {}, at?: number) =>
  site.call(person, `POST ${ONE}/${to}`, { path: { masterBatchRecordId: 'MBR-1' }, body: { ...own, signature: site.sign(person, meaning, at ?? await version()) } });
const submit = move('submission', 'authorship');
const approve = move('approval', 'approval');
const makeEffective = move('effectiveness', 'responsibility');
const giveBack = move('return', 'review');
const state = async (): Promise<readonly string[]> => (await site.records.load('MBR-1')).state?.revisions.map((revision) => revision.state) ?? [];
const published = async (own: object = {}): Promise<void> => {
  await draft(own);
  await submit(scientist);
  await approve(reviewer);
  await makeEffective(qualified);
};

describe('a master batch record', () => {
  it('goes from draft over review and approval to effective, and its nodes read exactly that', async () => {
    expect((await draft()).body['events']).toEqual(['revision-drafted']);
    expect((await submit(scientist)).body['events']).toEqual(['revision-submitted']);
    expect((await approve(reviewer)).body['events']).toEqual(['revision-approved']);
    expect(await readEffectiveRecipe(site.library, CONTENT.productId)).toBeUndefined();
    expect((await makeEffective(qualified)).body['events']).toEqual(['revision-made-effective']);
    expect(await readEffectiveRecipe(site.library, CONTENT.productId)).toEqual({ masterBatchRecordId: 'MBR-1', masterBatchRecordVersion: 1, contentHash: contentHashOf(CONTENT), content: CONTENT });
  });
  it('is superseded by its next revision, and effective until then', async () => {
    await published();
    await draft({ title: 'Second' });
    await submit(scientist);
    await approve(reviewer);
    expect([await state(), (await readEffectiveRecipe(site.library, CONTENT.productId))?.content.title]).toEqual([['effective', 'approved'], CONTENT.title]);
    expect((await site.call(regulator, `GET ${ROUTE}`)).body['items']).toMatchObject([{ revision: 2, state: 'approved', effectiveRevision: 1 }]);
    await makeEffective(qualified);
    expect([await state(), (await readEffectiveRecipe(site.library, CONTENT.productId))?.content.title]).toEqual([['superseded', 'effective'], 'Second']);
  });
  it('comes back to its author with the reason, and is then written again', async () => {
    await draft();
    await submit(scientist);
    await giveBack(reviewer, { reason: 'limits are wrong' });
    expect(await state()).toEqual(['draft']);
    await draft({ title: 'Better' });
    expect((await site.records.load('MBR-1')).state?.revisions).toMatchObject([{ revision: 1, state: 'draft', content: { title: 'Better' } }]);
  });
  it('is published again by a repeat of the request, should the first have been cut off', async () => {
    await draft();
    await submit(scientist);
    await approve(reviewer);
    const ask = { path: { masterBatchRecordId: 'MBR-1' }, key: 'effective-1', body: { signature: site.sign(qualified, 'responsibility', 3) } };
    await site.call(qualified, `POST ${ONE}/effectiveness`, ask);
    site.library.objects.clear();
    await site.call(qualified, `POST ${ONE}/effectiveness`, ask);
    expect((await readEffectiveRecipe(site.library, CONTENT.productId))?.masterBatchRecordVersion).toBe(1);
    expect(await version()).toBe(4);
  });
});

describe('a product', () => {
  /** The same life cycle for any record; MBR-1 is the one of the other tests. */
  const moveOf = (id: string) => async (to: string, meaning: SignatureMeaning, person: TestPerson) =>
    site.call(person, `POST ${ONE}/${to}`, { path: { masterBatchRecordId: id }, body: { signature: site.sign(person, meaning, (await site.records.load(id)).position.version) } });
  const approved = async (id: string, own: object = {}): Promise<() => ReturnType<typeof draft>> => {
    await site.call(scientist, `POST ${ROUTE}`, { body: { masterBatchRecordId: id, content: { ...CONTENT, ...own } } });
    await moveOf(id)('submission', 'authorship', scientist);
    await moveOf(id)('approval', 'approval', reviewer);
    return () => moveOf(id)('effectiveness', 'responsibility', qualified);
  };
  const statesOf = async (id: string) => (await site.records.load(id)).state?.revisions.map((revision) => revision.state);
  const readByNodes = async () => (await readEffectiveRecipe(site.library, CONTENT.productId))?.masterBatchRecordId;

  it('has one effective master batch record: another that becomes effective supersedes it in the same transaction', async () => {
    await published();
    const makeOther = await approved('MBR-2', { title: 'Other' });
    expect([await statesOf('MBR-1'), await readByNodes()]).toEqual([['effective'], 'MBR-1']);
    expect((await makeOther()).status).toBe(200);
    expect([await statesOf('MBR-1'), await statesOf('MBR-2'), await readByNodes()]).toEqual([['superseded'], ['effective'], 'MBR-2']);
    const { body } = await site.call(regulator, `GET ${ONE}`, { path: { masterBatchRecordId: 'MBR-1' } });
    expect(body).toMatchObject({ state: 'superseded', version: 5 });
    expect((body['history'] as object[]).at(-1)).toMatchObject({ type: 'revision-superseded', who: qualified.name, revision: 1, by: { masterBatchRecordId: 'MBR-2', revision: 1 } });
    expect((await site.call(regulator, `GET ${ROUTE}`)).body['items']).toMatchObject([{ masterBatchRecordId: 'MBR-1', state: 'superseded' }, { masterBatchRecordId: 'MBR-2', state: 'effective' }]);
  });
  it('goes back to the first record by its next revision', async () => {
    await published();
    await (await approved('MBR-2'))();
    await (await approved('MBR-1', { title: 'Second' }))();
    expect([await statesOf('MBR-1'), await statesOf('MBR-2'), await readByNodes()]).toEqual([['superseded', 'effective'], ['superseded'], 'MBR-1']);
  });
  it('keeps its effective record when that of another product becomes effective', async () => {
    await published();
    await (await approved('MBR-2', { productId: 'other-product' }))();
    expect([await statesOf('MBR-1'), await statesOf('MBR-2')]).toEqual([['effective'], ['effective']]);
  });
  it.each([['for the first time', false], ['when another stands', true]])('gets one of two records that become effective at the same moment, %s; the other is refused whole', async (_, stands) => {
    if (stands) await published();
    const both = [await approved('MBR-2'), await approved('MBR-3')];
    const answers = await Promise.all(both.map((make) => make()));
    expect(answers.map(({ status, code }) => code ?? status).toSorted()).toEqual([200, 'version-conflict']);
    const states = [await statesOf('MBR-1'), await statesOf('MBR-2'), await statesOf('MBR-3')].flatMap((each) => each ?? []);
    expect(states.filter((each) => each === 'effective')).toHaveLength(1);
    expect(states.filter((each) => each === 'superseded')).toHaveLength(stands ? 1 : 0);
    expect(await statesOf(await readByNodes() ?? '')).toEqual(['effective']);
  });
});

describe('what nodes read', () => {
  const run = () => createPublish(site.publisher)({}, { awsRequestId: 'run-1' } as Context);
  it('is published by the next run when the request that made it effective was cut off', async () => {
    vi.spyOn(site.library, 'put').mockRejectedValueOnce(new Error('cut off'));
    await published();
    expect([await state(), await readEffectiveRecipe(site.library, CONTENT.productId)]).toEqual([['effective'], undefined]);
    expect(await run()).toEqual({ mended: [CONTENT.productId] });
    expect((await readEffectiveRecipe(site.library, CONTENT.productId))?.masterBatchRecordVersion).toBe(1);
    expect(await run()).toEqual({ mended: [] });
  });
  it('is mended when it is not what was approved', async () => {
    await published();
    await site.library.put(effectiveKey(CONTENT.productId), Buffer.from('{}'));
    expect(await run()).toEqual({ mended: [CONTENT.productId] });
    expect((await readEffectiveRecipe(site.library, CONTENT.productId))?.contentHash).toBe(contentHashOf(CONTENT));
  });
  it('is never an older revision, however long its publication was held up', async () => {
    await published();
    site.library.objects.clear();
    let letGo = (): void => undefined;
    const held = new Promise<void>((resolve) => { letGo = resolve; });
    const slow = createPublisher({ ...site, library: { get: site.library.get, put: async (...args) => { await held; return site.library.put(...args); } } });
    const late = slow.publish(CONTENT.productId);
    await draft({ title: 'Second' });
    await submit(scientist);
    await approve(reviewer);
    await makeEffective(qualified);
    letGo();
    await late;
    expect((await readEffectiveRecipe(site.library, CONTENT.productId))?.content.title).toBe('Second');
  });
  it('is published for other products when one can not be', async () => {
    await published();
    await site.operations.put(keyOf.effectiveRevision('broken'), { productId: 'broken', masterBatchRecordId: 'MBR-0', revision: 1 });
    site.library.objects.clear();
    await expect(run()).rejects.toThrow('broken');
    expect(await readEffectiveRecipe(site.library, CONTENT.productId)).toBeDefined();
  });
});

describe('the library refuses', () => {
  it.each<readonly [string, () => Promise<unknown>, () => ReturnType<typeof draft>, ErrorCode]>([
    ['a submission of nothing', () => Promise.resolve(), () => submit(scientist), 'master-batch-record-not-found'],
    ['a submission signed as review', draft, () => move('submission', 'review')(scientist), 'signature-meaning-wrong'],
    ['an approval of a draft', draft, () => approve(reviewer), 'master-batch-record-state-wrong'],
    ['an approval by its author', async () => { await draft(); await submit(author); }, () => approve(author), 'signature-same-person'],
    ['an approval by who drafted it, though a colleague submitted', async () => { await draft({}, author); await submit(scientist); }, () => approve(author), 'signature-same-person'],
    ['an approval by who drafted some of it', async () => { await draft({}, author); await draft({ title: 'Test product, mended' }); await submit(scientist); }, () => approve(author), 'signature-same-person'],
    ['an effectiveness by who drafted it', async () => { await draft({}, author); await submit(scientist); await approve(reviewer); }, () => makeEffective(author), 'signature-same-person'],
    ['an effectiveness by its author', async () => { await draft(); await submit(author); await approve(reviewer); }, () => makeEffective(author), 'signature-same-person'],
    ['an effectiveness before approval', async () => { await draft(); await submit(scientist); }, () => makeEffective(qualified), 'master-batch-record-state-wrong'],
    ['a draft while one is in review', async () => { await draft(); await submit(scientist); }, () => draft({ title: 'Other' }), 'master-batch-record-state-wrong'],
    ['a return of what is effective', published, () => giveBack(reviewer, { reason: 'too late' }), 'master-batch-record-state-wrong'],
    ['an approval of another version than was read', async () => { await draft(); await submit(scientist); }, () => approve(reviewer, {}, 1), 'version-conflict'],
    ['a draft by quality', () => Promise.resolve(), () => draft({}, reviewer), 'role-missing'], ['an effectiveness by quality', draft, () => makeEffective(reviewer), 'role-missing'],
    ['a draft that is none', () => Promise.resolve(), () => draft({ procedure: [] }), 'master-batch-record-malformed'],
    ['a next revision for another product, whose nodes would go on with the first', published, () => draft({ productId: 'other-product' }), 'master-batch-record-malformed'],
  ])('%s, and keeps what it had', async (_, before, attempt, code) => {
    await before();
    const held = await site.held('MBR-1');
    expect((await attempt()).code).toBe(code);
    expect(await site.held('MBR-1')).toEqual(held);
  });
  it.each<readonly [string, object, string]>([
    ['a metric nobody publishes', { procedure: [{ id: 'a', title: 'A', after: [], operations: [{ id: 'b', title: 'B', phases: [{ ...CONTENT.procedure[1]!.operations[0]!.phases[0]!, values: [{ id: 'v', title: 'V', unit: '', type: 'number', outOfLimits: 'refuse', source: { kind: 'telemetry', metric: 'Smell', statistic: 'mean' } }] }] }] }] }, 'procedure.filling.values.metric'],
    ['a unit procedure after itself', { procedure: CONTENT.procedure.map((each) => ({ ...each, after: [each.id] })) }, 'procedure.upstream.after'],
    ['an identifier every object has', { procedure: [{ ...CONTENT.procedure[0]!, id: 'constructor' }] }, 'procedure.0.id'],
    ['an unknown field', { colour: 'blue' }, 'content'],
  ])('content with %s, naming where', async (_, own, path) => {
    const { status, body } = await draft(own);
    expect([status, body['paths']]).toEqual([400, expect.arrayContaining([path])]);
  });
});

describe('what people read', () => {
  it('is the revision in work, with its signatures and reasons', async () => {
    await draft();
    await submit(scientist);
    await giveBack(reviewer, { reason: 'limits are wrong' });
    const { body } = await site.call(regulator, `GET ${ONE}`, { path: { masterBatchRecordId: 'MBR-1' } });
    expect(body).toMatchObject({ masterBatchRecordId: 'MBR-1', productId: CONTENT.productId, revision: 1, state: 'draft', version: 3, contentHash: contentHashOf(CONTENT), content: CONTENT });
    expect(body['history']).toMatchObject([
      { type: 'revision-drafted', who: 'Carla Scientist' }, { type: 'revision-submitted', meaning: 'authorship', signedAt: new Date(NOW).toISOString() }, { type: 'revision-returned', who: 'Dora Reviewer', meaning: 'review', reason: 'limits are wrong' },
    ]);
  });
  it('lists each master batch record once, page by page', async () => {
    await published();
    await draft({ title: 'Second' }, steward);
    await site.call(steward, `POST ${ROUTE}`, { body: { masterBatchRecordId: 'MBR-0', content: CONTENT } });
    const first = await site.call(regulator, `GET ${ROUTE}`, { query: { limit: '1' } });
    const rest = await site.call(regulator, `GET ${ROUTE}`, { query: { cursor: String(first.body['nextCursor']) } });
    expect([...first.body['items'] as object[], ...rest.body['items'] as object[]]).toMatchObject([{ masterBatchRecordId: 'MBR-0', revision: 1, state: 'draft' }, { masterBatchRecordId: 'MBR-1', revision: 2, state: 'draft', title: 'Second', version: 5 }]);
  });
  it('is not for operators, and not what is not there', async () => {
    expect((await site.call(operator, `GET ${ROUTE}`)).code).toBe('role-missing');
    expect((await site.call(regulator, `GET ${ONE}`, { path: { masterBatchRecordId: 'MBR-1' } })).code).toBe('master-batch-record-not-found');
  });
});

it('a node refuses a published record that does not match its hash', async () => {
  await published();
  const key = effectiveKey(CONTENT.productId);
  const text = Buffer.from(site.library.objects.get(key)!).toString().replace('"high":100', '"high":999');
  await site.library.put(key, Buffer.from(text));
  expect(await codeOfAsync(() => readEffectiveRecipe(site.library, CONTENT.productId))).toBe('record-corrupt');
});

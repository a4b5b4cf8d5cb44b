import { beforeEach, describe, expect, it } from 'vitest';
import { effectiveKey, readEffectiveRecipe } from '../../functions/_platform/library.ts';
import type { ErrorCode } from '../../shared/errors.ts';
import { contentHashOf } from '../../shared/master-batch-record/life-cycle.ts';
import type { SignatureMeaning } from '../../shared/record/envelope.ts';
import { CONTENT, NOW } from '../support/batch-fixtures.ts';
import { createControlSite, type ControlSite } from '../support/control-site.ts';
import { codeOfAsync } from '../support/error-code.ts';
import { PEOPLE, type TestPerson } from '../support/people.ts';

const { scientist, steward, reviewer, qualified, regulator, operator } = PEOPLE;
const author: TestPerson = { ...qualified, id: 'both-1', roles: ['process-scientist', 'qualified-person', 'quality-reviewer'] };
const ROUTE = '/v1/master-batch-records';
const ONE = `${ROUTE}/{masterBatchRecordId}`;

let site: ControlSite;
beforeEach(() => { site = createControlSite(); });

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

describe('the library refuses', () => {
  it.each<readonly [string, () => Promise<unknown>, () => ReturnType<typeof draft>, ErrorCode]>([
    ['a submission of nothing', () => Promise.resolve(), () => submit(scientist), 'master-batch-record-not-found'],
    ['a submission signed as review', draft, () => move('submission', 'review')(scientist), 'signature-meaning-wrong'],
    ['an approval of a draft', draft, () => approve(reviewer), 'master-batch-record-state-wrong'],
    ['an approval by its author', async () => { await draft(); await submit(author); }, () => approve(author), 'signature-same-person'],
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

import { beforeEach, describe, expect, it } from 'vitest';
import { createRefusalLog } from '../../functions/_platform/refusals.ts';
import { createHandler as createWatch } from '../../functions/credential-watch/handler.ts';
import { MAXIMUM_LISTED } from '../../shared/security/refusals.ts';
import { actSigned, advance, BATCH_ROUTE, createJourney, equip, type Journey } from '../support/journey.ts';
import { createNode, type TestNode } from '../support/node.ts';
import { PEOPLE, type TestPerson } from '../support/people.ts';

const { operator, reviewer, regulator, steward, second } = PEOPLE;
const DAY_MS = 86_400_000;

let node: TestNode;
beforeEach(() => { node = createNode(); });

type Entry = Readonly<{ day: string; personId: string; events: readonly Readonly<Record<string, unknown>>[] }>;
const listed = async (query: Readonly<Record<string, string>> = {}) => (await node.ok(reviewer, 'GET /v1/audit/security-events', { query })) as unknown as Readonly<{ items: readonly Entry[]; nextCursor?: string }>;
const register = (person: TestPerson) => node.call(person, 'POST /v1/people', { body: { personId: 'op-9', printedName: 'Jana Operator', roles: ['operator'] } });

describe('a refused attempt', () => {
  it('by somebody without the role is on record with who, what and when, in the chain and for the log', async () => {
    expect((await register(operator)).code).toBe('role-missing');
    const { items } = await listed();
    expect(items).toMatchObject([{ day: '2026-03-02', personId: 'op-1', events: [{ version: 1, recordedAt: node.now().toISOString(), type: 'access-refused', operation: 'registerPerson', code: 'role-missing', hash: expect.stringMatching(/^[0-9a-f]{64}$/) as unknown }] }]);
    expect(await node.leaves([{ stream: { kind: 'security', id: '2026-03-02.op-1' }, fromVersion: 1, toVersion: 1 }])).toMatchObject([[{ version: 1 }]]);
    expect([...node.operations.items.keys()].some((place) => place.startsWith('LOG-PENDING') && place.includes('SECURITY#2026-03-02.op-1'))).toBe(true);
  });
  it('to read is on record too, and the read itself is not given', async () => {
    expect((await node.call(steward, 'GET /v1/audit/batches')).code).toBe('role-missing');
    expect((await listed()).items).toMatchObject([{ personId: steward.id, events: [{ operation: 'inspectBatches' }] }]);
  });
  describe('to sign', () => {
    let journey: Journey;
    beforeEach(async () => {
      await equip(node);
      journey = await advance(await createJourney(node), 'started');
    });
    const abort = (signature: object) => node.call(operator, `POST ${BATCH_ROUTE}/abort`, { path: { batchId: journey.batchId }, body: { reason: 'contaminated', signature } });
    it.each([
      ['with another person\'s sign-in', 'reauthentication-failed', () => abort(node.sign(second, 'responsibility', 2))],
      ['with a sign-in too old', 'reauthentication-stale', () => abort(node.sign(operator, 'responsibility', 2, 121_000))],
      ['with a token nobody gave', 'reauthentication-failed', () => abort({ meaning: 'responsibility', version: 2, reauthenticationToken: 'x'.repeat(40) })],
      ['as another than the act means', 'signature-meaning-wrong', () => actSigned(journey, operator, 'review', `${BATCH_ROUTE}/abort`, { reason: 'contaminated' })],
    ])('%s is on record, as %s', async (_, code, attempt) => {
      expect((await attempt()).code).toBe(code);
      expect((await listed()).items).toMatchObject([{ personId: operator.id, events: [{ type: 'access-refused', operation: 'abortBatch', code }] }]);
    });
  });
  it('that is only mistyped, or comes too late, is not one', async () => {
    await node.call(steward, 'POST /v1/people', { body: { personId: 'op 9' } });
    await register(steward);
    expect((await register(steward)).code).toBe('register-entry-exists');
    expect((await listed()).items).toEqual([]);
  });
  it('fifth in ten minutes is marked, for the alarm', async () => {
    for (let i = 0; i < 5; i += 1) await register(operator);
    expect((await listed()).items[0]?.events.map(({ type, count }) => [type, count])).toEqual([...Array.from({ length: 5 }, () => ['access-refused', undefined]), ['refusals-repeated', 5]]);
  });
  it('can not flood the record: after a hundred a day nothing more is written, and the answer stays the same', async () => {
    for (let i = 0; i < MAXIMUM_LISTED + 20; i += 1) expect((await register(operator)).status).toBe(403);
    const [entry] = (await listed()).items;
    expect(entry?.events.filter(({ type }) => type === 'access-refused')).toHaveLength(MAXIMUM_LISTED);
    expect(entry?.events.at(-1)).toMatchObject({ type: 'refusals-no-longer-listed' });
  });
  it('many at once loses none', async () => {
    await Promise.all(Array.from({ length: 6 }, () => register(operator)));
    expect((await listed()).items[0]?.events.filter(({ type }) => type === 'access-refused')).toHaveLength(6);
  });
  it('stays refused when it can not be put on record', async () => {
    const failing = createRefusalLog({ change: () => Promise.reject(new Error('the table is down')) }, node.now);
    await expect(failing.note({ caller: { id: 'op-1', username: 'op-1', printedName: 'Anna', roles: [], tokenId: 't', signInId: 's', authenticatedAt: '' }, operation: 'x', code: 'role-missing', requestId: 'r' })).resolves.toBeUndefined();
  });
});

describe('the list of refused attempts', () => {
  it('has one entry a person and day, the latest day first, page by page', async () => {
    await register(operator);
    await register(second);
    node.time.epochMs += DAY_MS;
    await register(operator);
    const first = await listed({ limit: '2' });
    const rest = await listed({ limit: '2', cursor: first.nextCursor ?? '' });
    expect([...first.items, ...rest.items].map(({ day, personId }) => [day, personId])).toEqual([['2026-03-03', 'op-1'], ['2026-03-02', 'op-2'], ['2026-03-02', 'op-1']]);
  });
  it('is for quality, and to ask for it without being quality is in it', async () => {
    for (const person of [operator, regulator, steward]) expect((await node.call(person, 'GET /v1/audit/security-events')).code).toBe('role-missing');
    expect((await listed()).items.map(({ personId }) => personId).toSorted()).toEqual([operator.id, regulator.id, steward.id].toSorted());
  });
});

describe('what the user pool tells of credentials', () => {
  const call = (own: object = {}, sub = 'op-1') => ({
    version: '0', source: 'aws.cognito-idp', 'detail-type': 'AWS API Call via CloudTrail', time: '2026-03-02T13:00:00Z',
    detail: { eventID: 'call-1', eventName: 'AdminSetUserPassword', userIdentity: { type: 'IAMUser', arn: 'arn:aws:iam::111111111111:user/admin' }, requestParameters: { userPoolId: 'p', username: 'HIDDEN_DUE_TO_SECURITY_REASONS' }, additionalEventData: { sub }, ...own },
  });
  const context = { awsRequestId: 'r-1' } as never;
  const tell = (event: unknown) => createWatch({ people: node.records.people })(event, context);
  const changes = async () => (await node.store.load<Readonly<{ type: string }>>({ kind: 'person', id: 'op-1' })).filter(({ event }) => event.type === 'credential-changed');

  it('stands on the person\'s record with what, when and by whom, once however often it is told', async () => {
    await equip(node);
    for (let i = 0; i < 3; i += 1) await tell(call());
    expect((await changes()).map(({ event, actor }) => [event, actor.id])).toEqual([[{ type: 'credential-changed', changeId: 'call-1', change: 'AdminSetUserPassword', changedAt: '2026-03-02T13:00:00Z', changedBy: 'arn:aws:iam::111111111111:user/admin' }, 'credential-watch']]);
  });
  it('is nothing when the call failed, or is of an account nobody registered', async () => {
    await equip(node);
    await tell(call({ errorCode: 'AccessDenied' }));
    await tell(call({}, 'nobody-here'));
    expect(await changes()).toEqual([]);
    expect(await node.store.load({ kind: 'person', id: 'nobody-here' })).toEqual([]);
  });
  it('is an alarm when it does not say whose', async () => {
    await equip(node);
    await expect(tell(call({ additionalEventData: {} }))).rejects.toThrow(/whose credential/);
  });
});

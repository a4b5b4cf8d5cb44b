import { beforeEach, describe, expect, it } from 'vitest';
import { noteCredentialChange } from '../../shared/registers/person.ts';
import type { Role, SignatureMeaning } from '../../shared/record/envelope.ts';
import { act, actSigned, advance, BATCH_ROUTE, createJourney, equip, PHASE_ROUTE, type Journey } from '../support/journey.ts';
import { createNode, type TestNode } from '../support/node.ts';
import { PEOPLE, type TestPerson } from '../support/people.ts';
import { personal } from '../support/personal-data.ts';

const { operator, reviewer, qualified, steward, engineer } = PEOPLE;
const SECOND_REVIEWER: TestPerson = { id: 'qa-2', name: 'Ela Reviewer', roles: ['quality-reviewer'] };

let node: TestNode;
let journey: Journey;

beforeEach(async () => {
  node = createNode();
  await equip(node);
  for (const { id, name, roles } of [reviewer, SECOND_REVIEWER, qualified, steward]) await node.ok(steward, 'POST /v1/people', { body: { personId: id, printedName: name, roles } });
  journey = await advance(await createJourney(node), 'receiving');
  node.register.isOpenTo = 'registered';
});

const versionOf = async (personId: string): Promise<number> => (await node.records.people.load(personId)).position.version;
const decide = async (signer: TestPerson, meaning: SignatureMeaning, route: string, personId: string, own: object = {}) =>
  node.call(signer, `POST /v1/people/{personId}/${route}`, { path: { personId }, body: { reason: 'as agreed today', ...own, signature: node.sign(signer, meaning, await versionOf(personId)) } });
const stop = (personId: string, standing: 'suspended' | 'revoked' = 'suspended') => decide(steward, 'responsibility', 'suspension', personId, { standing });
const setRoles = (personId: string, roles: readonly Role[]) => decide(reviewer, 'approval', 'roles', personId, { roles });
/** What the user pool tells after an administrator has set a password. */
const setPassword = (personId: string) => node.records.people.change(personId, ({ state }) => noteCredentialChange(state, { changeId: `call-${personId}`, change: 'AdminSetUserPassword', changedAt: node.now().toISOString(), changedBy: 'arn:aws:iam::111111111111:user/admin' }), { actor: { kind: 'system', id: 'credential-watch', version: '1' } });
const stopBatch = (person: TestPerson) => actSigned(journey, person, 'responsibility', `${BATCH_ROUTE}/stop`, { reason: 'no growth' });
const lastEvent = async () => (await node.store.load<Readonly<{ type: string }>>({ kind: 'batch', id: journey.batchId })).at(-1)?.event;

describe('a person who may no longer work here', () => {
  it.each(['suspended', 'revoked'] as const)('signs nothing from the very next request on, %s, though the token is still good; the attempt is on record', async (standing) => {
    expect((await stop(operator.id, standing)).body).toMatchObject({ events: [`person-${standing}`] });
    expect(await stopBatch(operator)).toMatchObject({ status: 403, code: 'person-not-active', body: { standing } });
    expect(await lastEvent()).toMatchObject({ type: 'action-refused', code: 'person-not-active', attempted: 'stopBatch' });
  });
  it('does nothing unsigned either', async () => {
    await stop(operator.id);
    expect((await act(journey, operator, `${BATCH_ROUTE}/hold`, { reason: 'power failure' })).code).toBe('person-not-active');
    expect((await node.batch(journey.batchId)).state).toBe('running');
  });
  it('neither records nor reads what is known of the patient, and goes on with no erasure', async () => {
    expect((await personal(journey).record({ yearOfBirth: 1961 })).status).toBe(201);
    await stop(operator.id);
    await stop(qualified.id);
    expect((await personal(journey).record({ sex: 'female' })).code).toBe('person-not-active');
    expect((await personal(journey).read(operator)).code).toBe('person-not-active');
    expect((await node.call(qualified, 'POST /v1/chains-of-identity/{chainOfIdentityId}/erasure/completion', { path: { chainOfIdentityId: journey.chainOfIdentityId } })).code).toBe('person-not-active');
  });
  it.each<readonly [string, Readonly<Record<string, string>>]>([
    ['GET /v1/batches', {}], ['GET /v1/batches/{batchId}', { batchId: '' }], ['GET /v1/batches/{batchId}/record', { batchId: '' }], ['GET /v1/batches/{batchId}/audit-trail', { batchId: '' }], ['GET /v1/batches/{batchId}/telemetry', { batchId: '' }],
    ['GET /v1/work', {}], ['GET /v1/materials', {}], ['GET /v1/equipment', {}], ['GET /v1/batches/{batchId}/interventions', { batchId: '' }], ['GET /v1/chains-of-identity/{chainOfIdentityId}', { chainOfIdentityId: '' }],
  ])('reads nothing by %s either, though the token is still good, and again once they are let', async (route, names) => {
    const path = Object.fromEntries(Object.keys(names).map((name) => [name, name === 'batchId' ? journey.batchId : journey.chainOfIdentityId]));
    const read = () => node.call(operator, route, { path, query: route === 'GET /v1/work' ? { role: 'operator' } : route.endsWith('/telemetry') ? { metric: 'Temperature' } : {} });
    const before = await read();
    expect(before.code).not.toBe('person-not-active');
    await stop(operator.id);
    expect(await read()).toMatchObject({ status: 403, code: 'person-not-active', body: { standing: 'suspended' } });
    await decide(reviewer, 'approval', 'reinstatement', operator.id);
    expect(await read()).toEqual(before);
  });
  it('has tried to read on record', async () => {
    await stop(operator.id);
    await node.call(operator, 'GET /v1/batches/{batchId}/record', { path: { batchId: journey.batchId } });
    expect(node.reads.at(-1)).toMatchObject({ readerId: operator.id, outcome: 'person-not-active', itemCount: 0 });
  });
  it('signs again once another person of quality has let them', async () => {
    await stop(operator.id);
    expect((await decide(reviewer, 'approval', 'reinstatement', operator.id)).status).toBe(200);
    expect((await stopBatch(operator)).status).toBe(200);
  });
  it('can not let themselves work again', async () => {
    await stop(reviewer.id);
    expect((await decide(reviewer, 'approval', 'reinstatement', reviewer.id)).code).toBe('person-not-active');
  });
  it('is never one whom nobody registered', async () => {
    expect((await stopBatch({ id: 'op-77', name: 'Nobody Known', roles: ['operator'] })).code).toBe('person-not-registered');
  });
});

describe('a role', () => {
  it('taken from the register is gone at the next signature, whatever the token says', async () => {
    const phase = (person: TestPerson) => actSigned(journey, person, 'performed', `${PHASE_ROUTE}/signatures`, {}, { phaseId: 'receipt' });
    await setRoles(operator.id, ['site-engineer']);
    expect((await phase(operator)).code).toBe('role-missing');
  });
  it('taken from the register is gone for what nobody signs, too: who was the steward registers nobody, trains nobody and receives nothing', async () => {
    expect((await setRoles(steward.id, ['operator'])).status).toBe(200);
    const before = await node.held(journey.batchId);
    const later = new Date(node.time.epochMs + 86_400_000).toISOString();
    const at = node.now().toISOString();
    for (const [route, path, body] of [
      ['POST /v1/people', {}, { personId: 'op-9', printedName: 'Some Body', roles: ['qualified-person'] }],
      ['POST /v1/people/{personId}/trainings', { personId: operator.id }, { courseId: 'aseptic', completedAt: at, validUntil: later }],
      ['POST /v1/equipment/{equipmentId}/calibrations', { equipmentId: 'BIO-1' }, { calibratedAt: at, dueAt: later, certificateReference: 'CAL-77' }],
    ] as const) expect([route, (await node.call(steward, route, { path, body })).code]).toEqual([route, 'role-missing']);
    expect(await node.held(journey.batchId)).toEqual(before);
    await setRoles(operator.id, ['site-engineer']);
    expect((await act(journey, operator, `${BATCH_ROUTE}/hold`, { reason: 'power failure' })).code).toBe('role-missing');
    expect((await node.batch(journey.batchId)).state).toBe('running');
  });
  it('taken from the register reads nothing it was for, and the attempt at the record is in the read log', async () => {
    const path = { batchId: journey.batchId };
    expect((await node.call(operator, 'GET /v1/batches/{batchId}', { path })).status).toBe(200);
    await setRoles(operator.id, ['network-coordinator']);
    expect((await node.call(operator, 'GET /v1/batches/{batchId}', { path })).code).toBe('role-missing');
    expect((await node.call(operator, 'GET /v1/batches/{batchId}/record', { path })).code).toBe('role-missing');
    expect(node.reads.at(-1)).toMatchObject({ readerId: operator.id, outcome: 'role-missing', itemCount: 0 });
  });
  it('of a Qualified Person is the register\'s at the moment of certification', async () => {
    node.register.isOpenTo = 'everybody';
    journey = await advance(await createJourney(node), 'reviewed');
    await setRoles(qualified.id, ['quality-reviewer']);
    node.register.isOpenTo = 'registered';
    const release = () => actSigned(journey, qualified, 'approval', `${BATCH_ROUTE}/disposition`, { disposition: 'release', reason: 'conforms' });
    expect((await release()).code).toBe('role-missing');
    expect((await node.batch(journey.batchId)).disposition).toBeUndefined();
    await setRoles(qualified.id, ['qualified-person']);
    expect((await release()).status).toBe(200);
  });
  it('is given by quality alone, and by nobody to themselves', async () => {
    expect((await decide(engineer, 'approval', 'roles', operator.id, { roles: ['qualified-person'] })).code).toBe('role-missing');
    expect((await decide(steward, 'approval', 'roles', operator.id, { roles: ['qualified-person'] })).code).toBe('role-missing');
    expect((await setRoles(reviewer.id, ['qualified-person'])).code).toBe('signature-same-person');
  });
});

describe('a password that somebody else has set', () => {
  it('signs nothing until a person of quality has confirmed it with a signature of their own', async () => {
    await setPassword(operator.id);
    expect((await stopBatch(operator)).code).toBe('credential-unconfirmed');
    expect(await lastEvent()).toMatchObject({ type: 'action-refused', code: 'credential-unconfirmed' });
    expect((await decide(reviewer, 'approval', 'credential-confirmation', operator.id)).body).toMatchObject({ events: ['credential-confirmed'] });
    expect((await stopBatch(operator)).status).toBe(200);
  });
  it('confirms neither itself nor another that was set with it', async () => {
    await setPassword(reviewer.id);
    expect((await decide(reviewer, 'approval', 'credential-confirmation', reviewer.id)).code).toBe('credential-unconfirmed');
    await setPassword(SECOND_REVIEWER.id);
    expect((await decide(SECOND_REVIEWER, 'approval', 'credential-confirmation', reviewer.id)).code).toBe('credential-unconfirmed');
    expect((await decide(qualified, 'approval', 'credential-confirmation', reviewer.id)).status).toBe(200);
  });
  it('registers nobody who could sign instead', async () => {
    await setPassword(steward.id);
    expect((await node.call(steward, 'POST /v1/people', { body: { personId: 'op-9', printedName: 'Some Body', roles: ['qualified-person'] } })).code).toBe('credential-unconfirmed');
  });
  it('shows in the list of people', async () => {
    await setPassword(operator.id);
    await stop('op-2');
    const { items } = (await node.call(reviewer, 'GET /v1/people')).body as { items: readonly Readonly<Record<string, unknown>>[] };
    expect(items.filter(({ personId }) => personId === 'op-1' || personId === 'op-2')).toMatchObject([{ credentialConfirmed: false, standing: 'active' }, { credentialConfirmed: true, standing: 'suspended', roles: ['operator'] }]);
  });
});

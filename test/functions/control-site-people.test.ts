import { beforeEach, describe, expect, it } from 'vitest';
import { networkViewsOf } from '../../functions/_platform/restore/network-views.ts';
import { CONTRACTS } from '../../functions/api-document/documents.ts';
import { NETWORK_ROUTES } from '../../shared/api/routes.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import type { SignatureMeaning } from '../../shared/record/envelope.ts';
import { NOW } from '../support/batch-fixtures.ts';
import { createControlSite, type ControlSite } from '../support/control-site.ts';
import { PEOPLE, type TestPerson } from '../support/people.ts';
import { VALID_BODY } from '../support/valid-requests.ts';

const { coordinator, scientist, reviewer, qualified, regulator, operator } = PEOPLE;
const TERMS = { login: 'h.regulator', nodeIds: ['north'], from: new Date(NOW).toISOString(), until: new Date(NOW + 86_400_000).toISOString(), reason: 'routine inspection' };

let site: ControlSite;
beforeEach(async () => {
  site = createControlSite();
  site.register.isOpenTo = 'registered';
  for (const { id, name, roles } of [coordinator, scientist, reviewer, qualified, regulator]) expect((await site.call(coordinator, 'POST /v1/people', { body: { personId: id, printedName: name, roles } })).status).toBe(201);
});

const versionOf = async (personId: string): Promise<number> => (await site.people.load(personId)).position.version;
const decide = async (signer: TestPerson, meaning: SignatureMeaning, route: string, personId: string, own: object = {}) => {
  site.time.epochMs += 20_000;
  return site.call(signer, `POST /v1/people/{personId}/${route}`, { path: { personId }, body: { reason: 'as agreed today', ...own, signature: site.sign(signer, meaning, await versionOf(personId)) } });
};
const stop = ({ id }: TestPerson, standing: 'suspended' | 'revoked' = 'suspended') => decide(reviewer, 'responsibility', 'suspension', id, { standing });
const grant = (grantId: string, by: TestPerson = coordinator) => site.call(by, 'POST /v1/audit-grants', { body: { ...TERMS, grantId, signature: site.sign(by, 'approval', 0) } });
const events = async ({ id }: TestPerson) => (await site.history.load<Readonly<{ type: string }>>({ kind: 'person', id })).map(({ event }) => event.type);

describe('people of the control site', () => {
  it('are registered by the coordinator, listed, and on the control site\'s own record', async () => {
    const { body } = await site.call(coordinator, 'GET /v1/people', { query: { limit: '2' } });
    expect(body['items']).toMatchObject([{ personId: coordinator.id, standing: 'active', roles: ['network-coordinator'] }, {}]);
    expect(await events(scientist)).toEqual(['person-registered']);
    expect((await site.call(scientist, 'POST /v1/people', { body: { personId: 'x', printedName: 'X', roles: ['operator'] } })).code).toBe('role-missing');
  });
  it('sign only when they are registered', async () => {
    const stranger: TestPerson = { id: 'coo-2', name: 'Another Coordinator', roles: ['network-coordinator'] };
    expect(await grant('G-1', stranger)).toMatchObject({ status: 403, code: 'person-not-registered' });
    expect((await site.grants.load('G-1')).state).toBeUndefined();
    expect((await grant('G-1')).status).toBe(201);
  });
  it.each(['suspended', 'revoked'] as const)('sign and change nothing once %s, from the next request on, though the token is still good', async (standing) => {
    expect((await stop(coordinator, standing)).body).toMatchObject({ events: [`person-${standing}`] });
    expect(await grant('G-2')).toMatchObject({ status: 403, code: 'person-not-active', body: { standing } });
    expect((await site.grants.load('G-2')).state).toBeUndefined();
    expect((await site.call(coordinator, 'POST /v1/people', { body: { personId: 'op-9', printedName: 'Jana Operator', roles: ['operator'] } })).code).toBe('person-not-active');
  });
  it('lose with a role in the register what it let them do, and a reviewer lets them work again, not they themselves', async () => {
    expect((await decide(reviewer, 'approval', 'roles', coordinator.id, { roles: ['process-scientist'] })).status).toBe(200);
    expect((await grant('G-3')).code).toBe('role-missing');
    await stop(qualified);
    expect((await decide(qualified, 'approval', 'reinstatement', qualified.id)).code).toBe('person-not-active');
    expect((await decide(reviewer, 'approval', 'reinstatement', qualified.id)).status).toBe(200);
    expect(await events(qualified)).toEqual(['person-registered', 'person-suspended', 'person-reinstated']);
  });
  it('are listed again after a restore, as they stood', async () => {
    await stop(scientist);
    const stream = { kind: 'person', id: scientist.id } as const;
    const key = keyOf.summary('person', scientist.id);
    expect(networkViewsOf(stream, await site.history.load(stream), site.now()).find(({ key: { pk } }) => pk === key.pk)).toMatchObject({ key, attributes: { standing: 'suspended', version: 2 } });
  });

  const PATH: Readonly<Record<string, string>> = { nodeId: 'north', masterBatchRecordId: 'MBR-1', testDataId: 'TD-1', modelId: 'M-1', version: '1', deviationId: 'D-1', runId: 'RUN-1', grantId: 'G-1', personId: 'p-1', path: '0/000' };
  const routes = NETWORK_ROUTES.filter(({ authorised }) => authorised);
  const EVERYTHING: TestPerson = { ...operator, id: 'all-1', roles: ['operator', 'process-scientist', 'quality-reviewer', 'qualified-person', 'site-engineer', 'master-data-steward', 'regulator', 'network-coordinator'] };
  it.each(routes.map(({ method, path }) => [`${method} ${path}`] as const))('who is suspended gets nothing from %s', async (route) => {
    expect((await site.call(coordinator, 'POST /v1/people', { body: { personId: EVERYTHING.id, printedName: EVERYTHING.name, roles: EVERYTHING.roles } })).status).toBe(201);
    await stop(EVERYTHING);
    const path = Object.fromEntries([...route.matchAll(/\{(\w+)\+?\}/g)].map(([, name = '']) => [name, PATH[name] ?? '']));
    const { operation = '' } = CONTRACTS.network.find(({ method, route: its }) => `${method} ${its}` === route) ?? {};
    const body = VALID_BODY[operation];
    expect((await site.call(EVERYTHING, route, { path, query: route === 'GET /v1/batches' ? { nodeId: 'north' } : route.endsWith('consistency') ? { from: '1', to: '2' } : {}, ...(body === undefined ? {} : { body }) })).code).toBe('person-not-active');
  });
});

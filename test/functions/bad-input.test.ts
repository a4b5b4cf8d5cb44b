import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { AnyContract } from '../../functions/_platform/contract.ts';
import { MAXIMUM_BODY_BYTES } from '../../functions/_platform/parse-request.ts';
import { CONTRACTS } from '../../functions/api-document/documents.ts';
import { NETWORK_ROUTES, NODE_ROUTES } from '../../shared/api/routes.ts';
import { ROLES } from '../../shared/record/envelope.ts';
import type { Answered, Asked } from '../support/api.ts';
import { createControlSite } from '../support/control-site.ts';
import { advance, createJourney, equip } from '../support/journey.ts';
import { planOf } from '../support/federated.ts';
import { MODEL_ID, TEST_TERMS } from '../support/model-fixtures.ts';
import { createNode } from '../support/node.ts';
import type { TestPerson } from '../support/people.ts';
import { MANIFESTS, VALID_BODY, VALID_QUERY } from '../support/valid-requests.ts';

type Path = readonly string[];
type Body = Readonly<Record<string, unknown>>;

/** One site with something in it: a call of one of its routes, and everything it holds. */
type Site = Readonly<{ call(person: TestPerson, route: string, asked: Asked): Promise<Answered>; held(): Promise<string>; path: Readonly<Record<string, string>>; version: number; sign(person: TestPerson, version: number): unknown }>;

const startNode = async (): Promise<Site> => {
  const node = createNode();
  await equip(node);
  const journey = await advance(await createJourney(node), 'culturing');
  await node.participation.change('north', () => [{ type: 'training-invited', runId: 'TRN-1', title: 'Early failure', purpose: 'Warn on day 3', plan: planOf(), invited: ['harbour', 'hill', 'north'], planHash: 'ab', joinUntilEpochMs: 2, joinsAtEpochMs: 1, receivedSha256: 'cd' }], { actor: { kind: 'system', id: 'test', version: '1' } });
  return {
    call: node.call, held: async () => JSON.stringify(await node.held(journey.batchId)), version: (await node.batch(journey.batchId)).version, sign: (person, version) => node.sign(person, 'responsibility', version),
    path: { artefactSha256: 'ab'.repeat(32), runId: 'TRN-1', siteId: 'hill', label: 'failed', path: 'entries/000.p/1', sha256: 'a'.repeat(64), batchId: journey.batchId, chainOfIdentityId: journey.chainOfIdentityId, phaseId: 'culture', valueId: 'viability', transferId: 'CUS-1', deviationId: 'DEV-1', gapId: 'GAP-1', lotId: 'MED-1', equipmentId: 'BIO-1', personId: 'op-1', kind: 'material-lot', id: 'MED-1', productId: 'test-product', recommendationId: 'REC-1', interventionId: 'REC-1-1', modelId: 'm', version: '1' },
  };
};
const startControlSite = async (): Promise<Site> => {
  const site = createControlSite();
  const author: TestPerson = { id: 'sci-1', name: 'Carla Scientist', roles: ['process-scientist'] };
  await site.call(author, 'POST /v1/master-batch-records', { body: VALID_BODY['draftMasterBatchRecord'] });
  const coordinator: TestPerson = { id: 'coo-1', name: 'Ivo Coordinator', roles: ['network-coordinator'] };
  await site.call(coordinator, 'POST /v1/audit-grants', { body: { ...VALID_BODY['issueAuditGrant'], signature: site.sign(coordinator, 'approval', 0) } });
  await site.call(coordinator, 'POST /v1/trainings', { body: VALID_BODY['startTraining'] });
  const upload = async (operation: string, route: string): Promise<unknown> => site.call(author, `POST ${route}`, { body: VALID_BODY[operation] });
  await upload('addModelArtefact', '/v1/model-artefacts');
  for (const body of MANIFESTS) await site.call(author, 'POST /v1/data-manifests', { body });
  await upload('draftModel', '/v1/models');
  const quality: TestPerson = { id: 'qa-1', name: 'Dora Reviewer', roles: ['quality-reviewer'] };
  await site.call(coordinator, 'POST /v1/people', { body: { personId: 'op-1', printedName: 'Anna Operator', roles: ['operator'] } });
  await site.people.change('op-1', () => [{ type: 'training-recorded', courseId: 'aseptic', completedAt: '2026-03-01T00:00:00Z', validUntil: '2027-01-01T00:00:00Z' }], { actor: { kind: 'system', id: 'test', version: '1' } });
  await site.call(quality, 'POST /v1/test-data', { body: { ...VALID_BODY['registerTestData'], signature: site.sign(quality, 'responsibility', 0) } });
  return { call: site.call, held: async () => JSON.stringify(await site.held('MBR-1', 'GRANT-1', MODEL_ID, TEST_TERMS.testDataId, 'op-1', 'op-9')), version: 1, sign: (person, version) => site.sign(person, 'responsibility', version), path: { path: 'entries/000.p/1', runId: 'TRN-1', modelId: MODEL_ID, version: '1', deviationId: 'v1-criteria-missed', testDataId: TEST_TERMS.testDataId, masterBatchRecordId: 'MBR-1', grantId: 'GRANT-1', nodeId: 'north', personId: 'op-1' } };
};

const routeOf = ({ method, route }: AnyContract): string => `${method} ${route}`;
const personFor = ({ roles }: AnyContract): TestPerson => ({ id: 'someone', name: 'Some One', roles });
const bodyOf = ({ operation }: AnyContract): Body => VALID_BODY[operation] ?? {};
const queryOf = ({ operation }: AnyContract): Readonly<Record<string, string>> => VALID_QUERY[operation] ?? {};
const pathNames = ({ route }: AnyContract): readonly string[] => Array.from(route.matchAll(/\{(\w+)\+?\}/g), ([, name = '']) => name);

/** What a body carries that has tests of its own: the content of a master batch record, the plan of a model or a training, rows of data. */
const HAS_OWN_TESTS: readonly (string | undefined)[] = ['content', 'plan', 'rows'];

/** Every place in a body with what stands there. */
const places = (value: unknown, at: Path = []): readonly Readonly<{ at: Path; value: unknown }>[] => [
  { at, value }, ...(typeof value !== 'object' || value === null || HAS_OWN_TESTS.includes(at[0]) ? [] : Object.entries(value).flatMap(([name, each]) => places(each, [...at, name]))),
];
const replaced = (value: unknown, [first, ...rest]: Path, by: unknown): unknown => {
  if (first === undefined) return by;
  if (Array.isArray(value)) return value.map((each, i) => (String(i) === first ? replaced(each, rest, by) : each as unknown));
  return { ...(value as Body), [first]: replaced((value as Body)[first], rest, by) };
};
const isObject = (value: unknown): value is Body => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Values of the other types, for what stands at a place. A result may be number, text or yes and no. */
const otherTypes = (at: Path, value: unknown): readonly unknown[] => {
  const never = [null, [[]], { a: 1 }];
  if (at.at(-1) === 'value') return never;
  if (typeof value === 'string') return [...never, 7, true];
  if (typeof value === 'number') return [...never, '7', true];
  if (typeof value === 'boolean') return [...never, 7, 'true'];
  return [null, 7, 'text', true, ...(Array.isArray(value) ? [{}] : [[]])];
};

/** Version of the record behind a signed route, where it is not the one of the batch, a lot or a person. */
const HELD_VERSION: Readonly<Record<string, number>> = { decideMaterialLot: 3, importTrainingData: 0, proposeTrainingBudget: 0, setTrainingBudget: 0, declineTraining: 1, consentToTraining: 1, confirmTrainingPartner: 0, withdrawTrainingPartner: 0, draftGovernanceTable: 0, approveGovernanceTable: 0, makeGovernanceTableEffective: 0, resumeModelUse: 0, assessModelDrift: 0, closeModelDeviation: 0 };
const SITES = [['node', startNode, NODE_ROUTES, CONTRACTS.node], ['network', startControlSite, NETWORK_ROUTES, CONTRACTS.network]] as const;

describe.each(SITES)('the interface of a %s', (_, start, routes, contracts: readonly AnyContract[]) => {
  let site: Site;
  let before: string;
  beforeAll(async () => {
    site = await start();
    before = await site.held();
  });

  /** API Gateway gives a route its own parameters and no others. */
  const pathOf = (contract: AnyContract, own: Readonly<Record<string, string>> = {}) => Object.fromEntries(pathNames(contract).map((name) => [name, own[name] ?? site.path[name] ?? '']));

  /** Refused with this status, naming this place, and nothing is stored. */
  const expectRefused = async (contract: AnyContract, asked: Asked, status: number, place: string | undefined): Promise<void> => {
    const answer = await site.call(personFor(contract), routeOf(contract), { query: queryOf(contract), ...asked, path: pathOf(contract, asked.path) });
    const said = `${routeOf(contract)} ${JSON.stringify(asked).slice(0, 300)} answered ${answer.status} ${JSON.stringify(answer.body).slice(0, 300)}`;
    expect(answer.status, said).toBe(status);
    expect(answer.headers['content-type'], said).toBe('application/problem+json');
    if (place !== undefined) expect(answer.body['paths'], said).toContain(place);
    expect(await site.held() === before, `${said}, and something is stored`).toBe(true);
  };

  it('has a contract for every route, and a valid request for every contract', () => {
    expect(contracts.map(routeOf).toSorted()).toEqual(routes.filter(({ authorised }) => authorised).map(({ method, path }) => `${method} ${path}`).toSorted());
    for (const contract of contracts) expect([contract.operation, contract.body.safeParse(bodyOf(contract)).error, contract.query.safeParse(queryOf(contract)).error]).toEqual([contract.operation, undefined, undefined]);
  });

  it('refuses each route to every role it is not for, and to who has no role, and stores nothing', async () => {
    for (const contract of contracts) {
      for (const roles of [[], ...ROLES.filter((role) => !contract.roles.includes(role)).map((role) => [role])]) {
        const answer = await site.call({ ...personFor(contract), roles }, routeOf(contract), { query: queryOf(contract), path: pathOf(contract), ...(contract.method === 'POST' ? { body: bodyOf(contract) } : {}) });
        expect([routeOf(contract), roles, answer.status, answer.code]).toEqual([routeOf(contract), roles, 403, 'role-missing']);
      }
    }
    expect(await site.held()).toBe(before);
  });

  describe.each(contracts.filter(({ method }) => method === 'POST').map((contract) => [routeOf(contract), contract] as const))('%s', (__, contract) => {
    const body = bodyOf(contract);
    const inside = places(body).filter(({ at }) => at.length > 0);
    const objects = places(body).filter(({ at, value }) => isObject(value) && !HAS_OWN_TESTS.includes(at[0]));
    const nameOf = (at: Path): string => ['body', ...at].join('.');

    it.runIf(inside.length > 0)('refuses a value of another type, naming it', async () => {
      for (const { at, value } of inside) for (const other of otherTypes(at, value)) await expectRefused(contract, { body: replaced(body, at, other) }, 400, nameOf(at));
    });
    it('refuses a field it does not know, at any depth', async () => {
      const name = fc.oneof(fc.constantFrom('__proto__', 'constructor', 'batchId', 'actor', 'signerId', 'recordedAt'), fc.string({ minLength: 1, maxLength: 20 }).filter((text) => text.isWellFormed()));
      await fc.assert(fc.asyncProperty(fc.constantFrom(...objects), name, fc.jsonValue({ maxDepth: 2, stringUnit: 'grapheme' }), async ({ at, value }, field, extra) => {
        fc.pre(!(at.length === 0 ? Object.keys(contract.body.shape) : Object.keys(value as Body)).includes(field));
        // Written by hand, because an object can not be given a member called __proto__ as JSON can.
        const member = `${JSON.stringify(field)}:${JSON.stringify(extra)}`;
        const text = JSON.stringify(replaced(body, at, '@@')).replace('"@@"', () => JSON.stringify(value).replace(/(,?)\}$/, (end) => `${JSON.stringify(value) === '{}' ? '' : ','}${member}${end}`));
        await expectRefused(contract, { text }, 400, nameOf(at));
      }), { numRuns: 20 });
    });
    it.runIf(inside.length > 0)('refuses texts too long, empty ones where something must be said, and half a character', async () => {
      for (const { at, value } of inside.filter((each) => typeof each.value === 'string')) {
        await expectRefused(contract, { body: replaced(body, at, 'x'.repeat(9000)) }, 400, nameOf(at));
        await expectRefused(contract, { body: replaced(body, at, '') }, 400, nameOf(at));
        await expectRefused(contract, { body: replaced(body, at, `${String(value)}\ud800`) }, 400, nameOf(at));
      }
    });
    it.runIf(inside.length > 0)('refuses numbers no record can hold', async () => {
      const numbers = inside.filter(({ value }) => typeof value === 'number');
      for (const { at } of numbers) {
        const text = (literal: string) => JSON.stringify(replaced(body, at, '@@')).replace('"@@"', literal);
        for (const literal of ['1e400', '-1e400', 'NaN']) await expectRefused(contract, { text: text(literal) }, 400, literal === 'NaN' ? 'body' : nameOf(at));
      }
    });
    it('refuses a body larger than any command', async () => { await expectRefused(contract, { text: `${JSON.stringify(body)}${' '.repeat(contract.maximumBodyBytes ?? MAXIMUM_BODY_BYTES)}` }, 413, undefined); });
    it('refuses what is no JSON object', async () => {
      for (const text of ['{', '[]', '7', '"x"', 'null', '{"a":1}{']) await expectRefused(contract, { text }, 400, 'body');
    });
    it('refuses a query it does not take', async () => { await expectRefused(contract, { body, query: { force: 'true' } }, 400, 'query'); });
    it.runIf('signature' in body)('refuses a missing signature, and one without its meaning, the version seen or the sign-in', async () => {
      const signature = body['signature'] as Body;
      await expectRefused(contract, { body: { ...body, signature: undefined } }, 400, 'body.signature');
      for (const name of ['meaning', 'version', 'reauthenticationToken']) await expectRefused(contract, { body: { ...body, signature: { ...signature, [name]: undefined } } }, 400, `body.signature.${name}`);
      await expectRefused(contract, { body: { ...body, signature: { ...signature, meaning: 'seen' } } }, 400, 'body.signature.meaning');
    });
    it.runIf('signature' in body)('refuses a signature on another version than the record has', async () => {
      await fc.assert(fc.asyncProperty(fc.integer({ min: 0, max: 1_000_000 }), async (version) => {
        const held = HELD_VERSION[contract.operation] ?? (['{lotId}', '{personId}', '{chainOfIdentityId}'].some((name) => contract.route.includes(name)) ? 2 : site.version);
        fc.pre(version !== held);
        await expectRefused(contract, { body: { ...body, signature: site.sign(personFor(contract), version) } }, 409, undefined);
      }), { numRuns: 10 });
    });
  });

  describe.each(contracts.filter((contract) => pathNames(contract).length > 0).map((contract) => [routeOf(contract), contract] as const))('%s', (__, contract) => {
    const [first = ''] = pathNames(contract).filter((name) => name !== 'kind');
    const asked = (path: Readonly<Record<string, string>>): Asked => ({ path, ...(contract.method === 'POST' ? { body: bodyOf(contract) } : {}) });
    it('refuses an identifier that is none, naming it', async () => {
      const wrong = fc.oneof(fc.constantFrom('', '.', '..', 'a b', 'a#EVENT', 'a/b', 'a\u0000', 'é', '-a', 'x'.repeat(65), 'constructor', 'toString', 'hasOwnProperty', '__proto__'), fc.string().filter((text) => !/^[A-Za-z0-9][A-Za-z0-9._*-]{0,63}$/.test(text) && text.isWellFormed()));
      await fc.assert(fc.asyncProperty(fc.constantFrom(...pathNames(contract)), wrong, (name, text) => expectRefused(contract, asked({ [name]: text }), 400, `path.${name}`)), { numRuns: 30 });
    });
    it('has nothing of another hospital', async () => {
      const elsewhere = { chainOfIdentityId: 'CZZZZZZZZZZF', path: '3/777', artefactSha256: 'cd'.repeat(32) }[first] ?? 'hill-20260302-7Q2MX4';
      const signed = 'signature' in bodyOf(contract) ? { body: { ...bodyOf(contract), signature: site.sign(personFor(contract), 0) } } : {};
      await expectRefused(contract, { ...asked({ [first]: elsewhere }), ...signed }, 404, undefined);
    });
  });

  describe.each(contracts.filter(({ method }) => method === 'GET').map((contract) => [routeOf(contract), contract] as const))('%s', (__, contract) => {
    it('refuses a query it does not take, or without what it needs', async () => {
      await expectRefused(contract, { query: { ...queryOf(contract), all: 'true' } }, 400, 'query');
      for (const name of Object.keys(queryOf(contract))) await expectRefused(contract, { query: {} }, 400, `query.${name}`);
    });
    it.runIf('limit' in contract.query.shape)('refuses pages of no size and cursors it did not give', async () => {
      for (const limit of ['0', '-1', '201', '1.5', 'all', '1e9']) await expectRefused(contract, { query: { ...queryOf(contract), limit } }, 400, 'query.limit');
      await fc.assert(fc.asyncProperty(fc.oneof(fc.constantFrom('%%%', 'e30', 'bnVsbA', Buffer.from('{"pk":"BATCH#x","sk":"EVENT#1"}').toString('base64url')), fc.string({ minLength: 1, maxLength: 60 })), (cursor) =>
        expectRefused(contract, { query: { ...queryOf(contract), cursor } }, 400, undefined)), { numRuns: 15 });
      await expectRefused(contract, { query: { ...queryOf(contract), cursor: 'a'.repeat(1025) } }, 400, 'query.cursor');
    });
  });
});

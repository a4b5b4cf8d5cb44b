import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { encodeCursor } from '../../functions/_platform/cursor.ts';
import { CONTRACTS } from '../../functions/api-document/documents.ts';
import { subjectsOf, type Subject } from '../../shared/audit/subjects.ts';
import type { StreamId } from '../../shared/record/envelope.ts';
import type { Answered } from '../support/api.ts';
import { CONTENT } from '../support/batch-fixtures.ts';
import { act, advance, PHASE_ROUTE, receiveLot } from '../support/journey.ts';
import { createNode, type TestNode } from '../support/node.ts';
import { PEOPLE, type TestPerson } from '../support/people.ts';
import { twinWithout } from '../support/twin.ts';
import { VALID_QUERY } from '../support/valid-requests.ts';
import { OTHER, EVER, onlyFirst, type Query, type Made, makeNode, plan } from '../support/granted-products.ts';

const { operator, steward, reviewer, regulator, scientist } = PEOPLE;
type Question = Readonly<{ route: string; path: Query; query: Query }>;

const BATCH_ROUTES = CONTRACTS.node.filter(({ route, method, roles }) => method === 'GET' && roles.includes('regulator') && route.includes('{batchId}'));
const READ_ROUTES = CONTRACTS.node.filter(({ roles }) => roles.includes('regulator'));
const queryOf = (operation: string): Query => VALID_QUERY[operation] ?? {};
const NO_CHUNK = '0'.repeat(64);
const pathIn = (route: string, batchId: string, sha256: string): Query => ({ batchId, ...(route.includes('{sha256}') ? { sha256 } : {}) });

/** The streams a grant for the first product is about: its models, batches and therapy events, their lots, and what its batches name. */
const isOfFirst = async ({ node, covered }: Made): Promise<(stream: StreamId) => boolean> => {
  const kept = new Set<string>();
  const keep = ({ kind, id }: Subject): unknown => kept.add(`${kind}#${id}`);
  for (const { batchId, chainOfIdentityId, patientLot } of covered) {
    for (const subject of [{ kind: 'batch', id: batchId }, { kind: 'chain-of-identity', id: chainOfIdentityId }, { kind: 'material-lot', id: patientLot }] as const) keep(subject);
    for (const recorded of await node.store.load({ kind: 'batch', id: batchId })) subjectsOf(recorded).forEach(keep);
  }
  return ({ kind, id }) => kept.has(`${kind}#${id}`) || (kind === 'model-record' && id !== 'other-model') || (kind === 'governance-table' && id === CONTENT.productId);
};

const questions = ({ node, covered, hidden, chunkOf }: Made, limit: string): readonly Question[] => {
  const all = [...covered, ...hidden];
  const subjects = [...all.flatMap(({ batchId, chainOfIdentityId, patientLot }) => [['batch', batchId], ['chain-of-identity', chainOfIdentityId], ['material-lot', patientLot]] as const),
    ['material-lot', 'MED-1'], ['material-lot', 'MED-9'], ['material-lot', 'NOBODY-1'], ['equipment', 'BIO-1'], ...[operator, steward, reviewer].map(({ id }) => ['person', id] as const)] as const;
  const parameter = { 'chain-of-identity': 'chainOfIdentityId', 'material-lot': 'materialLotId', equipment: 'equipmentId', person: 'personId' };
  const times = { from: '2026-03-01T00:00:00Z', to: new Date(node.time.epochMs).toISOString() };
  const at = (route: string, query: Query = {}, path: Query = {}): Question => ({ route: `GET ${route}`, path, query });
  return [
    at('/v1/batches', { limit }), at('/v1/audit/batches', { limit }), at('/v1/audit/batches', { limit, productId: OTHER.productId }), at('/v1/audit/batches', { limit, disposition: 'none', ...times }), at('/v1/telemetry/quarantine', { limit }), at('/v1/audit/models', { limit }), at('/v1/audit/governance-tables', { limit }), at('/v1/audit/trainings', { limit }), at('/v1/audit/trainings', { limit, runId: 'TRN-1' }), at('/v1/audit/models', { limit, productId: OTHER.productId }),
    ...subjects.flatMap(([kind, id]) => (kind === 'batch' ? [] : [at('/v1/audit/search', { limit, [parameter[kind]]: id })])), at('/v1/audit/search', { limit, ...times }),
    ...subjects.map(([kind, id]) => at('/v1/audit/genealogy/{kind}/{id}', {}, { kind, id })),
    ...subjects.flatMap(([kind, id]) => [at('/v1/audit/records/{kind}/{id}', { limit }, { kind, id }), at('/v1/audit/records/{kind}/{id}/audit-trail', { limit }, { kind, id }), at('/v1/audit/records/{kind}/{id}/proof', {}, { kind, id })]),
    ...all.flatMap(({ batchId }) => BATCH_ROUTES.map(({ route, operation }) => at(route, queryOf(operation), pathIn(route, batchId, chunkOf.get(batchId) ?? NO_CHUNK)))),
  ];
};

/** Every page of the answer, cursors and files with it. */
const answersTo = async (node: TestNode, { route, path, query }: Question): Promise<readonly unknown[]> => {
  const answers: unknown[] = [];
  let cursor: string | undefined;
  do {
    const { status, body, file } = await node.call(regulator, route, { path, query: { ...query, ...(cursor === undefined ? {} : { cursor }) } });
    answers.push({ status, body, file: file?.toString('base64') });
    cursor = body['nextCursor'] as string | undefined;
  } while (cursor !== undefined);
  return answers;
};

describe('what a grant does not cover', () => {
  it('could as well never have been: every answer, page and cursor is that of a hospital without it', async () => {
    await fc.assert(fc.asyncProperty(plan, fc.constantFrom('1', '2', '50'), async (stages, limit) => {
      const made = await makeNode(stages);
      const twin = twinWithout(made.node, await isOfFirst(made));
      made.node.grant(onlyFirst);
      for (const question of questions(made, limit)) expect(await answersTo(made.node, question), JSON.stringify(question)).toEqual(await answersTo(twin, question));
    }), { numRuns: 12, examples: [[[{ isHidden: true, stage: 'cultured' }, { isHidden: false, stage: 'cultured' }, { isHidden: true, stage: 'receiving' }, { isHidden: false, stage: 'receiving' }], '1']] });
  });

  it('answers like what does not exist but for its name, after the same reads in the same order', async () => {
    const { node, hidden: [journey], chunkOf } = await makeNode([{ isHidden: true, stage: 'cultured' }, { isHidden: false, stage: 'cultured' }]);
    node.grant(onlyFirst);
    const reads = [vi.spyOn(node.operations, 'get'), vi.spyOn(node.operations, 'list'), vi.spyOn(node.store, 'load'), vi.spyOn(node.telemetryObjects, 'get')];
    const heard = async (route: string, path: Query, query: Query, name: string): Promise<unknown> => {
      for (const each of reads) each.mockClear();
      const { status, body, headers } = await node.call(regulator, route, { path, query });
      return JSON.stringify([status, headers, body, reads.map((each) => each.mock.calls)]).replaceAll(name, '<name>');
    };
    const [here, nowhere] = [journey!.batchId, 'north-20260302-ZZZZZZ'];
    for (const { route, operation } of BATCH_ROUTES) for (const query of [queryOf(operation), { ...queryOf(operation), ...(operation === 'inspectRecord' || operation === 'readProof' ? { version: '2' } : {}) }]) {
      expect(await heard(`GET ${route}`, pathIn(route, here, chunkOf.get(here)!), query, here)).toBe(await heard(`GET ${route}`, pathIn(route, nowhere, chunkOf.get(here)!), query, nowhere));
    }
    const genealogy = (kind: string, id: string) => heard('GET /v1/audit/genealogy/{kind}/{id}', { kind, id }, {}, id);
    expect(await genealogy('batch', here)).toBe(await genealogy('batch', nowhere));
    expect(await genealogy('chain-of-identity', journey!.chainOfIdentityId)).toBe(await genealogy('chain-of-identity', 'CZZZZZZZZZZF'));
    const search = (id: string) => heard('GET /v1/audit/search', {}, { chainOfIdentityId: id }, id);
    expect(await search(journey!.chainOfIdentityId)).toBe(await search('CZZZZZZZZZZF'));
  });

  it('is not named by a lot that it made and that may be seen', async () => {
    const { node, covered: [seen], hidden: [journey] } = await makeNode([{ isHidden: true, stage: 'started' }, { isHidden: false, stage: 'received' }]);
    await receiveLot(node, { lotId: 'MADE-1', materialId: 'medium', sourceBatchId: journey!.batchId });
    await advance(seen!, 'culturing', 'received');
    await act(seen!, operator, `${PHASE_ROUTE}/materials`, { materialId: 'medium', lotId: 'MADE-1', quantity: 10, label: 'BED1|LOT:MADE-1' }, { phaseId: 'culture' });
    const genealogy = () => node.call(regulator, 'GET /v1/audit/genealogy/{kind}/{id}', { path: { kind: 'batch', id: seen!.batchId } });
    expect(JSON.stringify((await genealogy()).body)).toContain(journey!.batchId);
    node.grant(onlyFirst);
    expect(JSON.stringify((await genealogy()).body)).not.toContain(journey!.batchId);
    expect(JSON.stringify((await genealogy()).body)).toContain('MADE-1');
  });

  it('takes away no refusal in a batch that is covered, whoever else was refused the same lot', async () => {
    const { node, covered: [seen] } = await makeNode([{ isHidden: true, stage: 'receiving' }, { isHidden: false, stage: 'receiving' }]);
    node.grant(onlyFirst);
    for (const materialLotId of ['MED-9', 'NOBODY-1']) {
      const { body } = await node.call(regulator, 'GET /v1/audit/search', { query: { materialLotId } });
      expect((body['items'] as readonly Readonly<{ id: string }>[]).map(({ id }) => id)).toEqual([seen!.batchId]);
    }
  });

  it('is not reached by a cursor that names it', async () => {
    const { node, hidden: [journey] } = await makeNode([{ isHidden: false, stage: 'started' }, { isHidden: true, stage: 'started' }, { isHidden: false, stage: 'started' }]);
    node.grant(onlyFirst);
    const cursor = encodeCursor({ pk: 'SUMMARY#BATCH', sk: journey!.batchId })!;
    const { body } = await node.call(regulator, 'GET /v1/batches', { query: { cursor } });
    expect(JSON.stringify(body)).not.toContain(journey!.batchId);
    expect(body['items']).toHaveLength(1);
  });
});

describe('the log', () => {
  it('gives entries, which are whole events, only to who may see everything; tiles of hashes and checkpoints to any grant', async () => {
    const { node } = await makeNode([{ isHidden: true, stage: 'started' }]);
    for (const path of ['tile/0/000.p/1', 'tile/entries/000.p/1']) await node.log.objects.put(path, Uint8Array.of(1));
    let route = 'GET /v1/log/tile/{path+}';
    const tile = (path: string): Promise<Answered> => node.call(regulator, route, { path: { path } });
    expect([(await tile('0/000.p/1')).status, (await tile('entries/000.p/1')).status]).toEqual([200, 200]);
    node.grant(onlyFirst);
    const [hashes, hidden, absent] = [await tile('0/000.p/1'), await tile('entries/000.p/1'), await tile('entries/000.p/9')];
    expect([hashes.status, hidden.status]).toEqual([200, 404]);
    route = 'GET /v1/audit/log/tile/{path+}';
    expect([(await tile('0/000.p/1')).status, (await tile('entries/000.p/1')).status]).toEqual([200, 404]);
    expect(JSON.stringify(hidden.body)).toBe(JSON.stringify(absent.body).replaceAll('000.p/9', '000.p/1'));
  });
});

describe('every read route of a regulator', () => {
  const named: Query = { batchId: 'north-20260302-ZZZZZZ', kind: 'batch', id: 'north-20260302-ZZZZZZ', path: '0/000.p/1', sha256: NO_CHUNK };
  const pathOf = (route: string): Query => Object.fromEntries(Array.from(route.matchAll(/\{(\w+)\+?\}/g), ([, name = '']) => [name, named[name] ?? '']));
  it.each(READ_ROUTES.map(({ method, route, operation }) => [`${method} ${route}`, operation] as const))('%s is refused without a grant, before anything is looked at, and that is on record', async (route, operation) => {
    const node = createNode();
    const reads = [vi.spyOn(node.operations, 'get'), vi.spyOn(node.operations, 'list')];
    const loads = vi.spyOn(node.store, 'load');
    for (const grants of [[], [{ ...EVER, grantId: 'G', login: 'somebody.else' }], [{ ...EVER, grantId: 'G', until: '2026-03-02T14:05:09.120Z' }], [{ ...EVER, grantId: 'G', from: '2026-03-02T14:05:09.121Z' }]]) {
      node.grant(...grants);
      expect(await node.call(regulator, route, { path: pathOf(route), query: queryOf(operation) })).toMatchObject({ status: 403, code: 'audit-grant-missing' });
      expect(node.reads.at(-1)).toMatchObject({ readerId: regulator.id, operation, outcome: 'audit-grant-missing', itemCount: 0, grantIds: [] });
    }
    // The reader's own registration, who may be suspended.
    for (const each of reads) for (const [key] of each.mock.calls) expect(key).toEqual({ pk: 'SUMMARY#PERSON', sk: regulator.id });
    // The list of the reader's own refusals that day, which this one goes to.
    for (const [stream] of loads.mock.calls) expect(stream).toEqual({ kind: 'security', id: `2026-03-02.${regulator.id}` });
    node.library.objects.set('grants/111111111111/north.json', Buffer.from('{"formatVersion":1,"nodeId":"hill","grants":[]}'));
    expect(await node.call(regulator, route, { path: pathOf(route), query: queryOf(operation) })).toMatchObject({ status: 403, code: 'audit-grant-unreadable' });
    expect((await node.records.security.load(`2026-03-02.${regulator.id}`)).state).toMatchObject({ listed: 4 });
  });
  it('asks people of the hospital for no grant, a regulator with another role as what they are', async () => {
    const { node, hidden: [journey] } = await makeNode([{ isHidden: true, stage: 'started' }]);
    node.grant();
    const inspectorOfTheHouse: TestPerson = { ...reviewer, roles: ['regulator', 'quality-reviewer'] };
    for (const person of [reviewer, inspectorOfTheHouse]) expect((await node.call(person, 'GET /v1/audit/batches/{batchId}/record', { path: { batchId: journey!.batchId } })).status).toBe(200);
    const unhelpful: TestPerson = { ...regulator, roles: ['regulator', 'site-engineer'] };
    expect((await node.call(unhelpful, 'GET /v1/audit/batches')).code).toBe('audit-grant-missing');
    expect((await node.call(scientist, 'GET /v1/batches')).status).toBe(200);
  });
});

import { beforeAll, describe, expect, it, vi } from 'vitest';
import { keyOf } from '../../shared/storage/keys.ts';
import { PEOPLE } from '../support/people.ts';
import { makeNode, onlyFirst, OTHER, type Made } from '../support/granted-products.ts';

const { regulator } = PEOPLE;
let made: Made;
beforeAll(async () => {
  made = await makeNode([{ isHidden: false, stage: 'started' }, { isHidden: true, stage: 'valued' }]);
  made.node.grant(onlyFirst);
});

/** What a request read of each store, in order. */
const readsOf = async (route: string, path: Readonly<Record<string, string>>, query: Readonly<Record<string, string>> = {}): Promise<Readonly<{ status: number; reads: readonly string[] }>> => {
  const { node } = made;
  const reads: string[] = [];
  const spies = [
    vi.spyOn(node.operations, 'get').mockName('get'), vi.spyOn(node.operations, 'list').mockName('list'), vi.spyOn(node.store, 'load').mockName('load'),
  ];
  const { status } = await node.call(regulator, route, { path, query });
  for (const spy of spies) {
    reads.push(...spy.mock.calls.map(() => spy.getMockName()));
    spy.mockRestore();
  }
  return { status, reads };
};

const hiddenBatch = () => made.hidden[0]!;
const ROUTES: readonly (readonly [string, (id: string) => Readonly<Record<string, string>>, () => string, string])[] = [
  ['GET /v1/audit/batches/{batchId}/record', (batchId) => ({ batchId }), () => hiddenBatch().batchId, 'north-20260302-ZZZZZZ'],
  ['GET /v1/audit/batches/{batchId}/audit-trail', (batchId) => ({ batchId }), () => hiddenBatch().batchId, 'north-20260302-ZZZZZZ'],
  ['GET /v1/audit/batches/{batchId}/inspection-pack', (batchId) => ({ batchId }), () => hiddenBatch().batchId, 'north-20260302-ZZZZZZ'],
  ['GET /v1/batches/{batchId}/proof', (batchId) => ({ batchId }), () => hiddenBatch().batchId, 'north-20260302-ZZZZZZ'],
  ...(['batch', 'chain-of-identity', 'material-lot', 'equipment', 'person', 'security', 'model-record', 'governance-table', 'training'] as const).flatMap((kind) => ['record', 'audit-trail', 'proof'].map((part) => [
    part === 'record' ? 'GET /v1/audit/records/{kind}/{id}' : `GET /v1/audit/records/{kind}/{id}/${part}`, (id: string) => ({ kind, id }),
    () => ({ batch: hiddenBatch().batchId, 'chain-of-identity': hiddenBatch().chainOfIdentityId, 'material-lot': hiddenBatch().patientLot, equipment: 'BIO-1', person: PEOPLE.second.id, security: `2026-03-02.${PEOPLE.operator.id}`, 'model-record': 'other-model', 'governance-table': 'other-product', training: 'north' })[kind],
    'CZZZZZZZZZZZ',
  ] as const)),
];

describe('what a grant does not cover takes the way of what is not there:', () => {
  it.each(ROUTES.map(([route, path, ...ids]) => [`${route} ${path('').kind ?? ''}`, route, path, ...ids] as const))('%s', async (_, route, path, hidden, absent) => {
    const [of, without] = [await readsOf(route, path(hidden())), await readsOf(route, path(absent))];
    expect([of.status, without.status]).toEqual([404, 404]);
    expect(of.reads).toEqual(without.reads);
  });
});

describe('what many hidden batches name takes the way of what is not there:', () => {
  const ID = 'HIDDEN-1', ABSENT = 'HIDDEN-2';
  /** Batches that name the lot, the machine and the person. */
  const nameIn = async (from: number, to: number): Promise<void> => {
    const { operations } = made.node;
    for (let i = from; i < to; i += 1) {
      const id = `north-20260401-${String(i).padStart(6, '0')}`;
      await operations.put(keyOf.summary('batch', id), { id, version: 1, productId: OTHER.productId });
      for (const kind of ['material-lot', 'equipment', 'person']) await operations.put(keyOf.reference(kind, ID, 'batch', id), { kind: 'batch', id });
    }
  };

  it.each([[0, 9], [9, 40], [40, 199], [199, 201], [201, 450]])('%i batches, and then %i', async (from, to) => {
    await nameIn(from, to);
    for (const kind of ['material-lot', 'equipment', 'person']) {
      for (const part of ['', '/audit-trail', '/proof']) {
        const [of, without] = [await readsOf(`GET /v1/audit/records/{kind}/{id}${part}`, { kind, id: ID }), await readsOf(`GET /v1/audit/records/{kind}/{id}${part}`, { kind, id: ABSENT })];
        expect([of.status, without.status, of.reads.length]).toEqual([404, 404, without.reads.length]);
        expect(of.reads).toEqual(without.reads);
      }
    }
  });

  it('where less than a page of hidden batches name it, in a search', async () => {
    const searched = (materialLotId: string) => readsOf('GET /v1/audit/search', {}, { materialLotId });
    const id = 'HIDDEN-3';
    for (let i = 0; i < 150; i += 1) await made.node.operations.put(keyOf.reference('material-lot', id, 'batch', `north-20260401-${String(i).padStart(6, '0')}`), { kind: 'batch', id: `north-20260401-${String(i).padStart(6, '0')}` });
    const [of, without] = [await searched(id), await searched(ABSENT)];
    expect([of.status, of.reads]).toEqual([200, without.reads]);
  });
});

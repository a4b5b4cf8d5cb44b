import { beforeAll, describe, expect, it, vi } from 'vitest';
import { PEOPLE } from '../support/people.ts';
import { makeNode, onlyFirst, type Made } from '../support/granted-products.ts';

const { regulator } = PEOPLE;
let made: Made;
beforeAll(async () => {
  made = await makeNode([{ isHidden: false, stage: 'started' }, { isHidden: true, stage: 'valued' }]);
  made.node.grant(onlyFirst);
});

/** What a request read of each store, in order. */
const readsOf = async (route: string, path: Readonly<Record<string, string>>): Promise<Readonly<{ status: number; reads: readonly string[] }>> => {
  const { node } = made;
  const reads: string[] = [];
  const spies = [
    vi.spyOn(node.operations, 'get').mockName('get'), vi.spyOn(node.operations, 'list').mockName('list'), vi.spyOn(node.store, 'load').mockName('load'),
  ];
  const { status } = await node.call(regulator, route, { path });
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

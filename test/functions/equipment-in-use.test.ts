import { beforeEach, describe, expect, it } from 'vitest';
import { act, actSigned, advance, BATCH_ROUTE, createJourney, equip, type Journey } from '../support/journey.ts';
import { createNode, type TestNode } from '../support/node.ts';
import { PEOPLE } from '../support/people.ts';

const { engineer, operator, reviewer, steward, regulator } = PEOPLE;
let node: TestNode;
let journey: Journey;
beforeEach(async () => {
  node = createNode();
  await equip(node);
  await node.ok(steward, 'POST /v1/equipment', { body: { equipmentId: 'SCALE-1', equipmentClassId: 'scale', title: 'Scale 1' } });
  journey = await createJourney(node);
});

type Item = Readonly<{ equipmentId: string; device?: object; inUse?: Readonly<{ batchId: string; since: string }> }>;
const list = async (): Promise<Readonly<Record<string, Item['inUse']>>> =>
  Object.fromEntries(((await node.call(engineer, 'GET /v1/equipment')).body['items'] as readonly Item[]).map(({ equipmentId, inUse }) => [equipmentId, inUse]));

describe('before a site engineer takes equipment out', () => {
  it('the list says which batch has it, and since when, with its device', async () => {
    await advance(journey, 'culturing');
    expect(await list()).toEqual({ 'BIO-1': { batchId: journey.batchId, since: expect.any(String) as string }, 'SCALE-1': undefined });
    const { equipment } = await node.batch(journey.batchId);
    expect((await list())['BIO-1']?.since).toBe(equipment[0]?.from);
    expect((await node.call(engineer, 'GET /v1/equipment')).body['items']).toContainEqual(expect.objectContaining({ equipmentId: 'BIO-1', device: { edgeNodeId: 'gateway-1', deviceId: 'bioreactor-1' } }));
  });
  it('the engineer sees where that batch stands, and lists no other', async () => {
    await advance(journey, 'culturing');
    expect((await node.call(engineer, `GET ${BATCH_ROUTE}`, { path: { batchId: (await list())['BIO-1']!.batchId } })).body).toMatchObject({ state: 'running' });
    expect((await node.call(engineer, 'GET /v1/batches')).code).toBe('role-missing');
  });
  it('a batch that is held still has it', async () => {
    await advance(journey, 'culturing');
    await act(journey, operator, `${BATCH_ROUTE}/hold`, { reason: 'power failure' });
    expect((await list())['BIO-1']).toMatchObject({ batchId: journey.batchId });
  });
  it('it is free before a batch begins with it, and once the batch let it go', async () => {
    expect((await list())['BIO-1']).toBeUndefined();
    await advance(journey, 'completed');
    expect((await list())['BIO-1']).toBeUndefined();
  });
  it('it is free when its batch was aborted', async () => {
    await advance(journey, 'culturing');
    expect((await actSigned(journey, operator, 'responsibility', `${BATCH_ROUTE}/abort`, { reason: 'contaminated' })).status).toBe(200);
    expect((await list())['BIO-1']).toBeUndefined();
  });
  it('what another piece of equipment with the same device does is not told of it', async () => {
    await node.ok(steward, 'POST /v1/equipment', { body: { equipmentId: 'BIO-2', equipmentClassId: 'bioreactor', title: 'Bioreactor 2', device: { edgeNodeId: 'gateway-1', deviceId: 'bioreactor-1' } } });
    await advance(journey, 'culturing');
    expect(await list()).toMatchObject({ 'BIO-1': { batchId: journey.batchId } });
    expect((await list())['BIO-2']).toBeUndefined();
  });
  it('staff may see it, a regulator not', async () => {
    expect((await node.call(reviewer, 'GET /v1/equipment')).status).toBe(200);
    expect((await node.call(regulator, 'GET /v1/equipment')).code).toBe('role-missing');
  });
});

import { beforeEach, expect, it } from 'vitest';
import { keyOf } from '../../shared/storage/keys.ts';
import { act, advance, createJourney, equip, PHASE_ROUTE, type Journey } from '../support/journey.ts';
import { createNode, type TestNode } from '../support/node.ts';
import { PEOPLE } from '../support/people.ts';

const { operator, reviewer, steward } = PEOPLE;
const LOT = 'SMALL-1';
let node: TestNode;
let journeys: readonly Journey[];

const received = async (journey: Journey): Promise<Journey> => {
  await advance(journey, 'received');
  await act(journey, operator, `${PHASE_ROUTE}/start`, {}, { phaseId: 'culture' });
  return journey;
};
const scan = async (journey: Journey, quantity: number) => {
  const { status, code } = await act(journey, operator, `${PHASE_ROUTE}/materials`, { materialId: 'medium', lotId: LOT, quantity, label: `BED1|LOT:${LOT}` }, { phaseId: 'culture' });
  return code ?? status;
};
const lot = async () => (await node.records.materialLots.load(LOT)).state;
/** What the records of the batches say was taken of it. */
const used = async (): Promise<number> => (await Promise.all(journeys.map(async ({ batchId }) => (await node.batch(batchId)).phases['culture']?.materials ?? []))).flat().filter(({ lotId }) => lotId === LOT).reduce((sum, { quantity }) => sum + quantity, 0);

beforeEach(async () => {
  node = createNode();
  await equip(node);
  const expiresAt = new Date(node.time.epochMs + 86_400_000).toISOString();
  await node.ok(steward, 'POST /v1/materials', { body: { lotId: LOT, materialId: 'medium', supplier: 'Supplier', quantity: 100, unit: 'mL', expiresAt } });
  await node.ok(reviewer, 'POST /v1/materials/{lotId}/status', { path: { lotId: LOT }, body: { status: 'released', reason: 'conforms', signature: node.sign(reviewer, 'approval', 1) } });
  journeys = [await received(await createJourney(node)), await received(await createJourney(node))];
});

it('a lot gives no more than it has, to all batches together', async () => {
  const [ada, ben] = journeys;
  expect(await scan(ada!, 60)).toBe(200);
  expect(await scan(ben!, 60)).toBe('material-exhausted');
  expect(await scan(ben!, 40)).toBe(200);
  expect([await lot(), await used()]).toMatchObject([{ drawn: 100 }, 100]);
});

it('of two batches that want its last at once one gets it, and the other is refused on record', async () => {
  expect((await Promise.all(journeys.map((each) => scan(each, 80)))).map(String).toSorted()).toEqual(['200', 'material-exhausted']);
  expect([(await lot())?.drawn, await used()]).toEqual([80, 80]);
  const refused = await Promise.all(journeys.map(async ({ batchId }) => (await node.batch(batchId)).refusalCount));
  expect(refused.toSorted()).toEqual([0, 1]);
});

it('many scans at once take what fits, and the lot and the batches agree on it', async () => {
  const answers = await Promise.all(Array.from({ length: 6 }, (_, i) => scan(journeys[i % 2]!, 30)));
  const taken = answers.filter((each) => each === 200).length * 30;
  expect(taken).toBeLessThanOrEqual(100);
  expect([(await lot())?.drawn, await used()]).toEqual([taken, taken]);
});

it('a refused scan takes nothing, and a repeated one takes it once', async () => {
  const [ada] = journeys;
  expect((await act(ada!, operator, `${PHASE_ROUTE}/materials`, { materialId: 'medium', lotId: LOT, quantity: 10, label: 'BED1|LOT:OTHER-1' }, { phaseId: 'culture' })).code).toBe('material-wrong');
  expect((await lot())?.drawn).toBe(0);
  const again = { path: { batchId: ada!.batchId, phaseId: 'culture' }, body: { materialId: 'medium', lotId: LOT, quantity: 10, label: `BED1|LOT:${LOT}` }, key: 'scan-000001' };
  for (let i = 0; i < 2; i += 1) expect((await node.call(operator, `POST ${PHASE_ROUTE}/materials`, again)).status).toBe(200);
  expect([(await lot())?.drawn, await used()]).toEqual([10, 10]);
});

it('the list of lots names the version that is there, so that quality can still reject it', async () => {
  await scan(journeys[0]!, 10);
  const { version } = await node.operations.get<{ version: number }>(keyOf.summary('material-lot', LOT)) ?? { version: 0 };
  expect(version).toBe(3);
  expect((await node.call(reviewer, 'POST /v1/materials/{lotId}/status', { path: { lotId: LOT }, body: { status: 'rejected', reason: 'recall', signature: node.sign(reviewer, 'approval', version) } })).status).toBe(200);
});

it('the patient\'s own material is not counted: it is the same where it arrives and where it is used', async () => {
  expect((await node.records.materialLots.load(journeys[0]!.patientLot)).state).toMatchObject({ drawn: 0 });
});

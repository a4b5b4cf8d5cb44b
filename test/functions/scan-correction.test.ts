import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { composeBatchRecord } from '../../shared/audit/compose-batch-record.ts';
import type { BatchEvent } from '../../shared/batch/events.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { act, actSigned, advance, createJourney, equip, PHASE_ROUTE, type Journey } from '../support/journey.ts';
import { createNode, type TestNode } from '../support/node.ts';
import { PEOPLE } from '../support/people.ts';

const { operator, reviewer, steward, regulator } = PEOPLE;
const LOT = 'SMALL-1';
const IN_CULTURE = { phaseId: 'culture' };
let node: TestNode;
let journeys: readonly [Journey, Journey];

const begun = async (journey: Journey): Promise<Journey> => {
  await advance(journey, 'received');
  await act(journey, operator, `${PHASE_ROUTE}/start`, {}, IN_CULTURE);
  return journey;
};
const begin = async (): Promise<void> => {
  node = createNode();
  await equip(node);
  const expiresAt = new Date(node.time.epochMs + 86_400_000).toISOString();
  await node.ok(steward, 'POST /v1/materials', { body: { lotId: LOT, materialId: 'medium', supplier: 'Supplier', quantity: 100, unit: 'mL', expiresAt } });
  await node.ok(reviewer, 'POST /v1/materials/{lotId}/status', { path: { lotId: LOT }, body: { status: 'released', reason: 'conforms', signature: node.sign(reviewer, 'approval', 1) } });
  journeys = [await begun(await createJourney(node)), await begun(await createJourney(node))];
};
beforeEach(begin);

const scan = (journey: Journey, quantity: number) => act(journey, operator, `${PHASE_ROUTE}/materials`, { materialId: 'medium', lotId: LOT, quantity, label: `BED1|LOT:${LOT}` }, IN_CULTURE);
const correct = (journey: Journey, scanVersion: number, quantity: number, own: object = {}) => actSigned(journey, operator, 'responsibility', `${PHASE_ROUTE}/materials/correction`, { lotId: LOT, scanVersion, quantity, reason: 'misread the scale', ...own }, IN_CULTURE);
const scansOf = async ({ batchId }: Journey) => (await node.batch(batchId)).phases['culture']?.materials ?? [];
const drawn = async (): Promise<number | undefined> => (await node.records.materialLots.load(LOT)).state?.drawn;
const lotEvents = async () => (await node.store.load<Readonly<{ type: string }>>({ kind: 'material-lot', id: LOT })).map(({ event }) => event);
/** What the records of the batches say was taken of it. */
const standing = async (): Promise<number> => (await Promise.all(journeys.map(scansOf))).flat().reduce((sum, { quantity }) => sum + quantity, 0);

describe('the correction of a scan', () => {
  it('gives back to the lot in the same breath what was not used, and another batch can have it', async () => {
    const [ada, ben] = journeys;
    const version = Number((await scan(ada, 90)).body['version']);
    expect((await scan(ben, 40)).code).toBe('material-exhausted');
    const answer = await correct(ada, version, 60);
    expect([answer.status, answer.body['events']]).toEqual([200, ['material-corrected']]);
    expect([await drawn(), (await lotEvents()).at(-1)]).toEqual([60, { type: 'material-lot-returned', quantity: 30, unit: 'mL' }]);
    expect(await node.operations.get(keyOf.summary('material-lot', LOT))).toMatchObject({ drawn: 60, version: 4 });
    expect((await scan(ben, 40)).status).toBe(200);
    expect([await drawn(), await standing()]).toEqual([100, 100]);
  });
  it('takes what was used besides, and no more than the lot has', async () => {
    const [ada, ben] = journeys;
    const version = Number((await scan(ada, 30)).body['version']);
    await scan(ben, 40);
    expect((await correct(ada, version, 60)).status).toBe(200);
    expect((await lotEvents()).at(-1)).toEqual({ type: 'material-lot-drawn', quantity: 30, unit: 'mL' });
    expect((await correct(ada, version, 61)).code).toBe('material-exhausted');
    expect((await node.store.load<object>({ kind: 'batch', id: ada.batchId })).at(-1)?.event).toMatchObject({ type: 'action-refused', attempted: 'correctMaterial', code: 'material-exhausted', refusedLotId: LOT });
    expect([await drawn(), await standing()]).toEqual([100, 100]);
  });
  it('names the scan as the batch shows it, and no other', async () => {
    const [ada] = journeys;
    await scan(ada, 10);
    const { body } = await node.call(operator, 'GET /v1/batches/{batchId}', { path: { batchId: ada.batchId } });
    const shown = (body['phases'] as Readonly<{ phaseId: string; materials: readonly Readonly<{ version: number }>[] }>[]).find(({ phaseId }) => phaseId === 'culture')!.materials;
    expect(shown).toMatchObject([{ materialId: 'medium', lotId: LOT, quantity: 10, unit: 'mL' }]);
    expect([(await correct(ada, shown[0]!.version + 9, 5)).code, (await correct(ada, shown[0]!.version, 5, { lotId: 'MED-1' })).code]).toEqual(['material-scan-not-found', 'material-scan-not-found']);
    expect((await correct(ada, shown[0]!.version, 5)).status).toBe(200);
  });
  it('of the patient\'s own material changes no lot', async () => {
    const [ada] = journeys;
    const path = { phaseId: 'receipt' };
    const { version } = (await node.batch(ada.batchId)).phases['receipt']!.materials[0]!;
    expect((await actSigned(ada, operator, 'responsibility', `${PHASE_ROUTE}/materials/correction`, { lotId: ada.patientLot, scanVersion: version, quantity: 70, reason: 'misread the scale' }, path)).status).toBe(200);
    expect((await node.store.load<Readonly<{ type: string }>>({ kind: 'material-lot', id: ada.patientLot })).map(({ event }) => event.type)).toEqual(['material-lot-received', 'material-lot-released']);
  });
  it('of a scan that the lot never counted leaves the lot as it is', async () => {
    const [ada] = journeys;
    await node.records.batches.change(ada.batchId, () => [{ type: 'material-added', phaseId: 'culture', materialId: 'medium', lotId: LOT, quantity: 20, unit: 'mL', label: 'L', expiresAt: '2027-01-01T00:00:00Z' }], { actor: { kind: 'system', id: 'test', version: '1' } });
    const [{ version } = { version: 0 }] = await scansOf(ada);
    expect((await correct(ada, version, 0)).status).toBe(200);
    expect([await drawn(), await standing()]).toEqual([0, 0]);
  });
  it('that meets a scan of another batch is decided again on the lot; one that meets another of its own batch goes back to the person', async () => {
    const [ada, ben] = journeys;
    const version = Number((await scan(ada, 50)).body['version']);
    const [corrected, scanned] = await Promise.all([correct(ada, version, 20), scan(ben, 10)]);
    expect([corrected.status, scanned.status, await drawn(), await standing()]).toEqual([200, 200, 30, 30]);
    const both = await Promise.all([correct(ada, version, 5), correct(ada, version, 15)]);
    expect(both.map(({ code, status }) => code ?? status).map(String).toSorted()).toEqual(['200', 'version-conflict']);
    expect(await drawn()).toBe(await standing());
  });
  it('stands in the record to read with old and new, why, by whom and signed, and in the audit trail', async () => {
    const [ada] = journeys;
    const version = Number((await scan(ada, 90)).body['version']);
    await correct(ada, version, 0);
    const document = composeBatchRecord(await node.store.load<BatchEvent>({ kind: 'batch', id: ada.batchId }));
    const change = { oldValue: '90', newValue: '0', reason: 'misread the scale', stamp: { by: 'Anna Operator' }, signature: { meaning: 'responsibility', subject: `change of Medium, lot ${LOT}` } };
    expect(document.changes).toMatchObject([{ ...change, phaseId: 'culture', title: `Medium, lot ${LOT}`, unit: 'mL' }]);
    expect(document.phases.flatMap(({ materials }) => materials).find(({ lotId }) => lotId === LOT)).toMatchObject({ quantity: '0 mL', changes: [change] });
    expect(document.history.map(({ what }) => what).filter((what) => what.includes('corrected'))).toEqual([]);
    const { items } = await node.ok(operator, 'GET /v1/batches/{batchId}/audit-trail', { path: { batchId: ada.batchId }, query: { limit: '200' } }) as { items: object[] };
    expect(items.at(-1)).toMatchObject({ type: 'material-corrected', oldValue: 90, newValue: 0, what: `Quantity of medium, lot ${LOT}, in phase culture corrected from 90 to 0 mL: not used` });
  });
});

describe('the genealogy', () => {
  const genealogy = async (kind: string, id: string) => {
    const { body } = await node.call(regulator, 'GET /v1/audit/genealogy/{kind}/{id}', { path: { kind, id } });
    return (['forward', 'backward'] as const).map((way) => (body[way] as { records: readonly Readonly<{ id: string }>[] }).records.map((each) => each.id));
  };
  it('leads from no lot to a batch that did not use it, and back to none; used again, it does', async () => {
    const [ada, ben] = journeys;
    const version = Number((await scan(ada, 10)).body['version']);
    await scan(ben, 10);
    const [forward] = await genealogy('material-lot', LOT);
    expect(forward).toEqual(expect.arrayContaining([ada.batchId, ben.batchId]));
    await correct(ada, version, 0);
    expect((await genealogy('material-lot', LOT))[0]).toEqual([ben.batchId, ben.chainOfIdentityId]);
    expect((await genealogy('batch', ada.batchId))[1]).not.toContain(LOT);
    await correct(ada, version, 4);
    expect((await genealogy('batch', ada.batchId))[1]).toContain(LOT);
    expect((await genealogy('material-lot', LOT))[0]).toContain(ada.batchId);
  });
});

const quantity = fc.integer({ min: 0, max: 600 }).map((tenths) => tenths / 10);
const step = fc.record({ who: fc.constantFrom(0, 1), which: fc.nat(5), quantity, isScan: fc.boolean() });

it('any order of scans and corrections leaves the lot with what it had minus what stands in the records', async () => {
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 14 }), async (steps) => {
    await begin();
    for (const each of steps) {
      const journey = journeys[each.who];
      const scans = await scansOf(journey);
      const before = await drawn();
      const { status } = each.isScan || scans.length === 0 ? await scan(journey, Math.max(each.quantity, 0.1)) : await correct(journey, scans[each.which % scans.length]!.version, each.quantity);
      if (status >= 400) expect(await drawn()).toBe(before);
      const left = 100 - (await drawn() ?? 0);
      expect(left).toBeGreaterThanOrEqual(0);
      expect(left).toBeCloseTo(100 - await standing(), 9);
    }
  }), { numRuns: 25 });
});

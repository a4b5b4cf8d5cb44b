import { beforeEach, describe, expect, it } from 'vitest';
import type { Subject } from '../../shared/audit/subjects.ts';
import { asking, createInspected, streamsIn, type Items } from '../support/inspection.ts';
import { act, advance, BATCH_ROUTE, receiveLot, type Journey } from '../support/journey.ts';
import type { TestNode } from '../support/node.ts';
import { PEOPLE } from '../support/people.ts';

const { operator, second, scientist } = PEOPLE;

let node: TestNode;
let journey: Journey;
let other: Journey;
beforeEach(async () => { ({ node, journey, other } = await createInspected()); });

const ask = asking(() => node);

describe('genealogy', () => {
  const genealogy = async (kind: Subject['kind'], id: string) => {
    const { status, body } = await ask('genealogy/{kind}/{id}', {}, { kind, id });
    if (status !== 200) return { status, forward: [], backward: [] };
    return { status, forward: streamsIn((body['forward'] as { records: Items }).records), backward: streamsIn((body['backward'] as { records: Items }).records) };
  };
  it('leads from a lot to every batch and patient, and from a batch back to its lots, equipment and people', async () => {
    expect(await genealogy('material-lot', 'MED-1')).toEqual({ status: 200, forward: [`batch ${journey.batchId}`, `chain-of-identity ${journey.chainOfIdentityId}`], backward: [] });
    const { forward, backward } = await genealogy('batch', journey.batchId);
    expect(forward).toEqual([`chain-of-identity ${journey.chainOfIdentityId}`]);
    expect(backward.toSorted()).toEqual([`chain-of-identity ${journey.chainOfIdentityId}`, 'equipment BIO-1', 'material-lot MED-1', `material-lot ${journey.patientLot}`, 'person op-1', 'person op-2']);
  });
  it('leads through a lot that a batch made to the batches that used it, and back', async () => {
    await receiveLot(node, { lotId: 'MADE-1', materialId: 'cells', chainOfIdentityId: other.chainOfIdentityId, sourceBatchId: journey.batchId });
    await advance({ ...other, patientLot: 'MADE-1' }, 'receiving');
    await act(other, operator, `${BATCH_ROUTE}/phases/{phaseId}/materials`, { materialId: 'cells', lotId: 'MADE-1', quantity: 80, label: `BED1|LOT:MADE-1|COI:${other.chainOfIdentityId}` }, { phaseId: 'receipt' });
    expect((await genealogy('material-lot', 'MED-1')).forward).toEqual([`batch ${journey.batchId}`, `chain-of-identity ${journey.chainOfIdentityId}`, 'material-lot MADE-1', `batch ${other.batchId}`, `chain-of-identity ${other.chainOfIdentityId}`]);
    expect((await genealogy('chain-of-identity', other.chainOfIdentityId)).backward).toEqual(expect.arrayContaining(['material-lot MADE-1', `batch ${journey.batchId}`, 'material-lot MED-1', 'equipment BIO-1']));
  });
  it('of equipment and of a person is where they worked', async () => {
    for (const [kind, id] of [['equipment', 'BIO-1'], ['person', second.id]] as const) expect((await genealogy(kind, id)).forward).toEqual([`batch ${journey.batchId}`, `chain-of-identity ${journey.chainOfIdentityId}`]);
    expect((await genealogy('person', scientist.id)).status).toBe(404);
  });
  it.each(['batch', 'chain-of-identity', 'material-lot', 'equipment', 'person'] as const)('of a %s that is not here is missing', async (kind) => {
    expect(await ask('genealogy/{kind}/{id}', {}, { kind, id: 'NONE-1' })).toMatchObject({ status: 404, code: 'record-not-found' });
  });
  it('has no lot from a batch that is not here', async () => {
    await expect(receiveLot(node, { lotId: 'MADE-2', materialId: 'cells', sourceBatchId: 'north-20260302-NOPE' })).rejects.toThrow('batch-not-found');
  });
});

import { beforeEach, describe, expect, it } from 'vitest';
import { keyOf } from '../../shared/storage/keys.ts';
import { CONTENT } from '../support/batch-fixtures.ts';
import { batchCommands } from '../support/batch-commands.ts';
import { act, actSigned, BATCH_ROUTE, createEquippedJourney, PHASE_ROUTE, type Journey } from '../support/journey.ts';
import type { TestNode } from '../support/node.ts';
import { PEOPLE } from '../support/people.ts';

const { operator } = PEOPLE;
let node: TestNode;
let journey: Journey;
beforeEach(async () => { ({ node, journey } = await createEquippedJourney()); });
const { at, events, inPhase, dispose, offer } = batchCommands(() => journey);

describe('a batch that was rejected while it ran', () => {
  beforeEach(async () => {
    await at('culturing');
    await dispose('reject');
  });
  it('frees its equipment with the rejection', async () => {
    expect((await events()).slice(-2).map(({ type }) => type)).toEqual(['disposition-recorded', 'equipment-released']);
    expect(await node.operations.get(keyOf.device('gateway-1', 'bioreactor-1'))).toBeUndefined();
  });
  it('is worked on no further, and who tries is on record', async () => {
    const attempts = [
      await inPhase('values', { valueId: 'viability', value: 90 }), await inPhase('materials', { materialId: 'medium', lotId: 'MED-1', quantity: 200, label: 'BED1|LOT:MED-1' }), await inPhase('equipment', { equipmentId: 'BIO-1' }),
      await inPhase('start', {}, operator, 'filling'), await inPhase('complete'), await actSigned(journey, operator, 'performed', `${PHASE_ROUTE}/signatures`, {}, { phaseId: 'culture' }),
      await act(journey, operator, `${BATCH_ROUTE}/hold`, { reason: 'why not' }), await offer(),
    ];
    expect(attempts.map(({ code }) => code)).toEqual(attempts.map(() => 'batch-already-dispositioned'));
    expect((await events()).slice(-attempts.length)).toEqual(attempts.map((): unknown => expect.objectContaining({ type: 'action-refused', code: 'batch-already-dispositioned' })));
  });
});

describe('a batch of a revision that was superseded', () => {
  it('is not started, on record', async () => {
    await node.records.batches.change('north-old', ({ state }) => (state === undefined ? [{ type: 'batch-created', batchId: 'north-old', nodeId: 'north', productId: 'test-product', chainOfIdentityId: journey.chainOfIdentityId, recipe: { masterBatchRecordId: 'test', masterBatchRecordVersion: 0, contentHash: 'old', content: CONTENT } }] : []), { actor: { kind: 'system', id: 's', version: '1' } });
    expect((await act({ ...journey, batchId: 'north-old' }, operator, `${BATCH_ROUTE}/start`)).code).toBe('master-batch-record-not-effective');
    expect((await node.store.load<{ type: string }>({ kind: 'batch', id: 'north-old' })).at(-1)?.event).toMatchObject({ type: 'action-refused', attempted: 'startBatch' });
  });
});

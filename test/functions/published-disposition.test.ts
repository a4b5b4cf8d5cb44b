import { beforeEach, describe, expect, it } from 'vitest';
import type { Recorded } from '../../shared/record/envelope.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { actSigned, advance, BATCH_ROUTE, createEquippedJourney, type Journey } from '../support/journey.ts';
import type { TestNode } from '../support/node.ts';
import { PEOPLE } from '../support/people.ts';
import { sequenced } from '../support/sequence.ts';

let node: TestNode;
let journey: Journey;

const dispose = (disposition: 'release' | 'reject') => actSigned(journey, PEOPLE.qualified, 'approval', `${BATCH_ROUTE}/disposition`, { disposition, reason: 'as its record says' });
const load = (): Promise<readonly Recorded<unknown>[]> => node.store.load({ kind: 'batch', id: journey.batchId });

beforeEach(async () => {
  ({ node, journey } = await createEquippedJourney());
  node.publication.isAsked = true;
});

describe('the decision on a batch', () => {
  it('is refused until a published checkpoint covers the record that was signed, says what to do, and can be signed again', async () => {
    await advance(journey, 'reviewed');
    const { version } = await node.batch(journey.batchId);
    for (const disposition of ['release', 'reject'] as const) expect(await dispose(disposition)).toMatchObject({ status: 409, body: { type: '/problems/record-not-published', version, detail: expect.stringMatching(/Sign again in a minute/) as string } });
    expect(await load()).toHaveLength(version);
    await sequenced(node);
    expect(await dispose('release')).toMatchObject({ status: 200, body: { version: version + 1 } });
  });

  it('is refused when the record is in the tree and no checkpoint of it was published', async () => {
    await advance(journey, 'tested');
    await sequenced(node);
    const before = await node.log.store.readCheckpoint();
    await node.review(journey.batchId);
    await sequenced(node);
    node.log.objects.objects.set('checkpoint', before!.bytes);
    expect((await dispose('release')).code).toBe('record-not-published');
  });

  it('is refused, and rings, when the log holds another event than the record', async () => {
    await advance(journey, 'reviewed');
    await sequenced(node);
    const key = keyOf.logPlace('batch', journey.batchId, (await node.batch(journey.batchId)).version);
    await node.operations.put(key, { index: 3, leafHash: '0'.repeat(64) });
    expect(await dispose('release')).toMatchObject({ status: 500, code: 'record-differs-from-log', body: { index: 3 } });
  });

  it('waits for nothing when a batch is rejected that is still being made: its record grows all the time', async () => {
    await advance(journey, 'culturing');
    expect(await dispose('reject')).toMatchObject({ status: 200 });
  });
});

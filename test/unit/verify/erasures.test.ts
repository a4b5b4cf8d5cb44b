import { describe, expect, it } from 'vitest';
import type { Actor, StreamId } from '../../../shared/record/envelope.ts';
import { PEOPLE } from '../../support/people.ts';
import { NOW, LOG, SIGNERS, WITNESSES } from '../../support/verify/damages.ts';
import { entryOf, Recorder, register, type Event } from '../../support/verify/events.ts';
import { logOf } from '../../support/verify/naive-log.ts';
import { verifyFiles } from '../../support/verify/run.ts';

const { operator, reviewer, qualified } = PEOPLE;
const THERAPY: StreamId = { kind: 'chain-of-identity', id: 'CABCDEFGHJKY' };
const BATCH: StreamId = { kind: 'batch', id: 'north-20260302-TEST01' };
const ACTOR: Actor = { kind: 'person', id: operator.id, printedName: operator.name, roles: operator.roles };
const WORDS = ['--key', LOG.vkey, ...WITNESSES.flatMap(({ vkey }) => ['--witness', vkey])];

type Json = Readonly<Record<string, unknown>>;
type Order = Readonly<{ chainOfIdentityId: string; request: Json; confirmation: Json }>;

/** A log in which somebody erased personal data, as the batch's record tells it; `change` is what its keeper made of that. */
const damagesOf = async (change: (order: Order) => Order): Promise<readonly string[]> => {
  const recorder = new Recorder();
  for (const person of [reviewer, qualified]) register(recorder, person);
  recorder.append(THERAPY, ACTOR, { type: 'chain-of-identity-registered', chainOfIdentityId: THERAPY.id });
  recorder.append(BATCH, ACTOR, { type: 'batch-created', batchId: BATCH.id });
  const signed = (person: typeof operator, event: Event): Json => {
    recorder.sign(THERAPY, person, event);
    return recorder.recorded.at(-1)!.event['signature'] as Json;
  };
  const request = signed(reviewer, { type: 'erasure-requested', reason: 'asked for' });
  const order = { chainOfIdentityId: THERAPY.id, request, confirmation: signed(qualified, { type: 'erasure-confirmed' }) };
  const stored = (each: Json): Json => JSON.parse(entryOf(each).toString('utf8')) as Json;
  const { request: asked, confirmation, ...rest } = change(order);
  recorder.append(BATCH, ACTOR, { type: 'personal-data-erased', ...rest, request: stored(asked), confirmation: stored(confirmation), reason: 'asked for', erased: [] });
  const { report } = await verifyFiles(logOf(recorder.recorded.map(entryOf), SIGNERS), WORDS, NOW);
  return report.damages.flatMap(({ message, batch }) => message.split('; ').map((each) => `${batch?.id ?? ''} ${batch?.version ?? ''}: ${each}`));
};

const holdsNo = (part: string, id = THERAPY.id): string => `${BATCH.id} 2: it names a ${part} of the erasure that the record of therapy event ${id} does not hold`;

describe('an erasure in the record of a batch', () => {
  it('is sound when the therapy event holds what both people signed', async () => { expect(await damagesOf((order) => order)).toEqual([]); });
  it.each<[string, (order: Order) => Order, readonly string[]]>([
    ['of another name', (order) => ({ ...order, request: { ...order.request, printedName: 'Somebody Else' } }), [holdsNo('request')]],
    ['at another time', (order) => ({ ...order, confirmation: { ...order.confirmation, signedAt: '2026-03-02T14:05:10.000Z' } }), [holdsNo('confirmation')]],
    ['at a version where nothing of it stands', (order) => ({ ...order, confirmation: { ...order.confirmation, signedVersion: 7 } }), [holdsNo('confirmation')]],
    ['of another therapy event', (order) => ({ ...order, chainOfIdentityId: 'CZZZZZZZZZZF' }), [holdsNo('request', 'CZZZZZZZZZZF'), holdsNo('confirmation', 'CZZZZZZZZZZF')]],
    ['by one person alone', (order) => ({ ...order, confirmation: order.request }), [`${BATCH.id} 2: one person both requested and confirmed the erasure`]],
    ['each in the other\'s place', ({ request, confirmation, ...rest }) => ({ ...rest, request: confirmation, confirmation: request }), [holdsNo('request'), holdsNo('confirmation')]],
  ])('is named when its signatures are %s', async (_, change, named) => { expect(await damagesOf(change)).toEqual(named); });
});

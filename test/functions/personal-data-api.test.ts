import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { PersonalDataReader } from '../../shared/personal-data/fields.ts';
import { isCommitmentTo } from '../../shared/personal-data/commitment.ts';
import type { SealedValue } from '../../shared/personal-data/sealed.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import type { Answered } from '../support/api.ts';
import { advance, BATCH_ROUTE, createEquippedJourney, createJourney, equip, type Journey } from '../support/journey.ts';
import { createNode, type TestNode } from '../support/node.ts';
import { PEOPLE, type TestPerson } from '../support/people.ts';
import { everythingButPersonalData, FIELDS, personal, ROUTE } from '../support/personal-data.ts';

const { operator, second, scientist, reviewer, qualified, regulator } = PEOPLE;

let node: TestNode;
let journey: Journey;
beforeEach(async () => { ({ node, journey } = await createEquippedJourney()); });

const entriesOf = (): readonly SealedValue[] => [...node.personalData.items.values()].flatMap(({ entries }) => entries as SealedValue[]);
const eventsOf = async () => (await node.store.load<Readonly<{ type: string; commitments?: Readonly<Record<string, string>> }>>({ kind: 'batch', id: journey.batchId })).map(({ event }) => event);

describe('recording what is known of the patient', () => {
  it('puts salted commitments into the record, values and salts beside it, and nothing of them anywhere else', async () => {
    expect(await personal(journey).record(FIELDS)).toMatchObject({ status: 201, body: { events: ['personal-data-recorded'] } });
    const event = (await eventsOf()).at(-1)!;
    expect(Object.keys(event.commitments!).toSorted()).toEqual(Object.keys(FIELDS).toSorted());
    for (const { field, salt, commitment } of entriesOf()) {
      expect(event.commitments![field]).toBe(commitment);
      expect(isCommitmentTo(commitment, field, Buffer.from(salt, 'hex'), FIELDS[field])).toBe(true);
    }
    const elsewhere = everythingButPersonalData(node);
    for (const secret of ['H-4711-0815', 'Novak', '64.5', ...entriesOf().map(({ salt }) => salt)]) expect(elsewhere).not.toContain(secret);
  });
  it('salts each value of its own', async () => {
    await personal(journey).record(FIELDS);
    expect(new Set(entriesOf().map(({ salt }) => salt)).size).toBe(Object.keys(FIELDS).length);
  });
  it('keeps no hash of the request that would confirm a guess once the salt is gone', async () => {
    await personal(journey).record({ yearOfBirth: 1961 }, 'same-key-1');
    const other = createNode();
    await equip(other);
    const otherJourney = await createJourney(other);
    await personal(otherJourney).record({ yearOfBirth: 1975 }, 'same-key-1');
    const hashIn = async ({ operations }: TestNode) => (await operations.get<Readonly<{ requestHash: string }>>(keyOf.idempotency(operator.id, 'same-key-1')))?.requestHash;
    expect(otherJourney.batchId).toBe(journey.batchId);
    expect(await hashIn(node)).toMatch(/^[0-9a-f]{64}$/);
    expect(await hashIn(other)).toBe(await hashIn(node));
  });
  it('answers a retry as before, once, and refuses its key for other values', async () => {
    const first = await personal(journey).record({ bodyWeightKilograms: 64.5 }, 'retry-key-1');
    expect((await personal(journey).record({ bodyWeightKilograms: 64.5 }, 'retry-key-1')).body).toEqual(first.body);
    expect(entriesOf()).toHaveLength(1);
    expect(await personal(journey).record({ bodyWeightKilograms: 46.5 }, 'retry-key-1')).toMatchObject({ status: 409, code: 'idempotency-key-reused' });
    expect(await personal(journey).record({ sex: 'female' }, 'retry-key-1')).toMatchObject({ status: 409, code: 'idempotency-key-reused' });
  });
  it('takes fields at different times, each once', async () => {
    await personal(journey).record({ yearOfBirth: 1961 });
    await personal(journey).record({ sex: 'female' });
    expect((await personal(journey).read(operator)).body['fields']).toEqual({ yearOfBirth: 1961, sex: 'female' });
    expect(await personal(journey).record({ sex: 'female' })).toMatchObject({ status: 422, code: 'correction-reason-missing' });
  });
  it.each([[1850, 400, 'request-malformed'], [1890, 422, 'personal-data-implausible'], [2027, 422, 'personal-data-implausible']])('refuses %i as year of birth, storing nothing', async (yearOfBirth, status, code) => {
    const before = JSON.stringify(await node.held(journey.batchId));
    const answer = await personal(journey).record({ yearOfBirth });
    expect(answer).toMatchObject({ status, code });
    expect(String(answer.body['detail'])).not.toContain(String(yearOfBirth));
    expect(JSON.stringify(await node.held(journey.batchId))).toBe(before);
  });
  it('refuses a batch that is not here, and one that is dispositioned', async () => {
    expect(await node.call(operator, `POST ${ROUTE}`, { path: { batchId: 'none' }, body: { fields: FIELDS } })).toMatchObject({ status: 404, code: 'batch-not-found' });
    await advance(journey, 'released');
    expect(await personal(journey).record(FIELDS)).toMatchObject({ status: 422, code: 'batch-already-dispositioned' });
  });
  it('stores values and commitments together or not at all, wherever it is cut off', async () => {
    const before = JSON.stringify(await node.held(journey.batchId));
    const { write } = node.store;
    (node.store as { write: unknown }).write = () => Promise.reject(new Error('power is gone'));
    expect((await personal(journey).record(FIELDS)).status).toBe(500);
    (node.store as { write: unknown }).write = write;
    expect(JSON.stringify(await node.held(journey.batchId))).toBe(before);
  });
  it('loses no value when two record at the same time', async () => {
    const answers = await Promise.all([personal(journey).record({ yearOfBirth: 1961 }), personal(journey).record({ sex: 'female' })]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 409]);
    const [wanted] = answers.flatMap(({ status }, i) => (status === 201 ? [i === 0 ? { yearOfBirth: 1961 } : { sex: 'female' }] : []));
    expect((await personal(journey).read(operator)).body['fields']).toEqual(wanted);
  });
  it('takes up to a number of values, corrections among them', async () => {
    await personal(journey).record({ bodyWeightKilograms: 60 });
    const [[place, item]] = [...node.personalData.items] as [[string, Readonly<Record<string, unknown>>]];
    const [entry] = item['entries'] as [SealedValue];
    node.personalData.items.set(place, { ...item, entries: Array.from({ length: 200 }, () => entry) });
    expect(await personal(journey).record({ sex: 'female' })).toMatchObject({ status: 413, code: 'request-too-large' });
  });
});

describe('a correction', () => {
  beforeEach(async () => { await personal(journey).record(FIELDS); });
  it('is a new event with a new salt, a reason and a signature; the value before stays to be read', async () => {
    const [before] = entriesOf().filter(({ field }) => field === 'bodyWeightKilograms');
    expect(await personal(journey).correct(second, { bodyWeightKilograms: 65.4 }, 'digits were swapped')).toMatchObject({ status: 200, body: { events: ['personal-data-corrected'] } });
    const { body } = await personal(journey).read(operator);
    expect(body['fields']).toEqual({ ...FIELDS, bodyWeightKilograms: 65.4 });
    expect(body['earlier']).toEqual([{ field: 'bodyWeightKilograms', value: 64.5, version: before!.version }]);
    const weights = entriesOf().filter(({ field }) => field === 'bodyWeightKilograms');
    expect(new Set(weights.map(({ salt }) => salt)).size).toBe(2);
    expect((await eventsOf()).at(-1)).toMatchObject({ type: 'personal-data-corrected', reason: 'digits were swapped', signature: { signerId: second.id, meaning: 'responsibility' } });
  });
  it('to the same value has another commitment: the record does not say that nothing changed', async () => {
    await personal(journey).correct(second, { sex: 'female' }, 'checked again');
    expect(new Set(entriesOf().filter(({ field }) => field === 'sex').map(({ commitment }) => commitment)).size).toBe(2);
  });
  it('needs something to correct, and the right meaning', async () => {
    const other = await createJourney(node);
    expect(await personal(other).correct(second, { sex: 'male' }, 'misread')).toMatchObject({ status: 404, code: 'personal-data-not-found' });
    expect(await personal(journey).correct(second, { sex: 'male' }, 'misread', 'approval')).toMatchObject({ status: 403, code: 'signature-meaning-wrong' });
  });
  it.each(['it was h-4711-0815', 'DR KARLA NOVAK said so', 'new number H-9999'])('refuses the reason "%s", which could never be erased, and does not repeat it', async (reason) => {
    const before = JSON.stringify(await node.held(journey.batchId));
    const answer = await personal(journey).correct(second, { patientReference: 'H-9999' }, reason);
    expect(answer).toMatchObject({ status: 422, code: 'personal-data-in-text' });
    expect(JSON.stringify(answer.body)).not.toMatch(/h-4711|novak|h-9999/i);
    expect(JSON.stringify(await node.held(journey.batchId))).toBe(before);
  });
});

describe('reading what is known of the patient', () => {
  const seen: Readonly<Record<PersonalDataReader, readonly string[]>> = {
    operator: Object.keys(FIELDS), 'quality-reviewer': Object.keys(FIELDS), 'qualified-person': Object.keys(FIELDS), 'process-scientist': ['yearOfBirth', 'sex', 'bodyWeightKilograms', 'priorTherapies'],
  };
  it.each([operator, scientist, reviewer, qualified])('gives $roles what the role needs, and names what it withholds', async (person: TestPerson) => {
    await personal(journey).record(FIELDS);
    const { status, body } = await personal(journey).read(person);
    const wanted = seen[person.roles[0] as PersonalDataReader];
    expect([status, Object.keys(body['fields'] as object).toSorted(), body['withheld']]).toEqual([200, [...wanted].toSorted(), Object.keys(FIELDS).filter((field) => !wanted.includes(field))]);
  });
  it('gives a withheld field\'s earlier values no more than the field', async () => {
    await personal(journey).record(FIELDS);
    await personal(journey).correct(second, { patientReference: 'H-5000' }, 'misread');
    const { body } = await personal(journey).read(scientist);
    expect([body['earlier'], JSON.stringify(body).includes('H-4711')]).toEqual([[], false]);
  });
  it('is on the read log before it is given, and is not given when it can not be logged', async () => {
    await personal(journey).record(FIELDS);
    await personal(journey).read(reviewer);
    expect(node.reads.at(-1)).toMatchObject({ readerId: reviewer.id, operation: 'readPersonalData' });
    node.readLog.isDown = true;
    expect((await personal(journey).read(reviewer)).status).toBe(500);
  });
  it('is not for a regulator, who reads commitments in the record', async () => {
    await personal(journey).record(FIELDS);
    expect(await personal(journey).read(regulator)).toMatchObject({ status: 403, code: 'role-missing' });
    const { body } = await node.call(regulator, 'GET /v1/audit/batches/{batchId}/record', { path: { batchId: journey.batchId }, query: { limit: '200' } });
    expect(JSON.stringify(body)).toContain(entriesOf()[0]!.commitment);
    expect(JSON.stringify(body)).not.toMatch(/H-4711|Novak/);
  });
  it('says so when nothing is recorded', async () => { expect(await personal(journey).read(operator)).toMatchObject({ status: 404, code: 'personal-data-not-found' }); });

  const damaged = async (change: (item: Record<string, unknown>, entries: SealedValue[]) => void): Promise<Answered> => {
    await personal(journey).record(FIELDS);
    const [[place, held]] = [...node.personalData.items] as [[string, Readonly<Record<string, unknown>>]];
    const item = structuredClone(held);
    change(item, item['entries'] as SealedValue[]);
    node.personalData.items.set(place, item);
    return personal(journey).read(operator);
  };
  it.each<readonly [string, (item: Record<string, unknown>, entries: SealedValue[]) => void]>([
    ['another weight', (_, entries) => { entries[3] = { ...entries[3]!, valueJson: '46.5' }; }],
    ['another weight, its commitment made to fit', (_, entries) => { entries[3] = { ...entries[3]!, valueJson: '46.5', commitment: 'a'.repeat(64) }; }],
    ['another salt', (_, entries) => { entries[3] = { ...entries[3]!, salt: 'b'.repeat(64) }; }],
    ['a value gone', (_, entries) => { entries.splice(3, 1); }],
    ['values of another batch', (item) => { item['batchId'] = 'north-20260302-OTHER1'; }],
    ['values of another patient', (item) => { item['chainOfIdentityId'] = 'CZZZZZZZZZZF'; }],
    ['an attribute of its own', (item) => { item['note'] = 'x'; }],
  ])('is refused over %s: a dose must not stand on it', async (_, change) => {
    const { status, body } = await damaged(change);
    expect(status).toBe(500);
    expect(JSON.stringify(body)).not.toMatch(/H-4711|Novak|46\.5/);
  });
  it('is refused over any damage of any one character of any value, salt or commitment', async () => {
    await personal(journey).record(FIELDS);
    const [[place, held]] = [...node.personalData.items] as [[string, Readonly<Record<string, unknown>>]];
    const entries = held['entries'] as readonly SealedValue[];
    await fc.assert(fc.asyncProperty(fc.nat({ max: entries.length - 1 }), fc.constantFrom('valueJson' as const, 'salt' as const, 'commitment' as const), fc.nat(), fc.constantFrom(...Array.from('0123456789abcdefZ')), async (index, member, at, by) => {
      const text = entries[index]![member];
      const place1 = at % text.length;
      fc.pre(text[place1] !== by);
      node.personalData.items.set(place, { ...held, entries: entries.map((each, i) => (i === index ? { ...each, [member]: text.slice(0, place1) + by + text.slice(place1 + 1) } : each)) });
      expect((await personal(journey).read(operator)).status).toBe(500);
    }), { numRuns: 200 });
  });
  it('refuses to record over a table that lacks what the record commits to', async () => {
    await personal(journey).record({ yearOfBirth: 1961 });
    node.personalData.items.clear();
    expect(await personal(journey).record({ sex: 'female' })).toMatchObject({ status: 409, code: 'version-conflict' });
    expect((await node.call(operator, `GET ${BATCH_ROUTE}`, { path: { batchId: journey.batchId } })).status).toBe(200);
  });
});

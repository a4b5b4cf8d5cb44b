import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createDynamoDbRecordStore } from '../../../functions/_platform/dynamodb-record-store.ts';
import { createDynamoDbPersonalDataStore, deletePersonalData, putPersonalData } from '../../../functions/_platform/personal-data-store.ts';
import { createDynamoDbPersonalDataTable } from '../../../functions/_platform/restore/dynamodb-personal-data-table.ts';
import { MAXIMUM_EVENTS, MAXIMUM_WRITES, type Companion } from '../../../functions/_platform/ports.ts';
import { createStreamRecords } from '../../../functions/_platform/stream-records.ts';
import { sealValues } from '../../../shared/personal-data/sealed.ts';
import type { Recorded, StreamId } from '../../../shared/record/envelope.ts';
import { keyOf } from '../../../shared/storage/keys.ts';
import { enginePath, startEngine, type Engine } from '../../support/dynamodb/engine.ts';
import { actor, notesOf, noted, now, plan, start, storeKinds, stream, type Noted, type Stores } from '../../support/dynamodb/store-kinds.ts';
import { codeOfAsync } from '../../support/error-code.ts';

let engine: Engine;
beforeAll(async () => { if (enginePath !== undefined) engine = await startEngine(); });
afterAll(() => { if (enginePath !== undefined) engine.stop(); });

const KINDS = storeKinds(() => engine);

it.skipIf(process.platform !== 'linux' || process.arch !== 'x64')('the engine of the contract is installed where there is one', () => { expect(enginePath).toBeDefined(); });

describe.each(KINDS)('a record store %s', (_, isThere, create) => {
  let stores: Stores;
  beforeEach(async (test) => {
    test.skip(!isThere);
    stores = await create();
  });

  it('gives back what was appended, in order, as one chain', async () => {
    const { record } = stores;
    const id = stream();
    const first = plan(record, id, start, 'a', 'b');
    await record.write(first, []);
    const second = plan(record, id, first.at(-1)!, 'c');
    await record.write(second, []);
    expect(await record.load(id)).toEqual([...first, ...second]);
    expect(await record.load(id, first[0])).toEqual([first[1], ...second]);
    expect(await record.load(id, second.at(-1))).toEqual([]);
  });
  it('has nothing of a stream nobody wrote, and nothing of another', async () => {
    const { record } = stores;
    const [one, other] = [stream(), stream()];
    await record.write(plan(record, one, start, 'a'), []);
    expect(await record.load(other)).toEqual([]);
    expect(await record.load({ kind: 'equipment', id: one.id })).toEqual([]);
  });
  it('orders versions as numbers past the tenth and the thousandth', async () => {
    const { record } = stores;
    const id = stream();
    let last: Readonly<{ version: number; hash: string }> = start;
    for (let from = 0; from < 1010; from += 40) {
      const planned = plan(record, id, last, ...Array.from({ length: Math.min(40, 1010 - from) }, (__, i) => String(from + i + 1)));
      await record.write(planned, []);
      last = planned.at(-1)!;
    }
    expect(await notesOf(record, id)).toEqual(Array.from({ length: 1010 }, (__, i) => String(i + 1)));
  });
  it('reads a record larger than one answer of the table whole', async () => {
    const { record } = stores;
    const id = stream();
    let last: Readonly<{ version: number; hash: string }> = start;
    for (let i = 0; i < 30; i += 1) {
      const planned = plan(record, id, last, `${i}:${'x'.repeat(60_000)}`);
      await record.write(planned, []);
      last = planned.at(-1)!;
    }
    expect((await notesOf(record, id)).map((note) => Number(note.split(':')[0]))).toEqual(Array.from({ length: 30 }, (__, i) => i));
  });
  it('refuses an append that lost its race, and stores nothing of it', async () => {
    const { record, other, operations } = stores;
    const id = stream();
    const late = plan(other, id, start, 'late', 'later');
    await record.write(plan(record, id, start, 'early'), []);
    const key = keyOf.summary('batch', id.id);
    expect(await codeOfAsync(() => other.write(late, [{ type: 'put', key, attributes: { state: 'wrong' }, onlyIfAbsent: false }]))).toBe('version-conflict');
    expect(await notesOf(record, id)).toEqual(['early']);
    expect(await operations.get(key)).toBeUndefined();
  });
  it('refuses to write an event a second time', async () => {
    const { record } = stores;
    const id = stream();
    const planned = plan(record, id, start, 'a', 'b');
    await record.write(planned, []);
    expect(await codeOfAsync(() => record.write(planned, []))).toBe('version-conflict');
    expect(await codeOfAsync(() => record.write(plan(record, id, planned[0]!, 'other b'), []))).toBe('version-conflict');
    expect(await record.load(id)).toEqual(planned);
  });
  it('writes events of several streams together or not at all, each in the outbox of the log', async () => {
    const { record, operations } = stores;
    const [one, other] = [stream(), stream()];
    const first = plan(record, other, start, 'a');
    await record.write(first, []);
    expect(await codeOfAsync(() => record.write([...plan(record, one, start, 'x'), ...plan(record, other, start, 'late')], []))).toBe('version-conflict');
    expect([await record.load(one), await notesOf(record, other)]).toEqual([[], ['a']]);
    await record.write([...plan(record, one, start, 'x'), ...plan(record, other, first[0]!, 'b', 'c')], []);
    expect([await notesOf(record, one), await notesOf(record, other)]).toEqual([['x'], ['a', 'b', 'c']]);
    const { items } = await operations.list<Readonly<{ stream: StreamId; fromVersion: number; toVersion: number }>>(keyOf.logPending('-', '-', '-', 0).pk, { limit: 200 });
    const waiting = items.filter(({ stream: { id } }) => id === one.id || id === other.id).map(({ stream: { id }, fromVersion, toVersion }) => [id === one.id, fromVersion, toVersion]);
    expect(waiting).toEqual(expect.arrayContaining([[false, 1, 1], [true, 1, 1], [false, 2, 3]]));
    expect(waiting).toHaveLength(3);
  });
  it('replaces an item only as it was read, with the events', async () => {
    const { record, operations } = stores;
    const [id, key] = [stream(), keyOf.effectiveRevision('product')];
    const put = (revision: number, onlyIf: Readonly<Record<string, string | number>>): Companion => ({ type: 'put', key, attributes: { masterBatchRecordId: 'MBR-1', revision }, onlyIfAbsent: false, onlyIf });
    await operations.put(key, { masterBatchRecordId: 'MBR-1', revision: 1 });
    expect(await codeOfAsync(() => record.write(plan(record, id, start, 'a'), [put(2, { masterBatchRecordId: 'MBR-1', revision: 7 })]))).toBe('version-conflict');
    expect([await record.load(id), await operations.get(key)]).toEqual([[], { ...key, masterBatchRecordId: 'MBR-1', revision: 1 }]);
    await record.write(plan(record, id, start, 'a'), [put(2, { masterBatchRecordId: 'MBR-1', revision: 1 })]);
    expect(await operations.get(key)).toMatchObject({ revision: 2 });
  });
  it('writes companions with the events', async () => {
    const { record, operations } = stores;
    const id = stream();
    const [kept, gone] = [keyOf.summary('batch', id.id), keyOf.device('gateway-1', id.id)];
    await operations.put(gone, { batchId: id.id });
    await record.write(plan(record, id, start, 'a'), [
      { type: 'put', key: kept, attributes: { state: 'idle', disposition: undefined }, onlyIfAbsent: false }, { type: 'delete', key: gone, onlyIf: { batchId: id.id } },
    ]);
    expect(await operations.get(kept)).toEqual({ ...kept, state: 'idle' });
    expect(await operations.get(gone)).toBeUndefined();
  });
  it.each<readonly [string, (key: Readonly<{ pk: string; sk: string }>) => Companion, string]>([
    ['a token that is spent', (key) => ({ type: 'put', key, attributes: {}, onlyIfAbsent: true, conflict: 'reauthentication-used' }), 'reauthentication-used'],
    ['equipment that is locked', (key) => ({ type: 'put', key, attributes: {}, onlyIfAbsent: true, conflict: 'equipment-in-use' }), 'equipment-in-use'],
    ['an idempotency key that is taken', (key) => ({ type: 'put', key, attributes: {}, onlyIfAbsent: true, conflict: 'idempotency-key-reused' }), 'idempotency-key-reused'],
    ['a lock that is another batch\'s', (key) => ({ type: 'delete', key, onlyIf: { batchId: 'another' } }), 'version-conflict'],
  ])('stores neither events nor companions when one meets %s', async (__, companion, code) => {
    const { record, operations } = stores;
    const id = stream();
    const [taken, beside] = [keyOf.device('gateway-1', id.id), keyOf.summary('batch', id.id)];
    await operations.put(taken, { batchId: 'first' });
    expect(await codeOfAsync(() => record.write(plan(record, id, start, 'a'), [{ type: 'put', key: beside, attributes: {}, onlyIfAbsent: false }, companion(taken)]))).toBe(code);
    expect(await record.load(id)).toEqual([]);
    expect([await operations.get(beside), await operations.get(taken)]).toEqual([undefined, { ...taken, batchId: 'first' }]);
  });
  it('names the lost version rather than the companion when both fail', async () => {
    const { record, operations } = stores;
    const id = stream();
    const taken = keyOf.reauthentication(id.id);
    await operations.put(taken, {});
    await record.write(plan(record, id, start, 'a'), []);
    expect(await codeOfAsync(() => record.write(plan(record, id, start, 'b'), [{ type: 'put', key: taken, attributes: {}, onlyIfAbsent: true, conflict: 'reauthentication-used' }]))).toBe('version-conflict');
  });
  it('refuses an event that is larger than an entry of the log, and stores nothing', async () => {
    const { record } = stores;
    const id = stream();
    expect(await codeOfAsync(() => record.write(plan(record, id, start, 'x'.repeat(65_536)), []))).toBe('log-entry-too-large');
    expect(await record.load(id)).toEqual([]);
  });
  it('puts each append into the log\'s outbox, with it or not at all', async () => {
    const { record, operations } = stores;
    const id = stream();
    const pending = async (cursor?: string): Promise<readonly (readonly number[])[]> => {
      const { items, nextCursor } = await operations.list<{ stream: unknown; fromVersion: number; toVersion: number }>(keyOf.logPending('-', '-', '-', 0).pk, { limit: 1000, ...(cursor === undefined ? {} : { cursor }) });
      const own = items.filter(({ stream: of }) => (of as { id: string }).id === id.id).map(({ fromVersion, toVersion }) => [fromVersion, toVersion]);
      return nextCursor === undefined ? own : [...own, ...await pending(nextCursor)];
    };
    await record.write(plan(record, id, start, 'a', 'b'), []);
    expect(await codeOfAsync(() => record.write(plan(record, id, start, 'c'), []))).toBe('version-conflict');
    expect(await pending()).toEqual([[1, 2]]);
  });
  it('takes as many writes as one transaction holds, and says so of one more', async () => {
    const { record } = stores;
    const [fits, doesNot] = [stream(), stream()];
    const notes = Array.from({ length: MAXIMUM_EVENTS }, (__, i) => String(i));
    const companions = Array.from({ length: MAXIMUM_WRITES - MAXIMUM_EVENTS }, (__, i) => ({ type: 'put', key: keyOf.summary('batch', String(i)), attributes: {}, onlyIfAbsent: false }) as const);
    await record.write(plan(record, fits, start, ...notes), companions.slice(1));
    expect(await notesOf(record, fits)).toEqual(notes);
    await expect(record.write(plan(record, doesNot, start, ...notes), companions)).rejects.toThrow(`got ${MAXIMUM_WRITES + 1} writes in one append, want at most ${MAXIMUM_WRITES}`);
    await expect(record.write(plan(record, doesNot, start, ...notes, 'one more'), [])).rejects.toThrow(`got ${MAXIMUM_EVENTS + 1} events in one append, want at most ${MAXIMUM_EVENTS}`);
    expect(await record.load(doesNot)).toEqual([]);
  });
  it('takes as many events as one append holds of the largest there are', async () => {
    const { record } = stores;
    const id = stream();
    const notes = Array.from({ length: MAXIMUM_EVENTS }, (__, i) => `${i}:${'x'.repeat(64_000)}`);
    await record.write(plan(record, id, start, ...notes), []);
    expect(await notesOf(record, id)).toEqual(notes);
  });
  it('neither loses nor doubles a version, however its writers interleave', async () => {
    const writer = fc.record({ events: fc.integer({ min: 1, max: 3 }), attempts: fc.integer({ min: 1, max: 8 }), fromOther: fc.boolean() });
    await fc.assert(fc.asyncProperty(fc.array(fc.array(writer, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 4 }), async (rounds) => {
      const id = stream();
      const type = { kind: 'batch', evolve: (held: readonly string[] | undefined, { event }: Recorded<Noted>) => [...(held ?? []), event.note], summaryOf: (held: readonly string[]) => ({ count: held.length }) } as const;
      const functions = [createStreamRecords<readonly string[], Noted>(type, stores.record), createStreamRecords<readonly string[], Noted>(type, stores.other)] as const;
      const acknowledged: string[] = [];
      const refused: string[] = [];
      for (const [round, writers] of rounds.entries()) {
        await Promise.all(writers.map(async ({ events, attempts, fromOther }, i) => {
          const notes = Array.from({ length: events }, (__, n) => `${round}-${i}-${n}`);
          const code = await codeOfAsync(() => functions[fromOther ? 1 : 0].change(id.id, () => notes.map(noted), { actor, attempts }));
          expect([undefined, 'version-conflict']).toContain(code);
          (code === undefined ? acknowledged : refused).push(...notes);
        }));
      }
      const recorded = await stores.record.load<Noted>(id);
      const notes = recorded.map(({ event }) => event.note);
      expect(recorded.map(({ version }) => version)).toEqual(notes.map((__, i) => i + 1));
      expect(notes.toSorted()).toEqual(acknowledged.toSorted());
      expect(notes.filter((note) => refused.includes(note))).toEqual([]);
      expect(await stores.operations.get(keyOf.summary('batch', id.id))).toMatchObject({ count: notes.length, version: notes.length });
    }), { numRuns: 25 });
  });
});

it.skipIf(enginePath === undefined)('personal data comes and goes with its event in DynamoDB, and with no other', async () => {
  const [recordTable, operationsTable, personalDataTable] = ['record-p', 'operations-p', 'personal-p'];
  for (const name of [recordTable, operationsTable, personalDataTable]) await engine.createTable(name);
  const record = createDynamoDbRecordStore(() => engine.client, { recordTable, operationsTable, personalDataTable }, now);
  const store = createDynamoDbPersonalDataStore(() => engine.client, personalDataTable);
  const id = stream();
  const [sealed] = sealValues({ bodyWeightKilograms: 64.5 }, 'op-1#key', (count) => new Uint8Array(count).fill(3));
  const item = { chainOfIdentityId: 'CABCDEFGHJKY', batchId: id.id, version: 1, entries: [{ ...sealed!, version: 1 }] };
  const first = plan(record, id, start, 'recorded');
  await record.write(first, [putPersonalData(item)]);
  expect([await store.get(item.chainOfIdentityId, id.id), await store.batchIds(item.chainOfIdentityId)]).toEqual([item, [id.id]]);
  expect(await codeOfAsync(() => record.write(plan(record, id, start, 'late'), [deletePersonalData(item.chainOfIdentityId, id.id)]))).toBe('version-conflict');
  expect(await store.get(item.chainOfIdentityId, id.id)).toEqual(item);
  await record.write(plan(record, id, first[0]!, 'erased'), [deletePersonalData(item.chainOfIdentityId, id.id)]);
  expect([await store.get(item.chainOfIdentityId, id.id), await store.batchIds(item.chainOfIdentityId)]).toEqual([undefined, []]);
  const without = createDynamoDbRecordStore(() => engine.client, { recordTable, operationsTable }, now);
  await expect(without.write(plan(without, stream(), start, 'x'), [putPersonalData(item)])).rejects.toThrow(/no table of personal data/);
  const table = createDynamoDbPersonalDataTable(() => engine.client, personalDataTable);
  await table.put(item);
  for await (const found of table.scan()) expect(found).toEqual(item);
  await table.delete(item);
  await store.delete(item.chainOfIdentityId, id.id);
  expect(await store.batchIds(item.chainOfIdentityId)).toEqual([]);
});

import { describe, expect, it } from 'vitest';
import type { RecordStore } from '../../../functions/_platform/ports.ts';
import { createStreamRecords, DEFAULT_ATTEMPTS } from '../../../functions/_platform/stream-records.ts';
import { DomainError } from '../../../shared/errors.ts';
import type { Recorded } from '../../../shared/record/envelope.ts';
import { codeOfAsync } from '../../support/error-code.ts';
import { createMemoryOperationsStore } from '../../support/memory/operations-store.ts';
import { createMemoryRecordStore } from '../../support/memory/record-store.ts';

type Counted = Readonly<{ type: 'counted'; by: number }>;
const BY_ONE: Counted = { type: 'counted', by: 1 };
const actor = { kind: 'system', id: 'test', version: '1' } as const;
const type = { kind: 'batch', evolve: (sum: number | undefined, { event }: Recorded<Counted>) => (sum ?? 0) + event.by, summaryOf: (sum: number) => ({ sum }) } as const;
const createStore = (): RecordStore => createMemoryRecordStore(createMemoryOperationsStore(), () => new Date('2026-03-02T14:05:09.120Z'));
const recordsOf = (store: RecordStore) => createStreamRecords<number, Counted>(type, store);

describe('records', () => {
  it('see what another function wrote since they were read', async () => {
    const store = createStore();
    const [one, other] = [recordsOf(store), recordsOf(store)];
    for (const records of [one, other, one, one, other]) await records.change('b', () => [BY_ONE], { actor });
    expect([(await one.load('b')).state, (await other.load('b')).state]).toEqual([5, 5]);
  });
  it('decide a refusal once, and a lost race as often as they are told', async () => {
    const losing: RecordStore = { ...createStore(), write: () => Promise.reject(new DomainError('version-conflict', 'always too late')) };
    const decisions = async (attempts: number | undefined, decide: () => readonly Counted[]) => {
      let made = 0;
      const code = await codeOfAsync(() => recordsOf(losing).change('b', () => {
        made += 1;
        return decide();
      }, { actor, ...(attempts === undefined ? {} : { attempts }) }));
      return [made, code];
    };
    expect(await decisions(undefined, () => [BY_ONE])).toEqual([DEFAULT_ATTEMPTS, 'version-conflict']);
    expect(await decisions(1, () => [BY_ONE])).toEqual([1, 'version-conflict']);
    expect(await decisions(undefined, () => { throw new DomainError('batch-state-wrong', 'no'); })).toEqual([1, 'batch-state-wrong']);
  });
  it('write nothing when nothing was decided, and keep nothing of a write that failed', async () => {
    const store = createStore();
    const records = recordsOf(store);
    const { position } = await records.change('b', () => [BY_ONE], { actor });
    expect(await records.change('b', () => [], { actor })).toEqual({ state: 1, recorded: [], position });
    await expect(records.change('new', () => [], { actor })).rejects.toThrow('does not exist and nothing was decided');
    const failing = recordsOf({ ...store, write: () => Promise.reject(new Error('throttled')) });
    await expect(failing.change('b', () => [BY_ONE], { actor })).rejects.toThrow('throttled');
    expect((await failing.load('b')).state).toBe(1);
  });
  it('of more streams than are kept in memory are right all the same', async () => {
    const records = recordsOf(createStore());
    for (let round = 1; round <= 2; round += 1) for (let i = 0; i < 80; i += 1) expect((await records.change(`b-${i}`, () => [BY_ONE], { actor })).state).toBe(round);
  });
});

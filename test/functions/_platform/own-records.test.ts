import { describe, expect, it } from 'vitest';
import { RECORDS_AT_ONCE } from '../../../functions/_platform/in-parallel.ts';
import type { RecordStore } from '../../../functions/_platform/ports.ts';
import { recentAnswers } from '../../../functions/_platform/recent-answers.ts';
import { createTrainingRows, OWN_LABEL } from '../../../functions/_platform/training-rows.ts';
import { FEATURE_NAMES } from '../../../models/early-prediction/features.ts';
import { keyOf } from '../../../shared/storage/keys.ts';
import { roleOfOwnBatch } from '../../../shared/training-data/dataset.ts';
import { createMemoryObjectStore } from '../../support/memory/object-store.ts';
import { createMemoryOperationsStore } from '../../support/memory/operations-store.ts';

const BATCHES = 120;
const NOW = '2026-11-01T00:00:00.000Z';
const MODEL = 'c'.repeat(64);
const idOf = (index: number): string => `north-${String(index).padStart(3, '0')}`;

/** A hospital of decided batches; what reads their records is counted, and those begun later are answered first. */
const hospital = async () => {
  const operations = createMemoryOperationsStore();
  await Promise.all(Array.from({ length: BATCHES }, (_, i) => operations.put(keyOf.summary('batch', idOf(i)), { batchId: idOf(i), createdAt: NOW, disposition: i % 4 === 0 ? 'reject' : 'release' })));
  const loaded: string[] = [];
  let [open, most] = [0, 0];
  const load = async ({ id }: Readonly<{ id: string }>): Promise<readonly unknown[]> => {
    loaded.push(id);
    open += 1;
    most = Math.max(most, open);
    for (let turns = 20 - (loaded.length % 5); turns >= 0; turns -= 1) await Promise.resolve();
    open -= 1;
    const features = Object.fromEntries(FEATURE_NAMES.map((name) => [name, Number(id.slice(-3))]));
    return [
      { recordedAt: NOW, event: { type: 'features-recorded', featuresHash: '', features } },
      { recordedAt: NOW, event: { type: 'recommendation-made', modelHash: MODEL, output: 'early-failure', probability: Number(id.slice(-3)) / 100, inputBins: '', verdict: 'passes' } },
    ];
  };
  const record = { load } as unknown as Pick<RecordStore, 'load'>;
  return { operations, record, rows: createTrainingRows({ bucket: createMemoryObjectStore(), operations, record, randomBytes: (count) => new Uint8Array(count).fill(7) }), loaded, mostAtOnce: () => most };
};

describe('a hospital with many batches', () => {
  it('reads whole records only of batches that are for what is asked, some at once, and each row stays its batch\'s own', async () => {
    const { rows, loaded, mostAtOnce } = await hospital();
    const ids = Array.from({ length: BATCHES }, (_, i) => idOf(i));
    const digests = await rows.digests(ids);
    const wanted = ids.filter((_, i) => roleOfOwnBatch(digests[i] ?? '') === 'test');
    const found = await rows.rowsOf('test', { features: FEATURE_NAMES, label: OWN_LABEL });
    expect([...loaded].sort()).toEqual(wanted);
    expect(found.length).toBe(wanted.length);
    expect(mostAtOnce()).toBe(RECORDS_AT_ONCE);
    const byDigest = new Map(digests.map((digest, i) => [digest, i] as const));
    for (const { recordDigest, values, label } of found) {
      const index = byDigest.get(recordDigest) ?? -1;
      expect([values[0], label]).toEqual([index, index % 4 === 0 ? 1 : 0]);
    }
  });
  it('answers for its models newest batch first, however long each record takes to read', async () => {
    const { operations, record, mostAtOnce } = await hospital();
    const answers = await recentAnswers({ operations, record }, MODEL, Date.parse(NOW));
    const order = [...operations.items.values()].map(({ batchId }) => String(batchId)).sort().reverse();
    expect(answers.map(({ batchId }) => batchId)).toEqual(order);
    expect(answers.map(({ said: { score } }) => score)).toEqual(order.map((id) => Number(id.slice(-3)) / 100));
    expect(mostAtOnce()).toBe(RECORDS_AT_ONCE);
  });
});

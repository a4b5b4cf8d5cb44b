import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BirthCache } from '../../../functions/telemetry-ingest/birth-cache.ts';
import { createBirthReader, createBirths, type Births } from '../../../functions/_platform/births.ts';
import { BirthBook, type Birth } from '../../../shared/telemetry/birth.ts';
import { createMemoryOperationsStore } from '../../support/memory/operations-store.ts';
import { MINUTE } from '../../support/telemetry/sparkplug-writer.ts';

const HALF_HOUR = 1_800_000;
const EDGE = 'gateway-1';
const DEVICES = [undefined, 'bioreactor-1', 'bioreactor-10'] as const;

const birthAt = (deviceId: string | undefined, halfHour: number, metric = `M${halfHour}`): Birth => ({ edgeNodeId: EDGE, deviceId, timestampEpochMs: MINUTE + halfHour * HALF_HOUR, bdSeq: undefined, table: [[metric, '1', 10]] });
const anyBirths = fc.array(fc.tuple(fc.constantFrom(...DEVICES), fc.nat(100)), { maxLength: 60 }).map((births) => births.map(([deviceId, at]) => birthAt(deviceId, at)));

const storeOf = async (births: readonly Birth[]) => {
  const memory = createMemoryOperationsStore();
  for (const birth of births) await createBirths(memory).keep(birth);
  const listed: number[] = [];
  const reader = createBirthReader({ list: async (pk, page, options) => { const found = await memory.list(pk, page, options); listed.push(found.items.length); return found as never; } });
  return { memory, reader, read: () => listed.reduce((sum, count) => sum + count, 0) };
};

describe('the births read for a time', () => {
  it('name what is sampled from then on, and what is a little ahead of its message, as all births together do', async () => {
    await fc.assert(fc.asyncProperty(anyBirths, fc.nat(100), fc.constantFrom(...DEVICES), async (births, since, deviceId) => {
      const { reader } = await storeOf(births);
      const sinceEpochMs = MINUTE + since * HALF_HOUR;
      const [some, all] = [await reader.bookOf({ edgeNodeId: EDGE, deviceId, sinceEpochMs }), new BirthBook(births)];
      for (let at = sinceEpochMs - 7 * HALF_HOUR; at < MINUTE + 101 * HALF_HOUR; at += HALF_HOUR / 2) expect(some.sessionAt(deviceId, at)?.birth).toEqual(all.sessionAt(deviceId, at)?.birth);
      expect(some.neighbours(birthAt(deviceId, since))).toEqual(all.neighbours(birthAt(deviceId, since)));
    }), { numRuns: 200 });
  });
  it('are few, of a gateway that was born a thousand times', async () => {
    const { reader, read } = await storeOf(Array.from({ length: 1000 }, (_, i) => i).flatMap((i) => [birthAt(undefined, i), birthAt('bioreactor-1', i)]));
    await reader.bookOf({ edgeNodeId: EDGE, deviceId: 'bioreactor-1', sinceEpochMs: MINUTE + 1000 * HALF_HOUR + 4 * 2 * HALF_HOUR });
    expect(read()).toBeLessThanOrEqual(8);
  });
});

describe('births that an execution environment knows', () => {
  const counted = async (births: readonly Birth[]) => {
    const { memory } = await storeOf(births);
    const asked: number[] = [];
    const own: Births = { ...createBirths(memory), bookOf: (wanted) => { asked.push(wanted.sinceEpochMs); return createBirths(memory).bookOf(wanted); } };
    const cache = new BirthCache(own);
    cache.begin();
    return { cache, own, asked, bookAt: (halfHour: number, deviceId: string | undefined = 'bioreactor-1') => cache.bookOf({ edgeNodeId: EDGE, deviceId, sinceEpochMs: MINUTE + halfHour * HALF_HOUR }) };
  };
  it('are read once for messages in their order, and again for one that is older', async () => {
    const { asked, bookAt } = await counted([birthAt(undefined, 1), birthAt('bioreactor-1', 1), birthAt(undefined, 50), birthAt('bioreactor-1', 50)]);
    for (const at of [60, 61, 90]) expect((await bookAt(at)).sessionAt('bioreactor-1', MINUTE + at * HALF_HOUR)?.byAlias.get('1')?.name).toBe('M50');
    expect((await bookAt(20)).sessionAt('bioreactor-1', MINUTE + 20 * HALF_HOUR)?.byAlias.get('1')?.name).toBe('M1');
    await bookAt(90);
    expect(asked).toEqual([60, 20].map((at) => MINUTE + at * HALF_HOUR));
  });
  it('have one that was stored since, a gateway\'s for each of its devices', async () => {
    const { cache, bookAt, asked } = await counted([birthAt(undefined, 1), birthAt('bioreactor-1', 1)]);
    await bookAt(10);
    cache.add(birthAt('bioreactor-1', 11));
    expect((await bookAt(12)).sessionAt('bioreactor-1', MINUTE + 12 * HALF_HOUR)?.byAlias.get('1')?.name).toBe('M11');
    cache.add(birthAt(undefined, 13));
    expect((await bookAt(14)).sessionAt('bioreactor-1', MINUTE + 14 * HALF_HOUR)).toBeUndefined();
    expect(asked).toHaveLength(1);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seal } from '../../functions/telemetry-seal/handler.ts';
import { nameChunks } from '../../functions/telemetry-seal/name-chunks.ts';
import { DomainError } from '../../shared/errors.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { MINUTE } from '../support/telemetry/sparkplug-writer.ts';
import { type Hospital, MINUTE_MS, HOUR, GRACE, at, chunksNamed, waiting, storedHashes, asText, bytesOf, begin } from '../support/telemetry/naming.ts';

describe('naming', () => {
  const due = async (): Promise<Hospital> => {
    const { hospital, gateway } = await begin();
    await hospital.send([...gateway.born(MINUTE), gateway.data(MINUTE + 1000, 37), gateway.data(MINUTE + 61_000, 37)]);
    at(hospital, MINUTE + GRACE + MINUTE_MS);
    await hospital.seal();
    at(hospital, hospital.time.epochMs + HOUR);
    return hospital;
  };
  it('by two runs at once puts each chunk on record once', async () => {
    const hospital = await due();
    await Promise.all([nameChunks(hospital.sealPorts), nameChunks(hospital.sealPorts), seal(hospital.sealPorts)]);
    expect((await chunksNamed(hospital)).map(asText).toSorted()).toEqual(storedHashes(hospital));
  });
  it('that loses every race to a person is left to the next run, with nothing lost', async () => {
    const hospital = await due();
    const conflict = () => Promise.reject(new DomainError('version-conflict', 'the record moved on'));
    expect(await nameChunks({ ...hospital.sealPorts, batches: { ...hospital.batches, change: conflict } })).toEqual([]);
    expect(await chunksNamed(hospital)).toEqual([]);
    await nameChunks(hospital.sealPorts);
    expect((await chunksNamed(hospital)).map(asText).toSorted()).toEqual(storedHashes(hospital));
  });
  it('that fails for one batch says so, and names the chunks of the others', async () => {
    const hospital = await due();
    await hospital.operations.put(keyOf.unnamedChunks('B-0', '2026-03-02T14:00:00.000Z', 'x'), { batchId: 'B-0', sealedAt: '2026-03-02T14:00:00.000Z', chunks: [] });
    const failing = { ...hospital.batches, load: (id: string) => (id === 'B-0' ? Promise.reject(new Error('throttled')) : hospital.batches.load(id)) };
    const failures = await nameChunks({ ...hospital.sealPorts, batches: failing });
    expect(failures.map(({ message }) => message)).toEqual(['chunks of batch B-0 could not be named']);
    expect(await chunksNamed(hospital)).toHaveLength(4);
  });

  it('loses nothing and says nothing twice, wherever runs break off', async () => {
    await fc.assert(fc.asyncProperty(fc.infiniteStream(fc.nat({ max: 5 })), fc.integer({ min: 1, max: 12 }), async (dice, runs) => {
      const { hospital, gateway } = await begin();
      const isStruck = { now: true };
      /** Takes place, or not, and its answer is lost. */
      const struck = <Answer>(act: () => Promise<Answer>): Promise<Answer> => {
        const throwOf = isStruck.now ? dice.next().value as number : 5;
        if (throwOf === 0) return Promise.reject(new Error('broke off before'));
        return throwOf === 1 ? act().then(() => Promise.reject(new Error('broke off after'))) : act();
      };
      const { objects, operations, batches } = hospital;
      const ports: typeof hospital.sealPorts = {
        ...hospital.sealPorts,
        objects: { ...objects, put: (...all) => struck(() => objects.put(...all)), delete: (...all) => struck(() => objects.delete(...all)) },
        operations: { ...operations, put: (...all) => struck(() => operations.put(...all)), delete: (...all) => struck(() => operations.delete(...all)) },
        batches: { ...batches, change: (...all) => struck(() => batches.change(...all)) },
      };
      await hospital.send(gateway.born(MINUTE));
      for (let turn = 0; turn < runs; turn += 1) {
        await hospital.send([gateway.data(MINUTE + turn * 20_000, 37)]);
        at(hospital, MINUTE + GRACE + turn * 20 * MINUTE_MS);
        await seal(ports).catch(() => undefined);
      }
      isStruck.now = false;
      at(hospital, hospital.time.epochMs + 2 * HOUR);
      await hospital.seal();
      at(hospital, hospital.time.epochMs + 2 * HOUR);
      await hospital.seal();
      const named = await chunksNamed(hospital);
      expect(new Set(named.map(asText)).size).toBe(named.length);
      for (const each of storedHashes(hospital)) expect(named.map(asText)).toContain(each);
      for (const chunk of named) expect(bytesOf(hospital, chunk)).toBeDefined();
      expect(waiting(hospital)).toEqual([]);
    }), { numRuns: 60 });
  });
});

import { createHash } from 'node:crypto';
import type { Context } from 'aws-lambda';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createHandler, seal } from '../../functions/telemetry-seal/handler.ts';
import { closeTelemetry, nameChunks } from '../../functions/telemetry-seal/name-chunks.ts';
import type { BatchEvent, SealedChunk } from '../../shared/batch/events.ts';
import { DomainError } from '../../shared/errors.ts';
import { reviewRecord } from '../../shared/release/review.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { objectKeyOf } from '../../shared/telemetry/minute.ts';
import type { RawMessage } from '../../shared/telemetry/received.ts';
import { Gateway } from '../support/telemetry/gateway.ts';
import { ASSIGNMENT, BATCH, createHospital } from '../support/telemetry/hospital.ts';
import { MINUTE } from '../support/telemetry/sparkplug-writer.ts';

type Hospital = ReturnType<typeof createHospital>;
type Sealed = Extract<BatchEvent, { type: 'telemetry-sealed' }>;
const [MINUTE_MS, HOUR, GRACE] = [60_000, 3_600_000, 180_000];
const ACTOR = { kind: 'system', id: 'test', version: '1' } as const;
const DEVICE = { edgeNodeId: 'gateway-1', deviceId: 'bioreactor-1' };
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const at = (hospital: Hospital, epochMs: number): void => { hospital.time.epochMs = epochMs; };
const record = (hospital: Hospital, ...events: readonly BatchEvent[]) => hospital.batches.change(BATCH, () => events, { actor: ACTOR });
const namedIn = async ({ record }: Hospital): Promise<readonly Sealed[]> => (await record.load<BatchEvent>({ kind: 'batch', id: BATCH })).map(({ event }) => event).filter((event) => event.type === 'telemetry-sealed');
const chunksNamed = async (hospital: Hospital): Promise<readonly SealedChunk[]> => (await namedIn(hospital)).flatMap(({ chunks }) => chunks);
const waiting = ({ operations }: Hospital): readonly string[] => [...operations.items.keys()].filter((key) => key.startsWith('TELEMETRY-UNNAMED'));
const storedHashes = ({ keys, objects }: Hospital): readonly string[] => keys('sealed/').map((key) => `${key} ${sha256(objects.objects.get(key)!)}`);
const asText = ({ key, sha256: hash }: SealedChunk): string => `${key} ${hash}`;
/** Bytes that a name stands for: at its key, or kept from before. */
const bytesOf = ({ objects }: Hospital, { key, sha256: hash }: SealedChunk): Uint8Array | undefined =>
  [objects.objects.get(key), objects.objects.get(objectKeyOf.superseded(hash))].find((bytes) => bytes !== undefined && sha256(bytes) === hash);

/** A batch that has begun, with equipment that measures. */
const begin = async (): Promise<Readonly<{ hospital: Hospital; gateway: Gateway }>> => {
  const hospital = createHospital();
  await hospital.beginBatch();
  await record(hospital, { type: 'batch-started' }, { type: 'phase-started', phaseId: 'culture' }, { type: 'equipment-assigned', phaseId: 'culture', equipmentId: 'EQ-1', equipmentClassId: 'bioreactor', device: DEVICE });
  return { hospital, gateway: new Gateway() };
};
/** Let the device go, as the phase that used it does, and end. */
const end = async (hospital: Hospital): Promise<string> => {
  const to = hospital.now().toISOString();
  await record(hospital, { type: 'equipment-released', equipmentId: 'EQ-1' }, { type: 'phase-completed', phaseId: 'culture' }, { type: 'batch-completed' });
  await hospital.operations.delete(keyOf.device('gateway-1', 'bioreactor-1'));
  await hospital.operations.put(keyOf.deviceBefore('gateway-1', 'bioreactor-1', ASSIGNMENT.from), { ...ASSIGNMENT, deviceId: 'bioreactor-1', to });
  return to;
};
const rulesOf = async (hospital: Hospital): Promise<readonly string[]> => reviewRecord({ ...await hospital.batch(), recipe: { content: { procedure: [], parameters: [], releaseSpecification: [] } } } as never).map(({ rule }) => rule);
/** A message a minute, each sealed when it is due. */
const run = async ({ hospital, gateway }: Readonly<{ hospital: Hospital; gateway: Gateway }>, minutes: number): Promise<void> => {
  await hospital.send(gateway.born(MINUTE));
  for (let minute = 0; minute < minutes; minute += 1) {
    at(hospital, MINUTE + minute * MINUTE_MS);
    await hospital.send([gateway.data(MINUTE + minute * MINUTE_MS + 1000, 37, 7.2)]);
    await hospital.seal();
  }
};

describe('chunks of a running batch', () => {
  it('are named by its record once an hour, each with the hash of its bytes', async () => {
    const begun = await begin();
    await run(begun, 200);
    const named = await namedIn(begun.hospital);
    expect(named).toHaveLength(3);
    const [all, stored] = [(await chunksNamed(begun.hospital)).map(asText), storedHashes(begun.hospital)];
    for (const each of all) expect(stored).toContain(each);
    expect(stored.length - all.length).toBeLessThanOrEqual(2 * 60);
    expect(named[0]?.devices.map(({ deviceId, chunkCount }) => [deviceId, chunkCount])).toEqual([[undefined, 61], ['bioreactor-1', 61]]);
  });

  it('that late messages change are named again, and the bytes named before are kept', async () => {
    const { hospital, gateway } = await begin();
    const messages = [...gateway.born(MINUTE), gateway.data(MINUTE + 1000, 37), gateway.data(MINUTE + 2000, 37.5)];
    await hospital.send(messages.slice(0, 3));
    for (const time of [MINUTE + GRACE, MINUTE + GRACE + HOUR]) {
      at(hospital, time);
      await hospital.seal();
    }
    const before = await chunksNamed(hospital);
    expect(before).toHaveLength(2);
    await hospital.send(messages.slice(3));
    await hospital.seal();
    expect(await chunksNamed(hospital)).toEqual(before);
    at(hospital, MINUTE + GRACE + 2 * HOUR);
    await hospital.seal();
    const all = await chunksNamed(hospital);
    expect(all.map(({ key }) => key)).toEqual([...before, ...before].map(({ key }) => key));
    expect(new Set(all.map(asText)).size).toBe(4);
    for (const chunk of all) expect(bytesOf(hospital, chunk)).toBeDefined();
    for (const each of storedHashes(hospital)) expect(all.slice(2).map(asText)).toContain(each);
  });

  it('are not named again for messages that only come again', async () => {
    const { hospital, gateway } = await begin();
    const messages = [...gateway.born(MINUTE), gateway.data(MINUTE + 1000, 37)];
    for (const time of [MINUTE + GRACE, MINUTE + GRACE + HOUR, MINUTE + GRACE + 3 * HOUR]) {
      at(hospital, time);
      await hospital.send(messages);
      await hospital.seal();
    }
    at(hospital, MINUTE + GRACE + 5 * HOUR);
    await hospital.seal();
    expect([(await chunksNamed(hospital)).length, (await namedIn(hospital)).length, waiting(hospital), hospital.keys('superseded/')]).toEqual([2, 1, [], []]);
  });

  it('are only those of the time in which it had the device', async () => {
    const { hospital, gateway } = await begin();
    await hospital.send([...gateway.born(MINUTE - 10 * MINUTE_MS), ...Array.from({ length: 21 }, (_, i) => gateway.data(MINUTE + (i - 10) * MINUTE_MS + 1, 37))]);
    at(hospital, MINUTE + 5 * MINUTE_MS);
    await end(hospital);
    at(hospital, MINUTE + HOUR);
    await hospital.seal();
    const minutes = (await chunksNamed(hospital)).filter(({ key }) => key.includes('bioreactor-1')).map(({ key }) => key.slice(-10, -6));
    // It had the device from 14:04 to before 14:10.
    expect(minutes).toEqual(['1404', '1405', '1406', '1407', '1408', '1409']);
    expect(hospital.keys('sealed/gateway-1/bioreactor-1').length).toBeGreaterThan(15);
  });

  it('that come all at once after days are named in leaves and transactions that the log and the table take', async () => {
    const { hospital, gateway } = await begin();
    const minutes = 2 * 24 * 60;
    const messages: RawMessage[] = [...gateway.born(MINUTE)];
    for (let minute = 0; minute < minutes; minute += 1) messages.push(gateway.data(MINUTE + minute * MINUTE_MS + 1, 37));
    at(hospital, MINUTE + minutes * MINUTE_MS + GRACE);
    for (let sent = 0; sent < messages.length; sent += 2000) await hospital.send(messages.slice(sent, sent + 2000));
    await hospital.seal();
    await hospital.seal();
    at(hospital, hospital.time.epochMs + HOUR);
    await hospital.seal();
    expect((await chunksNamed(hospital)).map(asText).toSorted()).toEqual(storedHashes(hospital));
    expect(waiting(hospital)).toEqual([]);
    expect((await namedIn(hospital)).length).toBeLessThan(storedHashes(hospital).length / 100);
  });
});

describe('the end of a batch\'s telemetry', () => {
  const ended = async () => {
    const { hospital, gateway } = await begin();
    const last = gateway.data(MINUTE + 2000, 37.5);
    await hospital.send([...gateway.born(MINUTE), gateway.data(MINUTE + 1000, 37)]);
    at(hospital, MINUTE + 30_000);
    return { hospital, last, to: await end(hospital) };
  };

  it('is on record, with every chunk, as soon as nothing of its time is open; the batch is not ready for release before', async () => {
    const { hospital, to } = await ended();
    expect(await rulesOf(hospital)).toEqual(['telemetry-not-sealed']);
    expect(await closeTelemetry(hospital.sealPorts, BATCH)).toEqual({ isSealed: false });
    expect(await rulesOf(hospital)).toEqual(['telemetry-not-sealed']);
    at(hospital, MINUTE + GRACE);
    await hospital.seal();
    expect((await namedIn(hospital)).map(({ chunks, through }) => [chunks.map(asText), through])).toEqual([[storedHashes(hospital), to]]);
    expect(await rulesOf(hospital)).toEqual([]);
    expect(await closeTelemetry(hospital.sealPorts, BATCH)).toEqual({ isSealed: true });
    expect(await namedIn(hospital)).toHaveLength(1);
  });
  it('is said at once where nothing came, and by no event where nothing measured', async () => {
    const { hospital } = await begin();
    const to = await end(hospital);
    const handler = createHandler(hospital.sealPorts);
    expect(await handler({ batchId: BATCH }, {} as Context)).toEqual({ isSealed: true });
    expect(await namedIn(hospital)).toEqual([{ type: 'telemetry-sealed', devices: [], chunks: [], through: to }]);
    const plain = createHospital();
    await plain.beginBatch();
    await record(plain, { type: 'batch-completed' });
    expect([await closeTelemetry(plain.sealPorts, BATCH), await namedIn(plain)]).toEqual([{ isSealed: true }, []]);
  });
  it('is not said before what is in the store is named, even when what waited was lost', async () => {
    const { hospital, to } = await ended();
    at(hospital, MINUTE + GRACE);
    await seal({ ...hospital.sealPorts, batches: { ...hospital.batches, change: () => Promise.reject(new Error('broke off')) } }).catch(() => undefined);
    expect([waiting(hospital).length, await chunksNamed(hospital), hospital.keys('open/')]).toEqual([1, [], []]);
    for (const key of waiting(hospital)) hospital.operations.items.delete(key);
    const lost = storedHashes(hospital);
    expect(await closeTelemetry(hospital.sealPorts, BATCH)).toEqual({ isSealed: true });
    const named = await namedIn(hospital);
    expect(named.map(({ chunks, through }) => [chunks.map(asText), through])).toEqual([[lost, to]]);
  });
  it('is not said of a batch that still runs', async () => {
    const { hospital } = await begin();
    await closeTelemetry(hospital.sealPorts, BATCH);
    expect(await namedIn(hospital)).toEqual([]);
  });
  it('does not keep later messages from being named: at once while somebody is to decide, hourly after', async () => {
    const { hospital, last } = await ended();
    await closeTelemetry(hospital.sealPorts, BATCH);
    at(hospital, MINUTE + GRACE);
    await hospital.seal();
    await hospital.send([last]);
    await hospital.seal();
    expect((await namedIn(hospital)).map(({ chunks }) => chunks.length)).toEqual([2, 2]);
    await record(hospital, { type: 'disposition-recorded', disposition: 'reject', reason: 'r', staged: false, signature: {} as never });
    await hospital.send([new Gateway().data(MINUTE + 3000, 37.6)]);
    await hospital.seal();
    expect(await namedIn(hospital)).toHaveLength(2);
    at(hospital, MINUTE + GRACE + HOUR);
    await hospital.seal();
    expect(await namedIn(hospital)).toHaveLength(3);
    expect(await rulesOf(hospital)).not.toContain('telemetry-not-sealed');
  });
});

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

import type { Context } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { createHandler, seal } from '../../functions/telemetry-seal/handler.ts';
import { closeTelemetry } from '../../functions/telemetry-seal/name-chunks.ts';
import { reviewRecord } from '../../shared/release/review.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import type { RawMessage } from '../../shared/telemetry/received.ts';
import { Gateway } from '../support/telemetry/gateway.ts';
import { ASSIGNMENT, BATCH, createHospital } from '../support/telemetry/hospital.ts';
import { MINUTE } from '../support/telemetry/sparkplug-writer.ts';
import { type Hospital, MINUTE_MS, HOUR, GRACE, at, record, namedIn, chunksNamed, waiting, storedHashes, asText, bytesOf, begin } from '../support/telemetry/naming.ts';

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

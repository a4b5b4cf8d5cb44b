import { describe, expect, it } from 'vitest';
import { keyOf } from '../../shared/storage/keys.ts';
import { Gateway } from '../support/telemetry/gateway.ts';
import { createHospital } from '../support/telemetry/hospital.ts';
import { MINUTE } from '../support/telemetry/sparkplug-writer.ts';
import { type Hospital, LATER, sealedAt, readTemperature } from '../support/telemetry/sealing.ts';

describe('a gap', () => {
  const withBatch = async (): Promise<readonly [Hospital, Gateway]> => {
    const hospital = createHospital();
    await hospital.beginBatch();
    return [hospital, new Gateway()];
  };
  const gapsOf = async (hospital: Hospital) => Object.values((await hospital.batch()).gaps);

  it('is put on the record of the batch that has the device, once, and is critical with its parameter', async () => {
    const [hospital, gateway] = await withBatch();
    const before = [...gateway.born(MINUTE), gateway.data(MINUTE + 1000, 37)];
    gateway.lose(3);
    await hospital.send([...before, gateway.data(MINUTE + 5000, 37)]);
    await sealedAt(hospital, LATER);
    await hospital.send(before);
    await hospital.seal();
    expect(await gapsOf(hospital)).toMatchObject([{ from: new Date(MINUTE + 1000).toISOString(), to: new Date(MINUTE + 5000).toISOString(), lostMessages: 3, critical: true, assessed: false }]);
  });

  it('is found across the border of minutes', async () => {
    const [hospital, gateway] = await withBatch();
    await hospital.send([...gateway.born(MINUTE), gateway.data(MINUTE + 59_000, 37)]);
    await sealedAt(hospital, MINUTE + 180_000);
    gateway.lose(2);
    await hospital.send([gateway.data(MINUTE + 62_000, 37)]);
    await sealedAt(hospital, LATER);
    expect((await gapsOf(hospital)).map(({ lostMessages }) => lostMessages)).toEqual([2]);
  });

  it('is not made up of messages that came late, after their neighbours were sealed', async () => {
    const [hospital, gateway] = await withBatch();
    const births = gateway.born(MINUTE);
    const [a, b, c, d] = [gateway.data(MINUTE + 1000, 37), gateway.data(MINUTE + 2000, 37), gateway.data(MINUTE + 3000, 37), gateway.data(MINUTE + 4000, 37)];
    await hospital.send([...births, a, b]);
    await sealedAt(hospital, LATER);
    await hospital.send([c]);
    await hospital.seal();
    await hospital.send([d, a]);
    await hospital.seal();
    expect(await gapsOf(hospital)).toEqual([]);
  });

  it('is found between a minute that came late and one that was sealed before it', async () => {
    const [hospital, gateway] = await withBatch();
    const births = gateway.born(MINUTE);
    const death = gateway.deviceDied(MINUTE + 62_000);
    const reborn = gateway.deviceBorn(MINUTE + 130_000);
    await hospital.send([...births, reborn]);
    await sealedAt(hospital, LATER);
    expect((await gapsOf(hospital)).map(({ lostMessages }) => lostMessages)).toEqual([1]);
    await hospital.send([death]);
    await hospital.seal();
    expect((await gapsOf(hospital)).map(({ from, to }) => [from, to])).toContainEqual([new Date(MINUTE + 62_000).toISOString(), new Date(MINUTE + 130_000).toISOString()]);
    expect((await hospital.operations.get<{ state: { deadDevices: object } }>(keyOf.lastSequence('gateway-1')))?.state.deadDevices).toEqual({});
  });

  it('is seen before a rebirth, which Bedside itself may have asked for: what was lost until then has no number', async () => {
    const [hospital, gateway] = await withBatch();
    await hospital.send([...gateway.born(MINUTE), gateway.data(MINUTE + 1000, 37)]);
    gateway.lose(200);
    await hospital.send([...gateway.born(MINUTE + 1_740_000), gateway.data(MINUTE + 1_741_000, 37)]);
    await sealedAt(hospital, MINUTE + 3_000_000);
    expect(await gapsOf(hospital)).toMatchObject([{ from: new Date(MINUTE + 1000).toISOString(), to: new Date(MINUTE + 1_740_000).toISOString(), critical: true, assessed: false }]);
  });

  it('stays within the time the batch had the device', async () => {
    const [hospital, gateway] = await withBatch();
    const early = gateway.born(MINUTE - 300_000);
    gateway.lose(1);
    await hospital.send([...early, gateway.data(MINUTE - 290_000, 37), gateway.data(MINUTE, 37)]);
    await sealedAt(hospital, LATER);
    expect(await gapsOf(hospital)).toEqual([]);
  });

  it('still finds the batch that let the device go before it was sealed', async () => {
    const [hospital, gateway] = await withBatch();
    const { criticalMetrics, alarms, from } = (await hospital.operations.get<{ criticalMetrics: readonly string[]; alarms: readonly object[]; from: string }>(keyOf.device('gateway-1', 'bioreactor-1')))!;
    await hospital.operations.delete(keyOf.device('gateway-1', 'bioreactor-1'));
    await hospital.operations.put(keyOf.deviceBefore('gateway-1', 'bioreactor-1', from), { batchId: 'B-2026-0007', equipmentId: 'EQ-1', deviceId: 'bioreactor-1', from, to: new Date(MINUTE + 30_000).toISOString(), criticalMetrics, alarms });
    const births = gateway.born(MINUTE);
    gateway.lose(1);
    await hospital.send([...births, gateway.data(MINUTE + 20_000, 37), gateway.data(MINUTE + 40_000, 37)]);
    gateway.lose(1);
    await hospital.send([gateway.data(MINUTE + 50_000, 37)]);
    await sealedAt(hospital, LATER);
    expect((await gapsOf(hospital)).map(({ to }) => to)).toEqual([new Date(MINUTE + 20_000).toISOString()]);
  });

  it('lies between a gateway\'s death and its next birth', async () => {
    const [hospital, gateway] = await withBatch();
    const alive = [...gateway.born(MINUTE), gateway.data(MINUTE + 1000, 37), gateway.died(MINUTE + 9000)];
    await hospital.send([...alive, ...gateway.born(MINUTE + 60_000)]);
    await sealedAt(hospital, LATER);
    expect(await gapsOf(hospital)).toMatchObject([{ from: new Date(MINUTE + 9000).toISOString(), to: new Date(MINUTE + 60_000).toISOString(), lostMessages: 0 }]);
  });

  it('ends with the batch\'s hold on the device when a dead gateway never comes back', async () => {
    const [hospital, gateway] = await withBatch();
    await hospital.send([...gateway.born(MINUTE), gateway.died(MINUTE + 9000)]);
    await sealedAt(hospital, LATER);
    expect(await gapsOf(hospital)).toEqual([]);
    const to = new Date(MINUTE + 600_000).toISOString();
    await hospital.operations.delete(keyOf.device('gateway-1', 'bioreactor-1'));
    await hospital.operations.put(keyOf.deviceBefore('gateway-1', 'bioreactor-1', '2026-03-02T14:04:00.000Z'), { batchId: 'B-2026-0007', deviceId: 'bioreactor-1', from: '2026-03-02T14:04:00.000Z', to, criticalMetrics: ['Temperature'], alarms: [] });
    await hospital.seal();
    await hospital.seal();
    await hospital.send(gateway.born(MINUTE + 900_000));
    await sealedAt(hospital, MINUTE + 1_200_000);
    expect(await gapsOf(hospital)).toMatchObject([{ from: new Date(MINUTE + 9000).toISOString(), to, critical: true }]);
    expect(await gapsOf(hospital)).toHaveLength(1);
  });

  it('is recorded once for an hour in which samples could not be named', async () => {
    const [hospital, gateway] = await withBatch();
    await hospital.send([gateway.data(MINUTE + 1000, 37), gateway.data(MINUTE + 62_000, 37)]);
    await sealedAt(hospital, LATER);
    expect(await gapsOf(hospital)).toMatchObject([{ from: '2026-03-02T14:00:00.000Z', to: '2026-03-02T15:00:00.000Z' }]);
  });

  it('is recorded when a birth comes too late and says that sealed samples mean something else', async () => {
    const [hospital, gateway] = await withBatch();
    const first = gateway.born(MINUTE);
    const late = new Gateway().born(MINUTE + 30_000, ['pH', 'Temperature']);
    await hospital.send([...first, gateway.data(MINUTE + 60_000, 37, 7.2)]);
    await sealedAt(hospital, LATER);
    await hospital.send([late[1]!]);
    await hospital.seal();
    expect((await gapsOf(hospital)).filter(({ from }) => from === new Date(MINUTE + 30_000).toISOString())).toHaveLength(1);
    expect((await readTemperature(hospital, MINUTE + 60_000)).values).toEqual([7.2]);
  });
});

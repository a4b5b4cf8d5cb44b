import type { Batch } from '../../../shared/batch/state.ts';
import { encodeChunk } from '../../../shared/telemetry/chunk.ts';
import { Collector, unite } from '../../../shared/telemetry/collect.ts';
import { FIELD } from '../../../shared/telemetry/metric.ts';
import { hourOf, objectKeyOf } from '../../../shared/telemetry/minute.ts';
import type { createMemoryObjectStore } from '../memory/object-store.ts';

const EVERY_MS = 600_000;
/** 37.0 as a double, its halves. */
const [LOW, HIGH] = [0, 0x40428000];

/** Copies of hours as sealing would leave them where each critical parameter of a complete batch was measured all the time: a sample each ten minutes, named, of 37. No chunk of them is there to be named. */
export const putMeasured = async (objects: ReturnType<typeof createMemoryObjectStore>, { equipment, recipe, completedAt = '', nodeId }: Batch): Promise<void> => {
  for (const { device, equipmentClassId, from, to = completedAt } of Object.values(equipment)) {
    const metrics = recipe.content.parameters.filter((each) => each.critical && each.equipmentClassId === equipmentClassId).map(({ metric }) => metric);
    if (device === undefined || metrics.length === 0) continue;
    const collector = new Collector();
    for (let time = Date.parse(from); time < Date.parse(to); time += EVERY_MS) {
      const sample = { alias: undefined, datatype: 10, timestampEpochMs: time, flags: 0, field: FIELD.double, low: LOW, high: HIGH, bytes: undefined };
      collector.addMessage({ address: { groupId: nodeId, messageType: 'DDATA', ...device }, sentAtEpochMs: time, seq: 0, metrics: metrics.map((name) => ({ name, ...sample })) });
    }
    const minutes = collector.minutes().filter(({ deviceId }) => deviceId !== undefined);
    for (const [hour, own] of Map.groupBy(minutes, ({ minuteEpochMs }) => hourOf(minuteEpochMs))) {
      await objects.put(objectKeyOf.hour(device.edgeNodeId, device.deviceId, hour), encodeChunk({ nodeId, ...device, startEpochMs: hour, ...unite(own.map(({ columns }) => ({ columns, marks: [] }))) }));
    }
  }
};

import { useInForce } from '../../shared/batch/equipment-use.ts';
import type { BatchEvent } from '../../shared/batch/events.ts';
import type { Batch, EquipmentUse } from '../../shared/batch/state.ts';
import { TABLE, keyOf } from '../../shared/storage/keys.ts';
import type { DeviceAssignment } from './device-assignment.ts';
import type { Companion } from './ports.ts';

const LOCK = '-';
/** Equipment without a telemetry device is locked under its own id. */
const lockKey = (equipmentId: string, device: Readonly<{ edgeNodeId: string; deviceId: string }> | undefined) =>
  (device === undefined ? keyOf.device(LOCK, equipmentId) : keyOf.device(device.edgeNodeId, device.deviceId));

const assignmentOf = (batch: Batch, { equipmentId, equipmentClassId }: Readonly<{ equipmentId: string; equipmentClassId: string }>, from: string): DeviceAssignment => {
  const parameters = batch.recipe.content.parameters.filter((each) => each.equipmentClassId === equipmentClassId);
  return {
    batchId: batch.batchId, equipmentId, from,
    criticalMetrics: parameters.filter(({ critical }) => critical).map(({ metric }) => metric),
    alarms: parameters.filter(({ alarm }) => alarm.low !== undefined || alarm.high !== undefined).map(({ metric, alarm }) => ({ metric, ...alarm })),
  };
};

/** Telemetry comes late: for this long after a batch let a device go, its gaps and alarms still find the batch. */
const REMEMBERED_SECONDS = 30 * 86_400;

const remembered = (batch: Batch, { device, equipmentId, equipmentClassId, from }: EquipmentUse, now: Date): readonly Companion[] => (device === undefined ? [] : [{
  type: 'put', key: keyOf.deviceBefore(device.edgeNodeId, device.deviceId, from), onlyIfAbsent: false,
  attributes: { ...assignmentOf(batch, { equipmentId, equipmentClassId }, from), deviceId: device.deviceId, to: now.toISOString(), [TABLE.timeToLive]: Math.floor(now.getTime() / 1000) + REMEMBERED_SECONDS },
}]);

/** A replacement may be assigned in two phases at once, and is locked once. */
const firstOf = (events: readonly BatchEvent[]): readonly BatchEvent[] => events.filter((event, i) => event.type !== 'equipment-assigned'
  || events.findIndex((each) => each.type === 'equipment-assigned' && each.equipmentId === event.equipmentId) === i);

/** Lock equipment that a batch begins to use, and free what it lets go, in the transaction that says so. */
export const equipmentCompanions = (batch: Batch, events: readonly BatchEvent[], now: Date): readonly Companion[] => firstOf(events).flatMap((event): readonly Companion[] => {
  if (event.type === 'equipment-assigned' && useInForce(batch, event.equipmentId) === undefined) {
    return [{ type: 'put', key: lockKey(event.equipmentId, event.device), onlyIfAbsent: true, conflict: 'equipment-in-use', attributes: assignmentOf(batch, event, now.toISOString()) }];
  }
  const use = event.type === 'equipment-released' ? useInForce(batch, event.equipmentId) : undefined;
  return use === undefined ? [] : [{ type: 'delete', key: lockKey(use.equipmentId, use.device), onlyIf: { batchId: batch.batchId } }, ...remembered(batch, use, now)];
});

export const deviceLockKey = lockKey;

import type { BatchEvent } from '../../shared/batch/events.ts';
import type { Batch } from '../../shared/batch/state.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import type { Companion } from '../_platform/ports.ts';

/** What the telemetry functions need to know of a device while a batch has it; also the lock that keeps a second batch away. */
export type DeviceAssignment = Readonly<{
  batchId: string; equipmentId: string; from: string; criticalMetrics: readonly string[];
  alarms: readonly Readonly<{ metric: string; low?: number; high?: number }>[];
}>;

const LOCK = '-';
/** Equipment without a telemetry device is locked under its own id. */
const lockKey = (equipmentId: string, device: Readonly<{ edgeNodeId: string; deviceId: string }> | undefined) =>
  (device === undefined ? keyOf.device(LOCK, equipmentId) : keyOf.device(device.edgeNodeId, device.deviceId));

const assignmentOf = (batch: Batch, { equipmentId, equipmentClassId }: Extract<BatchEvent, { type: 'equipment-assigned' }>, now: Date): DeviceAssignment => {
  const parameters = batch.recipe.content.parameters.filter((each) => each.equipmentClassId === equipmentClassId);
  return {
    batchId: batch.batchId, equipmentId, from: now.toISOString(),
    criticalMetrics: parameters.filter(({ critical }) => critical).map(({ metric }) => metric),
    alarms: parameters.filter(({ alarm }) => alarm.low !== undefined || alarm.high !== undefined).map(({ metric, alarm }) => ({ metric, ...alarm })),
  };
};

/** Lock equipment that a batch begins to use, and free what it lets go, in the transaction that says so. */
export const equipmentCompanions = (batch: Batch, events: readonly BatchEvent[], now: Date): readonly Companion[] => events.flatMap((event): readonly Companion[] => {
  if (event.type === 'equipment-assigned' && batch.equipment[event.equipmentId] === undefined) {
    return [{ type: 'put', key: lockKey(event.equipmentId, event.device), onlyIfAbsent: true, conflict: 'equipment-in-use', attributes: assignmentOf(batch, event, now) }];
  }
  const use = event.type === 'equipment-released' ? batch.equipment[event.equipmentId] : undefined;
  return use === undefined ? [] : [{ type: 'delete', key: lockKey(use.equipmentId, use.device), onlyIf: { batchId: batch.batchId } }];
});

export const deviceLockKey = lockKey;

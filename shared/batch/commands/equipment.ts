import { DomainError } from '../../errors.ts';
import type { Equipment } from '../../registers/equipment.ts';
import { requireQualified, requireRunning, type WorkContext } from '../context.ts';
import type { BatchEvent } from '../events.ts';
import type { Batch } from '../state.ts';
import { runningPhase, workOn } from './phase.ts';

export type AssignEquipment = Readonly<{
  phaseId: string;
  equipmentId: string;
  /** As registered, or undefined. */
  equipment: Equipment | undefined;
  /** Batch that has it now, if any. */
  inUseByBatchId: string | undefined;
}>;

const isOverdue = (calibrationDueAt: string | undefined, nowEpochMs: number): boolean => calibrationDueAt === undefined || Date.parse(calibrationDueAt) <= nowEpochMs;

/**
 * Use a piece of equipment in a phase under way.
 *
 * @throws DomainError `batch-already-dispositioned`, `batch-state-wrong`, `phase-not-found`, `phase-state-wrong`, `role-missing`, `training-lapsed`, `equipment-not-found`,
 *   `equipment-wrong-class`, `equipment-calibration-overdue`, `equipment-in-use`
 * @see 21 CFR 211.68(a), 211.160(b)(4) (calibration); 211.105 (equipment identification)
 */
export const assignEquipment = (batch: Batch, { phaseId, equipmentId, equipment, inUseByBatchId }: AssignEquipment, context: WorkContext): readonly BatchEvent[] => {
  requireRunning(batch);
  const { phase, execution } = runningPhase(batch, phaseId);
  requireQualified(phase, context);
  if (equipment === undefined) throw new DomainError('equipment-not-found', `no equipment ${equipmentId} at this hospital`, { equipmentId });
  const { equipmentClassId, calibrationDueAt, device } = equipment;
  if (!phase.equipmentClassIds.includes(equipmentClassId)) {
    throw new DomainError('equipment-wrong-class', `equipment ${equipmentId} is of class ${equipmentClassId}, phase ${phaseId} wants ${phase.equipmentClassIds.join(', ') || 'none'}`, { equipmentId });
  }
  const isCalibrated = batch.recipe.content.equipmentClasses.find(({ id }) => id === equipmentClassId)?.calibrated === true;
  if (isCalibrated && isOverdue(calibrationDueAt, context.nowEpochMs)) {
    throw new DomainError('equipment-calibration-overdue', `calibration of ${equipmentId} was due at ${calibrationDueAt ?? 'no recorded date'}`, { equipmentId });
  }
  if (inUseByBatchId !== undefined && inUseByBatchId !== batch.batchId) throw new DomainError('equipment-in-use', `equipment ${equipmentId} is in use by batch ${inUseByBatchId}`, { equipmentId });
  if (execution.equipmentIds.includes(equipmentId)) return [];
  return workOn(execution, [{
    type: 'equipment-assigned', phaseId, equipmentId, equipmentClassId,
    ...(calibrationDueAt === undefined ? {} : { calibrationDueAt }), ...(device === undefined ? {} : { device }),
  }]);
};

import { DomainError } from '../../errors.ts';
import type { Equipment } from '../../registers/equipment.ts';
import { requireQualified, requireRunning, requireState, requireUndecided, type WorkContext } from '../context.ts';
import { classOf, isCritical, isUnwatched, phasesWith, useInForce } from '../equipment-use.ts';
import type { BatchEvent } from '../events.ts';
import { findPhase } from '../recipe-lookup.ts';
import type { Batch } from '../state.ts';
import { runningPhase, workOn } from './phase.ts';

/** A piece of equipment somebody means to use. */
export type AskedEquipment = Readonly<{
  equipmentId: string;
  /** As registered, or undefined. */
  equipment: Equipment | undefined;
  /** Batch that has it now, if any. */
  inUseByBatchId: string | undefined;
}>;
export type AssignEquipment = AskedEquipment & Readonly<{ phaseId: string; /** Identifier for the deviation, should the rule raise one. */ deviationId: string }>;

const isOverdue = (calibrationDueAt: string | undefined, nowEpochMs: number): boolean => calibrationDueAt === undefined || Date.parse(calibrationDueAt) <= nowEpochMs;

/** @throws DomainError `equipment-not-found`, `equipment-wrong-class`, `equipment-out-of-use`, `equipment-calibration-overdue`, `equipment-in-use` */
const requireUsable = (batch: Batch, { equipmentId, equipment, inUseByBatchId }: AskedEquipment, wanted: Readonly<{ by: string; classIds: readonly string[] }>, nowEpochMs: number): Equipment => {
  if (equipment === undefined) throw new DomainError('equipment-not-found', `no equipment ${equipmentId} at this hospital`, { equipmentId });
  const { equipmentClassId, calibrationDueAt, outOfUse } = equipment;
  if (!wanted.classIds.includes(equipmentClassId)) {
    throw new DomainError('equipment-wrong-class', `equipment ${equipmentId} is of class ${equipmentClassId}, ${wanted.by} wants ${wanted.classIds.join(', ') || 'none'}`, { equipmentId });
  }
  if (outOfUse !== undefined) throw new DomainError('equipment-out-of-use', `equipment ${equipmentId} is out of use since ${outOfUse.since}: ${outOfUse.reason}`, { equipmentId });
  if (classOf(batch.recipe.content, equipmentClassId)?.calibrated === true && isOverdue(calibrationDueAt, nowEpochMs)) {
    throw new DomainError('equipment-calibration-overdue', `calibration of ${equipmentId} was due at ${calibrationDueAt ?? 'no recorded date'}`, { equipmentId });
  }
  if (inUseByBatchId !== undefined && inUseByBatchId !== batch.batchId) throw new DomainError('equipment-in-use', `equipment ${equipmentId} is in use by batch ${inUseByBatchId}`, { equipmentId });
  return equipment;
};

const assigned = (phaseId: string, { equipmentId, equipmentClassId, calibrationDueAt, device }: Equipment): BatchEvent => ({
  type: 'equipment-assigned', phaseId, equipmentId, equipmentClassId, ...(calibrationDueAt === undefined ? {} : { calibrationDueAt }), ...(device === undefined ? {} : { device }),
});

/** Nobody would see a culture grow cold in equipment that sends nothing: said when it is taken into use, and not found out at release. */
const unwatched = (batch: Batch, equipment: Equipment, { phaseId, deviationId }: Readonly<{ phaseId: string; deviationId: string }>): readonly BatchEvent[] => {
  const { equipmentId, equipmentClassId } = equipment;
  if (useInForce(batch, equipmentId) !== undefined || !isUnwatched(batch.recipe.content, equipment)) return [];
  const metrics = batch.recipe.content.parameters.filter((each) => each.critical && each.equipmentClassId === equipmentClassId).map(({ metric }) => metric);
  return [{
    type: 'deviation-raised', deviationId, severity: 'major', title: `${equipmentId} is not monitored`, phaseId, rule: 'equipment-not-monitored',
    detail: `${equipmentId} has no telemetry device in the register; nothing will be recorded of ${metrics.join(', ')}`,
  }];
};

/**
 * Use a piece of equipment in a phase under way. Without the telemetry device that a critical parameter wants, a deviation is raised.
 *
 * @throws DomainError `batch-already-dispositioned`, `batch-state-wrong`, `phase-not-found`, `phase-state-wrong`, `role-missing`, `training-lapsed`, `equipment-not-found`,
 *   `equipment-wrong-class`, `equipment-out-of-use`, `equipment-calibration-overdue`, `equipment-in-use`
 * @see 21 CFR 211.68(a), 211.160(b)(4) (calibration); 211.105 (equipment identification)
 */
export const assignEquipment = (batch: Batch, { phaseId, deviationId, ...asked }: AssignEquipment, context: WorkContext): readonly BatchEvent[] => {
  requireRunning(batch);
  const { phase, execution } = runningPhase(batch, phaseId);
  requireQualified(phase, context);
  const equipment = requireUsable(batch, asked, { by: `phase ${phaseId}`, classIds: phase.equipmentClassIds }, context.nowEpochMs);
  if (execution.equipmentIds.includes(asked.equipmentId) && useInForce(batch, asked.equipmentId) !== undefined) return [];
  return workOn(execution, [assigned(phaseId, equipment), ...unwatched(batch, equipment, { phaseId, deviationId })]);
};

export type WithdrawEquipment = Readonly<{
  equipmentId: string;
  reason: string;
  /** What takes its place in the phases under way; none is wanted where no phase uses it now. */
  replacement?: AskedEquipment | undefined;
  /** Identifiers for deviations, should rules raise them: of the withdrawal, and of the replacement. */
  deviationId: string;
  replacementDeviationId: string;
}>;

/** A site engineer may take equipment out without the training of the phase; what goes in is the work of those who do the phase. */
const requireMayWithdraw = (batch: Batch, phaseIds: readonly string[], hasReplacement: boolean, context: WorkContext): void => {
  if (context.person.roles.includes('site-engineer') && !hasReplacement) return;
  for (const id of phaseIds) requireQualified(findPhase(batch, id).phase, context);
};

/** @throws DomainError `request-malformed`, those of `requireUsable` */
const replacementFor = (batch: Batch, { equipmentId, replacement }: WithdrawEquipment, { classId, phaseIds }: Readonly<{ classId: string; phaseIds: readonly string[] }>, nowEpochMs: number): Equipment | undefined => {
  if (replacement === undefined) return undefined;
  if (replacement.equipmentId === equipmentId) throw new DomainError('request-malformed', `body.replacementId: got ${equipmentId} itself, want another piece`, { paths: ['body.replacementId'] });
  if (phaseIds.length === 0) throw new DomainError('request-malformed', `body.replacementId: no phase under way uses ${equipmentId}, want none; assign it in the phase that will`, { paths: ['body.replacementId'] });
  return requireUsable(batch, replacement, { by: `the place of ${equipmentId}`, classIds: [classId] }, nowEpochMs);
};

/**
 * Take equipment out before its time, because it broke, and put another in its place in every phase under way that used it. From now on its telemetry is no longer this batch's: no gap and no value counts
 * after this moment, and those of the replacement count from it. Of critical equipment it is a deviation. Also while the batch is held: the cells do not wait.
 *
 * @throws DomainError `batch-already-dispositioned`, `batch-state-wrong`, `equipment-not-in-use`, `role-missing`, `training-lapsed`, `request-malformed`, and of the replacement `equipment-not-found`,
 *   `equipment-wrong-class`, `equipment-out-of-use`, `equipment-calibration-overdue`, `equipment-in-use`
 * @see 21 CFR 211.182 (equipment use log), 211.100(b) (deviations are recorded and justified)
 */
export const withdrawEquipment = (batch: Batch, input: WithdrawEquipment, context: WorkContext): readonly BatchEvent[] => {
  const { equipmentId, reason, replacement, deviationId, replacementDeviationId } = input;
  requireUndecided(batch);
  requireState(batch, 'running', 'held');
  const use = useInForce(batch, equipmentId);
  if (use === undefined) throw new DomainError('equipment-not-in-use', `batch ${batch.batchId} does not have equipment ${equipmentId}`, { equipmentId });
  const executions = phasesWith(batch, equipmentId);
  const phaseIds = executions.map(({ phaseId }) => phaseId);
  requireMayWithdraw(batch, phaseIds, replacement !== undefined, context);
  const other = replacementFor(batch, input, { classId: use.equipmentClassId, phaseIds }, context.nowEpochMs);
  const [phaseId] = phaseIds;
  const detail = `taken out${phaseIds.length === 0 ? '' : ` in ${phaseIds.join(', ')}`}${other === undefined ? '' : `, replaced by ${other.equipmentId}`}: ${reason}`;
  return [
    { type: 'equipment-withdrawn', equipmentId, ...(other === undefined ? {} : { replacementId: other.equipmentId }), reason }, { type: 'equipment-released', equipmentId },
    ...phaseIds.flatMap((id) => (other === undefined ? [] : [assigned(id, other)])),
    ...executions.filter(({ signatures }) => signatures.length > 0).map((each): BatchEvent => ({ type: 'phase-signatures-voided', phaseId: each.phaseId })),
    ...(isCritical(batch.recipe.content, use.equipmentClassId)
      ? [{ type: 'deviation-raised', deviationId, severity: 'major', title: `${equipmentId} taken out of the batch`, detail, ...(phaseId === undefined ? {} : { phaseId }), rule: 'equipment-withdrawn' } as const] : []),
    ...(other === undefined || phaseId === undefined ? [] : unwatched(batch, other, { phaseId, deviationId: replacementDeviationId })),
  ];
};

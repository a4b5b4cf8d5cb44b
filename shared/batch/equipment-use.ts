import type { EquipmentClass, MasterBatchRecordContent, Phase } from '../master-batch-record/model.ts';
import type { Batch, EquipmentUse, PhaseExecution } from './state.ts';

type Uses = Pick<Batch, 'equipment'>;

/** The use of a piece of equipment that lasts; undefined when the batch never had it or let it go. */
export const useInForce = ({ equipment }: Uses, equipmentId: string): EquipmentUse | undefined => equipment.findLast((each) => each.equipmentId === equipmentId && each.to === undefined);

/** All uses the batch made of what a phase was given; a broken piece counts as long as the batch had it. */
export const usesOf = ({ equipment }: Uses, { equipmentIds }: PhaseExecution): readonly EquipmentUse[] => equipment.filter(({ equipmentId }) => equipmentIds.includes(equipmentId));

export const classOf = ({ equipmentClasses }: MasterBatchRecordContent, equipmentClassId: string): EquipmentClass | undefined => equipmentClasses.find(({ id }) => id === equipmentClassId);

/** Whether a critical parameter of the master batch record is measured by equipment of this class. */
export const isCritical = ({ parameters }: MasterBatchRecordContent, equipmentClassId: string): boolean => parameters.some((each) => each.critical && each.equipmentClassId === equipmentClassId);

/** Critical, with telemetry wanted, and without a device that could send any. */
export const isUnwatched = (content: MasterBatchRecordContent, { equipmentClassId, device }: Pick<EquipmentUse, 'equipmentClassId' | 'device'>): boolean =>
  device === undefined && isCritical(content, equipmentClassId) && classOf(content, equipmentClassId)?.monitored !== false;

/** Under way: what the batch has now. Complete: what it had then, for most equipment is let go with the phase. */
const isThere = ({ from, to }: EquipmentUse, completedAt: string | undefined): boolean => (completedAt === undefined ? to === undefined : from <= completedAt && (to === undefined || to >= completedAt));

/** Classes a phase wants of which it has no piece, as a person reads it. */
export const missingEquipment = (batch: Batch, phase: Phase, execution: PhaseExecution): readonly string[] => {
  const there = usesOf(batch, execution).filter((each) => isThere(each, execution.completedAt)).map(({ equipmentClassId }) => equipmentClassId);
  return phase.equipmentClassIds.filter((id) => !there.includes(id)).map((id) => `equipment of class ${id}`);
};

/** Phases under way that were given this piece of equipment. */
export const phasesWith = ({ phases }: Batch, equipmentId: string): readonly PhaseExecution[] => Object.values(phases).filter((each) => each.completedAt === undefined && each.equipmentIds.includes(equipmentId));

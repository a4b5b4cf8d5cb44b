import { DomainError } from '../errors.ts';
import type { Recorded } from '../record/envelope.ts';
import type { BatchEvent } from './events.ts';
import type { Batch, PhaseExecution, ValueHeld } from './state.ts';

const phaseOf = (batch: Batch, phaseId: string): PhaseExecution => {
  const phase = batch.phases[phaseId];
  if (phase === undefined) throw new DomainError('record-corrupt', `batch ${batch.batchId}: an event names phase ${phaseId}, which was not started`, { id: batch.batchId });
  return phase;
};

const withPhase = (batch: Batch, phaseId: string, change: (phase: PhaseExecution) => PhaseExecution): Batch =>
  ({ ...batch, phases: { ...batch.phases, [phaseId]: change(phaseOf(batch, phaseId)) } });

const withValue = (batch: Batch, phaseId: string, valueId: string, value: ValueHeld): Batch =>
  withPhase(batch, phaseId, (phase) => ({ ...phase, values: { ...phase.values, [valueId]: value } }));

const evolveWork = (batch: Batch, { event, recordedAt }: Recorded<BatchEvent>): Batch | undefined => {
  switch (event.type) {
    case 'phase-started':
      return { ...batch, phases: { ...batch.phases, [event.phaseId]: { phaseId: event.phaseId, startedAt: recordedAt, equipmentIds: [], materials: [], values: {}, signatures: [] } } };
    case 'equipment-assigned': {
      const { phaseId, equipmentId, equipmentClassId, device } = event;
      const use = batch.equipment[equipmentId] ?? { equipmentId, equipmentClassId, from: recordedAt, ...(device === undefined ? {} : { device }) };
      return withPhase({ ...batch, equipment: { ...batch.equipment, [equipmentId]: use } }, phaseId, (phase) => ({ ...phase, equipmentIds: [...phase.equipmentIds, equipmentId] }));
    }
    case 'material-added': {
      const { phaseId, materialId, lotId, quantity, unit } = event;
      return withPhase(batch, phaseId, (phase) => ({ ...phase, materials: [...phase.materials, { materialId, lotId, quantity, unit, addedAt: recordedAt }] }));
    }
    case 'value-recorded':
      return withValue(batch, event.phaseId, event.valueId, { value: event.value, unit: event.unit, origin: event.origin, recordedAt, correctionCount: 0 });
    case 'value-corrected': {
      const before = phaseOf(batch, event.phaseId).values[event.valueId];
      return withValue(batch, event.phaseId, event.valueId, { value: event.newValue, unit: event.unit, origin: { kind: 'entered' }, recordedAt, correctionCount: (before?.correctionCount ?? 0) + 1 });
    }
    case 'phase-signed':
      return withPhase(batch, event.phaseId, (phase) => ({ ...phase, signatures: [...phase.signatures, event.signature] }));
    case 'phase-completed':
      return withPhase(batch, event.phaseId, (phase) => ({ ...phase, completedAt: recordedAt }));
    default:
      return undefined;
  }
};

const releaseEquipment = (batch: Batch, equipmentId: string, at: string): Batch => {
  const use = batch.equipment[equipmentId];
  return use === undefined ? batch : { ...batch, equipment: { ...batch.equipment, [equipmentId]: { ...use, to: at } } };
};

const evolveState = (batch: Batch, { event, recordedAt }: Recorded<BatchEvent>): Batch | undefined => {
  switch (event.type) {
    case 'batch-created':
      throw new DomainError('record-corrupt', `batch ${batch.batchId} is created twice`, { id: batch.batchId });
    case 'batch-started':
      return { ...batch, state: 'running', startedAt: recordedAt };
    case 'batch-held':
      return { ...batch, state: 'held' };
    case 'batch-resumed':
      return { ...batch, state: 'running' };
    case 'batch-stopped':
      return { ...batch, state: 'stopped' };
    case 'batch-aborted':
      return { ...batch, state: 'aborted' };
    case 'batch-completed':
      return { ...batch, state: 'complete', completedAt: recordedAt };
    case 'equipment-released':
      return releaseEquipment(batch, event.equipmentId, recordedAt);
    default:
      return undefined;
  }
};

/** Events of making the product; undefined when the event belongs to quality. */
export const evolveProduction = (batch: Batch, recorded: Recorded<BatchEvent>): Batch | undefined =>
  evolveState(batch, recorded) ?? evolveWork(batch, recorded);

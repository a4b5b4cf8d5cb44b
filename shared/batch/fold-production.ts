import { DomainError } from '../errors.ts';
import type { Recorded } from '../record/envelope.ts';
import type { BatchEvent } from './events.ts';
import { useInForce } from './equipment-use.ts';
import type { Growth } from './growth.ts';
import { withQuantity } from './quantities.ts';
import type { Batch, PhaseExecution, ValueHeld } from './state.ts';

const phaseOf = (batch: Batch, phaseId: string): PhaseExecution => {
  const phase = batch.phases[phaseId];
  if (phase === undefined) throw new DomainError('record-corrupt', `batch ${batch.batchId}: an event names phase ${phaseId}, which was not started`, { id: batch.batchId });
  return phase;
};

const withPhase = (grow: Growth, batch: Batch, phaseId: string, change: (phase: PhaseExecution) => PhaseExecution): Batch =>
  ({ ...batch, phases: grow.entry(batch.phases, phaseId, change(phaseOf(batch, phaseId))) });

type Place = Readonly<{ phaseId: string; valueId: string }>;

const withValue = (grow: Growth, batch: Batch, { phaseId, valueId }: Place, value: ValueHeld): Batch =>
  withPhase(grow, batch, phaseId, (phase) => ({ ...phase, values: grow.entry(phase.values, valueId, value) }));

const drawn = (drawnAt: string | undefined) => (drawnAt === undefined ? {} : { drawnAt });

/** A value as its last event has it; when it was first known stays. */
const valueOf = (event: Extract<BatchEvent, { type: 'value-recorded' | 'value-corrected' }>, before: ValueHeld | undefined, recordedAt: string): ValueHeld => {
  const { unit } = event;
  const firstRecordedAt = before?.firstRecordedAt ?? recordedAt;
  if (event.type === 'value-recorded') return { value: event.value, unit, origin: event.origin, recordedAt, firstRecordedAt, ...drawn(event.drawnAt), correctionCount: 0 };
  return { value: event.newValue, unit, origin: { kind: 'entered' }, recordedAt, firstRecordedAt, ...drawn(event.newDrawnAt ?? before?.drawnAt), correctionCount: (before?.correctionCount ?? 0) + 1 };
};

const evolveWork = (grow: Growth, batch: Batch, { event, recordedAt, version }: Recorded<BatchEvent>): Batch | undefined => {
  switch (event.type) {
    case 'phase-started':
      return { ...batch, phases: grow.entry(batch.phases, event.phaseId, { phaseId: event.phaseId, startedAt: recordedAt, equipmentIds: [], materials: [], values: {}, signatures: [] }) };
    case 'equipment-assigned': {
      const { phaseId, equipmentId, equipmentClassId, device } = event;
      const use = { equipmentId, equipmentClassId, from: recordedAt, ...(device === undefined ? {} : { device }) };
      const equipment = useInForce(batch, equipmentId) === undefined ? grow.item(batch.equipment, use) : batch.equipment;
      return withPhase(grow, { ...batch, equipment }, phaseId, (phase) => (phase.equipmentIds.includes(equipmentId) ? phase : { ...phase, equipmentIds: grow.item(phase.equipmentIds, equipmentId) }));
    }
    case 'material-added': {
      const { phaseId, materialId, lotId, quantity, unit, lotVersion } = event;
      const use = { materialId, lotId, quantity, unit, addedAt: recordedAt, version, ...(lotVersion === undefined ? {} : { lotVersion }) };
      return withPhase(grow, batch, phaseId, (phase) => ({ ...phase, materials: grow.item(phase.materials, use) }));
    }
    case 'material-corrected':
      return withPhase(grow, batch, event.phaseId, (phase) => withQuantity(phase, event.scanVersion, event.newQuantity));
    case 'value-recorded':
    case 'value-corrected':
      return withValue(grow, batch, event, valueOf(event, phaseOf(batch, event.phaseId).values[event.valueId], recordedAt));
    case 'phase-signed':
      return withPhase(grow, batch, event.phaseId, (phase) => ({ ...phase, signatures: grow.item(phase.signatures, event.signature) }));
    case 'phase-signatures-voided':
      return withPhase(grow, batch, event.phaseId, (phase) => ({ ...phase, signatures: [] }));
    case 'phase-completed':
      return withPhase(grow, batch, event.phaseId, (phase) => ({ ...phase, completedAt: recordedAt }));
    default:
      return undefined;
  }
};

const releaseEquipment = (batch: Batch, equipmentId: string, at: string): Batch => {
  const use = useInForce(batch, equipmentId);
  return use === undefined ? batch : { ...batch, equipment: batch.equipment.map((each) => (each === use ? { ...use, to: at } : each)) };
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
    case 'equipment-withdrawn':
      return batch;
    default:
      return undefined;
  }
};

/** Events of making the product; undefined when the event belongs to quality. */
export const evolveProduction = (grow: Growth, batch: Batch, recorded: Recorded<BatchEvent>): Batch | undefined =>
  evolveState(batch, recorded) ?? evolveWork(grow, batch, recorded);

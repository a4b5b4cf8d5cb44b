import { DomainError } from '../../errors.ts';
import type { Signature } from '../../record/envelope.ts';
import type { Phase } from '../../master-batch-record/model.ts';
import { requireQualified, requireRunning, type WorkContext } from '../context.ts';
import type { BatchEvent } from '../events.ts';
import { openTransfers } from '../custody.ts';
import { classOf, missingEquipment, phasesWith } from '../equipment-use.ts';
import { missingMaterials } from '../quantities.ts';
import { findPhase, isPhaseComplete, placedPhases, waitingFor } from '../recipe-lookup.ts';
import type { Batch, EquipmentUse, PhaseExecution } from '../state.ts';

/** A phase under way. @throws DomainError `phase-not-found`, `phase-state-wrong` */
export const runningPhase = (batch: Batch, phaseId: string): Readonly<{ phase: Phase; execution: PhaseExecution }> => {
  const { phase } = findPhase(batch, phaseId);
  const execution = batch.phases[phaseId];
  if (execution === undefined || execution.completedAt !== undefined) {
    const state = execution === undefined ? 'idle' : 'complete';
    throw new DomainError('phase-state-wrong', `phase ${phaseId} is ${state}, want running`, { phaseId, state });
  }
  return { phase, execution };
};

/**
 * Work on a phase under way. A signature covers what was there when it was given, so that work after it voids it, on record, and everybody signs again.
 *
 * @see 21 CFR 11.70 (signatures belong to the record they were executed to)
 */
export const workOn = ({ phaseId, signatures, completedAt }: PhaseExecution, events: readonly BatchEvent[]): readonly BatchEvent[] =>
  (signatures.length === 0 || completedAt !== undefined || events.length === 0 ? events : [...events, { type: 'phase-signatures-voided', phaseId }]);

/**
 * Start a phase whose predecessors are complete.
 *
 * @throws DomainError `batch-already-dispositioned`, `batch-state-wrong`, `phase-not-found`, `phase-state-wrong`, `phase-out-of-order`, `role-missing`, `training-lapsed`
 */
export const startPhase = (batch: Batch, phaseId: string, context: WorkContext): readonly BatchEvent[] => {
  requireRunning(batch);
  const placed = findPhase(batch, phaseId);
  if (batch.phases[phaseId] !== undefined) throw new DomainError('phase-state-wrong', `phase ${phaseId} was started already`, { phaseId });
  const waiting = waitingFor(batch, placed);
  if (waiting.length > 0) throw new DomainError('phase-out-of-order', `phase ${phaseId} comes after ${waiting.join(', ')}, not yet complete`, { phaseId, waitingFor: waiting });
  requireQualified(placed.phase, context);
  return [{ type: 'phase-started', phaseId }];
};

const missingCustody = (batch: Batch, phase: Phase): readonly string[] => {
  const open = openTransfers(batch).filter(({ phaseId }) => phaseId === phase.id).map(({ transferId }) => `acceptance of hand-over ${transferId}`);
  if (!phase.custodyTransfer) return open;
  const accepted = Object.values(batch.custody).some(({ phaseId, acceptedAt }) => phaseId === phase.id && acceptedAt !== undefined);
  return accepted ? open : ['accepted hand-over of the patient material'];
};

/** Work of a phase that is not yet done, signatures left aside; empty when it may be signed. */
export const missingWork = (batch: Batch, phase: Phase, execution: PhaseExecution): readonly string[] => [
  ...missingEquipment(batch, phase, execution),
  ...missingMaterials(batch.recipe.content, phase, execution),
  ...phase.values.filter(({ id }) => execution.values[id] === undefined).map(({ id }) => `value ${id}`),
  ...missingCustody(batch, phase),
];

export const missingSignatures = (phase: Phase, { signatures }: PhaseExecution): readonly Phase['signatures'][number][] => phase.signatures.slice(signatures.length);

/** A statistic of a culture is of the whole of it: its window may end this long before its phase is signed or completed, and no longer. */
const AUTOMATIC_VALUE_REACH_MS = 3_600_000;

/** @throws DomainError `phase-incomplete` for values read from telemetry that say nothing of the last hours */
const requireWholeWindows = ({ phaseId, values }: PhaseExecution, nowEpochMs: number): void => {
  const short = Object.entries(values).filter(([, { origin }]) => origin.kind === 'telemetry' && nowEpochMs - Date.parse(origin.to) > AUTOMATIC_VALUE_REACH_MS).map(([id]) => id);
  if (short.length === 0) return;
  throw new DomainError('phase-incomplete', `phase ${phaseId}: ${short.join(', ')} of telemetry up to more than ${AUTOMATIC_VALUE_REACH_MS / 60_000} minutes ago; record ${short.length === 1 ? 'it' : 'them'} again now`, { phaseId, missing: short.map((id) => `value ${id}`) });
};

/**
 * Sign the work of a phase, in the order the master batch record wants; who verifies is not who performed.
 *
 * @throws DomainError `batch-already-dispositioned`, `batch-state-wrong`, `phase-not-found`, `phase-state-wrong`, `role-missing`, `training-lapsed`, `phase-incomplete`,
 *   `signature-meaning-wrong`, `signature-same-person`
 * @see 21 CFR 211.101(d), 211.188(b)(11) (persons performing and checking each significant step)
 */
export const signPhase = (batch: Batch, phaseId: string, signature: Signature, context: WorkContext): readonly BatchEvent[] => {
  requireRunning(batch);
  const { phase, execution } = runningPhase(batch, phaseId);
  requireQualified(phase, context);
  const missing = missingWork(batch, phase, execution);
  if (missing.length > 0) throw new DomainError('phase-incomplete', `phase ${phaseId} can not be signed: missing ${missing.join(', ')}`, { phaseId, missing });
  requireWholeWindows(execution, context.nowEpochMs);
  const [wanted] = missingSignatures(phase, execution);
  if (signature.meaning !== wanted) throw new DomainError('signature-meaning-wrong', `got meaning ${signature.meaning}, want ${wanted ?? 'no further signature'}`, { phaseId });
  if (execution.signatures.some(({ signerId }) => signerId === signature.signerId)) {
    throw new DomainError('signature-same-person', `phase ${phaseId} was signed by this person already; another person must give '${wanted}'`, { phaseId });
  }
  return [{ type: 'phase-signed', phaseId, signature }];
};

/** What the completed phase had, and other equipment that no phase needs any more. A piece stays where a phase beside this one uses it, and where the culture is in it. */
const equipmentFreedBy = (batch: Batch, phaseId: string): readonly BatchEvent[] => {
  const { content } = batch.recipe;
  const wantedLater = new Set(placedPhases(content).filter(({ phase }) => phase.id !== phaseId && !isPhaseComplete(batch, phase.id)).flatMap(({ phase }) => phase.equipmentClassIds));
  const isKept = ({ equipmentId, equipmentClassId }: EquipmentUse): boolean =>
    (classOf(content, equipmentClassId)?.occupied === 'phase' ? phasesWith(batch, equipmentId).some((each) => each.phaseId !== phaseId) : wantedLater.has(equipmentClassId));
  return batch.equipment.filter((use) => use.to === undefined && !isKept(use)).map(({ equipmentId }) => ({ type: 'equipment-released', equipmentId }));
};

/**
 * Complete a phase; the last one completes the batch. Equipment becomes free as its class says: with the phase, or once no phase to come wants it.
 *
 * @throws DomainError `batch-already-dispositioned`, `batch-state-wrong`, `phase-not-found`, `phase-state-wrong`, `role-missing`, `training-lapsed`, `phase-incomplete`, `signature-missing`
 */
export const completePhase = (batch: Batch, phaseId: string, context: WorkContext): readonly BatchEvent[] => {
  requireRunning(batch);
  const { phase, execution } = runningPhase(batch, phaseId);
  requireQualified(phase, context);
  const missing = missingWork(batch, phase, execution);
  if (missing.length > 0) throw new DomainError('phase-incomplete', `phase ${phaseId} is not complete: missing ${missing.join(', ')}`, { phaseId, missing });
  requireWholeWindows(execution, context.nowEpochMs);
  const unsigned = missingSignatures(phase, execution);
  if (unsigned.length > 0) throw new DomainError('signature-missing', `phase ${phaseId} still wants the signatures ${unsigned.join(', ')}`, { phaseId, missing: unsigned });
  const isLast = placedPhases(batch.recipe.content).every((each) => each.phase.id === phaseId || isPhaseComplete(batch, each.phase.id));
  return [{ type: 'phase-completed', phaseId }, ...equipmentFreedBy(batch, phaseId), ...(isLast ? [{ type: 'batch-completed' } as const] : [])];
};

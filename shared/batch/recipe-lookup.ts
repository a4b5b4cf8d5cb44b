import { DomainError } from '../errors.ts';
import type { MasterBatchRecordContent, Operation, Phase, UnitProcedure, ValueSpecification } from '../master-batch-record/model.ts';
import type { Batch } from './state.ts';

/** A phase with the operation and unit procedure it stands in. */
export type PlacedPhase = Readonly<{ phase: Phase; operation: Operation; unitProcedure: UnitProcedure }>;

export const placedPhases = (content: MasterBatchRecordContent): readonly PlacedPhase[] =>
  content.procedure.flatMap((unitProcedure) => unitProcedure.operations.flatMap((operation) => operation.phases.map((phase) => ({ phase, operation, unitProcedure }))));

/** @throws DomainError `phase-not-found` */
export const findPhase = (batch: Batch, phaseId: string): PlacedPhase => {
  const found = placedPhases(batch.recipe.content).find(({ phase }) => phase.id === phaseId);
  if (found === undefined) throw new DomainError('phase-not-found', `master batch record ${batch.recipe.masterBatchRecordId} has no phase ${phaseId}`, { phaseId });
  return found;
};

/** @throws DomainError `value-not-found` */
export const findValue = (phase: Phase, valueId: string): ValueSpecification => {
  const found = phase.values.find(({ id }) => id === valueId);
  if (found === undefined) {
    throw new DomainError('value-not-found', `phase ${phase.id} has no value ${valueId}, want one of ${phase.values.map(({ id }) => id).join(', ') || 'none'}`, { valueId });
  }
  return found;
};

export const isPhaseComplete = (batch: Batch, phaseId: string): boolean => batch.phases[phaseId]?.completedAt !== undefined;

const phasesOf = ({ operations }: UnitProcedure): readonly Phase[] => operations.flatMap(({ phases }) => phases);

/**
 * Phase ids that must be complete before this one may start: the phases before it in its unit procedure, and every phase of the
 * unit procedures it comes after.
 *
 * @see ISA-88.01, 5.2 (a unit procedure is an ordered set of operations, an operation of phases)
 */
export const predecessorsOf = ({ procedure }: MasterBatchRecordContent, { phase, unitProcedure }: PlacedPhase): readonly string[] => {
  const own = phasesOf(unitProcedure);
  const before = own.slice(0, own.findIndex(({ id }) => id === phase.id));
  const earlier = procedure.filter(({ id }) => unitProcedure.after.includes(id)).flatMap(phasesOf);
  return [...before, ...earlier].map(({ id }) => id);
};

export const waitingFor = (batch: Batch, placed: PlacedPhase): readonly string[] =>
  predecessorsOf(batch.recipe.content, placed).filter((id) => !isPhaseComplete(batch, id));

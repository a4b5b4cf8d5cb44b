import { DomainError } from '../errors.ts';
import type { Role } from '../record/envelope.ts';
import type { Phase } from '../master-batch-record/model.ts';
import type { Batch } from './state.ts';

/** What a command may know besides the batch: the time and the person, with training valid until (epoch ms) by course. */
export type WorkContext = Readonly<{
  nowEpochMs: number;
  person: Readonly<{ id: string; roles: readonly Role[]; trainingValidUntilEpochMs: Readonly<Record<string, number>> }>;
}>;

/** @throws DomainError `batch-state-wrong` */
export const requireState = (batch: Batch, ...wanted: readonly Batch['state'][]): void => {
  if (!wanted.includes(batch.state)) {
    throw new DomainError('batch-state-wrong', `batch ${batch.batchId} is ${batch.state}, want ${wanted.join(' or ')}`, { state: batch.state, wanted });
  }
};

/** @throws DomainError `batch-already-dispositioned` */
export const requireUndecided = (batch: Batch): void => {
  if (batch.disposition !== undefined) {
    throw new DomainError('batch-already-dispositioned', `batch ${batch.batchId} already has disposition ${batch.disposition.disposition}`);
  }
};

/**
 * Work that makes the product: on a running batch that nobody has decided on.
 *
 * @throws DomainError `batch-already-dispositioned`, `batch-state-wrong`
 */
export const requireRunning = (batch: Batch): void => {
  requireUndecided(batch);
  requireState(batch, 'running');
};

/** Said by a deviation of a batch that has left the hands of production: people must hear of it at once. */
export const afterRelease = ({ disposition }: Batch): Readonly<{ afterRelease?: true }> => (disposition?.disposition === 'release' ? { afterRelease: true } : {});

/**
 * May this person work in this phase now?
 *
 * @throws DomainError `role-missing`, `training-lapsed`
 * @see 21 CFR 211.25(a) (training), 11.10(i)
 */
export const requireQualified = (phase: Phase, { nowEpochMs, person }: WorkContext): void => {
  if (!person.roles.includes(phase.role)) {
    throw new DomainError('role-missing', `phase ${phase.id} wants role ${phase.role}, got ${person.roles.join(', ') || 'none'}`, { wanted: [phase.role], phaseId: phase.id });
  }
  requireTrained(phase, { nowEpochMs, person });
};

/**
 * Is this person's training for this phase valid now, whatever their role?
 *
 * @throws DomainError `training-lapsed`
 * @see 21 CFR 211.25(a)
 */
export const requireTrained = (phase: Phase, { nowEpochMs, person }: WorkContext): void => {
  const lapsed = phase.training.filter((course) => (person.trainingValidUntilEpochMs[course] ?? 0) < nowEpochMs);
  if (lapsed.length > 0) {
    throw new DomainError('training-lapsed', `training ${lapsed.join(', ')} of the person is missing or lapsed; phase ${phase.id} wants it current`, { courses: lapsed });
  }
};

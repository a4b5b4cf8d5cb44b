import { DomainError } from '../../errors.ts';
import type { Label } from '../../identity/label.ts';
import { describeLimits } from '../../master-batch-record/conformity.ts';
import type { Limits, MasterBatchRecordContent, Phase } from '../../master-batch-record/model.ts';
import { sumOf, type MaterialLot } from '../../registers/material-lot.ts';
import { requireQualified, requireRunning, type WorkContext } from '../context.ts';
import type { BatchEvent } from '../events.ts';
import type { Batch } from '../state.ts';
import { quantityInPhase, quantityOfLot } from '../quantities.ts';
import { runningPhase, workOn } from './phase.ts';

export type AddMaterial = Readonly<{
  phaseId: string;
  materialId: string;
  lotId: string;
  quantity: number;
  /** The scanned text, and what it says. */
  labelText: string;
  label: Label;
  /** The lot as registered, or undefined. */
  lot: MaterialLot | undefined;
  /** Version of the lot's record that will count it; absent where none does. */
  lotVersion?: number | undefined;
}>;

const requireWanted = (phase: Phase, materialId: string): Limits | undefined => {
  const wanted = phase.materials.find((each) => each.materialId === materialId);
  if (wanted === undefined) throw new DomainError('material-wrong', `phase ${phase.id} does not use material ${materialId}`, { materialId });
  return wanted.quantity;
};

const requireUsable = (lot: MaterialLot | undefined, { lotId, materialId, label }: AddMaterial, nowEpochMs: number): MaterialLot => {
  if (label.lotId !== lotId) throw new DomainError('material-wrong', `the label is of lot ${label.lotId}, want ${lotId}`, { lotId, labelLotId: label.lotId });
  if (lot === undefined) throw new DomainError('material-not-found', `no material lot ${lotId} at this hospital`, { lotId });
  if (lot.materialId !== materialId) throw new DomainError('material-wrong', `lot ${lotId} is ${lot.materialId}, want ${materialId}`, { lotId });
  if (lot.status !== 'released') throw new DomainError('material-quarantined', `lot ${lotId} is ${lot.status}, want released`, { lotId });
  if (Date.parse(lot.expiresAt) <= nowEpochMs) throw new DomainError('material-expired', `lot ${lotId} expired at ${lot.expiresAt}`, { lotId, expiresAt: lot.expiresAt });
  return lot;
};

/** Limits count in the unit of the master batch record: 10 L would pass for 10 mL. */
const requireUnit = ({ materials }: MasterBatchRecordContent, { lotId, materialId }: AddMaterial, { unit }: MaterialLot): void => {
  const wanted = materials.find(({ id }) => id === materialId)?.unit;
  if (unit !== wanted) throw new DomainError('material-wrong', `lot ${lotId} is measured in ${unit}, want ${wanted ?? 'a material of the master batch record'}`, { lotId });
};

/** Scanned where it arrives and where it is used, and counted by no lot. */
export const isPatientMaterial = ({ materials }: MasterBatchRecordContent, materialId: string): boolean => materials.find(({ id }) => id === materialId)?.kind === 'patient';

/**
 * The chain of identity, at the point of work: label, lot and batch must all name the same therapy event. A bought lot names none.
 * The wrong patient is never named in the refusal.
 */
const requireSamePatient = (batch: Batch, { materialId, label, lotId }: AddMaterial, lot: MaterialLot): void => {
  const wanted = isPatientMaterial(batch.recipe.content, materialId) ? batch.chainOfIdentityId : undefined;
  if (label.chainOfIdentityId !== wanted || lot.chainOfIdentityId !== wanted) {
    throw new DomainError('chain-of-identity-mismatch', `the label of lot ${lotId} is not of this batch's patient: do not use it`, { lotId });
  }
};

/** What a phase takes of a material is counted together, at every scan; whether it is enough is asked when the phase is signed. */
const requireNotTooMuch = (limits: Limits | undefined, total: number, { materialId, lot }: Readonly<{ materialId: string; lot: MaterialLot }>): void => {
  if (limits?.high === undefined || total <= limits.high) return;
  throw new DomainError('value-out-of-limits', `quantity of ${materialId} in this phase: got ${total} ${lot.unit} with this scan, want ${describeLimits(limits, lot.unit)}`, { materialId });
};

const requireInLot = (batch: Batch, { lotId, materialId, phaseId, quantity }: AddMaterial, lot: MaterialLot): void => {
  const isPatients = isPatientMaterial(batch.recipe.content, materialId);
  // By all batches; what this one took before lots counted it, it has not drawn.
  const taken = Math.max(quantityOfLot(batch, { lotId, phaseId, isPatients }, quantity), isPatients ? 0 : sumOf([lot.drawn, quantity]));
  if (taken > lot.quantity) throw new DomainError('material-exhausted', `lot ${lotId}: got ${taken} ${lot.unit} with this scan, want at most the ${lot.quantity} ${lot.unit} it has`, { lotId });
};

/**
 * Add a scanned material to a phase under way.
 *
 * @throws DomainError `batch-already-dispositioned`, `batch-state-wrong`, `phase-not-found`, `phase-state-wrong`, `role-missing`, `training-lapsed`, `material-wrong`,
 *   `material-not-found`, `material-quarantined`, `material-expired`, `chain-of-identity-mismatch`, `value-out-of-limits` (all of it in this phase), `material-exhausted`
 * @see EU GMP Part IV 2.23 and 21 CFR 1271.290 (tracking), 21 CFR 211.101(c) (components added)
 */
export const addMaterial = (batch: Batch, input: AddMaterial, context: WorkContext): readonly BatchEvent[] => {
  const { phaseId, materialId, lotId, quantity, labelText, lotVersion } = input;
  requireRunning(batch);
  const { phase, execution } = runningPhase(batch, phaseId);
  requireQualified(phase, context);
  const limits = requireWanted(phase, materialId);
  const lot = requireUsable(input.lot, input, context.nowEpochMs);
  requireSamePatient(batch, input, lot);
  requireUnit(batch.recipe.content, input, lot);
  requireNotTooMuch(limits, quantityInPhase(execution, materialId, quantity), { materialId, lot });
  requireInLot(batch, input, lot);
  return workOn(execution, [{ type: 'material-added', phaseId, materialId, lotId, quantity, unit: lot.unit, label: labelText, expiresAt: lot.expiresAt, ...(lotVersion === undefined ? {} : { lotVersion }) }]);
};

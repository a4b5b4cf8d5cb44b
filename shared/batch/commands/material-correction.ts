import { DomainError } from '../../errors.ts';
import { describeLimits } from '../../master-batch-record/conformity.ts';
import type { Phase } from '../../master-batch-record/model.ts';
import type { Signature } from '../../record/envelope.ts';
import { requireMeaning } from '../../record/signature.ts';
import { sumOf, type MaterialLot } from '../../registers/material-lot.ts';
import { requireQualified, requireState, requireUndecided, type WorkContext } from '../context.ts';
import type { BatchEvent } from '../events.ts';
import { missingMaterials, quantityInPhase, quantityOfLot, withQuantity } from '../quantities.ts';
import { findPhase } from '../recipe-lookup.ts';
import type { Batch, MaterialUse, PhaseExecution } from '../state.ts';
import { isPatientMaterial } from './material.ts';
import { workOn } from './phase.ts';

/** One scan: the version of the record that it made, and the lot it was of. */
export type Scan = Readonly<{ phaseId: string; lotId: string; scanVersion: number }>;
export type CorrectMaterial = Scan & Readonly<{
  /** What was used, in the unit of the material; 0 when nothing was. */
  quantity: number;
  reason: string;
  /** The lot as registered, or undefined. */
  lot: MaterialLot | undefined;
}>;

export const scanOf = ({ phases }: Batch, { phaseId, lotId, scanVersion }: Scan): MaterialUse | undefined =>
  phases[phaseId]?.materials.find((each) => each.version === scanVersion && each.lotId === lotId);

const requireScan = (batch: Batch, scan: Scan): Readonly<{ execution: PhaseExecution; use: MaterialUse }> => {
  const { phaseId, lotId, scanVersion } = scan;
  const execution = batch.phases[phaseId];
  const use = scanOf(batch, scan);
  if (execution === undefined || use === undefined) throw new DomainError('material-scan-not-found', `no scan of lot ${lotId} at version ${scanVersion} in phase ${phaseId}`, { phaseId, lotId, scanVersion });
  return { execution, use };
};

/** Too much is never taken; too little only while more can be scanned. */
const requireWithinLimits = ({ recipe: { content } }: Batch, phase: Phase, after: PhaseExecution, { materialId, unit }: MaterialUse): void => {
  const materials = phase.materials.filter((each) => each.materialId === materialId);
  const limits = materials[0]?.quantity;
  const total = quantityInPhase(after, materialId);
  if (limits?.high !== undefined && total > limits.high) throw new DomainError('value-out-of-limits', `quantity of ${materialId} in this phase: got ${total} ${unit} with this correction, want ${describeLimits(limits, unit)}`, { materialId });
  const missing = after.completedAt === undefined ? [] : missingMaterials(content, { ...phase, materials }, after);
  if (missing.length > 0) throw new DomainError('value-out-of-limits', `phase ${phase.id} is complete and would lack ${missing.join(', ')}: raise a deviation`, { materialId });
};

/** Of a scan that its lot does not count, its own batch alone says what was taken. */
const requireInLot = (batch: Batch, { use, phaseId }: Readonly<{ use: MaterialUse; phaseId: string }>, quantity: number, lot: MaterialLot): void => {
  if (quantity <= use.quantity) return;
  const { lotId, materialId, unit } = use;
  const more = sumOf([quantity, -use.quantity]);
  const isPatients = isPatientMaterial(batch.recipe.content, materialId);
  const taken = Math.max(quantityOfLot(batch, { lotId, phaseId, isPatients }, more), use.lotVersion === undefined ? 0 : sumOf([lot.drawn, more]));
  if (taken > lot.quantity) throw new DomainError('material-exhausted', `lot ${lotId}: got ${taken} ${unit} with this correction, want at most the ${lot.quantity} ${unit} it has`, { lotId });
};

/**
 * Correct the quantity of a scan, or say that it was not used; the old one stays. Whoever corrects could have scanned it. A phase that is complete keeps what it needs: nothing more can be scanned there.
 *
 * @throws DomainError `batch-already-dispositioned`, `batch-state-wrong`, `phase-not-found`, `material-scan-not-found`, `role-missing`, `training-lapsed`, `signature-meaning-wrong`, `material-not-found`,
 *   `value-out-of-limits` (all of the material in this phase), `material-exhausted`
 * @see 21 CFR 11.10(e) (changes do not obscure what was recorded before), 211.184(c) (inventory record of each component)
 */
export const correctMaterial = (batch: Batch, input: CorrectMaterial, signature: Signature, context: WorkContext): readonly BatchEvent[] => {
  const { phaseId, lotId, scanVersion, quantity, reason, lot } = input;
  requireUndecided(batch);
  requireState(batch, 'running', 'complete');
  const { phase } = findPhase(batch, phaseId);
  const { execution, use } = requireScan(batch, input);
  requireQualified(phase, context);
  requireMeaning(signature, 'responsibility');
  if (lot === undefined) throw new DomainError('material-not-found', `no material lot ${lotId} at this hospital`, { lotId });
  requireWithinLimits(batch, phase, withQuantity(execution, scanVersion, quantity), use);
  requireInLot(batch, { use, phaseId }, quantity, lot);
  const { materialId, unit } = use;
  return workOn(execution, [{ type: 'material-corrected', phaseId, materialId, lotId, scanVersion, oldQuantity: use.quantity, newQuantity: quantity, unit, reason, signature }]);
};

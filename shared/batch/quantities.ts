import type { MasterBatchRecordContent, Phase } from '../master-batch-record/model.ts';
import { sumOf } from '../registers/material-lot.ts';
import type { Batch, MaterialUse, PhaseExecution } from './state.ts';

const usedIn = (uses: readonly MaterialUse[], more: number): number => sumOf([more, ...uses.map(({ quantity }) => quantity)]);

/** All that a phase took of a material, in its unit; limits are of this sum, for a dose given twice is twice the dose. */
export const quantityInPhase = ({ materials }: PhaseExecution, materialId: string, more = 0): number => usedIn(materials.filter((each) => each.materialId === materialId), more);

/**
 * All that a batch took of a lot. The patient's own material is counted by phase: it is scanned where it arrives and again where it is used, and is the same each time.
 *
 * @param phaseId of the phase that takes `more`
 */
export const quantityOfLot = (batch: Batch, { lotId, phaseId, isPatients }: Readonly<{ lotId: string; phaseId: string; isPatients: boolean }>, more = 0): number =>
  usedIn(Object.values(batch.phases).filter((each) => !isPatients || each.phaseId === phaseId).flatMap(({ materials }) => materials.filter((each) => each.lotId === lotId)), more);

/** A phase after one of its scans was corrected. */
export const withQuantity = (execution: PhaseExecution, scanVersion: number, quantity: number): PhaseExecution =>
  ({ ...execution, materials: execution.materials.map((each) => (each.version === scanVersion ? { ...each, quantity } : each)) });

/** What of the scans stands: a correction may say that one was not used. */
export const isUsed = ({ quantity }: MaterialUse): boolean => quantity > 0;

/** Lots that were scanned, and by the corrections not used after all. */
export const unusedLots = ({ phases }: Batch): readonly string[] => {
  const scans = Object.values(phases).flatMap(({ materials }) => materials);
  const used = new Set(scans.filter(isUsed).map(({ lotId }) => lotId));
  return [...new Set(scans.map(({ lotId }) => lotId).filter((lotId) => !used.has(lotId)))];
};

/** Materials of a phase of which it has none, or not yet enough. */
export const missingMaterials = ({ materials: known }: MasterBatchRecordContent, { materials }: Phase, execution: PhaseExecution): readonly string[] => materials.flatMap(({ materialId, quantity }) => {
  if (!execution.materials.some((each) => each.materialId === materialId && isUsed(each))) return [`material ${materialId}`];
  const got = quantityInPhase(execution, materialId);
  if (got >= (quantity?.low ?? -Infinity)) return [];
  const unit = known.find(({ id }) => id === materialId)?.unit ?? '';
  return [`material ${materialId}: got ${got} ${unit}, want at least ${String(quantity?.low)} ${unit}`];
});

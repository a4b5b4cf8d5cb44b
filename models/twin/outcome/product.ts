import { KINETICS } from '../culture/kinetics.ts';
import { STATE, valueOf } from '../culture/state.ts';
import type { Batch } from '../draw/batch.ts';
import type { World } from '../worlds/world.ts';

/**
 * What was harvested, in truth. Shares 0 to 1; cells in 10^6; potency in % of the reference product.
 *
 * `sampleContaminated`: whether a contaminant was already there when the sample was taken on which release rests (release/quality-control.ts); `contaminated`: whether there is one at all;
 * `contaminantLoad`: share of the most the chamber holds, in the washed product's `endotoxin`, EU/mL.
 */
export type Product = Readonly<{ viability: number; carPositive: number; cd3Positive: number; vectorCopyNumber: number; carPositiveCellsMillion: number; viableTCellsMillion: number; memoryShare: number; potencyPercent: number; contaminated: boolean; sampleContaminated: boolean; contaminantLoadShare: number; endotoxinEuPerMl: number }>;

const [SHAPE, TOXIN_EU_PER_ML, FULL_DOUBLINGS] = [KINETICS.copyDispersion.value, KINETICS.contaminantEndotoxinEuPerMl.value, KINETICS.contaminantDoublings.value];
/** Of reagents and vector, EU/mL; assumed. */
const USUAL_ENDOTOXIN_EU_PER_ML = 0.06;

/** Share of cells with at least one copy, when copies have this mean and the dispersion of KINETICS (zero term of the negative binomial). */
export const carPositiveShare = (meanCopies: number): number => 1 - (1 + Math.max(0, meanCopies) / SHAPE) ** -SHAPE;

/**
 * The product of a culture's final state. Copies are counted per CAR+ cell.
 *
 * Potency per CAR+ cell rises with the share of memory phenotype and, weakly, with copies; a power law around the reference product, whose powers are the world's.
 * `recoveryShare` of the operator is what harvest, wash and formulation keep.
 */
export const productOf = ({ potency, release }: World, { operator, faults }: Batch, state: Float64Array, hour: number, residual: number): Product => {
  const tCellsMillionPerMl = valueOf(state, 'restingCellsMillionPerMl') + valueOf(state, 'cyclingCellsMillionPerMl');
  const [otherMillionPerMl, deadMillionPerMl, copies, memory] = [valueOf(state, 'otherCellsMillionPerMl'), valueOf(state, 'deadCellsMillionPerMl'), valueOf(state, 'copies'), valueOf(state, 'memoryShare')];
  const cyclingShare = tCellsMillionPerMl > 0 ? (state[STATE.cyclingCellsMillionPerMl] ?? 0) / tCellsMillionPerMl : 0;
  const carPositive = carPositiveShare(copies) * cyclingShare;
  const vectorCopyNumber = carPositive > 0 ? copies / carPositiveShare(copies) : 0;
  const viableTCellsMillion = tCellsMillionPerMl * valueOf(state, 'volumeMl') * operator.recoveryShare;
  const strengthFactor = (memory / potency.memoryReferenceShare) ** potency.memoryPower * Math.max(vectorCopyNumber, 0.1) ** potency.copyPower * Math.exp(potency.residualSigma * residual);
  const cameBefore = (untilHour: number): boolean => faults.some(({ name, onsetHour }) => name === 'contamination' && onsetHour < untilHour);
  const contaminated = cameBefore(hour);
  const contaminantLoadShare = contaminated ? Math.min(1, 2 ** (valueOf(state, 'contaminantDoublings') - FULL_DOUBLINGS)) : 0;
  return {
    viability: (tCellsMillionPerMl + otherMillionPerMl) / (tCellsMillionPerMl + otherMillionPerMl + deadMillionPerMl), carPositive, cd3Positive: tCellsMillionPerMl / (tCellsMillionPerMl + otherMillionPerMl), vectorCopyNumber, viableTCellsMillion, memoryShare: memory,
    carPositiveCellsMillion: viableTCellsMillion * carPositive, potencyPercent: 100 * strengthFactor,
    contaminated, contaminantLoadShare, endotoxinEuPerMl: USUAL_ENDOTOXIN_EU_PER_ML + TOXIN_EU_PER_ML * contaminantLoadShare, sampleContaminated: cameBefore(hour - release.tests.inProcessSample.beforeHarvestHours),
  };
};

import type { Generator } from '../../random/generator.ts';
import type { Batch } from '../draw/batch.ts';
import type { World } from '../worlds/world.ts';
import type { Product } from './product.ts';

/** Why a batch can not be used; the first that applies in this order is the cause. */
export const CAUSES = ['stopped', 'solver', 'sterility', 'viability', 'growth', 'purity', 'transduction', 'copies'] as const;
export type Cause = (typeof CAUSES)[number];

/** What quality control reads: the product with the error of each assay. */
export type Measured = Readonly<{ viability: number; carPositive: number; cd3Positive: number; vectorCopyNumber: number; carPositiveCellsMillion: number; potencyPercent: number; endotoxinEuPerMl: number; sterile: boolean }>;
export type Verdict = Readonly<{ measured: Measured; failed: boolean; causes: readonly Cause[] }>;

const share = (value: number): number => Math.min(1, Math.max(0, value));

/** Measure a product: additive error on shares (standard deviation, 1), log-normal on counts, copies and potency. Sterility is that of the last sample in process: what comes in after it shows in the endotoxin of the harvest, once it has grown. */
export const measure = ({ assays }: World, product: Product, random: Generator): Measured => ({
  viability: share(product.viability + assays.viability * random.normal()),
  carPositive: share(product.carPositive + assays.carPositive * random.normal()),
  cd3Positive: share(product.cd3Positive + assays.cd3Positive * random.normal()),
  vectorCopyNumber: product.vectorCopyNumber * Math.exp(assays.vectorCopyNumber * random.normal()),
  carPositiveCellsMillion: product.carPositiveCellsMillion * Math.exp(assays.cellCount * random.normal()),
  potencyPercent: product.potencyPercent * Math.exp(assays.potency * random.normal()),
  endotoxinEuPerMl: product.endotoxinEuPerMl * Math.exp(assays.endotoxin * random.normal()),
  sterile: !product.sampleContaminated,
});

/** Cells one patient needs, in 10^6 CAR+ viable cells: dose by body weight (counted up to 100 kg) and the reserve for retention and tests. */
export const neededCells = ({ criteria }: World, { donor }: Batch): number => criteria.doseMillionPerKg * Math.min(100, donor.weightKg) * criteria.reserveFactor;

/** Hold what was measured against the release criteria. */
export const judge = (world: World, batch: Batch, measured: Measured): Verdict => {
  const { criteria } = world;
  const failing: Readonly<Record<Cause, boolean>> = {
    stopped: false, solver: false,
    sterility: !measured.sterile || measured.endotoxinEuPerMl > criteria.endotoxinEuPerMl,
    growth: measured.carPositiveCellsMillion < neededCells(world, batch),
    viability: measured.viability < criteria.viability,
    purity: measured.cd3Positive < criteria.cd3Positive,
    transduction: measured.carPositive < criteria.carPositive,
    copies: measured.vectorCopyNumber > criteria.vectorCopyNumber,
  };
  const causes = CAUSES.filter((cause) => failing[cause]);
  return { measured, failed: causes.length > 0, causes };
};

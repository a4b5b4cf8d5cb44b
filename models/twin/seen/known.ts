import type { Batch } from '../draw/batch.ts';
import { attributesOf, type Results } from '../parameters/results.ts';
import type { World } from '../worlds/world.ts';

/**
 * What the batch record says before the culture starts: collection, tests of the starting material, certificates of the lots. From the attributes of the catalogue, so with the error of each method; NaN or undefined where
 * nobody knows. Shares 0 to 1; factors on what is usual, `supportFactor` by growth promotion of medium and serum.
 */
export type Known = Readonly<{
  weightKg: number; priorBendamustine: boolean | undefined; startingViability: number; startingCd3Share: number; startingMemoryShare: number; vectorTitreFactor: number; interleukin2Factor: number; glucoseFactor: number; supportFactor: number; seedingFactor: number;
  /** Everything, by name of the parameter. */
  attributes: Results;
}>;

/** What certificates and collections usually say (catalogue/materials.ts, catalogue/collection.ts). */
const USUAL = { titreMillionTuPerMl: 120, activityMillionIuPerMg: 16, percent: 100, naiveShare: 0.5, centralShare: 0.4 } as const;

export const knownOf = (world: World, batch: Batch): Known => {
  const attributes = attributesOf(world, batch);
  const of = (name: string): number => attributes[name] ?? Number.NaN;
  return {
    attributes, weightKg: of('Patient/Weight'), priorBendamustine: of('Patient/Prior Bendamustine') === 1, startingViability: of('Start/Viability') / USUAL.percent, startingCd3Share: of('Start/CD3') / USUAL.percent,
    startingMemoryShare: (of('Collection/Naive T Cells') + of('Collection/Central Memory T Cells')) / USUAL.percent / (USUAL.naiveShare + USUAL.centralShare),
    vectorTitreFactor: of('Vector/Infectious Titre') / USUAL.titreMillionTuPerMl, interleukin2Factor: of('Interleukin 2/Activity') / USUAL.activityMillionIuPerMg, glucoseFactor: of('Medium/Glucose') / world.recipe.feedGlucoseMmolPerL,
    supportFactor: (of('Medium/Growth Promotion') + of('Serum/Growth Promotion')) / 2 / USUAL.percent, seedingFactor: of('Start/Seeded Viable Cells') / world.recipe.seedCellsMillion,
  };
};

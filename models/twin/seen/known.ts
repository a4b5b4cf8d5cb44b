import type { Batch } from '../draw/batch.ts';
import { attributesOf, type Results } from '../parameters/results.ts';
import type { World } from '../worlds/world.ts';

/**
 * What the batch record says before the culture starts: collection, tests of the starting material, certificates of the lots. From the attributes of the catalogue, so with the error of each method; NaN or undefined where
 * nobody knows. Shares 0 to 1; `vectorTitre`, `interleukin2`, `glucose`, `support` (growth promotion of medium and serum) and `seeding` relative to what is usual.
 */
export type Known = Readonly<{
  weightKg: number; priorBendamustine: boolean | undefined; startingViability: number; cd3AtStart: number; memoryAtStart: number; vectorTitre: number; interleukin2: number; glucose: number; support: number; seeding: number;
  /** Everything, by name of the parameter. */
  attributes: Results;
}>;

/** What certificates and collections usually say (catalogue/materials.ts, catalogue/collection.ts). */
const USUAL = { titre: 120, activity: 16, percent: 100, naiveShare: 0.5, centralShare: 0.4 } as const;

export const knownOf = (world: World, batch: Batch): Known => {
  const attributes = attributesOf(world, batch);
  const of = (name: string): number => attributes[name] ?? Number.NaN;
  return {
    attributes, weightKg: of('Patient/Weight'), priorBendamustine: of('Patient/Prior Bendamustine') === 1, startingViability: of('Start/Viability') / USUAL.percent, cd3AtStart: of('Start/CD3') / USUAL.percent,
    memoryAtStart: (of('Collection/Naive T Cells') + of('Collection/Central Memory T Cells')) / USUAL.percent / (USUAL.naiveShare + USUAL.centralShare),
    vectorTitre: of('Vector/Infectious Titre') / USUAL.titre, interleukin2: of('Interleukin 2/Activity') / USUAL.activity, glucose: of('Medium/Glucose') / world.recipe.feedGlucose,
    support: (of('Medium/Growth Promotion') + of('Serum/Growth Promotion')) / 2 / USUAL.percent, seeding: of('Start/Seeded Viable Cells') / world.recipe.seedCells,
  };
};

import { streamOf } from '../../random/streams.ts';
import type { Batch } from '../draw/batch.ts';

/** What the batch record says before the culture starts: collection, tests of the starting material, certificates of the lots. Measured, so with error; NaN or undefined where nobody knows. */
export type Known = Readonly<{
  priorBendamustine: boolean | undefined; ageYears: number; weightKg: number; hoursSinceCollection: number; cd4Cd8Ratio: number; startingViability: number; cd3AtStart: number; memoryAtStart: number;
  vectorTitre: number; interleukin2: number; glucose: number; seeding: number; additionDelayHours: number;
}>;

const NOISE = { viability: 0.015, cd3: 0.015, memory: 0.04, titre: 0.08, interleukin2: 0.05, glucose: 0.01, seeding: 0.05, ratio: 0.1 } as const;

export const knownOf = ({ seed, index, donor, lots, operator }: Batch): Known => {
  const random = streamOf(seed, index, 'incoming tests');
  return {
    priorBendamustine: donor.priorBendamustine, ageYears: donor.ageYears, weightKg: donor.weightKg, hoursSinceCollection: donor.hoursSinceCollection, additionDelayHours: operator.additionDelayHours,
    cd4Cd8Ratio: donor.cd4Cd8Ratio * Math.exp(NOISE.ratio * random.normal()),
    startingViability: Math.min(1, donor.startingViability + NOISE.viability * random.normal()),
    cd3AtStart: Math.min(1, 1 - donor.otherShare + NOISE.cd3 * random.normal()),
    memoryAtStart: donor.traits.memoryAtStart + NOISE.memory * random.normal(),
    vectorTitre: lots.vectorTitre * Math.exp(NOISE.titre * random.normal()),
    interleukin2: lots.interleukin2 * Math.exp(NOISE.interleukin2 * random.normal()),
    glucose: lots.glucose * Math.exp(NOISE.glucose * random.normal()),
    seeding: operator.seeding * Math.exp(NOISE.seeding * random.normal()),
  };
};

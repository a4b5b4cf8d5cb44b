import type { Generator } from '../random/generator.ts';

/**
 * What differs between patients and runs. Ranges are assumptions made for a synthetic example, chosen so that T cells double about once a day; they are fitted to nothing.
 */
export type Donor = Readonly<{
  startingViabilityPercent: number;
  cd4Cd8Ratio: number;
  hoursSinceCollection: number;
  /** Largest specific growth rate, 1/h. */
  growthRatePerHour: number;
  /** Time before growth begins, h. */
  lagHours: number;
  /** Specific death rate in good conditions, 1/h. */
  deathRatePerHour: number;
  /** Glucose taken up, mmol for 10^9 cells in an hour. */
  glucoseUptake: number;
  carPositivePercent: number;
  cd3PositivePercent: number;
  vectorCopyNumber: number;
  /** Dissolved oxygen control fails from this hour; infinite when it does not. */
  oxygenFaultHour: number;
}>;

const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));

export const drawDonor = (random: Generator): Donor => {
  const fitness = random.normal();
  const vectorCopyNumber = clamp(Math.exp(0.9 + 0.5 * random.normal()), 0.2, 20);
  return {
    startingViabilityPercent: clamp(93 + 3 * fitness + 2 * random.normal(), 70, 99.5),
    cd4Cd8Ratio: clamp(Math.exp(0.4 * random.normal() + 0.3), 0.1, 10),
    hoursSinceCollection: clamp(14 + 8 * random.normal(), 1, 47),
    growthRatePerHour: clamp(0.034 + 0.006 * fitness + 0.002 * random.normal(), 0.004, 0.055),
    lagHours: clamp(22 - 3 * fitness + 3 * random.normal(), 8, 48),
    deathRatePerHour: clamp(0.0028 * Math.exp(-0.5 * fitness + 0.3 * random.normal()), 0.0005, 0.03),
    glucoseUptake: clamp(0.16 + 0.02 * random.normal(), 0.08, 0.3),
    carPositivePercent: clamp(38 + 4 * fitness + 9 * random.normal(), 2, 85),
    cd3PositivePercent: clamp(97 + 1.5 * random.normal(), 60, 99.9),
    vectorCopyNumber,
    oxygenFaultHour: random.uniform() < 0.05 ? 24 + 96 * random.uniform() : Infinity,
  };
};

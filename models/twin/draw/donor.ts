import type { Generator } from '../../random/generator.ts';
import type { CellTraits } from '../culture/conditions.ts';
import { KINETICS } from '../culture/kinetics.ts';
import type { World } from '../worlds/world.ts';
import { draw } from './distribution.ts';

/** One patient and the cells that were collected. `fitness` is hidden: nobody measures it, it shows in what the cells do. */
export type Donor = Readonly<{
  fitness: number;
  priorBendamustine: boolean;
  traits: CellTraits;
  /** Shares, 0 to 1: viable cells at the start; cells without CD3 after selection. */
  startingViability: number;
  otherShare: number;
  cd4Cd8Ratio: number;
  /** Standard scores, what blood counts show of the disease and of the lymphocytes it left. */
  burden: number;
  lymphocytes: number;
  weightKg: number;
  ageYears: number;
  sinceCollectionHours: number;
}>;

const FRAILTY_PER_HOUR = KINETICS.frailtyPerHour.value;

/**
 * One patient of a world. Growth and survival share one hidden fitness, as strongly as the world's `fitnessShare` says; what can be found at admission follows it only weakly, as `findingShare` says. The rest of each spread is its own.
 *
 * Prior bendamustine lowers fitness: that exposure shortly before collection does harm is reported (Iacoboni et al. 2024, J. Clin. Oncol. 42(2), 205); that it acts through fitness in culture, and how much, is the world's assumption.
 */
export const drawDonor = ({ donor: spread }: World, random: Generator): Donor => {
  const priorBendamustine = random.uniform() < spread.bendamustine.share;
  const poor = random.uniform() < spread.poor.share;
  const fitness = random.normal() - (priorBendamustine ? spread.bendamustine.fitnessLoss : 0) - (poor ? spread.poor.fitnessLoss : 0);
  const [own, up] = [Math.sqrt(1 - spread.fitnessShare ** 2), spread.fitnessShare * fitness];
  const [rest, shown] = [Math.sqrt(1 - spread.findingShare ** 2), spread.findingShare * fitness];
  const sinceCollectionHours = draw(spread.sinceCollectionHours, random);
  return {
    fitness, priorBendamustine, sinceCollectionHours,
    traits: {
      growthPerHour: draw(spread.growthPerHour, random, up, own),
      deathPerHour: draw(spread.deathPerHour, random, -up, own),
      frailtyFactor: draw(spread.frailtyFactor, random, -up, own) * (1 + FRAILTY_PER_HOUR * sinceCollectionHours),
      sensitivityFactor: draw(spread.sensitivityFactor, random, -up, own),
      glucoseUptakeMmolPerHourPerBillion: draw(spread.glucoseUptakeMmolPerHourPerBillion, random),
      doublingLimit: draw(spread.doublingLimit, random, up, own),
      otherGrowthPerHour: draw(spread.otherGrowthPerHour, random),
      otherDeathPerHour: draw(spread.otherDeathPerHour, random),
      permissivenessFactor: draw(spread.permissivenessFactor, random),
      startingMemoryShare: draw(spread.startingMemoryShare, random, shown, rest),
    },
    startingViability: draw(spread.startingViability, random, shown, rest),
    otherShare: draw(spread.otherShare, random),
    cd4Cd8Ratio: draw(spread.cd4Cd8Ratio, random),
    weightKg: draw(spread.weightKg, random),
    ageYears: draw(spread.ageYears, random),
    burden: rest * random.normal() - shown,
    lymphocytes: rest * random.normal() + shown,
  };
};

import { readFileSync } from 'node:fs';
import { grow, recordFor } from '../../../../models/twin/culture/culture.ts';
import type { Batch } from '../../../../models/twin/draw/batch.ts';
import type { Fault } from '../../../../models/twin/draw/fault.ts';
import { batchRunOf, type BatchRun } from '../../../../models/twin/parameters/run.ts';
import type { Action } from '../../../../models/twin/recipe/action.ts';
import { World } from '../../../../models/twin/worlds/world.ts';

const stress = World.parse(JSON.parse(readFileSync(new URL('../../../../models/twin/worlds/stress.json', import.meta.url), 'utf8')));

/** The stress world with recipe, lots and seeding of the tests' own: its figures are fitted elsewhere, and no test may lean on them. Oxygen and CO2 have room on both sides of their set-points. */
export const world: World = {
  ...stress,
  recipe: {
    ...stress.recipe, seedCellsMillion: 100, startVolumeMl: 100, vectorHour: 24, additions: [{ hour: 72, volumeMl: 80 }], exchanges: [{ hour: 48, share: 0.5 }], perfusion: [{ fromHour: 90, mlPerHour: 6 }, { fromHour: 110, mlPerHour: 10 }],
    shakenFromHour: 72, oxygenSetPointPercentAir: 80, oxygenHighestPercentAir: 140, phSetPoint: 7.45, temperatureCelsius: 37, feedGlucoseMmolPerL: 22, harvestHour: 168,
  },
  lots: {
    growthFactor: { kind: 'lognormal', median: 1, sigma: 0.05 }, vectorTitreFactor: { kind: 'lognormal', median: 1, sigma: 0.15 }, interleukin2Factor: { kind: 'lognormal', median: 1, sigma: 0.08 }, glucoseFactor: { kind: 'normal', mean: 1, sd: 0.03 },
  },
  operator: { ...stress.operator, seedingFactor: { kind: 'lognormal', median: 1, sigma: 0.1 } },
};
export const HOURS = 168;

/** A patient, lots, operator and equipment of the middle, for the same reason. */
export const batchWith = (faults: readonly Fault[], index = 0): Batch => ({
  seed: 11, index, faults, dailyGrowthFactors: Array.from({ length: 20 }, () => 1),
  donor: {
    fitness: 0, priorBendamustine: false, startingViability: 0.93, otherShare: 0.06, cd4Cd8Ratio: 1.3, burden: 0, lymphocytes: 0, weightKg: 76, ageYears: 60, sinceCollectionHours: 20,
    traits: { growthPerHour: 0.034, deathPerHour: 0.001, frailtyFactor: 1.2, sensitivityFactor: 1, glucoseUptakeMmolPerHourPerBillion: 0.066, doublingLimit: 12, otherGrowthPerHour: 0.018, otherDeathPerHour: 0.009, permissivenessFactor: 1, startingMemoryShare: 0.72 },
  },
  lots: { growthFactor: 1, vectorTitreFactor: 1, interleukin2Factor: 1, glucoseFactor: 1 }, operator: { seedingFactor: 1, recoveryShare: 0.8, additionDelayHours: 1 }, equipment: { transferFactor: 1, pumpFactor: 1, temperatureOffsetCelsius: 0.05 },
});

export const runOf = (batch: Batch, actions: readonly Action[] = [], hours = HOURS): BatchRun => {
  const record = recordFor(hours);
  grow(world, batch, actions, hours, record);
  return batchRunOf(world, batch, actions, record);
};

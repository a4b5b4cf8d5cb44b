import { readFileSync } from 'node:fs';
import { grow, recordFor } from '../../../../models/twin/culture/culture.ts';
import { drawBatch, type Batch } from '../../../../models/twin/draw/batch.ts';
import type { Fault } from '../../../../models/twin/draw/fault.ts';
import { batchRunOf, type BatchRun } from '../../../../models/twin/parameters/run.ts';
import type { Action } from '../../../../models/twin/recipe/action.ts';
import { World } from '../../../../models/twin/worlds/world.ts';

const stress = World.parse(JSON.parse(readFileSync(new URL('../../../../models/twin/worlds/stress.json', import.meta.url), 'utf8')));

/** The stress world with a recipe of the tests' own: its figures are fitted elsewhere, and no test may lean on them. The pH set-point is one the CO2 can hold from both sides. */
export const world: World = {
  ...stress,
  recipe: {
    ...stress.recipe, seedCells: 100, startVolumeMl: 100, vectorHour: 24, additions: [{ hour: 72, volumeMl: 80 }], exchanges: [{ hour: 48, share: 0.5 }], perfusion: [{ fromHour: 90, mlPerHour: 6 }, { fromHour: 110, mlPerHour: 10 }],
    shakenFromHour: 72, oxygenSetPoint: 80, oxygenHighest: 95, phSetPoint: 7.45, temperature: 37, feedGlucose: 22, harvestHour: 168,
  },
};
export const HOURS = 168;

export const batchWith = (faults: readonly Fault[], index = 0): Batch => ({ ...drawBatch(world, 11, index), faults });

export const runOf = (batch: Batch, actions: readonly Action[] = [], hours = HOURS): BatchRun => {
  const record = recordFor(hours);
  grow(world, batch, actions, hours, record);
  return batchRunOf(world, batch, actions, record);
};

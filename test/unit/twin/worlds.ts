import { readFileSync } from 'node:fs';
import type { Batch } from '../../../models/twin/draw/batch.ts';
import { worldOf } from '../../../models/twin/worlds/load.ts';
import type { World } from '../../../models/twin/worlds/world.ts';

export const SHIPPED = ['published', 'stress'] as const;

/** The content of a shipped world's file. */
export const jsonOf = (name: (typeof SHIPPED)[number]): unknown => JSON.parse(readFileSync(new URL(`../../../models/twin/worlds/${name}.json`, import.meta.url), 'utf8'));

const worlds: Readonly<Record<(typeof SHIPPED)[number], World>> = { published: worldOf(jsonOf('published'), 'published'), stress: worldOf(jsonOf('stress'), 'stress') };
export const worldNamed = (name: (typeof SHIPPED)[number]): World => worlds[name];

/** The same JSON with the value at a dotted path replaced, or taken out when undefined. */
export const withValue = (json: unknown, path: string, value: unknown): unknown => {
  const copy = structuredClone(json) as Record<string, unknown>;
  const keys = path.split('.');
  const last = keys.pop()!;
  const place = keys.reduce((tree, key) => tree[key] as Record<string, unknown>, copy);
  if (value === undefined) Reflect.deleteProperty(place, last);
  else place[last] = value;
  return copy;
};

/** An ordinary patient and an ordinary day: figures of this file, so that no test leans on those a world was fitted with. */
const ORDINARY: Pick<Batch, 'donor' | 'lots' | 'operator' | 'equipment' | 'faults' | 'dailyGrowthFactors'> = {
  donor: {
    fitness: 0, priorBendamustine: false, startingViability: 0.93, otherShare: 0.08, cd4Cd8Ratio: 1.3, burden: 0, lymphocytes: 0, weightKg: 76, ageYears: 60, sinceCollectionHours: 20,
    traits: { growthPerHour: 0.036, deathPerHour: 0.0012, frailtyFactor: 1, sensitivityFactor: 1, glucoseUptakeMmolPerHourPerBillion: 0.066, doublingLimit: 12, otherGrowthPerHour: 0.018, otherDeathPerHour: 0.009, permissivenessFactor: 1, startingMemoryShare: 0.72 },
  },
  lots: { growthFactor: 1, vectorTitreFactor: 1, interleukin2Factor: 1, glucoseFactor: 1 }, operator: { seedingFactor: 1, recoveryShare: 0.8, additionDelayHours: 1.3 }, equipment: { transferFactor: 1, pumpFactor: 1, temperatureOffsetCelsius: 0.05 },
  faults: [], dailyGrowthFactors: Array.from({ length: 20 }, () => 1),
};

/** An ordinary batch that nothing happens to. */
export const quietBatch = (change: Partial<Batch> = {}): Batch => ({ seed: 7, index: 0, ...ORDINARY, ...change });

/** The same world with another recipe. */
export const withRecipe = (world: World, recipe: Partial<World['recipe']>): World => ({ ...world, recipe: { ...world.recipe, ...recipe } });

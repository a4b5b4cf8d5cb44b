import { readFileSync } from 'node:fs';
import { drawBatch, type Batch } from '../../../models/twin/draw/batch.ts';
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

const calm = (world: World): World => ({ ...world, faults: Object.fromEntries(Object.entries(world.faults).map(([name, fault]) => [name, { ...fault, chance: 0 }])) as World['faults'] });

/** A batch of the stress world that nothing happens to. */
export const quietBatch = (index = 0, change: Partial<Batch> = {}): Batch => ({ ...drawBatch(calm(worldNamed('stress')), 7, index), ...change });

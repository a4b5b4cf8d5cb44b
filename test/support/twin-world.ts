import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { World } from '../../models/twin/worlds/world.ts';

const FOLDER = join(import.meta.dirname, '..', '..', 'models', 'twin', 'worlds');

/** A shipped world. Tests may use its shape and its physics, never assert a figure that fitting moves. */
export const worldNamed = (name: 'stress' | 'published'): World => World.parse(JSON.parse(readFileSync(join(FOLDER, `${name}.json`), 'utf8')));

/** The same world with another recipe. */
export const withRecipe = (world: World, recipe: Partial<World['recipe']>): World => ({ ...world, recipe: { ...world.recipe, ...recipe } });

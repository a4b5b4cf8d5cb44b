import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkWorldName, worldOf } from '../../models/twin/worlds/load.ts';
import type { World } from '../../models/twin/worlds/world.ts';
import { UsageError } from '../run-script.ts';

export const WORLD_FOLDER = join(import.meta.dirname, '..', '..', 'models', 'twin', 'worlds');
const worldNames = (): readonly string[] => readdirSync(WORLD_FOLDER).filter((file) => file.endsWith('.json') && !file.endsWith('.fit.json')).map((file) => file.slice(0, -'.json'.length));

/** @throws UsageError for an unknown world, naming those there are; or for a wrong file, naming each field and what was wanted */
export const readWorld = (name: string): World => {
  try {
    checkWorldName(name, worldNames());
    return worldOf(JSON.parse(readFileSync(join(WORLD_FOLDER, `${name}.json`), 'utf8')), name);
  } catch (error) {
    if (error instanceof RangeError || error instanceof SyntaxError) throw new UsageError(error.message, { cause: error });
    throw error;
  }
};

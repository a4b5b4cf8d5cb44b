import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkWorldName, worldOf } from '../../models/twin/worlds/load.ts';
import type { World } from '../../models/twin/worlds/world.ts';
import { UsageError } from '../run-script.ts';

export const WORLD_FOLDER = join(import.meta.dirname, '..', '..', 'models', 'twin', 'worlds');
const worldNames = (folder: string): readonly string[] => readdirSync(folder).filter((file) => file.endsWith('.json') && !file.endsWith('.fit.json')).map((file) => file.slice(0, -'.json'.length));

/** @throws UsageError for an unknown world, naming those there are; or for a wrong file, naming each field and what was wanted, or the file where it is no JSON */
export const readWorld = (name: string, folder = WORLD_FOLDER): World => {
  try {
    checkWorldName(name, worldNames(folder));
    return worldOf(JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')), name);
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(error.message, { cause: error });
    if (error instanceof SyntaxError) throw new UsageError(`world ${name}: ${join(folder, `${name}.json`)} is no JSON (${error.message})`, { cause: error });
    throw error;
  }
};

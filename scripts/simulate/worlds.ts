import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { World } from '../../models/twin/worlds/world.ts';
import { UsageError } from '../run-script.ts';

export const WORLD_FOLDER = join(import.meta.dirname, '..', '..', 'models', 'twin', 'worlds');
const worldNames = (): readonly string[] => readdirSync(WORLD_FOLDER).filter((file) => file.endsWith('.json') && !file.endsWith('.fit.json')).map((file) => file.slice(0, -'.json'.length)).sort();

/** @throws UsageError for an unknown world, naming those there are; or for a wrong file, naming each field and what was wanted */
export const readWorld = (name: string): World => {
  if (!worldNames().includes(name)) throw new UsageError(`--world: got ${name}, want one of ${worldNames().join(', ')}`);
  const parsed = World.safeParse(JSON.parse(readFileSync(join(WORLD_FOLDER, `${name}.json`), 'utf8')));
  if (parsed.success) return parsed.data;
  throw new UsageError(parsed.error.issues.map(({ path, message }) => `world ${name}, ${path.join('.')}: ${message}`).join('\n'));
};

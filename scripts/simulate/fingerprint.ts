import { createHash } from 'node:crypto';
import { KINETICS } from '../../models/twin/culture/kinetics.ts';
import type { World } from '../../models/twin/worlds/world.ts';

/** SHA-256 of what a simulated batch comes from: the constants of the mechanism and the world. What was learnt under another fingerprint is stale. */
export const fingerprintOf = (world: World): string => createHash('sha256').update(JSON.stringify([Object.entries(KINETICS).map(([name, { value }]) => [name, value]), world])).digest('hex');

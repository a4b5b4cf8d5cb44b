import { sha256Hex } from '../../../shared/record/chain.ts';
import { KINETICS } from '../culture/kinetics.ts';
import type { World } from './world.ts';

/** SHA-256 (hex) of what a simulated batch comes from: the constants of the mechanism and the world. What was learnt under another fingerprint is stale. */
export const fingerprintOf = (world: World): string => sha256Hex(JSON.stringify([Object.entries(KINETICS).map(([name, { value }]) => [name, value]), world]));

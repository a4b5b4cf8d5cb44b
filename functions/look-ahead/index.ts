import { readFileSync } from 'node:fs';
import stress from '../../models/twin/worlds/stress.json' with { type: 'json' };
import { worldOf } from '../../models/twin/worlds/load.ts';
import { sha256Hex } from '../../shared/record/chain.ts';
import { createHandler } from './handler.ts';

// The bundle is one file, and the same sources give the same bytes: its hash says which code played.
export const handler = createHandler(() => worldOf(stress, 'stress'), () => sha256Hex(readFileSync(import.meta.filename)));

import stress from '../../models/twin/worlds/stress.json' with { type: 'json' };
import { worldOf } from '../../models/twin/worlds/load.ts';
import { createHandler } from './handler.ts';

export const handler = createHandler(() => worldOf(stress, 'stress'));

import { readFileSync } from 'node:fs';
import { grow, recordFor } from '../../../../models/twin/culture/culture.ts';
import { drawBatch } from '../../../../models/twin/draw/batch.ts';
import { batchRunOf, type BatchRun } from '../../../../models/twin/parameters/run.ts';
import { World } from '../../../../models/twin/worlds/world.ts';

export const PUBLISHED = World.parse(JSON.parse(readFileSync('models/twin/worlds/published.json', 'utf8')));

/** One batch without faults, grown for some hours. */
export const grownRun = (hours: number): BatchRun => {
  const batch = { ...drawBatch(PUBLISHED, 1, 0), faults: [] };
  const record = recordFor(hours);
  grow(PUBLISHED, batch, [], hours, record);
  return batchRunOf(PUBLISHED, batch, [], record);
};

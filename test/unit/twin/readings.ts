import { advance, recordFor, startOf } from '../../../models/twin/culture/culture.ts';
import type { Batch } from '../../../models/twin/draw/batch.ts';
import { timelineOf } from '../../../models/twin/recipe/timeline.ts';
import { openWatch, readAt } from '../../../models/twin/seen/reading.ts';
import type { Reading } from '../../../models/twin/seen/sensors.ts';
import type { World } from '../../../models/twin/worlds/world.ts';

/** What is read of an untouched batch at hours since activation. */
export const readingsOf = (world: World, batch: Batch, hours: readonly number[]): Reading[] => {
  const culture = startOf(world, batch);
  const record = recordFor(Math.max(...hours));
  const watch = openWatch(world, batch, record);
  return hours.map((hour) => {
    advance(culture, batch.donor.traits, timelineOf(world, batch, []), hour, record);
    return readAt(watch, [], hour);
  });
};

import { MINUTES_AN_HOUR, startOf } from '../culture/culture.ts';
import type { Conditions } from '../culture/conditions.ts';
import { STATE, STATE_SIZE } from '../culture/state.ts';
import type { Batch } from '../draw/batch.ts';
import type { Action } from '../recipe/action.ts';
import { timelineOf, type Control, type Happening } from '../recipe/timeline.ts';
import type { World } from '../worlds/world.ts';

/**
 * Minutes [fromMinute, toMinute) between two happenings, and what acted on the culture in them.
 *
 * `fedMl` and `wastedMl` were given and taken since activation until `fromHour`, additions and exchanges counted.
 */
export type Stretch = Readonly<{ fromMinute: number; toMinute: number; fromHour: number; conditions: Readonly<Conditions>; control: Readonly<Control>; fedMl: number; wastedMl: number }>;

/** Same minute grid as a Record: a happening at a whole minute shows in that minute. */
const minuteOf = (hour: number): number => Math.max(0, Math.ceil(hour * MINUTES_AN_HOUR - 1e-9));

/** What a happening puts into the chamber and takes out of it, mL. The stimulus serves as tracer of the old medium: only exchange and dilution lower it. */
const movedBy = ({ apply }: Happening, conditions: Conditions, control: Control, volumeMl: number): Readonly<{ inMl: number; outMl: number }> => {
  const probe = new Float64Array(STATE_SIZE);
  probe[STATE.stimulusShare] = 1;
  probe[STATE.volumeMl] = volumeMl;
  apply(probe, conditions, control);
  const added = (probe[STATE.volumeMl] ?? 0) - volumeMl;
  const exchanged = added > 0 ? 0 : (1 - (probe[STATE.stimulusShare] ?? 1)) * volumeMl;
  return { inMl: added + exchanged, outMl: exchanged };
};

/**
 * What acted on a batch, minute by minute, without solving its equations again: the conditions depend on the timeline alone.
 *
 * @param points minutes wanted, from activation on
 */
export const stretchesOf = (world: World, batch: Batch, actions: readonly Action[], points: number): readonly Stretch[] => {
  const { state, conditions, control } = startOf(world, batch);
  const found: Stretch[] = [];
  let [hour, fedMl, wastedMl, volumeMl] = [0, 0, 0, state[STATE.volumeMl] ?? 0];
  const close = (untilHour: number): void => {
    const [fromMinute, toMinute] = [minuteOf(hour), Math.min(points, minuteOf(untilHour))];
    if (toMinute > fromMinute) found.push({ fromMinute, toMinute, fromHour: hour, conditions: { ...conditions }, control: { ...control }, fedMl, wastedMl });
    const [fed, wasted] = [conditions.feedMlPerHour * (untilHour - hour), conditions.wasteMlPerHour * (untilHour - hour)];
    [hour, fedMl, wastedMl, volumeMl] = [untilHour, fedMl + fed, wastedMl + wasted, volumeMl + fed - wasted];
  };
  for (const happening of timelineOf(world, batch, actions)) {
    if (minuteOf(happening.hour) >= points) break;
    if (happening.hour > hour) close(happening.hour);
    const { inMl, outMl } = movedBy(happening, conditions, control, volumeMl);
    [fedMl, wastedMl, volumeMl] = [fedMl + inMl, wastedMl + outMl, volumeMl + inMl - outMl];
  }
  close(points / MINUTES_AN_HOUR);
  return found;
};

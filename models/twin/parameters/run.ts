import type { Record } from '../culture/culture.ts';
import { STATE_SIZE } from '../culture/state.ts';
import type { Batch } from '../draw/batch.ts';
import type { Action } from '../recipe/action.ts';
import type { World } from '../worlds/world.ts';
import { stretchesOf, type Stretch } from './stretches.ts';

/** One grown batch, ready to be looked at by its sensors. `columns` keeps what was computed once: truths by signal, noise keys by parameter. */
export type BatchRun = Readonly<{
  world: World; batch: Batch; actions: readonly Action[]; record: Record;
  /** Minutes from activation; the same as `record.points`. */
  points: number;
  stretches: readonly Stretch[];
  truths: Map<Signal, Float64Array>;
  keys: Map<string, SensorDraw>;
}>;

/** What chance decides about one sensor in one batch: the keys of its noise and its gaps, and how far (standard scores) it is off and drifts. */
export type SensorDraw = Readonly<{ noiseKey: number; gapKey: number; bias: number; drift: number }>;

/** One true quantity, minute by minute, and its physical cause in a few words. */
export type Signal = Readonly<{ cause: string; of: (run: BatchRun) => Float64Array }>;

/**
 * @param record as `grow` filled it under the same world, batch and actions
 * @throws RangeError `record` when it is not one of this culture
 */
export const batchRunOf = (world: World, batch: Batch, actions: readonly Action[], record: Record): BatchRun => {
  if (record.points < 1 || record.values.length !== record.points * STATE_SIZE) throw new RangeError(`record: got ${record.values.length} values for ${record.points} minutes, want ${STATE_SIZE} a minute`);
  return { world, batch, actions, record, points: record.points, stretches: stretchesOf(world, batch, actions, record.points), truths: new Map(), keys: new Map() };
};

/** A true quantity that is computed once in a run. */
export const signal = (cause: string, compute: (run: BatchRun) => Float64Array): Signal => {
  const self: Signal = {
    cause,
    of: (run) => {
      const known = run.truths.get(self);
      if (known !== undefined) return known;
      const found = compute(run);
      run.truths.set(self, found);
      return found;
    },
  };
  return self;
};

/** A signal that keeps one value between two happenings. */
export const piecewise = (cause: string, value: (stretch: Stretch, run: BatchRun) => number): Signal => signal(cause, (run) => {
  const out = new Float64Array(run.points);
  for (const stretch of run.stretches) out.fill(value(stretch, run), stretch.fromMinute, stretch.toMinute);
  return out;
});

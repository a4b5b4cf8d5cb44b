import type { Record } from '../culture/culture.ts';
import { STATE_SIZE } from '../culture/state.ts';
import type { Batch } from '../draw/batch.ts';
import type { Action } from '../recipe/action.ts';
import type { World } from '../worlds/world.ts';
import { stretchesOf, type Stretch } from './stretches.ts';

/** One grown batch, ready to be looked at by its sensors. `columns` keeps what was computed once: truths by signal, noise keys by parameter. */
export type BatchRun = Readonly<{
  world: World; batch: Batch; actions: readonly Action[]; record: Record;
  /** Minutes looked at; the same as `record.points`. */
  points: number;
  /** Minute of culture at which they begin: 0 for a whole run. */
  firstMinute: number;
  /** `fromMinute` and `toMinute` counted from `firstMinute`. */
  stretches: readonly Stretch[];
  truths: Map<Signal, Float64Array>;
  keys: Map<string, SensorDraw>;
}>;

/** What chance decides about one sensor in one batch: the keys of its noise and its gaps, and how far (standard scores) it is off and drifts. */
export type SensorDraw = Readonly<{ noiseKey: number; gapKey: number; bias: number; drift: number }>;

/** One true quantity, minute by minute, and its physical cause in a few words. Place i of what `of` returns is minute `firstMinute + i` of culture. */
export type Signal = Readonly<{ cause: string; of: (run: BatchRun) => Float64Array }>;

/**
 * @param record as `grow` filled it under the same world, batch and actions
 * @throws RangeError `record` when it is not one of this culture
 */
export const batchRunOf = (world: World, batch: Batch, actions: readonly Action[], record: Record): BatchRun => {
  if (record.points < 1 || record.values.length !== record.points * STATE_SIZE) throw new RangeError(`record: got ${record.values.length} values for ${record.points} minutes, want ${STATE_SIZE} a minute`);
  return { world, batch, actions, record, points: record.points, firstMinute: 0, stretches: stretchesOf(world, batch, actions, record.points), truths: new Map(), keys: new Map() };
};

/** A culture under way: what was done to it so far, and its record. */
export type Running = Pick<BatchRun, 'world' | 'batch' | 'actions' | 'record'> & Readonly<{ keys?: BatchRun['keys'] }>;

const cutTo = (stretches: readonly Stretch[], fromMinute: number, toMinute: number): readonly Stretch[] => stretches.filter((stretch) => stretch.toMinute > fromMinute && stretch.fromMinute < toMinute)
  .map((stretch) => ({ ...stretch, fromMinute: Math.max(stretch.fromMinute, fromMinute) - fromMinute, toMinute: Math.min(stretch.toMinute, toMinute) - fromMinute }));

/**
 * The minutes [fromMinute, toMinute) of a culture that has been recorded that far, for one who looks while it runs. Only momentary signals can be asked of it.
 *
 * @param running its record filled up to `toMinute`; what comes later in it is not looked at. `keys` of another window of the same batch, so that chance is asked once
 * @throws RangeError `minutes` outside the record
 */
export const batchWindowOf = ({ world, batch, actions, record, keys = new Map() }: Running, fromMinute: number, toMinute: number): BatchRun => {
  if (!(Number.isInteger(fromMinute) && Number.isInteger(toMinute) && fromMinute >= 0 && toMinute > fromMinute && toMinute <= record.points)) throw new RangeError(`minutes: got [${fromMinute}, ${toMinute}), want whole minutes of the record, 0 to ${record.points}`);
  const points = toMinute - fromMinute;
  const values = new Float64Array(STATE_SIZE * points);
  for (let i = 0; i < STATE_SIZE; i += 1) values.set(record.values.subarray(i * record.points + fromMinute, i * record.points + toMinute), i * points);
  const stretches = cutTo(stretchesOf(world, batch, actions, toMinute), fromMinute, toMinute);
  return { world, batch, actions, record: { values, points }, points, firstMinute: fromMinute, stretches, truths: new Map(), keys };
};

/** A true quantity that follows from the state and the conditions of the same minute; computed once in a run. */
export const momentary = (cause: string, compute: (run: BatchRun) => Float64Array): Signal => {
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

/** A true quantity that needs the culture from its start: what adds up or wanders. */
export const signal = (cause: string, compute: (run: BatchRun) => Float64Array): Signal => momentary(cause, (run) => {
  if (run.firstMinute > 0) throw new RangeError(`signal: got a window from minute ${run.firstMinute} for "${cause}", want the culture from its start`);
  return compute(run);
});

/** A signal that keeps one value between two happenings. */
export const piecewise = (cause: string, value: (stretch: Stretch, run: BatchRun) => number): Signal => momentary(cause, (run) => {
  const out = new Float64Array(run.points);
  for (const stretch of run.stretches) out.fill(value(stretch, run), stretch.fromMinute, stretch.toMinute);
  return out;
});

import { streamOf } from '../../random/streams.ts';
import { drawBatch } from '../draw/batch.ts';
import { startsOf } from '../release/arrivals.ts';
import type { Job } from '../release/job.ts';
import type { ReleaseProcess } from '../release/process.ts';
import { releaseTimes } from '../release/release.ts';
import type { World } from '../worlds/world.ts';
import { figureOf, withFigure, type Fitted } from './fit.ts';

/**
 * The one fitted figure of the release process, and its target: mean release of the stress world's baseline, Table 1 of the paper, harvest at day 10.
 *
 * Minutes a reviewer needs for one entry were taken because no source gives them for a hospital's record, because they are the bulk of what people do between harvest and certification,
 * and because a time for one entry holds for both ways of review: what is fitted says nothing about how many entries are read.
 */
export const RELEASE_KNOB = { path: ['release', 'review', 'minutesPerEntry'], low: 0.05, high: 3, statistic: 'mean release under manual review, days', targetDays: 14.2 } as const;

const HALVINGS = 12;

/** Untouched batches of a world on their way to release: their faults are their deviations, and a share of them fails. No culture is grown for this. */
export const untouchedJobs = (world: World, seed: number, batches: number, failureRate: number): readonly Job[] => startsOf(world.release, seed, batches).map((start, index) => {
  const { harvestHour } = world.recipe;
  const deviations = drawBatch(world, seed, index).faults.filter(({ onsetHour }) => onsetHour < harvestHour).length;
  return { index, ...start, harvestHour, deviations, interventions: 0, failed: streamOf(seed, index, 'release/fit outcome').uniform() < failureRate };
});

/** Mean days from activation to certification of the batches that are released, every entry read by people. */
export const meanManualRelease = (process: ReleaseProcess, jobs: readonly Job[], seed: number): number => {
  const days = releaseTimes(process, jobs, 'manual', seed).flatMap(({ releasedAtDays }) => releasedAtDays ?? []);
  return days.reduce((sum, value) => sum + value, 0) / days.length;
};

/**
 * Fit the reading speed to the mean of manual review, and nothing else: review by exception is never run here.
 *
 * @param seed        of the fitting batches; reports use other seeds
 * @param failureRate of the world's baseline; failed batches are tested and read like others
 * @throws RangeError when the target lies outside what the knob can reach
 */
export const fitRelease = (world: World, { seed, batches, failureRate, targetDays = RELEASE_KNOB.targetDays }: Readonly<{ seed: number; batches: number; failureRate: number; targetDays?: number }>): Readonly<{ world: World; fitted: Fitted }> => {
  const jobs = untouchedJobs(world, seed, batches, failureRate);
  const at = (value: number): number => meanManualRelease(withFigure(world, RELEASE_KNOB.path, value).release, jobs, seed);
  let [low, high]: [number, number] = [RELEASE_KNOB.low, RELEASE_KNOB.high];
  const [least, most] = [at(low), at(high)];
  if (targetDays < least || targetDays > most) throw new RangeError(`targetDays: got ${targetDays}, want ${least.toFixed(2)} to ${most.toFixed(2)}, what ${RELEASE_KNOB.path.join('.')} from ${low} to ${high} can reach`);
  for (let i = 0; i < HALVINGS; i += 1) {
    const middle = (low + high) / 2;
    if (at(middle) > targetDays) high = middle; else low = middle;
  }
  const value = Number(((low + high) / 2).toPrecision(3));
  return { world: withFigure(world, RELEASE_KNOB.path, value), fitted: { path: RELEASE_KNOB.path.join('.'), from: figureOf(world, RELEASE_KNOB.path), value, statistic: RELEASE_KNOB.statistic, target: targetDays, reached: at(value) } };
};

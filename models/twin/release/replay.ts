import { streamOf } from '../../random/streams.ts';
import { OWN_SEEDS } from '../seeds.ts';
import { startsOf } from './arrivals.ts';
import { weekdayOf } from './calendar.ts';
import type { Job, ReviewMode } from './job.ts';
import type { ReleaseProcess } from './process.ts';
import { releaseTimes } from './release.ts';

/** How often the release of a trial is played again to know how far its mean may lie from that of all trials. */
export const REPLAYS = 50;

/** Another trial of as many batches: patients come at other times, and at each start stands a batch drawn, with replacement, from those of this trial that started on that weekday, for hours of harvest are chosen with the weekday in sight. */
export const drawnAgain = (process: ReleaseProcess, jobs: readonly Job[], seed: number, replay: number): readonly Job[] => {
  const random = streamOf(seed, replay, 'release/replay');
  const onWeekday = Map.groupBy(jobs, ({ startDay }) => weekdayOf(startDay));
  return startsOf(process, seed, jobs.length).map((start, index) => {
    const choice = onWeekday.get(weekdayOf(start.startDay)) ?? jobs;
    return { ...(choice[random.below(choice.length)] as Job), ...start, index };
  });
};

/**
 * Mean days to release in another trial like this one. Batches wait for the same people, so those of one trial are early or late together, and only whole trials tell how far means differ.
 *
 * @param jobs   of the trial that was played, at least one
 * @param replay which one, from 0
 * @returns NaN when no batch of it was released
 */
export const replayedMeanDays = (process: ReleaseProcess, jobs: readonly Job[], mode: ReviewMode, replay: number): number => {
  const seed = OWN_SEEDS.replay + replay;
  const days = releaseTimes(process, drawnAgain(process, jobs, seed, replay), mode, seed).flatMap(({ releasedAtDays }) => releasedAtDays ?? []);
  return days.reduce((sum, each) => sum + each, 0) / days.length;
};

import { describe, expect, it } from 'vitest';
import { meanManualRelease, untouchedJobs } from '../../../../../models/twin/fit/release.ts';
import { startsOf } from '../../../../../models/twin/release/arrivals.ts';
import { weekdayOf } from '../../../../../models/twin/release/calendar.ts';
import { drawnAgain, replayedMeanDays } from '../../../../../models/twin/release/replay.ts';
import { worldNamed } from '../../../twin/worlds.ts';

const world = worldNamed('stress');
const { release: process } = world;
const [BATCHES, FAILING] = [150, 0.16];
const jobsOf = (seed: number) => untouchedJobs(world, seed, BATCHES, FAILING);
const deviationOf = (values: readonly number[]): number => {
  const mean = values.reduce((sum, each) => sum + each, 0) / values.length;
  return Math.sqrt(values.reduce((sum, each) => sum + (each - mean) ** 2, 0) / (values.length - 1));
};

describe('a release that is played again', () => {
  const jobs = jobsOf(1);
  it('has other starts, and at each a batch that started on that weekday', () => {
    // The hour of harvest says on which weekday a batch started.
    const marked = jobs.map((job) => ({ ...job, harvestHour: 200 + weekdayOf(job.startDay) }));
    const again = drawnAgain(process, marked, 7, 0);
    expect(again.map(({ index, siteIndex, startDay }) => ({ index, siteIndex, startDay }))).toEqual(startsOf(process, 7, BATCHES).map((start, index) => ({ index, ...start })));
    expect(again.map(({ harvestHour }) => harvestHour - 200)).toEqual(again.map(({ startDay }) => weekdayOf(startDay)));
  });
  it('draws batches with replacement, and no other than the trial had', () => {
    const marked = jobs.map((job) => ({ ...job, harvestHour: 200 + job.index / 1000 }));
    const drawn = drawnAgain(process, marked, 7, 0).map(({ harvestHour }) => harvestHour);
    const own = new Set(marked.map(({ harvestHour }) => harvestHour));
    expect(drawn.every((hour) => own.has(hour))).toBe(true);
    // Of n draws with replacement about n/e are missing: 63 % of all are seen.
    expect(new Set(drawn).size / BATCHES).toBeGreaterThan(0.5);
    expect(new Set(drawn).size / BATCHES).toBeLessThan(0.75);
  });
  it('is the same for the same number, and another for the next', () => {
    const [first, next] = [replayedMeanDays(process, jobs, 'manual', 0), replayedMeanDays(process, jobs, 'manual', 1)];
    expect(replayedMeanDays(process, jobs, 'manual', 0)).toBe(first);
    expect(next).not.toBe(first);
  });
  it('says nothing of a trial in which nothing is released', () => {
    expect(replayedMeanDays(process, jobs.map((job) => ({ ...job, failed: true })), 'manual', 0)).toBeNaN();
  });
  it('varies as trials do, which batches taken one by one do not: they wait for each other', () => {
    const trials = Array.from({ length: 60 }, (_, seed) => meanManualRelease(process, jobsOf(seed + 1), seed + 1));
    const spread = deviationOf(trials);
    const replays = [11, 12, 13].map((seed) => deviationOf(Array.from({ length: 40 }, (_, i) => replayedMeanDays(process, jobsOf(seed), 'manual', i))));
    const ratio = replays.reduce((sum, each) => sum + each, 0) / replays.length / spread;
    expect(ratio).toBeGreaterThan(0.8);
    expect(ratio).toBeLessThan(1.25);
  });
});

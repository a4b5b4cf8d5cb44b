import { streamOf } from '../../random/streams.ts';
import { weekdayOf } from './calendar.ts';
import type { ReleaseProcess } from './process.ts';

export type Start = Readonly<{ siteIndex: number; startDay: number }>;

const DAYS_PER_WEEK = 7;

/**
 * Where and when the batches of a trial start. Sites take turns; at a site, patients come independently of each other (exponential gaps), a process starts on one of the site's start days, and one at most a day.
 *
 * @param count batches; the first ones of a longer trial are the same
 */
export const startsOf = ({ arrivals }: ReleaseProcess, seed: number, count: number): readonly Start[] => {
  const arrivedAt = new Array<number>(arrivals.sites).fill(0);
  const lastStart = new Array<number>(arrivals.sites).fill(-1);
  return Array.from({ length: count }, (_, index) => {
    const siteIndex = index % arrivals.sites;
    const arrived = (arrivedAt[siteIndex] ?? 0) - (Math.log(1 - streamOf(seed, index, 'release/arrival').uniform()) * DAYS_PER_WEEK) / arrivals.startsPerSiteWeek;
    let startDay = Math.max(Math.ceil(arrived), (lastStart[siteIndex] ?? -1) + 1);
    while (!arrivals.startWeekdays.includes(weekdayOf(startDay))) startDay += 1;
    arrivedAt[siteIndex] = arrived;
    lastStart[siteIndex] = startDay;
    return { siteIndex, startDay };
  });
};

import { isWorkingDay } from './calendar.ts';
import type { ReleaseProcess } from './process.ts';

/** `manual`: people read every entry. `by-exception`: completeness is checked while the batch runs, people read what is flagged. */
export const REVIEW_MODES = ['manual', 'by-exception'] as const;
export type ReviewMode = (typeof REVIEW_MODES)[number];

/** One batch on its way to disposition. `startDay` counts calendar days from a Monday, 0; `harvestHour` from activation. */
export type Job = Readonly<{ index: number; siteIndex: number; startDay: number; harvestHour: number; deviations: number; interventions: number; failed: boolean }>;

const LONGEST_HOURS = 24 * 60;
const isCount = (value: number, below = Infinity): boolean => Number.isInteger(value) && value >= 0 && value < below;

/** @throws RangeError naming the first field that is wrong, with what was wanted */
export const checkJobs = ({ arrivals }: ReleaseProcess, jobs: readonly Job[]): void => {
  const seen = new Set<number>();
  jobs.forEach((job, i) => {
    const want = (field: keyof Job, holds: boolean, wanted: string): void => {
      if (!holds) throw new RangeError(`jobs[${i}].${field}: got ${String(job[field])}, want ${wanted}`);
    };
    want('index', isCount(job.index) && !seen.has(job.index), 'an integer from 0 that no other job has');
    want('siteIndex', isCount(job.siteIndex, arrivals.sites), `an integer from 0 to ${arrivals.sites - 1}`);
    want('startDay', isCount(job.startDay) && isWorkingDay(job.startDay), 'a working day: an integer from 0, Monday, without Saturdays and Sundays');
    want('harvestHour', job.harvestHour > 0 && job.harvestHour <= LONGEST_HOURS, `hours above 0, up to ${LONGEST_HOURS}`);
    want('deviations', isCount(job.deviations), 'an integer from 0');
    want('interventions', isCount(job.interventions), 'an integer from 0');
    seen.add(job.index);
  });
};

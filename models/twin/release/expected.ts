import { OWN_SEEDS } from '../seeds.ts';
import { startsOf } from './arrivals.ts';
import { weekdayOf } from './calendar.ts';
import type { ReleaseProcess } from './process.ts';
import { releaseTimes } from './release.ts';
import type { ReleaseTable } from './table.ts';

/** A seed above those of trials, and enough batches that a mean is good to a few hours. */
const [SEED, BATCHES] = [OWN_SEEDS.releaseTable, 240] as const;

/**
 * What a hospital knows of its own release: how long a batch takes that is harvested at an hour, when every record is reviewed by exception. Tests, couriers and people have calendars, so a day earlier in the chamber is not a day earlier at the patient.
 *
 * @param hours of harvest, from the earliest on
 */
export const releaseTableOf = (process: ReleaseProcess, hours: readonly number[]): ReleaseTable => {
  const starts = startsOf(process, SEED, BATCHES);
  const rows = hours.map((harvestHour) => {
    const times = releaseTimes(process, starts.map(({ siteIndex, startDay }, index) => ({ index, siteIndex, startDay, harvestHour, deviations: 0, interventions: 0, failed: false })), 'by-exception', SEED);
    return times.map(({ releasedAtDays = Number.NaN }, i) => ({ weekday: weekdayOf(starts[i]?.startDay ?? 0), days: releasedAtDays }));
  });
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  return { hours, days: Object.fromEntries(process.arrivals.startWeekdays.map((weekday) => [weekday, rows.map((row) => mean(row.filter((each) => each.weekday === weekday).map(({ days }) => days)))])) };
};

import { describe, expect, it } from 'vitest';
import { releaseTableOf } from '../../../../../models/twin/release/expected.ts';
import { expectedDays } from '../../../../../models/twin/release/table.ts';
import { worldNamed } from '../../../twin/worlds.ts';

const { release } = worldNamed('stress');
const HOURS = [144, 168, 240];
const table = releaseTableOf(release, HOURS);

describe('what a hospital knows of its own release', () => {
  it('has a row for each weekday on which a process starts, and no release before its harvest', () => {
    expect(Object.keys(table.days).map(Number)).toEqual([...release.arrivals.startWeekdays]);
    for (const row of Object.values(table.days)) row.forEach((days, i) => { expect(days).toBeGreaterThan(HOURS[i]! / 24 + 0.8); });
  });
  it('knows the calendar: of cultures begun on a Friday one more day in the chamber can cost two, or nothing', () => {
    const week = releaseTableOf(release, [144, 168, 192, 216]).days[4]!;
    expect(week[1]! - week[0]!).toBeGreaterThan(1.5);
    expect(week[3]! - week[2]!).toBeLessThan(0.5);
  });
  it('goes straight between two hours, keeps the first before them, and adds the days beyond the last', () => {
    const simple = { hours: [100, 124], days: { 0: [6, 8] } };
    expect([90, 100, 106, 112, 124, 148].map((hour) => expectedDays(simple, 0, hour))).toEqual([6, 6, 6.5, 7, 8, 9]);
  });
  it('refuses a day on which nothing starts', () => { expect(() => expectedDays(table, 6, 200)).toThrow('weekday: got 6, want one of 0, 1, 4'); });
});

import type { Calendar, Instants } from './process.ts';

/** Minutes are counted from 00:00 of a Monday. */
export const MINUTES_PER_HOUR = 60;
export const MINUTES_PER_DAY = 1440;
const DAYS_PER_WEEK = 7;
const SATURDAY = 5;
const MOST_DAYS = 3660;

/** Day of the week of a calendar day, Monday 0 to Sunday 6. */
export const weekdayOf = (day: number): number => day % DAYS_PER_WEEK;
export const isWorkingDay = (day: number): boolean => weekdayOf(day) < SATURDAY;

/** Opening and closing minute of a day, or undefined where nobody works. */
const openingOf = ({ weekday, weekend }: Calendar, day: number): readonly [number, number] | undefined => {
  const window = isWorkingDay(day) ? weekday : weekend;
  return window === undefined ? undefined : [day * MINUTES_PER_DAY + window.fromHour * MINUTES_PER_HOUR, day * MINUTES_PER_DAY + window.toHour * MINUTES_PER_HOUR];
};

/** When work begins, not before `startMinute`: at once within hours, else at the next opening. */
export const workBegins = (calendar: Calendar, startMinute: number): number => {
  const first = Math.floor(startMinute / MINUTES_PER_DAY);
  for (let day = first; day < first + MOST_DAYS; day += 1) {
    const opening = openingOf(calendar, day);
    if (opening !== undefined && startMinute < opening[1]) return Math.max(startMinute, opening[0]);
  }
  throw new RangeError(`startMinute: got ${startMinute}, want one with a working hour after it`);
};

/**
 * When work is done that may not begin before `startMinute`: it rests outside hours and goes on at the next opening. A later start never ends earlier.
 *
 * @param minutes of work, 0 or more
 * @throws RangeError when it would take more than ten years
 */
export const workEnds = (calendar: Calendar, startMinute: number, minutes: number): number => {
  if (!(minutes >= 0)) throw new RangeError(`minutes: got ${minutes}, want 0 or more`);
  let leftMinutes = minutes;
  let nowMinute = startMinute;
  for (let i = 0; i < MOST_DAYS; i += 1) {
    const beginsMinute = workBegins(calendar, nowMinute);
    const closesMinute = openingOf(calendar, Math.floor(beginsMinute / MINUTES_PER_DAY))?.[1] ?? beginsMinute;
    if (leftMinutes <= closesMinute - beginsMinute) return beginsMinute + leftMinutes;
    leftMinutes -= closesMinute - beginsMinute;
    nowMinute = closesMinute;
  }
  throw new RangeError(`minutes: got ${minutes}, want work of less than ten years`);
};

/** The first of the instants at or after `minute`. */
export const nextInstant = ({ days, hour }: Instants, minute: number): number => {
  const today = Math.floor(minute / MINUTES_PER_DAY);
  for (let day = today; day <= today + DAYS_PER_WEEK; day += 1) {
    const instant = day * MINUTES_PER_DAY + hour * MINUTES_PER_HOUR;
    if (instant >= minute && days.includes(weekdayOf(day))) return instant;
  }
  throw new RangeError(`days: got ${days.join(', ')}, want at least one from 0 to 6`);
};

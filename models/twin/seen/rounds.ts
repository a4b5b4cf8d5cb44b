/**
 * Hours at which a culture is looked at by anyone who acts on it: twice a day up to hour 72, then four hours after each sample of the day, when its results are in, and twelve hours later.
 *
 * Activation is in the morning, so that a round with results falls into working hours.
 */
export const FIRST_HOURS = [24, 36, 48, 60, 72] as const;
export const ROUND_EVERY_HOURS = 12;
/** The first round after the prediction of hour 72: the results of that hour's sample are in. */
export const FIRST_ROUND_HOUR = 76;
const DAY_HOURS = 24;

/** The round after one; the first when there was none. */
export const nextRound = (hour?: number): number => {
  if (hour === undefined) return FIRST_HOURS[0];
  return hour === FIRST_HOURS[4] ? FIRST_ROUND_HOUR : hour + ROUND_EVERY_HOURS;
};

/** Whether a round is the one of its day that has new results of a sample. */
export const hasResults = (hour: number): boolean => (hour - FIRST_ROUND_HOUR) % DAY_HOURS === 0;

import type { Generator } from '../../random/generator.ts';

/** How a process scientist meets a recommendation; assumed. Nobody signs at night: hours from 22 to 6 wait. */
const SCIENTIST = { medianHours: 2.5, sigma: 0.7, refusedShare: 0.08, dayFromHour: 6, dayToHour: 22 } as const;

export type Answer = Readonly<{ signed: boolean; hour: number }>;

/**
 * Whether a recommendation made at an hour since activation is signed, and when it then takes effect.
 *
 * @param activationHour hour of the day at which cultures are activated
 */
export const answersFrom = (activationHour: number) => (hour: number, random: Generator): Answer => {
  const signed = random.uniform() >= SCIENTIST.refusedShare;
  const askedHour = hour + SCIENTIST.medianHours * Math.exp(SCIENTIST.sigma * random.normal());
  const clockHour = (askedHour + activationHour) % 24;
  const waitHours = clockHour < SCIENTIST.dayFromHour ? SCIENTIST.dayFromHour - clockHour : clockHour >= SCIENTIST.dayToHour ? 24 - clockHour + SCIENTIST.dayFromHour : 0;
  return { signed, hour: askedHour + waitHours };
};

import type { Reading } from '../seen/sensors.ts';
import { LIMITS } from './set-points.ts';

/** Gains of the feed controller per unit of relative error; `integral` per hour, `derivative` in hours; concentrations aimed at in mmol/L. */
export type Gains = Readonly<{ proportional: number; integral: number; derivative: number; lactate: number; glucose: number }>;
/** What the controller carries from one reading to the next. */
export type PidState = Readonly<{ hour: number; error: number; integral: number }>;

/** Found by `npm run twin:tune` (trial/tune-pid.ts) on training batches of the stress world; no batch of a trial was used. Integral and derivative were tried and did not pay. */
export const GAINS: Gains = { proportional: 1, integral: 0, derivative: 0, lactate: 18, glucose: 11 };

/** How far a culture is from its aims, as a share: the larger of too much lactate and too little glucose asks (override control). A silent sensor asks for nothing; with both silent the error is as before. */
const errorOf = ({ lactateMmolPerL, glucoseMmolPerL }: Reading, gains: Gains, before: number): number => {
  const known = [(lactateMmolPerL - gains.lactate) / gains.lactate, (gains.glucose - glucoseMmolPerL) / gains.glucose].filter(Number.isFinite);
  return known.length === 0 ? before : Math.max(...known);
};

const between = (value: number, a: number, b: number): number => Math.min(Math.max(a, b), Math.max(Math.min(a, b), value));

/**
 * One step of a discrete PID on measured glucose and lactate, around the recipe's feed.
 *
 * Anti-windup: the integral moves no further than to where the output meets its limit, and stands still while the output is beyond (conditional integration).
 *
 * @param before  undefined at the first reading
 * @param highest factor the batch's medium allows
 * @returns the feed factor, within limits, and what to carry on
 * @see Åström, Hägglund 2006, Advanced PID Control, 3.5 (windup) and 13 (discrete form)
 */
export const pidStep = (gains: Gains, before: PidState | undefined, reading: Reading, highest: number = LIMITS.feedHighest): Readonly<{ factor: number; state: PidState }> => {
  const error = errorOf(reading, gains, before?.error ?? 0);
  const hours = before === undefined ? 0 : reading.hour - before.hour;
  const slope = before === undefined || hours <= 0 ? 0 : (error - before.error) / hours;
  const rest = 1 + gains.proportional * error + gains.derivative * slope;
  const clamp = (output: number): number => Math.min(highest, Math.max(LIMITS.feedLowest, output));
  const held = before?.integral ?? 0;
  const moved = held + error * hours;
  const limit = error > 0 ? highest : LIMITS.feedLowest;
  const winds = gains.integral > 0 && (error > 0 ? rest + gains.integral * moved > limit : rest + gains.integral * moved < limit);
  const integral = winds ? between((limit - rest) / gains.integral, held, moved) : moved;
  return { factor: clamp(rest + gains.integral * integral), state: { hour: reading.hour, error, integral } };
};

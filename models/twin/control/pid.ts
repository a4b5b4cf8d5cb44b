import type { Reading } from '../seen/sensors.ts';
import { LIMITS } from './set-points.ts';

/** Gains of the feed controller per unit of relative error, and the concentrations aimed at. */
export type Gains = Readonly<{ proportionalFactor: number; integralPerHour: number; derivativeHours: number; lactateMmolPerL: number; glucoseMmolPerL: number }>;
/** What the controller carries from one reading to the next. */
export type PidState = Readonly<{ hour: number; error: number; integralHours: number }>;

/** Found by `npm run twin:tune` (trial/tune-pid.ts) on training batches of the stress world; no batch of a trial was used. Integral and derivative were tried and did not pay. */
export const GAINS: Gains = { proportionalFactor: 1, integralPerHour: 0, derivativeHours: 0, lactateMmolPerL: 18, glucoseMmolPerL: 11 };

/** How far a culture is from its aims, as a share: the larger of too much lactate and too little glucose asks (override control). A silent sensor asks for nothing; with both silent the error is as before. */
const errorOf = ({ lactateMmolPerL, glucoseMmolPerL }: Reading, gains: Gains, before: number): number => {
  const known = [(lactateMmolPerL - gains.lactateMmolPerL) / gains.lactateMmolPerL, (gains.glucoseMmolPerL - glucoseMmolPerL) / gains.glucoseMmolPerL].filter(Number.isFinite);
  return known.length === 0 ? before : Math.max(...known);
};

const between = (value: number, a: number, b: number): number => Math.min(Math.max(a, b), Math.max(Math.min(a, b), value));

/**
 * One step of a discrete PID on measured glucose and lactate, around the recipe's feed.
 *
 * Anti-windup: the integral moves no further than to where the output meets its limit, and stands still while the output is beyond (conditional integration).
 *
 * @param before  undefined at the first reading
 * @param highestFactor the batch's medium allows
 * @returns the feed factor, within limits, and what to carry on
 * @see Åström, Hägglund 2006, Advanced PID Control, 3.5 (windup) and 13 (discrete form)
 */
export const pidStep = (gains: Gains, before: PidState | undefined, reading: Reading, highestFactor: number = LIMITS.feedHighestFactor): Readonly<{ factor: number; state: PidState }> => {
  const error = errorOf(reading, gains, before?.error ?? 0);
  const hours = before === undefined ? 0 : reading.hour - before.hour;
  const slopePerHour = before === undefined || hours <= 0 ? 0 : (error - before.error) / hours;
  const rest = 1 + gains.proportionalFactor * error + gains.derivativeHours * slopePerHour;
  const clamp = (output: number): number => Math.min(highestFactor, Math.max(LIMITS.feedLowestFactor, output));
  const held = before?.integralHours ?? 0;
  const moved = held + error * hours;
  const limit = error > 0 ? highestFactor : LIMITS.feedLowestFactor;
  const winds = gains.integralPerHour > 0 && (error > 0 ? rest + gains.integralPerHour * moved > limit : rest + gains.integralPerHour * moved < limit);
  const integralHours = winds ? between((limit - rest) / gains.integralPerHour, held, moved) : moved;
  return { factor: clamp(rest + gains.integralPerHour * integralHours), state: { hour: reading.hour, error, integralHours } };
};

import { UNSHAKEN } from '../culture/culture.ts';
import { oxygenOf } from '../culture/environment.ts';
import type { Fault } from '../draw/fault.ts';
import type { Reading } from './reading.ts';

/** How far a reading must be from what it should be, and for how many readings in a row, before equipment is suspected. */
const LIMITS = { temperature: 0.6, ph: 0.12, feedShare: 0.3, oxygenBelow: 12 } as const;
/** A repair that nobody has done yet. */
const NOT_YET = 1e9;

type Sign = Readonly<{ name: Fault['name']; size: number }>;

const signsIn = (reading: Reading, setTemperature: number): readonly Sign[] => {
  const signs: Sign[] = [];
  const warmth = reading.temperature - setTemperature;
  if (Math.abs(warmth) > LIMITS.temperature) signs.push({ name: 'temperature', size: warmth });
  const drift = reading.phProbe - reading.phSample;
  if (Math.abs(drift) > LIMITS.ph) signs.push({ name: 'ph-probe', size: drift });
  if (reading.feedAsked > 0 && reading.feedWeighed < reading.feedAsked * (1 - LIMITS.feedShare)) signs.push({ name: 'feed-pump', size: reading.feedWeighed / reading.feedAsked });
  const expected = oxygenOf(reading.density, { oxygenSetPoint: reading.oxygenSetPoint, oxygenHighest: reading.oxygenAsked, transferFactor: reading.shaken ? 1 : UNSHAKEN });
  if (reading.oxygen < expected - LIMITS.oxygenBelow) signs.push({ name: 'gas-supply', size: Math.max(5, reading.oxygenAsked - (expected - reading.oxygen)) });
  return signs;
};

/**
 * What the assistant believes to be broken, after one more reading.
 *
 * A new sign is a fault that began at the reading before (what happened earlier is in the readings already); a sign that is gone was repaired since then.
 *
 * @param known     faults believed so far
 * @param readings  in order of time, all so far
 * @returns the faults in the order found; `repairHour` is far away while one lasts
 */
export const followFaults = (known: readonly Fault[], readings: readonly Reading[], setTemperature: number): readonly Fault[] => {
  const [before, latest] = [readings.at(-2), readings.at(-1)];
  if (latest === undefined) return known;
  const since = before?.hour ?? 0;
  const signs = signsIn(latest, setTemperature);
  const kept = known.map((fault) => (lasts(fault) && !signs.some(({ name }) => name === fault.name) ? { ...fault, repairHour: since } : fault));
  const fresh = signs.filter(({ name }) => !kept.some((fault) => fault.name === name && lasts(fault)));
  return [...kept, ...fresh.map(({ name, size }) => ({ name, onsetHour: since, size: name === 'ph-probe' ? size / Math.max(1, latest.hour - since) : size, repairHour: NOT_YET }))];
};

export const lasts = ({ repairHour }: Fault): boolean => repairHour >= NOT_YET;

import { UNSHAKEN } from '../culture/culture.ts';
import { oxygenOf } from '../culture/environment.ts';
import type { Fault } from '../draw/fault.ts';
import type { Reading } from './reading.ts';

/** How far a reading must be from what it should be, and for how many readings in a row, before equipment is suspected. */
const LIMITS = { temperature: 0.6, ph: 0.12, feedShare: 0.3, oxygenBelow: 12 } as const;
/** A repair that nobody has done yet. */
const NOT_YET = 1e9;

type Sign = Readonly<{ name: Fault['name']; size: number }>;

const signsIn = (reading: Reading, setTemperature: number, ratePerHour: (size: number) => number): readonly Sign[] => {
  const signs: Sign[] = [];
  const warmth = reading.temperature - setTemperature;
  if (Math.abs(warmth) > LIMITS.temperature) signs.push({ name: 'temperature', size: warmth });
  const drift = reading.phProbe - reading.phSample;
  if (Math.abs(drift) > LIMITS.ph) signs.push({ name: 'ph-probe', size: ratePerHour(drift) });
  if (reading.feedAsked > 0 && reading.feedWeighed < reading.feedAsked * (1 - LIMITS.feedShare)) signs.push({ name: 'feed-pump', size: reading.feedWeighed / reading.feedAsked });
  const expected = oxygenOf(reading.density, { oxygenSetPoint: reading.oxygenSetPoint, oxygenHighest: reading.oxygenAsked, transferFactor: reading.shaken ? 1 : UNSHAKEN });
  if (reading.oxygen < expected - LIMITS.oxygenBelow) signs.push({ name: 'gas-supply', size: Math.max(5, reading.oxygenAsked - (expected - reading.oxygen)) });
  return signs;
};

/**
 * Faults that show in the last readings, as the assistant would describe them to its own model: begun between the reading before the first that shows it and that one, of the size it shows now.
 *
 * @param readings in order of time, all so far
 */
export const detectFaults = (readings: readonly Reading[], setTemperature: number): readonly Fault[] => {
  const latest = readings.at(-1);
  if (latest === undefined) return [];
  return signsIn(latest, setTemperature, (drift) => drift).map(({ name, size }) => {
    let first = readings.length - 1;
    while (first > 0 && signsIn(readings[first - 1] ?? latest, setTemperature, (drift) => drift).some((sign) => sign.name === name)) first -= 1;
    const onsetHour = ((readings[first - 1]?.hour ?? 0) + (readings[first]?.hour ?? latest.hour)) / 2;
    return { name, onsetHour, size: name === 'ph-probe' ? size / Math.max(1, latest.hour - onsetHour) : size, repairHour: NOT_YET };
  });
};

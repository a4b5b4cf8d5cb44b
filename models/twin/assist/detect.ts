import { KINETICS } from '../culture/kinetics.ts';
import { faultOf, type Fault } from '../draw/fault.ts';
import type { Reading } from '../seen/sensors.ts';

/** How far a reading must be from what it should be before equipment is suspected: °C, pH, share of the flow missing, share of the pressure in the oxygen line (bar) missing. */
const LIMITS = { temperatureCelsius: 0.6, ph: 0.15, feedShare: 0.3, supplyShare: 0.15 } as const;
/**
 * How far two sound pH sensors drift apart, standard deviations: at the start, and a day; and how many of them are a fault. Of the probe 0.015 and 0.003, of the patch 0.03 and 0.006 (parameters/catalogue/instruments.ts), both
 * together, rounded up. Of sound pairs about three in a thousand are farther apart at an hour.
 */
const PH_APART = { start: 0.034, perDay: 0.007, times: 3 } as const;
const phLimitAt = (hour: number): number => Math.max(LIMITS.ph, PH_APART.times * Math.hypot(PH_APART.start, (PH_APART.perDay * hour) / 24));
const FULL_SUPPLY_BAR = KINETICS.supplyPressureBar.value;
/** A repair that nobody has done yet. */
const NOT_YET_HOUR = 1e9;

/** What one reading says of one kind of fault: its size, that there is none (0), or nothing (NaN), because a sensor was silent. */
type Signs = readonly (readonly [Fault['name'], number])[];

const beyond = (value: number, limit: number): number => (Number.isNaN(value) || Math.abs(value) > limit ? value : 0);
const signsIn = ({ hour, temperatureCelsius, phProbe, phPatch, feedAskedMlPerHour, feedFlowMlPerHour, oxygenSupplyBar }: Reading, setTemperatureCelsius: number): Signs => {
  const missing = feedAskedMlPerHour === 0 ? 0 : beyond(1 - feedFlowMlPerHour / feedAskedMlPerHour, LIMITS.feedShare);
  const unsupplied = beyond(1 - oxygenSupplyBar / FULL_SUPPLY_BAR, LIMITS.supplyShare);
  return [['temperature', beyond(temperatureCelsius - setTemperatureCelsius, LIMITS.temperatureCelsius)], ['ph-probe', beyond(phProbe - phPatch, phLimitAt(hour))], ['feed-pump', missing <= 0 ? 0 : missing], ['gas-supply', unsupplied <= 0 ? 0 : unsupplied]];
};
/** In the unit of the fault: what is left of the flow, of the pressure; drift an hour since the reading before. */
const sizeOf = (name: Fault['name'], sign: number, hours: number): number => {
  switch (name) {
    case 'feed-pump': return Math.max(0, 1 - sign);
    case 'gas-supply': return Math.max(0, FULL_SUPPLY_BAR * (1 - sign));
    case 'ph-probe': return sign / Math.max(1, hours);
    case 'temperature': case 'contamination': case 'transduction': return sign;
    default: return name satisfies never;
  }
};

/**
 * What the assistant believes to be broken, after one more reading.
 *
 * A new sign is a fault that began at the reading before (what happened earlier is in the readings already); a sign that is gone was repaired since then. A silent sensor changes nothing.
 *
 * @param known     faults believed so far
 * @param readings  in order of time, all so far
 * @returns the faults in the order found; `repairHour` is far away while one lasts
 */
export const followFaults = (known: readonly Fault[], readings: readonly Reading[], setTemperatureCelsius: number): readonly Fault[] => {
  const [before, latest] = [readings.at(-2), readings.at(-1)];
  if (latest === undefined) return known;
  const sinceHour = before?.hour ?? 0;
  const signs = new Map(signsIn(latest, setTemperatureCelsius));
  const kept = known.map((fault) => (lasts(fault) && signs.get(fault.name) === 0 ? { ...fault, repairHour: sinceHour } : fault));
  const fresh = [...signs].filter(([name, sign]) => sign !== 0 && !Number.isNaN(sign) && !kept.some((fault) => fault.name === name && lasts(fault)));
  return [...kept, ...fresh.map(([name, sign]) => faultOf(name, sizeOf(name, sign, latest.hour - sinceHour), sinceHour, NOT_YET_HOUR))];
};

export const lasts = ({ repairHour }: Fault): boolean => repairHour >= NOT_YET_HOUR;

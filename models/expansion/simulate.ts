import { createGenerator, type Generator } from '../random/generator.ts';
import { drawDonor, type Donor } from './donor.ts';
import { METRICS, type MetricName } from './metrics.ts';

const MINUTES_AN_HOUR = 60;
const SECONDS_A_MINUTE = 60;
/** Odd multipliers that spread seconds and metrics over the seeds of their noise. */
const SECOND_MIX = 0x9e3779b1;
const METRIC_MIX = 0x85ebca6b;
const METRIC_NAMES = Object.keys(METRICS);
/** mmol/L. Half-saturation of growth in glucose; assumed. */
const GLUCOSE_HALF = 1;
/** mmol/L at which growth stops; assumed, of the order reported for T cells. */
const LACTATE_STOP = 40;
const CARRYING_DENSITY = 18;
const FEED_GLUCOSE = 25;

type State = { viable: number; dead: number; glucose: number; lactate: number; volumeMl: number; oxygen: number };

export type Outcome = Readonly<{
  viabilityPercent: number; carPositivePercent: number; cd3PositivePercent: number; vectorCopyNumber: number;
  /** 10^6 cells. */
  totalViableCells: number;
  failed: boolean;
}>;
export type SimulatedBatch = Readonly<{
  minutes: number; donor: Donor; outcome: Outcome;
  /** Readings once a minute. */
  metric(name: MetricName): Float64Array;
  /** What the sensor shows at a second of the culture, between its minutes too; NaN outside them. */
  reading(name: MetricName, second: number): number;
}>;

/** One minute forward, by Euler; Monod growth in glucose, slowed by lactate and crowding, more death without oxygen. Densities 10^6 cells/mL, concentrations mmol/L. */
const step = (state: State, donor: Donor, hour: number, perfusionMlPerHour: number): void => {
  const hours = 1 / MINUTES_AN_HOUR;
  const { viable, glucose, lactate, volumeMl } = state;
  const awake = hour < donor.lagHours ? 0 : 1;
  const growth = awake * donor.growthRatePerHour * (glucose / (GLUCOSE_HALF + glucose)) * Math.max(0, 1 - lactate / LACTATE_STOP) * Math.max(0, 1 - viable / CARRYING_DENSITY);
  const death = donor.deathRatePerHour * (1 + 3 * Math.max(0, 40 - state.oxygen) / 40 + lactate / LACTATE_STOP);
  const uptake = donor.glucoseUptake * viable * (glucose / (GLUCOSE_HALF + glucose));
  const exchange = perfusionMlPerHour / volumeMl;
  state.viable += viable * (growth - death) * hours;
  state.dead += (viable * death - state.dead * (0.004 + exchange * 0.5)) * hours;
  state.glucose = Math.max(0, glucose + (-uptake + exchange * (FEED_GLUCOSE - glucose)) * hours);
  state.lactate = Math.max(0, lactate + (1.7 * uptake - exchange * lactate) * hours);
  const demand = hour >= donor.oxygenFaultHour ? 1.4 * viable : 0;
  state.oxygen += (Math.max(8, 80 - 1.2 * viable - 6 * demand) - state.oxygen) * 0.05;
};

const perfusionAt = (hour: number): number => {
  if (hour < 72) return 0;
  return hour < 120 ? 3 : 9;
};

/** What a sensor shows: the true value with its noise, at its resolution. */
const read = (name: MetricName, value: number, random: Generator): number => {
  const { noise, resolution } = METRICS[name];
  const steps = Math.round((value + noise * random.normal()) / resolution);
  return Math.round(steps * resolution * 1e6) / 1e6;
};

const truth = (state: State, hour: number): Readonly<Record<MetricName, number>> => {
  const perfusion = perfusionAt(hour);
  return {
    'Bioreactor/Temperature': 37, 'Bioreactor/pH': 7.35 - 0.012 * state.lactate, 'Bioreactor/Dissolved Oxygen': state.oxygen, 'Bioreactor/Agitation': hour < 48 ? 0 : 100,
    'Bioreactor/Glucose': state.glucose, 'Bioreactor/Lactate': state.lactate, 'Bioreactor/Viable Cell Density': state.viable, 'Bioreactor/Volume': state.volumeMl, 'Bioreactor/Perfusion Rate': perfusion,
    'Bioreactor/CO2 Flow': 5 + 0.05 * state.lactate, 'Bioreactor/O2 Flow': 2 + 0.4 * state.viable, 'Bioreactor/Air Flow': 95, 'Bioreactor/Pressure': 101.3, 'Bioreactor/Conductivity': 14.2 + 0.02 * state.lactate,
    'Incubator/Temperature': 37, 'Incubator/CO2': 5, 'Pump/1/Speed': perfusion * 1.5, 'Pump/2/Speed': perfusion * 1.5, 'Pump/3/Speed': 0, 'Bag/Feed Weight': Math.max(0, 2000 - perfusion * Math.max(0, hour - 72)),
    'Bag/Waste Weight': Math.min(2000, perfusion * Math.max(0, hour - 72)), 'Cabinet/Temperature': 22.5, 'Cabinet/Humidity': 41, 'Cabinet/Particles': 3,
  };
};

const outcomeOf = ({ viable, dead, volumeMl }: State, donor: Donor): Outcome => {
  const viabilityPercent = (100 * viable) / (viable + dead);
  const totalViableCells = viable * volumeMl;
  const { carPositivePercent, cd3PositivePercent, vectorCopyNumber } = donor;
  const failed = viabilityPercent < 70 || carPositivePercent < 20 || cd3PositivePercent < 70 || vectorCopyNumber > 10 || totalViableCells < 500;
  return { viabilityPercent, carPositivePercent, cd3PositivePercent, vectorCopyNumber, totalViableCells, failed };
};

/**
 * Simulate one culture, minute by minute from the addition of the vector.
 *
 * A small example model so that the network has something to show; it is not a description of any real culture. A calibrated digital twin replaces it.
 *
 * @param seed  integer in [0, 2^32); the same seed is the same patient, run and sensors
 * @param hours length of the culture, 72 to 288
 * @throws RangeError for other hours
 */
export const simulateBatch = (seed: number, hours = 192): SimulatedBatch => {
  if (!(hours >= 72 && hours <= 288)) throw new RangeError(`hours: got ${hours}, want 72 to 288`);
  const random = createGenerator(seed);
  const donor = drawDonor(random);
  const minutes = Math.floor(hours * MINUTES_AN_HOUR);
  const series = Object.fromEntries(Object.keys(METRICS).map((name) => [name, new Float64Array(minutes)])) as Record<MetricName, Float64Array>;
  const truths = Object.fromEntries(Object.keys(METRICS).map((name) => [name, new Float64Array(minutes)])) as Record<MetricName, Float64Array>;
  const state: State = { viable: 1.2 * (donor.startingViabilityPercent / 100), dead: 1.2 * (1 - donor.startingViabilityPercent / 100), glucose: 24, lactate: 0.5, volumeMl: 100, oxygen: 80 };
  for (let minute = 0; minute < minutes; minute += 1) {
    const hour = minute / MINUTES_AN_HOUR;
    for (const [name, value] of Object.entries(truth(state, hour)) as [MetricName, number][]) {
      truths[name][minute] = value;
      series[name][minute] = read(name, value, random);
    }
    step(state, donor, hour, perfusionAt(hour));
  }
  const reading = (name: MetricName, second: number): number => {
    const minute = Math.floor(second / SECONDS_A_MINUTE);
    const [from = Number.NaN, to = from] = truths[name].subarray(Math.max(0, minute), Math.max(0, minute) + 2);
    const noise = createGenerator((seed ^ Math.imul(second + 1, SECOND_MIX) ^ Math.imul(METRIC_NAMES.indexOf(name) + 1, METRIC_MIX)) >>> 0);
    return read(name, from + (to - from) * (second / SECONDS_A_MINUTE - minute), noise);
  };
  return { minutes, donor, metric: (name) => series[name], reading, outcome: outcomeOf(state, donor) };
};

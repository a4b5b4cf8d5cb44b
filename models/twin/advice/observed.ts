import type { Series } from '../../../shared/telemetry/series.ts';
import type { Known } from '../seen/known.ts';
import type { Reading, SampleSeen, SensorName } from '../seen/reading.ts';
import { FIRST_HOURS, nextRound, ROUND_EVERY_HOURS } from '../seen/rounds.ts';

const HOUR_MS = 3_600_000;
/** Telemetry of this long before an hour is its reading: the mean of it. */
const READ_OVER_HOURS = 1;

/** Metrics of a bioreactor that say how a culture is doing, by what a reading calls them (seen/reading.ts; named here without the catalogue, which a deployed function does not carry). */
const METRIC_OF = {
  density: 'Bioreactor/Viable Cell Density', glucose: 'Bioreactor/Glucose', lactate: 'Bioreactor/Lactate', glutamine: 'Bioreactor/Glutamine', ammonia: 'Bioreactor/Ammonia',
  oxygen: 'Bioreactor/Dissolved Oxygen', temperature: 'Bioreactor/Temperature', phProbe: 'Bioreactor/pH',
} as const satisfies Partial<Record<SensorName, string>>;
export const READING_METRICS: readonly string[] = Object.values(METRIC_OF);

/** Results of samples by the hour of culture they were taken at, as the batch record has them, %; those of no name here are not used. */
export type SampleResult = Readonly<{ hour: number; name: 'viability' | 'carPositive' | 'cd3Positive' | 'memory'; percent: number }>;

const UNKNOWN: Reading = {
  hour: 0, density: Number.NaN, capacitance: Number.NaN, turbidity: Number.NaN, glucose: Number.NaN, lactate: Number.NaN, glutamine: Number.NaN, ammonia: Number.NaN, oxygen: Number.NaN, temperature: Number.NaN, phProbe: Number.NaN,
  phPatch: Number.NaN, oxygenSupply: Number.NaN, feedAsked: Number.NaN, feedFlow: Number.NaN, gasAsked: Number.NaN, sample: undefined,
};

const meanBefore = ({ times, values }: Series, startEpochMs: number, hour: number): number => {
  const [from, to] = [startEpochMs + (hour - READ_OVER_HOURS) * HOUR_MS, startEpochMs + hour * HOUR_MS];
  const within = values.filter((value, i) => (times[i] ?? 0) > from && (times[i] ?? 0) <= to && Number.isFinite(value));
  return within.length === 0 ? Number.NaN : within.reduce((sum, value) => sum + value, 0) / within.length;
};

/** Rounds up to now; those of the first three days are there in any case, for the library has them. */
const hoursUpTo = (nowHour: number): readonly number[] => {
  const hours: number[] = [...FIRST_HOURS];
  for (let hour = nextRound(FIRST_HOURS[4]); hour <= nowHour; hour = nextRound(hour)) hours.push(hour);
  return hours;
};

/** Samples nearest to a round, as one taken at it; undefined where there is none. */
const sampleAt = (hour: number, hours: readonly number[], samples: readonly SampleResult[]): SampleSeen | undefined => {
  const distance = (round: number, sample: SampleResult): number => Math.abs(sample.hour - round);
  const taken = samples.filter((sample) => distance(hour, sample) <= ROUND_EVERY_HOURS / 2 && hours.every((other) => distance(hour, sample) <= distance(other, sample)));
  if (taken.length === 0) return undefined;
  return { hour, viability: Number.NaN, carPositive: Number.NaN, cd3Positive: Number.NaN, memory: Number.NaN, ...Object.fromEntries(taken.map(({ name, percent }) => [name, percent / 100])) };
};

/**
 * What a running batch shows of its culture, in the form the assistant reads. What nobody measured is NaN. A sample belongs to the round nearest to it.
 *
 * @param startEpochMs when the culture began
 * @param nowHour      hours of culture until now
 * @param seriesOf     telemetry by metric name
 */
export const observedReadings = (startEpochMs: number, nowHour: number, seriesOf: (metric: string) => Series | undefined, samples: readonly SampleResult[]): readonly Reading[] => {
  const hours = hoursUpTo(nowHour);
  return hours.map((hour) => {
    const read = Object.entries(METRIC_OF).map(([name, metric]): readonly [string, number] => {
      const series = seriesOf(metric);
      return [name, series === undefined ? Number.NaN : meanBefore(series, startEpochMs, hour)];
    });
    return { ...UNKNOWN, hour, ...Object.fromEntries(read), sample: sampleAt(hour, hours, samples) };
  });
};

/** The starting material as the batch record has it; NaN where it says nothing. */
export const knownFromRecord = (valueOf: (valueId: string) => number | undefined): Known => ({
  attributes: {}, priorBendamustine: undefined, weightKg: Number.NaN, memoryAtStart: Number.NaN, vectorTitre: Number.NaN, interleukin2: Number.NaN, glucose: Number.NaN, support: Number.NaN, seeding: Number.NaN,
  startingViability: (valueOf('starting-viability') ?? Number.NaN) / 100, cd3AtStart: (valueOf('selected-purity') ?? Number.NaN) / 100,
});

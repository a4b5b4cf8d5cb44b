import type { Series } from '../../../shared/telemetry/series.ts';
import type { Known } from '../assist/known.ts';
import type { Reading } from '../assist/reading.ts';
import { CHECKPOINT_HOURS, FIRST_HOURS } from '../assist/hours.ts';

const HOUR_MS = 3_600_000;
/** Telemetry of this long before an hour is its reading: the mean of it. */
const READ_OVER_HOURS = 1;

/** Metrics of a bioreactor that say how a culture is doing, by what a reading calls them. */
const METRIC_OF = {
  density: 'Bioreactor/Viable Cell Density', glucose: 'Bioreactor/Glucose', lactate: 'Bioreactor/Lactate', glutamine: 'Bioreactor/Glutamine', ammonia: 'Bioreactor/Ammonia',
  oxygen: 'Bioreactor/Dissolved Oxygen', temperature: 'Bioreactor/Temperature', phProbe: 'Bioreactor/pH', volumeMl: 'Bioreactor/Volume',
} as const satisfies Partial<Record<keyof Reading, string>>;
export const READING_METRICS: readonly string[] = Object.values(METRIC_OF);

/** Results of samples by the hour of culture they were taken at, as the batch record has them, %; those of no name here are not used. */
export type SampleResult = Readonly<{ hour: number; name: 'viability' | 'carPositive' | 'cd3Positive' | 'memory'; percent: number }>;

const UNKNOWN: Reading = {
  hour: 0, density: Number.NaN, viability: Number.NaN, glucose: Number.NaN, lactate: Number.NaN, glutamine: Number.NaN, ammonia: Number.NaN, oxygen: Number.NaN, oxygenSetPoint: Number.NaN, oxygenAsked: Number.NaN, shaken: true,
  temperature: Number.NaN, phProbe: Number.NaN, phSample: Number.NaN, feedAsked: 0, feedWeighed: 0, volumeMl: Number.NaN, carPositive: Number.NaN, cd3Positive: Number.NaN, memory: Number.NaN,
};

const meanBefore = ({ times, values }: Series, startEpochMs: number, hour: number): number => {
  const [from, to] = [startEpochMs + (hour - READ_OVER_HOURS) * HOUR_MS, startEpochMs + hour * HOUR_MS];
  const within = values.filter((value, i) => (times[i] ?? 0) > from && (times[i] ?? 0) <= to && Number.isFinite(value));
  return within.length === 0 ? Number.NaN : within.reduce((sum, value) => sum + value, 0) / within.length;
};

/** Hours at which a culture is read up to now: those of the first three days, then each checkpoint. */
const hoursUpTo = (nowHour: number): readonly number[] => {
  const later = Math.max(0, Math.floor((nowHour - 72) / CHECKPOINT_HOURS));
  return [...FIRST_HOURS, ...Array.from({ length: later }, (_, i) => 72 + (i + 1) * CHECKPOINT_HOURS)];
};

/**
 * What a running batch shows of its culture, in the form the assistant reads. What nobody measured is NaN. A sample belongs to the checkpoint nearest to it.
 *
 * @param startEpochMs when the culture began
 * @param nowHour      hours of culture until now
 * @param seriesOf     telemetry by metric name
 */
export const observedReadings = (startEpochMs: number, nowHour: number, seriesOf: (metric: string) => Series | undefined, samples: readonly SampleResult[]): readonly Reading[] => hoursUpTo(nowHour).map((hour) => {
  const read = Object.entries(METRIC_OF).map(([name, metric]): readonly [string, number] => {
    const series = seriesOf(metric);
    return [name, series === undefined ? Number.NaN : meanBefore(series, startEpochMs, hour)];
  });
  const taken = samples.filter((sample) => Math.abs(sample.hour - hour) <= CHECKPOINT_HOURS / 2).map(({ name, percent }): readonly [string, number] => [name, percent / 100]);
  return { ...UNKNOWN, hour, ...Object.fromEntries([...read, ...taken]) };
});

/** The starting material as the batch record has it; NaN where it says nothing. */
export const knownFromRecord = (valueOf: (valueId: string) => number | undefined): Known => ({
  priorBendamustine: undefined, ageYears: Number.NaN, weightKg: Number.NaN, memoryAtStart: Number.NaN, vectorTitre: Number.NaN, interleukin2: Number.NaN, glucose: Number.NaN, additionDelayHours: Number.NaN,
  hoursSinceCollection: valueOf('hours-since-collection') ?? Number.NaN, cd4Cd8Ratio: valueOf('cd4-cd8-ratio') ?? Number.NaN, startingViability: (valueOf('starting-viability') ?? Number.NaN) / 100,
  cd3AtStart: (valueOf('selected-purity') ?? Number.NaN) / 100, seeding: Number.NaN,
});

import type { Series } from '../../../shared/telemetry/series.ts';
import type { Known } from '../seen/known.ts';
import { FIRST_HOURS, nextRound, ROUND_EVERY_HOURS } from '../seen/rounds.ts';
import { medianOf, READ_OVER_MINUTES, SENSORS, type Reading, type SampleSeen, type SensorName } from '../seen/sensors.ts';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** Sensors that hospitals have; the others of the catalogue stay unmeasured. */
const READ = ['densityMillionPerMl', 'glucoseMmolPerL', 'lactateMmolPerL', 'glutamineMmolPerL', 'ammoniaMmolPerL', 'oxygenPercentAir', 'temperatureCelsius', 'phProbe'] as const satisfies readonly SensorName[];
export const READING_METRICS: readonly string[] = READ.map((name) => SENSORS[name]);

/** Results of samples by the hour of culture they were taken at, as the batch record has them, %; those of no name here are not used. */
export type SampleResult = Readonly<{ hour: number; name: 'viability' | 'carPositive' | 'cd3Positive' | 'memoryShare'; percent: number }>;

/** What nobody measured. */
const UNKNOWN = Object.fromEntries(Object.keys(SENSORS).map((name) => [name, Number.NaN])) as Readonly<Record<SensorName, number>>;
const UNKNOWN_SAMPLE: Omit<SampleSeen, 'hour'> = { viability: Number.NaN, carPositive: Number.NaN, cd3Positive: Number.NaN, memoryShare: Number.NaN };

const medianBefore = ({ times, values }: Series, startEpochMs: number, hour: number): number => {
  const until = startEpochMs + hour * HOUR_MS;
  return medianOf(Float64Array.from(values.filter((value, i) => (times[i] ?? 0) > until - READ_OVER_MINUTES * MINUTE_MS && (times[i] ?? 0) <= until && Number.isFinite(value))));
};

/** Rounds up to now; those of the first three days are there in any case, for the library has them. */
const hoursUpTo = (nowHour: number): readonly number[] => {
  const hours: number[] = [...FIRST_HOURS];
  for (let hour = nextRound(FIRST_HOURS[4]); hour <= nowHour; hour = nextRound(hour)) hours.push(hour);
  return hours;
};

/** The round nearest to a sample, the earlier of two: a sample that stood in both would weigh twice. */
const roundOf = (hours: readonly number[], { hour }: SampleResult): number => hours.reduce((best, each) => (Math.abs(each - hour) < Math.abs(best - hour) ? each : best));
/** Results that belong to a round, as of one sample taken at it; undefined where there are none. */
const sampleAt = (hour: number, hours: readonly number[], samples: readonly SampleResult[]): SampleSeen | undefined => {
  const taken = samples.filter((sample) => Math.abs(sample.hour - hour) <= ROUND_EVERY_HOURS / 2 && roundOf(hours, sample) === hour);
  return taken.length === 0 ? undefined : { ...UNKNOWN_SAMPLE, hour, ...Object.fromEntries(taken.map(({ name, percent }) => [name, percent / 100])) };
};

/**
 * What a running batch shows of its culture, in the form the assistant of the trials reads it (seen/sensors.ts). What nobody measured is NaN. A sample belongs to the round nearest to it.
 *
 * @param startEpochMs when the culture began
 * @param nowHour      hours of culture until now
 * @param seriesOf     telemetry by metric name
 */
export const observedReadings = (startEpochMs: number, nowHour: number, seriesOf: (metric: string) => Series | undefined, samples: readonly SampleResult[]): readonly Reading[] => {
  const hours = hoursUpTo(nowHour);
  return hours.map((hour) => {
    const read = READ.map((name): readonly [SensorName, number] => {
      const series = seriesOf(SENSORS[name]);
      return [name, series === undefined ? Number.NaN : medianBefore(series, startEpochMs, hour)];
    });
    return { ...UNKNOWN, hour, ...Object.fromEntries(read), sample: sampleAt(hour, hours, samples) };
  });
};

/** The starting material as the batch record has it; NaN where it says nothing. */
export const knownFromRecord = (valueOf: (valueId: string) => number | undefined): Known => ({
  attributes: {}, priorBendamustine: undefined, weightKg: Number.NaN, startingMemoryShare: Number.NaN, vectorTitreFactor: Number.NaN, interleukin2Factor: Number.NaN, glucoseFactor: Number.NaN, supportFactor: Number.NaN, seedingFactor: Number.NaN,
  startingViability: (valueOf('starting-viability') ?? Number.NaN) / 100, startingCd3Share: (valueOf('selected-purity') ?? Number.NaN) / 100,
});

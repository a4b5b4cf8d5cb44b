import type { Series } from './series.ts';

const SAMPLES_A_BUCKET = 4;
/** A step this many times the median is a hole in the series. */
const HOLE = 5;

/** Indices of a bucket that a line through it must touch: first, lowest, highest, last. */
const bucketIndices = ({ values }: Series, start: number, end: number): readonly number[] => {
  let lowest = start;
  let highest = start;
  for (let i = start; i < end; i += 1) {
    const value = values[i] ?? Number.NaN;
    if (!(value >= (values[lowest] ?? 0))) lowest = Number.isNaN(value) ? lowest : i;
    if (!(value <= (values[highest] ?? 0))) highest = Number.isNaN(value) ? highest : i;
  }
  return [start, lowest, highest, end - 1];
};

type Break = Readonly<{ indices: readonly number[]; lengthMs: number }>;

const medianStep = ({ times }: Series): number => {
  const steps = Float64Array.from({ length: times.length - 1 }, (_, i) => (times[i + 1] ?? 0) - (times[i] ?? 0)).sort();
  return steps[steps.length >> 1] ?? 0;
};

const breakBetween = ({ times }: Series, first: number, last: number): Break => ({ indices: [first, last], lengthMs: (times[last] ?? 0) - (times[first] ?? 0) });

/** Both sides of every hole in time. */
const holesOf = (series: Series): readonly Break[] => {
  const longest = HOLE * medianStep(series);
  const steps = series.times.slice(1).map((_, i) => breakBetween(series, i, i + 1));
  return steps.filter(({ lengthMs }) => lengthMs > longest);
};

/** Both ends of every run of samples that are no numbers. */
const runsOf = (series: Series): readonly Break[] => {
  const ends: number[] = [];
  const isBlank = (i: number): boolean => i >= 0 && i < series.values.length && Number.isNaN(series.values[i]);
  series.values.forEach((_, i) => {
    if (!isBlank(i)) return;
    if (!isBlank(i - 1)) ends.push(i);
    if (!isBlank(i + 1)) ends.push(i);
  });
  return ends.flatMap((first, i) => (i % 2 === 0 ? breakBetween(series, first, ends[i + 1] ?? first) : []));
};

/**
 * Thin a series to at most `points` samples so that what a person must see survives: first and last, the extremes of every bucket, holes and missing values (the longest
 * first, when there are very many). Buckets hold equal counts of samples.
 *
 * @param points from 8; a series that has no more is returned as it is
 * @see Jugel et al. 2014, M4: A Visualization-Oriented Time Series Data Aggregation, PVLDB 7(10)
 */
export const downSample = (series: Series, points: number): Series => {
  if (!Number.isInteger(points) || points < 2 * SAMPLES_A_BUCKET) throw new RangeError(`got ${points} points, want an integer of at least ${2 * SAMPLES_A_BUCKET}`);
  const count = series.times.length;
  if (count <= points) return series;
  const breaks = [...holesOf(series), ...runsOf(series)].sort((a, b) => b.lengthMs - a.lengthMs || (a.indices[0] ?? 0) - (b.indices[0] ?? 0)).slice(0, Math.floor(points / 4));
  const buckets = Math.floor((points - 2 * breaks.length) / SAMPLES_A_BUCKET);
  const inBuckets = Array.from({ length: buckets }, (_, bucket) => bucketIndices(series, Math.floor((bucket * count) / buckets), Math.floor(((bucket + 1) * count) / buckets)));
  const kept = [...new Set([...inBuckets.flat(), ...breaks.flatMap(({ indices }) => indices)])].sort((a, b) => a - b);
  const { isMissing } = series;
  return {
    times: kept.map((i) => series.times[i] ?? 0), values: kept.map((i) => series.values[i] ?? Number.NaN),
    isMissing: isMissing === undefined ? undefined : kept.map((i) => isMissing[i] ?? false),
  };
};

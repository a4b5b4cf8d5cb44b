import type { Series } from './series.ts';

const SAMPLES_A_BUCKET = 4;

/** Indices of a bucket that a line through it must touch: first, lowest, highest, last, and one that is not a number, if there is any. */
const keptIndices = ({ values }: Series, start: number, end: number): readonly number[] => {
  let lowest = -1;
  let highest = -1;
  let notNumber = -1;
  for (let i = start; i < end; i += 1) {
    const value = values[i] ?? Number.NaN;
    if (Number.isNaN(value)) notNumber = notNumber < 0 ? i : notNumber;
    else {
      if (lowest < 0 || value < (values[lowest] ?? 0)) lowest = i;
      if (highest < 0 || value > (values[highest] ?? 0)) highest = i;
    }
  }
  return [...new Set([start, lowest, highest, notNumber, end - 1].filter((i) => i >= 0))].sort((a, b) => a - b);
};

/**
 * Thin a series to about `points` samples so that what a person must see survives: first and last, every bucket's extremes, and missing values. Buckets hold equal
 * counts of samples.
 *
 * @param points from 4; a series that has no more is returned as it is
 * @see Jugel et al. 2014, M4: A Visualization-Oriented Time Series Data Aggregation, PVLDB 7(10)
 */
export const downSample = (series: Series, points: number): Series => {
  if (!Number.isInteger(points) || points < SAMPLES_A_BUCKET) throw new RangeError(`got ${points} points, want an integer of at least ${SAMPLES_A_BUCKET}`);
  const count = series.times.length;
  if (count <= points) return series;
  const buckets = Math.max(1, Math.floor(points / SAMPLES_A_BUCKET));
  const kept = Array.from({ length: buckets }, (_, bucket) => keptIndices(series, Math.floor((bucket * count) / buckets), Math.floor(((bucket + 1) * count) / buckets))).flat();
  return { times: kept.map((i) => series.times[i] ?? 0), values: kept.map((i) => series.values[i] ?? Number.NaN) };
};

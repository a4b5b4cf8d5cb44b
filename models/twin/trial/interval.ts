import type { Estimate } from '../../../shared/statistics/exact-interval.ts';
import type { Generator } from '../../random/generator.ts';

const TAIL = 0.025;
const RESAMPLES = 1000;
/** Standard errors to each side of a 95 % interval, of an error known from so many trials as are played again (REPLAYS): Student's t of 49 degrees of freedom at 0.975, which is 2.00958. */
const ERRORS = 2.0095752;

/**
 * Interval of any statistic by resampling batches with replacement, percentile method; arms that share batches are resampled together, so differences are paired.
 *
 * @param count     of batches
 * @param statistic of the batches named by index; NaN results are left out
 * @see Efron 1979, Annals of Statistics 7(1)
 */
export const bootstrap = (count: number, statistic: (indices: Int32Array) => number, random: Generator): Estimate => {
  const indices = Int32Array.from({ length: count }, (_, i) => i);
  const value = statistic(indices);
  const drawn: number[] = [];
  for (let i = 0; i < RESAMPLES; i += 1) {
    for (let j = 0; j < count; j += 1) indices[j] = random.below(count);
    const again = statistic(indices);
    if (!Number.isNaN(again)) drawn.push(again);
  }
  drawn.sort((a, b) => a - b);
  const at = (share: number): number => drawn[Math.min(drawn.length - 1, Math.floor(share * drawn.length))] ?? Number.NaN;
  return { value, low: at(TAIL), high: at(1 - TAIL) };
};

/**
 * Interval of a figure of one trial from what other trials like it came to: their standard deviation is its standard error.
 *
 * @param others figures of REPLAYS trials; NaN results are left out
 * @returns without bounds (NaN) where fewer than two are left
 */
export const amongTrials = (value: number, others: readonly number[]): Estimate => {
  const known = others.filter((each) => !Number.isNaN(each));
  const mean = known.reduce((sum, each) => sum + each, 0) / known.length;
  const error = Math.sqrt(known.reduce((sum, each) => sum + (each - mean) ** 2, 0) / Math.max(0, known.length - 1));
  return { value, low: value - ERRORS * error, high: value + ERRORS * error };
};

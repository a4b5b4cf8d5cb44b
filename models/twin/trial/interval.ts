import type { Estimate } from '../../../shared/statistics/exact-interval.ts';
import type { Generator } from '../../random/generator.ts';

const TAIL = 0.025;
const RESAMPLES = 1000;

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

import type { Generator } from '../../random/generator.ts';

/** A figure with its 95 % interval. */
export type Estimate = Readonly<{ value: number; low: number; high: number }>;

const TAIL = 0.025;
const BISECTIONS = 60;

/** P(X ≤ k) for X binomial, summed in logarithms. */
const binomialCdf = (k: number, n: number, p: number): number => {
  if (p <= 0) return 1;
  if (p >= 1) return k >= n ? 1 : 0;
  let logTerm = n * Math.log1p(-p);
  let sum = Math.exp(logTerm);
  for (let i = 1; i <= k; i += 1) {
    logTerm += Math.log((n - i + 1) / i) + Math.log(p) - Math.log1p(-p);
    sum += Math.exp(logTerm);
  }
  return Math.min(1, sum);
};

const root = (below: (p: number) => boolean): number => {
  let [low, high] = [0, 1];
  for (let i = 0; i < BISECTIONS; i += 1) {
    const middle = (low + high) / 2;
    if (below(middle)) low = middle; else high = middle;
  }
  return (low + high) / 2;
};

/**
 * Exact interval of a proportion.
 *
 * @throws RangeError unless 0 ≤ successes ≤ trials; no trials give NaN from 0 to 1
 * @see Clopper, Pearson 1934, Biometrika 26(4)
 */
export const proportion = (successes: number, trials: number): Estimate => {
  if (!(Number.isInteger(successes) && Number.isInteger(trials) && successes >= 0 && successes <= trials)) throw new RangeError(`successes: got ${successes} of ${trials}, want whole numbers, 0 to trials`);
  if (trials === 0) return { value: Number.NaN, low: 0, high: 1 };
  return {
    value: successes / trials,
    low: successes === 0 ? 0 : root((p) => 1 - binomialCdf(successes - 1, trials, p) < TAIL),
    high: successes === trials ? 1 : root((p) => binomialCdf(successes, trials, p) > TAIL),
  };
};

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

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

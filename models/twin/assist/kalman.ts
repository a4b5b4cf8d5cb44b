import type { Generator } from '../../random/generator.ts';

/** One guess: its unknowns, what it says of everything that was read, and its weight. */
export type Voice = Readonly<{ unknowns: Float64Array; said: Float64Array; weight: number }>;
/** What was read, with the standard deviation of each. */
export type Read = Readonly<{ values: Float64Array; errors: Float64Array }>;

/** Least pivot: below it a direction says nothing. */
const LEAST_PIVOT = 1e-12;

/** Lower triangle L with L Lᵀ = a symmetric positive matrix, row-major. @see Golub, Van Loan 2013, Matrix Computations, 4.2.5 */
export const triangleOf = (matrix: Float64Array, size: number): Float64Array => {
  const lower = new Float64Array(size * size);
  for (let i = 0; i < size; i += 1) {
    for (let j = 0; j <= i; j += 1) {
      let sum = matrix[i * size + j] ?? 0;
      for (let k = 0; k < j; k += 1) sum -= (lower[i * size + k] ?? 0) * (lower[j * size + k] ?? 0);
      lower[i * size + j] = i === j ? Math.sqrt(Math.max(sum, LEAST_PIVOT)) : sum / (lower[j * size + j] ?? 1);
    }
  }
  return lower;
};

/** x with L Lᵀ x = b. */
export const solved = (lower: Float64Array, b: Float64Array): Float64Array => {
  const size = b.length;
  const x = b.slice();
  for (let i = 0; i < size; i += 1) {
    for (let k = 0; k < i; k += 1) x[i] = (x[i] ?? 0) - (lower[i * size + k] ?? 0) * (x[k] ?? 0);
    x[i] = (x[i] ?? 0) / (lower[i * size + i] ?? 1);
  }
  for (let i = size - 1; i >= 0; i -= 1) {
    for (let k = i + 1; k < size; k += 1) x[i] = (x[i] ?? 0) - (lower[k * size + i] ?? 0) * (x[k] ?? 0);
    x[i] = (x[i] ?? 0) / (lower[i * size + i] ?? 1);
  }
  return x;
};

const meanOf = (voices: readonly Voice[], pick: (voice: Voice) => Float64Array): Float64Array => {
  const mean = new Float64Array((voices[0] === undefined ? new Float64Array() : pick(voices[0])).length);
  const total = voices.reduce((sum, { weight }) => sum + weight, 0);
  for (const voice of voices) pick(voice).forEach((value, i) => { mean[i] = (mean[i] ?? 0) + (voice.weight / total) * value; });
  return mean;
};

const less = (a: Float64Array, b: Float64Array): Float64Array => a.map((value, i) => value - (b[i] ?? 0));
const inner = (a: Float64Array, b: Float64Array): number => a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);

/** Fewest voices a spread may count as. */
const LEAST_FREEDOM = 0.05;
/** Weighted covariances of what is said with itself and of the unknowns with it; unbiased. */
const covariancesOf = (voices: readonly Voice[], meanSaid: Float64Array, meanUnknowns: Float64Array): Readonly<{ said: Float64Array; both: Float64Array }> => {
  const size = meanSaid.length;
  const [said, both] = [new Float64Array(size * size), new Float64Array(meanUnknowns.length * size)];
  const total = voices.reduce((sum, { weight }) => sum + weight, 0);
  const freedom = Math.max(LEAST_FREEDOM, 1 - voices.reduce((sum, { weight }) => sum + (weight / total) ** 2, 0));
  for (const voice of voices) {
    const [away, other] = [less(voice.said, meanSaid), less(voice.unknowns, meanUnknowns)];
    away.forEach((value, i) => {
      const share = (value * voice.weight) / (total * freedom);
      for (let j = 0; j < size; j += 1) said[i * size + j] = (said[i * size + j] ?? 0) + share * (away[j] ?? 0);
      for (let k = 0; k < other.length; k += 1) both[k * size + i] = (both[k * size + i] ?? 0) + share * (other[k] ?? 0);
    });
  }
  return { said, both };
};

const expectedSpread = (said: Float64Array, errors: Float64Array, factor: number): Float64Array => {
  const spread = said.map((value) => factor * value);
  errors.forEach((error, i) => { spread[i * errors.length + i] = (spread[i * errors.length + i] ?? 0) + error ** 2; });
  return triangleOf(spread, errors.length);
};

/** How many times farther off than expected, in the mean square, guesses may be before they count as too alike; and by how much their variance grows then, at most. */
const [SURPRISE, MOST_GROWTH] = [2, 9] as const;

/**
 * Unknowns of the chosen guesses, moved by what all guesses together say about how unknowns follow from what is read: the ensemble Kalman filter, with the readings perturbed by their errors so that the spread stays right.
 *
 * Guesses all of which are farther from the readings than their spread and the errors allow are too alike: they are spread out first.
 *
 * @param all    guesses the covariances are taken from; of fewer than two nothing follows, and nothing moves
 * @param chosen guesses to move; of the same unknowns
 * @see Evensen 2003, Ocean Dynamics 53(4), 343; Burgers, van Leeuwen, Evensen 1998, Mon. Weather Rev. 126(6), 1719 (perturbed readings)
 */
export const moved = (all: readonly Voice[], chosen: readonly Voice[], { values, errors }: Read, random: Generator): readonly Float64Array[] => {
  if (values.length === 0 || all.length < 2) return chosen.map(({ unknowns }) => unknowns.slice());
  const [meanSaid, meanUnknowns] = [meanOf(all, ({ said }) => said), meanOf(all, ({ unknowns }) => unknowns)];
  const { said, both } = covariancesOf(all, meanSaid, meanUnknowns);
  const away = less(values, meanSaid);
  const surprise = inner(solved(expectedSpread(said, errors, 1), away), away) / values.length;
  const growth = Math.min(MOST_GROWTH, Math.max(1, surprise / SURPRISE));
  const lower = expectedSpread(said, errors, growth);
  const stretch = Math.sqrt(growth);
  return chosen.map((voice) => {
    const off = Float64Array.from(values, (value, i) => value + (errors[i] ?? 0) * random.normal() - (meanSaid[i] ?? 0) - stretch * ((voice.said[i] ?? 0) - (meanSaid[i] ?? 0)));
    const pull = solved(lower, off);
    return meanUnknowns.map((mean, k) => mean + stretch * ((voice.unknowns[k] ?? 0) - mean) + growth * inner(pull, both.subarray(k * values.length, (k + 1) * values.length)));
  });
};

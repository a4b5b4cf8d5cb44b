/**
 * Coefficient of variation: standard deviation of a sample, with n − 1, over its mean.
 *
 * @param values NaN is left out
 * @returns NaN for fewer than two values
 */
export const coefficientOfVariation = (values: ArrayLike<number>): number => {
  let [count, sum] = [0, 0];
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i] ?? Number.NaN;
    if (!Number.isNaN(value)) { count += 1; sum += value; }
  }
  const mean = sum / count;
  let squares = 0;
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i] ?? Number.NaN;
    if (!Number.isNaN(value)) squares += (value - mean) ** 2;
  }
  return count < 2 ? Number.NaN : Math.sqrt(squares / (count - 1)) / mean;
};

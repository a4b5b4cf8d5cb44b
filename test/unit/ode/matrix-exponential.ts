/** exp(t·matrix)·start, by the Taylor series over short steps: slow, plain, and nothing in common with a Runge-Kutta pair of order five. */
export const exponentialTimes = (matrix: readonly (readonly number[])[], t: number, start: readonly number[]): readonly number[] => {
  const size = Math.max(...matrix.map((line) => line.reduce((sum, a) => sum + Math.abs(a), 0)));
  const pieces = Math.max(1, Math.ceil(size * t * 2));
  let state = [...start];
  for (let piece = 0; piece < pieces; piece += 1) {
    let term = state;
    for (let k = 1; k <= 24; k += 1) {
      const last = term;
      term = matrix.map((line) => (line.reduce((sum, a, j) => sum + a * last[j]!, 0) * t) / pieces / k);
      state = state.map((value, i) => value + term[i]!);
    }
  }
  return state;
};

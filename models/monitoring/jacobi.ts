/** An eigenvalue with its unit vector. */
export type Eigenpair = Readonly<{ value: number; vector: readonly number[] }>;

const MOST_SWEEPS = 60;
/** Off-diagonal magnitude, as part of the diagonal's, that is as good as none. */
const NEGLIGIBLE = 1e-18;

/** One plane rotation that makes a[p][q] zero. @see Golub, Van Loan, Matrix Computations (4th ed.), 8.5.2 */
const rotate = (a: readonly Float64Array[], vectors: readonly Float64Array[], p: number, q: number): void => {
  const at = (i: number, j: number): number => a[i]?.[j] ?? 0;
  const off = at(p, q);
  if (off === 0) return;
  const tau = (at(q, q) - at(p, p)) / (2 * off);
  const tangent = (tau >= 0 ? 1 : -1) / (Math.abs(tau) + Math.sqrt(1 + tau * tau));
  const cosine = 1 / Math.sqrt(1 + tangent * tangent);
  const sine = tangent * cosine;
  const turn = (row: Float64Array | undefined): void => {
    if (row === undefined) return;
    const [first, second] = [row[p] ?? 0, row[q] ?? 0];
    row[p] = cosine * first - sine * second;
    row[q] = sine * first + cosine * second;
  };
  a.forEach(turn);
  const [rowP, rowQ] = [a[p], a[q]];
  if (rowP === undefined || rowQ === undefined) return;
  for (let j = 0; j < rowP.length; j += 1) {
    const [first, second] = [rowP[j] ?? 0, rowQ[j] ?? 0];
    rowP[j] = cosine * first - sine * second;
    rowQ[j] = sine * first + cosine * second;
  }
  vectors.forEach(turn);
};

/**
 * Eigenvalues and vectors of a small symmetric matrix, in no order. A library that does it for large ones is several times the weight of what judges a batch.
 *
 * @throws RangeError for a matrix that is not square or not finite
 */
export const eigenpairsOf = (matrix: readonly (readonly number[])[]): readonly Eigenpair[] => {
  if (matrix.some((row) => row.length !== matrix.length || !row.every(Number.isFinite))) throw new RangeError(`matrix: got rows of ${matrix.map(({ length }) => length).join(', ')} or numbers that are not finite, want a finite square one`);
  const a = matrix.map((row) => Float64Array.from(row));
  const vectors = matrix.map((_, i) => Float64Array.from(matrix, (__, j) => (i === j ? 1 : 0)));
  const squares = (isOff: boolean): number => a.reduce((sum, row, i) => row.reduce((total, value, j) => (isOff === (i !== j) ? total + value * value : total), sum), 0);
  for (let sweep = 0; sweep < MOST_SWEEPS && squares(true) > NEGLIGIBLE * NEGLIGIBLE * squares(false); sweep += 1) {
    for (let p = 0; p < a.length; p += 1) for (let q = p + 1; q < a.length; q += 1) rotate(a, vectors, p, q);
  }
  return a.map((row, i) => ({ value: row[i] ?? 0, vector: vectors.map((components) => components[i] ?? 0) }));
};

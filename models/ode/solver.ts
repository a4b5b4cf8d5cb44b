import { DomainError } from '../../shared/errors.ts';
import { checkGrid, SAME_POINT, still, type Grid } from './grid.ts';
import { fillQuartic } from './quartic.ts';
import { A21, A31, A32, A41, A42, A43, A51, A52, A53, A54, A61, A62, A63, A64, A65, B1, B3, B4, B5, B6, C2, C3, C4, C5, E1, E3, E4, E5, E6, E7, INTERPOLANT } from './tableau.ts';

/** Writes dy/dt at `time` into `rates`; must not change `state`. */
export type Derivative = (time: number, state: Float64Array, rates: Float64Array) => void;

/** `relative` and `absolute` bound the error of a step, component by component, as |error| ≤ absolute + relative · |y|, in root mean square. */
export type Tolerance = Readonly<{ relative: number; absolute: number }>;

export type Solver = Readonly<{
  /**
   * Carry `state` from one time to another, in place.
   *
   * A stretch shorter than time can tell apart leaves the state as it is.
   *
   * @param grid filled for every grid time in [from, to] when given
   * @throws RangeError naming `state`, `from`, `to` or `grid` when it does not fit
   * @throws DomainError `solver-not-finite`, `solver-step-too-small`, `solver-steps-exhausted`; `state` is then undefined
   */
  advance(derivative: Derivative, state: Float64Array, from: number, to: number, grid?: Grid): void;
}>;

type Step = Readonly<{ t: number; h: number; last: boolean }>;

const SAFETY = 0.9;
const [SHRINK, GROW] = [0.2, 10] as const;
const MOST_STEPS = 100_000;
const SMALLEST_STEP_ULP = 10;
const INTERPOLANT_ORDER = 4;

const checked = (dimension: number, { relative, absolute }: Tolerance): void => {
  if (!Number.isInteger(dimension) || dimension < 1) throw new RangeError(`dimension: got ${dimension}, want a positive integer`);
  if (!(relative > 0 && relative < 1)) throw new RangeError(`tolerance.relative: got ${relative}, want between 0 and 1`);
  if (!(absolute > 0)) throw new RangeError(`tolerance.absolute: got ${absolute}, want above 0`);
};

const checkSpan = (from: number, to: number): void => {
  if (!Number.isFinite(from)) throw new RangeError(`from: got ${from}, want a finite time`);
  if (!(to >= from && to < Infinity)) throw new RangeError(`to: got ${to}, want a finite time, at least ${from}`);
};

/** The shortest step that time can tell apart. */
const shortestAt = (time: number): number => SMALLEST_STEP_ULP * Number.EPSILON * Math.max(1, Math.abs(time));

/**
 * An adaptive solver for one dimension of state, which keeps its work space between calls.
 *
 * Elementary step control (no memory), local extrapolation; times and results are the same on every machine with IEEE 754 arithmetic.
 *
 * @param dimension number of components
 * @throws RangeError naming `dimension` or `tolerance`
 * @see tableau.ts for the method's sources
 */
export const createSolver = (dimension: number, tolerance: Tolerance): Solver => {
  checked(dimension, tolerance);
  const { relative, absolute } = tolerance;
  const vector = (): Float64Array => new Float64Array(dimension);
  let [k1, k7] = [vector(), vector()];
  const [k2, k3, k4, k5, k6, stage, next] = [vector(), vector(), vector(), vector(), vector(), vector(), vector()];
  const polynomial = new Float64Array(dimension * INTERPOLANT_ORDER);

  /* eslint-disable @typescript-eslint/no-non-null-assertion -- every index below is under `dimension`, and this loop is the cost of a simulation */
  /** First step from `y`, whose rates are in `k1`. @see Hairer, Nørsett, Wanner 1993, Solving Ordinary Differential Equations I, II.4 */
  const firstStep = (derivative: Derivative, t: number, y: Float64Array): number => {
    let [ofState, ofRate, ofBend] = [0, 0, 0];
    for (let i = 0; i < dimension; i += 1) {
      const scale = absolute + relative * Math.abs(y[i]!);
      ofState += (y[i]! / scale) ** 2;
      ofRate += (k1[i]! / scale) ** 2;
    }
    const [sizeOfState, sizeOfRate] = [Math.sqrt(ofState / dimension), Math.sqrt(ofRate / dimension)];
    const guess = sizeOfState < 1e-5 || sizeOfRate < 1e-5 ? 1e-6 : (0.01 * sizeOfState) / sizeOfRate;
    for (let i = 0; i < dimension; i += 1) stage[i] = y[i]! + guess * k1[i]!;
    derivative(t + guess, stage, k2);
    for (let i = 0; i < dimension; i += 1) ofBend += ((k2[i]! - k1[i]!) / (absolute + relative * Math.abs(y[i]!))) ** 2;
    const largest = Math.max(sizeOfRate, Math.sqrt(ofBend / dimension) / guess);
    const second = largest <= 1e-15 ? Math.max(1e-6, guess * 1e-3) : (0.01 / largest) ** 0.2;
    return Math.min(100 * guess, second);
  };

  /** One step of size h into `next` and `k7`; returns the error in units of the tolerance. */
  const attempt = (derivative: Derivative, t: number, y: Float64Array, h: number): number => {
    for (let i = 0; i < dimension; i += 1) stage[i] = y[i]! + h * A21 * k1[i]!;
    derivative(t + C2 * h, stage, k2);
    for (let i = 0; i < dimension; i += 1) stage[i] = y[i]! + h * (A31 * k1[i]! + A32 * k2[i]!);
    derivative(t + C3 * h, stage, k3);
    for (let i = 0; i < dimension; i += 1) stage[i] = y[i]! + h * (A41 * k1[i]! + A42 * k2[i]! + A43 * k3[i]!);
    derivative(t + C4 * h, stage, k4);
    for (let i = 0; i < dimension; i += 1) stage[i] = y[i]! + h * (A51 * k1[i]! + A52 * k2[i]! + A53 * k3[i]! + A54 * k4[i]!);
    derivative(t + C5 * h, stage, k5);
    for (let i = 0; i < dimension; i += 1) stage[i] = y[i]! + h * (A61 * k1[i]! + A62 * k2[i]! + A63 * k3[i]! + A64 * k4[i]! + A65 * k5[i]!);
    derivative(t + h, stage, k6);
    for (let i = 0; i < dimension; i += 1) next[i] = y[i]! + h * (B1 * k1[i]! + B3 * k3[i]! + B4 * k4[i]! + B5 * k5[i]! + B6 * k6[i]!);
    derivative(t + h, next, k7);
    let sum = 0;
    for (let i = 0; i < dimension; i += 1) {
      const error = h * (E1 * k1[i]! + E3 * k3[i]! + E4 * k4[i]! + E5 * k5[i]! + E6 * k6[i]! + E7 * k7[i]!);
      sum += (error / (absolute + relative * Math.max(Math.abs(y[i]!), Math.abs(next[i]!)))) ** 2;
    }
    return Math.sqrt(sum / dimension);
  };

  const prepareInterpolant = (h: number): void => {
    const { stage1, stage3, stage4, stage5, stage6, stage7 } = INTERPOLANT;
    for (let i = 0; i < dimension; i += 1) {
      for (let p = 0; p < INTERPOLANT_ORDER; p += 1) {
        polynomial[i * INTERPOLANT_ORDER + p] = h * (stage1[p]! * k1[i]! + stage3[p]! * k3[i]! + stage4[p]! * k4[i]! + stage5[p]! * k5[i]! + stage6[p]! * k6[i]! + stage7[p]! * k7[i]!);
      }
    }
  };

  /** Fill the grid points before the step's end (and at it on the last step), starting at `point`; returns the next point to fill. */
  const fill = ({ values, points, offset, first, every, count }: Grid, y: Float64Array, { t, h, last }: Step, point: number): number => {
    const before = (t + h - first) / every;
    const stop = Math.min(count, last ? Math.floor(before + SAME_POINT) + 1 : Math.ceil(before));
    if (stop <= point) return point;
    prepareInterpolant(h);
    const start = (first + point * every - t) / h;
    const stride = every / h;
    for (let i = 0; i < dimension; i += 1) {
      const q = i * INTERPOLANT_ORDER;
      const from = i * points + offset + point;
      fillQuartic({ c0: y[i]!, c1: polynomial[q]!, c2: polynomial[q + 1]!, c3: polynomial[q + 2]!, c4: polynomial[q + 3]! }, start, stride, { values, from, to: from + stop - point });
    }
    return stop;
  };
  /* eslint-enable @typescript-eslint/no-non-null-assertion */

  const advance: Solver['advance'] = (derivative, y, from, to, grid) => {
    if (y.length !== dimension) throw new RangeError(`state: got ${y.length} components, want ${dimension}`);
    checkSpan(from, to);
    if (grid !== undefined) checkGrid(grid, dimension, from);
    if (to - from < shortestAt(from)) {
      if (grid !== undefined) still(grid, y, from);
      return;
    }
    derivative(from, y, k1);
    let t = from;
    let h = Math.min(to - from, firstStep(derivative, from, y));
    let point = 0;
    for (let steps = 0; t < to; steps += 1) {
      if (steps >= MOST_STEPS) throw new DomainError('solver-steps-exhausted', `got to ${t} in ${MOST_STEPS} steps, want ${to}`, { time: t });
      const last = t + h >= to;
      if (last) h = to - t;
      else if (h < shortestAt(t)) throw new DomainError('solver-step-too-small', `got step ${h} at ${t}, want one that time can tell apart`, { time: t });
      const error = attempt(derivative, t, y, h);
      if (Number.isNaN(error)) throw new DomainError('solver-not-finite', `got a rate that is not a number between ${t} and ${t + h}`, { time: t });
      if (error > 1) {
        h *= Math.max(SHRINK, SAFETY * error ** -0.2);
        continue;
      }
      if (grid !== undefined) point = fill(grid, y, { t, h, last }, point);
      t = last ? to : t + h;
      y.set(next);
      [k1, k7] = [k7, k1];
      h *= error === 0 ? GROW : Math.min(GROW, SAFETY * error ** -0.2);
    }
  };
  return { advance };
};

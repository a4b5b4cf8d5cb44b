import { createSolver, type Derivative, type Tolerance } from '../../../models/ode/solver.ts';

/** Evenly spaced times, both ends included. */
export const times = (from: number, to: number, count: number): readonly number[] => Array.from({ length: count }, (_, i) => from + ((to - from) * i) / (count - 1));

/** The state at `to`. */
export const carry = (rates: Derivative, start: readonly number[], from: number, to: number, tolerance: Tolerance): readonly number[] => {
  const state = Float64Array.from(start);
  createSolver(start.length, tolerance).advance(rates, state, from, to);
  return [...state];
};

/** The states at evenly spaced times, through the dense output. */
export const solutionOf = (rates: Derivative, start: readonly number[], grid: readonly number[], tolerance: Tolerance): readonly (readonly number[])[] => {
  const [count, first, last] = [grid.length, grid[0]!, grid.at(-1)!];
  const values = new Float64Array(count * start.length).fill(NaN);
  createSolver(start.length, tolerance).advance(rates, Float64Array.from(start), first, last, { values, points: count, offset: 0, first, every: (last - first) / (count - 1), count });
  return grid.map((_, g) => start.map((_start, i) => values[i * count + g]!));
};

/** Largest |a − b| / (1 + |b|) over times and components; NaN counts as infinite. */
export const largestDifference = (a: readonly (readonly number[])[], b: readonly (readonly number[])[]): number => Math.max(...b.flatMap((line, g) => line.map((wanted, i) => {
  const difference = Math.abs((a[g]?.[i] ?? NaN) - wanted) / (1 + Math.abs(wanted));
  return Number.isNaN(difference) ? Infinity : difference;
})));

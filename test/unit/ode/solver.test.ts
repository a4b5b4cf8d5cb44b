import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Grid } from '../../../models/ode/grid.ts';
import { createSolver, type Derivative } from '../../../models/ode/solver.ts';
import { carry, largestDifference, solutionOf, times } from './carry.ts';
import { exponentialTimes } from './matrix-exponential.ts';
import { REFERENCES, RIGHT_HAND_SIDES } from './references.ts';

const FINE = { relative: 1e-10, absolute: 1e-12 } as const;
const decay: Derivative = (_, y, dy) => { dy[0] = -0.7 * y[0]!; };
const oscillator: Derivative = (_, y, dy) => { [dy[0], dy[1]] = [y[1]!, -9 * y[0]!]; };
const logistic: Derivative = (_, y, dy) => { dy[0] = 1.3 * y[0]! * (1 - y[0]! / 20); };
const driven: Derivative = (t, _, dy) => { dy[0] = Math.cos(t) * t; };

const EXACT: readonly (readonly [string, Derivative, readonly number[], number, (t: number) => readonly number[]])[] = [
  ['decay', decay, [3], 8, (t) => [3 * Math.exp(-0.7 * t)]],
  ['an oscillator', oscillator, [1, 0], 10, (t) => [Math.cos(3 * t), -3 * Math.sin(3 * t)]],
  ['logistic growth', logistic, [0.1], 12, (t) => [20 / (1 + 199 * Math.exp(-1.3 * t))]],
  ['a drive that depends on time only', driven, [1], 9, (t) => [t * Math.sin(t) + Math.cos(t)]],
  ['nothing that changes', (_, _y, dy) => { dy.fill(0); }, [4, -2], 50, () => [4, -2]],
];

describe('solver against analytic solutions', () => {
  it.each(EXACT)('follows %s at its end and on a grid', (_, rates, start, end, exact) => {
    const grid = times(0, end, 101);
    const wanted = grid.map(exact);
    expect(largestDifference(solutionOf(rates, start, grid, FINE), wanted)).toBeLessThan(1e-8);
    expect(largestDifference([carry(rates, start, 0, end, FINE)], [exact(end)])).toBeLessThan(1e-8);
  });

  it('keeps a linear quantity that the equations keep', () => {
    const sum = RIGHT_HAND_SIDES['lotka-volterra'];
    const both: Derivative = (t, y, dy) => { sum(t, y, dy); dy[2] = -dy[0]! - dy[1]!; };
    const [a = 0, b = 0, c = 0] = carry(both, [10, 5, 0], 0, 10, { relative: 1e-3, absolute: 1e-3 });
    expect(a + b + c).toBeCloseTo(15, 10);
  });

  it('gives bit for bit the same numbers again, whatever it solved in between', () => {
    const solver = createSolver(3, FINE);
    const run = (): Float64Array => { const y = Float64Array.of(1, 1, 1); solver.advance(RIGHT_HAND_SIDES.lorenz, y, 0, 5); return y; };
    const first = run();
    solver.advance(RIGHT_HAND_SIDES['rigid-body'], Float64Array.of(0, 1, 1), 0, 3);
    expect(run()).toEqual(first);
  });
});

describe('solver against scipy', () => {
  it.each(REFERENCES)('comes to the reference of $name at a fine tolerance', ({ rates, start, grid, values }) => {
    expect(largestDifference(solutionOf(rates, start, grid, { relative: 1e-11, absolute: 1e-13 }), values)).toBeLessThan(2e-7);
  });
  it.each(REFERENCES)('is as exact and as sparing on $name as the RK45 of scipy at an ordinary tolerance', ({ rates, start, grid, values, rk45 }) => {
    let evaluations = 0;
    const counted: Derivative = (t, y, dy) => { evaluations += 1; rates(t, y, dy); };
    expect(largestDifference(solutionOf(counted, start, grid, rk45), values)).toBeLessThan(3 * rk45.error);
    expect(evaluations).toBeLessThan(1.1 * rk45.evaluations);
  });
});

describe('order of convergence', () => {
  /** So loose that one call is one step: eight evaluations, two of them to find its size. */
  const LOOSE = { relative: 0.5, absolute: 100 } as const;
  const twist: Derivative = (t, y, dy) => { const speed = 1 + 0.5 * Math.cos(t); [dy[0], dy[1]] = [y[1]! * speed, -y[0]! * speed]; };
  const phaseAt = (t: number): number => t + 0.5 * Math.sin(t);
  const exact = (t: number): readonly number[] => [Math.cos(phaseAt(t)), -Math.sin(phaseAt(t))];

  /** Largest errors at the ends of equal steps, and between them. */
  const errorsWith = (steps: number): Readonly<{ ends: number; between: number }> => {
    const solver = createSolver(2, LOOSE);
    const y = Float64Array.of(1, 0);
    const h = 2 / steps;
    let [ends, between] = [0, 0];
    for (let i = 0; i < steps; i += 1) {
      const [at, values] = [i * h, new Float64Array(2 * 9)];
      let evaluations = 0;
      const before = [...y];
      solver.advance((t, state, dy) => { evaluations += 1; twist(t, state, dy); }, y, at, at + h, { values, points: 9, offset: 0, first: at, every: h / 8, count: 9 });
      expect(evaluations).toBe(8);
      ends = Math.max(ends, largestDifference([[...y]], [exact(at + h)]));
      // from the step's own start, so that the interpolant's error is seen alone
      const angle = Math.atan2(-before[1]!, before[0]!);
      const size = Math.hypot(...before);
      for (let g = 0; g < 9; g += 1) {
        const phase = angle + phaseAt(at + (g * h) / 8) - phaseAt(at);
        between = Math.max(between, largestDifference([[values[g]!, values[9 + g]!]], [[size * Math.cos(phase), -size * Math.sin(phase)]]));
      }
    }
    return { ends, between };
  };

  it('is five at the ends of steps', () => {
    const [coarse, fine] = [errorsWith(16), errorsWith(64)];
    expect(Math.log2(coarse.ends / fine.ends) / 2).toBeGreaterThan(4.7);
    expect(Math.log2(coarse.ends / fine.ends) / 2).toBeLessThan(6);
  });
  it('is four between them: the error within one step falls with the fifth power of its size', () => {
    const [coarse, fine] = [errorsWith(16), errorsWith(64)];
    expect(Math.log2(coarse.between / fine.between) / 2).toBeGreaterThan(4.7);
    expect(Math.log2(coarse.between / fine.between) / 2).toBeLessThan(5.5);
  });
});

describe('linear systems', () => {
  const entry = fc.double({ min: -2, max: 2, noNaN: true });
  const system = fc.integer({ min: 1, max: 5 }).chain((n) => fc.record({ matrix: fc.array(fc.array(entry, { minLength: n, maxLength: n }), { minLength: n, maxLength: n }), start: fc.array(fc.double({ min: -10, max: 10, noNaN: true }), { minLength: n, maxLength: n }) }));
  it('are carried as the exponential of their matrix says', () => {
    fc.assert(fc.property(system, fc.double({ min: 0, max: 2, noNaN: true }), ({ matrix, start }, end) => {
      const rates: Derivative = (_, y, dy) => { matrix.forEach((line, i) => { dy[i] = line.reduce((sum, a, j) => sum + a * y[j]!, 0); }); };
      const wanted = exponentialTimes(matrix, end, start);
      const scale = 1 + Math.max(...wanted.map(Math.abs), ...start.map(Math.abs)) * Math.exp(2 * end);
      expect(largestDifference([carry(rates, start, 0, end, FINE)], [wanted]) / scale).toBeLessThan(1e-7);
    }), { numRuns: 60 });
  });
});

describe('dense output', () => {
  const place = (values: Float64Array, change: Partial<Grid> = {}): Grid => ({ values, points: values.length, offset: 0, first: 0, every: 0.1, count: values.length, ...change });
  const solver = createSolver(1, FINE);
  it('fills every point of its grid and none beside it', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 60 }), fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 0, max: 5 }), (count, lead, offset) => {
      const points = offset + count + 3;
      const values = new Float64Array(points).fill(NaN);
      const to = lead + (count - 1) * 0.05;
      solver.advance(decay, Float64Array.of(3), 0, to, { values, points, offset, first: lead, every: 0.05, count });
      values.forEach((value, g) => {
        if (g < offset || g >= offset + count) expect(value).toBeNaN();
        else expect(value).toBeCloseTo(3 * Math.exp(-0.7 * (lead + (g - offset) * 0.05)), 7);
      });
    }), { numRuns: 60 });
  });
  it('leaves points after the end alone', () => {
    const values = new Float64Array(11).fill(NaN);
    solver.advance(decay, Float64Array.of(3), 0, 0.45, place(values));
    expect([...values].map(Number.isNaN)).toEqual([false, false, false, false, false, true, true, true, true, true, true]);
  });
  it('does not move the solution', () => {
    const [plain, recorded] = [Float64Array.of(3), Float64Array.of(3)];
    solver.advance(decay, plain, 0, 7);
    solver.advance(decay, recorded, 0, 7, place(new Float64Array(71)));
    expect(recorded).toEqual(plain);
  });
  it('takes the last point when rounding puts it past the end and the last step is tiny', () => {
    const every = 1 / 60;
    for (let k = 1; k < 400; k += 1) {
      const values = new Float64Array(k + 1).fill(NaN);
      solver.advance(decay, Float64Array.of(3), 0, k / 60, place(values, { every }));
      expect(values[k]).not.toBeNaN();
    }
  });
  it('takes the one point of a stretch without length', () => {
    const values = new Float64Array(3).fill(NaN);
    solver.advance(decay, Float64Array.of(3), 2, 2, place(values, { first: 2 }));
    expect([...values]).toEqual([3, NaN, NaN]);
    solver.advance(decay, Float64Array.of(5), 2, 2, place(values, { first: 2.1 }));
    expect([...values]).toEqual([3, NaN, NaN]);
  });
  it.each([
    ['grid.first', { first: -1 }], ['grid.every', { every: 0 }], ['grid.count', { count: 12 }], ['grid.count', { offset: 5 }], ['grid.values', { points: 12 }],
  ] as const)('refuses a grid that does not fit, naming %s', (name, change) => {
    expect(() => { solver.advance(decay, Float64Array.of(3), 0, 1, place(new Float64Array(11), change)); }).toThrow(new RegExp(`^${name}: got .*want`));
  });
});

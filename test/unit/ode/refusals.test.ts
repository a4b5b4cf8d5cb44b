import { describe, expect, it } from 'vitest';
import { createSolver, type Derivative } from '../../../models/ode/solver.ts';
import { codeOf } from '../../support/error-code.ts';
import { carry } from './carry.ts';

const TOLERANCE = { relative: 1e-6, absolute: 1e-9 } as const;
const still: Derivative = (_, _y, dy) => { dy.fill(0); };

describe('what the solver can not solve', () => {
  it('is a step too small where the solution runs away in finite time', () => {
    expect(codeOf(() => carry((_, y, dy) => { dy[0] = y[0]! ** 2; }, [1], 0, 2, TOLERANCE))).toBe('solver-step-too-small');
  });
  it('is a step too small where a rate jumps between infinite and finite', () => {
    expect(codeOf(() => carry((t, _, dy) => { dy[0] = t > 1 ? Infinity : 1; }, [0], 0, 2, TOLERANCE))).toMatch(/^solver-(step-too-small|not-finite)$/);
  });
  it.each<[string, Derivative, number]>([
    ['a rate that is not a number from the start', (_, _y, dy) => { dy[0] = NaN; }, 1],
    ['a rate that becomes not a number', (t, _, dy) => { dy[0] = t > 0.5 ? NaN : 1; }, 1],
    ['a state that is not a number', still, NaN],
  ])('is not finite: %s', (_, rates, start) => {
    expect(codeOf(() => carry(rates, [start], 0, 1, TOLERANCE))).toBe('solver-not-finite');
  });
  it('is steps exhausted where it is too stiff for an explicit method', () => {
    expect(codeOf(() => carry((t, y, dy) => { dy[0] = -1e7 * (y[0]! - Math.cos(t)); }, [0], 0, 10, TOLERANCE))).toBe('solver-steps-exhausted');
  });
  it('says when, and leaves the solver fit for the next', () => {
    const solver = createSolver(1, TOLERANCE);
    expect(() => { solver.advance((_, y, dy) => { dy[0] = y[0]! ** 2; }, Float64Array.of(1), 0, 2); }).toThrow(/^got step .* at (0\.99|1\b).*want one that time can tell apart$/);
    const y = Float64Array.of(1);
    solver.advance((_, state, dy) => { dy[0] = -state[0]!; }, y, 0, 1);
    expect(y[0]).toBeCloseTo(Math.exp(-1), 6);
  });
});

describe('a stretch no longer than rounding', () => {
  it.each([0, 1, 239.5])('is a step like any other, from %d', (from) => {
    const y = Float64Array.of(1);
    createSolver(1, TOLERANCE).advance((_, state, dy) => { dy[0] = state[0]!; }, y, from, from + Number.EPSILON * Math.max(1, from));
    expect(y[0]).toBeCloseTo(1, 12);
  });
});

describe('what the solver refuses to begin', () => {
  it.each([[0], [-1], [1.5], [NaN]])('a dimension of %d', (dimension) => { expect(() => createSolver(dimension, TOLERANCE)).toThrow(/^dimension: got .*want a positive integer$/); });
  it.each([[0], [1], [-1e-3], [NaN]])('a relative tolerance of %d', (relative) => { expect(() => createSolver(1, { relative, absolute: 1 })).toThrow(/^tolerance\.relative: got .*want/); });
  it.each([[0], [-1], [NaN]])('an absolute tolerance of %d', (absolute) => { expect(() => createSolver(1, { relative: 1e-3, absolute })).toThrow(/^tolerance\.absolute: got .*want above 0$/); });
  const solver = createSolver(2, TOLERANCE);
  it('a state of another dimension', () => { expect(() => { solver.advance(still, new Float64Array(3), 0, 1); }).toThrow('state: got 3 components, want 2'); });
  it.each([[-1], [NaN], [Infinity]])('an end of %d', (to) => { expect(() => { solver.advance(still, new Float64Array(2), 0, to); }).toThrow(/^to: got .*want a finite time, at least 0$/); });
  it.each([[NaN], [-Infinity]])('a beginning of %d', (from) => { expect(() => { solver.advance(still, new Float64Array(2), from, 1); }).toThrow(/^from: got .*want a finite time$/); });
});

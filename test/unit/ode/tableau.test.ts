import { describe, expect, it } from 'vitest';
import { A21, A31, A32, A41, A42, A43, A51, A52, A53, A54, A61, A62, A63, A64, A65, B1, B3, B4, B5, B6, C2, C3, C4, C5, E1, E3, E4, E5, E6, E7, INTERPOLANT } from '../../../models/ode/tableau.ts';

const A = [[], [A21], [A31, A32], [A41, A42, A43], [A51, A52, A53, A54], [A61, A62, A63, A64, A65], [B1, 0, B3, B4, B5, B6]] as const;
const B = [B1, 0, B3, B4, B5, B6, 0] as const;
const C = [0, C2, C3, C4, C5, 1, 1] as const;
const E = [E1, 0, E3, E4, E5, E6, E7] as const;
const STAGES = [INTERPOLANT.stage1, [0, 0, 0, 0], INTERPOLANT.stage3, INTERPOLANT.stage4, INTERPOLANT.stage5, INTERPOLANT.stage6, INTERPOLANT.stage7] as const;

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const times = (a: readonly number[], b: readonly number[]): number => sum(a.map((value, i) => value * b[i]!));
const stages = (v: readonly number[]): readonly number[] => A.map((line) => sum(line.map((a, j) => a * v[j]!)));
const power = (n: number): readonly number[] => C.map((c) => c ** n);

/** The trees of order five and below: what is summed over the weights, and what it has to come to (Hairer, Nørsett, Wanner 1993, II.2). */
const AC = stages(C);
const CONDITIONS: readonly (readonly [string, readonly number[], number])[] = [
  ['1', power(0), 1], ['c', power(1), 1 / 2], ['c²', power(2), 1 / 3], ['Ac', AC, 1 / 6],
  ['c³', power(3), 1 / 4], ['c·Ac', AC.map((v, i) => v * C[i]!), 1 / 8], ['Ac²', stages(power(2)), 1 / 12], ['AAc', stages(AC), 1 / 24],
  ['c⁴', power(4), 1 / 5], ['c²·Ac', AC.map((v, i) => v * C[i]! ** 2), 1 / 10], ['(Ac)²', AC.map((v) => v * v), 1 / 20], ['c·Ac²', stages(power(2)).map((v, i) => v * C[i]!), 1 / 15],
  ['c·AAc', stages(AC).map((v, i) => v * C[i]!), 1 / 30], ['Ac³', stages(power(3)), 1 / 20], ['A(c·Ac)', stages(AC.map((v, i) => v * C[i]!)), 1 / 40], ['AAc²', stages(stages(power(2))), 1 / 60], ['AAAc', stages(stages(AC)), 1 / 120],
];
const ORDER_FOUR = 8;

describe('tableau', () => {
  it('has in each line the sum that its node says', () => { A.forEach((line, i) => { expect(sum(line)).toBeCloseTo(C[i]!, 13); }); });
  it.each(CONDITIONS)('meets the condition of order five on %s', (_, values, wanted) => { expect(times(B, values)).toBeCloseTo(wanted, 13); });
  it.each(CONDITIONS.slice(0, ORDER_FOUR))('takes for the error what meets the conditions of order four on %s', (_, values) => { expect(times(E, values)).toBeCloseTo(0, 13); });
  it('sees an error of order five', () => { expect(Math.abs(times(E, power(4)))).toBeGreaterThan(1e-5); });
});

describe('interpolant', () => {
  it('is the step itself at its end', () => { STAGES.forEach((line, i) => { expect(sum(line)).toBeCloseTo(B[i]!, 12); }); });
  it('leaves with the rate of the start and arrives with the rate of the end', () => {
    STAGES.forEach((line, i) => {
      expect(line[0]).toBe(i === 0 ? 1 : 0);
      expect(sum(line.map((value, p) => value * (p + 1)))).toBeCloseTo(i === 6 ? 1 : 0, 12);
    });
  });
  it.each([0.1, 0.35, 0.5, 0.8, 0.95])('meets the conditions of order four at θ = %d', (theta) => {
    const weights = STAGES.map((line) => sum(line.map((value, p) => value * theta ** (p + 1))));
    const ORDERS = [1, 2, 3, 3, 4, 4, 4, 4];
    CONDITIONS.slice(0, ORDER_FOUR).forEach(([, values, wanted], k) => { expect(times(weights, values)).toBeCloseTo(wanted * theta ** ORDERS[k]!, 12); });
  });
});

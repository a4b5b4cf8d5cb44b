import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fillQuartic } from '../../../models/ode/quartic.ts';

const coefficient = fc.double({ min: -1e3, max: 1e3, noNaN: true });

describe('a quartic along a grid', () => {
  it('is the quartic at each point, and touches nothing else', () => {
    fc.assert(fc.property(fc.tuple(coefficient, coefficient, coefficient, coefficient, coefficient), fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 1, max: 3000 }), fc.integer({ min: 0, max: 9 }), ([c0, c1, c2, c3, c4], start, count, from) => {
      const stride = (1 - start) / count;
      const values = new Float64Array(from + count + 2).fill(NaN);
      fillQuartic({ c0, c1, c2, c3, c4 }, start, stride, { values, from, to: from + count });
      let worst = 0;
      for (let g = 0; g < count; g += 1) {
        const theta = start + g * stride;
        worst = Math.max(worst, Math.abs(values[from + g]! - (c0 + c1 * theta + c2 * theta ** 2 + c3 * theta ** 3 + c4 * theta ** 4)));
      }
      expect(worst).toBeLessThan(count * 1e-16 * 1e4 + 1e-11);
      expect([...values.subarray(0, from), ...values.subarray(from + count)].every(Number.isNaN)).toBe(true);
    }), { numRuns: 100 });
  });
});

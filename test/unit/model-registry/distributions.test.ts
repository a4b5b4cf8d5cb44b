import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { distributionFaults, distributionsOf, inputBinsOf, SCORE } from '../../../shared/model-registry/distributions.ts';
import { reportFaults } from '../../../shared/model-registry/test-report.ts';
import { codeOf } from '../../support/error-code.ts';
import { PLAN, REPORT, TEST_TERMS } from '../../support/model-fixtures.ts';

const inputs = PLAN.inputs;
const names = inputs.map(({ name }) => name);
const answers = fc.array(fc.record({ inputBins: fc.tuple(fc.float(), fc.float()).map((values) => inputBinsOf(inputs, values)), score: fc.double({ min: 0, max: 1, noNaN: true }) }), { maxLength: 50 });

describe('bins of a model\'s inputs', () => {
  it('are ten parts of the plan\'s range, one below it and one above it; what is missing has none', () => {
    const range = [{ name: 'a', low: 0, high: 1 }];
    expect([-0.001, 0, 0.0999, 0.1001, 0.95, 1, 1.001, Number.POSITIVE_INFINITY, Number.NaN].map((value) => inputBinsOf(range, [value])).join('')).toBe('0112aabb-');
    expect(inputBinsOf(range, [])).toBe('-');
    expect([1.9, 2, 2.1].map((value) => inputBinsOf([{ name: 'a', low: 2, high: 2 }], [value])).join('')).toBe('01b');
  });
  it('are the same for a value as it was measured and as a row keeps it', () => {
    fc.assert(fc.property(fc.double({ min: -10, max: 10, noNaN: true }), fc.double({ min: -5, max: 0, noNaN: true }), fc.double({ min: 0.5, max: 5, noNaN: true }), (value, low, high) => {
      const range = [{ name: 'a', low, high }];
      expect(inputBinsOf(range, [value])).toBe(inputBinsOf(range, [Math.fround(value)]));
    }));
  });
});

describe('distributions', () => {
  it('of hospitals add up to those of the pooled answers, wherever the answers lie', () => {
    fc.assert(fc.property(answers, fc.integer({ min: 1, max: 10 }), (pooled, hospitals) => {
      const parts = Array.from({ length: hospitals }, (_, site) => distributionsOf(names, pooled.filter((__, i) => i % hospitals === site)));
      const whole = distributionsOf(names, pooled);
      expect(whole).toEqual(whole.map(({ name, counts }, at) => ({ name, counts: counts.map((__, bin) => parts.reduce((sum, part) => sum + part[at]!.counts[bin]!, 0)), missing: parts.reduce((sum, part) => sum + part[at]!.missing, 0) })));
      expect(distributionFaults(inputs, pooled.length, whole)).toEqual([]);
    }));
  });
  it.each([['of another model', { inputBins: '1', score: 0.5 }], ['of bins nobody knows', { inputBins: '1z', score: 0.5 }], ['of a score that is none', { inputBins: '11', score: Number.NaN }]])('are refused %s', (_, answer) => {
    expect(codeOf(() => distributionsOf(names, [answer]))).toBe('histogram-malformed');
  });
  const cases = TEST_TERMS.sites.reduce((sum, { records }) => sum + records, 0);
  const good = distributionsOf(names, Array.from({ length: cases }, () => ({ inputBins: '3-', score: 1 })));
  it.each([
    ['as they are', good, []],
    ['without the score', good.slice(0, 2), ['distributions: got 2 names']],
    ['in another order', good.toReversed(), ['distributions: got 3 names']],
    ['with a case left out', good.with(0, { ...good[0]!, counts: good[0]!.counts.with(3, cases - 1) }), ['distributions.ph-minimum: got 89 cases']],
    ['in other bins', good.with(2, { ...good[2]!, counts: [cases] }), [`distributions.${SCORE}.counts: got 1 bins`]],
  ])('in a test report are held against plan and cases: %s', (_, distributions, faults) => {
    const found = reportFaults(PLAN, { ...REPORT, distributions }, TEST_TERMS.sites);
    expect(found.map((fault, i) => fault.slice(0, faults[i]?.length))).toEqual(faults);
  });
});

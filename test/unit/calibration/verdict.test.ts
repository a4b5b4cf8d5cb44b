import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { conformal } from '../../../models/calibration/conformal.ts';
import { sayOf } from '../../../models/calibration/verdict.ts';
import type { DecisionRule } from '../../../shared/model-registry/may-run.ts';

const RULE: DecisionRule = { output: 'early-failure', threshold: 0.5, inputs: [{ name: 'a', unit: '', low: 0, high: 1, mayBeMissing: false }], undecided: { errorRate: 0.1 } };
const say = (rule: DecisionRule, value: number, score: number) => sayOf(rule, ['a'], [value], score);
/** Bins without a case among them: else cases and threshold hardly ever say the opposite. In the examples they do. */
const counts = fc.array(fc.oneof(fc.constant(0), fc.nat({ max: 30 })), { minLength: 4, maxLength: 4 });

describe('what a model says of a case', () => {
  it('is decided by the threshold, which is positive itself', () => { expect([0.49, 0.5, 1].map((score) => say(RULE, 0.5, score).verdict)).toEqual(['negative', 'positive', 'positive']); });
  it.each([['an input outside its space', RULE, 1.1, /^a: got 1.1/], ['a missing input', RULE, Number.NaN, /^a: is missing/]] as const)('is undecided with %s', (_, rule, value, because) => { expect(say(rule, value, 0.9)).toMatchObject({ verdict: 'undecided', because: [expect.stringMatching(because)] }); });
  it('is undecided under a plan that signed no threshold', () => {
    const { threshold: _, ...unsigned } = RULE;
    expect(say(unsigned, 0.5, 0.9)).toEqual({ verdict: 'undecided', because: ['the signed plan names no threshold'] });
  });
  it('is never against the calibration cases, nor against the threshold', () => {
    let opposite = 0;
    fc.assert(fc.property(counts, counts, fc.integer({ min: 0, max: 1000 }).map((thousandths) => thousandths / 1000), fc.constantFrom(0.05, 0.2, 0.45), (positives, negatives, score, errorRate) => {
      const { verdict } = say({ ...RULE, undecided: { errorRate, calibration: { positives, negatives } } }, 0.5, score);
      const byCases = conformal({ positives, negatives }, errorRate, score).verdict;
      const byThreshold = score >= 0.5 ? 'positive' : 'negative';
      if (byCases !== 'undecided' && byCases !== byThreshold) opposite += 1;
      expect(verdict).toBe(byCases === byThreshold ? byThreshold : 'undecided');
    }), { numRuns: 500, examples: [[[0, 0, 0, 30], [0, 0, 30, 0], 0.6, 0.05], [[0, 30, 0, 0], [30, 0, 0, 0], 0.4, 0.05]] });
    expect(opposite, 'the examples at least').toBeGreaterThanOrEqual(2);
  });
  it('is the alarm rule\'s alone of a monitoring model, whose hours that lack too much are not judged', () => { expect(say({ ...RULE, output: 'process-monitoring-alarm', threshold: 0.99 }, Number.NaN, 0.99).verdict).toBe('positive'); });
});

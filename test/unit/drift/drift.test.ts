import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { driftAlarm, driftStatement } from '../../../models/drift/alarm.ts';
import { shiftOf, type Histogram } from '../../../models/drift/histogram.ts';
import { judgeOwnAnswers } from '../../../models/drift/own.ts';
import { streamOf } from '../../../models/random/streams.ts';
import { distributionsOf } from '../../../shared/model-registry/distributions.ts';
import { codeOf } from '../../support/error-code.ts';
import { counts, PLAN } from '../../support/model-fixtures.ts';

const histogram = (cells: readonly number[], missing = 0, name = 'ph-minimum'): Histogram => ({ name, counts: cells, missing });
const REFERENCE = histogram([100, 200, 400, 200, 100]);
const now = (cells: readonly number[], missing = 0) => ({ reference: REFERENCE, current: histogram(cells, missing) });
const drift = (...pairs: ReturnType<typeof now>[]) => driftAlarm(PLAN.monitoring, { pairs });
const cell = fc.nat({ max: 500 });
const pair = fc.integer({ min: 1, max: 12 }).chain((bins) => fc.tuple(fc.array(cell, { minLength: bins, maxLength: bins }), fc.array(cell, { minLength: bins, maxLength: bins }), cell, cell)).filter(([a, b, m, n]) => [...a, m].some(Boolean) && [...b, n].some(Boolean));

describe('a shift', () => {
  it('has the stability index and the largest difference of the shares', () => {
    // By hand: shares 0.1 0.2 0.4 0.2 0.1 against 0.1 0.1 0.2 0.3 0.3 of large counts; Σ (q − p) ln(q / p), and 0.5 − 0.2... at the third bin: 0.7 − 0.4.
    const { stabilityIndex, largestDifference } = shiftOf(histogram([100_000, 200_000, 400_000, 200_000, 100_000]), histogram([100_000, 100_000, 200_000, 300_000, 300_000]));
    expect(stabilityIndex).toBeCloseTo(-0.1 * Math.log(0.5) - 0.2 * Math.log(0.5) + 0.1 * Math.log(1.5) + 0.2 * Math.log(3), 4);
    expect(largestDifference).toBeCloseTo(0.3, 12);
  });
  it('is nothing between equal shares, never negative, and the same both ways', () => {
    fc.assert(fc.property(pair, ([a, b, m, n]) => {
      const [there, back] = [shiftOf(histogram(a, m), histogram(b, n)), shiftOf(histogram(b, n), histogram(a, m))];
      expect(there.stabilityIndex).toBeGreaterThanOrEqual(0);
      expect(there.stabilityIndex).toBeCloseTo(back.stabilityIndex, 10);
      expect(there.largestDifference).toBeCloseTo(back.largestDifference, 12);
      expect(there.significance).toBeGreaterThan(-1e-12);
      expect(there.significance).toBeLessThanOrEqual(1);
      expect(shiftOf(histogram(a, m), histogram(a, m))).toMatchObject({ stabilityIndex: 0, largestDifference: 0, significance: 1 });
    }));
  });
  it('is found in values that went missing', () => { expect(shiftOf(REFERENCE, histogram([50, 100, 200, 100, 50], 500)).largestDifference).toBeCloseTo(0.5, 12); });
  it.each<readonly [string, Histogram, Histogram]>([
    ['of another quantity', REFERENCE, histogram([1, 1, 1, 1, 1], 0, 'lactate')], ['with other bins', REFERENCE, histogram([1, 1])], ['without bins', histogram([]), histogram([])], ['with a half case', REFERENCE, histogram([1, 1, 1, 1, 0.5])],
    ['with a negative count', REFERENCE, histogram([1, 1, 1, 1, 1], -1)], ['without cases', REFERENCE, histogram([0, 0, 0, 0, 0])],
  ])('%s is refused', (_, reference, current) => { expect(codeOf(() => shiftOf(reference, current))).toBe('histogram-malformed'); });
});

describe('the drift alarm', () => {
  it('says nothing of what did not move, alarms at what moved, and suspends at what moved far', () => {
    expect(drift(now([30, 60, 120, 60, 30]))).toMatchObject({ decision: 'none', rule: 'none', detail: '' });
    expect(drift(now([20, 30, 100, 90, 60]))).toMatchObject({ decision: 'alarm', rule: 'input-drift' });
    expect(drift(now([0, 0, 50, 100, 150]))).toMatchObject({ decision: 'suspend', rule: 'input-drift' });
  });
  it('takes the worst and names its quantity', () => {
    const far = { reference: histogram([100, 200, 400], 0, 'lactate'), current: histogram([400, 200, 10], 0, 'lactate') };
    expect(drift(now([20, 30, 100, 90, 60]), far)).toMatchObject({ decision: 'suspend', detail: expect.stringMatching(/^lactate: stability index \d/) as string });
  });
  it('does not judge by too few cases, and says so', () => {
    expect(drift(now([0, 0, 0, 0, 29]))).toMatchObject({ decision: 'none', notJudged: ['performance: no outcome yet', 'ph-minimum: 1000 and 29 cases, want 30'] });
    expect(drift(now([0, 0, 0, 0, 30]))).toMatchObject({ decision: 'suspend' });
  });
  it('does not take a large index of few cases for drift while it may be chance', () => {
    const small = { reference: REFERENCE, current: histogram([8, 5, 8, 6, 5]) };
    expect(shiftOf(small.reference, small.current).stabilityIndex).toBeGreaterThan(PLAN.monitoring.stabilityAlarm);
    expect(drift(small).decision).toBe('none');
  });
  it('asks more of each quantity the more of them are looked at', () => {
    const one = { reference: histogram([400, 400, 200]), current: histogram([6, 27, 10]) };
    const still = { reference: histogram([400, 400, 200]), current: histogram([40, 40, 20]) };
    expect([drift(one).decision, drift(one, still).decision]).toEqual(['alarm', 'none']);
  });
  it('alarms seldom where nothing moved: at most at the stated significance', () => {
    const random = streamOf(1, 0, 'test');
    const draw = () => { const cells = [0, 0, 0, 0, 0]; for (let i = 0; i < 40; i += 1) { const u = random.below(10); const bin = [0, 1, 1, 2, 2, 2, 2, 3, 3, 4][u]!; cells[bin]! += 1; } return cells; };
    const alarms = Array.from({ length: 2000 }, () => drift(now(draw()))).filter(({ decision }) => decision !== 'none').length;
    expect(alarms / 2000).toBeLessThanOrEqual(PLAN.monitoring.significance);
  });
  const outcomes = (...args: Parameters<typeof counts>) => driftAlarm(PLAN.monitoring, { pairs: [], outcomes: counts(...args) });
  it('judges performance once outcomes are there: alarm below the plan, suspended when the whole interval is', () => {
    expect(outcomes(18, 2, 18, 2)).toMatchObject({ decision: 'none', notJudged: [] });
    expect(outcomes(11, 2, 18, 9)).toMatchObject({ decision: 'alarm', rule: 'performance' });
    expect(outcomes(4, 2, 18, 26)).toMatchObject({ decision: 'suspend', rule: 'performance', detail: expect.stringContaining('want 0.6') as string });
    expect(outcomes(0, 2, 18, 9)).toMatchObject({ decision: 'none', notJudged: ['performance: 29 outcomes, want 30'] });
    expect(outcomes(0, 2, 28, 0)).toMatchObject({ decision: 'none', notJudged: ['sensitivity: no case'] });
  });
});

describe('what is put on record of drift', () => {
  /** Two metrics: of the second there may be no case. */
  const TWO = { ...PLAN.monitoring, performance: [{ metric: 'sensitivity' as const, minimum: 0.6 }, { metric: 'precision' as const, minimum: 0.5 }] };
  const small = (current: number): ReturnType<typeof now> => ({ reference: histogram([5, 5, 5]), current: histogram([current, current, current]) });
  it('suspends for performance where the reference has too few cases and another metric none', () => {
    // All 40 failures were missed: nothing was ever said to be one, so precision has no case.
    const monitored = { pairs: [small(100)], outcomes: counts(0, 0, 100, 40) };
    expect(driftStatement(TWO, monitored)).toMatchObject({ decision: 'suspend', rule: 'performance', detail: expect.stringContaining('sensitivity: got 0.000') as string, notJudged: ['precision: no case', 'ph-minimum: 15 and 300 cases, want 30'] });
  });
  it('suspends for one input, where three metrics have no case', () => {
    const three = { ...TWO, performance: [...TWO.performance, { metric: 'negative-predictive-value' as const, minimum: 0.5 }] };
    expect(driftStatement(three, { pairs: [now([0, 0, 50, 100, 150])], outcomes: counts(0, 0, 0, 0, 20, 20) })).toMatchObject({ decision: 'suspend', rule: 'input-drift' });
  });
  it('is no statement where no rule had cases enough, and that nothing was found where one had', () => {
    expect(driftStatement(TWO, { pairs: [small(100)] })).toMatchObject({ decision: 'no-statement', detail: 'too few cases to judge by' });
    expect(driftStatement(TWO, { pairs: [small(100)], outcomes: counts(0, 0, 29, 0) })).toMatchObject({ decision: 'no-statement' });
    expect(driftStatement(TWO, { pairs: [], outcomes: counts(0, 0, 40, 0) })).toMatchObject({ decision: 'no-statement', notJudged: ['sensitivity: no case', 'precision: no case'] });
    expect(driftStatement(TWO, { pairs: [small(100)], outcomes: counts(20, 0, 20, 0) })).toMatchObject({ decision: 'none', detail: '' });
  });
  it('never drops what was found, whatever could not be judged beside it', () => {
    const few = fc.oneof(fc.constant(0), fc.nat({ max: 80 }));
    const metrics = fc.subarray(['sensitivity', 'specificity', 'precision', 'negative-predictive-value', 'accuracy', 'decided'] as const, { minLength: 1 });
    fc.assert(fc.property(fc.array(pair, { maxLength: 4 }), fc.option(fc.tuple(few, few, few, few, few, few), { nil: undefined }), metrics, (pairs, kinds, names) => {
      const plan = { ...PLAN.monitoring, performance: names.map((metric) => ({ metric, minimum: 0.7 })) };
      const monitored = { pairs: pairs.map(([a, b, m, n]) => ({ reference: histogram(a, m), current: histogram(b, n) })), ...(kinds !== undefined && { outcomes: counts(...kinds) }) };
      const [alarm, statement] = [driftAlarm(plan, monitored), driftStatement(plan, monitored)];
      expect(alarm.judged).toBeGreaterThanOrEqual(alarm.decision === 'none' ? 0 : 1);
      expect(statement.decision).toBe(alarm.judged === 0 ? 'no-statement' : alarm.decision);
      if (alarm.decision !== 'none') expect(statement).toMatchObject({ decision: alarm.decision, rule: alarm.rule, detail: alarm.detail });
    }));
  });
  it('is a stop of a hospital\'s own where a model misses all 40 failures, though its test had fewer cases than the plan judges by', () => {
    const missed = { inputBins: '55', score: 0.1, kind: 'falseNegative' as const };
    const reference = distributionsOf(['ph-minimum', 'lactate-maximum'], Array.from({ length: 20 }, () => missed));
    expect(judgeOwnAnswers(TWO, reference, Array.from({ length: 40 }, () => missed))).toMatchObject({ decision: 'suspend', rule: 'performance' });
  });
});

import { describe, expect, it } from 'vitest';
import { assessDeviation, closeDeviation, raiseDeviation } from '../../../shared/batch/commands/deviation.ts';
import { performReview, recordDisposition, recordTestResult } from '../../../shared/batch/commands/quality.ts';
import type { InvestigatedResult } from '../../../shared/batch/events.ts';
import { resultInForce } from '../../../shared/batch/results.ts';
import { reviewRecord } from '../../../shared/release/review.ts';
import { completed, purity, release, tested } from '../../support/batch-execution.ts';
import { signature, type TestBatch } from '../../support/batch-fixtures.ts';
import { codeOf } from '../../support/error-code.ts';

const again = (value: number, reason?: string, deviationId = 'DEV-8') => (test: TestBatch) => recordTestResult(test.batch, { ...purity(value), reason, deviationId }, signature('qc-1', 'responsibility'));
const assess = (test: TestBatch, id = 'DEV-7') => test.do((b) => assessDeviation(b, id, { impact: 'none', rootCause: 'a wrong dilution, found in the notebook' }, signature('sci-1', 'review')));
const close = (test: TestBatch, testResult: InvestigatedResult | undefined, id = 'DEV-7') => test.do((b) => closeDeviation(b, id, { conclusion: 'investigated', testResult }, signature('qa-1', 'approval')));
const repeat = (test: TestBatch, value: number, deviationId?: string) => test.do(() => again(value, 'after the investigation', deviationId)(test));
const rules = (test: TestBatch) => reviewRecord(test.batch).map(({ rule }) => rule);

describe('a result out of specification', () => {
  it('raises a critical deviation of its test', () => {
    expect(tested(10).batch.deviations).toMatchObject({ 'DEV-7': { severity: 'critical', rule: 'test-out-of-specification', testId: 'purity', state: 'open' } });
    expect(tested(92).batch.deviations).toEqual({});
  });
  it('is not tested away: another result wants a reason, and the first one assessed', () => {
    expect([codeOf(() => again(92)(tested(10))), codeOf(() => again(92, 'once more')(tested(10))), codeOf(() => again(92)(assess(tested(10)))), codeOf(() => again(92, 'after the investigation')(assess(tested(10))))])
      .toEqual(['test-repeat-refused', 'test-repeat-refused', 'test-repeat-refused', undefined]);
  });
  it('that stands forbids release, whatever the next one says', () => {
    const test = close(repeat(assess(tested(10)), 92), 'stands');
    expect(rules(test)).toEqual(['test-out-of-specification']);
    test.do((b) => performReview(b, 'run'));
    expect(codeOf(() => recordDisposition(test.batch, release, signature('qp-1', 'approval'), ['qualified-person']))).toBe('batch-open-points');
  });
  it('that its investigation found invalid counts no more, and the result after it does', () => {
    const test = close(repeat(assess(tested(10)), 92), 'invalid');
    expect([rules(test), resultInForce(test.batch, 'purity')?.value, test.batch.results['purity']?.map(({ value, isInvalid }) => [value, isInvalid])]).toEqual([[], 92, [[10, true], [92, false]]]);
  });
  it('that was found invalid leaves the test without a result until another is recorded', () => { expect(rules(close(assess(tested(10)), 'invalid'))).toEqual(['test-missing']); });
  it('has an investigation of its own each time', () => {
    const test = close(close(assess(repeat(assess(tested(10)), 20), 'DEV-8'), 'invalid'), 'stands', 'DEV-8');
    expect(test.batch.results['purity']?.map(({ value, isInvalid, deviationId }) => [value, isInvalid, deviationId])).toEqual([[10, true, 'DEV-7'], [20, false, 'DEV-8']]);
    expect(rules(test)).toEqual(['test-out-of-specification']);
  });
  it('is closed with a word on the result, and no other deviation is', () => {
    const plain = assess(completed().do((b) => raiseDeviation(b, { deviationId: 'DEV-7', severity: 'minor', title: 'Door', detail: 'open' })));
    expect([codeOf(() => close(assess(tested(10)), undefined)), codeOf(() => close(plain, 'invalid')), codeOf(() => close(plain, undefined))]).toEqual(['request-malformed', 'request-malformed', undefined]);
  });
  it('of a record from before, without a deviation, waits for one by hand', () => {
    const old = completed().do(() => [{ type: 'test-result-recorded', testId: 'purity', value: 10, unit: '%', method: 'm', sampleId: 's', signature: signature('qc-1', 'responsibility') }]);
    expect([rules(old), codeOf(() => again(92, 'once more')(old))]).toEqual([['test-out-of-specification'], 'test-repeat-refused']);
    old.do((b) => raiseDeviation(b, { deviationId: 'DEV-7', severity: 'critical', title: 'Purity', detail: 'too low', testId: 'purity' }));
    expect(rules(close(repeat(assess(old), 92), 'invalid'))).toEqual([]);
    expect(codeOf(() => raiseDeviation(completed().batch, { deviationId: 'D', severity: 'minor', title: 't', detail: 'd', testId: 'purity' }))).toBe('test-not-found');
  });
});

describe('a passing result', () => {
  it('may be found wrong too, and is done again for a reason', () => {
    const test = close(assess(tested(92).do((b) => raiseDeviation(b, { deviationId: 'DEV-7', severity: 'major', title: 'Samples swapped', detail: 'tube of another batch', testId: 'purity' }))), 'invalid');
    expect(rules(test)).toEqual(['test-missing']);
    expect([codeOf(() => again(90)(test)), rules(repeat(test, 90))]).toEqual(['test-repeat-refused', []]);
  });
});

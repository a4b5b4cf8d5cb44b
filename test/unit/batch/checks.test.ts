import { describe, expect, it } from 'vitest';
import { recordValue, correctValue } from '../../../shared/batch/commands/value.ts';
import { startPhase } from '../../../shared/batch/commands/phase.ts';
import { CD19_CAR_T } from '../../../shared/master-batch-record/cd19-car-t/content.ts';
import { conforms, describeWanted } from '../../../shared/master-batch-record/conformity.ts';
import type { MasterBatchRecordContent, ValueSpecification } from '../../../shared/master-batch-record/model.ts';
import { parseMasterBatchRecord } from '../../../shared/master-batch-record/schema.ts';
import { reviewRecord } from '../../../shared/release/review.ts';
import { entered, receiving, started } from '../../support/batch-execution.ts';
import { CONTENT, TestBatch, context, signature } from '../../support/batch-fixtures.ts';
import { codeOf } from '../../support/error-code.ts';

const check = (own: Partial<ValueSpecification>): ValueSpecification => ({ id: 'bag-intact', title: 'The bag is intact', unit: '', type: 'boolean', outOfLimits: 'deviation', source: { kind: 'entered' }, ...own });

/** CONTENT, whose first phase asks one question. */
const asking = (own: Partial<ValueSpecification>): MasterBatchRecordContent => ({
  ...CONTENT, procedure: CONTENT.procedure.map((unit) => ({ ...unit, operations: unit.operations.map((operation) => ({ ...operation, phases: operation.phases.map((phase) => (phase.id === 'receipt' ? { ...phase, values: [check(own)] } : phase)) })) })),
});
const asked = (own: Partial<ValueSpecification> = {}): TestBatch => new TestBatch(asking(own)).do(() => [{ type: 'batch-started' }]).do((b) => startPhase(b, 'receipt', context()));
const answer = (value: boolean | string) => ({ phaseId: 'receipt', valueId: 'bag-intact', value, origin: entered, deviationId: 'DEV-1' });
const record = (test: TestBatch, value: boolean | string) => recordValue(test.batch, answer(value), context());

describe('a check', () => {
  it('answered no is recorded with a deviation, which the review waits for', () => {
    const test = asked();
    test.do(() => record(test, false));
    expect(test.batch.deviations).toMatchObject({ 'DEV-1': { severity: 'major', phaseId: 'receipt', rule: 'value-out-of-limits', state: 'open' } });
    expect(reviewRecord(test.batch)).toContainEqual(expect.objectContaining({ rule: 'deviation-not-closed', subject: 'DEV-1' }));
  });
  it('answered no is refused where the master batch record refuses it', () => { expect(codeOf(() => record(asked({ outOfLimits: 'refuse' }), false))).toBe('value-out-of-limits'); });
  it('answered yes is what was wanted', () => { expect(record(asked(), true)).toMatchObject([{ type: 'value-recorded', value: true }]); });
  it('corrected from yes to no raises a deviation', () => {
    const test = asked();
    test.do(() => record(test, true));
    expect(correctValue(test.batch, { phaseId: 'receipt', valueId: 'bag-intact', value: false, reason: 'a leak at the port', deviationId: 'DEV-2' }, signature('op-1', 'responsibility'), context())).toMatchObject([{ type: 'value-corrected' }, { type: 'deviation-raised', deviationId: 'DEV-2' }]);
  });
  it('answered no without a deviation is found by the review', () => {
    const test = asked().do(() => [{ type: 'value-recorded', phaseId: 'receipt', valueId: 'bag-intact', value: false, unit: '', origin: entered }]);
    expect(reviewRecord(test.batch).map(({ rule }) => rule)).toContain('excursion-without-deviation');
    expect(reviewRecord(receiving().batch).map(({ rule }) => rule)).not.toContain('excursion-without-deviation');
  });
  it('may want a no, or a word', () => {
    expect([conforms(check({ equals: false }), false), conforms(check({ equals: false }), true)]).toEqual([true, false]);
    const colour = check({ type: 'text', equals: 'clear' });
    expect([conforms(colour, 'clear'), conforms(colour, 'cloudy'), conforms(check({ type: 'text' }), 'anything')]).toEqual([true, false, true]);
    expect([describeWanted(check({})), describeWanted(colour), describeWanted(check({ type: 'text' })), describeWanted(check({ type: 'number', unit: 'mL', limits: { low: 1 } }))]).toEqual(['true', 'clear', '', 'at least 1 mL']);
  });
  it('wants an answer of its own type, and limits of a number alone', () => {
    const fault = (own: Partial<ValueSpecification>) => codeOf(() => parseMasterBatchRecord(asking(own)));
    expect([fault({ equals: true }), fault({ type: 'text', equals: 'clear' }), fault({ equals: 'yes' }), fault({ type: 'number', equals: true }), fault({ limits: { low: 1 } })])
      .toEqual([undefined, undefined, 'master-batch-record-malformed', 'master-batch-record-malformed', 'master-batch-record-malformed']);
  });
});

describe('the shipped process', () => {
  const checks = CD19_CAR_T.procedure.flatMap(({ operations }) => operations).flatMap(({ phases }) => phases).flatMap(({ values }) => values).filter(({ type }) => type === 'boolean');
  it('wants yes of every check, and records a damaged bag as it is', () => {
    expect(checks.map(({ id, equals, outOfLimits }) => [id, equals, outOfLimits])).toEqual([
      ['bag-intact', true, 'deviation'], ['integrity-test-passed', true, 'refuse'], ['label-read-back', true, 'refuse'], ['samples-labelled', true, 'refuse'],
    ]);
    expect(started().batch.state).toBe('running');
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { correctValue, recordValue } from '../../../shared/batch/commands/value.ts';
import { describeEvent } from '../../../shared/batch/describe.ts';
import { sampledAt } from '../../../shared/batch/draw-time.ts';
import { context, signature, type TestBatch } from '../../support/batch-fixtures.ts';
import { culturing, viability } from '../../support/batch-execution.ts';
import { codeOf } from '../../support/error-code.ts';

const HOUR_MS = 3_600_000;
const at = (epochMs: number): string => new Date(epochMs).toISOString();
const startedAt = (test: TestBatch): number => Date.parse(test.batch.phases['culture']!.startedAt);
/** Recorded eight hours after the phase began. */
const record = (test: TestBatch, drawnAt?: string): TestBatch => {
  test.nowEpochMs = startedAt(test) + 8 * HOUR_MS;
  return test.do((b) => recordValue(b, { ...viability(90), drawnAt }, context({}, test.nowEpochMs)));
};
const held = (test: TestBatch) => test.batch.phases['culture']!.values['viability']!;
const correct = (test: TestBatch, drawnAt?: string) => test.do((b) => correctValue(b, { phaseId: 'culture', valueId: 'viability', value: 91, drawnAt, reason: 'misread', deviationId: 'D' }, signature('op-1', 'responsibility'), context()));

describe('the moment a sample was drawn', () => {
  it('is kept in UTC beside the time of the record, and is the moment the value is of', () => {
    const test = culturing();
    const drawn = startedAt(test) + HOUR_MS;
    record(test, at(drawn).replace('Z', '+00:00'));
    expect(test.events.at(-1)).toMatchObject({ type: 'value-recorded', drawnAt: at(drawn) });
    expect(sampledAt(held(test))).toBe(at(drawn));
    expect(describeEvent(test.events.at(-1)!).what).toContain(`, sample drawn ${at(drawn)}`);
  });
  it('is the time of the first record where nobody says it, and a correction of the value does not move it', () => {
    const test = record(culturing());
    const first = held(test).recordedAt;
    test.nowEpochMs += HOUR_MS;
    correct(test);
    expect(held(test).recordedAt).not.toBe(first);
    expect([sampledAt(held(test)), held(test).drawnAt, test.events.at(-1)]).toMatchObject([first, undefined, { type: 'value-corrected', newValue: 91 }]);
    expect('newDrawnAt' in test.events.at(-1)!).toBe(false);
  });
  it('lies between the start of the phase and the record, by the server; anything else is refused and nothing recorded', () => {
    fc.assert(fc.property(fc.integer({ min: -24 * 3600, max: 24 * 3600 }), (seconds) => {
      const test = culturing();
      const before = test.events.length;
      const drawnAt = at(startedAt(test) + seconds * 1000);
      const isWithin = seconds >= 0 && seconds * 1000 <= 8 * HOUR_MS;
      expect(codeOf(() => record(test, drawnAt))).toBe(isWithin ? undefined : 'value-draw-time-wrong');
      expect(test.events.length - before).toBe(isWithin ? 1 : 0);
    }), { numRuns: 60 });
    const [first, last] = [culturing(), culturing()];
    expect([codeOf(() => record(first, at(startedAt(first)))), codeOf(() => record(last, at(startedAt(last) + 8 * HOUR_MS)))]).toEqual([undefined, undefined]);
    expect(codeOf(() => record(culturing(), 'yesterday'))).toBe('value-draw-time-wrong');
  });
  it('is corrected by a signature, within the same bounds, with the one before on record', () => {
    const test = culturing();
    const wrong = at(startedAt(test) + HOUR_MS);
    record(test, wrong);
    test.nowEpochMs += HOUR_MS;
    correct(test, at(startedAt(test)));
    expect(test.events.at(-1)).toMatchObject({ oldDrawnAt: wrong, newDrawnAt: at(startedAt(test)), signature: { signerId: 'op-1' } });
    expect(sampledAt(held(test))).toBe(at(startedAt(test)));
    expect(describeEvent(test.events.at(-1)!).what).toContain(`before: ${wrong}`);
    expect([codeOf(() => correct(test, at(startedAt(test) - 1))), codeOf(() => correct(test, at(Date.parse(held(test).firstRecordedAt) + 1)))]).toEqual(['value-draw-time-wrong', 'value-draw-time-wrong']);
    correct(test);
    expect(sampledAt(held(test))).toBe(at(startedAt(test)));
  });
});

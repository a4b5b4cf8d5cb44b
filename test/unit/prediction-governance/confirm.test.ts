import { describe, expect, it } from 'vitest';
import { CLOCK_TOLERANCE_MS, observedAnswer, TELEMETRY_LAG_MS } from '../../../shared/prediction-governance/confirm.ts';

const SENT = Date.parse('2026-03-02T14:05:00.000Z');
const INTERVENTION = { sentAt: '2026-03-02T14:05:00.000Z', acknowledgeBy: '2026-03-02T14:07:00.000Z', value: 1.6 };
const OVER = SENT + 120_000 + TELEMETRY_LAG_MS + 1;
/** Samples as [seconds after the command, value]. */
const answer = (samples: readonly (readonly [number, number])[], nowEpochMs = SENT + 30_000) =>
  observedAnswer(INTERVENTION, { times: samples.map(([seconds]) => SENT + seconds * 1000), values: samples.map(([, value]) => value) }, nowEpochMs);

describe('the answer of the equipment', () => {
  it('is its first report of the value sent, in float32', () => {
    expect(answer([[-90, 1], [-1, 1], [3, Math.fround(1.6)], [60, 1.6]])).toEqual({ value: Math.fround(1.6), at: '2026-03-02T14:05:03.000Z' });
  });
  it.each<readonly [string, readonly (readonly [number, number])[]]>([
    ['nothing came', []], ['it still reports the value from before', [[-90, 1], [5, 1], [60, 1]]], ['its report is not a number', [[-90, 1], [5, Number.NaN]]], ['the value is another, within its time', [[-90, 1], [5, 1.3]]],
    ['it had this value long before', [[-90, 1.6], [-30, 1.6]]],
  ])('is none while %s', (_, samples) => { expect(answer(samples)).toBeUndefined(); });
  it('is taken from a clock that is a little behind', () => {
    expect(answer([[-90, 1], [-20, 1.6]])).toMatchObject({ value: 1.6 });
    expect(answer([[-CLOCK_TOLERANCE_MS / 1000, 1.6]])).toBeUndefined();
  });
  it('is taken anew where it had this value already', () => { expect(answer([[-90, 1.6], [2, 1.6]])).toMatchObject({ at: '2026-03-02T14:05:02.000Z' }); });
  it('is the other value it went to, once its time is over', () => {
    expect(answer([[-90, 1], [5, 1.3]], OVER - 1)).toBeUndefined();
    expect(answer([[-90, 1], [5, 1.3]], OVER)).toEqual({ value: 1.3, at: '2026-03-02T14:05:05.000Z' });
    expect(answer([[-90, 1], [5, 1]], OVER)).toBeUndefined();
    expect(answer([[5, 1]], OVER)).toBeUndefined();
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { requireClock } from '../../../shared/telemetry/device-clock.ts';
import { receive } from '../../../shared/telemetry/received.ts';
import { codeOf } from '../../support/telemetry/code-of.ts';
import { encodePayload, MINUTE, topicOf } from '../../support/telemetry/sparkplug-writer.ts';

const [TOLERANCE, DAY] = [5 * 60_000, 86_400_000] as const;
type Sample = Readonly<{ at?: number; isHistorical?: boolean }>;

/** Code with which a message is refused that was received at MINUTE; times are milliseconds from then. */
const judge = (type: string, sentAt: number, samples: readonly Sample[] = []): string | undefined => {
  const metrics = samples.map(({ at = sentAt, isHistorical = false }) => ({ alias: 1, timestamp: MINUTE + at, isHistorical, datatype: 10, doubleValue: 37 }));
  const raw = { topic: topicOf(type, 'gateway-1', type.startsWith('D') ? 'bioreactor-1' : undefined), payload: encodePayload({ timestamp: MINUTE + sentAt, seq: 1, metrics }), receivedAtEpochMs: MINUTE };
  return codeOf(() => { requireClock(raw, receive(raw), TOLERANCE); });
};
const WRONG = 'device-clock-wrong';

describe('the clock of a gateway', () => {
  it.each(['NBIRTH', 'DBIRTH', 'NDATA', 'DDATA', 'DDEATH'])('may be off by the tolerance, either way, and no more: %s', (type) => {
    expect([TOLERANCE, -TOLERANCE, TOLERANCE + 1, -TOLERANCE - 1, DAY, -DAY].map((at) => judge(type, at))).toEqual([undefined, undefined, WRONG, WRONG, WRONG, WRONG]);
  });

  it('says nothing of a death, which stands at the time of the broker', () => {
    expect(judge('NDEATH', -40 * DAY)).toBeUndefined();
  });

  it('may be far back for what is marked as historical, up to 30 days, and never ahead', () => {
    const late = (at: number): string | undefined => judge('DDATA', 0, [{ at, isHistorical: true }]);
    expect([-30 * DAY, -30 * DAY - 1, TOLERANCE, TOLERANCE + 1].map(late)).toEqual([undefined, WRONG, undefined, WRONG]);
    expect(judge('DDATA', -3 * DAY, [{ isHistorical: true }, { isHistorical: true }])).toBeUndefined();
    expect(judge('DDATA', -3 * DAY, [{ isHistorical: true }, {}])).toBe(WRONG);
  });

  it('is held against each sample: one live sample of another hour is enough', () => {
    expect(judge('DDATA', 0, [{}, { at: -3_600_000 }])).toBe(WRONG);
    expect(judge('NDATA', 0, [{ at: TOLERANCE + 1 }, {}])).toBe(WRONG);
  });

  it('lets a birth say of a value when it last changed', () => {
    expect(judge('DBIRTH', 0, [{ at: -2 * DAY }])).toBeUndefined();
    expect(judge('DBIRTH', 0, [{ at: TOLERANCE + 1 }])).toBe(WRONG);
  });

  it.each([['seconds', Math.floor(MINUTE / 1000)], ['0', 0], ['one that was never set', 1000]])('is no clock when it counts otherwise than in milliseconds: %s', (_, epoch) => {
    for (const isHistorical of [true, false]) expect(judge('DDATA', 0, [{ at: epoch - MINUTE, isHistorical }])).toBe('sparkplug-malformed');
    expect(judge('NDATA', epoch - MINUTE)).toBe('sparkplug-malformed');
  });

  it('is believed within its bounds whatever else a message holds, and refused beyond', () => {
    fc.assert(fc.property(fc.integer({ min: -TOLERANCE, max: TOLERANCE }), fc.array(fc.oneof(
      fc.record({ at: fc.integer({ min: -TOLERANCE, max: TOLERANCE }), isHistorical: fc.boolean() }), fc.record({ at: fc.integer({ min: -30 * DAY, max: 0 }), isHistorical: fc.constant(true) }),
    ), { maxLength: 5 }), fc.integer({ min: TOLERANCE + 1, max: 40 * DAY }), (sentAt, samples, ahead) => {
      expect(judge('DDATA', sentAt, samples)).toBeUndefined();
      expect(judge('DDATA', sentAt, [...samples, { at: ahead, isHistorical: true }])).toBe(WRONG);
    }));
  });
});

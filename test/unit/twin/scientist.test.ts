import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { streamOf } from '../../../models/random/streams.ts';
import { answersFrom } from '../../../models/twin/assist/scientist.ts';

describe('a scientist who is asked to sign', () => {
  it('never signs at night, by the clock of the hospital, and never before being asked', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 72, max: 300 }), fc.nat(10_000), (activationHour, hour, index) => {
      const answer = answersFrom(activationHour)(hour, streamOf(1, index, 'test'));
      const clock = (answer.hour + activationHour) % 24;
      expect(answer.hour).toBeGreaterThan(hour);
      expect(clock).toBeGreaterThanOrEqual(6 - 1e-9);
      expect(clock).toBeLessThanOrEqual(22);
    }));
  });

  it('asked in the morning answers the same morning mostly; asked late, the next day', () => {
    const waits = (hour: number): number[] => Array.from({ length: 200 }, (_, i) => answersFrom(10)(hour, streamOf(2, i, 'test')).hour - hour).sort((a, b) => a - b);
    expect(waits(72)[100]).toBeLessThan(4);
    expect(waits(84)[100]).toBeGreaterThan(7);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextInstant, workBegins, workEnds } from '../../../../../models/twin/release/calendar.ts';

const OFFICE = { weekday: { fromHour: 8, toHour: 17 } };
const ON_CALL = { ...OFFICE, weekend: { fromHour: 9, toHour: 13 } };
const at = (day: number, hour: number): number => day * 1440 + hour * 60;
const minute = fc.double({ min: 0, max: 60 * 1440, noNaN: true });
const work = fc.double({ min: 0, max: 5000, noNaN: true });

describe('a working calendar', () => {
  it('lets work rest over night and over the weekend', () => {
    expect(workEnds(OFFICE, at(0, 16), 120)).toBe(at(1, 9));
    expect(workEnds(OFFICE, at(4, 16), 120)).toBe(at(7, 9));
    expect(workEnds(ON_CALL, at(4, 16), 120)).toBe(at(5, 10));
  });

  it('begins at once within hours, else at the next opening', () => {
    expect(workBegins(OFFICE, at(2, 10))).toBe(at(2, 10));
    expect(workBegins(OFFICE, at(2, 17))).toBe(at(3, 8));
    expect(workBegins(OFFICE, at(5, 10))).toBe(at(7, 8));
    expect(workBegins(ON_CALL, at(5, 3))).toBe(at(5, 9));
  });

  it('never ends earlier for a later start or for more work, and does as many minutes as were asked', () => {
    fc.assert(fc.property(minute, minute, work, work, (a, b, some, more) => {
      expect(workEnds(ON_CALL, Math.max(a, b), some)).toBeGreaterThanOrEqual(workEnds(ON_CALL, Math.min(a, b), some));
      expect(workEnds(ON_CALL, a, some + more)).toBeGreaterThanOrEqual(workEnds(ON_CALL, a, some));
      expect(workEnds(ON_CALL, a, some + more)).toBeCloseTo(workEnds(ON_CALL, workEnds(ON_CALL, a, some), more), 5);
    }));
  });

  it('names minutes that are not a time of work', () => {
    expect(() => workEnds(OFFICE, 0, -1)).toThrow('minutes: got -1, want 0 or more');
    expect(() => workEnds(OFFICE, 0, Number.NaN)).toThrow('minutes: got NaN');
  });
});

describe('instants of the week', () => {
  it('finds the next pick-up, today if it is still to come', () => {
    const pickUp = { days: [0, 4], hour: 16 };
    expect(nextInstant(pickUp, at(0, 16))).toBe(at(0, 16));
    expect(nextInstant(pickUp, at(0, 17))).toBe(at(4, 16));
    expect(nextInstant(pickUp, at(4, 17))).toBe(at(7, 16));
    expect(nextInstant({ days: [2], hour: 9 }, at(2, 10))).toBe(at(9, 9));
  });
});

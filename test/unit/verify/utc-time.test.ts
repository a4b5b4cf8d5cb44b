import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TIME_CHARACTERS, isUtcTime } from '../../../scripts/verify/utc-time.ts';

/** The same rule as a pattern. */
const UTC = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/;
const isTime = (text: string): boolean => isUtcTime(Buffer.from(`##${text}##`, 'latin1'), 2);

describe('the time of an entry', () => {
  it('is what a clock gives, at any time', () => {
    fc.assert(fc.property(fc.date({ min: new Date(0), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true }), (date) => isTime(date.toISOString())));
  });

  it('is refused wherever the pattern refuses it, one character changed', () => {
    const printable = fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code));
    fc.assert(fc.property(fc.nat(TIME_CHARACTERS - 1), fc.oneof(printable, fc.nat(9).map(String)), (at, character) => {
      const text = '2026-03-12T14:05:09.120Z';
      const changed = `${text.slice(0, at)}${character}${text.slice(at + 1)}`;
      expect([changed, isTime(changed)]).toEqual([changed, UTC.test(changed)]);
    }), { numRuns: 3_000 });
  });

  it.each(['2026-00-10T00:00:00.000Z', '2026-13-10T00:00:00.000Z', '2026-01-00T00:00:00.000Z', '2026-01-32T00:00:00.000Z', '2026-01-10T24:00:00.000Z', '2026-01-10T00:60:00.000Z', '2026-01-10T00:00:60.000Z', '2026-01-10T00:00:00.000+'])('refuses %s', (text) => {
    expect(isTime(text)).toBe(false);
  });
});

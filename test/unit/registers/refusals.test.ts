import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DomainError, ERROR_KIND_BY_CODE, type ErrorCode } from '../../../shared/errors.ts';
import type { Recorded } from '../../../shared/record/envelope.ts';
import { evolveRefusals, isSecurityRefusal, MAXIMUM_LISTED, noteRefusal, REPEATED_COUNT, REPEATED_WITHIN_MINUTES, type Refusals, type SecurityEvent } from '../../../shared/security/refusals.ts';

const START = Date.parse('2026-03-02T08:00:00.000Z');
const refusal = { personId: 'op-1', operation: 'recordDisposition', code: 'role-missing', requestId: 'r-1' };

/** What is on record after refusals at these minutes. */
const after = (minutes: readonly number[]): Readonly<{ state: Refusals | undefined; events: readonly SecurityEvent[] }> => {
  let state: Refusals | undefined;
  const events = minutes.flatMap((minute) => {
    const at = START + minute * 60_000;
    const noted = noteRefusal(state, refusal, at);
    for (const event of noted) state = evolveRefusals(state, { event, recordedAt: new Date(at).toISOString() } as Recorded<SecurityEvent>);
    return noted;
  });
  return { state, events };
};
const count = (events: readonly SecurityEvent[], type: SecurityEvent['type']): number => events.filter((event) => event.type === type).length;

describe('refusals of a person', () => {
  it('tell people after five within ten minutes, and after five more', () => {
    expect(after([0, 1, 2, 3]).events.map(({ type }) => type)).toEqual(Array.from({ length: 4 }, () => 'access-refused'));
    expect(after([0, 1, 2, 3, 4]).events.at(-1)).toEqual({ type: 'refusals-repeated', personId: 'op-1', count: REPEATED_COUNT, withinMinutes: REPEATED_WITHIN_MINUTES });
    expect(count(after([0, 1, 2, 3, 4, 5, 6, 7, 8]).events, 'refusals-repeated')).toBe(1);
    expect(count(after([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]).events, 'refusals-repeated')).toBe(2);
  });
  it('that are ten minutes apart tell nobody', () => {
    expect(count(after([0, 10, 20, 30, 40, 50]).events, 'refusals-repeated')).toBe(0);
    expect(count(after([0, 9.99, 9.99, 9.99, 9.99]).events, 'refusals-repeated')).toBe(1);
    expect(count(after([0, 10, 10, 10, 10]).events, 'refusals-repeated')).toBe(0);
  });
  it('are listed so often a day and not once more, whatever comes', () => {
    fc.assert(fc.property(fc.array(fc.nat(600), { minLength: 1, maxLength: 400 }), (minutes) => {
      const { events } = after(minutes.toSorted((a, b) => a - b));
      expect(count(events, 'access-refused')).toBe(Math.min(minutes.length, MAXIMUM_LISTED));
      expect(count(events, 'refusals-no-longer-listed')).toBe(minutes.length >= MAXIMUM_LISTED ? 1 : 0);
      expect(count(events, 'refusals-repeated')).toBeLessThanOrEqual(MAXIMUM_LISTED / REPEATED_COUNT);
    }), { numRuns: 100 });
  });
});

it('a refusal is one about who asked when a role, a register or a sign-in does not allow it', () => {
  const codes = Object.keys(ERROR_KIND_BY_CODE) as ErrorCode[];
  const noted = codes.filter((code) => isSecurityRefusal(new DomainError(code, 'x')));
  expect(noted).toEqual(expect.arrayContaining(['role-missing', 'training-lapsed', 'person-not-registered', 'person-not-active', 'credential-unconfirmed', 'reauthentication-failed', 'reauthentication-stale', 'reauthentication-used', 'signature-meaning-wrong', 'signature-same-person', 'custody-same-person']));
  for (const code of ['request-malformed', 'version-conflict', 'batch-open-points', 'material-expired', 'record-corrupt', 'batch-not-found']) expect(noted).not.toContain(code);
});

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { OLDEST_CULTURE_MS, silentDevices } from '../../../shared/telemetry/silent-devices.ts';

const NOW = Date.parse('2026-03-02T08:00:00Z');
const DAY_MS = 86_400_000;
const birth = fc.record({ deviceId: fc.constantFrom('a', 'b', undefined), daysAgo: fc.integer({ min: 0, max: 200 }) });

it('names no device that may have spoken while a culture may last: by each session of the edge node, looked at one by one', () => {
  fc.assert(fc.property(fc.array(birth, { maxLength: 12 }), (drawn) => {
    const births = drawn.map(({ deviceId, daysAgo }) => ({ timestampEpochMs: NOW - daysAgo * DAY_MS, ...(deviceId !== undefined && { deviceId }) }));
    const silent = silentDevices(births, NOW);
    for (const deviceId of ['a', 'b']) {
      const own = drawn.filter((each) => each.deviceId === deviceId).map(({ daysAgo }) => daysAgo);
      // Until a moment it may have spoken when its last birth is not older than the last of the edge node before that moment.
      const mayHaveSpoken = Array.from({ length: OLDEST_CULTURE_MS / DAY_MS + 1 }, (_, day) => day).some((day) => {
        const [last, session] = [Math.min(...own.filter((ago) => ago >= day)), Math.min(...drawn.filter((each) => each.deviceId === undefined && each.daysAgo > day).map(({ daysAgo }) => daysAgo))];
        return last <= session && last < Infinity;
      });
      expect(silent.has(deviceId)).toBe(own.length > 0 && !mayHaveSpoken);
    }
  }), { numRuns: 500 });
});

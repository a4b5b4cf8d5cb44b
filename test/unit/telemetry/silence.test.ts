import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { followSilence, longestSilenceMs, uncoveredMs } from '../../../shared/telemetry/silence.ts';

const LONGEST = 10;
const follow = (samples: readonly (readonly [number, number])[], since = 0) => followSilence({ times: samples.map(([time]) => time), values: samples.map(([, value]) => value) }, since, LONGEST);

describe('the silence of a critical parameter', () => {
  it('is longer than its master batch record says, or a quarter of an hour', () => {
    expect([longestSilenceMs({}), longestSilenceMs({ longestSilenceMinutes: 3 })]).toEqual([900_000, 180_000]);
    expect(follow([[0, 37], [10, 37], [21, 37]]).silences).toEqual([{ fromEpochMs: 10, toEpochMs: 21 }]);
  });

  it('is not broken by samples that are no measurement', () => {
    for (const value of [Number.NaN, Infinity, -Infinity]) expect(follow([[0, 37], [5, value], [10, value], [15, 37]])).toEqual({ silences: [{ fromEpochMs: 0, toEpochMs: 15 }], sinceEpochMs: 15 });
    expect(follow([[5, Number.NaN]], 2)).toEqual({ silences: [], sinceEpochMs: 2 });
  });

  it('is the same when it is followed in pieces', () => {
    const sample = fc.tuple(fc.integer({ min: 0, max: 400 }), fc.constantFrom(37, Number.NaN));
    fc.assert(fc.property(fc.array(sample, { maxLength: 40 }), fc.integer({ min: 0, max: 400 }), (drawn, cut) => {
      const samples = drawn.toSorted(([a], [b]) => a - b);
      const first = follow(samples.filter(([time]) => time < cut));
      const second = follow(samples.filter(([time]) => time >= cut), first.sinceEpochMs);
      expect({ silences: [...first.silences, ...second.silences], sinceEpochMs: second.sinceEpochMs }).toEqual(follow(samples));
    }));
  });

  it('counts where no gap is on record yet, as a walk over each millisecond counts', () => {
    const stretch = fc.tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 60 })).map(([a, b]) => ({ fromEpochMs: Math.min(a, b), toEpochMs: Math.max(a, b) }));
    fc.assert(fc.property(stretch, fc.array(stretch, { maxLength: 6 }), (whole, others) => {
      let want = 0;
      for (let at = whole.fromEpochMs; at < whole.toEpochMs; at += 1) if (!others.some(({ fromEpochMs, toEpochMs }) => at >= fromEpochMs && at < toEpochMs)) want += 1;
      expect(uncoveredMs(whole, others)).toBe(want);
    }));
  });
});

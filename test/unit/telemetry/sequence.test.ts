import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Mark } from '../../../shared/telemetry/mark.ts';
import { findGaps, type Gap } from '../../../shared/telemetry/sequence.ts';
import { MINUTE } from '../../support/telemetry/sparkplug-writer.ts';

const mark = (seconds: number, seq: number | undefined, type: Mark['type'] = 'NDATA', more: Partial<Mark> = {}): Mark => ({ timeEpochMs: MINUTE + seconds * 1000, seq, type, deviceId: undefined, bdSeq: undefined, ...more });
const shown = ({ fromEpochMs, toEpochMs, lostMessages, cause, deviceId }: Gap): unknown => [(fromEpochMs - MINUTE) / 1000, (toEpochMs - MINUTE) / 1000, lostMessages, cause, ...(deviceId === undefined ? [] : [deviceId])];
const gapsOf = (marks: readonly Mark[]): unknown[] => findGaps('gateway-1', marks, undefined).gaps.map(shown);

/** A birth and `count` data messages, one a second. */
const session = (count: number): readonly Mark[] => [mark(0, 0, 'NBIRTH', { bdSeq: 4 }), ...Array.from({ length: count }, (_, i) => mark(i + 1, (i + 1) % 256))];

describe('numbers of an edge node', () => {
  it('show no gap when all messages are there, through many wraps', () => {
    expect(gapsOf(session(2000))).toEqual([]);
  });

  it('show exactly the runs of messages that were taken away', () => {
    const all = session(600);
    // A run of 223 or more of 256 could be a message out of order; this property stays below.
    const holes = fc.uniqueArray(fc.record({ start: fc.integer({ min: 1, max: 590 }), length: fc.integer({ min: 1, max: 200 }) }), { maxLength: 4, selector: ({ start }) => start });
    fc.assert(fc.property(holes, (taken) => {
      const kept = all.filter((_, i) => i === 0 || i === 600 || !taken.some(({ start, length }) => i >= start && i < start + length));
      // Naive account: walk the seconds that are left. A loss of 256 and more shows less than was lost.
      const want = kept.flatMap(({ timeEpochMs }, i) => {
        const before = kept[i - 1]?.timeEpochMs ?? timeEpochMs;
        const lost = (timeEpochMs - before) / 1000 - 1;
        return lost > 0 && lost % 256 !== 0 ? [[(before - MINUTE) / 1000, (timeEpochMs - MINUTE) / 1000, lost % 256, 'sequence']] : [];
      });
      expect(gapsOf(kept)).toEqual(want);
    }));
  });

  it('show the same gaps in whatever order and how often messages came', () => {
    const marks = session(40).filter((_, i) => i !== 7 && i !== 8 && i !== 30);
    fc.assert(fc.property(fc.shuffledSubarray([...marks, ...marks], { minLength: marks.length * 2 }), (shuffled) => {
      expect(findGaps('gateway-1', shuffled, undefined)).toEqual(findGaps('gateway-1', marks, undefined));
    }));
  });

  it('show the same gaps when they are gone through in pieces', () => {
    const births = [mark(100, 0, 'NBIRTH', { bdSeq: 5 }), mark(60, undefined, 'NDEATH', { bdSeq: 4 }), mark(70, undefined, 'NDEATH', { bdSeq: 3 }), mark(20, 20, 'DDEATH', { deviceId: 'pump-1' }), mark(40, 40, 'DBIRTH', { deviceId: 'pump-1' })];
    const all = [...session(58).filter((_, i) => i % 9 !== 4 && i !== 20 && i !== 40), ...births, mark(101, 1), mark(102, 3)].sort((a, b) => a.timeEpochMs - b.timeEpochMs);
    const whole = findGaps('gateway-1', all, undefined);
    fc.assert(fc.property(fc.uniqueArray(fc.integer({ min: 1, max: all.length - 1 }), { maxLength: 6 }), (cuts) => {
      const ends = [...cuts.sort((a, b) => a - b), all.length];
      let state: ReturnType<typeof findGaps>['after'];
      const gaps: Gap[] = [];
      ends.forEach((end, i) => {
        const found = findGaps('gateway-1', all.slice(ends[i - 1] ?? 0, end), state);
        gaps.push(...found.gaps);
        state = found.after;
      });
      expect(gaps.map(({ gapId }) => gapId).sort()).toEqual(whole.gaps.map(({ gapId }) => gapId).sort());
      expect(state).toEqual(whole.after);
    }));
    expect(whole.gaps.length).toBeGreaterThan(6);
  });

  it('are put right when a clock was set back a little', () => {
    expect(gapsOf([mark(0, 250, 'NBIRTH'), mark(1, 251), mark(1.4, 253), mark(1.5, 252), mark(2, 254)])).toEqual([]);
    expect(gapsOf([mark(0, 254), mark(1, 0), mark(1.2, 255), mark(2, 1)])).toEqual([]);
  });

  it('do not hide a great loss as messages out of order', () => {
    // 240 lost looks like 16 back, but 16 back was heard already; and the next message is a minute later, which no clock jitter explains.
    expect(gapsOf([...session(20), mark(21, (20 + 241) % 256)])).toEqual([[20, 21, 240, 'sequence']]);
    expect(gapsOf([mark(0, 100), mark(60, (100 + 241) % 256)])).toEqual([[0, 60, 240, 'sequence']]);
  });
});

describe('an edge node that was offline', () => {
  it('leaves a gap from its death to its next birth', () => {
    expect(gapsOf([...session(5), mark(9, undefined, 'NDEATH', { bdSeq: 4 }), mark(30, 0, 'NBIRTH', { bdSeq: 5 }), mark(31, 1)])).toEqual([[9, 30, 0, 'offline']]);
  });

  it('is not ended by the late will of an earlier session', () => {
    expect(gapsOf([...session(5), mark(5.5, undefined, 'NDEATH', { bdSeq: 3 }), mark(6, 6)])).toEqual([]);
  });

  it('leaves a gap even when its death was never heard', () => {
    expect(gapsOf([...session(5), mark(40, 0, 'NBIRTH', { bdSeq: 5 })])).toEqual([[5, 40, 0, 'offline']]);
  });

  it('leaves a gap before each rebirth in the same session, since numbers begin again and hide what was lost', () => {
    expect(gapsOf([...session(5), mark(6, 0, 'NBIRTH', { bdSeq: 4 }), mark(7, 1)])).toEqual([[5, 6, 0, 'rebirth']]);
    expect(gapsOf([mark(0, 0, 'NBIRTH'), mark(3, 1), mark(9, 0, 'NBIRTH'), mark(9, 0, 'NBIRTH')])).toEqual([[3, 9, 0, 'rebirth']]);
  });

  it('leaves none before its first birth, nor for one that comes in the same millisecond as what went before', () => {
    expect(gapsOf([mark(0, 0, 'NBIRTH', { bdSeq: 4 }), mark(0, 0, 'NBIRTH', { bdSeq: 5 }), mark(1, 1)])).toEqual([]);
  });

  it('keeps the gaps found before its death when data goes on without a birth', () => {
    expect(gapsOf([mark(0, 0, 'NBIRTH'), mark(1, 3), mark(2, undefined, 'NDEATH'), mark(5, 9)])).toEqual([[0, 1, 2, 'sequence'], [2, 5, 0, 'offline']]);
  });

  it('tells of one device only, when only that was lost', () => {
    expect(gapsOf([mark(0, 0, 'NBIRTH'), mark(1, 1, 'DDEATH', { deviceId: 'pump-1' }), mark(2, 2, 'DDATA', { deviceId: 'bioreactor-1' }), mark(8, 3, 'DBIRTH', { deviceId: 'pump-1' })])).toEqual([[1, 8, 0, 'offline', 'pump-1']]);
  });
});

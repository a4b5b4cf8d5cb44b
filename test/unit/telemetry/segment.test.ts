import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { labelOfKey, minuteLabel, minuteOf, minuteOfSegment, objectKeyOf, parseMinuteLabel } from '../../../shared/telemetry/minute.ts';
import { decodeSegment, encodeSegment } from '../../../shared/telemetry/segment.ts';
import { codeOf } from '../../support/telemetry/code-of.ts';
import { MINUTE } from '../../support/telemetry/sparkplug-writer.ts';

const message = fc.record({ topic: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }), payload: fc.uint8Array({ maxLength: 60 }), receivedAtEpochMs: fc.nat() });
const lineOf = ({ topic, payload, receivedAtEpochMs }: Readonly<{ topic: string; payload: Uint8Array; receivedAtEpochMs: number }>): string => `${topic}|${receivedAtEpochMs}|${Buffer.from(payload).toString('hex')}`;

describe('a segment', () => {
  it('gives back the messages of a batch, each once', () => {
    fc.assert(fc.property(fc.array(message, { maxLength: 20 }), (messages) => {
      expect(decodeSegment(encodeSegment([...messages, ...messages]).bytes).map(lineOf).sort()).toEqual([...new Set(messages.map(lineOf))].sort());
    }));
  });

  it('has one name and content for one batch, in whatever order its messages came', () => {
    fc.assert(fc.property(fc.array(message, { maxLength: 10 }), (messages) => {
      expect(encodeSegment(messages.toReversed())).toEqual(encodeSegment(messages));
    }));
  });

  it('is found out when any bit is turned or it is cut short', () => {
    const { bytes } = encodeSegment([{ topic: 'spBv1.0/north/NDATA/g', payload: Buffer.from('payload of a message'), receivedAtEpochMs: MINUTE }, { topic: 'b', payload: new Uint8Array(), receivedAtEpochMs: 1 }]);
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const damaged = Buffer.from(bytes);
      damaged[bit >> 3]! ^= 1 << (bit & 7);
      // A few bits of a compressed frame's header say nothing of its content; whatever decodes must be what was written.
      const code = codeOf(() => { expect(decodeSegment(damaged).map(lineOf)).toEqual(decodeSegment(bytes).map(lineOf)); });
      expect([undefined, 'chunk-corrupt']).toContain(code);
    }
    for (let length = 0; length < bytes.length; length += 1) expect(codeOf(() => decodeSegment(bytes.subarray(0, length)))).toBe('chunk-corrupt');
  });
});

describe('a minute', () => {
  it('has a label that sorts as time and can be read back', () => {
    expect(minuteLabel(MINUTE)).toBe('2026-03-02T1405');
    fc.assert(fc.property(fc.integer({ min: 0, max: 4_000_000_000 }), fc.integer({ min: 0, max: 4_000_000_000 }), (a, b) => {
      const [first, second] = [minuteOf(a * 1000), minuteOf(b * 1000)];
      expect(parseMinuteLabel(minuteLabel(first))).toBe(first);
      expect(Math.sign(first - second)).toBe(minuteLabel(first) < minuteLabel(second) ? -1 : minuteLabel(first) > minuteLabel(second) ? 1 : 0);
    }));
  });

  it('is told by the names of objects', () => {
    expect(labelOfKey(objectKeyOf.chunk('g', 'd', MINUTE))).toBe(MINUTE);
    expect(labelOfKey(objectKeyOf.hour('g', undefined, MINUTE - 5 * 60_000))).toBe(MINUTE - 5 * 60_000);
    expect(minuteOfSegment(objectKeyOf.segment(MINUTE, 'ab'))).toBe(MINUTE);
    for (const label of ['', '2026-03-02T14:05', '2026-13-02T1405', '2026-03-02T2565']) expect(() => parseMinuteLabel(label)).toThrow(RangeError);
  });
});

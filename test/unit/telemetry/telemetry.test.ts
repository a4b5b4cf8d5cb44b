import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BirthBook } from '../../../shared/telemetry/birth.ts';
import { decodeChunk, encodeChunk } from '../../../shared/telemetry/chunk.ts';
import { MinuteCollector, type Received } from '../../../shared/telemetry/collect.ts';
import { closeColumn, compareValues, type OpenColumn } from '../../../shared/telemetry/column.ts';
import { downSample } from '../../../shared/telemetry/down-sample.ts';
import { decodeMessage, type MetricValue } from '../../../shared/telemetry/message.ts';
import { decodeSegment, encodeSegment } from '../../../shared/telemetry/segment.ts';
import { findGaps, type SequenceMark } from '../../../shared/telemetry/sequence.ts';
import { parseTopic } from '../../../shared/telemetry/topic.ts';
import { codeOf } from '../../support/error-code.ts';

const MINUTE = Date.parse('2026-03-02T14:05:00.000Z');

const awkward: fc.Arbitrary<MetricValue> = fc.oneof(
  fc.constantFrom<MetricValue>(0, -0, NaN, Infinity, -Infinity, 5e-324, -5e-324, 1.7976931348623157e308, 0.1, 37.01, 2 ** 53, null, '', 'text', 18446744073709551615n, -9223372036854775808n),
  fc.double(), fc.integer({ min: -1_000_000, max: 1_000_000 }).map((n) => n / 100), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }), fc.string(), fc.uint8Array({ maxLength: 20 }),
);
const column: fc.Arbitrary<OpenColumn> = fc.record({ name: fc.constantFrom('a', 'b', 'Bioreactor/pH'), datatype: fc.nat({ max: 34 }), samples: fc.array(fc.tuple(fc.nat({ max: 59_999 }), awkward), { minLength: 1, maxLength: 40 }) })
  .map(({ name, datatype, samples }) => ({ name, datatype, times: samples.map(([time]) => MINUTE + time), values: samples.map(([, value]) => value) }));
const chunkOf = (columns: readonly OpenColumn[]) => ({ nodeId: 'north', edgeNodeId: 'gateway-1', deviceId: 'bioreactor-1', minuteEpochMs: MINUTE, columns: columns.map(closeColumn) });
const unique = (columns: readonly OpenColumn[]) => [...new Map(columns.map((each) => [`${each.name}/${each.datatype}`, each])).values()];

describe('chunk', () => {
  it('gives back every value bit for bit', () => {
    fc.assert(fc.property(fc.array(column, { minLength: 1, maxLength: 5 }), (columns) => {
      const chunk = chunkOf(unique(columns));
      const back = decodeChunk(encodeChunk(chunk));
      const byName = (list: typeof back.columns) => new Map(list.map((each) => [`${each.name}/${each.datatype}`, each]));
      for (const [name, { times, values }] of byName(chunk.columns)) {
        const got = byName(back.columns).get(name)!;
        expect(got.times).toEqual(times);
        expect(values.every((value, i) => compareValues(value, got.values[i]!) === 0 && Object.is(typeof value, typeof got.values[i]))).toBe(true);
      }
    }));
  });
  it('detects any flipped bit', () => {
    const bytes = encodeChunk(chunkOf([{ name: 'a', datatype: 10, times: Array.from({ length: 60 }, (_, i) => MINUTE + i * 1000), values: Array.from({ length: 60 }, (_, i) => Math.sin(i)) }]));
    fc.assert(fc.property(fc.nat({ max: bytes.length * 8 - 1 }), (bit) => {
      const damaged = Buffer.from(bytes);
      damaged[bit >> 3]! ^= 1 << (bit & 7);
      expect(codeOf(() => decodeChunk(damaged))).toBe('chunk-corrupt');
    }), { numRuns: 500 });
  });
  it('detects a truncated chunk', () => {
    const bytes = encodeChunk(chunkOf([{ name: 'a', datatype: 10, times: [MINUTE], values: [1] }]));
    for (let length = 0; length < bytes.length; length += 1) expect(codeOf(() => decodeChunk(bytes.subarray(0, length)))).toBe('chunk-corrupt');
  });
});

describe('a minute of messages', () => {
  const table = [['Temperature', '1', 10], ['pH', '2', 10]] as const;
  const births = () => new BirthBook([{ edgeNodeId: 'g', deviceId: 'd', timestampEpochMs: MINUTE - 1000, bdSeq: 0, table }]);
  const message = (time: number, values: readonly number[]): Received => ({
    address: { groupId: 'north', messageType: 'DDATA', edgeNodeId: 'g', deviceId: 'd' },
    message: { timestampEpochMs: time, seq: 1, metrics: values.map((value, i) => ({ name: undefined, alias: BigInt(i + 1), datatype: 0, value, timestampEpochMs: time, isHistorical: false })) },
  });
  const chunkFrom = (messages: readonly Received[]) => {
    const collector = new MinuteCollector(MINUTE);
    for (const each of messages) collector.addMessage(each, births());
    return collector.devices().map((device) => encodeChunk({ nodeId: 'north', minuteEpochMs: MINUTE, ...device }).toString('hex'));
  };
  it('gives the same bytes in any order, with any duplicates, merged in any parts', () => {
    const messages = fc.array(fc.tuple(fc.nat({ max: 59_999 }), fc.double(), fc.double()), { minLength: 1, maxLength: 20 }).map((list) => list.map(([time, a, b]) => message(MINUTE + time, [a, b])));
    fc.assert(fc.property(messages.chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray([...list, ...list], { minLength: list.length * 2, maxLength: list.length * 2 }), fc.nat({ max: list.length }))), ([list, shuffled, cut]) => {
      const whole = chunkFrom(list);
      expect(chunkFrom(shuffled)).toEqual(whole);
      const part = new MinuteCollector(MINUTE);
      for (const each of list.slice(0, cut)) part.addMessage(each, births());
      const union = new MinuteCollector(MINUTE);
      for (const each of list.slice(cut)) union.addMessage(each, births());
      for (const { edgeNodeId, deviceId, columns } of part.devices()) union.addColumns(edgeNodeId, deviceId, columns);
      expect(union.devices().map((device) => encodeChunk({ nodeId: 'north', minuteEpochMs: MINUTE, ...device }).toString('hex'))).toEqual(whole);
    }));
  });
  it('names aliases by the latest birth at or before the message', () => {
    const book = births();
    book.add({ edgeNodeId: 'g', deviceId: 'd', timestampEpochMs: MINUTE + 30_000, bdSeq: 1, table: [['pH', '1', 10]] });
    const collector = new MinuteCollector(MINUTE);
    for (const each of [message(MINUTE + 40_000, [7]), message(MINUTE + 10_000, [37])]) collector.addMessage(each, book);
    expect(collector.devices()[0]!.columns.map(({ name, values }) => [name, values])).toEqual([['Temperature', [37]], ['pH', [7]]]);
  });
  it('counts metrics no birth names', () => {
    const collector = new MinuteCollector(MINUTE);
    collector.addMessage(message(MINUTE, [1, 2, 3]), births());
    expect(collector.unresolvedCount).toBe(1);
  });
});

describe('sequence gaps', () => {
  const stream = (count: number): SequenceMark[] => Array.from({ length: count }, (_, i) => ({ timestampEpochMs: MINUTE + i * 10, seq: i % 256, kind: i === 0 ? 'birth' as const : 'data' as const }));
  it('finds none in a whole stream across the wrap, in any order', () => {
    fc.assert(fc.property(fc.shuffledSubarray(stream(600), { minLength: 600 }), (marks) => { expect(findGaps('g', marks, undefined).gaps).toEqual([]); }), { numRuns: 20 });
  });
  it('finds every loss with its count, in any order, the same each time', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 1, max: 50 }), (at, lost) => {
      const left = stream(600).filter((_, i) => i < at || i >= at + lost);
      const { gaps } = findGaps('g', left, undefined);
      expect(gaps.map(({ lostMessages }) => lostMessages)).toEqual([lost]);
      expect(findGaps('g', left.toReversed(), undefined).gaps).toEqual(gaps);
    }));
  });
  it('sees a loss at the border of two sets', () => {
    const marks = stream(20);
    const { last } = findGaps('g', marks.slice(0, 10), undefined);
    expect(findGaps('g', marks.slice(12), last).gaps.map(({ lostMessages }) => lostMessages)).toEqual([2]);
  });
  it('calls the time after a death offline', () => {
    const marks: SequenceMark[] = [{ timestampEpochMs: MINUTE, seq: undefined, kind: 'death' }, { timestampEpochMs: MINUTE + 9000, seq: 0, kind: 'birth' }];
    expect(findGaps('g', marks, undefined).gaps).toMatchObject([{ cause: 'offline', fromEpochMs: MINUTE, toEpochMs: MINUTE + 9000 }]);
  });
});

describe('foreign bytes', () => {
  it('are refused by name, never crash', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      expect(['sparkplug-malformed', 'sparkplug-too-large', undefined]).toContain(codeOf(() => decodeMessage(bytes)));
    }));
  });
  it('larger than AWS IoT takes are refused', () => { expect(codeOf(() => decodeMessage(new Uint8Array(131_073)))).toBe('sparkplug-too-large'); });
  it.each(['spAv1.0/n/NDATA/e', 'spBv1.0/n/NDATA/e/d', 'spBv1.0/n/DDATA/e', 'spBv1.0//NDATA/e', 'spBv1.0/n/XDATA/e', 'spBv1.0/n/DDATA/e/d/x', ''])('topic %s is refused', (topic) => {
    expect(codeOf(() => parseTopic(topic))).toBe('sparkplug-malformed');
  });
  it('come back whole from a segment, which detects truncation', () => {
    const messages = [{ topic: 'spBv1.0/n/NDATA/e', payload: Buffer.from([1, 2, 3]), receivedAtEpochMs: MINUTE }];
    const { bytes, sha256 } = encodeSegment(messages);
    expect(decodeSegment(bytes).map(({ payload }) => [...payload])).toEqual([[1, 2, 3]]);
    expect(encodeSegment(messages).sha256).toBe(sha256);
    expect(codeOf(() => decodeSegment(bytes.subarray(0, bytes.length - 3)))).toBe('chunk-corrupt');
  });
});

it('thins a series so that ends, extremes and missing values survive', () => {
  fc.assert(fc.property(fc.array(fc.oneof(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), fc.constant(NaN)), { minLength: 1, maxLength: 400 }), fc.integer({ min: 4, max: 60 }), (values, points) => {
    const series = { times: values.map((_, i) => i), values };
    const thin = downSample(series, points);
    expect(thin.times[0]).toBe(0);
    expect(thin.times.at(-1)).toBe(values.length - 1);
    const finite = values.filter(Number.isFinite);
    if (finite.length > 0) expect(thin.values).toEqual(expect.arrayContaining([Math.min(...finite), Math.max(...finite)]));
    expect(thin.values.some(Number.isNaN)).toBe(values.some(Number.isNaN));
    expect(thin.times.length).toBeLessThanOrEqual(Math.max(points, Math.floor(points / 4) * 5));
  }));
});

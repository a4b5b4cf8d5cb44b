import { readFileSync } from 'node:fs';
import { deflateSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeMessage, MAXIMUM_INFLATED_BYTES, MAXIMUM_METRICS, MAXIMUM_PAYLOAD_BYTES } from '../../../shared/telemetry/message.ts';
import { FIELD, FLAG, type Metric } from '../../../shared/telemetry/metric.ts';
import { rebirthCommand, writeCommand } from '../../../shared/telemetry/command.ts';
import { numberOf } from '../../../shared/telemetry/series.ts';
import { codeOf } from '../../support/telemetry/code-of.ts';
import { DATATYPE, decodePayload, encodePayload, MINUTE } from '../../support/telemetry/sparkplug-writer.ts';

type Fixture = Readonly<{ hex: string; input: Readonly<{ timestamp: number; seq?: number; metrics: readonly Readonly<{ name?: string; alias?: number; value: unknown }>[] }> }>;
const { cases } = JSON.parse(readFileSync(new URL('../../vectors/sparkplug/fixtures.json', import.meta.url), 'utf8')) as { cases: Record<string, Fixture> };
const fixture = (name: string): readonly Metric[] => decodeMessage(Buffer.from(cases[name]!.hex, 'hex')).metrics;
const number = ({ field, datatype, low, high }: Metric): number => numberOf(field, datatype, low, high);

describe('decoding the published payloads', () => {
  it.each(Object.entries(cases))('reads time, number and metric names of %s', (_, { hex, input }) => {
    const message = decodeMessage(Buffer.from(hex, 'hex'));
    expect(message.timestampEpochMs).toBe(input.timestamp);
    expect(message.seq).toBe(input.seq);
    expect(message.metrics.map(({ name, alias }) => ({ name, alias }))).toEqual(input.metrics.map(({ name, alias }) => ({ name, alias: alias === undefined ? undefined : String(alias) })));
  });

  it('reads integers at the ends of their ranges', () => {
    expect(fixture('int64_neg').map(number)).toEqual([-9007199254740991, 9007199254740991, -128, 4294967295]);
  });

  it('reads floats, doubles and negative integers of a device birth', () => {
    expect(fixture('dbirth_alias').map(number)).toEqual([37, 40.5, -5]);
  });

  it('keeps the time and mark of buffered samples', () => {
    expect(fixture('ddata_historical').map(({ timestampEpochMs, flags }) => [timestampEpochMs, flags])).toEqual([[1767225602000, FLAG.historical], [1767225603000, FLAG.historical]]);
  });

  it('reads null as no value', () => {
    expect(fixture('ddata_null').map(({ field }) => field)).toEqual([FIELD.none]);
  });

  it('takes a stated GOOD quality as good', () => {
    expect(fixture('quality').map(({ flags }) => flags)).toEqual([0]);
  });

  it('keeps a data set as its bytes', () => {
    const [metric] = fixture('dataset');
    expect(metric?.field).toBe(FIELD.dataset);
    expect(cases['dataset']!.hex).toContain(Buffer.from(metric!.bytes!).toString('hex'));
  });
});

describe('the command that asks for a rebirth', () => {
  it('is byte for byte the published one', () => {
    expect(Buffer.from(rebirthCommand(1767225600000)).toString('hex')).toBe(cases['ncmd_rebirth']!.hex);
  });
});

describe('a command that writes a value', () => {
  const written = (value: number, declared?: number) => {
    const [metric] = decodeMessage(writeCommand(1767225600000, 'Bioreactor/Feed Rate Factor', value, declared)).metrics;
    return { name: metric!.name, datatype: metric!.datatype, value: numberOf(metric!.field, metric!.datatype, metric!.low, metric!.high) };
  };
  it.each([[DATATYPE.float, 1.6], [DATATYPE.double, 1.6], [DATATYPE.int32, 3], [DATATYPE.uint32, 2 ** 32 - 1], [DATATYPE.int64, 2 ** 40], [DATATYPE.boolean, 1]])('is in the type of the birth certificate (%i)', (datatype, value) => {
    expect(written(value, datatype)).toEqual({ name: 'Bioreactor/Feed Rate Factor', datatype, value: datatype === DATATYPE.float ? Math.fround(value) : value });
  });
  it.each([['no birth is known', 1.5, undefined], ['a whole number is wanted', 1.5, DATATYPE.int32], ['the type is too small', 2 ** 33, DATATYPE.uint32], ['it is below 0', -1, DATATYPE.int64], ['it is yes or no', 2, DATATYPE.boolean], ['it is a text', 1, DATATYPE.string]])('is a double where %s', (_, value, declared) => {
    expect(written(value, declared)).toMatchObject({ datatype: DATATYPE.double, value });
  });
  it('is not written of what is no number', () => { expect(() => written(Number.NaN)).toThrow('want a number to write'); });
});

const long = fc.record({ low: fc.integer(), high: fc.integer() });
const value = fc.oneof(
  fc.record({ datatype: fc.constantFrom(DATATYPE.int8, DATATYPE.int16, DATATYPE.int32, DATATYPE.uint32), intValue: fc.nat(0xffffffff) }),
  fc.record({ datatype: fc.constantFrom(DATATYPE.int64, DATATYPE.uint64, DATATYPE.dateTime), longValue: long }),
  fc.record({ datatype: fc.constant(DATATYPE.float), floatValue: fc.float({ noNaN: true }) }),
  fc.record({ datatype: fc.constant(DATATYPE.double), doubleValue: fc.double({ noNaN: true }) }),
  fc.record({ datatype: fc.constant(DATATYPE.boolean), booleanValue: fc.boolean() }),
  fc.record({ datatype: fc.constant(DATATYPE.string), stringValue: fc.string({ unit: 'grapheme' }) }),
  fc.record({ datatype: fc.constant(DATATYPE.bytes), bytesValue: fc.uint8Array() }),
);
const metric = fc.tuple(value, fc.record({ alias: fc.nat(), name: fc.string({ minLength: 1 }), timestamp: fc.nat(), isHistorical: fc.boolean() }, { requiredKeys: [] })).map(([a, b]) => ({ ...a, ...b }));

/** What the independent library decodes, in the words of ours. */
const oracle = (raw: Readonly<Record<string, unknown>>): unknown => {
  const at = ['intValue', 'longValue', 'floatValue', 'doubleValue', 'booleanValue', 'stringValue', 'bytesValue'].find((name) => Object.hasOwn(raw, name))!;
  const held = raw[at];
  if (at === 'longValue') return BigInt((held as { toString(): string }).toString());
  if (at === 'stringValue') return Buffer.from(held as string).toString('hex');
  return at === 'bytesValue' ? Buffer.from(held as Uint8Array).toString('hex') : Number(held);
};
const ours = ({ field, datatype, low, high, bytes }: Metric): unknown => {
  if (field === FIELD.long) return (BigInt(high) << 32n) | BigInt(low);
  if (bytes !== undefined) return Buffer.from(bytes).toString('hex');
  return field === FIELD.int ? low : numberOf(field, datatype, low, high);
};

describe('decoding', () => {
  it('agrees with an independent library on every value field', () => {
    fc.assert(fc.property(fc.array(metric, { maxLength: 20 }), (metrics) => {
      const bytes = encodePayload({ timestamp: MINUTE, seq: 7, metrics });
      expect(decodeMessage(bytes).metrics.map(ours)).toEqual(decodePayload(bytes).metrics.map(oracle));
    }), { numRuns: 300 });
  });

  it.each([['a quiet NaN with a payload', 0x7ff8dead, 0xbeef0001], ['a signalling NaN', 0x7ff00000, 1], ['a negative NaN', 0xfff80000, 0], ['-0', 0x80000000, 0], ['the smallest subnormal', 0, 1]])('keeps every bit of %s', (_, high, low) => {
    const bytes = Buffer.from(encodePayload({ timestamp: MINUTE, seq: 0, metrics: [{ alias: 1, datatype: DATATYPE.double, doubleValue: 1.5 }] }));
    const at = bytes.indexOf(Buffer.from('000000000000f83f', 'hex'));
    bytes.writeUInt32LE(low, at);
    bytes.writeUInt32LE(high, at + 4);
    expect(decodeMessage(bytes).metrics[0]).toMatchObject({ field: FIELD.double, low, high });
  });

  it('marks a sample whose quality is stated and not GOOD', () => {
    const properties = { keys: ['engUnit', 'Quality'], values: [{ type: 12, stringValue: 'C' }, { type: 3, intValue: 500 }] };
    const bytes = encodePayload({ timestamp: MINUTE, seq: 0, metrics: [{ alias: 1, datatype: DATATYPE.double, doubleValue: 37, properties }] });
    expect(decodeMessage(bytes).metrics[0]?.flags).toBe(FLAG.badQuality);
  });

  it('gives a metric without a time the time of its message, whichever comes first on the wire', () => {
    const bytes = encodePayload({ timestamp: MINUTE, metrics: [{ alias: 1, datatype: DATATYPE.double, doubleValue: 37 }] });
    const timeBytes = bytes.subarray(0, 7);
    expect(decodeMessage(Buffer.concat([bytes.subarray(7), timeBytes])).metrics[0]?.timestampEpochMs).toBe(MINUTE);
  });

  it('lets fields it does not know pass', () => {
    const known = encodePayload({ timestamp: MINUTE, seq: 3 });
    expect(decodeMessage(Buffer.concat([known, Buffer.from([0x32, 2, 1, 2, 0x39, 1, 2, 3, 4, 5, 6, 7, 8, 0x45, 1, 2, 3, 4])]))).toMatchObject({ timestampEpochMs: MINUTE, seq: 3 });
  });

  it.each([['GZIP', gzipSync], ['DEFLATE', deflateSync]] as const)('unfolds a payload compressed with %s', (algorithm, pack) => {
    const body = pack(encodePayload({ timestamp: MINUTE, seq: 9, metrics: [{ name: 'a', datatype: DATATYPE.double, doubleValue: 1 }] }));
    const bytes = encodePayload({ uuid: 'SPBV1.0_COMPRESSED', body, metrics: [{ name: 'algorithm', datatype: DATATYPE.string, stringValue: algorithm }] });
    expect(decodeMessage(bytes)).toMatchObject({ seq: 9, metrics: [{ name: 'a' }] });
  });
});

describe('refusing', () => {
  const whole = encodePayload({ timestamp: MINUTE, seq: 1, metrics: [{ name: 'a', alias: 1, datatype: DATATYPE.double, doubleValue: 37.5 }] });

  it('never fails but by its own codes, whatever the bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      expect([undefined, 'sparkplug-malformed', 'sparkplug-too-large']).toContain(codeOf(() => decodeMessage(bytes)));
    }), { numRuns: 2000 });
  });

  it('refuses a payload cut short inside a metric', () => {
    for (let length = 10; length < whole.length - 2; length += 1) expect(codeOf(() => decodeMessage(whole.subarray(0, length)))).toBe('sparkplug-malformed');
  });

  it.each([
    ['a seq of 256', encodePayload({ timestamp: MINUTE, seq: 256 })],
    ['a time beyond the end of time', encodePayload({ timestamp: { low: 0, high: 0x7fffffff } })],
    ['a value field with another wire type', Buffer.from([0x12, 2, 0x68, 1])],
    ['a text that is not UTF-8', Buffer.from([0x12, 4, 0x0a, 2, 0xc3, 0x28])],
    ['an integer that does not end', Buffer.from(Array.from({ length: 12 }, (_, i) => (i === 0 ? 0x08 : 0xff)))],
    ['a group, which protobuf gave up', Buffer.from([0x33])],
    ['an unknown compression', encodePayload({ uuid: 'SPBV1.0_COMPRESSED', body: Buffer.from('x'), metrics: [{ name: 'algorithm', stringValue: 'LZ4' }] })],
    ['a compressed body that does not inflate', encodePayload({ uuid: 'SPBV1.0_COMPRESSED', body: Buffer.from('not zlib at all') })],
    ['JSON', Buffer.from('{"timestamp":1}')],
  ])('refuses %s as malformed', (_, bytes) => {
    expect(codeOf(() => decodeMessage(bytes))).toBe('sparkplug-malformed');
  });

  it.each([
    ['a payload of more than 128 KiB', new Uint8Array(MAXIMUM_PAYLOAD_BYTES + 1)],
    ['more metrics than the limit', Buffer.concat(Array.from({ length: MAXIMUM_METRICS + 1 }, () => Buffer.from([0x12, 0])))],
    ['a bomb: a small body that unfolds beyond the limit', encodePayload({ uuid: 'SPBV1.0_COMPRESSED', body: deflateSync(Buffer.alloc(MAXIMUM_INFLATED_BYTES * 20)) })],
  ])('refuses %s as too large', (_, bytes) => {
    expect(codeOf(() => decodeMessage(bytes))).toBe('sparkplug-too-large');
  });
});

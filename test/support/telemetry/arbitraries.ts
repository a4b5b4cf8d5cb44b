import fc from 'fast-check';
import { FIELD, type Field, type Metric } from '../../../shared/telemetry/metric.ts';
import type { RawMessage } from '../../../shared/telemetry/received.ts';
import { encodePayload, MINUTE, topicOf } from './sparkplug-writer.ts';

/** Words that hurt: zeros, -0, infinities, NaNs with payload, subnormals, ends of ranges. */
const NASTY: readonly (readonly [low: number, high: number])[] = [
  [0, 0], [0, 0x80000000], [0, 0x7ff00000], [0, 0xfff00000], [1, 0x7ff00000], [0xdeadbeef, 0x7ff8cafe], [0, 0xfff80000], [1, 0], [0xffffffff, 0x000fffff], [0xffffffff, 0xffffffff], [0, 0x7fefffff],
];

const doubles = new DataView(new ArrayBuffer(8));
const wordsOf = (value: number): readonly [low: number, high: number] => {
  doubles.setFloat64(0, value, true);
  return [doubles.getUint32(0, true), doubles.getUint32(4, true)];
};
const word = fc.nat(0xffffffff);
const anyWords = fc.oneof(
  fc.constantFrom(...NASTY), fc.tuple(word, word), fc.double().map(wordsOf),
  fc.tuple(fc.integer({ min: -100_000, max: 100_000 }), fc.constantFrom(1, 10, 100, 1000)).map(([value, scale]) => wordsOf(value / scale)),
);

const blob = fc.uint8Array({ maxLength: 12 });
/** Words as the reader of a field gives them. */
const valueOf = (field: Field): fc.Arbitrary<Pick<Metric, 'low' | 'high' | 'bytes'>> => {
  if (field === FIELD.none) return fc.constant({ low: 0, high: 0, bytes: undefined });
  if (field >= FIELD.string) return blob.map((bytes) => ({ low: 0, high: 0, bytes }));
  if (field === FIELD.double || field === FIELD.long) return anyWords.map(([low, high]) => ({ low, high, bytes: undefined }));
  if (field === FIELD.boolean) return fc.nat(1).map((low) => ({ low, high: 0, bytes: undefined }));
  return fc.oneof(word, fc.nat(300), fc.integer({ min: -300, max: 300 }).map((low) => low >>> 0), fc.float().map((value) => {
    doubles.setFloat32(0, value, true);
    return doubles.getUint32(0, true);
  })).map((low) => ({ low, high: 0, bytes: undefined }));
};

/** Metrics as they come from the decoder, of all fields and data types, off any grid. */
export const anyMetric = (startEpochMs: number, lengthMs = 60_000): fc.Arbitrary<Metric> => fc.constantFrom(...Object.values(FIELD)).chain((field) => fc.record({
  name: fc.option(fc.constantFrom('Temperature', 'pH', 'Größe/µ'), { nil: undefined }), alias: fc.option(fc.constantFrom('1', '2', '18446744073709551615'), { nil: undefined }),
  datatype: fc.constantFrom(0, 1, 3, 4, 9, 10, 12, 34, 0xffffffff), timestampEpochMs: fc.integer({ min: startEpochMs, max: startEpochMs + lengthMs - 1 }), flags: fc.nat(7), field: fc.constant(field), value: valueOf(field),
}).map(({ value, ...metric }) => ({ ...metric, ...value })));

/** Gateway messages of a few minutes: births, data, buffered data, deaths, with numbers that may be missing. */
export const anyMessages: fc.Arbitrary<readonly RawMessage[]> = fc.array(fc.record({
  at: fc.nat(150_000), seq: fc.nat(255), device: fc.constantFrom(undefined, 'bioreactor-1', 'pump-1'), kind: fc.constantFrom('DATA', 'DATA', 'DATA', 'BIRTH', 'DEATH'),
  metrics: fc.array(fc.record({ alias: fc.integer({ min: 1, max: 4 }), doubleValue: fc.oneof(fc.double(), fc.constant(37)), datatype: fc.constantFrom(0, 10), back: fc.nat(100_000) }), { maxLength: 4 }), layout: fc.nat(1),
}), { minLength: 1, maxLength: 25 }).map((messages) => messages.map(({ at, seq, device, kind, metrics, layout }) => {
  const timestamp = MINUTE + at;
  const names = ['Temperature', 'pH', 'Oxygen', 'Stirrer'];
  const type = `${device === undefined ? 'N' : 'D'}${kind}`;
  const born = names.map((name, i) => ({ name, alias: ((i + layout) % 4) + 1, datatype: 10, doubleValue: i }));
  const sent = metrics.map(({ alias, doubleValue, datatype, back }) => ({ alias, doubleValue, ...(datatype === 0 ? {} : { datatype }), timestamp: timestamp - back, isHistorical: back > 50_000 }));
  const bdSeq = { name: 'bdSeq', datatype: 8, longValue: layout };
  const payload = encodePayload(type === 'NDEATH' ? { timestamp, metrics: [bdSeq] } : { timestamp, seq, metrics: kind === 'BIRTH' ? [bdSeq, ...born] : sent });
  return { topic: topicOf(type, 'gateway-1', device), payload, receivedAtEpochMs: timestamp + 200 };
}));

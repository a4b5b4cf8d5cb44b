import { inflateRawSync, inflateSync, gunzipSync } from 'node:zlib';
import protobuf from 'sparkplug-payload/lib/sparkplugPayloadProto.js';
import { DomainError } from '../errors.ts';

/** AWS IoT Core takes no larger message. */
export const MAXIMUM_PAYLOAD_BYTES = 131_072;
/** A compressed body may not grow beyond this: a bomb is refused while it unfolds. */
export const MAXIMUM_INFLATED_BYTES = 1_048_576;
export const MAXIMUM_METRICS = 5_000;
const COMPRESSED_UUID = 'SPBV1.0_COMPRESSED';

/** A value as it was sent. 64-bit integers are bigint; everything else that is a number or a boolean is exact in a double. */
export type MetricValue = number | bigint | string | Uint8Array | null;

export type Metric = Readonly<{
  name: string | undefined;
  alias: bigint | undefined;
  /** Sparkplug data type 1 to 34, 0 where the message does not say. */
  datatype: number;
  value: MetricValue;
  /** Epoch ms; the message's own where the metric has none. */
  timestampEpochMs: number;
  isHistorical: boolean;
}>;
export type Message = Readonly<{ timestampEpochMs: number; seq: number | undefined; metrics: readonly Metric[] }>;

const { Payload } = protobuf.org.eclipse.tahu.protobuf;
type RawPayload = InstanceType<typeof Payload>;
type RawMetric = NonNullable<RawPayload['metrics']>[number];
type Whole = number | Readonly<{ low: number; high: number }>;

const toBigInt = (value: Whole): bigint => (typeof value === 'number' ? BigInt(value) : (BigInt(value.high >>> 0) << 32n) | BigInt(value.low >>> 0));
const has = (object: object, name: string): boolean => Object.hasOwn(object, name);

const SIGNED_BITS: Readonly<Record<number, number>> = { 1: 8, 2: 16, 3: 32 };
const INT64 = 4;
const WIDE = new Set([INT64, 8, 13]);

/** Signed integers travel in an unsigned field, as two's complement. */
const fromIntField = (datatype: number, value: number): number => {
  const bits = SIGNED_BITS[datatype];
  return bits === undefined ? value : (value << (32 - bits)) >> (32 - bits);
};

const fromLongField = (datatype: number, value: Whole): number | bigint => {
  const unsigned = toBigInt(value);
  if (datatype === INT64) return BigInt.asIntN(64, unsigned);
  return WIDE.has(datatype) || unsigned > 0xffffffffn ? unsigned : Number(unsigned);
};

const readers: readonly Readonly<{ field: keyof RawMetric; read(metric: RawMetric): MetricValue }>[] = [
  { field: 'doubleValue', read: ({ doubleValue }) => doubleValue ?? null },
  { field: 'floatValue', read: ({ floatValue }) => floatValue ?? null },
  { field: 'intValue', read: ({ datatype, intValue }) => fromIntField(datatype ?? 0, intValue ?? 0) },
  { field: 'longValue', read: ({ datatype, longValue }) => fromLongField(datatype ?? 0, longValue as Whole) },
  { field: 'booleanValue', read: ({ booleanValue }) => (booleanValue === true ? 1 : 0) },
  { field: 'stringValue', read: ({ stringValue }) => stringValue ?? '' },
  { field: 'bytesValue', read: ({ bytesValue }) => Uint8Array.from(bytesValue ?? []) },
  { field: 'datasetValue', read: ({ datasetValue }) => new TextEncoder().encode(JSON.stringify(datasetValue)) },
  { field: 'templateValue', read: ({ templateValue }) => new TextEncoder().encode(JSON.stringify(templateValue)) },
];

const valueOf = (metric: RawMetric): MetricValue => {
  if (metric.isNull === true) return null;
  const reader = readers.find(({ field }) => has(metric, field));
  return reader === undefined ? null : reader.read(metric);
};

const epochMs = (value: unknown): number => {
  const whole = Number(toBigInt(value as Whole));
  if (whole > 8.64e15) throw new DomainError('sparkplug-malformed', `timestamp: got ${whole}, want milliseconds since 1970`);
  return whole;
};

const toMetric = (raw: RawMetric, messageEpochMs: number): Metric => ({
  name: has(raw, 'name') && raw.name !== '' ? raw.name ?? undefined : undefined,
  alias: has(raw, 'alias') ? toBigInt(raw.alias as Whole) : undefined,
  datatype: raw.datatype ?? 0,
  value: valueOf(raw),
  timestampEpochMs: has(raw, 'timestamp') ? epochMs(raw.timestamp) : messageEpochMs,
  isHistorical: raw.isHistorical === true,
});

const decodeRaw = (bytes: Uint8Array): RawPayload => {
  try {
    return Payload.decode(bytes);
  } catch (cause) {
    throw new DomainError('sparkplug-malformed', 'the payload is not a Sparkplug B protobuf message, or is cut short', {}, { cause });
  }
};

const INFLATE: Readonly<Record<string, (bytes: Uint8Array, options: Readonly<{ maxOutputLength: number }>) => Uint8Array>> = { GZIP: gunzipSync, DEFLATE: inflateSync, RAW: inflateRawSync };

/** Tahu's convention: the real payload, compressed, in the body of an envelope. */
const inflate = (envelope: RawPayload): Uint8Array => {
  const algorithm = envelope.metrics.find(({ name }) => name === 'algorithm')?.stringValue?.toUpperCase() ?? 'DEFLATE';
  const run = INFLATE[algorithm];
  if (run === undefined) throw new DomainError('sparkplug-malformed', `compression: got ${algorithm.slice(0, 20)}, want GZIP or DEFLATE`);
  try {
    return run(envelope.body, { maxOutputLength: MAXIMUM_INFLATED_BYTES });
  } catch (cause) {
    const tooLarge = cause instanceof RangeError;
    throw new DomainError(tooLarge ? 'sparkplug-too-large' : 'sparkplug-malformed', tooLarge ? `the compressed payload unfolds to more than ${MAXIMUM_INFLATED_BYTES} bytes` : 'the compressed payload does not inflate', {}, { cause });
  }
};

/**
 * Decode one Sparkplug B payload, compressed or not.
 *
 * @param bytes at most 128 KiB
 * @throws DomainError `sparkplug-malformed`, `sparkplug-too-large`
 * @see Sparkplug 3.0, section 6.4 (payloads); Eclipse Tahu, sparkplug_b.proto
 */
export const decodeMessage = (bytes: Uint8Array): Message => {
  if (bytes.length > MAXIMUM_PAYLOAD_BYTES) throw new DomainError('sparkplug-too-large', `got ${bytes.length} bytes, want at most ${MAXIMUM_PAYLOAD_BYTES}`);
  const outer = decodeRaw(bytes);
  const raw = outer.uuid === COMPRESSED_UUID ? decodeRaw(inflate(outer)) : outer;
  const { metrics } = raw;
  if (metrics.length > MAXIMUM_METRICS) throw new DomainError('sparkplug-too-large', `got ${metrics.length} metrics, want at most ${MAXIMUM_METRICS}`);
  if (!has(raw, 'timestamp')) throw new DomainError('sparkplug-malformed', 'the payload has no timestamp');
  const timestampEpochMs = epochMs(raw.timestamp);
  const seq = has(raw, 'seq') ? Number(toBigInt(raw.seq as Whole)) : undefined;
  if (seq !== undefined && seq > 255) throw new DomainError('sparkplug-malformed', `seq: got ${seq}, want 0 to 255`);
  return { timestampEpochMs, seq, metrics: metrics.map((metric) => toMetric(metric, timestampEpochMs)) };
};

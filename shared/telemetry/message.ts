import { gunzipSync, inflateRawSync, inflateSync } from 'node:zlib';
import { DomainError } from '../errors.ts';
import { readEpochMs, readMetric, type Metric, type UntimedMetric } from './metric.ts';
import { fieldTable, malformed, readFields, WireReader } from './wire.ts';

/** AWS IoT Core takes no larger message. */
export const MAXIMUM_PAYLOAD_BYTES = 131_072;
/** A compressed body may not grow beyond this: a bomb is refused while it unfolds. */
export const MAXIMUM_INFLATED_BYTES = 1_048_576;
export const MAXIMUM_METRICS = 5_000;
/** Sparkplug's sequence number is one byte. */
export const SEQUENCE_MODULUS = 256;
const COMPRESSED_UUID = 'SPBV1.0_COMPRESSED';

/** A decoded payload. `timestampEpochMs` and `seq` may be missing: a death certificate has no seq and needs no time. */
export type Message = Readonly<{ timestampEpochMs: number | undefined; seq: number | undefined; metrics: readonly Metric[] }>;

class Draft {
  timestampEpochMs: number | undefined = undefined;
  seq: number | undefined = undefined;
  uuid: string | undefined = undefined;
  body: Uint8Array | undefined = undefined;
  readonly metrics: UntimedMetric[] = [];
}

const readSeq = (reader: WireReader): number => {
  const seq = reader.unsigned();
  if (seq >= SEQUENCE_MODULUS) throw malformed(`seq: got ${seq}, want 0 to 255`);
  return seq;
};

const PAYLOAD_FIELDS = fieldTable<Draft>([
  { number: 1, wire: 'varint', read: (reader, draft) => { draft.timestampEpochMs = readEpochMs(reader); } },
  {
    number: 2, wire: 'delimited',
    read: (reader, draft) => {
      if (draft.metrics.length === MAXIMUM_METRICS) throw new DomainError('sparkplug-too-large', `Sparkplug payload: got more than ${MAXIMUM_METRICS} metrics, want at most as many`);
      draft.metrics.push(readMetric(reader));
    },
  },
  { number: 3, wire: 'varint', read: (reader, draft) => { draft.seq = readSeq(reader); } },
  { number: 4, wire: 'delimited', read: (reader, draft) => { draft.uuid = reader.text(); } },
  { number: 5, wire: 'delimited', read: (reader, draft) => { draft.body = reader.delimited(); } },
]);

const decodeDraft = (bytes: Uint8Array): Draft => {
  const draft = new Draft();
  readFields(new WireReader(bytes), bytes.length, PAYLOAD_FIELDS, draft);
  for (const metric of draft.metrics) if (metric.timestampEpochMs < 0) metric.timestampEpochMs = draft.timestampEpochMs ?? -1;
  return draft;
};

const INFLATE = new Map([['GZIP', gunzipSync], ['DEFLATE', inflateSync], ['RAW', inflateRawSync]]);

const algorithmOf = ({ metrics }: Draft): string => {
  const bytes = metrics.find(({ name }) => name === 'algorithm')?.bytes;
  return bytes === undefined ? 'DEFLATE' : Buffer.from(bytes).toString('latin1').toUpperCase();
};

/** Tahu's convention: the real payload, compressed, in the body of an envelope. */
const inflate = (envelope: Draft): Uint8Array => {
  const algorithm = algorithmOf(envelope);
  const run = INFLATE.get(algorithm);
  if (run === undefined) throw malformed(`compression: got ${algorithm.slice(0, 20)}, want GZIP or DEFLATE`);
  try {
    return run(envelope.body ?? new Uint8Array(), { maxOutputLength: MAXIMUM_INFLATED_BYTES });
  } catch (cause) {
    if (cause instanceof RangeError) throw new DomainError('sparkplug-too-large', `Sparkplug payload: unfolds to more than ${MAXIMUM_INFLATED_BYTES} bytes`, {}, { cause });
    throw malformed('its body does not inflate', cause);
  }
};

/**
 * Decode one Sparkplug B payload, compressed or not. Read by hand, not by a protobuf library: limits hold before memory is taken, and every bit of a value survives.
 *
 * @param bytes at most 128 KiB
 * @throws DomainError `sparkplug-malformed`, `sparkplug-too-large`
 * @see Sparkplug 3.0, section 6.4 (payloads); Eclipse Tahu, sparkplug_b.proto
 */
export const decodeMessage = (bytes: Uint8Array): Message => {
  if (bytes.length > MAXIMUM_PAYLOAD_BYTES) throw new DomainError('sparkplug-too-large', `Sparkplug payload: got ${bytes.length} bytes, want at most ${MAXIMUM_PAYLOAD_BYTES}`);
  const outer = decodeDraft(bytes);
  const { timestampEpochMs, seq, metrics } = outer.uuid === COMPRESSED_UUID ? decodeDraft(inflate(outer)) : outer;
  return { timestampEpochMs, seq, metrics };
};

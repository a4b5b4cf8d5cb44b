import { fieldTable, malformed, readFields, type WireReader } from './wire.ts';
import { isGoodQuality } from './quality.ts';

/** Which value field of a Sparkplug metric is set: the protobuf field number; `none` when the metric is null or bare. */
export const FIELD = { none: 0, int: 10, long: 11, float: 12, double: 13, boolean: 14, string: 15, bytes: 16, dataset: 17, template: 18, extension: 19 } as const;
export type Field = (typeof FIELD)[keyof typeof FIELD];
const FIELDS: ReadonlySet<number> = new Set(Object.values(FIELD));
export const isField = (value: number): value is Field => FIELDS.has(value);
/** Fields whose value is bytes of any length; the others fit 64 bits, and `none` has no value. */
export const isBlob = (field: Field): boolean => field >= FIELD.string;

/** What a sample is marked with; bits of one byte. `badQuality`: its Quality property says so. */
export const FLAG = { historical: 1, transient: 2, badQuality: 4 } as const;

/**
 * One metric of a message, its value as it was on the wire: the low and high half of up to 64 bits, or bytes. A data set, template or extension is kept as its
 * encoded bytes.
 */
export type Metric = Readonly<{
  name: string | undefined;
  /** Decimal, as text: an alias is any 64-bit integer. */
  alias: string | undefined;
  /** Sparkplug data type, 1 to 34; 0 where the message does not say. */
  datatype: number;
  /** Epoch ms; the message's own where the metric has none. */
  timestampEpochMs: number;
  flags: number;
  field: Field;
  low: number;
  high: number;
  bytes: Uint8Array | undefined;
}>;

/** A metric while it is being read. Every draft has the same shape, so that reading stays fast. */
class Draft {
  name: string | undefined = undefined;
  alias: string | undefined = undefined;
  datatype = 0;
  timestampEpochMs = -1;
  flags = 0;
  isNull = false;
  field: Field = FIELD.none;
  low = 0;
  high = 0;
  bytes: Uint8Array | undefined = undefined;
}

/** Largest time a JavaScript date can hold. */
const MAXIMUM_EPOCH_MS = 8.64e15;

/** @throws DomainError `sparkplug-malformed` */
export const readEpochMs = (reader: WireReader): number => {
  const value = reader.unsigned();
  if (value > MAXIMUM_EPOCH_MS) throw malformed(`timestamp: got ${value}, want milliseconds since 1970`);
  return value;
};

const readAlias = (reader: WireReader): string => {
  reader.varint();
  return reader.high === 0 ? String(reader.low) : ((BigInt(reader.high) << 32n) | BigInt(reader.low)).toString();
};

const readFlag = (flag: number) => (reader: WireReader, draft: Draft): void => {
  if (reader.unsigned() !== 0) draft.flags |= flag;
};

const take = (field: Field, reader: WireReader, draft: Draft): void => {
  draft.field = field;
  draft.low = reader.low;
  draft.high = reader.high;
  draft.bytes = undefined;
};

const readBlob = (field: Field) => (reader: WireReader, draft: Draft): void => {
  draft.field = field;
  draft.bytes = reader.delimited();
};

/** Text is checked here, so that what is stored can always be read as text. */
const readText = (reader: WireReader, draft: Draft): void => {
  const start = reader.at;
  reader.text();
  reader.at = start;
  readBlob(FIELD.string)(reader, draft);
};

const METRIC_FIELDS = fieldTable<Draft>([
  { number: 1, wire: 'delimited', read: (reader, draft) => { draft.name = reader.text(); } },
  { number: 2, wire: 'varint', read: (reader, draft) => { draft.alias = readAlias(reader); } },
  { number: 3, wire: 'varint', read: (reader, draft) => { draft.timestampEpochMs = readEpochMs(reader); } },
  { number: 4, wire: 'varint', read: (reader, draft) => { draft.datatype = reader.unsigned(); } },
  { number: 5, wire: 'varint', read: readFlag(FLAG.historical) },
  { number: 6, wire: 'varint', read: readFlag(FLAG.transient) },
  { number: 7, wire: 'varint', read: (reader, draft) => { draft.isNull = reader.unsigned() !== 0; } },
  { number: 9, wire: 'delimited', read: (reader, draft) => { if (!isGoodQuality(reader)) draft.flags |= FLAG.badQuality; } },
  { number: FIELD.int, wire: 'varint', read: (reader, draft) => { reader.varint(); reader.high = 0; take(FIELD.int, reader, draft); } },
  { number: FIELD.long, wire: 'varint', read: (reader, draft) => { reader.varint(); take(FIELD.long, reader, draft); } },
  { number: FIELD.float, wire: 'fixed32', read: (reader, draft) => { reader.fixed32(); take(FIELD.float, reader, draft); } },
  { number: FIELD.double, wire: 'fixed64', read: (reader, draft) => { reader.fixed64(); take(FIELD.double, reader, draft); } },
  { number: FIELD.boolean, wire: 'varint', read: (reader, draft) => { reader.varint(); reader.low = (reader.low | reader.high) === 0 ? 0 : 1; reader.high = 0; take(FIELD.boolean, reader, draft); } },
  { number: FIELD.string, wire: 'delimited', read: readText },
  { number: FIELD.bytes, wire: 'delimited', read: readBlob(FIELD.bytes) },
  { number: FIELD.dataset, wire: 'delimited', read: readBlob(FIELD.dataset) },
  { number: FIELD.template, wire: 'delimited', read: readBlob(FIELD.template) },
  { number: FIELD.extension, wire: 'delimited', read: readBlob(FIELD.extension) },
]);

/** A metric without a time of its own has -1 there, until its message's time is known. */
export type UntimedMetric = Omit<Metric, 'timestampEpochMs'> & { timestampEpochMs: number };

/** Read one metric, length first. @throws DomainError `sparkplug-malformed` */
export const readMetric = (reader: WireReader): UntimedMetric => {
  const draft = new Draft();
  readFields(reader, reader.delimitedEnd(), METRIC_FIELDS, draft);
  if (draft.name === '') draft.name = undefined;
  if (draft.datatype > 0xffffffff) throw malformed(`datatype: got ${draft.datatype}, want 32 bits`);
  if (draft.isNull) {
    draft.field = FIELD.none;
    draft.bytes = undefined;
  }
  if (draft.field === FIELD.none || isBlob(draft.field)) {
    draft.low = 0;
    draft.high = 0;
  }
  return draft;
};

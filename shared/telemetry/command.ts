import { ByteWriter } from './bytes.ts';

/** Data types of Sparkplug that a command may be written in. */
export const DATATYPE = { int32: 3, int64: 4, uint32: 7, uint64: 8, float: 9, double: 10, boolean: 11 } as const;
type Datatype = (typeof DATATYPE)[keyof typeof DATATYPE];
const TAG = { timestamp: 0x08, metrics: 0x12, name: 0x0a, metricTimestamp: 0x18, datatype: 0x20, int: 0x50, long: 0x58, float: 0x65, double: 0x69, boolean: 0x70 } as const;
const FLOAT_BYTES = 4;

type Written = Readonly<{ name: string; datatype: Datatype; value: number }>;

const floatBytes = (value: number): Uint8Array => {
  const bytes = new Uint8Array(FLOAT_BYTES);
  new DataView(bytes.buffer).setFloat32(0, value, true);
  return bytes;
};

const writeValue = (metric: ByteWriter, { datatype, value }: Written): void => {
  switch (datatype) {
    case DATATYPE.float:
      metric.byte(TAG.float);
      metric.raw(floatBytes(value));
      return;
    case DATATYPE.double:
      metric.byte(TAG.double);
      metric.double(value);
      return;
    case DATATYPE.boolean: case DATATYPE.int32: case DATATYPE.uint32: case DATATYPE.int64: case DATATYPE.uint64:
      metric.byte(datatype === DATATYPE.boolean ? TAG.boolean : datatype === DATATYPE.int32 || datatype === DATATYPE.uint32 ? TAG.int : TAG.long);
      metric.unsigned(value);
      return;
    default:
      datatype satisfies never;
  }
};

/** The payload of an NCMD or DCMD that writes one metric by its name. Bedside writes no other message, so it brings no protobuf library along. */
const commandOf = (timestampEpochMs: number, written: Written): Uint8Array => {
  const metric = new ByteWriter();
  metric.byte(TAG.name);
  metric.text(written.name);
  metric.byte(TAG.metricTimestamp);
  metric.unsigned(timestampEpochMs);
  metric.byte(TAG.datatype);
  metric.unsigned(written.datatype);
  writeValue(metric, written);
  const payload = new ByteWriter();
  payload.byte(TAG.timestamp);
  payload.unsigned(timestampEpochMs);
  payload.byte(TAG.metrics);
  payload.bytes(metric.finish());
  return Uint8Array.from(payload.finish());
};

/**
 * The payload of an NCMD that asks an edge node to be born again.
 *
 * @param timestampEpochMs when it is sent
 * @see Sparkplug 3.0, tck-id-operational-behavior-data-commands-rebirth-name, -datatype, -value
 */
export const rebirthCommand = (timestampEpochMs: number): Uint8Array => commandOf(timestampEpochMs, { name: 'Node Control/Rebirth', datatype: DATATYPE.boolean, value: 1 });

/** What a data type takes of the integers a command may carry; a signed one is not written below 0. */
const HIGHEST: Readonly<Partial<Record<number, number>>> = { [DATATYPE.boolean]: 1, [DATATYPE.int32]: 2 ** 31 - 1, [DATATYPE.uint32]: 2 ** 32 - 1, [DATATYPE.int64]: Number.MAX_SAFE_INTEGER, [DATATYPE.uint64]: Number.MAX_SAFE_INTEGER };
const isDatatype = (datatype: number): datatype is Datatype => (Object.values(DATATYPE) as readonly number[]).includes(datatype);
const takes = (datatype: Datatype, value: number): boolean => {
  const highest = HIGHEST[datatype];
  return highest === undefined || (Number.isInteger(value) && value >= 0 && value <= highest);
};

/**
 * The payload of a command that writes a number to a metric, in the data type the equipment was born with; as a double where that is not known or can not hold the value, which
 * the equipment then refuses by not confirming it.
 *
 * @param declared data type of the birth certificate, undefined when there is none
 * @throws RangeError when the value is no number
 */
export const writeCommand = (timestampEpochMs: number, name: string, value: number, declared: number | undefined): Uint8Array => {
  if (!Number.isFinite(value)) throw new RangeError(`${name}: got ${value}, want a number to write`);
  const datatype = declared !== undefined && isDatatype(declared) && takes(declared, value) ? declared : DATATYPE.double;
  return commandOf(timestampEpochMs, { name, datatype, value });
};

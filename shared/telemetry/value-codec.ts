import type { ByteReader, ByteWriter } from './bytes.ts';
import type { MetricValue } from './message.ts';

/**
 * How a column's values are written, the first that fits: all equal; decimals of one scale as integer differences; doubles as they are; and, for anything else, each value
 * with its kind.
 */
const ENCODING = { constant: 0, decimal: 1, double: 2, mixed: 3 } as const;
const MAXIMUM_SCALE = 6;
/** Differences of two such integers, zigzagged, are still exact. */
const LARGEST_SCALED = 2 ** 50;
const KIND = { null: 0, number: 1, bigint: 2, string: 3, bytes: 4 } as const;

const powers = Array.from({ length: MAXIMUM_SCALE + 1 }, (_, scale) => 10 ** scale);

const isExactAt = (value: number, power: number): boolean => {
  const scaled = Math.round(value * power);
  return Math.abs(scaled) <= LARGEST_SCALED && !Object.is(value, -0) && scaled / power === value;
};

/** Smallest number of decimals at which every value is exact, or undefined. -0, NaN and infinities have none. */
const commonScale = (values: readonly number[]): number | undefined => {
  let scale = 0;
  for (const value of values) {
    while (scale <= MAXIMUM_SCALE && !isExactAt(value, powers[scale] ?? 1)) scale += 1;
    if (scale > MAXIMUM_SCALE) return undefined;
  }
  // Each value was checked at the scale of its turn; at a larger one it must hold again.
  return values.every((value) => isExactAt(value, powers[scale] ?? 1)) ? scale : undefined;
};

const isSame = (a: MetricValue, b: MetricValue): boolean => (a instanceof Uint8Array && b instanceof Uint8Array ? Buffer.compare(a, b) === 0 : Object.is(a, b));

const writeMixed = (writer: ByteWriter, value: MetricValue): void => {
  if (value === null) {
    writer.byte(KIND.null);
  } else if (typeof value === 'number') {
    writer.byte(KIND.number);
    writer.double(value);
  } else if (typeof value === 'bigint') {
    writer.byte(KIND.bigint);
    writer.byte(value < 0n ? 1 : 0);
    writer.wide(value);
  } else if (typeof value === 'string') {
    writer.byte(KIND.string);
    writer.text(value);
  } else {
    writer.byte(KIND.bytes);
    writer.bytes(value);
  }
};

const readWide = (reader: ByteReader): bigint => {
  const isNegative = reader.byte() === 1;
  const value = reader.wide();
  return isNegative ? value : BigInt.asUintN(64, value);
};

const readMixed = (reader: ByteReader): MetricValue => {
  const kind = reader.byte();
  switch (kind) {
    case KIND.null: return null;
    case KIND.number: return reader.double();
    case KIND.bigint: return readWide(reader);
    case KIND.string: return reader.text();
    case KIND.bytes: return Uint8Array.from(reader.bytes());
    default: throw new RangeError(`value of unknown kind ${kind}`);
  }
};

const isNumbers = (values: readonly MetricValue[]): values is readonly number[] => values.every((value) => typeof value === 'number');

const writeNumbers = (writer: ByteWriter, values: readonly number[]): void => {
  const scale = commonScale(values);
  if (scale === undefined) {
    writer.byte(ENCODING.double);
    for (const value of values) writer.double(value);
    return;
  }
  writer.byte(ENCODING.decimal);
  writer.byte(scale);
  const power = powers[scale] ?? 1;
  let before = 0;
  for (const value of values) {
    const scaled = Math.round(value * power);
    writer.signed(scaled - before);
    before = scaled;
  }
};

/** Write a column's values; the reader must be told how many there are. */
export const writeValues = (writer: ByteWriter, values: readonly MetricValue[]): void => {
  const [first] = values;
  if (first !== undefined && values.every((value) => isSame(value, first))) {
    writer.byte(ENCODING.constant);
    writeMixed(writer, first);
  } else if (isNumbers(values)) {
    writeNumbers(writer, values);
  } else {
    writer.byte(ENCODING.mixed);
    for (const value of values) writeMixed(writer, value);
  }
};

const readDecimals = (reader: ByteReader, count: number): number[] => {
  const power = powers[reader.byte()];
  if (power === undefined) throw new RangeError('decimals of an unknown scale');
  let scaled = 0;
  return Array.from({ length: count }, () => {
    scaled += reader.signed();
    return scaled / power;
  });
};

/** @throws RangeError when the bytes are not values */
export const readValues = (reader: ByteReader, count: number): readonly MetricValue[] => {
  const encoding = reader.byte();
  switch (encoding) {
    case ENCODING.constant: return Array.from<MetricValue>({ length: count }).fill(readMixed(reader));
    case ENCODING.decimal: return readDecimals(reader, count);
    case ENCODING.double: return Array.from({ length: count }, () => reader.double());
    case ENCODING.mixed: return Array.from({ length: count }, () => readMixed(reader));
    default: throw new RangeError(`values of unknown encoding ${encoding}`);
  }
};

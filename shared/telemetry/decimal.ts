import type { ByteReader, ByteWriter } from './bytes.ts';
import { FIELD, type Field } from './metric.ts';

/** A sensor gives steps of its resolution: a value is mostly a whole number of 10^-scale, exactly. */
const MAXIMUM_SCALE = 9;
/** Differences of two such integers, zigzagged, are still exact. */
const LARGEST_SCALED = 2 ** 50;
const TWO_32 = 2 ** 32;
/** 10^0 to 10^9, each exact. */
const POWERS: Float64Array = Float64Array.from({ length: MAXIMUM_SCALE + 1 }, (_, scale) => 10 ** scale);

/** The numbers a column's words stand for, integers as signed. A NaN may have lost its payload here; it is never written as a decimal. */
const numbersOf = (field: Field, bits: Uint32Array): Float64Array => {
  if (field === FIELD.double) return new Float64Array(bits.buffer, bits.byteOffset, bits.length / 2);
  const words = new Int32Array(bits.buffer, bits.byteOffset, bits.length);
  if (field === FIELD.float) {
    const floats = new Float32Array(bits.buffer, bits.byteOffset, bits.length);
    return Float64Array.from({ length: bits.length / 2 }, (_, i) => floats[2 * i] ?? 0);
  }
  if (field === FIELD.long) return Float64Array.from({ length: bits.length / 2 }, (_, i) => (words[2 * i + 1] ?? 0) * TWO_32 + (bits[2 * i] ?? 0));
  return Float64Array.from({ length: bits.length / 2 }, (_, i) => words[2 * i] ?? 0);
};

const isExactFloat = (value: number, power: number): boolean => {
  const scaled = Math.round(value * power);
  return Math.abs(scaled) <= LARGEST_SCALED && Math.fround(scaled / power) === value && !(scaled === 0 && Object.is(value, -0));
};

const isExactDouble = (value: number, power: number): boolean => {
  const scaled = Math.round(value * power);
  return Math.abs(scaled) <= LARGEST_SCALED && scaled / power === value && !(scaled === 0 && Object.is(value, -0));
};

const isExactInteger = (value: number): boolean => Math.abs(value) <= LARGEST_SCALED;

const exactnessOf = (field: Field): ((value: number, power: number) => boolean) => {
  if (field === FIELD.double) return isExactDouble;
  return field === FIELD.float ? isExactFloat : isExactInteger;
};

/** Smallest number of decimals at which every value is exact, or undefined. -0, NaN and infinities have none. */
export const commonScale = (field: Field, bits: Uint32Array): number | undefined => {
  const values = numbersOf(field, bits);
  const isExact = exactnessOf(field);
  let scale = 0;
  for (const value of values) {
    while (scale <= MAXIMUM_SCALE && !isExact(value, POWERS[scale] ?? 1)) scale += 1;
    if (scale > MAXIMUM_SCALE) return undefined;
  }
  const power = POWERS[scale] ?? 1;
  // Each value was checked at the scale of its turn; at a larger one it must hold again.
  return values.every((value) => isExact(value, power)) ? scale : undefined;
};

/** Write values that are exact at this scale, as differences. */
export const writeDecimals = (writer: ByteWriter, field: Field, bits: Uint32Array, scale: number): void => {
  const power = POWERS[scale] ?? 1;
  writer.byte(scale);
  let before = 0;
  for (const value of numbersOf(field, bits)) {
    const scaled = Math.round(value * power);
    writer.signed(scaled - before);
    before = scaled;
  }
};

const store = (field: Field, bits: Uint32Array, scaled: Float64Array, power: number): void => {
  const doubles = new Float64Array(bits.buffer);
  const floats = new Float32Array(bits.buffer);
  switch (field) {
    case FIELD.double: scaled.forEach((value, i) => { doubles[i] = value / power; }); break;
    case FIELD.float: scaled.forEach((value, i) => { floats[2 * i] = value / power; }); break;
    case FIELD.long: scaled.forEach((value, i) => { bits[2 * i] = value; bits[2 * i + 1] = Math.floor(value / TWO_32); }); break;
    default: scaled.forEach((value, i) => { bits[2 * i] = value; });
  }
};

/** @throws RangeError when the bytes are not values */
export const readDecimals = (reader: ByteReader, field: Field, count: number): Uint32Array => {
  const power = POWERS[reader.byte()];
  if (power === undefined) throw new RangeError('decimals of an unknown scale');
  const scaled = new Float64Array(count);
  let value = 0;
  for (let i = 0; i < count; i += 1) {
    value += reader.signed();
    scaled[i] = value;
  }
  const bits = new Uint32Array(2 * count);
  store(field, bits, scaled, power);
  return bits;
};

import type { ByteReader, ByteWriter } from './bytes.ts';
import type { Stamps } from './column.ts';

const isEqual = (a: Float64Array | Uint8Array | undefined, b: Float64Array | Uint8Array | undefined): boolean => {
  if (a === undefined || b === undefined) return a === b;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i += 1) if (a[i] !== b[i]) return false;
  return true;
};

const isSame = (a: Stamps, b: Stamps): boolean => isEqual(a.times, b.times) && isEqual(a.lags, b.lags) && isEqual(a.flags, b.flags);

/** The different stamps of some columns, in the order in which they come, and which of them each column has. */
export const shareStamps = (all: readonly Stamps[]): Readonly<{ different: readonly Stamps[]; indices: readonly number[] }> => {
  const different: Stamps[] = [];
  const candidates = new Map<string, number[]>();
  const indices = all.map((stamps) => {
    const { times } = stamps;
    const key = `${times.length} ${times[0] ?? 0} ${times[times.length >> 1] ?? 0} ${times.at(-1) ?? 0}`;
    const found = candidates.get(key) ?? [];
    candidates.set(key, found);
    let index = found.find((each) => isSame(different[each] ?? stamps, stamps));
    if (index === undefined) {
      index = different.push(stamps) - 1;
      found.push(index);
    }
    return index;
  });
  return { different, indices };
};

/** Differences of differences: zero for a steady rate. */
const writeSteady = (writer: ByteWriter, values: Float64Array, start: number): void => {
  let before = start;
  let step = 0;
  for (const value of values) {
    writer.signed(value - before - step);
    step = value - before;
    before = value;
  }
};

const readSteady = (reader: ByteReader, count: number, start: number): Float64Array => {
  const values = new Float64Array(count);
  let value = start;
  let step = 0;
  for (let i = 0; i < count; i += 1) {
    step += reader.signed();
    value += step;
    values[i] = value;
  }
  return values;
};

/** Write times (epoch ms), lags (ms) and flags. */
export const writeStamps = (writer: ByteWriter, { times, lags, flags }: Stamps, startEpochMs: number): void => {
  writer.unsigned(times.length);
  writer.byte((lags === undefined ? 0 : 1) + (flags === undefined ? 0 : 2));
  writeSteady(writer, times, startEpochMs);
  if (lags !== undefined) writeSteady(writer, lags, 0);
  if (flags !== undefined) writer.raw(flags);
};

/** @throws RangeError when the bytes are not stamps */
export const readStamps = (reader: ByteReader, startEpochMs: number): Stamps => {
  const count = reader.count();
  const has = reader.byte();
  if (has > 3) throw new RangeError('stamps of an unknown form');
  const times = readSteady(reader, count, startEpochMs);
  const lags = (has & 1) === 0 ? undefined : readSteady(reader, count, 0);
  return { times, lags, flags: (has & 2) === 0 ? undefined : Uint8Array.from(reader.raw(count)) };
};

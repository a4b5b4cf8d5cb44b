import type { MetricValue } from './message.ts';

/** One metric's samples: times (epoch ms) and values, in step. `datatype` is Sparkplug's. */
export type Column = Readonly<{ name: string; datatype: number; times: readonly number[]; values: readonly MetricValue[] }>;
/** Samples in the making; not yet in order. */
export type OpenColumn = { readonly name: string; readonly datatype: number; readonly times: number[]; readonly values: MetricValue[] };

const bits = new DataView(new ArrayBuffer(8));

/** A total order on values: by kind, then by value; doubles by their bits, so that -0 and NaN have a place of their own. */
const rank = (value: MetricValue): number => {
  if (value === null) return 0;
  if (typeof value === 'number') return 1;
  if (typeof value === 'bigint') return 2;
  return typeof value === 'string' ? 3 : 4;
};

const orderedBits = (value: number): bigint => {
  bits.setFloat64(0, value);
  const raw = bits.getBigInt64(0);
  return raw < 0n ? ~raw & 0x7fffffffffffffffn | (1n << 63n) : raw;
};

const compareNumbers = (a: number, b: number): number => {
  if (a < b) return -1;
  if (a > b) return 1;
  if (Object.is(a, b)) return 0;
  return orderedBits(a) < orderedBits(b) ? -1 : 1;
};

const compareSame = (a: MetricValue, b: MetricValue): number => {
  if (typeof a === 'number' && typeof b === 'number') return compareNumbers(a, b);
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b);
  if (a === b) return 0;
  return (a ?? 0) < (b ?? 0) ? -1 : 1;
};

export const compareValues = (a: MetricValue, b: MetricValue): number => rank(a) - rank(b) || compareSame(a, b);

const isOrdered = ({ times, values }: OpenColumn): boolean => {
  for (let i = 1; i < times.length; i += 1) {
    const before = times[i - 1] ?? 0;
    const time = times[i] ?? 0;
    if (before > time || (before === time && compareValues(values[i - 1] ?? null, values[i] ?? null) >= 0)) return false;
  }
  return true;
};

/**
 * Put samples in their one order and drop what stands twice. Two different values of one time both stay: nothing that was sent is lost, and the result depends on
 * the set of samples alone.
 */
export const closeColumn = (column: OpenColumn): Column => {
  if (isOrdered(column)) return column;
  const { name, datatype, times, values } = column;
  const order = times.map((_, i) => i).sort((a, b) => (times[a] ?? 0) - (times[b] ?? 0) || compareValues(values[a] ?? null, values[b] ?? null));
  const kept = order.filter((index, i) => {
    const before = order[i - 1];
    return before === undefined || times[before] !== times[index] || compareValues(values[before] ?? null, values[index] ?? null) !== 0;
  });
  return { name, datatype, times: kept.map((i) => times[i] ?? 0), values: kept.map((i) => values[i] ?? null) };
};

import { resolve, type BirthBook, type Session } from './birth.ts';
import type { Column, ColumnKey } from './column.ts';
import { finite } from './excursion.ts';
import { FIELD, FLAG } from './metric.ts';
import { MINUTE_MS } from './minute.ts';
import { LONGEST_SILENCE_MINUTES } from './silence.ts';

/**
 * A numeric series: times ascending (epoch ms), values in step. A value is NaN where the sample was null, of bad quality, or not a number; `isMissing` tells the first two
 * from the last, and is undefined when there are none.
 */
export type Series = Readonly<{ times: readonly number[]; values: readonly number[]; isMissing?: readonly boolean[] | undefined }>;

const TWO_32 = 2 ** 32;
const INT8 = 1;
const INT16 = 2;
const INT32 = 3;
const INT64 = 4;
const SHIFT: Readonly<Record<number, number>> = { [INT8]: 24, [INT16]: 16, [INT32]: 0 };

const integerOf = (datatype: number, word: number): number => {
  const shift = SHIFT[datatype];
  return shift === undefined ? word : (word << shift) >> shift;
};

const longOf = (datatype: number, low: number, high: number): number => (datatype === INT64 ? high | 0 : high) * TWO_32 + low;

const scratch = new DataView(new ArrayBuffer(8));

/** The number a sample's words stand for; signed integers travel as two's complement. A 64-bit integer beyond 2^53 is rounded. */
export const numberOf = (field: Column['field'], datatype: number, low: number, high: number): number => {
  switch (field) {
    case FIELD.double:
      scratch.setUint32(0, low, true);
      scratch.setUint32(4, high, true);
      return scratch.getFloat64(0, true);
    case FIELD.float:
      scratch.setUint32(0, low, true);
      return scratch.getFloat32(0, true);
    case FIELD.long: return longOf(datatype, low, high);
    case FIELD.int: return integerOf(datatype, low);
    case FIELD.boolean: return low;
    default: return Number.NaN;
  }
};

/** Whether a column can hold samples of a metric at all: by its name, or, being only an alias, by what any birth calls it. */
export const mayHold = ({ name, alias }: ColumnKey, metric: string, aliases: ReadonlySet<string>): boolean => (name === '' ? aliases.has(alias) : name === metric);

export type Sample = readonly [timeEpochMs: number, value: number, isMissing: boolean];
type Words = Readonly<{ field: Column['field']; flags: number; low: number; high: number }>;

/** One sample from its words, of the data type its session gives it. */
export const sampleOf = (timeEpochMs: number, datatype: number, { field, flags, low, high }: Words): Sample => {
  const isMissing = field === FIELD.none || (flags & FLAG.badQuality) !== 0;
  return [timeEpochMs, isMissing ? Number.NaN : numberOf(field, datatype, low, high), isMissing];
};

const namedKey = ({ name, alias, datatype }: ColumnKey): Parameters<typeof resolve>[0] => ({ name: name === '' ? undefined : name, alias: alias === '' ? undefined : alias, datatype });

const at = (values: ArrayLike<number> | undefined, index: number): number => values?.[index] ?? 0;

/** Samples of one column that are of a metric, each named by the session its message belongs to. */
export const samplesOf = (column: Column, metric: string, deviceId: string | undefined, births: BirthBook): readonly Sample[] => {
  const { stamps: { times, lags, flags }, bits, field } = column;
  const samples: Sample[] = [];
  const key = namedKey(column);
  let session: Session | undefined;
  let entry = resolve(key, session);
  times.forEach((time, i) => {
    const its = births.sessionAt(deviceId, time + at(lags, i));
    if (its !== session) entry = resolve(key, its);
    session = its;
    if (entry?.name !== metric) return;
    samples.push(sampleOf(time, entry.datatype, { field, flags: at(flags, i), low: at(bits, 2 * i), high: at(bits, 2 * i + 1) }));
  });
  return samples;
};

/** NaN first, then numbers, -0 before 0. */
const compareNumbers = (a: number, b: number): number => {
  if (Object.is(a, b)) return 0;
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) ? -1 : 1;
  return a - b || (Object.is(a, -0) ? -1 : 1);
};

const compareSamples = (a: Sample, b: Sample): number => a[0] - b[0] || Number(b[2]) - Number(a[2]) || compareNumbers(a[1], b[1]);

/** One series from samples of several columns: in time order, the same sample once, two different values of one time both. */
export const seriesOf = (samples: readonly Sample[]): Series => {
  const ordered = samples.toSorted(compareSamples);
  const different = ordered.filter((sample, i) => {
    const before = ordered[i - 1];
    return before === undefined || compareSamples(before, sample) !== 0;
  });
  const isMissing = different.map(([, , missing]) => missing);
  return { times: different.map(([time]) => time), values: different.map(([, value]) => value), isMissing: isMissing.includes(true) ? isMissing : undefined };
};

export type Statistic = 'last' | 'mean' | 'minimum' | 'maximum';

/** A value stands until the next sample, and not longer than this: the longest silence that is none. */
const STANDS_MS = LONGEST_SILENCE_MINUTES * MINUTE_MS;

/** Mean over time: a device that reports what changes sends many samples in one minute and none in the next. Plain where no time passes. */
const meanOf = ({ times, values }: Series, toEpochMs: number): number => {
  let [sum, weight, plain, count] = [0, 0, 0, 0];
  times.forEach((time, i) => {
    const value = values[i] ?? Number.NaN;
    if (Number.isNaN(value)) return;
    const stood = Math.max(0, Math.min((times[i + 1] ?? toEpochMs) - time, STANDS_MS));
    if (stood > 0) sum += value * stood;
    weight += stood;
    plain += value;
    count += 1;
  });
  return weight > 0 ? sum / weight : plain / count;
};

/**
 * Statistic of the samples that are numbers, in time order so that a re-run is bit-identical. An infinity, which a broken sensor sends, is the largest number of its sign; samples that are missing or NaN say nothing, and end the time
 * for which the value before them stood.
 *
 * @param toEpochMs end of the time asked about, to which the last value stands
 * @returns undefined when there is no number, or both infinities in a mean
 */
export const statisticOf = (series: Series, statistic: Statistic, toEpochMs: number): number | undefined => {
  const numbers = series.values.filter((value) => !Number.isNaN(value)).map(finite);
  if (numbers.length === 0) return undefined;
  switch (statistic) {
    case 'last': return numbers.at(-1);
    case 'mean': {
      const mean = meanOf(series, toEpochMs);
      return Number.isNaN(mean) ? undefined : finite(mean);
    }
    case 'minimum': return numbers.reduce((a, b) => Math.min(a, b));
    case 'maximum': return numbers.reduce((a, b) => Math.max(a, b));
    default: return statistic satisfies never;
  }
};

import { FIELD, isBlob, type Field, type Metric } from './metric.ts';

/**
 * What the samples of a column have in common: the name and alias as they were sent (empty when not), data type (0 when not sent) and the value field. An alias is
 * not translated here: what it means is for the births to say, and a birth may come late.
 */
export type ColumnKey = Readonly<{ name: string; alias: string; datatype: number; field: Field }>;

/**
 * When samples were taken, when their messages were sent, and how they are marked. Columns of one device mostly share them. `lags` is the message's time less the
 * sample's, in ms; undefined when all are 0, as `flags` is.
 */
export type Stamps = Readonly<{ times: Float64Array; lags: Float64Array | undefined; flags: Uint8Array | undefined }>;

/** Samples of one key in their one order. `bits` holds two words a sample, low before high; `blobs` stands instead where values are bytes; neither where there are no values. */
export type Column = ColumnKey & Readonly<{ stamps: Stamps; bits: Uint32Array | undefined; blobs: readonly Uint8Array[] | undefined }>;

const FIRST_CAPACITY = 64;

const at = (values: ArrayLike<number> | undefined, index: number): number => values?.[index] ?? 0;

const isAllZero = (values: Float64Array | Uint8Array): boolean => {
  for (const value of values) if (value !== 0) return false;
  return true;
};

/** The first `count` values, or those at some indices. */
const picked = <Values extends Float64Array | Uint8Array>(values: Values, order: Uint32Array | undefined, count: number): Values => {
  const result = values.slice(0, order?.length ?? count);
  order?.forEach((from, to) => { result[to] = at(values, from); });
  return result as Values;
};

const pickedPairs = (bits: Uint32Array, order: Uint32Array | undefined, count: number): Uint32Array => {
  const result = bits.slice(0, 2 * (order?.length ?? count));
  order?.forEach((from, to) => {
    result[2 * to] = at(bits, 2 * from);
    result[2 * to + 1] = at(bits, 2 * from + 1);
  });
  return result;
};

/** Samples in the making, in any order. */
export class OpenColumn {
  readonly key: ColumnKey;
  #count = 0;
  #times = new Float64Array(FIRST_CAPACITY);
  #lags = new Float64Array(FIRST_CAPACITY);
  #flags = new Uint8Array(FIRST_CAPACITY);
  #bits = new Uint32Array(0);
  readonly #blobs: Uint8Array[] = [];

  constructor(key: ColumnKey) {
    this.key = key;
    if (key.field !== FIELD.none && !isBlob(key.field)) this.#bits = new Uint32Array(2 * FIRST_CAPACITY);
  }

  #grow(): void {
    const grow = <Type extends Float64Array | Uint8Array | Uint32Array>(from: Type, to: Type): Type => {
      to.set(from);
      return to;
    };
    const capacity = 2 * this.#times.length;
    this.#times = grow(this.#times, new Float64Array(capacity));
    this.#lags = grow(this.#lags, new Float64Array(capacity));
    this.#flags = grow(this.#flags, new Uint8Array(capacity));
    this.#bits = grow(this.#bits, new Uint32Array(2 * this.#bits.length));
  }

  add({ timestampEpochMs, flags, low, high, bytes }: Pick<Metric, 'timestampEpochMs' | 'flags' | 'low' | 'high' | 'bytes'>, sentAtEpochMs: number): void {
    if (this.#count === this.#times.length) this.#grow();
    const index = this.#count;
    this.#times[index] = timestampEpochMs;
    this.#lags[index] = sentAtEpochMs - timestampEpochMs;
    this.#flags[index] = flags;
    if (bytes !== undefined) this.#blobs.push(bytes);
    else if (this.#bits.length > 0) {
      this.#bits[2 * index] = low;
      this.#bits[2 * index + 1] = high;
    }
    this.#count += 1;
  }

  addAll({ stamps: { times, lags, flags }, bits, blobs }: Column): void {
    times.forEach((time, i) => {
      this.add({ timestampEpochMs: time, flags: at(flags, i), low: at(bits, 2 * i), high: at(bits, 2 * i + 1), bytes: blobs?.[i] }, time + at(lags, i));
    });
  }

  #compareValues(a: number, b: number): number {
    if (this.#bits.length > 0) return at(this.#bits, 2 * a + 1) - at(this.#bits, 2 * b + 1) || at(this.#bits, 2 * a) - at(this.#bits, 2 * b);
    const [blob, other] = [this.#blobs[a], this.#blobs[b]];
    return blob === undefined || other === undefined ? 0 : Buffer.compare(blob, other);
  }

  #compare(a: number, b: number): number {
    return at(this.#times, a) - at(this.#times, b) || at(this.#lags, a) - at(this.#lags, b) || at(this.#flags, a) - at(this.#flags, b) || this.#compareValues(a, b);
  }

  /** Indices in order, each different sample once; undefined when all samples stand so already, as they mostly do. */
  #order(): Uint32Array | undefined {
    let isOrdered = true;
    for (let i = 1; i < this.#count && isOrdered; i += 1) isOrdered = this.#compare(i - 1, i) < 0;
    if (isOrdered) return undefined;
    const all = Uint32Array.from({ length: this.#count }, (_, i) => i).sort((a, b) => this.#compare(a, b));
    return all.filter((index, i) => i === 0 || this.#compare(at(all, i - 1), index) !== 0);
  }

  /**
   * Put samples in their one order and drop what stands twice. Two different values of one time both stay: nothing that was sent is lost, and the result depends on
   * the set of samples alone.
   */
  close(): Column {
    const order = this.#order();
    const [times, lags, flags] = [picked(this.#times, order, this.#count), picked(this.#lags, order, this.#count), picked(this.#flags, order, this.#count)];
    const stamps = { times, lags: isAllZero(lags) ? undefined : lags, flags: isAllZero(flags) ? undefined : flags };
    if (isBlob(this.key.field)) return { ...this.key, stamps, bits: undefined, blobs: order === undefined ? [...this.#blobs] : Array.from(order, (i) => this.#blobs[i] ?? new Uint8Array()) };
    return { ...this.key, stamps, bits: this.#bits.length === 0 ? undefined : pickedPairs(this.#bits, order, this.#count), blobs: undefined };
  }
}

export const columnKeyText = ({ name, alias, datatype, field }: ColumnKey): string => `${alias}\u0000${name}\u0000${datatype}\u0000${field}`;

/** Columns stand in the order of their keys. */
export const compareColumns = (a: ColumnKey, b: ColumnKey): number => {
  if (a.alias !== b.alias) return a.alias.length - b.alias.length || (a.alias < b.alias ? -1 : 1);
  if (a.name !== b.name) return a.name < b.name ? -1 : 1;
  return a.datatype - b.datatype || a.field - b.field;
};

/** Columns by their key: what a device sent. */
export class ColumnSet {
  readonly #byKey = new Map<string, OpenColumn>();
  /** The usual case, found without joining texts: a metric that is only an alias, of the type it had before. */
  readonly #byAlias = new Map<string, OpenColumn>();

  #open(key: ColumnKey): OpenColumn {
    const text = columnKeyText(key);
    let column = this.#byKey.get(text);
    if (column === undefined) this.#byKey.set(text, column = new OpenColumn(key));
    return column;
  }

  addMetric(metric: Metric, sentAtEpochMs: number): void {
    const { name = '', alias = '', datatype, field } = metric;
    let column = name === '' ? this.#byAlias.get(alias) : undefined;
    if (column?.key.datatype !== datatype || column.key.field !== field) {
      column = this.#open({ name, alias, datatype, field });
      if (name === '') this.#byAlias.set(alias, column);
    }
    column.add(metric, sentAtEpochMs);
  }

  addColumn(column: Column): void {
    const { name, alias, datatype, field } = column;
    this.#open({ name, alias, datatype, field }).addAll(column);
  }

  close(): readonly Column[] {
    return [...this.#byKey.values()].map((column) => column.close()).sort(compareColumns);
  }
}

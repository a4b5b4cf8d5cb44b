import type { Rows } from '../../models/federated/rows.ts';
import { UsageError } from '../run-script.ts';
import { columnOf, labelsOf, numbersOf, type Table } from './table.ts';
import type { TrainOptions } from './options.ts';

export type Site = Readonly<{ name: string; rows: Rows }>;

/** Input columns: those named, else all but label, site and id. */
export const featuresIn = ({ columns, file }: Table, { features, label, site, id }: TrainOptions): readonly string[] => {
  const chosen = features ?? columns.filter((name) => ![label, site, id].includes(name));
  if (chosen.length === 0) throw new UsageError(`${file}: got no column beside label, site and id, want at least one feature`);
  return chosen;
};

const siteNames = (table: Table, { partition, site }: TrainOptions): readonly string[] => {
  if (partition === 'natural') {
    return columnOf(table, '--site', site ?? '').map((name, i) => {
      if (name === '') throw new UsageError(`${table.file}, row ${i + 1}, column ${site ?? ''}: got no site, want one in every row`);
      return name;
    });
  }
  if (partition === 'pooled') return table.rows.map(() => 'pooled');
  if (partition > table.rows.length) throw new UsageError(`--partition: got ${partition} sites, want at most one a row: ${table.rows.length}`);
  return table.rows.map((_, i) => `site-${Math.floor((i * partition) / table.rows.length) + 1}`);
};

const keysOf = (table: Table, { id }: TrainOptions): readonly string[] => {
  if (id === undefined) return table.rows.map((_, i) => String(i + 1));
  const keys = columnOf(table, '--id', id);
  const seen = new Map<string, number>();
  keys.forEach((key, i) => {
    const before = seen.get(key);
    if (key === '' || before !== undefined) throw new UsageError(`${table.file}, row ${i + 1}, column ${id}: got ${key === '' ? 'nothing' : `${key}, as in row ${before ?? 0}`}, want an id of its own in every row`);
    seen.set(key, i + 1);
  });
  return keys;
};

/** Rows by site, sites by name. Rows of a file have names only, so draws hang on these: who knows the row numbers or ids and the seed can compute the draws of a model that the command makes. A number of sites cuts the file into stretches of equal length, so that the order in time stays within sites. */
export const sitesOf = (table: Table, options: TrainOptions, features: readonly string[]): readonly Site[] => {
  const names = siteNames(table, options);
  const keys = keysOf(table, options);
  const labels = labelsOf(table, options.label, options.threshold);
  const columns = features.map((name) => numbersOf(table, '--features', name));
  return [...new Set(names)].sort().map((name) => {
    const members = names.flatMap((each, i) => (each === name ? [i] : []));
    const of = (values: ArrayLike<number>) => (i: number): number => values[i] ?? Number.NaN;
    const own = members.map((i) => keys[i] ?? '');
    return { name, rows: { features, keys: own, drawKeys: own, labels: Uint8Array.from(members, of(labels)), columns: columns.map((column) => Float32Array.from(members, of(column))) } };
  });
};

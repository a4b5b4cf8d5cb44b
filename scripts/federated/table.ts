import { parse } from 'csv-parse/sync';
import { readFileSync } from 'node:fs';
import { UsageError } from '../run-script.ts';

/** A CSV file: texts by row and column, the header apart. Row numbers count from 1, the header not counted. */
export type Table = Readonly<{ file: string; columns: readonly string[]; rows: readonly (readonly string[])[] }>;

/** What stands for a missing value. */
const MISSING = new Set(['', 'NA', 'N/A', 'NaN', 'nan', 'null', '?']);

const readText = (file: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`${file}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
};

/** @throws UsageError naming file and line */
export const readTable = (file: string): Table => {
  const text = readText(file);
  let lines: string[][];
  try {
    lines = parse(text, { bom: true, trim: true, skip_empty_lines: true });
  } catch (error) {
    throw new UsageError(`${file}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
  const [columns = [], ...rows] = lines;
  const twice = columns.find((name, i) => columns.indexOf(name) !== i);
  if (twice !== undefined) throw new UsageError(`${file}: got column ${twice} twice, want each once`);
  if (rows.length === 0) throw new UsageError(`${file}: got no rows, want at least one below the header`);
  return { file, columns, rows };
};

/** @throws UsageError when there is no such column */
export const columnOf = ({ file, columns, rows }: Table, option: string, name: string): readonly string[] => {
  const at = columns.indexOf(name);
  if (at < 0) throw new UsageError(`${option}: got ${name}, want a column of ${file}: ${columns.join(', ')}`);
  return rows.map((row) => row[at] ?? '');
};

const numberIn = (file: string, row: number, name: string, text: string): number => {
  if (MISSING.has(text)) return Number.NaN;
  const value = Number(text);
  if (!Number.isFinite(Math.fround(value))) throw new UsageError(`${file}, row ${row}, column ${name}: got ${JSON.stringify(text)}, want a number within float32, or nothing`);
  return value;
};

/** A column as float32, NaN where missing. @throws UsageError naming row and column */
export const numbersOf = (table: Table, option: string, name: string): Float32Array => Float32Array.from(columnOf(table, option, name), (text, i) => numberIn(table.file, i + 1, name, text));

/** A label column: 0 and 1, or whether it lies above a threshold. @throws UsageError naming row and column */
export const labelsOf = (table: Table, name: string, threshold: number | undefined): Uint8Array => Uint8Array.from(columnOf(table, '--label', name), (text, i) => {
  const value = numberIn(table.file, i + 1, name, text);
  if (Number.isNaN(value)) throw new UsageError(`${table.file}, row ${i + 1}, column ${name}: got no label, want one in every row`);
  if (threshold !== undefined) return value > threshold ? 1 : 0;
  if (value !== 0 && value !== 1) throw new UsageError(`${table.file}, row ${i + 1}, column ${name}: got ${text}, want 0 or 1 (or --threshold, to make labels of a quantity)`);
  return value;
});

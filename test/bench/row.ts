/** A figure. `reference` is a target or the measured other way, in the same unit; `ratio` is value / reference. */
export type Row = Readonly<{ name: string; value: number; unit: string; reference: number; ratio: number; against: string }>;

export const row = (name: string, value: number, unit: string, reference: number, against: string): Row => ({ name, value, unit, reference, ratio: value / reference, against });

/** Smallest value that `share` of all are at or below (nearest rank). */
export const percentile = (values: readonly number[], share: number): number => {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
};

const SIGNIFICANT = 4;
const shown = (value: number): string => (Math.abs(value) >= 1000 ? Math.round(value).toLocaleString('en-GB') : Number(value.toPrecision(SIGNIFICANT)).toString());

/** Rows as a Markdown table, columns aligned. */
export const tableOf = (rows: readonly Row[]): string => {
  const cells = [['what', 'value', 'unit', 'reference', 'ratio', 'against'], ...rows.map(({ name, value, unit, reference, ratio, against }) => [name, shown(value), unit, shown(reference), shown(ratio), against])];
  const isNumber = [false, true, false, true, true, false];
  const widths = isNumber.map((_, i) => Math.max(...cells.map((line) => line[i]?.length ?? 0)));
  const lineOf = (line: readonly string[]): string => `| ${line.map((cell, i) => (isNumber[i] === true ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0))).join(' | ')} |`;
  const rule = `|${widths.map((width, i) => `${'-'.repeat(width + 1)}${isNumber[i] === true ? ':' : '-'}`).join('|')}|`;
  const [head = [], ...body] = cells;
  return [lineOf(head), rule, ...body.map(lineOf)].join('\n');
};

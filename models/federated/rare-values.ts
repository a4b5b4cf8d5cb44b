import type { Rows } from './rows.ts';

/** More values than these, a missing one among them, and the sums no longer say how often each is taken, of some hundred rows by label (of more rows, fewer values do). */
const COUNTED_VALUES = 24;

export type RareValue = Readonly<{ feature: string; rows: number }>;

/**
 * Features whose sums tell of few rows: of few values, a missing one among them, of which one is taken by fewer than `least` rows. Sums over all rows, exact as they are, leave one answer to how many rows take each (docs/adr/0038-nothing-but-the-model-and-sums-over-all.md).
 *
 * @param sites whose rows are summed
 * @returns of each such feature how many rows have its rarest value
 */
export const rareValues = (sites: readonly Pick<Rows, 'features' | 'columns'>[], least: number): readonly RareValue[] => (sites[0]?.features ?? []).flatMap((feature, at) => {
  const counts = new Map<number, number>();
  for (const { columns } of sites) for (const value of columns[at] ?? []) counts.set(value, (counts.get(value) ?? 0) + 1);
  const rows = Math.min(...counts.values());
  return counts.size > 1 && counts.size <= COUNTED_VALUES && rows < least ? [{ feature, rows }] : [];
});

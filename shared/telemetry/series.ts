import type { Column } from './column.ts';

/** A numeric series: times ascending (epoch ms), values in step; NaN where the sample was null or not a number. */
export type Series = Readonly<{ times: readonly number[]; values: readonly number[] }>;

const toNumber = (value: Column['values'][number]): number => (typeof value === 'number' ? value : typeof value === 'bigint' ? Number(value) : Number.NaN);

/** One series from columns of successive minutes, cut to `[fromEpochMs, toEpochMs)`. */
export const seriesFrom = (columns: readonly Column[], fromEpochMs: number, toEpochMs: number): Series => {
  const times: number[] = [];
  const values: number[] = [];
  for (const column of columns) {
    column.times.forEach((time, i) => {
      if (time < fromEpochMs || time >= toEpochMs) return;
      times.push(time);
      values.push(toNumber(column.values[i] ?? null));
    });
  }
  return { times, values };
};

export type Statistic = 'last' | 'mean' | 'minimum' | 'maximum';

/** Statistic of the finite samples, summed in time order so that a re-run is bit-identical; undefined when there is none. */
export const statisticOf = ({ values }: Series, statistic: Statistic): number | undefined => {
  const finite = values.filter(Number.isFinite);
  if (finite.length === 0) return undefined;
  switch (statistic) {
    case 'last': return finite.at(-1);
    case 'mean': return finite.reduce((sum, value) => sum + value, 0) / finite.length;
    case 'minimum': return finite.reduce((a, b) => Math.min(a, b));
    case 'maximum': return finite.reduce((a, b) => Math.max(a, b));
    default: return statistic satisfies never;
  }
};

import type { Limits } from '../master-batch-record/model.ts';
import type { Series } from './series.ts';

/** A time outside the alarm limits, from its first sample outside; `toEpochMs` is undefined while it lasts. */
export type Excursion = Readonly<{ fromEpochMs: number; toEpochMs?: number | undefined; value: number; limit: number; side: 'low' | 'high' }>;

/** A value must come back this part of the limits' span (of the limit, when there is one) inside before the excursion is over, so that noise at a limit is one alarm. */
const HYSTERESIS = 0.02;

const marginOf = ({ low, high }: Limits): number => HYSTERESIS * (low !== undefined && high !== undefined ? high - low : Math.abs(low ?? high ?? 0));

/** The limit a value is beyond, if any. */
export const outside = (value: number, { low, high }: Limits): Pick<Excursion, 'limit' | 'side'> | undefined => {
  if (low !== undefined && value < low) return { limit: low, side: 'low' };
  return high !== undefined && value > high ? { limit: high, side: 'high' } : undefined;
};

const isBack = (value: number, { limit, side }: Pick<Excursion, 'limit' | 'side'>, margin: number): boolean => (side === 'low' ? value >= limit + margin : value <= limit - margin);

/** Times at which a series was well inside of a limit, so that an excursion beyond it is over. In time order. */
export const timesBack = ({ times, values }: Series, limits: Limits, beyond: Pick<Excursion, 'limit' | 'side'>): readonly number[] => {
  const margin = marginOf(limits);
  return times.filter((_, i) => isBack(values[i] ?? Number.NaN, beyond, margin));
};

/** JSON has no infinity. */
export const finite = (value: number): number => Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, value));

/**
 * Follow a series against limits. What is not a number says nothing; ±Infinity is outside, and told as the largest number.
 *
 * @param series samples in time order
 * @param active the excursion under way before them, if any
 * @returns excursions that began, or were under way, in order; only the last may still last
 */
export const followExcursions = ({ times, values }: Series, limits: Limits, active: Excursion | undefined): readonly Excursion[] => {
  const margin = marginOf(limits);
  const found: Excursion[] = [];
  let current = active;
  times.forEach((timeEpochMs, i) => {
    const value = values[i] ?? Number.NaN;
    if (Number.isNaN(value)) return;
    const side = outside(value, limits);
    if (current !== undefined && (isBack(value, current, margin) || (side !== undefined && side.side !== current.side))) {
      found.push({ ...current, toEpochMs: timeEpochMs });
      current = undefined;
    }
    if (current === undefined && side !== undefined) current = { fromEpochMs: timeEpochMs, value: finite(value), ...side };
  });
  return current === undefined ? found : [...found, current];
};

import type { Range } from '../../models/federated/plan.ts';
import { UsageError } from '../run-script.ts';
import type { Site } from './partition.ts';
import { columnOf, numbersOf, readTable } from './table.ts';

/** Specified ranges from a CSV of name, low, high, in the order of the features. @throws UsageError naming the variable */
export const rangesFrom = (file: string, features: readonly string[]): readonly Range[] => {
  const table = readTable(file);
  const names = columnOf(table, '--ranges', 'name');
  const [lows, highs] = [numbersOf(table, '--ranges', 'low'), numbersOf(table, '--ranges', 'high')];
  return features.map((name) => {
    const at = names.indexOf(name);
    if (at < 0) throw new UsageError(`${file}: got no range of ${name}, want name, low and high of every feature`);
    return { low: lows[at] ?? Number.NaN, high: highs[at] ?? Number.NaN };
  });
};

/** Part of the values at either end that may lie beyond. */
const BEYOND = 0.02;

/**
 * Ranges that the values themselves give, where there is no specification: all but the lowest and the highest fiftieth; from the lowest to the highest where that is one value. Whoever has all rows may look at them so, as this
 * command does; in a network nobody has.
 */
export const rangesWithin = (sites: readonly Site[], features: readonly string[]): readonly Range[] => features.map((_, feature) => {
  const values = sites.flatMap(({ rows }) => [...rows.columns[feature] ?? []]).filter((value) => !Number.isNaN(value)).sort((a, b) => a - b);
  const beyond = Math.floor(BEYOND * values.length);
  const [low = 0, high = 0] = [values[beyond], values.at(-1 - beyond)];
  return high > low ? { low, high } : { low: values[0] ?? 0, high: values.at(-1) ?? 0 };
});

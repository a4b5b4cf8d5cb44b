import type { Cohorts } from './cohorts.ts';

/** Largest prime below 2^26: products of two residues stay exact in a double. Sums weigh each site 0 or 1, so elimination modulo it finds what there is over the fractions. */
const PRIME = 67_108_859;

const inverse = (value: number): number => {
  let [result, base] = [1, value];
  for (let power = PRIME - 2; power > 0; power = Math.floor(power / 2)) {
    if (power % 2 === 1) result = (result * base) % PRIME;
    base = (base * base) % PRIME;
  }
  return result;
};

/** `from` − factor × `row`, modulo the prime. */
const reduced = (from: Float64Array, row: Float64Array, factor: number): Float64Array => from.map((value, i) => (value + (PRIME - factor) * (row[i] ?? 0)) % PRIME);

type Pivot = Readonly<{ at: number; row: Float64Array }>;

/** Whether a vector is a combination of others. */
const isSpannedBy = (vector: Float64Array, others: readonly Float64Array[]): boolean => {
  const pivots: Pivot[] = [];
  const rest = (of: Float64Array): Float64Array => pivots.reduce((left, { at, row }) => (left[at] === 0 ? left : reduced(left, row, left[at] ?? 0)), of);
  for (const other of others) {
    const left = rest(other);
    const at = left.findIndex((value) => value !== 0);
    if (at < 0) continue;
    const scale = inverse(left[at] ?? 1);
    pivots.push({ at, row: left.map((value) => (value * scale) % PRIME) });
  }
  return rest(vector).every((value) => value === 0);
};

/**
 * Whether a sum, put together with sums that were made before in any way, gives a number that hangs on one site or two: then the two could be told from each other by either of them, or the one by everybody.
 * A site with other rows than before counts like one that came and one that went.
 *
 * @param before sums this site was in  @param next the sum it is asked for
 * @returns the sites, at most two, or undefined
 * @see Denning, Denning, Schwartz 1979, ACM TODS 4(1) (trackers)
 */
export const singledOut = (before: readonly Cohorts[], next: Cohorts): readonly string[] | undefined => {
  const cells = [...new Set([...before, next].flatMap((each) => Object.entries(each).map(([site, rows]) => `${site}\n${rows}`)))];
  const siteOf = (cell: string): string => cell.slice(0, cell.indexOf('\n'));
  const sites = [...new Set(cells.map(siteOf))].sort();
  const without = (hidden: readonly string[]) => {
    const seen = cells.filter((cell) => !hidden.includes(siteOf(cell)));
    return (each: Cohorts): Float64Array => Float64Array.from(seen, (cell) => (each[siteOf(cell)] === cell.slice(cell.indexOf('\n') + 1) ? 1 : 0));
  };
  const isTold = (hidden: readonly string[]): boolean => {
    const vectorOf = without(hidden);
    return isSpannedBy(vectorOf(next), before.map(vectorOf));
  };
  // What follows from the sums before as it is tells nothing new.
  if (isTold([])) return undefined;
  return [...sites.map((site) => [site]), ...sites.flatMap((one, i) => sites.slice(i + 1).map((other) => [one, other]))].find(isTold);
};

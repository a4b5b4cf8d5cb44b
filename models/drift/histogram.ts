import { DomainError } from '../../shared/errors.ts';

/** Counts of one input or of the score over fixed bins, as federated sums give them; `missing` has its own count. */
export type Histogram = Readonly<{ name: string; counts: readonly number[]; missing: number }>;

const MAXIMUM_BINS = 4096;
const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;

/** Bins with the missing ones last. @throws DomainError `histogram-malformed` */
const binsOf = ({ name, counts, missing }: Histogram): readonly number[] => {
  const bins = [...counts, missing];
  if (counts.length === 0 || counts.length > MAXIMUM_BINS) throw new DomainError('histogram-malformed', `${name}.counts: got ${counts.length} bins, want 1 to ${MAXIMUM_BINS}`, { name });
  const wrong = bins.findIndex((count) => !isCount(count));
  if (wrong !== -1) throw new DomainError('histogram-malformed', `${name}.counts.${wrong}: got ${bins[wrong] ?? 'none'}, want a whole number from 0`, { name });
  return bins;
};

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** What moved between two histograms of one quantity. */
export type Shift = Readonly<{
  name: string;
  referenceCases: number;
  currentCases: number;
  /** Population stability index over the bins and the missing, each count raised by one half, so that an empty bin is not infinite. */
  stabilityIndex: number;
  /** Largest difference of the two cumulative shares, the missing first. */
  largestDifference: number;
  /** Upper bound of the chance of such a difference without any shift. */
  significance: number;
}>;

const stabilityIndexOf = (reference: readonly number[], current: readonly number[]): number => {
  const half = 0.5;
  const [all, now] = [sum(reference) + half * reference.length, sum(current) + half * current.length];
  return sum(reference.map((count, i) => {
    const [before, after] = [(count + half) / all, ((current[i] ?? 0) + half) / now];
    return (after - before) * Math.log(after / before);
  }));
};

const largestDifferenceOf = (reference: readonly number[], current: readonly number[]): number => {
  const [all, now] = [sum(reference), sum(current)];
  let [before, after, largest] = [0, 0, 0];
  // The missing stand last in the bins and are no value of the quantity: they go first, so that the others keep their order.
  for (const i of [reference.length - 1, ...reference.keys()].slice(0, reference.length)) {
    before += reference[i] ?? 0;
    after += current[i] ?? 0;
    largest = Math.max(largest, Math.abs(before / all - after / now));
  }
  return largest;
};

/**
 * Compare a quantity now with the same quantity at the test of the model.
 *
 * Limits: the test is of Kolmogorov and Smirnov with Massart's constant, in the two-sample form that is asymptotic; with few cases its bound is rough, and on binned data it
 * is cautious (it alarms less). It sees shifts along the order of the bins best; the stability index sees any, but grows by chance alone by about (bins − 1)(1/n + 1/m), so neither
 * is judged without the other. One quantity at a time: a change in how two move together is not seen.
 *
 * @throws DomainError `histogram-malformed` when they are of other quantities or bins, or a count is none; both must have cases
 * @see Siddiqi 2006, Credit Risk Scorecards (stability index); Massart 1990, Annals of Probability 18(3)
 */
export const shiftOf = (reference: Histogram, current: Histogram): Shift => {
  const { name } = reference;
  if (current.name !== name) throw new DomainError('histogram-malformed', `name: got ${current.name}, want ${name}`, { name });
  const [before, now] = [binsOf(reference), binsOf(current)];
  if (before.length !== now.length) throw new DomainError('histogram-malformed', `${name}.counts: got ${now.length - 1} bins, want ${before.length - 1}`, { name });
  const [referenceCases, currentCases] = [sum(before), sum(now)];
  if (referenceCases === 0 || currentCases === 0) throw new DomainError('histogram-malformed', `${name}: got ${referenceCases} and ${currentCases} cases, want at least 1 of each`, { name });
  const largestDifference = largestDifferenceOf(before, now);
  const effective = (referenceCases * currentCases) / (referenceCases + currentCases);
  return { name, referenceCases, currentCases, stabilityIndex: stabilityIndexOf(before, now), largestDifference, significance: Math.min(1, 2 * Math.exp(-2 * effective * largestDifference ** 2)) };
};

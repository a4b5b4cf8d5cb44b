import { createGenerator } from '../random/generator.ts';
import { binCountOf, type Bins } from './bins.ts';
import { startsIn, type Profile } from './profile.ts';

/** Rows that nobody has, by their bins: one array a feature, since a feature is looked at for many rows at once. `share` is how many rows of the network one of them stands for. */
export type MadeUpRows = Readonly<{ binned: readonly Uint8Array[]; labels: Uint8Array; share: number }>;

/** So many that a bin of two or three in a hundred rows is not empty by chance. */
const COUNT = 1024;

/** The bin of each of `count` rows that lie evenly over what is expected in the bins, in the order of the bins. */
const evenly = (expected: readonly number[], count: number): Uint8Array => {
  const total = expected.reduce((sum, each) => sum + each, 0);
  const bins = new Uint8Array(count);
  let [bin, below] = [0, expected[0] ?? 0];
  for (let row = 0; row < count; row += 1) {
    while (bin < expected.length - 1 && below < ((row + 0.5) / count) * total) {
      bin += 1;
      below += expected[bin] ?? 0;
    }
    bins[row] = bin;
  }
  return bins;
};

/**
 * Rows made up so that the rows of each label lie over each feature as they are expected to over the network, in an order drawn from the seed for each feature, so that features of a label do not go together (naive Bayes).
 * A function of plan and opened sums alone.
 *
 * @param rows of each label over the network
 * @see McKay, Beckman, Conover 1979, Technometrics 21(2), for samples that are even in each variable
 */
export const madeUpRows = (seed: number, bins: readonly Bins[], profile: Profile, [zeros, ones]: readonly [number, number]): MadeUpRows => {
  const random = createGenerator(seed);
  const starts = startsIn(bins);
  const ofZeros = Math.min(COUNT - 1, Math.max(1, Math.round((COUNT * zeros) / (zeros + ones))));
  const labels = new Uint8Array(COUNT).fill(1, ofZeros);
  const binned = bins.map((own, feature) => {
    const column = new Uint8Array(COUNT);
    for (const [first, count, label] of [[0, ofZeros, 0], [ofZeros, COUNT - ofZeros, 1]] as const) {
      const expected = Array.from({ length: binCountOf(own) }, (_, bin) => {
        const at = (starts[feature] ?? 0) + 2 * bin;
        return label === 1 ? profile[at + 1] ?? 0 : (profile[at] ?? 0) - (profile[at + 1] ?? 0);
      });
      const drawn = evenly(expected, count);
      for (let row = count - 1; row > 0; row -= 1) {
        const other = random.below(row + 1);
        [drawn[row], drawn[other]] = [drawn[other] ?? 0, drawn[row] ?? 0];
      }
      column.set(drawn, first);
    }
    return column;
  });
  return { binned, labels, share: (zeros + ones) / COUNT };
};

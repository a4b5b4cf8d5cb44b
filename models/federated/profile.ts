import { binCountOf, type Bins } from './bins.ts';
import type { Level } from './level.ts';

/**
 * Rows by feature, bin and label over the whole network, flat, feature after feature: mean weight in the trees whose root drew the feature, 0 where none did.
 * What of a foreseen forest is opened by features' bins, and all of it: one feature at a time, over all rows.
 */
export type Profile = Float64Array;

/** Where each feature begins in a profile, and behind the last one its length. */
export const startsIn = (bins: readonly Bins[]): Int32Array => {
  const starts = new Int32Array(bins.length + 1);
  bins.forEach((each, feature) => { starts[feature + 1] = (starts[feature] ?? 0) + 2 * binCountOf(each); });
  return starts;
};

/** @param sum of the round that counted the roots of all trees, laid out by `level` */
export const profileFrom = (bins: readonly Bins[], { nodes }: Level, sum: ArrayLike<number>): Profile => {
  const starts = startsIn(bins);
  const profile = new Float64Array(starts[bins.length] ?? 0);
  const drawn = new Int32Array(bins.length);
  for (const { features, start } of nodes) {
    let from = start;
    for (const feature of features) {
      const [first, end] = [starts[feature] ?? 0, starts[feature + 1] ?? 0];
      for (let at = first; at < end; at += 1) profile[at] = (profile[at] ?? 0) + (sum[from + at - first] ?? 0);
      drawn[feature] = (drawn[feature] ?? 0) + 1;
      from += end - first;
    }
  }
  drawn.forEach((trees, feature) => {
    for (let at = starts[feature] ?? 0; at < (starts[feature + 1] ?? 0); at += 1) profile[at] = trees === 0 ? 0 : (profile[at] ?? 0) / trees;
  });
  return profile;
};

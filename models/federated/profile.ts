import { binCountOf, type Bins } from './bins.ts';

/** Rows by feature, bin and label over the whole network as they are expected to lie, flat, feature after feature: of each bin all rows, then those of label 1. Nothing of it is counted. */
export type Profile = Float64Array;

/** Where each feature begins in a profile, and behind the last one its length. */
export const startsIn = (bins: readonly Bins[]): Int32Array => {
  const starts = new Int32Array(bins.length + 1);
  bins.forEach((each, feature) => { starts[feature + 1] = (starts[feature] ?? 0) + 2 * binCountOf(each); });
  return starts;
};

import type { Bins } from './bins.ts';
import type { Plan } from './plan.ts';
import type { Split } from './split.ts';

/**
 * Trees while they grow, each a heap of `slots` places: 1 is the root, 2p and 2p + 1 the children of p (left, right).
 * The coordinator sends it to the sites, so it holds nothing but splits and sums over all of them.
 */
export type Growing = Readonly<{
  slots: number;
  /** Feature a place is split on; −1 for a leaf. */
  feature: Int32Array;
  /** Rows of a lower bin go left. */
  splitBin: Uint8Array;
  /** 1 where missing values go left. */
  defaultLeft: Uint8Array;
  /** 1 where a site sums its rows. */
  open: Uint8Array;
  gain: Float32Array;
  /** Sums over the rows at a place. Forest: weight, weight of label 1. Boosting: gradient, hessian, times `GRADIENT_SCALE`. */
  first: Float64Array; second: Float64Array;
}>;

/** Trees that are asked about together: all of a forest; one of a boosting, from `tree`. */
export type Stand = Readonly<{ tree: number; count: number }>;

export const growingOf = ({ treeCount, depth }: Plan): Growing => {
  const slots = 2 ** (depth + 1);
  const size = treeCount * slots;
  return {
    slots, feature: new Int32Array(size).fill(-1), splitBin: new Uint8Array(size), defaultLeft: new Uint8Array(size), open: new Uint8Array(size),
    gain: new Float32Array(size), first: new Float64Array(size), second: new Float64Array(size),
  };
};

/** The same trees to write on, with nothing open. */
export const copyOf = (growing: Growing): Growing => ({
  slots: growing.slots, feature: growing.feature.slice(), splitBin: growing.splitBin.slice(), defaultLeft: growing.defaultLeft.slice(), open: new Uint8Array(growing.open.length),
  gain: growing.gain.slice(), first: growing.first.slice(), second: growing.second.slice(),
});


/** Places of a tree that are not split, as indices. */
export const leavesOf = ({ slots, feature }: Growing, tree: number): readonly number[] => {
  const leaves: number[] = [];
  const below = (place: number): void => {
    if ((feature[tree * slots + place] ?? -1) < 0) { leaves.push(tree * slots + place); return; }
    below(2 * place);
    below(2 * place + 1);
  };
  below(1);
  return leaves;
};

export const splitAt = (growing: Growing, slot: number, { feature, splitBin, defaultLeft, gain }: Split): void => {
  growing.feature[slot] = feature;
  growing.splitBin[slot] = splitBin;
  growing.defaultLeft[slot] = defaultLeft ? 1 : 0;
  growing.gain[slot] = gain;
};

/** The place above one, as an index. @param slot of a place below the root */
export const aboveOf = (slots: number, slot: number): number => slot - Math.ceil((slot % slots) / 2);

/** Bins of a feature that the way to a place leaves: from `low` up to, not with, `high`, and the bin of missing values or not. */
export type Left = Readonly<{ low: number; high: number; mayBeMissing: boolean }>;

/** What the splits above a place leave of the features they are on. */
export const rangesTo = ({ slots, feature, splitBin, defaultLeft }: Growing, slot: number, bins: readonly Bins[]): ReadonlyMap<number, Left> => {
  const ranges = new Map<number, Left>();
  const base = slot - (slot % slots);
  for (let place = slot % slots; place > 1; place = Math.floor(place / 2)) {
    const above = base + Math.floor(place / 2);
    const split = feature[above] ?? -1;
    const own = bins[split];
    if (own === undefined) continue;
    const { low, high, mayBeMissing } = ranges.get(split) ?? { low: 0, high: own.edges.length + 1, mayBeMissing: own.isMissing };
    const isLeft = place % 2 === 0;
    const at = splitBin[above] ?? 0;
    ranges.set(split, { low: isLeft ? low : Math.max(low, at), high: isLeft ? Math.min(high, at) : high, mayBeMissing: mayBeMissing && (defaultLeft[above] === 1) === isLeft });
  }
  return ranges;
};

/** Place a row comes to rest at. @param at index of the row's first bin in `binned` @param missingBins bin of missing values by feature, −1 where none is missing */
export const placeOf = ({ slots, feature, splitBin, defaultLeft }: Growing, tree: number, binned: Uint8Array, at: number, missingBins: Int32Array): number => {
  const base = tree * slots;
  let place = 1;
  for (let split = feature[base + 1] ?? -1; split >= 0; split = feature[base + place] ?? -1) {
    const bin = binned[at + split] ?? 0;
    const goesLeft = bin === missingBins[split] ? defaultLeft[base + place] === 1 : bin < (splitBin[base + place] ?? 0);
    place = 2 * place + (goesLeft ? 0 : 1);
  }
  return place;
};

import type { Bins } from './bins.ts';
import { chosen } from './choice.ts';
import type { FeatureDraw } from './draws.ts';
import { rangesTo, type Growing, type Left } from './growing.ts';
import type { Plan } from './plan.ts';
import { startsIn, type Profile } from './profile.ts';
import { bestSplit, criterionOf, type Split } from './split.ts';

/**
 * Splits that are chosen before anything of their node is counted beside its rows by label, so that nothing is counted but the two sides of a split that the model has: of each drawn
 * feature the rows of a label are taken to lie in a node as they are expected to lie over all rows, cut to what the way to the node leaves (the assumption of naive Bayes). It errs where features go
 * together; what the leaves say is counted, and right.
 */
export type Foresight = (slot: number) => Split | undefined;

/** Rows in a bin of which none of the label was seen: so many that no side of a threshold is taken for sure to be empty. Times the share of the bin in all rows. */
const UNSEEN = 0.5;

/** What a node is foreseen to hold of a feature, bin by bin, the labels adding up to what was counted there; undefined where no row of the profile is. @param counts of the feature over all rows @param node rows of each label @param isLeft bins the way to the node leaves */
const expected = (counts: Profile, isLeft: (bin: number) => boolean, node: readonly [number, number]): Float64Array | undefined => {
  const cells = new Float64Array(counts.length);
  const totals: [number, number] = [0, 0];
  let all = 0;
  for (let at = 0; at < counts.length; at += 2) all += counts[at] ?? 0;
  for (let at = 0; at < counts.length; at += 2) {
    const [rows, ones] = [counts[at] ?? 0, counts[at + 1] ?? 0];
    if (rows === 0 || !isLeft(at / 2)) continue;
    const unseen = (UNSEEN * rows) / all;
    const [ofZeros, ofOnes] = [rows - ones + unseen, ones + unseen];
    cells[at] = ofZeros;
    cells[at + 1] = ofOnes;
    totals[0] += ofZeros;
    totals[1] += ofOnes;
  }
  if (totals[0] <= 0) return undefined;
  for (let at = 0; at < cells.length; at += 2) {
    const [zeros, ones] = [((cells[at] ?? 0) / totals[0]) * node[0], ((cells[at + 1] ?? 0) / totals[1]) * node[1]];
    cells[at] = zeros + ones;
    cells[at + 1] = ones;
  }
  return cells;
};

/**
 * Foresees splits of places whose rows were counted. A function of plan and opened sums alone, so it is the same wherever rows live; only the coordinator needs it.
 *
 * @param draw features for a node
 */
export const foresightOf = (plan: Plan, bins: readonly Bins[], profile: Profile, growing: Growing, draw: FeatureDraw): Foresight => {
  const criterion = criterionOf(plan);
  const starts = startsIn(bins);
  return (slot) => {
    const [tree, place] = [Math.floor(slot / growing.slots), slot % growing.slots];
    const ways = rangesTo(growing, slot, bins);
    const [rows, ones] = [growing.first[slot] ?? 0, growing.second[slot] ?? 0];
    const splits = [...draw.of(tree, place)].flatMap((feature): readonly Split[] => {
      const own = bins[feature];
      if (own === undefined) return [];
      const cells = expected(profile.subarray(starts[feature] ?? 0, starts[feature + 1] ?? 0), isWithin(ways.get(feature), own), [rows - ones, ones]);
      const split = cells === undefined ? undefined : bestSplit(cells, feature, own, criterion);
      return split === undefined ? [] : [split];
    });
    return chosen(splits, plan.seed, tree, place);
  };
};

const isWithin = (left: Left | undefined, { edges }: Bins) => (bin: number): boolean => left === undefined || (bin > edges.length ? left.mayBeMissing : bin >= left.low && bin < left.high);

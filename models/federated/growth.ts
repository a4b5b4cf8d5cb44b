import { barrenIn } from './barren.ts';
import type { Bins } from './bins.ts';
import { requireCounted } from './contradictions.ts';
import { foresightOf, type Foresight } from './foresight.ts';
import { aboveOf, copyOf, growingOf, splitAt, type Growing, type Stand } from './growing.ts';
import { featureDrawOf, levelOf, mayBeAsked, type Level } from './level.ts';
import type { Plan } from './plan.ts';
import type { Profile } from './profile.ts';
import { criterionOf } from './split.ts';

type Question = Readonly<{ bins: readonly Bins[]; growing: Growing; stand: Stand }>;
/** The two children of a place. */
const childrenOf = (slots: number, slot: number): readonly [number, number] => [slot + (slot % slots), slot + (slot % slots) + 1];

/** Take in the counts of both sides of foreseen splits. A root has what its sides have, or was counted itself where it is not split. @returns the places that were counted and may be split */
const countSides = (plan: Plan, { growing }: Question, level: Level, sum: ArrayLike<number>, next: Growing): readonly number[] => {
  requireCounted(sum, level, growing);
  const { score } = criterionOf(plan);
  for (const { slot, start } of level.nodes) {
    next.first[slot] = sum[start] ?? 0;
    next.second[slot] = sum[start + 1] ?? 0;
  }
  for (const { slot, place } of level.nodes) {
    if (place !== 2) continue;
    const root = aboveOf(growing.slots, slot);
    next.first[root] = (next.first[slot] ?? 0) + (next.first[slot + 1] ?? 0);
    next.second[root] = (next.second[slot] ?? 0) + (next.second[slot + 1] ?? 0);
  }
  const scoreOf = (slot: number): number => score(next.first[slot] ?? 0, next.second[slot] ?? 0);
  for (const { slot, place } of level.nodes) {
    const above = aboveOf(growing.slots, slot);
    if (place % 2 === 0) next.gain[above] = Math.max(0, scoreOf(slot) + scoreOf(slot + 1) - scoreOf(above));
  }
  return level.nodes.flatMap(({ slot, place }) => (place === 1 ? [] : [slot]));
};

/** Split places by foresight, and ask for the rows on both sides. */
const openForeseen = (growing: Growing, places: readonly number[], foresee: Foresight): void => {
  for (const slot of places) {
    const split = foresee(slot);
    if (split === undefined) continue;
    splitAt(growing, slot, split);
    for (const child of childrenOf(growing.slots, slot)) growing.open[child] = 1;
  }
};

/** Places a round has counted that may be split further. */
const divisibleAmong = (plan: Plan, { slots, first, second }: Growing, places: readonly number[]): readonly number[] =>
  places.filter((slot) => slot % slots < 2 ** plan.depth && mayBeAsked(plan, first[slot] ?? 0, second[slot] ?? 0));

/**
 * Trees of a foreseen forest before anything of them is counted: a root is split as all rows are expected to lie, whichever its tree draws, and the first thing that is asked is what lies on its two sides. One that is not split is counted whole.
 *
 * @param rows of each label over the network
 */
export const foreseenRoots = (plan: Plan, bins: readonly Bins[], profile: Profile, [zeros, ones]: readonly [number, number]): Growing => {
  const growing = growingOf(plan);
  const roots = Array.from({ length: plan.treeCount }, (_, tree) => tree * growing.slots + 1);
  for (const slot of roots) {
    growing.first[slot] = zeros + ones;
    growing.second[slot] = ones;
  }
  openForeseen(growing, divisibleAmong(plan, growing, roots), foresightOf(plan, bins, profile, growing, featureDrawOf(plan, bins)));
  for (const slot of roots) if ((growing.feature[slot] ?? -1) < 0) growing.open[slot] = 1;
  return growing;
};

/** Grow all trees of a forest by a level from the sums over it. @throws DomainError `training-sum-impossible` */
export const growLevel = (plan: Plan, question: Question, sum: ArrayLike<number>, profile: Profile): Growing => {
  const { bins, growing, stand } = question;
  const next = copyOf(growing);
  const counted = countSides(plan, question, levelOf(growing, stand), sum, next);
  openForeseen(next, divisibleAmong(plan, next, counted), foresightOf(plan, bins, profile, next, featureDrawOf(plan, bins, barrenIn(plan, next))));
  return next;
};

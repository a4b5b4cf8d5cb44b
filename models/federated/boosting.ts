import { binCountOf, type Bins } from './bins.ts';
import { chosen } from './choice.ts';
import { requireLeaves } from './contradictions.ts';
import type { FeatureDraw } from './draws.ts';
import { derivativesOf, GRADIENT_SCALE, type Gradients } from './gradients.ts';
import { copyOf, growingOf, leavesOf, splitAt, type Growing, type Stand } from './growing.ts';
import { featureDrawOf, levelOf } from './level.ts';
import { madeUpRows, type MadeUpRows } from './made-up-rows.ts';
import type { Plan } from './plan.ts';
import type { Profile } from './profile.ts';
import { bestSplit, criterionOf, stepOf, type Split } from './split.ts';

/**
 * Boosted trees of which every split is foreseen before anything of any tree is summed: they are boosted on rows made up as sums over all rows have them, with values of their own, which are forgotten.
 * Of the network's rows nothing is asked but the sums of derivatives in the leaves, tree after tree, which the model holds.
 */
type Growth = Readonly<{ plan: Plan; bins: readonly Bins[]; rows: MadeUpRows; draw: FeatureDraw; growing: Growing; tree: number; derivatives: Gradients }>;

/** Derivatives of some rows by bin of a feature, in rows of the network. */
const histogramOf = ({ rows: { binned, featureCount, share }, derivatives: { gradients, hessians } }: Growth, members: readonly number[], feature: number, binCount: number): Float64Array => {
  const cells = new Float64Array(2 * binCount);
  for (const row of members) {
    const at = 2 * (binned[row * featureCount + feature] ?? 0);
    cells[at] = (cells[at] ?? 0) + share * (gradients[row] ?? 0);
    cells[at + 1] = (cells[at + 1] ?? 0) + share * (hessians[row] ?? 0);
  }
  return cells;
};

const splitOf = (growth: Growth, members: readonly number[], place: number): Split | undefined => {
  const { plan, bins, draw, tree } = growth;
  const criterion = criterionOf(plan);
  const splits = [...draw.of(tree, place)].flatMap((feature) => {
    const own = bins[feature];
    const split = own === undefined ? undefined : bestSplit(histogramOf(growth, members, feature, binCountOf(own)), feature, own, criterion);
    return split === undefined ? [] : [split];
  });
  return chosen(splits, plan.seed, tree, place);
};

/** Split a place and those below it, and let the made-up rows that come to rest there take the step of their leaf. */
const growPlace = (growth: Growth, members: readonly number[], place: number, margins: Float32Array): void => {
  const { plan, rows: { binned, featureCount, share }, growing, tree, derivatives } = growth;
  const split = place < growing.slots / 2 ? splitOf(growth, members, place) : undefined;
  if (split === undefined) {
    const total = (of: ArrayLike<number>): number => share * members.reduce((sum, row) => sum + (of[row] ?? 0), 0);
    const step = stepOf(plan, total(derivatives.gradients), total(derivatives.hessians));
    for (const row of members) margins[row] = (margins[row] ?? 0) + step;
    return;
  }
  splitAt(growing, tree * growing.slots + place, split);
  const isLeft = (row: number): boolean => (binned[row * featureCount + split.feature] ?? 0) < split.splitBin;
  growPlace(growth, members.filter(isLeft), 2 * place, margins);
  growPlace(growth, members.filter((row) => !isLeft(row)), 2 * place + 1, margins);
};

/**
 * All trees of a boosting with their splits, and the leaves of the first open. A function of plan and opened sums alone, so it is the same wherever rows live.
 *
 * @param rows of each label over the network
 * @see Friedman 2001, Annals of Statistics 29(5); Chen, Guestrin 2016, KDD
 */
export const foreseenTrees = (plan: Plan, bins: readonly Bins[], profile: Profile, rows: readonly [number, number]): Growing => {
  const growing = growingOf(plan);
  const madeUp = madeUpRows(plan.seed, bins, profile, rows);
  const draw = featureDrawOf(plan, bins);
  const margins = new Float32Array(madeUp.labels.length);
  const all = Array.from(madeUp.labels, (_, row) => row);
  for (let tree = 0; tree < plan.treeCount; tree += 1) growPlace({ plan, bins, rows: madeUp, draw, growing, tree, derivatives: derivativesOf(margins, madeUp.labels) }, all, 1, margins);
  for (const slot of leavesOf(growing, 0)) growing.open[slot] = 1;
  return growing;
};

type Asked = Readonly<{ growing: Growing; stand: Stand }>;

/**
 * Take in the sums of a tree's leaves, add them up to its root, and ask for the leaves of the next tree, if there is one.
 *
 * @param rows over the network @throws DomainError `training-sum-impossible`
 */
export const takeLeaves = (plan: Plan, { growing, stand }: Asked, sum: ArrayLike<number>, rows: number): Growing => {
  const level = levelOf(growing, stand);
  requireLeaves(sum, level, rows);
  const next = copyOf(growing);
  for (const { slot, start } of level.nodes) {
    next.first[slot] = sum[start] ?? 0;
    next.second[slot] = sum[start + 1] ?? 0;
  }
  const { score } = criterionOf(plan);
  const scoreAt = (slot: number): number => score((next.first[slot] ?? 0) / GRADIENT_SCALE, (next.second[slot] ?? 0) / GRADIENT_SCALE);
  const base = stand.tree * next.slots;
  for (let place = next.slots / 2 - 1; place > 0; place -= 1) {
    if ((next.feature[base + place] ?? -1) < 0) continue;
    const [slot, left] = [base + place, base + 2 * place];
    next.first[slot] = (next.first[left] ?? 0) + (next.first[left + 1] ?? 0);
    next.second[slot] = (next.second[left] ?? 0) + (next.second[left + 1] ?? 0);
    next.gain[slot] = Math.max(0, scoreAt(left) + scoreAt(left + 1) - scoreAt(slot));
  }
  if (stand.tree + 1 < plan.treeCount) for (const slot of leavesOf(next, stand.tree + 1)) next.open[slot] = 1;
  return next;
};

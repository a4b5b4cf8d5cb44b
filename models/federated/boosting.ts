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

/** Rows at a place, and what each adds to the two sums of its bins, in rows of the network: gathered once for all features. */
type Members = Readonly<{ rows: Uint16Array; masses: Float64Array }>;

const massesOf = ({ rows: { share }, derivatives: { gradients, hessians } }: Growth, members: Uint16Array): Float64Array => {
  const masses = new Float64Array(2 * members.length);
  members.forEach((row, i) => {
    masses[2 * i] = share * (gradients[row] ?? 0);
    masses[2 * i + 1] = share * (hessians[row] ?? 0);
  });
  return masses;
};

/** Derivatives of rows by bin of a feature. */
const histogramOf = ({ rows, masses }: Members, column: Uint8Array, binCount: number): Float64Array => {
  const cells = new Float64Array(2 * binCount);
  for (let i = 0; i < rows.length; i += 1) {
    const at = 2 * (column[rows[i] ?? 0] ?? 0);
    cells[at] = (cells[at] ?? 0) + (masses[2 * i] ?? 0);
    cells[at + 1] = (cells[at + 1] ?? 0) + (masses[2 * i + 1] ?? 0);
  }
  return cells;
};

/** Whether rows weigh too little for two children, by more than rounding does. */
const isTooLight = ({ minimumLeaf }: Plan, masses: Float64Array): boolean => masses.reduce((sum, mass, i) => (i % 2 === 1 ? sum + mass : sum), 0) < 1.999 * minimumLeaf;

const splitOf = (growth: Growth, rows: Uint16Array, place: number): Split | undefined => {
  const { plan, bins, draw, tree, rows: { binned } } = growth;
  const members = { rows, masses: massesOf(growth, rows) };
  if (isTooLight(plan, members.masses)) return undefined;
  const criterion = criterionOf(plan);
  const splits = [...draw.of(tree, place)].flatMap((feature) => {
    const [own, column] = [bins[feature], binned[feature]];
    const split = own === undefined || column === undefined ? undefined : bestSplit(histogramOf(members, column, binCountOf(own)), feature, own, criterion);
    return split === undefined ? [] : [split];
  });
  return chosen(splits, plan.seed, tree, place);
};

/** Split a place and those below it, and let the made-up rows that come to rest there take the step of their leaf. */
const growPlace = (growth: Growth, members: Uint16Array, place: number, margins: Float32Array): void => {
  const { plan, rows: { binned, share }, growing, tree, derivatives } = growth;
  const split = place < growing.slots / 2 ? splitOf(growth, members, place) : undefined;
  if (split === undefined) {
    const total = (of: ArrayLike<number>): number => share * members.reduce((sum, row) => sum + (of[row] ?? 0), 0);
    const step = stepOf(plan, total(derivatives.gradients), total(derivatives.hessians));
    for (const row of members) margins[row] = (margins[row] ?? 0) + step;
    return;
  }
  splitAt(growing, tree * growing.slots + place, split);
  const column = binned[split.feature];
  const isLeft = (row: number): boolean => (column?.[row] ?? 0) < split.splitBin;
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
  const all = Uint16Array.from(madeUp.labels, (_, row) => row);
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

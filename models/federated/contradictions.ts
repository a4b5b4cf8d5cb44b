import { DomainError } from '../../shared/errors.ts';
import { BOOSTED_ROWS, GRADIENT_SCALE } from './gradients.ts';
import { aboveOf, leavesOf, type Growing, type Stand } from './growing.ts';
import type { Level } from './level.ts';

/**
 * What sums of honest sites can not be. A site that lies so that nothing contradicts itself is not found here.
 */
const impossible = (message: string): DomainError => new DomainError('training-sum-impossible', message);

/** Rows, and of that rows of label 1. */
const isPossible = (rows: number, ones: number): boolean => ones >= 0 && ones <= rows;

/** Both sides of a foreseen split hold what was split, and no fewer of a label than none. How a tree draws the rows of its root nothing said before. @throws DomainError `training-sum-impossible` */
export const requireCounted = (sum: ArrayLike<number>, { nodes }: Level, growing: Growing): void => {
  nodes.forEach(({ tree, place, slot, start }, i) => {
    const [rows, ones] = [sum[start] ?? 0, sum[start + 1] ?? 0];
    if (!isPossible(rows, ones)) throw impossible(`tree ${tree}, place ${place}: got ${ones} of ${rows}, want 0 to the whole`);
    if (place % 2 === 1) return;
    const other = nodes[i + 1]?.start ?? -1;
    const above = aboveOf(growing.slots, slot);
    if (above % growing.slots === 1) return;
    const [allRows, allOnes] = [rows + (sum[other] ?? 0), ones + (sum[other + 1] ?? 0)];
    const [wantedRows, wantedOnes] = [growing.first[above] ?? 0, growing.second[above] ?? 0];
    if (allRows !== wantedRows || allOnes !== wantedOnes) throw impossible(`tree ${tree}, place ${place / 2}: got sums ${allRows}, ${allOnes} on both sides, want ${wantedRows}, ${wantedOnes}, as were counted there`);
  });
};

/** Both sums of a leaf, in steps. */
type Sums = readonly [gradient: number, hessian: number];
/** Second derivative of a row that no tree says anything of, in steps; its first is twice that, up or down. */
const UNDECIDED = GRADIENT_SCALE / 4;

/**
 * Whether a leaf may have such sums. A chance is within 0 and 1, so that a row adds at most one to a sum of gradients, a quarter to one of hessians, and to this one step at least: where nothing of it is, no gradient is. Before the first tree every chance is a half.
 */
const isOfRows = ([gradient, hessian]: Sums, tree: number, rows: number): boolean => {
  if (!Number.isInteger(gradient) || !Number.isInteger(hessian) || hessian < 0) return false;
  if (tree === 0) return hessian % UNDECIDED === 0 && Math.abs(gradient) <= 2 * hessian && (gradient + 2 * hessian) % GRADIENT_SCALE === 0;
  return Math.abs(gradient) <= Math.min(rows, hessian) * GRADIENT_SCALE;
};

const requireSums = (leaves: readonly Sums[], tree: number, rows: number): void => {
  const wrong = leaves.find((sums) => !isOfRows(sums, tree, rows));
  if (wrong !== undefined) throw impossible(`tree ${tree}: got sums ${wrong.join(', ')} in a leaf, want none that ${rows} rows can not have`);
  const all = leaves.reduce((sum, [, hessian]) => sum + hessian, 0);
  const [least, most] = [rows * (tree === 0 ? UNDECIDED : 1), rows * UNDECIDED];
  if (all < least || all > most) throw impossible(`tree ${tree}: got ${all} as the sum of all hessians, want ${least} to ${most}, as ${rows} rows have`);
};

/** @param rows over the network @throws DomainError `training-sum-impossible` */
export const requireLeaves = (sum: ArrayLike<number>, { nodes }: Level, rows: number): void => {
  requireSums(nodes.map(({ start }): Sums => [sum[start] ?? 0, sum[start + 1] ?? 0]), nodes[0]?.tree ?? 0, rows);
};

/**
 * The same of trees before, from which a site makes the margins of its rows: the first says how many rows there are, and all others keep to it. So no margin is without end, and none is no number. A coordinator that lies within this is not found.
 *
 * @throws DomainError `training-sum-impossible`
 */
export const requireSummed = (growing: Growing, { tree: asked }: Stand): void => {
  const leavesIn = (tree: number): readonly Sums[] => leavesOf(growing, tree).map((slot) => [growing.first[slot] ?? 0, growing.second[slot] ?? 0]);
  if (asked === 0) return;
  const rows = leavesIn(0).reduce((sum, [, hessian]) => sum + hessian, 0) / UNDECIDED;
  if (!(rows >= 1 && rows <= BOOSTED_ROWS)) throw impossible(`tree 0: got sums of ${rows} rows, want 1 to ${BOOSTED_ROWS}`);
  for (let tree = 0; tree < asked; tree += 1) requireSums(leavesIn(tree), tree, rows);
};

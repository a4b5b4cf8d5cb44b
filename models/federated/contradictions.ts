import { DomainError } from '../../shared/errors.ts';
import { GRADIENT_SCALE } from './gradients.ts';
import { aboveOf, type Growing } from './growing.ts';
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

/** A chance is within 0 and 1, so that a row adds at most one to a sum of gradients, a quarter to one of hessians, and to this one step at least: where nothing of it is, no gradient is. @param rows over the network @throws DomainError `training-sum-impossible` */
export const requireLeaves = (sum: ArrayLike<number>, { nodes }: Level, rows: number): void => {
  let all = 0;
  for (const { tree, place, start } of nodes) {
    const [gradient, hessian] = [sum[start] ?? 0, sum[start + 1] ?? 0];
    all += hessian;
    if (hessian < 0 || Math.abs(gradient) > Math.min(rows, hessian) * GRADIENT_SCALE) throw impossible(`tree ${tree}, place ${place}: got sums ${gradient}, ${hessian}, want none that ${rows} rows can not have`);
  }
  if (all < rows || all > (rows * GRADIENT_SCALE) / 4) throw impossible(`tree ${nodes[0]?.tree ?? 0}: got ${all} as the sum of all hessians, want ${rows} to ${(rows * GRADIENT_SCALE) / 4}, as ${rows} rows have`);
};

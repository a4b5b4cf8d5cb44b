import { DomainError } from '../../shared/errors.ts';
import { binCountOf, COARSE_CELLS, COARSE_WIDTH, type Bins, type Refinement } from './bins.ts';
import { aboveOf, type Growing } from './growing.ts';
import type { Level, OpenNode } from './level.ts';
import type { Plan } from './plan.ts';
import type { Sums } from './split.ts';

/**
 * What sums of honest sites can not be. A site that lies so that nothing contradicts itself is not found here.
 */
const impossible = (message: string): DomainError => new DomainError('training-sum-impossible', message);

const requireCount = (what: string, count: number): void => {
  if (!(count >= 0)) throw impossible(`${what}: got ${count} rows, want none or more`);
};

/** Each feature has one value or a missing one in each row. @throws DomainError `training-sum-impossible` */
export const requireCoarse = ({ features }: Plan, sum: ArrayLike<number>, rows: number): void => {
  features.forEach((name, feature) => {
    let counted = 0;
    for (let cell = 0; cell < COARSE_WIDTH; cell += 1) {
      const count = sum[feature * COARSE_WIDTH + cell] ?? 0;
      requireCount(name, count);
      counted += count;
    }
    if (counted !== rows) throw impossible(`${name}: got ${counted} values, want ${rows}, one a row`);
  });
};

/** Fine cells add up to the coarse cell they cut. @throws DomainError `training-sum-impossible` */
export const requireFine = ({ features }: Plan, coarse: ArrayLike<number>, fine: ArrayLike<number>, refinements: readonly Refinement[]): void => {
  let at = 0;
  refinements.forEach(({ cells, bits }, feature) => {
    cells.forEach((cell, i) => {
      let counted = 0;
      for (const end = at + 2 ** (bits[i] ?? 0); at < end; at += 1) {
        requireCount(features[feature] ?? '', fine[at] ?? 0);
        counted += fine[at] ?? 0;
      }
      const wanted = coarse[feature * COARSE_WIDTH + cell] ?? 0;
      if (cell < COARSE_CELLS && counted !== wanted) throw impossible(`${features[feature] ?? ''}: got ${counted} values in fine cells of coarse cell ${cell}, want ${wanted}, as were counted in it`);
    });
  });
};

/** Forest: weight, and of that the weight of label 1. Boosting: gradient, of either sign, and hessian. */
const isPossible = (method: Plan['method'], first: number, second: number): boolean => second >= 0 && (method !== 'forest' || second <= first);

const totalOf = (plan: Plan, sum: ArrayLike<number>, start: number, bins: number, place: string): Sums => {
  let [first, second] = [0, 0];
  for (let at = start; at < start + 2 * bins; at += 2) {
    const [a, b] = [sum[at] ?? 0, sum[at + 1] ?? 0];
    if (!isPossible(plan.method, a, b)) throw impossible(`${place}: got ${b} of ${a} in one cell, want 0 to the whole`);
    first += a;
    second += b;
  }
  return { first, second };
};

const requireNode = (plan: Plan, sum: ArrayLike<number>, node: OpenNode, bins: readonly Bins[], split: Sums | undefined): void => {
  const place = `tree ${node.tree}, place ${node.place}`;
  let start = node.start;
  let total = split;
  for (const feature of node.features) {
    const own = bins[feature];
    if (own === undefined) break;
    const found = totalOf(plan, sum, start, binCountOf(own), place);
    total ??= found;
    if (found.first !== total.first || found.second !== total.second) {
      throw impossible(`${place}, ${plan.features[feature] ?? ''}: got sums ${found.first}, ${found.second}, want ${total.first}, ${total.second}, as ${split === undefined ? 'of its other features' : 'the split above it left'}`);
    }
    start += 2 * binCountOf(own);
  }
};

/** All features of a node were counted over the same rows, and those are the rows its parent's split sent there. @throws DomainError `training-sum-impossible` */
export const requireLevel = (plan: Plan, sum: ArrayLike<number>, { nodes }: Level, bins: readonly Bins[], growing: Growing): void => {
  for (const node of nodes) {
    const split = node.place === 1 ? undefined : { first: growing.first[node.slot] ?? 0, second: growing.second[node.slot] ?? 0 };
    requireNode(plan, sum, node, bins, split);
  }
};

/** Both sides of a foreseen split hold what was split, and no fewer of a label than none. How a tree draws the rows of its root nothing said before. @throws DomainError `training-sum-impossible` */
export const requireCounted = (sum: ArrayLike<number>, { nodes }: Level, growing: Growing): void => {
  nodes.forEach(({ tree, place, slot, start }, i) => {
    const [rows, ones] = [sum[start] ?? 0, sum[start + 1] ?? 0];
    if (!isPossible('forest', rows, ones)) throw impossible(`tree ${tree}, place ${place}: got ${ones} of ${rows}, want 0 to the whole`);
    if (place % 2 === 1) return;
    const other = nodes[i + 1]?.start ?? -1;
    const above = aboveOf(growing.slots, slot);
    if (above % growing.slots === 1) return;
    const [allRows, allOnes] = [rows + (sum[other] ?? 0), ones + (sum[other + 1] ?? 0)];
    const [wantedRows, wantedOnes] = [growing.first[above] ?? 0, growing.second[above] ?? 0];
    if (allRows !== wantedRows || allOnes !== wantedOnes) throw impossible(`tree ${tree}, place ${place / 2}: got sums ${allRows}, ${allOnes} on both sides, want ${wantedRows}, ${wantedOnes}, as were counted there`);
  });
};

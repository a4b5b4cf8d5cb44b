import { DomainError } from '../../shared/errors.ts';
import { CLASSES_WIDTH, DISTANCE_LIMIT } from './classes.ts';
import type { Plan } from './plan.ts';
import { SCALE_WIDTH, STEP_LIMIT } from './scale.ts';

/** Sums of whole numbers and of their squares that can not be over so many rows, each within a limit. */
const requireMoments = (what: string, rows: number, sum: number, squares: number, limit: number): void => {
  // n Σx² ≥ (Σx)² (Cauchy, Schwarz), and Σx² ≥ |Σx| of whole numbers; the products are of doubles, which round.
  const isPossible = squares >= Math.abs(sum) && squares <= rows * limit * limit && rows * squares >= sum * sum * (1 - Number.EPSILON * 4);
  if (!isPossible) throw new DomainError('training-sum-impossible', `${what}: got sums ${sum} and, of squares, ${squares}, want those of ${rows} whole numbers up to ${limit}`);
};

/** Sums of the first round of a forest with foreseen splits. @throws DomainError `training-sum-impossible` */
export const requireScale = ({ features }: Plan, sum: ArrayLike<number>, rows: number): void => {
  features.forEach((name, feature) => {
    const [known = 0, steps = 0, sizes = 0] = [0, 1, 2].map((at) => sum[feature * SCALE_WIDTH + at] ?? 0);
    if (!(known >= 0 && known <= rows)) throw new DomainError('training-sum-impossible', `${name}: got ${known} values, want 0 to ${rows}`);
    if (!(sizes >= Math.abs(steps) && sizes <= known * STEP_LIMIT)) throw new DomainError('training-sum-impossible', `${name}: got sums ${steps} and, of sizes, ${sizes}, want those of ${known} numbers up to ${STEP_LIMIT}`);
  });
};

/** Sums of the second round. @param rows of each label @throws DomainError `training-sum-impossible` */
export const requireClasses = ({ features }: Plan, sum: ArrayLike<number>, rows: readonly [number, number]): void => {
  features.forEach((name, feature) => {
    rows.forEach((ofLabel, label) => {
      const at = feature * CLASSES_WIDTH + 2 * label;
      requireMoments(`${name}, label ${label}`, ofLabel, sum[at] ?? 0, sum[at + 1] ?? 0, DISTANCE_LIMIT);
    });
  });
};

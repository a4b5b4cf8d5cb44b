import { DomainError } from '../../shared/errors.ts';
import { predict } from './evaluate.ts';
import type { Forest } from './tree.ts';

/** Rounding alone brings a sum so far beyond 0 or 1 at most: each of 10,000 float32 additions is off by half a unit in the last place, 2⁻²⁴ near 1, and the leaves by as much together. */
export const ROUNDING = 1e-3;

/**
 * What a forest's sum or link gives, as the probability it stands for. Ten leaves of a tenth are 1.0000001 in float32, and stock XGBoost answers so: that is 1. What lies further out is no rounding, and no probability.
 *
 * The one way from an answer to a probability: what the endpoint says, what the file says and what the test counts go through it before anything is asked of them.
 *
 * @param sum of the forest, or the endpoint's number
 * @returns 0 to 1
 * @throws DomainError `model-malformed` for anything but a number from 0 to 1, give or take ROUNDING
 */
export const probabilityFrom = (sum: number): number => {
  if (!(sum >= -ROUNDING && sum <= 1 + ROUNDING)) throw new DomainError('model-malformed', `answer: got ${sum}, want a probability from 0 to 1`);
  return Math.min(1, Math.max(0, sum));
};

/**
 * Probability that a forest gives to one row.
 *
 * @param features in the model's order, NaN where missing
 * @throws RangeError when their number is not the model's
 * @throws DomainError `model-malformed` when what it says is none
 */
export const probabilityFor = (forest: Forest, features: ArrayLike<number>): number => probabilityFrom(predict(forest, features));

import { DomainError } from '../../../shared/errors.ts';
import { askedIn, ROUNDS_BEFORE_TREES, type Plan } from '../plan.ts';
import { rowBoundOf, type Question } from '../run.ts';
import { mostRowsOf } from '../words.ts';

type Asked = Question['type'];

/** Every type of question that a run of this plan asks, each once. */
const askedBy = (plan: Plan): readonly Asked[] => [...new Set(Array.from({ length: ROUNDS_BEFORE_TREES + 1 }, (_, round) => askedIn(plan, round)))];

/**
 * Refuse what the hospitals could not sum in the end: if all that are invited held as many rows as the plan lets each, some sum of the run could pass what is exact. Fewer may join, but rounds are not begun on that.
 *
 * @param sites hospitals that are invited
 * @throws DomainError `training-sum-overflow`, with field `rowLimit` and the most it may be with so many
 */
export const requireSummable = (plan: Plan, sites: number): void => {
  const [least] = askedBy(plan).map((type) => ({ type, rows: mostRowsOf(rowBoundOf(plan, { type })) })).toSorted((a, b) => a.rows - b.rows);
  if (least === undefined || plan.rowLimit * sites <= least.rows) return;
  const most = Math.floor(least.rows / sites);
  throw new DomainError('training-sum-overflow', `rowLimit: got ${plan.rowLimit} for ${sites} hospitals, whose sums of "${least.type}" could pass 2^53; want at most ${most}, or fewer hospitals`, { field: 'rowLimit', rowLimit: plan.rowLimit, sites, most });
};
